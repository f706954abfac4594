// The kernels for every x86-64 CPU: two doubles in a vector.
#include <emmintrin.h>

#include "pair_kernels.hpp"

namespace lobule::narrow_pairs {
namespace {

struct Four {
    __m128d a, b;
};
inline Four all(double v) { return {_mm_set1_pd(v), _mm_set1_pd(v)}; }
inline Four load(const double* p) { return {_mm_loadu_pd(p), _mm_loadu_pd(p + 2)}; }
inline Four gather(const double* p, const std::int32_t* at) {
    return {_mm_set_pd(p[at[1]], p[at[0]]), _mm_set_pd(p[at[3]], p[at[2]])};
}
inline Four operator+(Four u, Four v) { return {_mm_add_pd(u.a, v.a), _mm_add_pd(u.b, v.b)}; }
inline Four operator-(Four u, Four v) { return {_mm_sub_pd(u.a, v.a), _mm_sub_pd(u.b, v.b)}; }
inline Four operator*(Four u, Four v) { return {_mm_mul_pd(u.a, v.a), _mm_mul_pd(u.b, v.b)}; }
inline Four operator/(Four u, Four v) { return {_mm_div_pd(u.a, v.a), _mm_div_pd(u.b, v.b)}; }
inline Four operator&(Four u, Four v) { return {_mm_and_pd(u.a, v.a), _mm_and_pd(u.b, v.b)}; }
inline Four operator<(Four u, Four v) { return {_mm_cmplt_pd(u.a, v.a), _mm_cmplt_pd(u.b, v.b)}; }
inline Four choose(Four where, Four u, Four v) {
    return {_mm_or_pd(_mm_and_pd(where.a, u.a), _mm_andnot_pd(where.a, v.a)),
            _mm_or_pd(_mm_and_pd(where.b, u.b), _mm_andnot_pd(where.b, v.b))};
}
inline Four root(Four u) { return {_mm_sqrt_pd(u.a), _mm_sqrt_pd(u.b)}; }
inline Four largest(Four u, Four v) { return {_mm_max_pd(u.a, v.a), _mm_max_pd(u.b, v.b)}; }
/// (u0 + u1) + (u2 + u3), and the same of v.
inline void sums(Four u, Four v, double* of_u, double* of_v) {
    const __m128d first = _mm_add_pd(_mm_unpacklo_pd(u.a, v.a), _mm_unpackhi_pd(u.a, v.a));
    const __m128d second = _mm_add_pd(_mm_unpacklo_pd(u.b, v.b), _mm_unpackhi_pd(u.b, v.b));
    const __m128d both = _mm_add_pd(first, second);
    _mm_storel_pd(of_u, both);
    _mm_storeh_pd(of_v, both);
}
inline void store_floats(float* p, Four v) { _mm_storeu_ps(p, _mm_movelh_ps(_mm_cvtpd_ps(v.a), _mm_cvtpd_ps(v.b))); }

struct Eight {
    __m128 a, b;
};
inline Eight all(float v) { return {_mm_set1_ps(v), _mm_set1_ps(v)}; }
inline Eight load(const float* p) { return {_mm_loadu_ps(p), _mm_loadu_ps(p + 4)}; }
inline Eight operator+(Eight u, Eight v) { return {_mm_add_ps(u.a, v.a), _mm_add_ps(u.b, v.b)}; }
inline Eight operator-(Eight u, Eight v) { return {_mm_sub_ps(u.a, v.a), _mm_sub_ps(u.b, v.b)}; }
inline Eight operator*(Eight u, Eight v) { return {_mm_mul_ps(u.a, v.a), _mm_mul_ps(u.b, v.b)}; }
inline unsigned int less(Eight u, Eight v) {
    return static_cast<unsigned int>(_mm_movemask_ps(_mm_cmplt_ps(u.a, v.a))) |
           static_cast<unsigned int>(_mm_movemask_ps(_mm_cmplt_ps(u.b, v.b))) << 4U;
}

}  // namespace
}  // namespace lobule::narrow_pairs

#define LOBULE_NAMESPACE narrow_pairs
#include "pair_kernels.inl"
