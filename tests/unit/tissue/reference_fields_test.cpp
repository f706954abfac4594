#include "tissue/reference_fields.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tissue/lod_step.hpp"

namespace lobule {
namespace {

// After 2 min BioFVM in PhysiCell has means of 59.50, 4.545 and 0.1653.
TEST(ReferenceFields, LobuleByClocksHasTheMeansOfOtherEngines) {
    const auto work = lobule_by_clocks();
    work->run(2.0);
    const auto mean = work->means();
    EXPECT_NEAR(mean[0], 59.50, 0.005);
    EXPECT_NEAR(mean[1], 4.545, 0.0005);
    EXPECT_NEAR(mean[2], 0.1653, 0.00005);
}

// By clocks for signals that are 20 times as fast the means after 10 min are 65.790, 5.0256 and 0.18275, which still differ
// from the balance by the error of their own steps; the usual clocks are 3 % off.
TEST(ReferenceFields, LobuleByBalanceEndsWhereClocksDo) {
    const auto clocks = lobule_by_clocks(), balance = lobule_by_balance();
    clocks->run(4.0);
    balance->run(4.0);
    const std::array<double, 3> refined{65.790, 5.0256, 0.18275};
    for (std::size_t s = 0; s < LobuleWork::k_signals; ++s) {
        EXPECT_NEAR(balance->means()[s] / refined[s], 1.0, 0.003);
        EXPECT_LT(clocks->means()[s], 0.98 * balance->means()[s]);
    }
    const SphereCloud a = clocks->cells(), b = balance->cells();
    double sum = 0.0;
    for (std::size_t i = 0; i < a.x.size(); ++i)
        sum += std::pow(a.x[i] - b.x[i], 2) + std::pow(a.y[i] - b.y[i], 2) + std::pow(a.z[i] - b.z[i], 2);
    EXPECT_LT(std::sqrt(sum / static_cast<double>(a.x.size())), 0.02);
}

TEST(ReferenceFields, LobuleHasTheSameBitsForAnyNumberOfThreads) {
    const auto one = lobule_by_clocks(1), three = lobule_by_clocks(3);
    one->run(0.2);
    three->run(0.2);
    EXPECT_EQ(one->means(), three->means());
    EXPECT_EQ(one->cells().x, three->cells().x);
    const auto balance_one = lobule_by_balance(1), balance_three = lobule_by_balance(3);
    balance_one->run(1.0);
    balance_three->run(1.0);
    EXPECT_EQ(balance_one->means(), balance_three->means());
}

TEST(ReferenceFields, HeldVoxelsKeepTheirValueAndFeedTheOthers) {
    const Grid grid{{{60.0, 40.0, 40.0}}, 3, 2, 2};
    const std::vector<std::int32_t> held{0, 5, 6};
    std::vector<double> c(grid.size(), 0.0);
    const LodStep step(grid, 1e5, 0.0, 0.01, LodStep::Walls::closed);
    for (int i = 0; i < 200; ++i) {
        step.advance(c, 1, {held, 2.0});
        for (const std::int32_t v : held) ASSERT_EQ(c[static_cast<std::size_t>(v)], 2.0);
    }
    for (const double value : c) EXPECT_NEAR(value, 2.0, 1e-9);
}

TEST(ReferenceFields, SaturableSignalIsInBalance) {
    SaturableField field(16);
    field.solve(true);
    EXPECT_LT(std::fabs(field.defect()), 1e-9);
    const int cold = field.newton_steps();
    // If it were mixed, c / (1 + c) would be 0.6 everywhere; it nearly is.
    EXPECT_NEAR(field.mean(), 1.5, 0.1);
    field.solve(false, 1.01);
    EXPECT_LT(std::fabs(field.defect()), 1e-9);
    EXPECT_LE(field.newton_steps(), cold);
}

}  // namespace
}  // namespace lobule
