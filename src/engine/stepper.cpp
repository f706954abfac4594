#include "stepper.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace lobule {

const std::vector<double>& values_between(double start, const std::vector<double>& before, double end,
                                          const std::vector<double>& after, double time, std::vector<double>& within) {
    const double span = end - start;
    const double share = span > 0.0 ? std::clamp((time - start) / span, 0.0, 1.0) : 1.0;
    if (share == 1.0) return after;
    LOBULE_ASSERT(before.size() == after.size(), before.size(), after.size(), time);
    within.resize(after.size());
    for (std::size_t i = 0; i < after.size(); ++i) within[i] = before[i] + share * (after[i] - before[i]);
    return within;
}

}  // namespace lobule
