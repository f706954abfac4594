// Bounded parameters as a unit cube, and points spread over it: what fits and sensitivity analyses share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lobule::study {

enum class Scale : std::uint8_t { linear, logarithmic };
/// Logarithmic where the bounds are a factor of 10 or more apart and above 0: rates and fractions over a decade.
Scale usual_scale(double low, double high);

/// A parameter that may lie anywhere between two bounds, low < high; both above 0 where the scale is logarithmic.
struct Bounded {
    std::string name;
    double low = 0.0, high = 1.0;
    Scale scale = Scale::linear;

    double from_unit(double u) const;  // 0 is low, 1 is high, exactly
    double to_unit(double value) const;
};
std::vector<double> from_unit(std::span<const Bounded> box, std::span<const double> unit);
std::vector<double> to_unit(std::span<const Bounded> box, std::span<const double> values);

/// `count` points of the unit cube, one in each of `count` equal slices of every dimension (McKay, Beckman, Conover, Technometrics 21
/// (1979) 239). A function of seed and stream alone.
std::vector<std::vector<double>> latin_hypercube(std::size_t count, std::size_t dimensions, std::uint64_t seed,
                                                 std::uint64_t stream);

/// A whole number below `size`, drawn at an address of this stream.
std::size_t draw_below(std::size_t size, std::uint64_t seed, std::uint64_t stream, std::uint64_t entity,
                       std::uint64_t index);

}  // namespace lobule::study
