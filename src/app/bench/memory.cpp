#include "memory.hpp"

#include <omp.h>

#include <array>

#include "groups.hpp"
#include "kernels.hpp"

namespace lobule::app::speed {

namespace {

constexpr std::size_t k_megabyte = 1'000'000;

}  // namespace

Memory::Memory(std::size_t doubles, int threads)
    : threads_(threads),
      size_(doubles / static_cast<std::size_t>(threads) * static_cast<std::size_t>(threads)),
      from_(std::make_unique_for_overwrite<double[]>(size_)),
      to_(std::make_unique_for_overwrite<double[]>(size_)) {
    const std::size_t part = size_ / static_cast<std::size_t>(threads_);
#pragma omp parallel num_threads(threads_)
    {
        const std::size_t begin = part * static_cast<std::size_t>(omp_get_thread_num());
        for (std::size_t i = begin; i < begin + part; ++i) from_[i] = to_[i] = 1.0;
    }
}

void Memory::pass(Traffic traffic) {
    const std::size_t part = size_ / static_cast<std::size_t>(threads_);
#pragma omp parallel num_threads(threads_)
    {
        const std::size_t begin = part * static_cast<std::size_t>(omp_get_thread_num());
        switch (traffic) {
            case Traffic::read: pass_read(part, &from_[begin]); break;
            case Traffic::in_place: pass_in_place(part, &from_[begin]); break;
            case Traffic::copy: pass_copy(part, &from_[begin], &to_[begin]); break;
        }
    }
}

double Memory::bytes(Traffic traffic) const {
    return static_cast<double>(size_ * sizeof(double)) * (traffic == Traffic::read ? 1.0 : 2.0);
}

Timing bandwidth(Traffic traffic, std::size_t bytes, int threads, const Effort& effort) {
    Memory memory(bytes / sizeof(double), threads);
    const Kernel kernel{[&] { memory.pass(traffic); }, memory.bytes(traffic)};
    return time_kernels({&kernel, 1}, effort).front().rate();
}

Peaks peaks(const Effort& effort) {
    const std::array<Kernel, 5> kernels{{{peak_add, k_peak_results},
                                         {peak_mul, k_peak_results},
                                         {peak_both, k_peak_results},
                                         {peak_sqrt, k_peak_results},
                                         {peak_div, k_peak_results}}};
    const std::vector<Timing> t = time_kernels(kernels, effort);
    return {t[0], t[1], t[2], t[3], t[4]};
}

Results machine_limits(const Request& request) {
    Results results;
    const auto add = [&](std::string name, std::size_t size, int threads, const char* unit, const Timing& timing) {
        Row row;
        row.group = "machine";
        row.name = std::move(name);
        row.size = size;
        row.threads = threads;
        row.unit = unit;
        row.timing = timing;
        row.more_is_better = true;
        results.rows.push_back(std::move(row));
    };
    const Peaks p = peaks(request.effort);
    const auto peak = [&](const char* name, const Timing& timing) {
        if (request.wanted(name)) add(name, 0, 1, "1e9/s", timing.rate());
    };
    peak("add", p.add);
    peak("mul", p.mul);
    peak("add_and_mul", p.both);
    peak("sqrt", p.sqrt);
    peak("div", p.div);
    for (const std::size_t megabytes : {8, 80, 400}) {
        if (megabytes == 400 && request.quick) continue;
        for (const auto& [name, traffic] : {std::pair("read", Traffic::read), std::pair("in_place", Traffic::in_place),
                                            std::pair("copy", Traffic::copy)})
            for (const int threads : thread_counts())
                if (request.wanted(name))
                    add(name, megabytes * k_megabyte, threads, "GB/s",
                        bandwidth(traffic, megabytes * k_megabyte, threads, coarse(request.effort)));
    }
    return results;
}

}  // namespace lobule::app::speed
