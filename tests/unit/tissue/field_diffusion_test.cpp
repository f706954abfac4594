#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "field_support.hpp"

namespace lobule {
namespace {

using namespace field_test;
using std::numbers::pi;

/// Largest error of the steady state of a signal with a known concentration 2 + sin sin cos in a periodic box.
double manufactured_error(std::int32_t n, double* cycles) {
    const Box box{{100.0, 80.0, 60.0}};
    const Medium medium = still(box, n, n, n);
    const Grid& grid = medium.grid;
    const double diffusion = 1e4, volume = grid.voxel_volume(), clearance = 20.0;
    const double ax = 2 * pi / 100.0, ay = 2 * pi / 80.0, az = 2 * pi / 60.0;
    std::vector<double> exact(grid.size()), source(grid.size()), uptake(grid.size(), clearance * volume);
    for (std::size_t v = 0; v < grid.size(); ++v) {
        const Vec3 p = grid.centre(static_cast<std::int32_t>(v));
        const double wave = std::sin(ax * p.x) * std::sin(ay * p.y) * std::cos(az * p.z);
        exact[v] = 2.0 + wave;
        source[v] = volume * (diffusion * (ax * ax + ay * ay + az * az) * wave + clearance * exact[v]);
    }
    const Local reactions = linear(source, uptake);
    Fields fields(medium, {{"signal", diffusion, 0.0}});
    std::vector<double> c(grid.size(), 0.0), blood(1, 0.0);
    const FieldReport report = fields.solve(c, blood, {&reactions, nullptr, 0.0, {}});
    EXPECT_LE(relative_defect(report.balance[0]), 1e-9);
    *cycles = report.cycles;
    double error = 0.0;
    for (std::size_t v = 0; v < c.size(); ++v) error = std::max(error, std::fabs(c[v] - exact[v]));
    return error;
}

TEST(FieldDiffusion, IsOfSecondOrderAndAsFastOnFinerGrids) {
    double cycles[3];
    const double coarse = manufactured_error(12, &cycles[0]), middle = manufactured_error(24, &cycles[1]),
                 fine = manufactured_error(48, &cycles[2]);
    EXPECT_NEAR(std::log2(coarse / middle), 2.0, 0.15);
    EXPECT_NEAR(std::log2(middle / fine), 2.0, 0.05);
    EXPECT_LE(cycles[2], 12);
}

/// The steady difference equations on a periodic grid by Fourier series: sources and sinks of total zero.
std::vector<double> fourier_steady(std::int32_t n, double h, double diffusion, const std::vector<double>& source) {
    const std::size_t size = static_cast<std::size_t>(n);
    std::vector<double> wave(size);
    for (std::size_t i = 0; i < size; ++i) wave[i] = 2.0 * std::sin(pi * static_cast<double>(i) / n);
    // Response to a unit source at the origin, the mean left out.
    std::vector<double> green(size * size * size, 0.0), cosine(size);
    for (std::size_t i = 0; i < size; ++i) cosine[i] = std::cos(2 * pi * static_cast<double>(i) / n);
    // Even in each axis: three sums of cosines, one axis after the other.
    for (std::size_t k = 0; k < size; ++k)
        for (std::size_t j = 0; j < size; ++j)
            for (std::size_t i = 0; i < size; ++i) {
                const double lambda = wave[i] * wave[i] + wave[j] * wave[j] + wave[k] * wave[k];
                green[(k * size + j) * size + i] = lambda > 0.0 ? 1.0 / (diffusion * h * lambda * n * n * n) : 0.0;
            }
    for (const std::size_t stride : {std::size_t{1}, size, size * size}) {
        std::vector<double> next(green.size(), 0.0);
        for (std::size_t v = 0; v < green.size(); ++v) {
            const std::size_t at = v / stride % size;
            for (std::size_t m = 0; m < size; ++m)
                next[v - at * stride + m * stride] += cosine[at * m % size] * green[v];
        }
        green = next;
    }
    std::vector<double> c(green.size(), 0.0);
    for (std::size_t from = 0; from < source.size(); ++from) {
        if (source[from] == 0.0) continue;
        const std::size_t fi = from % size, fj = from / size % size, fk = from / size / size;
        for (std::size_t v = 0; v < c.size(); ++v) {
            const std::size_t i = (v % size + size - fi) % size, j = (v / size % size + size - fj) % size,
                              k = (v / size / size + size - fk) % size;
            c[v] += source[from] * green[(k * size + j) * size + i];
        }
    }
    return c;
}

/// A point source, and sinks that take up in proportion to the concentration: after the solution the uptake of each is
/// known, and superposition of the responses to all of them must give the concentration back, up to a constant.
void expect_superposition(std::size_t sinks) {
    constexpr std::int32_t n = 16;
    constexpr double h = 20.0, diffusion = 1e5, produced = 5.0;
    const Medium medium = still(Box{{n * h, n * h, n * h}}, n, n, n);
    std::vector<double> source(medium.grid.size(), 0.0), uptake(medium.grid.size(), 0.0);
    const std::size_t start = 17;
    source[start] = produced;
    for (std::size_t s = 0; s < sinks; ++s)
        uptake[static_cast<std::size_t>(random_uniform({1, 0, stream_id("sinks"), s, 0, 0}) *
                                        static_cast<double>(uptake.size()))] += 3e5;
    const Local reactions = linear(source, uptake);
    Fields fields(medium, {{"signal", diffusion, 0.0}});
    std::vector<double> c(medium.grid.size(), 0.0), blood(1, 0.0);
    const FieldReport report = fields.solve(c, blood, {&reactions, nullptr, 0.0, {}}, {1e-11, 60, 1});
    EXPECT_LE(relative_defect(report.balance[0]), 1e-11);
    std::vector<double> net = source;
    for (std::size_t v = 0; v < c.size(); ++v) net[v] -= uptake[v] * c[v];
    const std::vector<double> expected = fourier_steady(n, h, diffusion, net);
    const double shift = c[0] - expected[0];
    const double span = c[start];
    for (std::size_t v = 0; v < c.size(); ++v) ASSERT_NEAR(c[v] - shift, expected[v], 1e-8 * span) << v;
}

TEST(FieldDiffusion, OneSourceAndOneSinkAgreeWithFourier) { expect_superposition(1); }
TEST(FieldDiffusion, OneSourceAndAThousandSinksAgreeWithFourier) { expect_superposition(1000); }

TEST(FieldDiffusion, ScreenedPointSourceFallsAsYukawa) {
    constexpr std::int32_t n = 48;
    constexpr double h = 10.0, diffusion = 1e5, screening = 50.0, produced = 1.0;
    const Medium medium = still(Box{{n * h, n * h, n * h}}, n, n, n);
    const double clearance = diffusion / (screening * screening) * h * h * h;
    std::vector<double> source(medium.grid.size(), 0.0), uptake(medium.grid.size(), clearance);
    source[0] = produced;
    const Local reactions = linear(source, uptake);
    Fields fields(medium, {{"signal", diffusion, 0.0}});
    std::vector<double> c(medium.grid.size(), 0.0), blood(1, 0.0);
    fields.solve(c, blood, {&reactions, nullptr, 0.0, {}});
    for (std::int32_t i = 6; i <= 12; ++i) {
        const double r = i * h;
        EXPECT_NEAR(c[static_cast<std::size_t>(i)] / (std::exp(-r / screening) / (4 * pi * diffusion * r)), 1.0, 0.03)
            << i;
    }
}

TEST(FieldDiffusion, EvenAndUnevenGridsBalance) {
    struct Shape {
        std::int32_t x, y, z;
    };
    for (const Shape n :
         {Shape{27, 17, 5}, Shape{1, 1, 1}, Shape{7, 1, 1}, Shape{1, 2, 9}, Shape{28, 18, 6}, Shape{3, 31, 2}}) {
        Medium medium = still(Box{{n.x * 20.0, n.y * 18.0, n.z * 13.0}}, n.x, n.y, n.z);
        std::vector<double> source(medium.grid.size()), uptake(medium.grid.size());
        for (std::size_t v = 0; v < source.size(); ++v) {
            medium.fluid[v] *= 0.1 + 0.9 * random_uniform({1, 0, stream_id("fluid"), v, 0, 0});
            source[v] = random_uniform({1, 0, stream_id("source"), v, 0, 0});
            uptake[v] = 100.0 * random_uniform({1, 0, stream_id("uptake"), v, 0, 0});
        }
        const Local reactions = linear(source, uptake);
        Fields fields(medium, {{"signal", 6.3e6, 0.0}});
        std::vector<double> c(medium.grid.size(), 0.0), blood(1, 0.0);
        const FieldReport report = fields.solve(c, blood, {&reactions, nullptr, 0.0, {}});
        EXPECT_LE(relative_defect(report.balance[0]), 1e-9) << n.x << 'x' << n.y << 'x' << n.z;
        EXPECT_LE(report.cycles, 25) << n.x << 'x' << n.y << 'x' << n.z;
        EXPECT_GE(*std::min_element(c.begin(), c.end()), 0.0);
    }
}

TEST(FieldDiffusion, AmountsAreKeptAndSpread) {
    const Grid grid{Box{{140.0, 100.0, 60.0}}, 7, 5, 3};
    std::vector<double> fluid(grid.size());
    for (std::size_t v = 0; v < fluid.size(); ++v) fluid[v] = 1000.0 * (0.2 + random_uniform({2, 0, 1, v, 0, 0}));
    for (const double dt : {1.0 / 3600.0, 24.0, 1e6}) {
        std::vector<double> amounts(grid.size(), 0.0);
        amounts[11] = 3.0, amounts[57] = 1e-3;
        diffuse_amounts(grid, fluid, 5e3, dt, amounts);
        EXPECT_NEAR(std::accumulate(amounts.begin(), amounts.end(), 0.0) / 3.001, 1.0, 1e-14);
        EXPECT_GE(*std::min_element(amounts.begin(), amounts.end()), 0.0);
        if (dt < 1.0) continue;
        const double even = 3.001 / std::accumulate(fluid.begin(), fluid.end(), 0.0);
        for (std::size_t v = 0; v < fluid.size(); ++v)
            EXPECT_NEAR(amounts[v] / fluid[v] / even, 1.0, dt > 1e5 ? 1e-4 : 2.0);
    }
}

TEST(FieldDiffusion, AStepOfAmountsDampsAWaveAsImplicitEulerDoes) {
    constexpr std::int32_t n = 16;
    constexpr double h = 20.0, diffusion = 1e4, dt = 0.3;
    const Grid grid{Box{{n * h, h, h}}, n, 1, 1};
    const std::vector<double> fluid(n, 0.5 * h * h * h);
    std::vector<double> amounts(n);
    for (std::size_t i = 0; i < n; ++i) amounts[i] = 2.0 + std::cos(2 * pi * static_cast<double>(i) / n);
    diffuse_amounts(grid, fluid, diffusion, dt, amounts);
    const double lambda = 4.0 * std::pow(std::sin(pi / n), 2) * diffusion * 0.5 / (h * h) / 0.5;
    for (std::size_t i = 0; i < n; ++i)
        EXPECT_NEAR(amounts[i], 2.0 + std::cos(2 * pi * static_cast<double>(i) / n) / (1.0 + dt * lambda), 1e-7);
}

}  // namespace
}  // namespace lobule
