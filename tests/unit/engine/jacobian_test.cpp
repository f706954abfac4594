// The bordered Newton matrix, its sums eliminated, against central differences of dy/dt.
#include <Eigen/Dense>
#include <cmath>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "model_text.hpp"
#include "zones/linearisation.hpp"

namespace lobule::test {
namespace {

Eigen::MatrixXd analytic(const Linearisation& linearisation) {
    const Eigen::Index n = linearisation.size(), all = linearisation.bordered_size(), sums = all - n;
    Eigen::MatrixXd m = Eigen::MatrixXd::Zero(all, all);
    for (const Linearisation::Entry& e : linearisation.entries()) m(e.row, e.column) += e.value;
    if (sums == 0) return m;
    const Eigen::MatrixXd border = Eigen::MatrixXd::Identity(sums, sums) + m.bottomRightCorner(sums, sums);
    return m.topLeftCorner(n, n) - m.topRightCorner(n, sums) * border.partialPivLu().solve(m.bottomLeftCorner(sums, n));
}

/// Entries that differ, each in units of its row's and column's typical size; "" when none does.
std::string differences(const Model& model, const Laws& laws, const Inputs& inputs, const std::vector<double>& y,
                        const std::vector<double>& scales) {
    ZoneSystem system(model, laws, inputs);
    Linearisation linearisation(model, laws, system);
    constexpr double k_time = 5.0;
    linearisation.evaluate(k_time, y.data(), system.binding());
    const Eigen::MatrixXd jacobian = analytic(linearisation);
    const std::size_t n = y.size();
    std::string out;
    int found = 0;
    for (std::size_t j = 0; j < n; ++j) {
        std::vector<double> moved = y, high(n), low(n);
        const double h = 1e-6 * std::max(std::abs(y[j]), 1e-3 * scales[j]);
        moved[j] = y[j] + h;
        system.rates(k_time, moved.data(), high.data());
        moved[j] = y[j] - h;
        system.rates(k_time, moved.data(), low.data());
        for (std::size_t i = 0; i < n; ++i) {
            const double exact = jacobian(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
            const double differenced = (high[i] - low[i]) / (2.0 * h);
            const double rounding = 1e-13 * (std::abs(high[i]) + scales[i]) / h;
            if (std::abs(exact - differenced) <= 2e-5 * (std::abs(exact) + std::abs(differenced)) + 100.0 * rounding)
                continue;
            if (++found <= 5)
                out += value_name(model, i) + " by " + value_name(model, j) + ": " +
                       std::to_string(exact * scales[j] / scales[i]) + ", by differences " +
                       std::to_string(differenced * scales[j] / scales[i]) + "\n";
        }
    }
    return out;
}

/// A state around `y` with every value there and no two zones alike.
std::vector<double> shaken(const std::vector<double>& y, const std::vector<double>& scales, std::uint64_t seed) {
    std::vector<double> out = y;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double factor = 0.3 + 1.4 * random_uniform({.seed = seed, .index = i});
        out[i] = factor * (std::abs(y[i]) > 1e-6 * scales[i] ? y[i] : 0.05 * scales[i]);
    }
    return out;
}

TEST(Jacobian, OfTheShippedPartsInRandomStates) {
    for (const int zones : {1, 2, 3, 7}) {
        const Bench bench(rat_case(zones, true));
        for (const std::uint64_t seed : {1U, 2U, 3U}) {
            const std::vector<double> y = shaken(bench.start.values, bench.rest.scales, seed);
            EXPECT_EQ(differences(*bench.model, bench.model->run, bench.inputs, y, bench.rest.scales), "")
                << zones << " zones, " << seed;
            EXPECT_EQ(differences(*bench.model, bench.model->rest, bench.inputs, y, bench.rest.scales), "")
                << "at rest, " << zones << " zones, " << seed;
        }
    }
}

TEST(Jacobian, ThroughoutARun) {
    Bench bench(rat_case(3, true));
    bench.run(72.0, 8.0);
    for (const Recorder::Sample& sample : bench.recorder.samples)
        EXPECT_EQ(differences(*bench.model, bench.model->run, bench.inputs, shaken(sample.values, bench.rest.scales, 9),
                              bench.rest.scales),
                  "")
            << "at " << sample.time << " h";
}

TEST(Jacobian, OfATissueOfOneState) {
    for (const int zones : {1, 2, 5}) {
        const Bench bench(
            {{"t", tissue_text("0.2 1/h")},
             {"a", cell_head("plate") + "[states]\nhere = { start = \"600 cell\", source = \"assumed\" }\n"}},
            "zones = " + std::to_string(zones) + "\n");
        const std::vector<double> y = shaken(bench.start.values, bench.rest.scales, 4);
        EXPECT_EQ(differences(*bench.model, bench.model->run, bench.inputs, y, bench.rest.scales), "") << zones;
    }
}

// Newton works with it: a stiff reversible reaction, 1e6 times faster than what it follows, costs few steps.
TEST(Jacobian, CarriesAStiffModel) {
    Bench bench({{"a", cell_head("lumen") + R"t(
        [states]
        one = { start = "100 cell", source = "assumed" }
        two = {}
        [parameters]
        fast = { value = "1e6 1/h", source = "derived:test", about = "fast" }
        slow = { value = "0.01 1/h", source = "derived:test", about = "slow" }
        [[transition]]
        from = "one"
        to = "two"
        rate = "fast"
        [[transition]]
        from = "two"
        to = "one"
        rate = "3 * fast"
        [[death]]
        state = "two"
        kind = "apoptosis"
        rate = "slow")t"}},
                "zones = 1\n");
    const Outcome outcome = bench.run(100.0, 100.0);
    EXPECT_NEAR(bench.cells(outcome.last, "a"), 100.0 * std::exp(-0.25), 1e-3);
    EXPECT_LT(outcome.statistics.steps, 500);
    EXPECT_GT(outcome.statistics.steps, 5);
}

}  // namespace
}  // namespace lobule::test
