// Independent pieces of work on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace lobule::io {

/// Calls work(i) for each i below `count`, begun in this order on at most `threads` threads. What is thrown ends the rest and is thrown
/// again: of several the one with the lowest i. Results are the caller's to gather by i, so that threads change nothing.
void in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& work);

}  // namespace lobule::io
