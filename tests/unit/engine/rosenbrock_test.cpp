// The one-step method that agents use: its order, and what a stiff system does to it.
#include <cmath>

#include <gtest/gtest.h>

#include "mixed/rosenbrock.hpp"
#include "model_text.hpp"

namespace lobule::test {
namespace {

struct Method {
    Bench bench;
    ZoneSystem system;
    Linearisation linearisation;
    Rosenbrock solver;
    Method(const std::string& variables, double tolerance)
        : bench({{"b", "[body]\nabout = \"b\"\n" + parameters({{"k", "1 1/h"}, {"fast", "1e6 1/h"}}) + "[variables]\n" +
                           variables}}),
          system(*bench.model, bench.model->run, bench.inputs),
          linearisation(*bench.model, bench.model->run, system),
          solver(*bench.model, system, linearisation, std::vector<double>(bench.start.values.size(), 1.0), tolerance) {}
    /// One step for each stretch, however large the error.
    double at(double until, int steps) {
        std::vector<double> y = bench.start.values;
        for (int i = 0; i < steps; ++i) solver.advance(until * i / steps, until * (i + 1) / steps, y);
        return y[0];
    }
};

double order(Method& method, double until, double exact) {
    const double coarse = std::abs(method.at(until, 20) - exact), fine = std::abs(method.at(until, 40) - exact);
    return std::log2(coarse / fine);
}

TEST(Rosenbrock, IsOfThirdOrder) {
    constexpr double k_any_error = 1e12;
    Method logistic("u = { start = \"0.1\", rate = \"k * u * (1 - u)\" }", k_any_error);
    EXPECT_GT(order(logistic, 4.0, 1.0 / (1.0 + 9.0 * std::exp(-4.0))), 2.8);
    Method timed("u = { start = \"1\", rate = \"-2 * k * (k * time) * u\" }", k_any_error);
    EXPECT_NEAR(order(timed, 1.5, std::exp(-2.25)), 3.0, 0.2);
    Method both("u = { start = \"1\", rate = \"-k * (k * time)^2 * u^2\" }", k_any_error);
    EXPECT_NEAR(order(both, 2.0, 1.0 / (1.0 + 8.0 / 3.0)), 3.0, 0.25);
    EXPECT_EQ(both.solver.steps(), 60);
}

TEST(Rosenbrock, KeepsItsTolerance) {
    for (const double tolerance : {1e-3, 1e-5, 1e-7}) {
        Method method("u = { start = \"0.1\", rate = \"k * u * (1 - u)\" }", tolerance);
        EXPECT_NEAR(method.at(4.0, 1), 1.0 / (1.0 + 9.0 * std::exp(-4.0)), 10.0 * tolerance);
    }
}

// What is fast is where it belongs after one step: no ringing, no small steps.
TEST(Rosenbrock, TakesAStiffSystemInLargeSteps) {
    Method method("u = { start = \"5\", rate = \"fast * (v - u)\" }\nv = { start = \"1\", rate = \"-k * v\" }\n", 1e-4);
    const double end = method.at(1.0, 1);
    EXPECT_NEAR(end, std::exp(-1.0), 1e-4);
    EXPECT_LT(method.solver.steps(), 60);
}

TEST(Rosenbrock, SaysWhatHasNoValue) {
    Method method("u = { start = \"1\", rate = \"-k * sqrt(u - 0.5)\" }", 1e-6);
    try {
        method.at(10.0, 1);
        FAIL() << "ran";
    } catch (const SolverFailure& failure) {
        EXPECT_EQ(failure.worst(), "b.u");
    }
}

}  // namespace
}  // namespace lobule::test
