#include "study/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/assert.hpp"

namespace lobule::study {

namespace {

constexpr std::array<std::pair<SpreadKind, std::string_view>, 7> k_kinds{{{SpreadKind::none, "none"},
                                                                          {SpreadKind::sd, "sd"},
                                                                          {SpreadKind::sem, "sem"},
                                                                          {SpreadKind::ci95, "ci95"},
                                                                          {SpreadKind::iqr, "iqr"},
                                                                          {SpreadKind::range, "range"},
                                                                          {SpreadKind::unstated, "unstated"}}};

constexpr std::array<std::pair<Sign, std::string_view>, 3> k_signs{
    {{Sign::less, "less"}, {Sign::same, "same"}, {Sign::more, "more"}}};

double root_n(const Point& point) { return std::sqrt(static_cast<double>(std::max(point.n, 1))); }

/// First time at which `sign * curve` reaches `sign * level`.
std::optional<double> first_crossing(const Curve& curve, double level, double sign) {
    for (std::size_t i = 0; i < curve.times.size(); ++i) {
        const double here = sign * (curve.values[i] - level);
        if (here < 0.0) continue;
        if (i == 0 || here == 0.0) return curve.times[i];
        const double before = sign * (curve.values[i - 1] - level);
        const double share = before / (before - here);
        return curve.times[i - 1] + share * (curve.times[i] - curve.times[i - 1]);
    }
    return std::nullopt;
}

template <class Better>
std::optional<Extreme> extreme(const Curve& curve, Better better) {
    if (curve.times.empty()) return std::nullopt;
    std::size_t best = 0;
    for (std::size_t i = 1; i < curve.values.size(); ++i)
        if (better(curve.values[i], curve.values[best])) best = i;
    return Extreme{curve.times[best], curve.values[best]};
}

}  // namespace

std::string_view to_string(SpreadKind kind) {
    for (const auto& [known, text] : k_kinds)
        if (known == kind) return text;
    return "none";
}

std::optional<SpreadKind> spread_kind(std::string_view text) {
    for (const auto& [kind, known] : k_kinds)
        if (known == text) return kind;
    return std::nullopt;
}

std::string_view to_string(Sign sign) {
    for (const auto& [known, text] : k_signs)
        if (known == sign) return text;
    return "same";
}

std::optional<Sign> sign(std::string_view text) {
    for (const auto& [sign, known] : k_signs)
        if (known == text) return sign;
    return std::nullopt;
}

Sign sign_of(double ratio, double margin) {
    return ratio < 1.0 - margin ? Sign::less : ratio > 1.0 + margin ? Sign::more : Sign::same;
}

double standard_deviation(const Point& point, double default_error) {
    switch (point.kind) {
        case SpreadKind::sd:
        case SpreadKind::unstated: return point.spread;
        case SpreadKind::sem: return point.spread * root_n(point);
        case SpreadKind::ci95: return point.spread / (2.0 * 1.96) * root_n(point);
        case SpreadKind::iqr: return point.spread / 1.349;
        case SpreadKind::range: return point.spread / 4.0;
        case SpreadKind::none: break;
    }
    return default_error * std::abs(point.value);
}

std::optional<double> value_at(const Curve& curve, double time) {
    const auto after = std::upper_bound(curve.times.begin(), curve.times.end(), time);
    if (after == curve.times.begin()) return std::nullopt;
    const auto i = static_cast<std::size_t>(after - curve.times.begin()) - 1;
    if (curve.times[i] == time) return curve.values[i];
    if (after == curve.times.end()) return std::nullopt;
    const double share = (time - curve.times[i]) / (curve.times[i + 1] - curve.times[i]);
    return curve.values[i] + share * (curve.values[i + 1] - curve.values[i]);
}

Curve window(const Curve& curve, double from, double to) {
    Curve out;
    const auto add = [&](double time, double value) {
        out.times.push_back(time);
        out.values.push_back(value);
    };
    if (const auto start = value_at(curve, from); start && from <= to) add(from, *start);
    for (std::size_t i = 0; i < curve.times.size() && curve.times[i] <= to; ++i) {
        if (curve.times[i] <= from) continue;
        add(curve.times[i], curve.values[i]);
        if (curve.times[i] == to) return out;
    }
    if (!out.times.empty() && out.times.back() < to)
        if (const auto end = value_at(curve, to)) add(to, *end);
    return out;
}

std::optional<Extreme> maximum(const Curve& curve) {
    return extreme(curve, [](double a, double b) { return a > b; });
}

std::optional<Extreme> minimum(const Curve& curve) {
    return extreme(curve, [](double a, double b) { return a < b; });
}

std::optional<double> first_above(const Curve& curve, double level) { return first_crossing(curve, level, 1.0); }
std::optional<double> first_below(const Curve& curve, double level) { return first_crossing(curve, level, -1.0); }

double integral(const Curve& curve) {
    double sum = 0.0;
    for (std::size_t i = 1; i < curve.times.size(); ++i)
        sum += 0.5 * (curve.values[i] + curve.values[i - 1]) * (curve.times[i] - curve.times[i - 1]);
    return sum;
}

Misfit misfit(std::span<const double> predicted, std::span<const Point> observed, double default_error) {
    LOBULE_ASSERT(predicted.size() == observed.size(), predicted.size(), observed.size());
    Misfit out;
    out.points = observed.size();
    if (observed.empty()) return out;
    double squares = 0.0;
    for (std::size_t i = 0; i < observed.size(); ++i) {
        const double error = predicted[i] - observed[i].value;
        const double deviation = standard_deviation(observed[i], default_error);
        squares += error * error;
        out.bias += error;
        if (deviation > 0.0) out.chi_square += error * error / (deviation * deviation);
    }
    const auto n = static_cast<double>(observed.size());
    out.rmse = std::sqrt(squares / n);
    out.bias /= n;
    return out;
}

double best_offset(std::span<const double> predicted, std::span<const Point> observed, double default_error) {
    double weighted = 0.0, weights = 0.0;
    for (std::size_t i = 0; i < observed.size(); ++i) {
        const double deviation = standard_deviation(observed[i], default_error);
        if (!(deviation > 0.0)) continue;
        const double weight = 1.0 / (deviation * deviation);
        weighted += weight * (observed[i].value - predicted[i]);
        weights += weight;
    }
    return weights > 0.0 ? weighted / weights : 0.0;
}

}  // namespace lobule::study
