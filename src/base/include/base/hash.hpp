// A 128-bit content hash (XXH3) of exact bits, for State, models and files. Not cryptographic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace lobule {

class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    void add(std::span<const double> values);  // -0.0 counts as 0.0
    void add(double value);
    void add(std::uint64_t value);
    void add(std::string_view text);  // length included
    /// 32 hexadecimal digits.
    std::string hex() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace lobule
