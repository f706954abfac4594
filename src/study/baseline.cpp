#include "study/baseline.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/math.hpp"

namespace lobule::study {

namespace {

constexpr std::size_t k_parameters = 5;
constexpr int k_grid = 24;   // times tried, evenly on a logarithmic scale
constexpr int k_finer = 60;  // looks around the best of them, ever closer

double rise(double time, double scale) { return 1.0 - math::exp(-time / scale); }
double pulse(double time, double scale) { return time / scale * math::exp(1.0 - time / scale); }

/// Times between the shortest step of the points and four times their whole length.
std::vector<double> time_grid(std::span<const Point> points) {
    std::vector<double> times;
    for (const Point& point : points) times.push_back(point.time);
    std::sort(times.begin(), times.end());
    const double whole = std::max(times.back(), times.back() - times.front());
    double least = whole;
    for (std::size_t i = 1; i < times.size(); ++i)
        if (times[i] > times[i - 1]) least = std::min(least, times[i] - times[i - 1]);
    std::vector<double> grid;
    if (!(whole > 0.0)) return grid;
    const double low = math::ln(0.5 * least), high = math::ln(4.0 * whole);
    for (int k = 0; k < k_grid; ++k) grid.push_back(math::exp(low + (high - low) * k / (k_grid - 1)));
    return grid;
}

struct Weighted {
    Eigen::VectorXd times, values, weights;  // weighted values

    Weighted(std::span<const Point> points, double default_error) {
        const auto n = static_cast<Eigen::Index>(points.size());
        times.resize(n), values.resize(n), weights.resize(n);
        for (Eigen::Index i = 0; i < n; ++i) {
            const Point& point = points[static_cast<std::size_t>(i)];
            const double deviation = standard_deviation(point, default_error);
            times(i) = point.time;
            weights(i) = deviation > 0.0 ? 1.0 / deviation : 0.0;
        }
        // A mean of exactly 0 without spread has no error of its own: it weighs as the heaviest of the others.
        const double heaviest = weights.maxCoeff() > 0.0 ? weights.maxCoeff() : 1.0;
        for (Eigen::Index i = 0; i < n; ++i) {
            if (weights(i) == 0.0) weights(i) = heaviest;
            values(i) = weights(i) * points[static_cast<std::size_t>(i)].value;
        }
    }
};

/// The best start, rise and pulse for two given times, and what is left.
std::pair<PlainCurve, double> best_for(const Weighted& data, double u, double v) {
    Eigen::MatrixXd columns(data.times.size(), 3);
    for (Eigen::Index i = 0; i < data.times.size(); ++i)
        columns.row(i) << data.weights(i), data.weights(i) * rise(data.times(i), u),
            data.weights(i) * pulse(data.times(i), v);
    const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> solver(columns);
    const Eigen::Vector3d numbers = solver.solve(data.values);
    return {{numbers(0), numbers(1), numbers(2), u, v}, (columns * numbers - data.values).squaredNorm()};
}

std::optional<PlainCurve> through(std::span<const Point> points, double default_error) {
    const std::vector<double> grid = points.empty() ? std::vector<double>{} : time_grid(points);
    if (grid.empty()) return std::nullopt;
    const Weighted data(points, default_error);
    std::pair<PlainCurve, double> best{{}, std::numeric_limits<double>::infinity()};
    const auto look_at = [&](double u, double v) {
        const auto one = best_for(data, u, v);
        if (one.second < best.second) best = one;
    };
    for (const double u : grid)
        for (const double v : grid) look_at(u, v);
    double ratio = grid[1] / grid[0];
    for (int step = 0; step < k_finer; ++step) {
        const auto [middle, misfit] = best;
        for (const double a : {1.0 / ratio, 1.0, ratio})
            for (const double b : {1.0 / ratio, 1.0, ratio}) look_at(middle.rise_time * a, middle.pulse_time * b);
        if (!(best.second < misfit)) ratio = std::sqrt(ratio);  // nothing better that far away
    }
    return best.first;
}

}  // namespace

double PlainCurve::at(double time) const {
    return start + this->rise * study::rise(time, rise_time) + this->pulse * study::pulse(time, pulse_time);
}

std::optional<PlainCurve> plain_curve(std::span<const Point> points, double default_error) {
    if (points.size() <= k_parameters) return std::nullopt;
    return through(points, default_error);
}

std::vector<double> left_out_forecasts(std::span<const Point> points, double default_error) {
    std::vector<double> out;
    if (points.size() <= k_parameters + 1) return out;
    for (std::size_t i = 0; i < points.size(); ++i) {
        std::vector<Point> others(points.begin(), points.end());
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        const auto curve = through(others, default_error);
        if (!curve) return {};
        out.push_back(curve->at(points[i].time));
    }
    return out;
}

}  // namespace lobule::study
