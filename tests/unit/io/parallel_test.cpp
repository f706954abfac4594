#include "io/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace lobule::io {
namespace {

TEST(Parallel, EachPieceOnce) {
    for (const int threads : {0, 1, 3, 50}) {
        std::vector<std::atomic<int>> calls(20);
        in_parallel(calls.size(), threads, [&](std::size_t i) { ++calls[i]; });
        for (const auto& count : calls) EXPECT_EQ(count, 1) << threads;
    }
    in_parallel(0, 4, [](std::size_t) { FAIL(); });
}

TEST(Parallel, ThrowsWhatTheFirstPieceThrew) {
    for (const int threads : {1, 4}) {
        std::atomic<int> later{0};
        std::string what;
        try {
            in_parallel(2000, threads, [&](std::size_t i) {
                if (i >= 7 && i < 9) throw std::runtime_error(std::to_string(i));
                if (i > 100) ++later;
            });
        } catch (const std::runtime_error& error) {
            what = error.what();
        }
        EXPECT_EQ(what, "7") << threads;
        EXPECT_LT(later, 1900) << threads;  // the rest is not begun
    }
}

}  // namespace
}  // namespace lobule::io
