#include "colour_scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lobule::io::report {

namespace {

using Lab = std::array<double, 3>;

// Ends of one lightness and as much chroma as sRGB holds there for both hues.
constexpr Lab k_pale{0.965, 0.0, 0.0};
constexpr Lab k_blue{0.50, -0.0297, -0.1161};
constexpr Lab k_orange{0.50, 0.066, 0.100};

int byte_of(double linear) {
    const double c = std::clamp(linear, 0.0, 1.0);
    const double encoded = c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1.0 / 2.4) - 0.055;
    return static_cast<int>(std::lround(255.0 * encoded));
}

}  // namespace

Lab diverging_lab(double t) {
    const double size = std::min(1.0, std::abs(t));
    const Lab& end = t < 0.0 ? k_orange : k_blue;
    Lab out{};
    for (std::size_t i = 0; i < 3; ++i) out[i] = k_pale[i] + size * (end[i] - k_pale[i]);
    return out;
}

std::array<double, 3> diverging_rgb(double t) {
    const auto [lightness, a, b] = diverging_lab(t);
    const auto cube = [](double v) { return v * v * v; };
    const double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b),
                 m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b),
                 s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
    return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

std::string diverging(double t) {
    const auto rgb = diverging_rgb(t);
    return fmt::format("#{:02x}{:02x}{:02x}", byte_of(rgb[0]), byte_of(rgb[1]), byte_of(rgb[2]));
}

bool is_dark(double t) { return diverging_lab(t)[0] < 0.72; }

}  // namespace lobule::io::report
