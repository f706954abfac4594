// Deterministic elementary functions: bit-identical on every x86-64 CPU (the C library's change with FMA).
// SLEEF's `cinz` functions (1 ULP, no FMA). The array forms give the same bits as the scalar ones for any length.
#pragma once

#include <cstddef>

namespace lobule::math {

double exp(double x);
double ln(double x);
double log10(double x);
double pow(double x, double y);
double tanh(double x);
double sin(double x);
double cos(double x);

/// x^n by repeated squaring in a fixed order; n may be negative.
double pow_int(double x, int n);

/// Which vectors the array forms use: the bits are the same. `wide` needs AVX2 and must not be asked for without.
enum class Vectors : bool { narrow, wide };
/// The widest that this CPU has, unless they were limited.
Vectors vectors();
/// From now on narrow ones alone, to compare: for a program's first lines, before it has threads.
void limit_vectors();

void exp(const double* x, double* out, std::size_t n, Vectors with = vectors());
void ln(const double* x, double* out, std::size_t n, Vectors with = vectors());
void log10(const double* x, double* out, std::size_t n, Vectors with = vectors());
void pow(const double* x, const double* y, double* out, std::size_t n, Vectors with = vectors());
void tanh(const double* x, double* out, std::size_t n, Vectors with = vectors());

}  // namespace lobule::math
