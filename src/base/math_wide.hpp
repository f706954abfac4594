// The array functions over vectors of four, for CPUs with AVX2. Each does the whole vectors among n values and returns
// how many values these are. Private to base.
#pragma once

#include <cstddef>

namespace lobule::math::wide {

std::size_t exp(const double* x, double* out, std::size_t n);
std::size_t ln(const double* x, double* out, std::size_t n);
std::size_t log10(const double* x, double* out, std::size_t n);
std::size_t tanh(const double* x, double* out, std::size_t n);
std::size_t pow(const double* x, const double* y, double* out, std::size_t n);

}  // namespace lobule::math::wide
