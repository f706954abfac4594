// Work in numbered blocks over threads. What a block does must not depend on who does it: the caller sums in block order.
#pragma once

#include <cstddef>
#include <exception>

namespace lobule {

/// run(block) for 0 ... count - 1. Of several exceptions that of the lowest block is thrown again.
template <class Run>
void for_blocks(std::size_t count, int threads, const Run& run) {
    if (threads <= 1 || count <= 1) {
        for (std::size_t block = 0; block < count; ++block) run(block);
        return;
    }
    std::exception_ptr error;
    std::size_t at = count;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (std::size_t block = 0; block < count; ++block) {
        try {
            run(block);
        } catch (...) {
#pragma omp critical(lobule_for_blocks)
            if (block < at) {
                at = block;
                error = std::current_exception();
            }
        }
    }
    if (error) std::rethrow_exception(error);
}

}  // namespace lobule
