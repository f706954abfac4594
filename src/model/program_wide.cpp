// The kernels for CPUs with AVX2: vectors of four. Only what stands below the pragma is compiled for such a CPU, so that
// no inline function of a header is.
#include <immintrin.h>

#include "base/math.hpp"
#include "program_kernels.hpp"

namespace lobule::wide_vectors {
constexpr math::Vectors k_vectors = math::Vectors::wide;
}

#ifndef __clang__  // clang-tidy reads this file too and does not know it
#pragma GCC target("avx2")
#endif
// A lambda without captures is a function pointer too, which nothing here asks for, and which does not follow.
#pragma GCC diagnostic ignored "-Wpsabi"

#define LOBULE_NAMESPACE wide_vectors
#define LOBULE_WIDTH 4
#define LOBULE_TARGET __attribute__((target("avx2")))
#define LOBULE_MIN _mm256_min_pd
#define LOBULE_MAX _mm256_max_pd
#define LOBULE_SQRT _mm256_sqrt_pd
#include "program_kernels.inl"
