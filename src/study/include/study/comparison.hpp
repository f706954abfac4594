// Prediction against observation: curves read at observed times, how far they miss, and what a curve looks like.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace lobule::study {

/// A predicted quantity against time. Times never fall; two equal times are the moments before and after an event.
struct Curve {
    std::vector<double> times;  // [h]
    std::vector<double> values;
};

enum class SpreadKind : std::uint8_t { none, sd, sem, ci95, iqr, range, unstated };
std::string_view to_string(SpreadKind kind);
std::optional<SpreadKind> spread_kind(std::string_view text);

/// One observed mean. `spread` is a distance on either side for sd, sem and unstated, and the whole width for the others.
struct Point {
    double time = 0.0;  // [h]
    double value = 0.0;
    double spread = 0.0;
    SpreadKind kind = SpreadKind::none;
    int n = 0;  // 0: unknown
};

/// The default error of a row that states no spread, as a share of its value.
inline constexpr double k_default_error = 0.2;

/// Standard deviation of a point. An unstated spread counts as one; a range or an interquartile range is read as that of
/// a normal law (a range as four deviations); a row without spread gets `default_error` times its value.
double standard_deviation(const Point& point, double default_error = k_default_error);

/// The curve at a time, linear between samples; the moment after an event where there are two. Nothing outside the curve.
std::optional<double> value_at(const Curve& curve, double time);

/// The part of a curve from the moment after the events at `from` up to the moment before those at `to`.
Curve window(const Curve& curve, double from, double to);

struct Extreme {
    double time = 0.0;  // [h]
    double value = 0.0;
};
std::optional<Extreme> maximum(const Curve& curve);
std::optional<Extreme> minimum(const Curve& curve);
/// When the curve first reaches a level from below or from above; its first time where it is there from the start.
std::optional<double> first_above(const Curve& curve, double level);
std::optional<double> first_below(const Curve& curve, double level);
/// By trapezia, over the whole curve [value h].
double integral(const Curve& curve);

/// Which way a number moved, by its ratio to the number that it is set against.
enum class Sign : std::uint8_t { less, same, more };
std::string_view to_string(Sign sign);
std::optional<Sign> sign(std::string_view text);
/// The share by which a number must differ before it counts as less or more, where nothing else is stated.
inline constexpr double k_default_margin = 0.05;
/// less: below 1 - margin; more: above 1 + margin; the bounds themselves are the same.
Sign sign_of(double ratio, double margin = k_default_margin);

/// How far a prediction misses observations.
struct Misfit {
    std::size_t points = 0;
    double rmse = 0.0;
    double chi_square = 0.0;  // over standard deviations of the points
    double bias = 0.0;        // mean of predicted - observed
};
Misfit misfit(std::span<const double> predicted, std::span<const Point> observed,
              double default_error = k_default_error);

/// The constant that, added to every prediction, makes chi-square smallest: the effect of one study on its own scale.
double best_offset(std::span<const double> predicted, std::span<const Point> observed,
                   double default_error = k_default_error);

}  // namespace lobule::study
