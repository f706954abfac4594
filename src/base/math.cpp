#include "base/math.hpp"

#include <emmintrin.h>
#include <sleef.h>

// SLEEF names its deterministic functions `cinz`: no FMA, and the same operations in the scalar ("purec") and the SSE2
// form, so that a value does not depend on the CPU or on its place in an array. Both forms are compared in
// tests/unit/base/math_test.cpp.

namespace lobule::math {
namespace {

template <auto pair, auto scalar>
void map(const double* x, double* out, std::size_t n) {
    std::size_t i = 0;
    for (; i + 2 <= n; i += 2) _mm_storeu_pd(out + i, pair(_mm_loadu_pd(x + i)));
    if (i < n) out[i] = scalar(x[i]);
}

}  // namespace

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

void exp(const double* x, double* out, std::size_t n) {
    map<Sleef_cinz_expd2_u10sse2, Sleef_cinz_expd1_u10purec>(x, out, n);
}
void ln(const double* x, double* out, std::size_t n) {
    map<Sleef_cinz_logd2_u10sse2, Sleef_cinz_logd1_u10purec>(x, out, n);
}
void log10(const double* x, double* out, std::size_t n) {
    map<Sleef_cinz_log10d2_u10sse2, Sleef_cinz_log10d1_u10purec>(x, out, n);
}
void tanh(const double* x, double* out, std::size_t n) {
    map<Sleef_cinz_tanhd2_u10sse2, Sleef_cinz_tanhd1_u10purec>(x, out, n);
}

void pow(const double* x, const double* y, double* out, std::size_t n) {
    std::size_t i = 0;
    for (; i + 2 <= n; i += 2)
        _mm_storeu_pd(out + i, Sleef_cinz_powd2_u10sse2(_mm_loadu_pd(x + i), _mm_loadu_pd(y + i)));
    if (i < n) out[i] = Sleef_cinz_powd1_u10purec(x[i], y[i]);
}

}  // namespace lobule::math
