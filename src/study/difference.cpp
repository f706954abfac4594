#include "study/difference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lobule::study {

namespace {

/// The value just before a time, linear between samples: the first row where a time has two.
double value_before(const Curve& curve, double time) {
    const auto at = std::lower_bound(curve.times.begin(), curve.times.end(), time);
    const auto i = static_cast<std::size_t>(at - curve.times.begin());
    if (at != curve.times.end() && *at == time) return curve.values[i];
    return value_at(curve, time).value_or(std::numeric_limits<double>::quiet_NaN());
}

double value_after(const Curve& curve, double time) {
    return value_at(curve, time).value_or(std::numeric_limits<double>::quiet_NaN());
}

bool jumps_at(const Curve& curve, double time) {
    const auto [first, last] = std::equal_range(curve.times.begin(), curve.times.end(), time);
    return last - first > 1;
}

/// Times of the rows within [from, to], each once.
std::vector<double> times_within(const Curve& curve, double from, double to) {
    std::vector<double> out;
    for (const double time : curve.times)
        if (time >= from && time <= to && (out.empty() || out.back() != time)) out.push_back(time);
    return out;
}

std::vector<double> common_times(std::span<const Curve> curves) {
    double from = -std::numeric_limits<double>::infinity(), to = -from;
    for (const Curve& curve : curves) {
        if (curve.times.empty()) return {};
        from = std::max(from, curve.times.front());
        to = std::min(to, curve.times.back());
    }
    if (curves.empty() || from > to) return {};
    std::vector<double> times;
    for (std::size_t i = 0; i < curves.size(); ++i) {
        std::vector<double> own = times_within(curves[i], from, to);
        if (i == 0 || own.size() < times.size()) times = std::move(own);
    }
    times.push_back(from), times.push_back(to);
    for (const Curve& curve : curves)
        for (std::size_t i = 1; i < curve.times.size(); ++i)
            if (curve.times[i] == curve.times[i - 1] && curve.times[i] >= from && curve.times[i] <= to)
                times.push_back(curve.times[i]);
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    return times;
}

double largest_size(const Curve& curve) {
    double size = 0.0;
    for (const double value : curve.values) size = std::max(size, std::abs(value));
    return size;
}

}  // namespace

std::vector<Curve> on_common_times(std::span<const Curve> curves) {
    std::vector<Curve> out(curves.size());
    const auto add = [&](double time, auto read) {
        std::vector<double> row;
        for (const Curve& curve : curves) row.push_back(read(curve, time));
        if (!std::all_of(row.begin(), row.end(), [](double value) { return std::isfinite(value); })) return;
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i].times.push_back(time);
            out[i].values.push_back(row[i]);
        }
    };
    for (const double time : common_times(curves)) {
        if (std::any_of(curves.begin(), curves.end(), [&](const Curve& curve) { return jumps_at(curve, time); }))
            add(time, value_before);
        add(time, value_after);
    }
    return out;
}

std::optional<Difference> difference(const Curve& first, const Curve& other) {
    const std::vector<Curve> pair = on_common_times(std::vector<Curve>{first, other});
    const std::vector<double>& times = pair[0].times;
    if (times.empty()) return std::nullopt;
    Difference out;
    out.from = times.front();
    out.to = times.back();
    out.largest_at = out.from;
    double squares = 0.0, before = 0.0;
    for (std::size_t i = 0; i < times.size(); ++i) {
        const double here = pair[1].values[i] - pair[0].values[i];
        if (std::abs(here) > std::abs(out.largest)) {
            out.largest = here;
            out.largest_at = times[i];
        }
        // The square of a straight line, integrated.
        if (i > 0) squares += (times[i] - times[i - 1]) * (before * before + before * here + here * here) / 3.0;
        before = here;
    }
    out.at_end = before;
    out.rms = out.to > out.from ? std::sqrt(squares / (out.to - out.from)) : std::abs(before);
    if (const double size = largest_size(pair[0]); size > 0.0)
        out.relative = std::abs(out.largest) / size;
    else if (out.largest == 0.0)
        out.relative = 0.0;
    return out;
}

std::optional<double> Ensemble::sd_at(double time) const { return value_at({mean.times, sd}, time); }

Ensemble ensemble(std::span<const Curve> curves) {
    Ensemble out;
    const std::vector<Curve> rows = on_common_times(curves);
    out.size = rows.size();
    if (rows.empty()) return out;
    out.mean.times = rows[0].times;
    const auto n = static_cast<double>(rows.size());
    for (std::size_t i = 0; i < out.mean.times.size(); ++i) {
        double sum = 0.0, squares = 0.0, low = rows[0].values[i], high = low;
        for (const Curve& curve : rows) {
            sum += curve.values[i];
            low = std::min(low, curve.values[i]);
            high = std::max(high, curve.values[i]);
        }
        // Equal values have their own value as the mean, whatever the rounding of the sum.
        const double mean = low == high ? low : sum / n;
        for (const Curve& curve : rows) squares += (curve.values[i] - mean) * (curve.values[i] - mean);
        out.mean.values.push_back(mean);
        out.sd.push_back(rows.size() > 1 ? std::sqrt(squares / (n - 1.0)) : 0.0);
        out.low.push_back(low);
        out.high.push_back(high);
    }
    return out;
}

std::vector<std::vector<std::size_t>> replicate_groups(std::span<const RunIdentity> runs) {
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto joins = [&](const std::vector<std::size_t>& group) {
            return std::all_of(group.begin(), group.end(), [&](std::size_t other) {
                return runs[other].setting == runs[i].setting && runs[other].seed != runs[i].seed &&
                       runs[other].state_hash != runs[i].state_hash;
            });
        };
        const auto group = std::find_if(groups.begin(), groups.end(), joins);
        if (group == groups.end())
            groups.push_back({i});
        else
            group->push_back(i);
    }
    return groups;
}

}  // namespace lobule::study
