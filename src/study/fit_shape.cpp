// What the data say around an optimum: the Jacobian of the residuals and the correlations that follow.
#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>

#include "study/fit.hpp"

namespace lobule::study {

namespace {

/// Of the ranges. The error of the solver (1e-6 relative) over it stays below the curvature of the curves.
constexpr double k_difference = 5e-3;
/// Directions whose singular value is below this share of the largest are not told by the data.
constexpr double k_told = 1e-6;

}  // namespace

std::optional<LocalShape> local_shape(const Objective& objective, const FitPlan& plan, std::span<const double> best) {
    const std::size_t n = plan.parameters.size();
    const std::vector<double> optimum = to_unit(plan.parameters, best);
    // Two points for each parameter, then the sums in the order of parameters.
    std::vector<Evaluation> points(2 * n);
    std::vector<double> places(2 * n);
#pragma omp parallel for schedule(dynamic, 1) num_threads(plan.threads)
    for (std::size_t k = 0; k < 2 * n; ++k) {
        std::vector<double> x = optimum;
        places[k] = std::clamp(x[k / 2] + (k % 2 == 0 ? -k_difference : k_difference), 0.0, 1.0);
        x[k / 2] = places[k];
        try {
            points[k] = objective(from_unit(plan.parameters, x));
        } catch (const std::exception& error) {
            points[k].failure = error.what();
        }
    }
    LocalShape out;
    for (const Evaluation& point : points) {
        if (point.stopped) return std::nullopt;
        if (!point.failure.empty()) ++out.failed;
    }
    const auto size = static_cast<Eigen::Index>(n);
    out.correlations.assign(n, std::vector<double>(n, 0.0));
    for (std::size_t i = 0; i < n; ++i) out.correlations[i][i] = 1.0;
    out.errors.assign(n, std::numeric_limits<double>::infinity());
    if (out.failed > 0) return out;
    Eigen::MatrixXd information = Eigen::MatrixXd::Zero(size, size);
    std::vector<std::vector<double>> columns(n);
    for (std::size_t i = 0; i < n; ++i) {
        const std::vector<double> below = residuals(points[2 * i], plan.prior).values;
        const std::vector<double> above = residuals(points[2 * i + 1], plan.prior).values;
        const std::size_t rows = std::min(below.size(), above.size());
        out.residuals = std::max(out.residuals, rows);
        columns[i].resize(rows);
        for (std::size_t r = 0; r < rows; ++r)
            columns[i][r] = (above[r] - below[r]) / (places[2 * i + 1] - places[2 * i]);
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            double sum = 0.0;
            for (std::size_t r = 0; r < std::min(columns[i].size(), columns[j].size()); ++r)
                sum += columns[i][r] * columns[j][r];
            information(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = sum;
        }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(information);
    const Eigen::VectorXd values = solver.eigenvalues();
    const double largest = std::max(values(size - 1), 0.0);
    const double smallest = std::max(values(0), 0.0);
    out.condition = smallest > 0.0 ? std::sqrt(largest / smallest) : std::numeric_limits<double>::infinity();
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(size, size);
    std::vector<bool> told(n, largest > 0.0);
    for (Eigen::Index k = 0; k < size; ++k) {
        const Eigen::VectorXd direction = solver.eigenvectors().col(k);
        if (values(k) > k_told * k_told * largest && largest > 0.0) {
            covariance += direction * direction.transpose() / values(k);
            continue;
        }
        for (std::size_t i = 0; i < n; ++i)
            if (std::abs(direction(static_cast<Eigen::Index>(i))) > 1e-3) told[i] = false;
    }
    for (std::size_t i = 0; i < n; ++i) {
        const auto a = static_cast<Eigen::Index>(i);
        if (told[i]) out.errors[i] = std::sqrt(covariance(a, a));
        for (std::size_t j = 0; j < n; ++j) {
            const auto b = static_cast<Eigen::Index>(j);
            const double scale = std::sqrt(covariance(a, a) * covariance(b, b));
            if (i != j) out.correlations[i][j] = scale > 0.0 ? covariance(a, b) / scale : 0.0;
        }
    }
    return out;
}

}  // namespace lobule::study
