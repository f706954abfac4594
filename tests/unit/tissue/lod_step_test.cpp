#include "tissue/lod_step.hpp"

#include <cmath>
#include <numbers>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace lobule {
namespace {

using std::numbers::pi;

TEST(LodStep, DampsAWaveAsThreeImplicitStepsDo) {
    const Grid grid{Box{{240.0, 220.0, 130.0}}, 12, 11, 13};
    const double diffusion = 3e4, decay = 5.0, dt = 0.02;
    for (const auto walls : {LodStep::Walls::periodic, LodStep::Walls::closed}) {
        const bool ring = walls == LodStep::Walls::periodic;
        const auto wave = [&](std::int32_t i, std::int32_t n) { return std::cos((ring ? 2 : 1) * pi * (i + 0.5) / n); };
        const auto damped = [&](double h, std::int32_t n) {
            const double s = std::sin((ring ? 1.0 : 0.5) * pi / n);
            return 1.0 / (1.0 + decay * dt / 3.0 + 4.0 * diffusion * dt / (h * h) * s * s);
        };
        std::vector<double> c;
        for (std::int32_t k = 0; k < grid.nz; ++k)
            for (std::int32_t j = 0; j < grid.ny; ++j)
                for (std::int32_t i = 0; i < grid.nx; ++i)
                    c.push_back(wave(i, grid.nx) * wave(j, grid.ny) * wave(k, grid.nz));
        const std::vector<double> before = c;
        LodStep(grid, diffusion, decay, dt, walls).advance(c);
        const double factor = damped(20.0, grid.nx) * damped(20.0, grid.ny) * damped(10.0, grid.nz);
        for (std::size_t v = 0; v < c.size(); ++v) ASSERT_NEAR(c[v], factor * before[v], 1e-13) << ring << ' ' << v;
    }
}

TEST(LodStep, KeepsTheSumAndTheBitsOfAnyThreads) {
    for (const auto walls : {LodStep::Walls::periodic, LodStep::Walls::closed}) {
        const Grid grid{Box{{270.0, 170.0, 50.0}}, 27, 17, 5};
        std::vector<double> c(grid.size());
        for (std::size_t v = 0; v < c.size(); ++v) c[v] = random_uniform({1, 0, 2, v, 0, 0});
        const double sum = std::accumulate(c.begin(), c.end(), 0.0);
        std::vector<double> three = c;
        const LodStep step(grid, 1e5, 0.0, 0.01, walls);
        step.advance(c, 1);
        step.advance(three, 3);
        EXPECT_EQ(c, three);
        EXPECT_NEAR(std::accumulate(c.begin(), c.end(), 0.0) / sum, 1.0, 1e-13);
    }
    std::vector<double> one{2.0};
    LodStep(Grid{Box{{10.0, 10.0, 10.0}}, 1, 1, 1}, 1e5, 3.0, 0.1, LodStep::Walls::periodic).advance(one);
    EXPECT_NEAR(one[0], 2.0 / std::pow(1.1, 3), 1e-15);
}

}  // namespace
}  // namespace lobule
