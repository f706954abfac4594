#include "math_wide.hpp"

#include <immintrin.h>

// Only what stands below is compiled for a CPU with AVX2, so that no inline function of a header is.
#ifndef __clang__  // clang-tidy reads this file too and does not know it
#pragma GCC target("avx2")
#endif

// sleef.h shows these only to a file that is compiled for AVX as a whole. They are SLEEF's deterministic functions (see
// math.cpp), without FMA too: the bits of the narrow and of the scalar form (tests/unit/base/math_test.cpp).
extern "C" {  // NOLINTBEGIN(readability-identifier-naming)
__m256d Sleef_cinz_expd4_u10avx(__m256d);
__m256d Sleef_cinz_logd4_u10avx(__m256d);
__m256d Sleef_cinz_log10d4_u10avx(__m256d);
__m256d Sleef_cinz_tanhd4_u10avx(__m256d);
__m256d Sleef_cinz_powd4_u10avx(__m256d, __m256d);
}  // NOLINTEND(readability-identifier-naming)

namespace lobule::math::wide {
namespace {

template <auto function>
std::size_t map(const double* x, double* out, std::size_t n) {
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4) _mm256_storeu_pd(out + i, function(_mm256_loadu_pd(x + i)));
    return i;
}

}  // namespace

std::size_t exp(const double* x, double* out, std::size_t n) { return map<Sleef_cinz_expd4_u10avx>(x, out, n); }
std::size_t ln(const double* x, double* out, std::size_t n) { return map<Sleef_cinz_logd4_u10avx>(x, out, n); }
std::size_t log10(const double* x, double* out, std::size_t n) { return map<Sleef_cinz_log10d4_u10avx>(x, out, n); }
std::size_t tanh(const double* x, double* out, std::size_t n) { return map<Sleef_cinz_tanhd4_u10avx>(x, out, n); }

std::size_t pow(const double* x, const double* y, double* out, std::size_t n) {
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4)
        _mm256_storeu_pd(out + i, Sleef_cinz_powd4_u10avx(_mm256_loadu_pd(x + i), _mm256_loadu_pd(y + i)));
    return i;
}

}  // namespace lobule::math::wide
