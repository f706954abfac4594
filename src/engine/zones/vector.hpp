// The vector operations in which CVODE spends most of its time, in blocks that the compiler turns into vector
// instructions. The order of sums is fixed: the same bits on every machine. Private to the engine.
#pragma once

#include <cstddef>

namespace lobule::vector {

/// z = a x + b y; z may be x or y.
void linear_sum(double a, const double* x, double b, const double* y, double* z, std::size_t n);
/// z = c x; z may be x.
void scale(double c, const double* x, double* z, std::size_t n);
/// The root mean square of x w.
double weighted_norm(const double* x, const double* w, std::size_t n);

}  // namespace lobule::vector
