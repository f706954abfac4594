#include "study/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "study/box.hpp"

namespace lobule::study {

namespace {

constexpr std::size_t k_levels = 4;
constexpr double k_jump = 2.0 / 3.0;  // k_levels / (2 (k_levels - 1))

/// The statistic of all rows, and its percentiles over rows drawn again with replacement.
Interval bootstrap(std::size_t rows, std::uint64_t seed, std::uint64_t entity,
                   const std::function<double(std::span<const std::size_t>)>& statistic) {
    std::vector<std::size_t> chosen(rows);
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
    Interval out;
    out.value = statistic(chosen);
    std::vector<double> again(k_bootstrap);
    for (std::size_t b = 0; b < k_bootstrap; ++b) {
        for (std::size_t r = 0; r < rows; ++r)
            chosen[r] = draw_below(rows, seed, stream_id("sensitivity bootstrap"), entity, b * rows + r);
        again[b] = statistic(chosen);
    }
    std::sort(again.begin(), again.end());
    out.low = again[static_cast<std::size_t>(0.025 * static_cast<double>(k_bootstrap))];
    out.high = again[static_cast<std::size_t>(0.975 * static_cast<double>(k_bootstrap)) - 1];
    return out;
}

}  // namespace

std::vector<std::vector<double>> morris_design(std::size_t dimensions, std::size_t trajectories, std::uint64_t seed) {
    std::vector<std::vector<double>> out;
    const std::uint64_t stream = stream_id("morris design");
    for (std::size_t t = 0; t < trajectories; ++t) {
        std::vector<double> point(dimensions);
        std::vector<double> step(dimensions);
        std::vector<std::size_t> order(dimensions);
        std::iota(order.begin(), order.end(), std::size_t{0});
        for (std::size_t d = 0; d < dimensions; ++d) {
            // The lower half of the grid may only rise by the jump, the upper half only fall.
            const std::size_t level = draw_below(k_levels, seed, stream, t, 2 * d);
            point[d] = static_cast<double>(level) / static_cast<double>(k_levels - 1);
            step[d] = level < k_levels / 2 ? k_jump : -k_jump;
        }
        for (std::size_t d = dimensions; d-- > 1;)
            std::swap(order[d], order[draw_below(d + 1, seed, stream, t, 2 * d + 1)]);
        out.push_back(point);
        for (const std::size_t d : order) {
            point[d] = std::clamp(point[d] + step[d], 0.0, 1.0);
            out.push_back(point);
        }
    }
    return out;
}

std::vector<MorrisIndex> morris_indices(const std::vector<std::vector<double>>& design, std::span<const double> outputs,
                                        std::size_t dimensions, std::uint64_t seed) {
    LOBULE_ASSERT(design.size() == outputs.size(), design.size(), outputs.size());
    std::vector<std::vector<double>> effects(dimensions);
    for (std::size_t i = 0; i + 1 < design.size(); ++i) {
        if ((i + 1) % (dimensions + 1) == 0) continue;  // the next trajectory
        if (!std::isfinite(outputs[i]) || !std::isfinite(outputs[i + 1])) continue;
        for (std::size_t d = 0; d < dimensions; ++d) {
            const double moved = design[i + 1][d] - design[i][d];
            if (moved != 0.0) effects[d].push_back((outputs[i + 1] - outputs[i]) / moved);
        }
    }
    std::vector<MorrisIndex> out(dimensions);
    for (std::size_t d = 0; d < dimensions; ++d) {
        const std::vector<double>& e = effects[d];
        out[d].effects = e.size();
        if (e.empty()) continue;
        out[d].mu_star = bootstrap(e.size(), seed, d, [&](std::span<const std::size_t> chosen) {
            double sum = 0.0;
            for (const std::size_t r : chosen) sum += std::abs(e[r]);
            return sum / static_cast<double>(chosen.size());
        });
        for (const double value : e) out[d].mu += value / static_cast<double>(e.size());
        double squares = 0.0;
        for (const double value : e) squares += (value - out[d].mu) * (value - out[d].mu);
        out[d].sigma = e.size() > 1 ? std::sqrt(squares / static_cast<double>(e.size() - 1)) : 0.0;
    }
    return out;
}

std::vector<std::vector<double>> sobol_design(std::size_t dimensions, std::size_t samples, std::uint64_t seed) {
    const auto both = latin_hypercube(samples, 2 * dimensions, seed, stream_id("sobol design"));
    std::vector<std::vector<double>> out;
    const auto middle = static_cast<std::ptrdiff_t>(dimensions);
    for (const auto& row : both) out.emplace_back(row.begin(), row.begin() + middle);
    for (const auto& row : both) out.emplace_back(row.begin() + middle, row.end());
    for (std::size_t d = 0; d < dimensions; ++d)
        for (std::size_t r = 0; r < samples; ++r) {
            out.push_back(out[r]);
            out.back()[d] = out[samples + r][d];
        }
    return out;
}

std::vector<SobolIndex> sobol_indices(std::span<const double> outputs, std::size_t dimensions, std::uint64_t seed) {
    const std::size_t samples = outputs.size() / (dimensions + 2);
    LOBULE_ASSERT(samples * (dimensions + 2) == outputs.size(), outputs.size(), dimensions);
    std::vector<std::size_t> rows;
    for (std::size_t r = 0; r < samples; ++r) {
        bool sound = true;
        for (std::size_t k = 0; k < dimensions + 2; ++k) sound = sound && std::isfinite(outputs[k * samples + r]);
        if (sound) rows.push_back(r);
    }
    std::vector<SobolIndex> out(dimensions);
    if (rows.size() < 2) return out;
    const auto a = [&](std::size_t r) { return outputs[rows[r]]; };
    const auto b = [&](std::size_t r) { return outputs[samples + rows[r]]; };
    const auto variance = [&](std::span<const std::size_t> chosen) {
        double mean = 0.0, squares = 0.0;
        const double count = 2.0 * static_cast<double>(chosen.size());
        for (const std::size_t r : chosen) mean += (a(r) + b(r)) / count;
        for (const std::size_t r : chosen)
            squares += ((a(r) - mean) * (a(r) - mean) + (b(r) - mean) * (b(r) - mean)) / count;
        return squares;
    };
    // Centred: the same estimate with less scatter where the mean is far from 0.
    double centre = 0.0;
    for (std::size_t r = 0; r < rows.size(); ++r) centre += (a(r) + b(r)) / (2.0 * static_cast<double>(rows.size()));
    for (std::size_t d = 0; d < dimensions; ++d) {
        const auto ab = [&](std::size_t r) { return outputs[(d + 2) * samples + rows[r]]; };
        out[d].rows = rows.size();
        out[d].first = bootstrap(rows.size(), seed, 2 * d, [&](std::span<const std::size_t> chosen) {
            double sum = 0.0;
            for (const std::size_t r : chosen) sum += (b(r) - centre) * (ab(r) - a(r));
            const double v = variance(chosen);
            return v > 0.0 ? sum / static_cast<double>(chosen.size()) / v : 0.0;
        });
        out[d].total = bootstrap(rows.size(), seed, 2 * d + 1, [&](std::span<const std::size_t> chosen) {
            double sum = 0.0;
            for (const std::size_t r : chosen) sum += (a(r) - ab(r)) * (a(r) - ab(r));
            const double v = variance(chosen);
            return v > 0.0 ? sum / (2.0 * static_cast<double>(chosen.size())) / v : 0.0;
        });
    }
    return out;
}

}  // namespace lobule::study
