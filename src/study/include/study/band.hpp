// What a share of several runs lies between: the band of curves whose inputs were drawn over ranges.
#pragma once

#include <span>
#include <vector>

#include "study/comparison.hpp"

namespace lobule::study {

/// Bounds that hold `share` of the values in the middle, and the value that halves them.
struct Spread {
    double low = 0.0, median = 0.0, high = 0.0;
};

/// The value below which a share `p` of sorted values lies, linear between neighbours (Hyndman and Fan, Am. Stat. 50 (1996) 361,
/// definition 7). At least one value.
double quantile(std::span<const double> sorted, double p);
/// Quantiles (1 - share) / 2, 1/2 and (1 + share) / 2. At least one value; share between 0 and 1.
Spread spread(std::vector<double> values, double share);

/// The same row by row along curves, over the time that all of them have; two rows where any of them jumps.
struct CurveBand {
    std::vector<double> times;  // [h]
    std::vector<double> low, median, high;
};
CurveBand curve_band(std::span<const Curve> curves, double share);

}  // namespace lobule::study
