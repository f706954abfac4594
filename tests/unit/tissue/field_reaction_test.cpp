#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "field_support.hpp"

namespace lobule {
namespace {

using namespace field_test;

Local michaelis_menten(double supply, double wash, double most, double half) {
    return {1, {{0, 0}}, [=](std::size_t, const double* c, double* m, double* u, double* d) {
                m[0] = supply;
                u[0] = wash * c[0] + most * c[0] / (half + c[0]);
                d[0] = -wash - most * half / ((half + c[0]) * (half + c[0]));
            }};
}

TEST(FieldReaction, SaturableUptakeInOneVoxelAgreesWithTheRoot) {
    const Medium medium = still(Box{{20.0, 20.0, 20.0}}, 1, 1, 1);
    for (const double supply : {1e-6, 0.5, 9.9, 50.0})
        for (const double start : {0.0, 1e-9, 1.0, 1e9}) {
            const double wash = 1e-3, most = 10.0, half = 0.02;
            const Local reactions = michaelis_menten(supply, wash, most, half);
            Fields fields(medium, {{"signal", 1.0, 0.0}});
            std::vector<double> c{start}, blood(1, 0.0);
            fields.solve(c, blood, {&reactions, nullptr, 0.0, {}}, {1e-13, 60, 1});
            const double b = wash * half + most - supply;  // wash c^2 + b c - supply half = 0
            const double root = std::sqrt(b * b + 4.0 * wash * supply * half);
            const double exact = b > 0.0 ? 2.0 * supply * half / (b + root) : (root - b) / (2.0 * wash);
            EXPECT_NEAR(c[0] / exact, 1.0, 1e-9) << supply << ' ' << start;
        }
}

/// dc_0/dt = a + f c_1^2 / (1 + c_1^2) - c_0, dc_1/dt = c_0 - c_1: each calls for the other.
Local feedback(double a, double f, double per_voxel) {
    return {2, {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, [=](std::size_t, const double* c, double* m, double* u, double* d) {
                const double q = c[1] * c[1];
                m[0] = per_voxel * (a + f * q / (1.0 + q)), u[0] = per_voxel * c[0];
                m[1] = per_voxel * c[0], u[1] = per_voxel * c[1];
                d[0] = -per_voxel, d[1] = per_voxel * f * 2.0 * c[1] / ((1.0 + q) * (1.0 + q));
                d[2] = per_voxel, d[3] = -per_voxel;
            }};
}

TEST(FieldReaction, PositiveFeedbackRestsWhereItsEquationsDo) {
    const Medium medium = still(Box{{140.0, 100.0, 60.0}}, 7, 5, 3);
    const std::size_t n = medium.grid.size();
    const double a = 0.2, f = 1.5;
    const Local reactions = feedback(a, f, medium.grid.voxel_volume());
    for (const double start : {0.0, 5.0}) {
        double x = start, y = start;  // the equations of one point in time, by small steps
        for (int i = 0; i < 200000; ++i) {
            const double dx = a + f * y * y / (1.0 + y * y) - x, dy = x - y;
            x += 0.005 * dx, y += 0.005 * dy;
        }
        // From near that state: two stable ones may exist, and the steady solver promises neither.
        std::vector<double> c(2 * n), blood(2, 0.0);
        for (std::size_t v = 0; v < n; ++v) {
            const double noise = 0.9 + 0.2 * random_uniform({1, 0, stream_id("noise"), v, 0, 0});
            c[v] = x * noise, c[n + v] = y / noise;
        }
        Fields fields(medium, {{"a", 1e3, 0.0}, {"b", 50.0, 0.0}});
        const FieldReport report = fields.solve(c, blood, {&reactions, nullptr, 0.0, {}});
        for (const FieldBalance& b : report.balance) EXPECT_LE(relative_defect(b), 1e-9);
        for (std::size_t v = 0; v < n; ++v) {
            EXPECT_NEAR(c[v], x, 1e-6);
            EXPECT_NEAR(c[n + v], y, 1e-6);
        }
    }
}

TEST(FieldReaction, StepsOfASecondAndOfADayAreStable) {
    const Medium medium = still(Box{{140.0, 100.0, 60.0}}, 7, 5, 3);
    const std::size_t n = medium.grid.size();
    const Local reactions = feedback(0.2, 1.5, medium.grid.voxel_volume());
    for (const double dt : {1.0 / 3600.0, 24.0}) {
        std::vector<double> c(2 * n), blood(2, 0.0);
        for (std::size_t v = 0; v < c.size(); ++v) c[v] = v % 13 == 0 ? 4.0 : 0.0;
        Fields fields(medium, {{"a", 1e5, 0.0}, {"b", 50.0, 0.0}});
        for (int step = 0; step < 30; ++step) {
            const std::vector<double> old = c;
            const FieldReport report = fields.solve(c, blood, {&reactions, nullptr, 1.0 / dt, old});
            for (const FieldBalance& b : report.balance) ASSERT_LE(relative_defect(b), 1e-9);
            ASSERT_GE(*std::min_element(c.begin(), c.end()), 0.0);
            ASSERT_LE(*std::max_element(c.begin(), c.end()), 4.0 + 1e-9);
        }
        if (dt < 1.0) continue;
        const auto [least, most] = std::minmax_element(c.begin(), c.end());  // at rest: even, and a = b
        EXPECT_NEAR(*least / *most, 1.0, 1e-6);
    }
}

TEST(FieldReaction, AnImplicitStepAgreesWithItsOwnEquation) {
    const Medium medium = still(Box{{20.0, 20.0, 20.0}}, 1, 1, 1, 0.25);
    const double rate = 3.0, dt = 0.7, volume = medium.fluid[0];
    const std::vector<double> source{5.0 * volume}, uptake{rate * volume};
    const Local reactions = linear(source, uptake);
    Fields fields(medium, {{"signal", 1.0, 0.0}});
    std::vector<double> c{2.0}, blood(1, 0.0);
    const std::vector<double> old = c;
    const FieldReport report = fields.solve(c, blood, {&reactions, nullptr, 1.0 / dt, old});
    EXPECT_NEAR(c[0], (2.0 + 5.0 * dt) / (1.0 + rate * dt), 1e-8);
    EXPECT_NEAR(report.balance[0].stored, volume * (c[0] - 2.0) / dt, 1e-9 * volume);
}

// One that is made no more falls below what single precision can name; the other goes on.
TEST(FieldReaction, ASignalMayDieOut) {
    Medium medium = still(Box{{100.0, 40.0, 20.0}}, 5, 2, 1);
    const std::size_t n = medium.grid.size();
    const Local reactions(2, {{0, 0}, {1, 1}}, [](std::size_t v, const double* c, double* m, double* u, double* d) {
        const double lost = 1e4 * (1.0 + static_cast<double>(v % 3));
        m[0] = 0.0, u[0] = lost * c[0], d[0] = -lost;
        m[1] = 1e-8, u[1] = 1e4 * c[1], d[1] = -1e4;
    });
    Fields fields(medium, {{"gone", 1e3, 0.0, true}, {"there", 1e3, 0.0, true}});
    std::vector<double> c(2 * n, 1e-12), blood(2, 0.0);
    double before = c[0];
    for (int step = 0; step < 200; ++step) {
        const std::vector<double> old = c;
        ASSERT_NO_THROW(fields.solve(c, blood, {&reactions, nullptr, 1.0, old})) << step << ": " << c[0];
        ASSERT_GE(c[0], 0.0);
        ASSERT_LE(c[0], before);
        before = c[0];
    }
    EXPECT_LT(c[0], 1e-30);
    EXPECT_NEAR(c[n], 1e-12, 1e-20);
}

TEST(FieldReaction, ManySignalsInAChainConverge) {
    const Medium medium = still(Box{{180.0, 140.0, 100.0}}, 9, 7, 5, 0.3);
    const std::size_t n = medium.grid.size();
    for (const int signals : {2, 3, 5, 10, 16, 19, 27, 32}) {
        // Each signal feeds the next, the last slows down the first; a long chain must not gain at each link, or its end is huge.
        const double gain = signals <= 16 ? 2.0 : 1.0;
        std::vector<std::pair<int, int>> pairs;
        for (int s = 0; s < signals; ++s) {
            pairs.emplace_back(s, s);
            pairs.emplace_back(s, (s + signals - 1) % signals);
        }
        const double volume = medium.fluid[0];
        const Local reactions(static_cast<std::size_t>(signals), pairs,
                              [=](std::size_t v, const double* c, double* m, double* u, double* d) {
                                  const double loss = 1.0 + 0.1 * static_cast<double>(v % 11);
                                  for (int s = 0; s < signals; ++s) {
                                      const double before = c[(s + signals - 1) % signals];
                                      const double made = s == 0 ? 10.0 / (1.0 + before) : gain * before;
                                      m[s] = volume * made, u[s] = volume * loss * c[s];
                                      d[2 * s] = -volume * loss;
                                      d[2 * s + 1] =
                                          volume * (s == 0 ? -10.0 / ((1.0 + before) * (1.0 + before)) : gain);
                                  }
                              });
        std::vector<Signal> list;
        for (int s = 0; s < signals; ++s) list.push_back({"signal " + std::to_string(s), 1e3 * (s + 1), 0.0});
        Fields fields(medium, list);
        std::vector<double> c(static_cast<std::size_t>(signals) * n, 0.0),
            blood(static_cast<std::size_t>(signals), 0.0);
        const FieldReport report = fields.solve(c, blood, {&reactions, nullptr, 0.0, {}});
        for (const FieldBalance& b : report.balance) EXPECT_LE(relative_defect(b), 1e-9) << signals;
        EXPECT_LE(report.cycles, 120) << signals;
        // Each signal but the first: what the one before makes is what is lost.
        EXPECT_NEAR(report.balance[1].made / report.balance[1].taken, 1.0, 3e-9);
    }
}

TEST(FieldReaction, FailureSaysWhereAndLeavesTheConcentrations) {
    const Medium medium = still(Box{{60.0, 40.0, 20.0}}, 3, 2, 1);
    const Local runaway(1, {{0, 0}}, [](std::size_t v, const double* c, double* m, double* u, double* d) {
        m[0] = v == 4 ? 1.0 + c[0] * c[0] : 0.0;
        u[0] = 0.0;
        d[0] = v == 4 ? 2.0 * c[0] : 0.0;
    });
    Fields fields(medium, {{"endless", 1.0, 0.0}});
    std::vector<double> c(6, 0.5), blood(1, 0.0);
    try {
        fields.solve(c, blood, {&runaway, nullptr, 0.0, {}});
        FAIL();
    } catch (const RunError& e) {
        const std::string text = e.what();
        EXPECT_NE(text.find("signals in tissue: no s"), std::string::npos) << text;
        EXPECT_NE(text.find("Worst is 'endless'"), std::string::npos) << text;
        EXPECT_NE(text.find("in voxel (1, 1, 0)"), std::string::npos) << text;
    }
    EXPECT_EQ(c, std::vector<double>(6, 0.5));

    const Local broken(1, {{0, 0}}, [](std::size_t v, const double* here, double* m, double* u, double* d) {
        m[0] = v == 3 ? std::numeric_limits<double>::quiet_NaN() : 1.0;
        u[0] = here[0];
        d[0] = -1.0;
    });
    try {
        fields.solve(c, blood, {&broken, nullptr, 0.0, {}});
        FAIL();
    } catch (const RunError& e) {
        const std::string text = e.what();
        EXPECT_NE(text.find("a rate is not a number after 0 Newton steps"), std::string::npos) << text;
        EXPECT_NE(text.find("in voxel (0, 1, 0)"), std::string::npos) << text;
    }
}

TEST(FieldReaction, AnErrorInAReactionArrivesFromAnyThread) {
    const Medium medium = still(Box{{400.0, 400.0, 400.0}}, 20, 20, 20);
    const Local broken(1, {{0, 0}}, [](std::size_t v, const double* here, double* m, double* u, double* d) {
        if (v == 7000) throw RunError("the 7000th");
        m[0] = 1.0, u[0] = here[0], d[0] = -1.0;
    });
    Fields fields(medium, {{"signal", 1.0, 0.0}});
    std::vector<double> c(medium.grid.size(), 0.5), blood(1, 0.0);
    EXPECT_THROW(fields.solve(c, blood, {&broken, nullptr, 0.0, {}}, {1e-9, 60, 3}), RunError);
}

}  // namespace
}  // namespace lobule
