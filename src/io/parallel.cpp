#include "io/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lobule::io {

void in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
    const std::size_t workers = std::min(count, static_cast<std::size_t>(std::max(1, threads)));
    if (workers <= 1) {
        for (std::size_t i = 0; i < count; ++i) work(i);
        return;
    }
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::size_t failed = count;
    std::exception_ptr thrown;
    const auto take = [&] {
        for (std::size_t i = next++; i < count; i = next++) try {
                work(i);
            } catch (...) {
                // Pieces are begun in order, so those before this one run to their end.
                next = count;
                const std::lock_guard lock(mutex);
                if (i < failed) {
                    failed = i;
                    thrown = std::current_exception();
                }
            }
    };
    {
        std::vector<std::jthread> others;
        for (std::size_t t = 1; t < workers; ++t) others.emplace_back(take);
        take();
    }
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace lobule::io
