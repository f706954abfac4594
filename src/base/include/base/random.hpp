// Addressed random numbers: a draw is a function of its address and of nothing else (Threefry4x64-20, Random123).
// No generator object exists, so no order of calls, thread or rank can change a draw.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace lobule {

/// Where a number lives. Nothing is mixed into one word: four key and four counter words hold all of it.
struct Address {
    std::uint64_t seed = 0;  // trial or run seed, all 64 bits
    std::uint64_t patient = 0;
    std::uint64_t stream = 0;  // stream_id("name")
    std::uint64_t entity = 0;  // cell, voxel, zone ...
    std::uint64_t step = 0;
    std::uint64_t index = 0;  // the k-th block of numbers at this address
};

/// The id of a named stream: fixed by its name for ever.
constexpr std::uint64_t stream_id(std::string_view name) {
    std::uint64_t h = 14695981039346656037ULL;  // FNV-1a
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return h;
}

std::array<std::uint64_t, 4> random_block(const Address& address);
/// A word as a number on the open interval (0, 1).
inline double uniform_of(std::uint64_t word) { return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52; }
/// Uniform on the open interval (0, 1): the middle of one of 2^52 equal cells, never 0 or 1.
double random_uniform(const Address& address);
/// Standard normal, by the inverse of the normal distribution (Wichura's AS 241, relative error about 1e-15).
double random_normal(const Address& address);

}  // namespace lobule
