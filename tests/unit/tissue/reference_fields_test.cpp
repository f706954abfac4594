#include "tissue/reference_fields.hpp"

#include <gtest/gtest.h>

#include <cmath>

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

TEST(ReferenceFields, LobuleByBalanceEndsWhereClocksDo) {
    const auto clocks = lobule_by_clocks(), balance = lobule_by_balance();
    clocks->run(6.0);
    balance->run(6.0);
    for (std::size_t s = 0; s < LobuleWork::k_signals; ++s)
        EXPECT_NEAR(balance->means()[s] / clocks->means()[s], 1.0, 0.005);
    const SphereCloud a = clocks->cells(), b = balance->cells();
    double sum = 0.0;
    for (std::size_t i = 0; i < a.x.size(); ++i)
        sum += std::pow(a.x[i] - b.x[i], 2) + std::pow(a.y[i] - b.y[i], 2) + std::pow(a.z[i] - b.z[i], 2);
    EXPECT_LT(std::sqrt(sum / static_cast<double>(a.x.size())), 0.02);
}

TEST(ReferenceFields, SaturableSignalIsInBalance) {
    SaturableField field(16);
    field.solve(true);
    EXPECT_LT(std::fabs(field.defect()), 1e-9);
    const int cold = field.newton_steps();
    // Diffusion over 80 um takes less than uptake: nearly mixed, so 0.6 of the most is taken where c = 1.5 halves.
    EXPECT_NEAR(field.mean(), 1.5, 0.1);
    field.solve(false, 1.01);
    EXPECT_LT(std::fabs(field.defect()), 1e-9);
    EXPECT_LE(field.newton_steps(), cold);
}

}  // namespace
}  // namespace lobule
