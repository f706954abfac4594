#include "field_kernels.hpp"

#include "base/assert.hpp"

#define LOBULE_INLINE [[gnu::always_inline]] inline
#define LOBULE_INLINE_LAMBDA __attribute__((always_inline))

namespace lobule {
namespace {

struct Neighbours {
    std::size_t west, east, south, north, below, above;
};

/// sum[s] of coefficient * x over the six neighbours, or of coefficient * (x_n - x_v).
template <int P, FieldFlow flow, bool difference>
LOBULE_INLINE void gather(const FieldMatrix& m, std::size_t v, const Neighbours& n, const float* x, float* sum) {
    const std::size_t at[6] = {n.west, n.east, n.south, n.north, n.below, n.above};
    const float g[6] = {m.conductance[0][n.west], m.conductance[0][v],       m.conductance[1][n.south],
                        m.conductance[1][v],      m.conductance[2][n.below], m.conductance[2][v]};
    float q[6] = {};
    if constexpr (flow != FieldFlow::none) {
        q[0] = m.up[0][n.west], q[1] = m.down[0][v];
        q[2] = m.up[1][n.south], q[3] = m.down[1][v];
        q[4] = m.up[2][n.below], q[5] = m.down[2][v];
    }
    float own[P];
    for (int s = 0; s < P; ++s) own[s] = difference ? x[v * P + static_cast<std::size_t>(s)] : 0.0F;
    float part[P] = {}, held[P] = {};
    if constexpr (flow == FieldFlow::bound && difference)
        for (int s = 0; s < P; ++s) held[s] = m.slope[v * P + static_cast<std::size_t>(s)] * own[s];
#pragma GCC unroll 6
    for (int f = 0; f < 6; ++f) {
        const float* other = x + at[f] * P;
#pragma omp simd
        for (int s = 0; s < P; ++s) {
            const float value = difference ? other[s] - own[s] : other[s];
            if constexpr (flow == FieldFlow::bound) {
                const float there = m.slope[at[f] * P + static_cast<std::size_t>(s)] * other[s];
                part[s] += m.diffusion[static_cast<std::size_t>(s)] * g[f] * value +
                           m.carried[static_cast<std::size_t>(s)] * q[f] * (there - held[s]);
            } else if constexpr (flow == FieldFlow::plain)
                part[s] +=
                    (m.diffusion[static_cast<std::size_t>(s)] * g[f] + m.carried[static_cast<std::size_t>(s)] * q[f]) *
                    value;
            else
                part[s] += g[f] * value;
        }
    }
    for (int s = 0; s < P; ++s)
        sum[s] = flow != FieldFlow::none ? part[s] : m.diffusion[static_cast<std::size_t>(s)] * part[s];
}

template <int P>
LOBULE_INLINE void solve_block(const FieldMatrix& m, std::size_t v, float* x) {
    if constexpr (P == 1) {
        x[0] *= m.factors[v];
    } else {
        const float* f = m.factors + v * static_cast<std::size_t>(m.block->factor_stride);
        for (const FieldBlock::Entry& e : m.block->lower) x[e.row] -= f[e.place] * x[e.column];
#pragma omp simd
        for (int s = 0; s < P; ++s) x[s] *= f[s];
        for (const FieldBlock::Entry& e : m.block->upper) x[e.row] -= f[e.place] * x[e.column];
    }
}

/// out[s] = (A x)[s] of one voxel.
template <int P, FieldFlow flow>
LOBULE_INLINE void apply_cell(const FieldMatrix& m, std::size_t v, const Neighbours& n, const float* x, float* out) {
    gather<P, flow, true>(m, v, n, x, out);
    const float* own = x + v * P;
    const float* local = m.local + v * (P == 1 ? 1 : static_cast<std::size_t>(m.block->stride));
    for (int s = 0; s < P; ++s) {
        float here = local[s];
        if constexpr (flow == FieldFlow::plain) here += m.carried[static_cast<std::size_t>(s)] * m.fresh[v];
        if constexpr (flow == FieldFlow::bound)
            here += m.carried[static_cast<std::size_t>(s)] * m.fresh[v] * m.slope[v * P + static_cast<std::size_t>(s)];
        out[s] = here * own[s] - out[s];
    }
    if constexpr (P > 1)
        for (const FieldBlock::Entry& e : m.block->coupling) out[e.row] += local[e.place] * own[e.column];
}

/// The voxels of row (j, k): the first, those between with all neighbours one away, the last.
struct Row {
    std::size_t nx, start, south, north, below, above;

    LOBULE_INLINE Row(const FieldMatrix& m, std::size_t j, std::size_t k) : nx(m.nx), start((k * m.ny + j) * m.nx) {
        south = (k * m.ny + (j == 0 ? m.ny : j) - 1) * m.nx;
        north = (k * m.ny + (j + 1 == m.ny ? 0 : j + 1)) * m.nx;
        below = (((k == 0 ? m.nz : k) - 1) * m.ny + j) * m.nx;
        above = ((k + 1 == m.nz ? 0 : k + 1) * m.ny + j) * m.nx;
    }
    LOBULE_INLINE Neighbours inside(std::size_t i) const {
        return {start + i - 1, start + i + 1, south + i, north + i, below + i, above + i};
    }
    LOBULE_INLINE Neighbours any(std::size_t i) const {
        return {start + (i == 0 ? nx : i) - 1,
                start + (i + 1 == nx ? 0 : i + 1),
                south + i,
                north + i,
                below + i,
                above + i};
    }
};

// One signal alone: vectors along the row. Several: vectors over the signals of a voxel.
template <int P, class Cell>
LOBULE_INLINE void for_row(const Row& row, const Cell& cell) {
    cell(0, row.any(0));
    if constexpr (P == 1) {
#pragma omp simd
        for (std::size_t i = 1; i < row.nx - 1; ++i) cell(i, row.inside(i));
    } else {
        for (std::size_t i = 1; i < row.nx - 1; ++i) cell(i, row.inside(i));
    }
    if (row.nx > 1) cell(row.nx - 1, row.any(row.nx - 1));
}

template <int P, FieldFlow flow>
LOBULE_INLINE void factor_row(const FieldMatrix& m, std::size_t j, std::size_t k, float* factors) {
    const Row row(m, j, k);
    const bool coupled = !m.block->coupling.empty();
    for_row<P>(row, [&](std::size_t i, const Neighbours& n) LOBULE_INLINE_LAMBDA {
        const std::size_t v = row.start + i;
        const float g = m.conductance[0][n.west] + m.conductance[0][v] + m.conductance[1][n.south] +
                        m.conductance[1][v] + m.conductance[2][n.below] + m.conductance[2][v];
        float q = 0.0F;
        if constexpr (flow != FieldFlow::none)
            q = m.fresh[v] + m.up[0][n.west] + m.down[0][v] + m.up[1][n.south] + m.down[1][v] + m.up[2][n.below] +
                m.down[2][v];
        float transport[P];
        for (std::size_t s = 0; s < P; ++s) {
            float carries = m.carried[s] * q;
            if constexpr (flow == FieldFlow::bound) carries *= m.slope[v * P + s];
            transport[s] = m.diffusion[s] * g + carries;
        }
        if (P > 1 && coupled) {
            m.block->factor(m.local + v * static_cast<std::size_t>(m.block->stride), transport,
                            factors + v * static_cast<std::size_t>(m.block->factor_stride));
        } else {
            for (std::size_t s = 0; s < P; ++s)
                factors[v * P + s] = FieldBlock::inverse(m.local[v * P + s] + transport[s], transport[s]);
        }
    });
}

template <int P, FieldFlow flow>
LOBULE_INLINE void apply_row(const FieldMatrix& m, std::size_t j, std::size_t k, const float* x, float* out) {
    const Row row(m, j, k);
    for_row<P>(row, [&](std::size_t i, const Neighbours& n) LOBULE_INLINE_LAMBDA {
        const std::size_t v = row.start + i;
        float sum[P];
        apply_cell<P, flow>(m, v, n, x, sum);
        for (std::size_t s = 0; s < P; ++s) out[v * P + s] = sum[s];
    });
}

template <int P, FieldFlow flow>
LOBULE_INLINE void residual_row(const FieldMatrix& m, std::size_t j, std::size_t k, const float* rhs, const float* x,
                                float* out) {
    const Row row(m, j, k);
    for_row<P>(row, [&](std::size_t i, const Neighbours& n) LOBULE_INLINE_LAMBDA {
        const std::size_t v = row.start + i;
        float sum[P];
        apply_cell<P, flow>(m, v, n, x, sum);
        for (std::size_t s = 0; s < P; ++s) out[i * P + s] = rhs[v * P + s] - sum[s];
    });
}

template <int P, FieldFlow flow>
LOBULE_INLINE void jacobi_row(const FieldMatrix& m, std::size_t j, std::size_t k, const float* rhs, const float* x,
                              float omega, float* out) {
    const Row row(m, j, k);
    for_row<P>(row, [&](std::size_t i, const Neighbours& n) LOBULE_INLINE_LAMBDA {
        const std::size_t v = row.start + i;
        float sum[P];
        gather<P, flow, false>(m, v, n, x, sum);
        for (std::size_t s = 0; s < P; ++s) sum[s] += rhs[v * P + s];
        solve_block<P>(m, v, sum);
        for (std::size_t s = 0; s < P; ++s) out[v * P + s] = x[v * P + s] + omega * (sum[s] - x[v * P + s]);
    });
}

template <int P>
LOBULE_INLINE void first_row(const FieldMatrix& m, std::size_t j, std::size_t k, const float* rhs, float omega,
                             float* out) {
    const std::size_t start = (k * m.ny + j) * m.nx;
    if constexpr (P == 1) {
#pragma omp simd
        for (std::size_t v = start; v < start + m.nx; ++v) out[v] = omega * (m.factors[v] * rhs[v]);
    } else {
        for (std::size_t v = start; v < start + m.nx; ++v) {
            float sum[P];
            for (std::size_t s = 0; s < P; ++s) sum[s] = rhs[v * P + s];
            solve_block<P>(m, v, sum);
            for (std::size_t s = 0; s < P; ++s) out[v * P + s] = omega * sum[s];
        }
    }
}

template <int P, FieldFlow flow>
LOBULE_INLINE void relax_range(const FieldMatrix& m, std::size_t begin, std::size_t end, const float* rhs, float* x) {
    for (std::size_t o = begin; o < end; ++o) {
        const std::size_t v = static_cast<std::size_t>(m.order[o]);
        const auto& to = m.neighbour[m.border[o]];
        const auto at = [&](std::size_t f) { return v + static_cast<std::size_t>(to[f]); };
        float sum[P];
        gather<P, flow, false>(m, v, {at(0), at(1), at(2), at(3), at(4), at(5)}, x, sum);
        for (std::size_t s = 0; s < P; ++s) sum[s] += rhs[v * P + s];
        solve_block<P>(m, v, sum);
        for (std::size_t s = 0; s < P; ++s) x[v * P + s] = sum[s];
    }
}

#define LOBULE_TWICE(NAME, BODY, PARAMETERS, ...)                                  \
    template <int P, FieldFlow flow>                                               \
    struct NAME {                                                                  \
        static void narrow PARAMETERS { BODY(__VA_ARGS__); }                       \
        [[gnu::target("avx2")]] static void wide PARAMETERS { BODY(__VA_ARGS__); } \
    };

using Size = std::size_t;
LOBULE_TWICE(Factor, (factor_row<P, flow>), (const FieldMatrix& m, Size j, Size k, float* factors), m, j, k, factors)
LOBULE_TWICE(Apply, (apply_row<P, flow>), (const FieldMatrix& m, Size j, Size k, const float* x, float* out), m, j, k,
             x, out)
LOBULE_TWICE(Residual, (residual_row<P, flow>),
             (const FieldMatrix& m, Size j, Size k, const float* rhs, const float* x, float* out), m, j, k, rhs, x, out)
LOBULE_TWICE(Jacobi, (jacobi_row<P, flow>),
             (const FieldMatrix& m, Size j, Size k, const float* rhs, const float* x, float omega, float* out), m, j, k,
             rhs, x, omega, out)
LOBULE_TWICE(First, (first_row<P>), (const FieldMatrix& m, Size j, Size k, const float* rhs, float omega, float* out),
             m, j, k, rhs, omega, out)
LOBULE_TWICE(Relax, (relax_range<P, flow>), (const FieldMatrix& m, Size begin, Size end, const float* rhs, float* x), m,
             begin, end, rhs, x)

template <int P, FieldFlow flow>
const FieldKernels& kernels_of(math::Vectors with) {
    static constexpr FieldKernels k_narrow{Factor<P, flow>::narrow, Apply<P, flow>::narrow, Residual<P, flow>::narrow,
                                           Jacobi<P, flow>::narrow, First<P, flow>::narrow, Relax<P, flow>::narrow};
    static constexpr FieldKernels k_wide{Factor<P, flow>::wide, Apply<P, flow>::wide, Residual<P, flow>::wide,
                                         Jacobi<P, flow>::wide, First<P, flow>::wide, Relax<P, flow>::wide};
    return with == math::Vectors::wide ? k_wide : k_narrow;
}

template <int P>
const FieldKernels& kernels_of(FieldFlow flow, math::Vectors with) {
    switch (flow) {
        case FieldFlow::none: return kernels_of<P, FieldFlow::none>(with);
        case FieldFlow::plain: return kernels_of<P, FieldFlow::plain>(with);
        case FieldFlow::bound: break;
    }
    return kernels_of<P, FieldFlow::bound>(with);
}

}  // namespace

FieldMatrix field_matrix(const FieldLevel& level, const FieldBlock& block) {
    FieldMatrix m;
    m.nx = static_cast<std::size_t>(level.n[0]);
    m.ny = static_cast<std::size_t>(level.n[1]);
    m.nz = static_cast<std::size_t>(level.n[2]);
    for (std::size_t a = 0; a < 3; ++a) {
        m.conductance[a] = level.conductance[a].data();
        m.up[a] = level.up[a].data();
        m.down[a] = level.down[a].data();
    }
    m.fresh = level.fresh.data();
    m.block = &block;
    m.order = level.order.data();
    m.border = level.border.data();
    for (std::size_t bits = 0; bits < 64; ++bits) {
        std::ptrdiff_t step = 1;
        for (std::size_t a = 0; a < 3; ++a) {
            const std::ptrdiff_t around = step * (level.n[a] - 1);
            m.neighbour[bits][2 * a] = (bits >> a & 1U) != 0 ? around : -step;
            m.neighbour[bits][2 * a + 1] = (bits >> (3 + a) & 1U) != 0 ? -around : step;
            step *= level.n[a];
        }
    }
    return m;
}

const FieldKernels& field_kernels(int padded, FieldFlow flow, math::Vectors with) {
    switch (padded) {
        case 1: return kernels_of<1>(flow, with);
        case 2: return kernels_of<2>(flow, with);
        case 4: return kernels_of<4>(flow, with);
        case 8: return kernels_of<8>(flow, with);
        case 12: return kernels_of<12>(flow, with);
        case 16: return kernels_of<16>(flow, with);
        case 24: return kernels_of<24>(flow, with);
        default: LOBULE_ASSERT(padded == 32, padded); return kernels_of<32>(flow, with);
    }
}

}  // namespace lobule
