// What the data say around an optimum, of linear models: J'J and its inverse are known to the last digit.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "study/fit.hpp"

namespace lobule::study {
namespace {

/// Observations y = a + b t with errors, at t = 0 .. 4; deviation 1: everything about the fit is linear algebra.
constexpr double k_line[] = {1.1, 2.9, 5.2, 6.8, 9.1};
Evaluation line(std::span<const double> x) {
    Evaluation out;
    for (int t = 0; t < 5; ++t) out.terms.push_back({k_line[t], x[0] + x[1] * t, 0.1, static_cast<std::size_t>(t), -1});
    return out;
}
FitPlan line_plan() {
    FitPlan plan;
    plan.parameters = {{"a", -5.0, 5.0, Scale::linear}, {"b", -5.0, 5.0, Scale::linear}};
    plan.present = {0.0, 0.0};
    plan.starts = 1;
    plan.evaluations = 400;
    plan.tolerance = 1e-8;
    return plan;
}

/// The line, whose runs fail where a > most or a < least.
Objective failing_line(double least, double most) {
    return [=](std::span<const double> x) {
        Evaluation out = line(x);
        if (x[0] > most || x[0] < least) out.failure = "gave up at " + std::to_string(x[0]) + " h";
        return out;
    };
}

// For y = a + b t at t = 0..4, sd 0.1: (X'X)^-1 = [[0.6, -0.2], [-0.2, 0.1]], so the errors are sqrt(0.006) and sqrt(0.001)
// and their correlation -0.2 / sqrt(0.06) = -0.8165. Least squares: b = 1.99, a = 1.04.
TEST(Shape, OfALine) {
    const FitPlan plan = line_plan();
    const auto start = run_start(line, plan, 0, plan.present);
    ASSERT_TRUE(start);
    EXPECT_NEAR(start->best[0], 1.04, 1e-4);
    EXPECT_NEAR(start->best[1], 1.99, 1e-4);
    const auto shape = local_shape(line, plan, start->best);
    ASSERT_TRUE(shape);
    EXPECT_NEAR(shape->errors[0] * 10.0, std::sqrt(0.006), 1e-6);
    EXPECT_NEAR(shape->errors[1] * 10.0, std::sqrt(0.001), 1e-6);
    EXPECT_NEAR(shape->correlations[0][1], -0.2 / std::sqrt(0.06), 1e-6);
    EXPECT_EQ(shape->correlations[0][1], shape->correlations[1][0]);
}

TEST(Shape, WhatTheDataDoNotTellHasNoError) {
    FitPlan plan = line_plan();
    plan.parameters.push_back({"nothing", 0.0, 1.0, Scale::linear});
    const auto shape = local_shape(line, plan, std::vector{1.04, 1.99, 0.5});
    ASSERT_TRUE(shape);
    EXPECT_TRUE(std::isinf(shape->errors[2]));
    EXPECT_TRUE(std::isinf(shape->condition));
    EXPECT_EQ(shape->moved[2], 0.0);
    EXPECT_TRUE(std::isnan(shape->correlations[0][2]));
    EXPECT_TRUE(shape->tied[2].empty());
    EXPECT_EQ(shape->weakest, (std::vector{0.0, 0.0, 1.0}));
    EXPECT_NEAR(shape->errors[0] * 10.0, std::sqrt(0.006), 1e-6);
    EXPECT_NEAR(shape->correlations[0][1], -0.2 / std::sqrt(0.06), 1e-6);
}

// For y = a + b t + c t^2 at t = -2..2, sd 0.1: X'X = [[5, 0, 10], [0, 10, 0], [10, 0, 34]], whose inverse is
// [[34, 0, -10], [0, 7, 0], [-10, 0, 5]] / 70 and whose eigenvalues are 10 and (39 +- sqrt(1241)) / 2.
TEST(Shape, OfAParabola) {
    const Objective parabola = [](std::span<const double> x) {
        Evaluation out;
        for (int t = -2; t <= 2; ++t)
            out.terms.push_back({1.0, x[0] + x[1] * t + x[2] * t * t, 0.1, static_cast<std::size_t>(t + 2), -1});
        return out;
    };
    FitPlan plan = line_plan();
    plan.parameters.push_back({"c", -5.0, 5.0, Scale::linear});
    const auto shape = local_shape(parabola, plan, std::vector{1.0, 0.5, -0.2});
    ASSERT_TRUE(shape);
    const double wanted[] = {0.01 * 34.0 / 70.0, 0.01 * 0.1, 0.01 * 5.0 / 70.0};
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(shape->errors[i] * 10.0, std::sqrt(wanted[i]), 1e-9) << i;
    EXPECT_NEAR(shape->correlations[0][2], -10.0 / std::sqrt(170.0), 1e-9);
    EXPECT_NEAR(shape->correlations[0][1], 0.0, 1e-9);
    EXPECT_NEAR(shape->correlations[1][2], 0.0, 1e-9);
    EXPECT_EQ(shape->correlations[1][1], 1.0);
    const double root = std::sqrt(1241.0);
    EXPECT_NEAR(shape->condition, std::sqrt((39.0 + root) / (39.0 - root)), 1e-9);
    // The eigenvector of the smallest: 5 u + 10 v = lambda u.
    EXPECT_NEAR(shape->weakest[2] / shape->weakest[0], ((39.0 - root) / 2.0 - 5.0) / 10.0, 1e-9);
    EXPECT_EQ(shape->residuals, 5u);
    EXPECT_EQ(shape->evaluations, 6u);
    EXPECT_TRUE(shape->failures.empty() && shape->tied[0].empty());
}

// Of y = (a + b) t + c only the sum of a and b is told; c = mean, with the error of a line's intercept.
TEST(Shape, WhatIsToldTogetherOnlyIsNamedSo) {
    FitPlan plan = line_plan();
    plan.parameters.push_back({"c", -5.0, 5.0, Scale::linear});
    const Objective sum = [](std::span<const double> x) { return line(std::vector{x[2], x[0] + x[1]}); };
    const auto shape = local_shape(sum, plan, std::vector{1.0, 0.99, 1.04});
    ASSERT_TRUE(shape);
    EXPECT_TRUE(std::isinf(shape->errors[0]) && std::isinf(shape->errors[1]));
    EXPECT_NEAR(shape->errors[2] * 10.0, std::sqrt(0.006), 1e-6);
    EXPECT_EQ(shape->tied[0], std::vector<std::size_t>{1});
    EXPECT_EQ(shape->tied[1], std::vector<std::size_t>{0});
    EXPECT_TRUE(shape->tied[2].empty());
    EXPECT_TRUE(std::isnan(shape->correlations[0][1]));
    EXPECT_NEAR(std::abs(shape->weakest[0]), std::sqrt(0.5), 1e-3);
}

// The residuals are linear, so a difference to one side is as good as one to both.
TEST(Shape, ARunThatFailsOnOneSideIsCountedAndGoneRound) {
    FitPlan plan = line_plan();
    const auto shape = local_shape(failing_line(-10.0, 1.05), plan, std::vector{1.04, 1.99});
    ASSERT_TRUE(shape);
    EXPECT_EQ(shape->failed, 1u);
    EXPECT_EQ(shape->evaluations, 5u);  // the optimum once more
    EXPECT_EQ(shape->failures, (Failures{{"gave up at # h", 1}}));
    EXPECT_FALSE(shape->blocked[0]);
    EXPECT_NEAR(shape->errors[0] * 10.0, std::sqrt(0.006), 1e-6);
    EXPECT_NEAR(shape->correlations[0][1], -0.2 / std::sqrt(0.06), 1e-6);
    plan.threads = 4;
    const auto four = local_shape(failing_line(-10.0, 1.05), plan, std::vector{1.04, 1.99});
    EXPECT_EQ(shape->errors, four->errors);
    EXPECT_EQ(shape->correlations, four->correlations);
}

// With a held where it is, the variance of b is 0.01 / (0 + 1 + 4 + 9 + 16).
TEST(Shape, RunsThatFailOnBothSidesLeaveAParameterOut) {
    const auto shape = local_shape(failing_line(1.03, 1.05), line_plan(), std::vector{1.04, 1.99});
    ASSERT_TRUE(shape);
    EXPECT_EQ(shape->failed, 2u);
    EXPECT_TRUE(shape->blocked[0] && !shape->blocked[1]);
    EXPECT_TRUE(std::isinf(shape->errors[0]));
    EXPECT_NEAR(shape->errors[1] * 10.0, std::sqrt(0.01 / 30.0), 1e-6);
    EXPECT_TRUE(std::isnan(shape->correlations[0][1]));
}

TEST(Shape, AnExceptionOfTheObjectiveComesOut) {
    const Objective objective = [](std::span<const double>) -> Evaluation { throw std::runtime_error("broken"); };
    EXPECT_THROW(local_shape(objective, line_plan(), std::vector{1.0, 2.0}), std::runtime_error);
}

TEST(Profile, OfALineIsItsExactInterval) {
    const FitPlan plan = line_plan();
    const auto start = run_start(line, plan, 0, plan.present);
    const auto profile = run_profile(line, plan, start->best, start->cost, 0);
    ASSERT_TRUE(profile && profile->low && profile->high);
    const double half = std::sqrt(k_profile_rise * 0.006);
    EXPECT_NEAR(*profile->low, 1.04 - half, 5e-3);
    EXPECT_NEAR(*profile->high, 1.04 + half, 5e-3);
    EXPECT_FALSE(profile->lower_found);
}

TEST(Profile, IsOpenWhereTheDataSayNothing) {
    FitPlan plan = line_plan();
    plan.parameters.push_back({"nothing", 0.0, 1.0, Scale::linear});
    plan.present.push_back(0.5);
    const std::vector<double> best{1.04, 1.99, 0.5};
    const auto profile = run_profile(line, plan, best, cost(line(best), 0.0), 2);
    ASSERT_TRUE(profile);
    EXPECT_FALSE(profile->low);
    EXPECT_FALSE(profile->high);
    EXPECT_EQ(low_end(*profile, plan.parameters[2], 0.5), ProfileEnd::flat);
    EXPECT_EQ(high_end(*profile, plan.parameters[2], 0.5), ProfileEnd::flat);
    EXPECT_NEAR(high_rise(*profile), 0.0, 1e-6);
}

TEST(Profile, EndsAtTheBoundWhereTheOptimumLies) {
    FitPlan plan = line_plan();
    plan.parameters[0].low = 1.04;
    const std::vector<double> best{1.04, 1.99};
    const auto profile = run_profile(line, plan, best, cost(line(best), 0.0), 0);
    ASSERT_TRUE(profile && profile->high);
    EXPECT_EQ(low_end(*profile, plan.parameters[0], 1.04), ProfileEnd::at_bound);
    EXPECT_EQ(high_end(*profile, plan.parameters[0], 1.04), ProfileEnd::closed);
}

// The upper end would lie at 1.04 + 0.152; runs fail from 1.1 on. What fails tells nothing of S, so there is no end.
TEST(Profile, RunsThatFailAreCountedAndAreNoEnd) {
    const FitPlan plan = line_plan();
    const std::vector<double> best{1.04, 1.99};
    const auto profile = run_profile(failing_line(-10.0, 1.1), plan, best, cost(line(best), 0.0), 0);
    ASSERT_TRUE(profile && profile->low);
    EXPECT_NEAR(*profile->low, 1.04 - std::sqrt(k_profile_rise * 0.006), 5e-3);
    EXPECT_FALSE(profile->high);
    ASSERT_TRUE(profile->high_failed);
    EXPECT_GT(*profile->high_failed, 1.1);
    EXPECT_EQ(high_end(*profile, plan.parameters[0], 1.04), ProfileEnd::failed);
    ASSERT_EQ(profile->failures.size(), 1u);
    EXPECT_GT(profile->failures.at("gave up at # h"), 0u);
    EXPECT_LE(profile->failures.at("gave up at # h"), profile->evaluations);
}

TEST(Profile, SaysWhenItFindsALowerPoint) {
    const FitPlan plan = line_plan();
    const std::vector<double> wrong{-3.0, 1.0};
    const auto profile = run_profile(line, plan, wrong, cost(line(wrong), 0.0), 0);
    ASSERT_TRUE(profile);
    EXPECT_TRUE(profile->lower_found);
}

}  // namespace
}  // namespace lobule::study
