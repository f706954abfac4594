// What the memory of the machine and the units of the CPU do at best: the limits of work on arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "app/benchmark.hpp"

namespace lobule::app::speed {

enum class Traffic : std::uint8_t { read, in_place, copy };

/// Arrays to pass over, in as many equal parts as threads, each first touched by its thread.
class Memory {
public:
    Memory(std::size_t doubles, int threads);
    void pass(Traffic traffic);
    /// [bytes] of one pass: 8 N read, 16 N in place, 16 N copied. A line fetched only to be overwritten is not counted.
    double bytes(Traffic traffic) const;

private:
    int threads_;
    std::size_t size_;
    std::unique_ptr<double[]> from_, to_;  // not touched by the one who makes them
};

/// [GB/s] with arrays of that size.
Timing bandwidth(Traffic traffic, std::size_t bytes, int threads, const Effort& effort);

/// [ns] for one double, in registers, one thread.
struct Peaks {
    Timing add, mul, both, sqrt, div;  // both: sums and products side by side
};
Peaks peaks(const Effort& effort);

}  // namespace lobule::app::speed
