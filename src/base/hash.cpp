#include "base/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <new>

namespace lobule {

// The state wants 64-byte alignment, which `new` respects for over-aligned types.
struct Hasher::Impl {
    XXH3_state_t state;
};

Hasher::Hasher() : impl_(std::make_unique<Impl>()) { XXH3_128bits_reset(&impl_->state); }
Hasher::~Hasher() = default;

void Hasher::add(std::span<const double> values) {
    std::array<double, 128> block;
    while (!values.empty()) {
        const std::size_t count = std::min(values.size(), block.size());
        for (std::size_t i = 0; i < count; ++i) block[i] = values[i] + 0.0;  // -0.0 + 0.0 is 0.0
        XXH3_128bits_update(&impl_->state, block.data(), count * sizeof(double));
        values = values.subspan(count);
    }
}

void Hasher::add(double value) { add(std::span(&value, 1)); }

void Hasher::add(std::uint64_t value) { XXH3_128bits_update(&impl_->state, &value, sizeof value); }

void Hasher::add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    XXH3_128bits_update(&impl_->state, text.data(), text.size());
}

std::string Hasher::hex() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(&impl_->state);
    std::string text;
    for (const std::uint64_t word : {hash.high64, hash.low64})
        for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15U];
    return text;
}

}  // namespace lobule
