// What the data say around an optimum: the Jacobian of the residuals, the correlations that follow, and what is not told.
#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

#include "study/fit.hpp"

namespace lobule::study {

namespace {

/// Of the ranges. The error of the solver (1e-6 relative) over it stays below the curvature of the curves.
constexpr double k_difference = 5e-3;
/// A parameter belongs to such a direction with more than this of its length; with a tenth it is named as belonging there.
constexpr double k_within = 1e-3, k_belongs = 0.1;

/// A point beside the optimum along one parameter, or the optimum itself.
struct Beside {
    double place = 0.0;  // unit coordinate of that parameter
    Evaluation evaluation{};
    bool usable() const { return evaluation.failure.empty(); }
};

/// Each of `points` at its place; the first exception comes out, whatever the threads did.
void evaluate_all(const Objective& objective, const FitPlan& plan, const std::vector<double>& optimum,
                  std::vector<Beside>& points) {
    std::vector<std::exception_ptr> thrown(points.size());
#pragma omp parallel for schedule(dynamic, 1) num_threads(plan.threads)
    for (std::size_t k = 0; k < points.size(); ++k) {
        std::vector<double> x = optimum;
        x[k / 2] = points[k].place;
        try {
            points[k].evaluation = objective(from_unit(plan.parameters, x));
        } catch (...) {
            thrown[k] = std::current_exception();
        }
    }
    for (const std::exception_ptr& error : thrown)
        if (error) std::rethrow_exception(error);
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (std::size_t r = 0; r < std::min(a.size(), b.size()); ++r) sum += a[r] * b[r];
    return sum;
}

/// Errors and correlations from columns of J; `kept`: those whose column is there and not 0. `whole`: no other column is 0.
void solve(const std::vector<std::vector<double>>& columns, const std::vector<std::size_t>& kept, bool whole,
           LocalShape& out) {
    const auto size = static_cast<Eigen::Index>(kept.size());
    Eigen::MatrixXd information(size, size);
    for (Eigen::Index a = 0; a < size; ++a)
        for (Eigen::Index b = 0; b < size; ++b)
            information(a, b) =
                dot(columns[kept[static_cast<std::size_t>(a)]], columns[kept[static_cast<std::size_t>(b)]]);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(information);
    const Eigen::VectorXd values = solver.eigenvalues();
    const double largest = values(size - 1), smallest = std::max(values(0), 0.0);
    if (whole && smallest > 0.0) out.condition = std::sqrt(largest / smallest);
    for (Eigen::Index a = 0; a < size && whole; ++a)
        out.weakest[kept[static_cast<std::size_t>(a)]] = solver.eigenvectors()(a, 0);
    std::vector<std::vector<bool>> tied(kept.size(), std::vector<bool>(kept.size(), false));
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(size, size);
    std::vector<bool> told(kept.size(), true);
    for (Eigen::Index k = 0; k < size; ++k) {
        const Eigen::VectorXd direction = solver.eigenvectors().col(k);
        if (values(k) > k_told * k_told * largest) {
            covariance += direction * direction.transpose() / values(k);
            continue;
        }
        for (Eigen::Index a = 0; a < size; ++a) {
            if (std::abs(direction(a)) > k_within) told[static_cast<std::size_t>(a)] = false;
            for (Eigen::Index b = 0; b < size; ++b)
                if (std::min(std::abs(direction(a)), std::abs(direction(b))) > k_belongs)
                    tied[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)] = true;
        }
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto a = static_cast<Eigen::Index>(i);
        if (told[i]) out.errors[kept[i]] = std::sqrt(covariance(a, a));
        for (std::size_t j = 0; j < kept.size(); ++j) {
            const auto b = static_cast<Eigen::Index>(j);
            if (i == j) continue;
            if (told[i] && told[j]) {
                const double r = covariance(a, b) / std::sqrt(covariance(a, a) * covariance(b, b));
                out.correlations[kept[i]][kept[j]] = r;
                tied[i][j] = tied[i][j] || std::abs(r) > k_tied;
            }
            if (tied[i][j]) out.tied[kept[i]].push_back(kept[j]);
        }
    }
}

}  // namespace

std::optional<LocalShape> local_shape(const Objective& objective, const FitPlan& plan, std::span<const double> best) {
    const std::size_t n = plan.parameters.size();
    const std::vector<double> optimum = to_unit(plan.parameters, best);
    // Two points for each parameter, then the sums in the order of parameters.
    std::vector<Beside> points(2 * n);
    for (std::size_t k = 0; k < 2 * n; ++k)
        points[k].place = std::clamp(optimum[k / 2] + (k % 2 == 0 ? -k_difference : k_difference), 0.0, 1.0);
    evaluate_all(objective, plan, optimum, points);
    LocalShape out;
    const auto count = [&](const Beside& point) {
        ++out.evaluations;
        if (point.usable()) return;
        ++out.failed;
        ++out.failures[cause_of(point.evaluation.failure)];
    };
    for (const Beside& point : points) {
        if (point.evaluation.stopped) return std::nullopt;
        count(point);
    }
    const double nan = std::numeric_limits<double>::quiet_NaN();
    out.correlations.assign(n, std::vector<double>(n, nan));
    for (std::size_t i = 0; i < n; ++i) out.correlations[i][i] = 1.0;
    out.errors.assign(n, std::numeric_limits<double>::infinity());
    out.moved.assign(n, 0.0);
    out.blocked.assign(n, false);
    out.weakest.assign(n, 0.0);
    out.tied.resize(n);
    out.condition = std::numeric_limits<double>::infinity();
    std::vector<Beside> centre;  // only where a side needs it
    if (out.failed > 0) {
        centre.resize(1);
        centre[0].place = n > 0 ? optimum[0] : 0.0;
        evaluate_all(objective, plan, optimum, centre);
        if (centre[0].evaluation.stopped) return std::nullopt;
        count(centre[0]);
    }
    std::vector<std::vector<double>> columns(n);
    for (std::size_t i = 0; i < n; ++i) {
        Beside side[2] = {points[2 * i], points[2 * i + 1]};
        for (Beside& one : side)
            if (!one.usable()) one = {optimum[i], centre[0].evaluation};
        out.blocked[i] = !side[0].usable() || !side[1].usable() || !(side[0].place < side[1].place);
        if (out.blocked[i]) continue;
        const std::vector<double> below = residuals(side[0].evaluation, plan.prior).values;
        const std::vector<double> above = residuals(side[1].evaluation, plan.prior).values;
        columns[i].resize(std::min(below.size(), above.size()));
        out.residuals = std::max(out.residuals, columns[i].size());
        for (std::size_t r = 0; r < columns[i].size(); ++r)
            columns[i][r] = (above[r] - below[r]) / (side[1].place - side[0].place);
        out.moved[i] = std::sqrt(dot(columns[i], columns[i]));
    }
    // A column of 0 would mix with others that the data do not tell, and their names with it.
    const double most = n > 0 ? *std::max_element(out.moved.begin(), out.moved.end()) : 0.0;
    std::vector<std::size_t> kept, idle;
    for (std::size_t i = 0; i < n; ++i)
        if (!out.blocked[i]) (out.moved[i] > k_told * most ? kept : idle).push_back(i);
    if (!idle.empty()) out.weakest[idle.front()] = 1.0;
    if (!kept.empty()) solve(columns, kept, idle.empty(), out);
    return out;
}

ProfileEnd low_end(const Profile& profile, const Bounded& parameter, double best) {
    if (profile.low) return ProfileEnd::closed;
    if (profile.low_failed) return ProfileEnd::failed;
    return at_bound(parameter, best) < 0 ? ProfileEnd::at_bound : ProfileEnd::flat;
}

ProfileEnd high_end(const Profile& profile, const Bounded& parameter, double best) {
    if (profile.high) return ProfileEnd::closed;
    if (profile.high_failed) return ProfileEnd::failed;
    return at_bound(parameter, best) > 0 ? ProfileEnd::at_bound : ProfileEnd::flat;
}

namespace {
double lowest(const Profile& profile) {
    double out = k_failed_cost;
    for (const ProfilePoint& point : profile.points) out = std::min(out, point.cost);
    return out;
}
}  // namespace

double low_rise(const Profile& profile) { return profile.points.front().cost - lowest(profile); }
double high_rise(const Profile& profile) { return profile.points.back().cost - lowest(profile); }

}  // namespace lobule::study
