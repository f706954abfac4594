#include "vector.hpp"

#include <array>
#include <cmath>

namespace lobule::vector {

namespace {

constexpr std::size_t k_block = 8;

/// z[i] = f(i). Whole blocks go through a buffer, since z may be one of the operands.
template <class F>
void map(double* z, std::size_t n, F f) {
    std::size_t i = 0;
    for (; i + k_block <= n; i += k_block) {
        std::array<double, k_block> block;
        for (std::size_t j = 0; j < k_block; ++j) block[j] = f(i + j);
        for (std::size_t j = 0; j < k_block; ++j) z[i + j] = block[j];
    }
    for (; i < n; ++i) z[i] = f(i);
}

}  // namespace

void linear_sum(double a, const double* x, double b, const double* y, double* z, std::size_t n) {
    map(z, n, [=](std::size_t i) { return a * x[i] + b * y[i]; });
}

void scale(double c, const double* x, double* z, std::size_t n) {
    map(z, n, [=](std::size_t i) { return c * x[i]; });
}

double weighted_norm(const double* x, const double* w, std::size_t n) {
    std::array<double, k_block> sums{};
    std::size_t i = 0;
    for (; i + k_block <= n; i += k_block)
        for (std::size_t j = 0; j < k_block; ++j) sums[j] += x[i + j] * w[i + j] * (x[i + j] * w[i + j]);
    double sum = 0.0;
    for (const double s : sums) sum += s;
    for (; i < n; ++i) sum += x[i] * w[i] * (x[i] * w[i]);
    return std::sqrt(sum / static_cast<double>(n));
}

}  // namespace lobule::vector
