// The kernels for every x86-64 CPU: vectors of two.
#include <emmintrin.h>

#include "base/math.hpp"
#include "program_kernels.hpp"

namespace lobule::narrow_vectors {
constexpr math::Vectors k_vectors = math::Vectors::narrow;
}

#define LOBULE_NAMESPACE narrow_vectors
#define LOBULE_WIDTH 2
#define LOBULE_TARGET
#define LOBULE_MIN _mm_min_pd
#define LOBULE_MAX _mm_max_pd
#define LOBULE_SQRT _mm_sqrt_pd
#include "program_kernels.inl"
