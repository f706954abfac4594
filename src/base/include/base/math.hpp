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

void exp(const double* x, double* out, std::size_t n);
void ln(const double* x, double* out, std::size_t n);
void log10(const double* x, double* out, std::size_t n);
void pow(const double* x, const double* y, double* out, std::size_t n);
void tanh(const double* x, double* out, std::size_t n);

}  // namespace lobule::math
