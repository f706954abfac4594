// Curves of several runs set against each other: where they lie apart and by how much, and replicates as one group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "study/comparison.hpp"

namespace lobule::study {

/// The curves on common rows, over the time that all of them have. The times are those of the curve with the fewest
/// samples there, so that only the finer ones are interpolated: equal runs that were sampled at other intervals stay
/// equal. Where any curve jumps there are two rows, before and after. A row in which a value is not finite is left out.
/// Empty curves when no time is common.
std::vector<Curve> on_common_times(std::span<const Curve> curves);

/// How far a curve lies from a first one, over their common time. Signs are other - first.
struct Difference {
    double from = 0.0, to = 0.0;  // [h] the common time
    double largest = 0.0;         // where they are furthest apart
    double largest_at = 0.0;      // [h]
    std::optional<double>
        relative;  // size of `largest` over the largest size of the first curve; none: the first is 0 throughout
    double at_end = 0.0;
    double rms = 0.0;  // weighted by time, exact for straight lines between the rows
};
/// None when the curves have no common time.
std::optional<Difference> difference(const Curve& first, const Curve& other);

/// Replicates of one run: their mean and its spread, row by row. One curve alone is its own mean, with no spread.
struct Ensemble {
    Curve mean;
    std::vector<double> sd;         // of a sample (n - 1)
    std::vector<double> low, high;  // of all curves
    std::size_t size = 0;
    std::optional<double> sd_at(double time) const;  // linear between rows
};
Ensemble ensemble(std::span<const Curve> curves);

/// What tells one run from another.
struct RunIdentity {
    std::string setting;  // everything but the seed
    std::uint64_t seed = 0;
    std::string state_hash;
};
/// Runs that differ in their seed only, and whose seed made a difference, are one group. Groups are in the order of
/// their first runs.
std::vector<std::vector<std::size_t>> replicate_groups(std::span<const RunIdentity> runs);

}  // namespace lobule::study
