#include "base/math.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace lobule {
namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t k_million = 1'000'000;

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

// Distance in representable numbers, for finite values of one sign.
double ulps(double a, double b) {
    return std::abs(static_cast<double>(std::bit_cast<std::int64_t>(a) - std::bit_cast<std::int64_t>(b)));
}

// A million numbers in (low, high) and the special ones.
std::vector<double> numbers(double low, double high) {
    std::vector<double> x{0.0,    -0.0,   1.0,  -1.0, k_infinity, -k_infinity, std::nan(""), 1e308,
                          1e-308, 5e-324, -0.5, 2.0,  -5e-324,    709.8,       -745.2,       1e-20};
    for (std::uint64_t i = x.size(); i < k_million; ++i)
        x.push_back(low + (high - low) * random_uniform({.seed = 1, .index = i}));
    return x;
}

using Scalar = double (*)(double);
using Array = void (*)(const double*, double*, std::size_t, math::Vectors);

// Narrow vectors on every CPU, wide ones where it has them.
std::vector<math::Vectors> widths() {
    std::vector<math::Vectors> both{math::Vectors::narrow};
    if (math::vectors() == math::Vectors::wide) both.push_back(math::Vectors::wide);
    return both;
}

// The vector forms and the scalar form of SLEEF are different functions of the library: this test is why they may be
// mixed.
void expect_equal_forms(Scalar scalar, Array function, double low, double high, math::Vectors with) {
    const auto array = [&](const double* from, double* to, std::size_t n) { function(from, to, n, with); };
    const std::vector<double> x = numbers(low, high);
    std::vector<double> y(x.size());
    array(x.data(), y.data(), x.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        different += !same_bits(scalar(x[i]), y[i]) && !(std::isnan(scalar(x[i])) && std::isnan(y[i]));
    EXPECT_EQ(different, 0U);
    // A shifted array pairs each number with another neighbour.
    std::vector<double> z(x.size() - 1);
    array(x.data() + 1, z.data(), z.size());
    for (std::size_t i = 0; i < z.size(); ++i) different += std::memcmp(&z[i], &y[i + 1], sizeof(double)) != 0;
    EXPECT_EQ(different, 0U);
}

TEST(Math, ArrayFormsHaveTheBitsOfTheScalarForms) {
    for (const math::Vectors with : widths()) {
        expect_equal_forms(math::exp, math::exp, -750.0, 715.0, with);
        expect_equal_forms(math::ln, math::ln, 0.0, 1e3, with);
        expect_equal_forms(math::log10, math::log10, 0.0, 1e3, with);
        expect_equal_forms(math::tanh, math::tanh, -25.0, 25.0, with);
    }
}

TEST(Math, ArrayPowHasTheBitsOfTheScalarPow) {
    const std::vector<double> special = numbers(0.0, 1.0);
    std::vector<double> base = numbers(0.0, 100.0), y = numbers(-20.0, 20.0), z(base.size());
    // Every special number to the power of every other one.
    constexpr std::size_t specials = 16;
    for (std::size_t i = 0; i < specials * specials; ++i) {
        base[i] = special[i / specials];
        y[i] = special[i % specials];
    }
    for (const math::Vectors with : widths()) {
        math::pow(base.data(), y.data(), z.data(), z.size(), with);
        std::size_t different = 0;
        for (std::size_t i = 0; i < z.size(); ++i) {
            const double expected = math::pow(base[i], y[i]);
            different += !same_bits(expected, z[i]) && !(std::isnan(expected) && std::isnan(z[i]));
        }
        EXPECT_EQ(different, 0U);
    }
}

TEST(Math, AgreesWithTheCLibrary) {
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        const double u = random_uniform({.seed = 2, .index = i}), x = 40.0 * u - 20.0;
        EXPECT_LE(ulps(math::exp(x), std::exp(x)), 2.0) << x;
        EXPECT_LE(ulps(math::ln(u), std::log(u)), 2.0) << u;
        EXPECT_LE(ulps(math::log10(u), std::log10(u)), 2.0) << u;
        EXPECT_LE(ulps(math::tanh(x), std::tanh(x)), 2.0) << x;
        EXPECT_LE(ulps(math::pow(u, x), static_cast<double>(powl(u, x))), 2.0) << u << ' ' << x;
        EXPECT_NEAR(math::sin(x), std::sin(x), 1e-15) << x;
        EXPECT_NEAR(math::cos(x), std::cos(x), 1e-15) << x;
    }
}

// CVODE calls the C library's pow: src/base/libm_override.cpp puts ours in its place in every program.
TEST(Math, PowOfTheCLibraryIsOurs) {
    double (*volatile c_pow)(double, double) = ::pow;  // not folded by the compiler
    std::size_t different = 0;
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        const double x = 10.0 * random_uniform({.seed = 3, .index = i}),
                     y = 10.0 * random_uniform({.seed = 4, .index = i});
        different += !same_bits(c_pow(x, y), math::pow(x, y));
    }
    EXPECT_EQ(different, 0U);
}

TEST(Math, KnownBits) {  // change only if every result of the program may change
    EXPECT_TRUE(same_bits(math::exp(1.0), 0x1.5bf0a8b14576ap+1)) << std::hexfloat << math::exp(1.0);
    EXPECT_TRUE(same_bits(math::ln(2.0), 0x1.62e42fefa39efp-1)) << std::hexfloat << math::ln(2.0);
    EXPECT_TRUE(same_bits(math::pow(2.0, 0.5), 0x1.6a09e667f3bcdp+0)) << std::hexfloat << math::pow(2.0, 0.5);
}

TEST(Math, SpecialValues) {
    EXPECT_EQ(math::exp(-k_infinity), 0.0);
    EXPECT_EQ(math::ln(0.0), -k_infinity);
    EXPECT_TRUE(std::isnan(math::ln(-1.0)));
    EXPECT_EQ(math::pow(0.0, 0.0), 1.0);
    EXPECT_EQ(math::pow(0.0, 2.5), 0.0);
    EXPECT_TRUE(std::isnan(math::pow(-1.0, 0.5)));
    EXPECT_EQ(math::tanh(k_infinity), 1.0);
}

TEST(Math, PowInt) {
    EXPECT_EQ(math::pow_int(3.0, 0), 1.0);
    EXPECT_EQ(math::pow_int(3.0, 5), 243.0);
    EXPECT_EQ(math::pow_int(-2.0, 3), -8.0);
    EXPECT_EQ(math::pow_int(2.0, -3), 0.125);
    EXPECT_EQ(math::pow_int(0.0, -1), k_infinity);
    EXPECT_EQ(math::pow_int(0.0, 0), 1.0);
    EXPECT_EQ(math::pow_int(1.0, std::numeric_limits<int>::min()), 1.0);
    EXPECT_EQ(math::pow_int(2.0, std::numeric_limits<int>::max()), k_infinity);
}

TEST(Math, EmptyArrays) {
    math::exp(nullptr, nullptr, 0);
    math::pow(nullptr, nullptr, nullptr, 0);
}

}  // namespace
}  // namespace lobule
