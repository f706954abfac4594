// Indices of functions whose indices are known.
#include "study/sensitivity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/math.hpp"

namespace lobule::study {
namespace {

constexpr double k_pi = 3.14159265358979323846;
using Function = std::function<double(const std::vector<double>&)>;

std::vector<double> outputs(const std::vector<std::vector<double>>& design, const Function& f) {
    std::vector<double> out;
    for (const auto& point : design) out.push_back(f(point));
    return out;
}

/// Ishigami and Homma 1990, a = 7, b = 0.1.
double ishigami(const std::vector<double>& u) {
    double x[3];
    for (int i = 0; i < 3; ++i) x[i] = -k_pi + 2.0 * k_pi * u[static_cast<std::size_t>(i)];
    const double s = math::sin(x[1]);
    return math::sin(x[0]) + 7.0 * s * s + 0.1 * x[2] * x[2] * x[2] * x[2] * math::sin(x[0]);
}

TEST(Sobol, Ishigami) {
    const auto design = sobol_design(3, 4096, 1);
    ASSERT_EQ(design.size(), 4096u * 5u);
    const auto indices = sobol_indices(outputs(design, ishigami), 3, 1);
    const double first[] = {0.3139, 0.4424, 0.0}, total[] = {0.5576, 0.4424, 0.2437};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(indices[i].first.value, first[i], 0.04) << i;
        EXPECT_NEAR(indices[i].total.value, total[i], 0.03) << i;
        EXPECT_LE(indices[i].first.low, indices[i].first.value);
        EXPECT_GE(indices[i].first.high, indices[i].first.value);
        EXPECT_LT(indices[i].total.high - indices[i].total.low, 0.1);
        EXPECT_EQ(indices[i].rows, 4096u);
    }
}

TEST(Sobol, GFunction) {
    // prod (|4 u - 2| + a) / (1 + a): V_i = 1/3 / (1 + a_i)^2, V = prod (1 + V_i) - 1 (Saltelli and Sobol 1995).
    const double a[] = {0.0, 1.0, 4.5, 9.0};
    const Function g = [&](const std::vector<double>& u) {
        double p = 1.0;
        for (std::size_t i = 0; i < 4; ++i) p *= (std::abs(4.0 * u[i] - 2.0) + a[i]) / (1.0 + a[i]);
        return p;
    };
    const auto indices = sobol_indices(outputs(sobol_design(4, 4096, 3), g), 4, 3);
    double v[4], all = 1.0;
    for (std::size_t i = 0; i < 4; ++i) all *= 1.0 + (v[i] = 1.0 / 3.0 / ((1.0 + a[i]) * (1.0 + a[i])));
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(indices[i].first.value, v[i] / (all - 1.0), 0.03) << i;
        EXPECT_NEAR(indices[i].total.value, v[i] * all / (1.0 + v[i]) / (all - 1.0), 0.03) << i;
    }
}

TEST(Sobol, OfAConstantIsZeroAndFailedRowsAreLeftOut) {
    const auto design = sobol_design(2, 64, 1);
    std::vector<double> values(design.size(), 4.0);
    EXPECT_EQ(sobol_indices(values, 2, 1)[0].first.value, 0.0);
    values[3] = NAN;           // row 3 of A
    values[2 * 64 + 5] = NAN;  // row 5 of A with a column of B
    EXPECT_EQ(sobol_indices(values, 2, 1)[1].rows, 62u);
}

TEST(Sobol, FarFromZeroIsTheSame) {
    const auto design = sobol_design(3, 1024, 1);
    const auto near = sobol_indices(outputs(design, ishigami), 3, 1);
    const auto far = sobol_indices(outputs(design, [](const auto& u) { return 1e4 + ishigami(u); }), 3, 1);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(near[i].first.value, far[i].first.value, 1e-6);
}

TEST(Morris, StepsOneParameterAtATimeOnTheGrid) {
    const auto design = morris_design(5, 20, 2);
    ASSERT_EQ(design.size(), 120u);
    for (std::size_t t = 0; t < 20; ++t) {
        std::vector<int> moved(5, 0);
        for (std::size_t k = 0; k < 5; ++k) {
            int count = 0;
            for (std::size_t d = 0; d < 5; ++d) {
                const double step = design[t * 6 + k + 1][d] - design[t * 6 + k][d];
                if (step == 0.0) continue;
                EXPECT_NEAR(std::abs(step), 2.0 / 3.0, 1e-12);
                ++count;
                ++moved[d];
            }
            EXPECT_EQ(count, 1);
        }
        for (const int m : moved) EXPECT_EQ(m, 1);
    }
}

TEST(Morris, OfALinearFunctionAreItsSlopes) {
    const auto design = morris_design(3, 10, 1);
    const auto indices =
        morris_indices(design, outputs(design, [](const auto& u) { return 2.0 * u[0] - 5.0 * u[1]; }), 3, 1);
    const double slopes[] = {2.0, -5.0, 0.0};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(indices[i].mu, slopes[i], 1e-12);
        EXPECT_NEAR(indices[i].mu_star.value, std::abs(slopes[i]), 1e-12);
        EXPECT_NEAR(indices[i].mu_star.low, std::abs(slopes[i]), 1e-12);
        EXPECT_NEAR(indices[i].sigma, 0.0, 1e-12);
        EXPECT_EQ(indices[i].effects, 10u);
    }
}

TEST(Morris, SeesInteractionInSigma) {
    // x y: the effect of x is y, on the grid 0, 1/3, 2/3, 1 with mean 1/2 and standard deviation sqrt(5/36) = 0.373.
    const auto design = morris_design(2, 2000, 1);
    const auto indices = morris_indices(design, outputs(design, [](const auto& u) { return u[0] * u[1]; }), 2, 1);
    for (const MorrisIndex& m : indices) {
        EXPECT_NEAR(m.mu, 0.5, 0.03);
        EXPECT_NEAR(m.sigma, std::sqrt(5.0 / 36.0), 0.02);
    }
}

TEST(Morris, LeavesFailedRunsOut) {
    const auto design = morris_design(2, 4, 1);
    std::vector<double> values = outputs(design, [](const auto& u) { return u[0] + u[1]; });
    values[0] = NAN;  // one effect gone
    const auto indices = morris_indices(design, values, 2, 1);
    EXPECT_EQ(indices[0].effects + indices[1].effects, 7u);
}

}  // namespace
}  // namespace lobule::study
