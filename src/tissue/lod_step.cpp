#include "tissue/lod_step.hpp"

#include <emmintrin.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/math.hpp"
#include "blocks.hpp"

#define LOBULE_INLINE [[gnu::always_inline]] inline

namespace lobule {
namespace {

constexpr std::size_t k_rows = 16;  // that are solved side by side along x

/// Solves n lines side by side: number i of line l is c[i * stride + l].
template <class Axis>
LOBULE_INLINE void solve_lines(const Axis& a, std::size_t n, std::size_t lines, std::size_t stride, double* c) {
    const double r = a.r;
    {
        const double inverse = a.inverse[0];
#pragma omp simd
        for (std::size_t l = 0; l < lines; ++l) c[l] *= inverse;
    }
    for (std::size_t i = 1; i < n; ++i) {
        double* here = c + i * stride;
        const double* before = here - stride;
        const double inverse = a.inverse[i];
#pragma omp simd
        for (std::size_t l = 0; l < lines; ++l) here[l] = (here[l] + r * before[l]) * inverse;
    }
    for (std::size_t i = n - 1; i-- > 0;) {
        double* here = c + i * stride;
        const double* after = here + stride;
        const double back = a.back[i];
#pragma omp simd
        for (std::size_t l = 0; l < lines; ++l) here[l] += back * after[l];
    }
    if (a.around.empty()) return;
    const double* last = c + (n - 1) * stride;
    for (std::size_t l = 0; l < lines; ++l) {
        const double share = a.first * c[l] + a.last * last[l];
        for (std::size_t i = 0; i < n; ++i) c[i * stride + l] += share * a.around[i];
    }
}

/// to[i * to_stride + l] = from[l * from_stride + i], in tiles of two by two.
LOBULE_INLINE void transpose(std::size_t n, std::size_t lines, const double* from, std::size_t from_stride, double* to,
                             std::size_t to_stride) {
    const std::size_t tiles = n / 2 * 2, pairs = lines / 2 * 2;
    for (std::size_t i = 0; i < tiles; i += 2)
        for (std::size_t l = 0; l < pairs; l += 2) {
            const __m128d a = _mm_loadu_pd(from + l * from_stride + i);
            const __m128d b = _mm_loadu_pd(from + (l + 1) * from_stride + i);
            _mm_storeu_pd(to + i * to_stride + l, _mm_unpacklo_pd(a, b));
            _mm_storeu_pd(to + (i + 1) * to_stride + l, _mm_unpackhi_pd(a, b));
        }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t l = i < tiles ? pairs : 0; l < lines; ++l) to[i * to_stride + l] = from[l * from_stride + i];
}

template <class Axis>
LOBULE_INLINE void solve_rows(const Axis& a, std::size_t n, std::size_t rows, double* c, double* turned) {
    transpose(n, rows, c, n, turned, k_rows);
    if (rows == k_rows)
        solve_lines(a, n, k_rows, k_rows, turned);  // a count known to the compiler
    else
        solve_lines(a, n, rows, k_rows, turned);
    transpose(rows, n, turned, k_rows, c, n);
}

/// x and y of one plane; hold() before, between and after.
template <class Axes, class Hold>
LOBULE_INLINE void solve_plane(const Axes& axes, std::size_t nx, std::size_t ny, double* c, double* turned,
                               const Hold& hold) {
    hold();
    for (std::size_t j = 0; j < ny; j += k_rows) solve_rows(axes[0], nx, std::min(k_rows, ny - j), c + j * nx, turned);
    hold();
    solve_lines(axes[1], ny, nx, nx, c);
    hold();
}

template <class Axes, class Hold>
[[gnu::target("avx2")]] void plane_wide(const Axes& axes, std::size_t nx, std::size_t ny, double* c, double* turned,
                                        const Hold& hold) {
    solve_plane(axes, nx, ny, c, turned, hold);
}
template <class Axis>
[[gnu::target("avx2")]] void lines_wide(const Axis& a, std::size_t n, std::size_t lines, std::size_t stride,
                                        double* c) {
    solve_lines(a, n, lines, stride, c);
}

/// Thomas' elimination of a symmetric tridiagonal matrix with -r beside `diagonal`.
void eliminate(const std::vector<double>& diagonal, double r, std::vector<double>& inverse, std::vector<double>& back) {
    const std::size_t n = diagonal.size();
    inverse.resize(n);
    back.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        inverse[i] = 1.0 / (diagonal[i] - (i > 0 ? r * back[i - 1] : 0.0));
        back[i] = r * inverse[i];
    }
}

}  // namespace

LodStep::Axis LodStep::axis_of(std::int32_t count, double r, double own, Walls walls) {
    Axis a;
    const std::size_t n = static_cast<std::size_t>(count);
    a.r = n > 1 ? r : 0.0;
    std::vector<double> diagonal(n, own + 2.0 * a.r);
    if (n == 1 || walls == Walls::closed) {
        diagonal.front() -= a.r;
        diagonal.back() -= a.r;
        if (n == 1) diagonal[0] = own;
        eliminate(diagonal, a.r, a.inverse, a.back);
        return a;
    }
    // The ring by Sherman and Morrison (Press et al., Numerical Recipes, ch. 2.7): M = T + u v with u = (g, 0 ... -r),
    // v = (1, 0 ... -r / g) and g = -diagonal.
    const double g = -diagonal[0];
    diagonal.front() -= g;
    diagonal.back() -= r * r / g;
    eliminate(diagonal, r, a.inverse, a.back);
    std::vector<double> z(n, 0.0);
    z.front() = g;
    z.back() -= r;
    solve_lines(a, n, 1, 1, z.data());
    const double denominator = 1.0 + z.front() - r / g * z.back();
    a.first = -1.0 / denominator;
    a.last = r / g / denominator;
    a.around = std::move(z);
    return a;
}

LodStep::LodStep(const Grid& grid, double diffusion, double decay, double dt, Walls walls)
    : nx_(static_cast<std::size_t>(grid.nx)),
      ny_(static_cast<std::size_t>(grid.ny)),
      nz_(static_cast<std::size_t>(grid.nz)) {
    const Vec3 e = grid.edges();
    const double own = 1.0 + decay * dt / 3.0;
    axis_ = {axis_of(grid.nx, diffusion * dt / (e.x * e.x), own, walls),
             axis_of(grid.ny, diffusion * dt / (e.y * e.y), own, walls),
             axis_of(grid.nz, diffusion * dt / (e.z * e.z), own, walls)};
}

void LodStep::advance(std::span<double> concentration, int threads, const HeldVoxels& held) const {
    LOBULE_ASSERT(concentration.size() == nx_ * ny_ * nz_, concentration.size());
    double* c = concentration.data();
    const bool wide = math::vectors() == math::Vectors::wide;
    const std::size_t plane = nx_ * ny_;
    const auto before = [](std::int32_t voxel, std::size_t bound) { return static_cast<std::size_t>(voxel) < bound; };
    for_blocks(nz_, threads, [&](std::size_t k) {
        thread_local std::vector<double> turned;
        turned.resize(nx_ * k_rows);
        const auto from = std::lower_bound(held.voxels.begin(), held.voxels.end(), k * plane, before);
        const auto to = std::lower_bound(from, held.voxels.end(), (k + 1) * plane, before);
        const auto hold = [&] {
            for (auto v = from; v != to; ++v) c[*v] = held.value;
        };
        if (wide)
            plane_wide(axis_, nx_, ny_, c + k * plane, turned.data(), hold);
        else
            solve_plane(axis_, nx_, ny_, c + k * plane, turned.data(), hold);
    });
    for_blocks(ny_, threads, [&](std::size_t j) {
        if (wide)
            lines_wide(axis_[2], nz_, nx_, plane, c + j * nx_);
        else
            solve_lines(axis_[2], nz_, nx_, plane, c + j * nx_);
    });
    for (const std::int32_t v : held.voxels) c[v] = held.value;
}

}  // namespace lobule
