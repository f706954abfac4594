// What a rate law's operations are measured against: plain loops over the same arrays, and the units of the CPU alone.
#pragma once

#include <cstddef>

namespace lobule::app::speed {

/// One pass over n lanes, as written by hand: out[i] = f(a[i], b[i], c[i]). Compiled for any x86-64 CPU, with vectors.
using Loop = void (*)(std::size_t n, double* out, const double* a, const double* b, const double* c);

/// The loop of a class of operation by its name in the table; null when there is none.
Loop reference_loop(const char* name);

/// Throughput without memory: this many results from independent chains in registers, at the widest vectors used.
inline constexpr double k_peak_results = 8.0 * 4.0 * 256.0;
void peak_add();
void peak_mul();
void peak_both();  // as many sums as products

void peak_div();
void peak_sqrt();

/// One pass over n doubles with the widest vectors used.
void pass_read(std::size_t n, const double* from);
void pass_in_place(std::size_t n, double* values);
void pass_copy(std::size_t n, const double* from, double* to);

}  // namespace lobule::app::speed
