// The groups of `lobule bench`, each in a file of its own.
#pragma once

#include "app/benchmark.hpp"

namespace lobule::app::speed {

Results machine_limits(const Request& request);
Results rate_laws(const Request& request);
Results mechanics(const Request& request);
Results lobule_prism(const Request& request);
Results diffusion(const Request& request);
Results signals(const Request& request);
Results whole_case(const Request& request);

/// 1 and, where there are as many cores, 2.
std::vector<int> thread_counts();
/// Fewer and longer rounds, for work that takes milliseconds.
Effort coarse(const Effort& effort);

}  // namespace lobule::app::speed
