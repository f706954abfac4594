#include "study/band.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "study/difference.hpp"

namespace lobule::study {

double quantile(std::span<const double> sorted, double p) {
    LOBULE_ASSERT(!sorted.empty() && p >= 0.0 && p <= 1.0, sorted.size(), p);
    const double place = p * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(place));
    if (below + 1 >= sorted.size()) return sorted.back();
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

Spread spread(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return {quantile(values, 0.5 * (1.0 - share)), quantile(values, 0.5), quantile(values, 0.5 * (1.0 + share))};
}

CurveBand curve_band(std::span<const Curve> curves, double share) {
    CurveBand out;
    const std::vector<Curve> rows = on_common_times(curves);
    if (rows.empty()) return out;
    out.times = rows.front().times;
    std::vector<double> values(rows.size());
    for (std::size_t i = 0; i < out.times.size(); ++i) {
        for (std::size_t r = 0; r < rows.size(); ++r) values[r] = rows[r].values[i];
        const Spread here = spread(values, share);
        out.low.push_back(here.low);
        out.median.push_back(here.median);
        out.high.push_back(here.high);
    }
    return out;
}

}  // namespace lobule::study
