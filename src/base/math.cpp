#include "base/math.hpp"

#include <emmintrin.h>
#include <sleef.h>

#include "math_wide.hpp"

// SLEEF names its deterministic functions `cinz`: no FMA, and the same operations in the scalar ("purec"), the SSE2 and the
// AVX form, so that a value does not depend on the CPU or on its place in an array. The forms are compared in
// tests/unit/base/math_test.cpp.

namespace lobule::math {
namespace {

template <auto pair, auto scalar>
void map(const double* x, double* out, std::size_t n) {
    std::size_t i = 0;
    for (; i + 2 <= n; i += 2) _mm_storeu_pd(out + i, pair(_mm_loadu_pd(x + i)));
    if (i < n) out[i] = scalar(x[i]);
}

Vectors widest = __builtin_cpu_supports("avx2") != 0 ? Vectors::wide : Vectors::narrow;

}  // namespace

Vectors vectors() { return widest; }
void limit_vectors() { widest = Vectors::narrow; }

double exp(double x) { return Sleef_cinz_expd1_u10purec(x); }
double ln(double x) { return Sleef_cinz_logd1_u10purec(x); }
double log10(double x) { return Sleef_cinz_log10d1_u10purec(x); }
double pow(double x, double y) { return Sleef_cinz_powd1_u10purec(x, y); }
double tanh(double x) { return Sleef_cinz_tanhd1_u10purec(x); }
double sin(double x) { return Sleef_cinz_sind1_u10purec(x); }
double cos(double x) { return Sleef_cinz_cosd1_u10purec(x); }

double pow_int(double x, int n) {
    double result = 1.0;
    unsigned int exponent = n < 0 ? 0U - static_cast<unsigned int>(n) : static_cast<unsigned int>(n);
    for (; exponent != 0; x *= x, exponent >>= 1)
        if (exponent & 1U) result *= x;
    return n < 0 ? 1.0 / result : result;
}

void exp(const double* x, double* out, std::size_t n, Vectors with) {
    const std::size_t done = with == Vectors::wide ? wide::exp(x, out, n) : 0;
    map<Sleef_cinz_expd2_u10sse2, Sleef_cinz_expd1_u10purec>(x + done, out + done, n - done);
}
void ln(const double* x, double* out, std::size_t n, Vectors with) {
    const std::size_t done = with == Vectors::wide ? wide::ln(x, out, n) : 0;
    map<Sleef_cinz_logd2_u10sse2, Sleef_cinz_logd1_u10purec>(x + done, out + done, n - done);
}
void log10(const double* x, double* out, std::size_t n, Vectors with) {
    const std::size_t done = with == Vectors::wide ? wide::log10(x, out, n) : 0;
    map<Sleef_cinz_log10d2_u10sse2, Sleef_cinz_log10d1_u10purec>(x + done, out + done, n - done);
}
void tanh(const double* x, double* out, std::size_t n, Vectors with) {
    const std::size_t done = with == Vectors::wide ? wide::tanh(x, out, n) : 0;
    map<Sleef_cinz_tanhd2_u10sse2, Sleef_cinz_tanhd1_u10purec>(x + done, out + done, n - done);
}

void pow(const double* x, const double* y, double* out, std::size_t n, Vectors with) {
    std::size_t i = with == Vectors::wide ? wide::pow(x, y, out, n) : 0;
    for (; i + 2 <= n; i += 2)
        _mm_storeu_pd(out + i, Sleef_cinz_powd2_u10sse2(_mm_loadu_pd(x + i), _mm_loadu_pd(y + i)));
    if (i < n) out[i] = Sleef_cinz_powd1_u10purec(x[i], y[i]);
}

}  // namespace lobule::math
