#include "kernels.hpp"

#include <dlfcn.h>
#include <emmintrin.h>

#include <cmath>
#include <map>
#include <string_view>

// The project's -O2 gives vectors only to loops of a fixed count; a reference is the best the compiler makes of a loop.
#pragma GCC optimize("O3", "no-math-errno", "no-trapping-math")

namespace lobule::app::speed {

namespace {

#define LOBULE_LOOP(name, expression)                                                                        \
    void name(std::size_t n, double* __restrict out, const double* __restrict a, const double* __restrict b, \
              const double* __restrict c) {                                                                  \
        static_cast<void>(b), static_cast<void>(c);                                                          \
        for (std::size_t i = 0; i < n; ++i) out[i] = (expression);                                           \
    }

inline double hill_of(double p) {
    const double bounded = p > 1e300 ? 1e300 : p;
    return bounded / (1.0 + bounded);
}
inline double squared(double x) { return x * x; }
inline double positive(double x) { return x < 0.0 ? 0.0 : x; }

// The program has its own pow (base/libm_override.cpp): the C library's is asked for by name.
using Pow = double (*)(double, double);
Pow library_pow() {
    static const Pow found = reinterpret_cast<Pow>(dlsym(RTLD_NEXT, "pow"));
    return found != nullptr ? found : static_cast<Pow>(std::pow);
}

LOBULE_LOOP(loop_add, a[i] + b[i])
LOBULE_LOOP(loop_sub, a[i] - b[i])
LOBULE_LOOP(loop_mul, a[i] * b[i])
LOBULE_LOOP(loop_div, a[i] / b[i])
LOBULE_LOOP(loop_mul_one, a[i] * b[0])
LOBULE_LOOP(loop_min, b[i] < a[i] ? b[i] : a[i])
LOBULE_LOOP(loop_max, a[i] < b[i] ? b[i] : a[i])
LOBULE_LOOP(loop_abs, std::abs(a[i]))
LOBULE_LOOP(loop_less, a[i] < b[i] ? 1.0 : 0.0)
LOBULE_LOOP(loop_and, (a[i] != 0.0) & (b[i] != 0.0) ? 1.0 : 0.0)
LOBULE_LOOP(loop_select, c[i] != 0.0 ? a[i] : b[i])
LOBULE_LOOP(loop_power_2, squared(a[i]))
LOBULE_LOOP(loop_power_4, squared(squared(a[i])))
LOBULE_LOOP(loop_hill_1, hill_of(a[i] / b[i]))
LOBULE_LOOP(loop_hill_2, hill_of(squared(a[i] / b[i])))
LOBULE_LOOP(loop_hill_4, hill_of(squared(squared(a[i] / b[i]))))
LOBULE_LOOP(loop_hill_real, hill_of(library_pow()(positive(a[i] / b[i]), c[i])))
LOBULE_LOOP(loop_exp, std::exp(a[i]))
LOBULE_LOOP(loop_ln, std::log(a[i]))
LOBULE_LOOP(loop_tanh, std::tanh(a[i]))
LOBULE_LOOP(loop_pow, library_pow()(a[i], b[i]))

// The compiler makes no vectors of a square root that may have to set errno.
void loop_sqrt(std::size_t n, double* out, const double* a, const double*, const double*) {
    std::size_t i = 0;
    for (; i + 2 <= n; i += 2) _mm_storeu_pd(out + i, _mm_sqrt_pd(_mm_loadu_pd(a + i)));
    if (i < n) out[i] = std::sqrt(a[i]);
}

// In registers: no load, no store, no result that waits for another. GCC's vectors of any width compile for every CPU;
// the wide form is taken where the CPU has it. The numbers have no zeros at the end, which some dividers are faster at.
using Narrow [[gnu::vector_size(16)]] = double;
using Wide [[gnu::vector_size(32)]] = double;

#define LOBULE_PEAK(V, operation) LOBULE_PEAK_OF(V, operation, operation)
#define LOBULE_PEAK_OF(V, operation, other)                                            \
    const V x = V{} + 1.2345678912345, y = V{} + 0.9876543298765;                      \
    for (int i = 0; i < 4 * 256 / static_cast<int>(sizeof(V) / sizeof(double)); ++i) { \
        V r0, r1, r2, r3, r4, r5, r6, r7;                                              \
        operation(r0);                                                                 \
        other(r1);                                                                     \
        operation(r2);                                                                 \
        other(r3);                                                                     \
        operation(r4);                                                                 \
        other(r5);                                                                     \
        operation(r6);                                                                 \
        other(r7);                                                                     \
    }

#define LOBULE_MUL(r) asm volatile("movapd %1, %0\n\tmulpd %2, %0" : "=&x"(r) : "x"(x), "x"(y))
#define LOBULE_ADD(r) asm volatile("movapd %1, %0\n\taddpd %2, %0" : "=&x"(r) : "x"(x), "x"(y))
#define LOBULE_DIV(r) asm volatile("movapd %1, %0\n\tdivpd %2, %0" : "=&x"(r) : "x"(x), "x"(y))
#define LOBULE_SQRT(r)    \
    static_cast<void>(y); \
    asm volatile("sqrtpd %1, %0" : "=x"(r) : "x"(x))
#define LOBULE_WIDE_MUL(r) asm volatile("vmulpd %2, %1, %0" : "=x"(r) : "x"(x), "x"(y))
#define LOBULE_WIDE_ADD(r) asm volatile("vaddpd %2, %1, %0" : "=x"(r) : "x"(x), "x"(y))
#define LOBULE_WIDE_DIV(r) asm volatile("vdivpd %2, %1, %0" : "=x"(r) : "x"(x), "x"(y))
#define LOBULE_WIDE_SQRT(r) \
    static_cast<void>(y);   \
    asm volatile("vsqrtpd %1, %0" : "=x"(r) : "x"(x))

void narrow_add() { LOBULE_PEAK(Narrow, LOBULE_ADD) }
void narrow_both() { LOBULE_PEAK_OF(Narrow, LOBULE_ADD, LOBULE_MUL) }
void narrow_mul() { LOBULE_PEAK(Narrow, LOBULE_MUL) }
void narrow_div() { LOBULE_PEAK(Narrow, LOBULE_DIV) }
void narrow_sqrt() { LOBULE_PEAK(Narrow, LOBULE_SQRT) }
[[gnu::target("avx2")]] void wide_add() { LOBULE_PEAK(Wide, LOBULE_WIDE_ADD) }
[[gnu::target("avx2")]] void wide_both() { LOBULE_PEAK_OF(Wide, LOBULE_WIDE_ADD, LOBULE_WIDE_MUL) }
[[gnu::target("avx2")]] void wide_mul() { LOBULE_PEAK(Wide, LOBULE_WIDE_MUL) }
[[gnu::target("avx2")]] void wide_div() { LOBULE_PEAK(Wide, LOBULE_WIDE_DIV) }
[[gnu::target("avx2")]] void wide_sqrt() { LOBULE_PEAK(Wide, LOBULE_WIDE_SQRT) }

// Sums of several chains, so that none waits for another; kept by an empty statement that seems to read it.
template <class V>
[[gnu::always_inline]] inline void sum_all(std::size_t n, const double* from) {
    constexpr std::size_t lanes = sizeof(V) / sizeof(double), step = 8 * lanes;
    using Loose [[gnu::aligned(8), gnu::may_alias]] = V;
    V sum[8] = {};
    for (std::size_t i = 0; i + step <= n; i += step)
        for (std::size_t k = 0; k < 8; ++k) sum[k] += *reinterpret_cast<const Loose*>(from + i + k * lanes);
    for (V& s : sum) asm volatile("" : : "x"(s));
}
[[gnu::always_inline]] inline void scale_all(std::size_t n, double* __restrict values) {
    for (std::size_t i = 0; i < n; ++i) values[i] *= 0.999999;
}
[[gnu::always_inline]] inline void copy_all(std::size_t n, const double* __restrict from, double* __restrict to) {
    for (std::size_t i = 0; i < n; ++i) to[i] = from[i] + 1.0;  // a plain copy would become a call of the C library
}
void narrow_read(std::size_t n, const double* from) { sum_all<Narrow>(n, from); }
void narrow_in_place(std::size_t n, double* values) { scale_all(n, values); }
void narrow_copy(std::size_t n, const double* from, double* to) { copy_all(n, from, to); }
[[gnu::target("avx2")]] void wide_read(std::size_t n, const double* from) { sum_all<Wide>(n, from); }
[[gnu::target("avx2")]] void wide_in_place(std::size_t n, double* values) { scale_all(n, values); }
[[gnu::target("avx2")]] void wide_copy(std::size_t n, const double* from, double* to) { copy_all(n, from, to); }

const bool has_wide = __builtin_cpu_supports("avx2") != 0;

}  // namespace

void peak_add() { has_wide ? wide_add() : narrow_add(); }
void peak_both() { has_wide ? wide_both() : narrow_both(); }
void peak_mul() { has_wide ? wide_mul() : narrow_mul(); }
void peak_div() { has_wide ? wide_div() : narrow_div(); }
void peak_sqrt() { has_wide ? wide_sqrt() : narrow_sqrt(); }

void pass_read(std::size_t n, const double* from) { has_wide ? wide_read(n, from) : narrow_read(n, from); }
void pass_in_place(std::size_t n, double* values) { has_wide ? wide_in_place(n, values) : narrow_in_place(n, values); }
void pass_copy(std::size_t n, const double* from, double* to) {
    has_wide ? wide_copy(n, from, to) : narrow_copy(n, from, to);
}

Loop reference_loop(const char* name) {
    static const std::map<std::string_view, Loop> loops{
        {"add", loop_add},         {"sub", loop_sub},         {"mul", loop_mul},
        {"div", loop_div},         {"mul_one", loop_mul_one}, {"min", loop_min},
        {"max", loop_max},         {"abs", loop_abs},         {"less", loop_less},
        {"and", loop_and},         {"select", loop_select},   {"sqrt", loop_sqrt},
        {"power_2", loop_power_2}, {"power_4", loop_power_4}, {"hill_1", loop_hill_1},
        {"hill_2", loop_hill_2},   {"hill_4", loop_hill_4},   {"hill_real", loop_hill_real},
        {"exp", loop_exp},         {"ln", loop_ln},           {"tanh", loop_tanh},
        {"pow", loop_pow},
    };
    const auto found = loops.find(name);
    return found == loops.end() ? nullptr : found->second;
}

}  // namespace lobule::app::speed
