// Signals that blood binds: what the flow carries is not the concentration.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "field_support.hpp"

namespace lobule {
namespace {

using namespace field_test;

/// c + capacity c^3 / (k^3 + c^3), for the last of the signals; k_none: c itself.
class Hill : public Carriage {
public:
    Hill(std::size_t signal, double capacity, double k) : signal_(signal), capacity_(capacity), k_(k) {}
    double content(double c) const { return c + capacity_ * c * c * c / (k_ * k_ * k_ + c * c * c); }
    double slope(double c) const {
        const double below = k_ * k_ * k_ + c * c * c;
        return 1.0 + capacity_ * 3.0 * c * c * k_ * k_ * k_ / (below * below);
    }
    void evaluate(std::size_t, std::size_t count, const double* const* c, double* const* to,
                  double* const* rise) const override {
        for (std::size_t i = 0; i < count; ++i) {
            to[0][i] = content(c[signal_][i]);
            rise[0][i] = slope(c[signal_][i]);
        }
    }

private:
    std::size_t signal_;
    double capacity_, k_;
};

Signal bound_signal(double diffusion) { return {"bound", diffusion, 1.0, true, true}; }

constexpr double k_length = 400.0, k_area = 100.0, k_flow = 25000.0 * k_area;  // [um], [um^2], [um^3/h]
constexpr double k_most = 5e6, k_half = 0.3;                                   // uptake of the whole tube [amount/h]

/// Where c falls to `end` in plug flow with saturable uptake: x = length Q / most * integral of f'(c) (c + half) / c.
double distance_to(const Hill& hill, double start, double end) {
    constexpr int k_steps = 20000;
    double sum = 0.0;
    for (int i = 0; i < k_steps; ++i) {
        const double c = end + (start - end) * (i + 0.5) / k_steps;
        sum += hill.slope(c) * (c + k_half) / c;
    }
    return k_length * k_flow / k_most * sum * (start - end) / k_steps;
}

double tube_error(std::int32_t n) {
    const Hill hill(0, 30.0, 2.0);
    Medium medium = still(Box{{k_length, 10.0, 10.0}}, n, 1, 1);
    add_plug_flow(medium, k_flow);
    const double most = k_most / n;
    const Local uptake(1, {{0, 0}}, [&](std::size_t, const double* c, double* m, double* u, double* d) {
        m[0] = 0.0;
        u[0] = most * c[0] / (c[0] + k_half);
        d[0] = -most * k_half / ((c[0] + k_half) * (c[0] + k_half));
    });
    Fields fields(medium, {bound_signal(0.0)});
    const double entering = 4.0;
    std::vector<double> c(medium.grid.size(), 1.0), blood{hill.content(entering)};
    FieldProblem problem;
    problem.reactions = &uptake;
    problem.carriage = &hill;
    const FieldReport report = fields.solve(c, blood, problem);
    EXPECT_LE(relative_defect(report.balance[0]), 1e-9);
    EXPECT_NEAR(report.balance[0].left, k_flow * hill.content(c.back()), 1e-9 * report.balance[0].left);
    double low = 1e-3, high = entering;
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (distance_to(hill, entering, middle) > k_length ? low : high) = middle;
    }
    return std::fabs(c.back() - low);
}

TEST(FieldBound, PlugFlowConvergesToTheIntegralOfItsContent) {
    const double coarse = tube_error(100), middle = tube_error(200), fine = tube_error(400);
    EXPECT_NEAR(std::log2(coarse / middle), 1.0, 0.1);
    EXPECT_NEAR(std::log2(middle / fine), 1.0, 0.1);
    EXPECT_LT(fine, 5e-3);
}

/// Flow along x and back along z in the next plane, with a leak between them: blocks, slopes and diffusion all at once.
Medium loop(std::int32_t nx, std::int32_t ny, std::int32_t nz) {
    Medium medium = still(Box{{nx * 25.0, ny * 25.0, nz * 25.0}}, nx, ny, nz, 0.15);
    add_plug_flow(medium, 2e6);
    const Grid& grid = medium.grid;
    // From row 0 a tenth of the flow crosses to row 1 at every third voxel, and leaves there at the end.
    for (std::int32_t k = 0; k < nz; ++k) {
        double crossed = 0.0;
        for (std::int32_t i = 0; i < nx; ++i) {
            const auto a = static_cast<std::size_t>(grid.number(i, 0, k)),
                       b = static_cast<std::size_t>(grid.number(i, 1, k));
            const double here = 2e6 - crossed, over = i % 3 == 1 ? 0.1 * here : 0.0;
            medium.flow.y[a] = over;
            crossed += over;
            const bool last = i + 1 == nx;
            (last ? medium.outflow[a] : medium.flow.x[a]) = 2e6 - crossed;
            (last ? medium.outflow[b] : medium.flow.x[b]) = 2e6 + crossed;
        }
    }
    return medium;
}

const Local& burning() {
    static const Local k_burning(
        2, {{0, 0}, {1, 1}}, [](std::size_t, const double* c, double* m, double* u, double* d) {
            m[0] = 2e4, u[0] = 1e4 * c[0], d[0] = -1e4;
            m[1] = 0.0, u[1] = 2e6 * c[1] / (c[1] + k_half), d[1] = -2e6 * k_half / ((c[1] + k_half) * (c[1] + k_half));
        });
    return k_burning;
}

struct Answer {
    std::vector<double> c, blood;
    FieldReport report;
};

Answer solved(const Carriage& carriage, bool bound, int threads, double entering) {
    const Medium medium = loop(24, 16, 6);
    Signal last = bound_signal(6.3e6);
    last.bound = bound;
    Fields fields(medium, {{"plain", 1e5, 1.0}, last});
    Answer answer;
    answer.c.assign(2 * medium.grid.size(), 1.0);
    answer.blood = {1.0, entering};
    FieldProblem problem;
    problem.reactions = &burning();
    problem.carriage = &carriage;
    FieldControl control;
    control.threads = threads;
    answer.report = fields.solve(answer.c, answer.blood, problem, control);
    return answer;
}

TEST(FieldBound, ConvergesAsFastAsPlainOnesAndClosesTheBalance) {
    const Hill hill(1, 30.0, 2.0);
    const Answer answer = solved(hill, true, 1, hill.content(4.0));
    for (const FieldBalance& b : answer.report.balance) EXPECT_LE(relative_defect(b), 1e-9);
    EXPECT_LE(answer.report.newton_steps, 10);
    EXPECT_LE(answer.report.cycles, 60);
    const auto oxygen = answer.c.begin() + static_cast<std::ptrdiff_t>(answer.c.size() / 2);
    EXPECT_GE(*std::min_element(oxygen, answer.c.end()), 0.0);
    EXPECT_LE(*std::max_element(oxygen, answer.c.end()), 4.0);
}

TEST(FieldBound, BindingNothingIsThePlainSignal) {
    const Hill nothing(1, 0.0, 1.0);
    const Answer bound = solved(nothing, true, 1, 4.0), plain = solved(nothing, false, 1, 4.0);
    for (std::size_t i = 0; i < plain.c.size(); ++i) ASSERT_NEAR(bound.c[i], plain.c[i], 1e-7) << i;
}

TEST(FieldBound, HasTheSameBitsForAnyNumberOfThreads) {
    const Hill hill(1, 30.0, 2.0);
    EXPECT_EQ(solved(hill, true, 1, 20.0).c, solved(hill, true, 3, 20.0).c);
}

/// What leaves comes back, and the body makes some of the bound signal.
class Circle : public Body {
public:
    void evaluate(std::span<const double> b, std::span<const double> out, std::span<double> g, std::span<double> dg_db,
                  std::span<double> dg_dout) const override {
        constexpr double k_flow_of_all = 2e6 * 16 * 6;
        for (std::size_t s = 0; s < 2; ++s) {
            g[s] = out[s] + (s == 1 ? 8e8 : 0.0) - k_flow_of_all * b[s];
            dg_db[s * 2 + s] = -k_flow_of_all;
            dg_dout[s * 2 + s] = 1.0;
        }
    }
};

TEST(FieldBound, BloodThatComesBackBringsItsContent) {
    const Medium medium = loop(24, 16, 6);
    const Hill hill(1, 30.0, 2.0);
    Fields fields(medium, {{"plain", 1e5, 1.0}, bound_signal(6.3e6)});
    std::vector<double> c(2 * medium.grid.size(), 1.0), blood{1.0, 20.0};
    const Circle circle;
    FieldProblem problem;
    problem.reactions = &burning();
    problem.carriage = &hill;
    problem.body = &circle;
    const FieldReport report = fields.solve(c, blood, problem);
    const FieldBalance& b = report.balance[1];
    EXPECT_LE(relative_defect(b), 1e-9);
    EXPECT_NEAR(b.taken / 8e8, 1.0, 1e-6);  // in the steady state all that the body makes is burnt
    EXPECT_NEAR((b.entered - b.left) / 8e8, 1.0, 1e-6);
}

}  // namespace
}  // namespace lobule
