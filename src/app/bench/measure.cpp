// The clock of `lobule bench`.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "app/benchmark.hpp"
#include "base/assert.hpp"

namespace lobule::app::speed {

namespace {

double time_calls(const Kernel& kernel, long calls) {  // [ns]
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    for (long i = 0; i < calls; ++i) {
        kernel.run();
        asm volatile("" ::: "memory");  // each call's results count as read
    }
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

/// How many calls fill a batch; finding out warms the caches, the branches and the clock of the CPU.
long calls_for(const Kernel& kernel, double batch) {
    long calls = 1;
    double took = time_calls(kernel, calls);
    while (took < batch / 4) {
        calls *= 2;
        took = time_calls(kernel, calls);
    }
    const double wanted = std::ceil(static_cast<double>(calls) * batch / took);
    return std::max(1L, static_cast<long>(wanted));
}

}  // namespace

std::vector<Timing> time_kernels(std::span<const Kernel> kernels, const Effort& effort) {
    LOBULE_ASSERT(effort.rounds > 0, effort.rounds);
    std::vector<long> calls;
    for (const Kernel& kernel : kernels) calls.push_back(calls_for(kernel, effort.batch));
    std::vector<std::vector<double>> times(kernels.size());
    for (int round = 0; round < effort.rounds; ++round)
        for (std::size_t i = 0; i < kernels.size(); ++i)
            times[i].push_back(time_calls(kernels[i], calls[i]) / (static_cast<double>(calls[i]) * kernels[i].work));
    std::vector<Timing> timings;
    for (std::vector<double>& of_one : times) {
        std::sort(of_one.begin(), of_one.end());
        timings.push_back({of_one.front(), of_one[of_one.size() / 2]});
    }
    return timings;
}

}  // namespace lobule::app::speed
