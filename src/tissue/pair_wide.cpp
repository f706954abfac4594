// The kernels for CPUs with AVX2: four doubles in a vector. Only what stands below the pragma is compiled for such a
// CPU, so that no inline function of a header is.
#include <immintrin.h>

#include "pair_kernels.hpp"

#ifndef __clang__  // clang-tidy reads this file too and does not know it
#pragma GCC target("avx2")
#endif

namespace lobule::wide_pairs {
namespace {

struct Four {
    __m256d v;
};
inline Four all(double v) { return {_mm256_set1_pd(v)}; }
inline Four load(const double* p) { return {_mm256_loadu_pd(p)}; }
inline Four gather(const double* p, const std::int32_t* at) {
    return {_mm256_set_pd(p[at[3]], p[at[2]], p[at[1]], p[at[0]])};
}
inline Four operator+(Four u, Four v) { return {_mm256_add_pd(u.v, v.v)}; }
inline Four operator-(Four u, Four v) { return {_mm256_sub_pd(u.v, v.v)}; }
inline Four operator*(Four u, Four v) { return {_mm256_mul_pd(u.v, v.v)}; }
inline Four operator/(Four u, Four v) { return {_mm256_div_pd(u.v, v.v)}; }
inline Four operator&(Four u, Four v) { return {_mm256_and_pd(u.v, v.v)}; }
inline Four operator<(Four u, Four v) { return {_mm256_cmp_pd(u.v, v.v, _CMP_LT_OQ)}; }
inline Four choose(Four where, Four u, Four v) { return {_mm256_blendv_pd(v.v, u.v, where.v)}; }
inline Four root(Four u) { return {_mm256_sqrt_pd(u.v)}; }
inline Four largest(Four u, Four v) { return {_mm256_max_pd(u.v, v.v)}; }
/// (u0 + u1) + (u2 + u3), and the same of v.
inline void sums(Four u, Four v, double* of_u, double* of_v) {
    const __m256d pairs = _mm256_hadd_pd(u.v, v.v);
    const __m128d both = _mm_add_pd(_mm256_castpd256_pd128(pairs), _mm256_extractf128_pd(pairs, 1));
    _mm_storel_pd(of_u, both);
    _mm_storeh_pd(of_v, both);
}
inline void store_floats(float* p, Four v) { _mm_storeu_ps(p, _mm256_cvtpd_ps(v.v)); }

struct Eight {
    __m256 v;
};
inline Eight all(float v) { return {_mm256_set1_ps(v)}; }
inline Eight load(const float* p) { return {_mm256_loadu_ps(p)}; }
inline Eight operator+(Eight u, Eight v) { return {_mm256_add_ps(u.v, v.v)}; }
inline Eight operator-(Eight u, Eight v) { return {_mm256_sub_ps(u.v, v.v)}; }
inline Eight operator*(Eight u, Eight v) { return {_mm256_mul_ps(u.v, v.v)}; }
inline unsigned int less(Eight u, Eight v) {
    return static_cast<unsigned int>(_mm256_movemask_ps(_mm256_cmp_ps(u.v, v.v, _CMP_LT_OQ)));
}

}  // namespace
}  // namespace lobule::wide_pairs

#define LOBULE_NAMESPACE wide_pairs
#include "pair_kernels.inl"
