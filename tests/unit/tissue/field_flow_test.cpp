#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "field_support.hpp"

namespace lobule {
namespace {

using namespace field_test;

constexpr double k_length = 400.0, k_velocity = 25000.0;  // [um], [um/h]

/// Error at the end of a tube with first-order uptake and no diffusion, and the cycles it took.
double tube_error(std::int32_t n, int* cycles) {
    const double h = k_length / n, area = 100.0, clearance = 60.0;  // [1/h]
    Medium medium = still(Box{{k_length, 10.0, 10.0}}, n, 1, 1);
    add_plug_flow(medium, k_velocity * area);
    const std::vector<double> source(medium.grid.size(), 0.0), uptake(medium.grid.size(), clearance * area * h);
    const Local reactions = linear(source, uptake);
    Fields fields(medium, {{"signal", 0.0, 1.0}});
    std::vector<double> c(medium.grid.size(), 0.0), blood{2.0};
    const FieldReport report = fields.solve(c, blood, {&reactions, nullptr, 0.0, {}});
    EXPECT_LE(relative_defect(report.balance[0]), 1e-9);
    *cycles = report.cycles;
    return std::fabs(c.back() - 2.0 * std::exp(-clearance * k_length / k_velocity));
}

TEST(FieldFlow, PlugFlowWithUptakeIsExponentialAndOfFirstOrder) {
    int cycles = 0;
    const double coarse = tube_error(50, &cycles), middle = tube_error(100, &cycles), fine = tube_error(200, &cycles);
    EXPECT_NEAR(std::log2(coarse / middle), 1.0, 0.05);
    EXPECT_NEAR(std::log2(middle / fine), 1.0, 0.05);
    EXPECT_LT(fine, 5e-3);
    EXPECT_LE(cycles, 3);  // one sweep downstream is exact
}

/// A winding flow: each voxel of a plane sends what it has on in x or y, towards one corner, and some up in z.
Medium winding(std::int32_t nx, std::int32_t ny, std::int32_t nz, double inflow) {
    Medium medium = still(Box{{nx * 20.0, ny * 20.0, nz * 20.0}}, nx, ny, nz, 0.2);
    const Grid& grid = medium.grid;
    for (auto* q : {&medium.flow.x, &medium.flow.y, &medium.flow.z, &medium.inflow, &medium.outflow})
        q->assign(grid.size(), 0.0);
    std::vector<double> here(grid.size(), 0.0);
    for (std::int32_t k = 0; k < nz; ++k)
        for (std::int32_t j = 0; j < ny; ++j)
            for (std::int32_t i = 0; i < nx; ++i) {
                const auto v = static_cast<std::size_t>(grid.number(i, j, k));
                const double chance = random_uniform({7, 0, stream_id("turn"), v, 0, 0});
                if (i == 0 || chance < 0.1) here[v] += medium.inflow[v] = inflow;
                const double up = k + 1 < nz && chance > 0.7 ? 0.3 * here[v] : 0.0;
                const double rest = here[v] - up;
                const double x = i + 1 < nx ? (j + 1 < ny ? rest * (chance < 0.5 ? 0.9 : 0.2) : rest) : 0.0;
                const double y = j + 1 < ny ? rest - x : 0.0;
                medium.flow.x[v] = x, medium.flow.y[v] = y, medium.flow.z[v] = up;
                medium.outflow[v] = rest - x - y;
                if (x > 0.0) here[static_cast<std::size_t>(grid.number(i + 1, j, k))] += x;
                if (y > 0.0) here[static_cast<std::size_t>(grid.number(i, j + 1, k))] += y;
                if (up > 0.0) here[static_cast<std::size_t>(grid.number(i, j, k + 1))] += up;
            }
    return medium;
}

TEST(FieldFlow, ProteinsAndOxygenConvergeFastTogether) {
    const Medium medium = winding(28, 18, 6, 2e6);
    const std::size_t n = medium.grid.size();
    const Local reactions(3, {{0, 0}, {1, 1}, {2, 2}},
                          [](std::size_t, const double* c, double* m, double* u, double* d) {
                              for (int s = 0; s < 3; ++s) {
                                  const double most = s == 2 ? 4e5 : 3e4;
                                  m[s] = 0.0;
                                  u[s] = most * c[s] / (1.0 + c[s]);
                                  d[s] = -most / ((1.0 + c[s]) * (1.0 + c[s]));
                              }
                          });
    Fields fields(medium, {{"small", 1e4, 1.0}, {"large", 1e5, 0.6}, {"oxygen", 6.3e6, 1.0}});
    std::vector<double> c(3 * n, 0.0), blood{1.0, 2.0, 3.0};
    FieldReport report = fields.solve(c, blood, {&reactions, nullptr, 0.0, {}});
    for (const FieldBalance& b : report.balance) EXPECT_LE(relative_defect(b), 1e-9);
    EXPECT_LE(report.newton_steps, 9);
    EXPECT_LE(report.cycles, 40);
    EXPECT_GE(*std::min_element(c.begin(), c.end()), 0.0);
    EXPECT_LE(*std::max_element(c.begin(), c.end()), 3.0);

    report = fields.solve(c, blood, {&reactions, nullptr, 0.0, {}});
    EXPECT_TRUE(report.skipped);
    EXPECT_EQ(report.cycles, 0);
}

/// b comes back as what left, less what the body takes, plus what it makes: Q (b_in - extraction) circulates.
class Circle : public Body {
public:
    double flow = 0.0, made = 0.0, cleared = 0.0;  // [um^3/h], [amount/h], [um^3/h]
    void evaluate(std::span<const double> b, std::span<const double> out, std::span<double> g, std::span<double> dg_db,
                  std::span<double> dg_dout) const override {
        const std::size_t m = b.size();
        for (std::size_t s = 0; s < m; ++s) {
            g[s] = out[s] + made - (flow + cleared) * b[s];
            dg_db[s * m + s] = -(flow + cleared);
            dg_dout[s * m + s] = 1.0;
        }
    }
};

TEST(FieldFlow, BloodThatComesBackAgreesWithSinglePassExtraction) {
    const std::int32_t n = 60;
    const double area = 400.0, q = 2000.0 * area, h = 10.0;
    Medium medium = still(Box{{n * h, 20.0, 20.0}}, n, 1, 1);
    add_plug_flow(medium, q);
    for (const double cleared : {0.0, 0.3 * q}) {
        for (const double rate : {2.0, 1e-5}) {  // [1/h]: almost all, and almost nothing, is taken in one pass
            const std::vector<double> source(medium.grid.size(), 0.0), uptake(medium.grid.size(), rate * area * h);
            const Local reactions = linear(source, uptake);
            Circle body;
            body.flow = q, body.made = 7.0, body.cleared = cleared;
            Fields fields(medium, {{"signal", 0.0, 1.0}});
            std::vector<double> c(medium.grid.size(), 0.0), blood{0.0};
            const FieldReport report = fields.solve(c, blood, {&reactions, &body, 0.0, {}}, {1e-12, 60, 1});
            EXPECT_LE(relative_defect(report.balance[0]), 1e-12);
            const double extraction = 1.0 - std::pow(1.0 + rate * area * h / q, -n);  // of a chain of well-mixed voxels
            EXPECT_NEAR(blood[0] / (7.0 / (q * extraction + cleared)), 1.0, 1e-6) << rate << ' ' << cleared;
            EXPECT_LE(report.newton_steps, 10);
        }
    }
}

TEST(FieldFlow, ABodyOfSeveralCoupledSignalsBalances) {
    const Medium medium = winding(12, 11, 5, 1e6);
    const std::size_t n = medium.grid.size();
    // Signal 0 is turned into signal 2, which calls for 0.
    const Local reactions(3, {{0, 0}, {0, 2}, {1, 1}, {2, 0}, {2, 2}},
                          [](std::size_t, const double* c, double* m, double* u, double* d) {
                              const double called = c[2] / (2.0 + c[2]);
                              m[0] = 5e3 * called, u[0] = 2e4 * c[0];
                              m[1] = 0.0, u[1] = 100.0 * c[1];
                              m[2] = 2e4 * c[0], u[2] = 3e4 * c[2];
                              d[0] = -2e4, d[1] = 5e3 * 2.0 / ((2.0 + c[2]) * (2.0 + c[2]));
                              d[2] = -100.0;
                              d[3] = 2e4, d[4] = -3e4;
                          });
    Circle body;
    for (const double q : medium.inflow) body.flow += q;
    body.made = 1e5, body.cleared = 1e4;
    Fields fields(medium, {{"a", 3e4, 1.0}, {"b", 1e6, 1.0}, {"c", 1e4, 1.0}});
    std::vector<double> c(3 * n, 0.0), blood(3, 0.0);
    const FieldReport report = fields.solve(c, blood, {&reactions, &body, 0.0, {}});
    for (std::size_t s = 0; s < 3; ++s) {
        EXPECT_LE(relative_defect(report.balance[s]), 1e-9);
        EXPECT_NEAR(report.balance[s].left + body.made, (body.flow + body.cleared) * blood[s],
                    2e-9 * (body.flow + body.cleared) * blood[s]);
    }
    EXPECT_LE(report.cycles, 80);
}

TEST(FieldFlow, AChainOfSignalsThatComesBackConvergesColdAndWarm) {
    // Each signal calls for the next, and a twentieth of what returns is lost: the body passes the whole chain on.
    constexpr int k_signals = 8;
    const Medium medium = winding(27, 33, 5, 2e6);
    const std::size_t n = medium.grid.size();
    std::vector<std::pair<int, int>> pairs;
    for (int s = 0; s < k_signals; ++s) pairs.emplace_back(s, s);
    for (int s = 1; s < k_signals; ++s) pairs.emplace_back(s, s - 1);
    double activity = 1.0;
    const Local reactions(k_signals, pairs, [&](std::size_t v, const double* c, double* m, double* u, double* d) {
        const double here = activity * (v % 3 == 0 ? 3.0 : 0.1);
        for (int s = 0; s < k_signals; ++s) {
            const double k = 1.0 / (1.0 + c[s]);
            u[s] = 3e4 * here * c[s] * k + 1e3 * c[s];
            d[s] = -3e4 * here * k * k - 1e3;
            m[s] = 100.0 * here;
            if (s == 0) continue;
            const double h = 1.0 / (0.5 + c[s - 1]);
            m[s] = 1e4 * here * c[s - 1] * h;
            d[k_signals + s - 1] = 1e4 * here * 0.5 * h * h;
        }
    });
    Circle body;
    for (const double q : medium.inflow) body.flow += q;
    body.made = 1e6, body.cleared = 0.05 * body.flow;
    std::vector<Signal> signals;
    for (int s = 0; s < k_signals; ++s) signals.push_back({"signal", s == 0 ? 6.3e6 : 1e4 * (s + 1), 1.0});
    Fields fields(medium, signals);
    std::vector<double> c(k_signals * n, 0.0), blood(k_signals, 0.0);
    for (activity = 1.0; activity < 1.05; activity *= 1.02) {
        const FieldReport report = fields.solve(c, blood, {&reactions, &body, 0.0, {}});
        for (const FieldBalance& b : report.balance) EXPECT_LE(relative_defect(b), 1e-9);
        EXPECT_LE(report.cycles, activity == 1.0 ? 130 : 60);
    }
}

TEST(FieldFlow, BitsDoNotDependOnThreads) {
    const Medium medium = winding(27, 33, 5, 2e6);
    const std::size_t n = medium.grid.size();
    const Local reactions(2, {{0, 0}, {0, 1}, {1, 1}},
                          [](std::size_t v, const double* c, double* m, double* u, double* d) {
                              const double k = 0.1 + static_cast<double>(v % 7);
                              m[0] = 1e3 * c[1], u[0] = 1e4 * k * c[0] / (1.0 + c[0]);
                              m[1] = 1e3 * k, u[1] = 1e4 * c[1];
                              d[0] = -1e4 * k / ((1.0 + c[0]) * (1.0 + c[0])), d[1] = 1e3, d[2] = -1e4;
                          });
    std::vector<double> one;
    for (int threads = 1; threads <= 3; ++threads) {
        Circle body;
        for (const double q : medium.inflow) body.flow += q;
        body.made = 1.0;
        Fields fields(medium, {{"a", 3e4, 1.0}, {"b", 1e6, 0.0}});
        std::vector<double> c(2 * n, 0.0), blood(2, 0.0);
        fields.solve(c, blood, {&reactions, &body, 0.0, {}}, {1e-9, 60, threads});
        c.push_back(blood[0]);
        if (threads == 1) one = c;
        EXPECT_EQ(c, one) << threads;
    }
}

TEST(FieldFlow, AFlowThatLosesIsRefused) {
    Medium medium = still(Box{{60.0, 20.0, 20.0}}, 3, 1, 1);
    add_plug_flow(medium, 10.0);
    medium.outflow.back() = 9.0;
    try {
        Fields fields(medium, {{"signal", 1.0, 1.0}});
        FAIL();
    } catch (const RunError& e) {
        EXPECT_STREQ(e.what(), "flow in tissue: 1 um^3/h of 19 um^3/h are lost in voxel (2, 0, 0)");
    }
}

}  // namespace
}  // namespace lobule
