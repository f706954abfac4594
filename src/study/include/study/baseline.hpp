// What a curve that knows no biology makes of a series: the number to beat.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "study/comparison.hpp"

namespace lobule::study {

/// y(t) = a + b (1 - exp(-t/u)) + c (t/v) exp(1 - t/v): from a start to a plateau, with a pulse on the way.
struct PlainCurve {
    double start = 0.0, rise = 0.0, pulse = 0.0;  // a, b, c
    double rise_time = 1.0, pulse_time = 1.0;     // [h] u, v
    double at(double time) const;
};

/// The curve of least weighted squares through the points: the best of a fixed grid of times u and v, and then of ever closer ones
/// around it, with a, b and c solved for each. None below six points, which five numbers could not miss.
std::optional<PlainCurve> plain_curve(std::span<const Point> points, double default_error = k_default_error);

/// By point, what the curve through all the others gives there: an honest forecast, as a model that has not seen the point makes.
/// Empty where too few points are left.
std::vector<double> left_out_forecasts(std::span<const Point> points, double default_error = k_default_error);

}  // namespace lobule::study
