#include "field_multigrid.hpp"

#include <algorithm>
#include <utility>

#include "blocks.hpp"

namespace lobule {
namespace {

// Reciprocals of the Chebyshev points of [1/3, 2], where the rough half of the spectrum of D^-1 A lies in 3D.
constexpr float k_omega[2] = {0.5695F, 1.7317F};

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// sum of each coarse index += the numbers of its children in a fine line.
void add_children(const FieldAxis& axis, std::size_t numbers, const float* line, float* sum) {
    const std::size_t n = axis.parent.size(), coarse = axis.first.size() - 1;
    std::size_t i = 0;
    if (numbers == 1 && coarse < n) {
        for (; i < n / 2; ++i) sum[i] += line[2 * i] + line[2 * i + 1];
        i *= 2;
    }
    for (; i < n; ++i)
        for (std::size_t e = 0; e < numbers; ++e) sum[at(axis.parent[i]) * numbers + e] += line[i * numbers + e];
}

/// fine line += a coarse one, linear between the centres of its cells.
void interpolate(const FieldAxis& axis, std::size_t numbers, const float* coarse, float* line) {
    const std::size_t n = axis.parent.size();
    const float* weight = axis.weight.data();
    const auto some = [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const float* near = coarse + at(axis.parent[i]) * numbers;
            const float* far = coarse + at(axis.other[i]) * numbers;
            for (std::size_t s = 0; s < numbers; ++s) line[i * numbers + s] += near[s] + weight[i] * (far[s] - near[s]);
        }
    };
    if (numbers > 1 || axis.first.size() - 1 == n || n < 8) return some(0, n);
    const std::size_t pairs = n / 2 - 1;  // the last pair has a neighbour around the end
    some(0, 2);
#pragma omp simd
    for (std::size_t c = 1; c < pairs; ++c) {
        line[2 * c] += coarse[c] + weight[2 * c] * (coarse[c - 1] - coarse[c]);
        line[2 * c + 1] += coarse[c] + weight[2 * c + 1] * (coarse[c + 1] - coarse[c]);
    }
    some(2 * pairs, n);
}

/// What flows into each voxel, from neighbours and from beyond.
std::vector<float> through_of(const FieldLevel& level) {
    std::vector<float> through = level.fresh;
    const std::size_t nx = at(level.n[0]), ny = at(level.n[1]), nz = at(level.n[2]);
    for (std::size_t v = 0; v < through.size(); ++v) {
        const std::size_t i = v % nx, j = v / nx % ny, k = v / nx / ny;
        const std::size_t next[3] = {v - i + (i + 1) % nx, v - j * nx + (j + 1) % ny * nx,
                                     v - k * nx * ny + (k + 1) % nz * nx * ny};
        for (std::size_t a = 0; a < 3; ++a) {
            through[next[a]] += level.up[a][v];
            through[v] += level.down[a][v];
        }
    }
    return through;
}

}  // namespace

FieldMultigrid::FieldMultigrid(const std::vector<FieldLevel>& levels, const std::vector<float>& diffusion,
                               const std::vector<float>& carried, FieldBlock block, bool bound)
    : levels_(levels),
      block_(std::move(block)),
      kernels_(&field_kernels(block_.padded,
                              !levels_[0].flows() ? FieldFlow::none
                              : bound             ? FieldFlow::bound
                                                  : FieldFlow::plain,
                              math::vectors())),
      store_(levels_.size()) {
    for (std::size_t l = 0; l < levels_.size(); ++l) {
        Store& store = store_[l];
        const std::size_t size = levels_[l].size(), length = size * static_cast<std::size_t>(block_.padded);
        store.local.assign(size * static_cast<std::size_t>(block_.stride), 0.0F);
        store.factors.assign(size * static_cast<std::size_t>(block_.factor_stride), 0.0F);
        if (l > 0) {
            store.x.assign(length, 0.0F);
            store.rhs.assign(length, 0.0F);
        }
        if (!levels_[l].flows()) store.spare.assign(length, 0.0F);
        store.matrix = field_matrix(levels_[l], block_);
        std::copy(diffusion.begin(), diffusion.end(), store.matrix.diffusion.begin());
        std::copy(carried.begin(), carried.end(), store.matrix.carried.begin());
        store.matrix.local = store.local.data();
        store.matrix.factors = store.factors.data();
        if (!bound || !levels_[l].flows()) continue;
        store.slope.assign(length, 1.0F);
        store.through = through_of(levels_[l]);
        store.matrix.slope = store.slope.data();
    }
}

/// use(j, k) for all rows, in blocks of rows.
template <class Use>
void FieldMultigrid::for_rows(std::size_t level, int threads, const Use& use) const {
    const FieldLevel& grid = levels_[level];
    const std::size_t ny = at(grid.n[1]), rows = ny * at(grid.n[2]);
    const std::size_t numbers = at(grid.n[0]) * static_cast<std::size_t>(block_.padded);
    const std::size_t each = std::max<std::size_t>(1, k_field_block / numbers);
    for_blocks((rows + each - 1) / each, threads, [&](std::size_t b) {
        for (std::size_t row = b * each; row < std::min(rows, (b + 1) * each); ++row) use(row % ny, row / ny);
    });
}

void FieldMultigrid::factor(int threads) {
    for (std::size_t l = 0; l < levels_.size(); ++l) {
        if (l > 0) restrict_local(l - 1, threads);
        if (l > 0 && !store_[l].slope.empty()) restrict_slope(l - 1, threads);
        Store& store = store_[l];
        for_rows(l, threads,
                 [&](std::size_t j, std::size_t k) { kernels_->factor(store.matrix, j, k, store.factors.data()); });
    }
}

void FieldMultigrid::restrict_local(std::size_t level, int threads) {
    const FieldLevel& fine = levels_[level];
    const std::size_t nx = at(fine.n[0]), ny = at(fine.n[1]), stride = static_cast<std::size_t>(block_.stride);
    const std::size_t coarse_nx = at(levels_[level + 1].n[0]), coarse_ny = at(levels_[level + 1].n[1]);
    const std::vector<float>& from = store_[level].local;
    std::vector<float>& to = store_[level + 1].local;
    for_rows(level + 1, threads, [&](std::size_t cj, std::size_t ck) {
        float* sum = &to[(ck * coarse_ny + cj) * coarse_nx * stride];
        std::fill(sum, sum + coarse_nx * stride, 0.0F);
        for (std::size_t k = at(fine.axis[2].first[ck]); k < at(fine.axis[2].first[ck + 1]); ++k)
            for (std::size_t j = at(fine.axis[1].first[cj]); j < at(fine.axis[1].first[cj + 1]); ++j) {
                add_children(fine.axis[0], stride, &from[(k * ny + j) * nx * stride], sum);
            }
    });
}

/// Of a coarse voxel the mean over its children, by what flows through them.
void FieldMultigrid::restrict_slope(std::size_t level, int threads) {
    const FieldLevel& fine = levels_[level];
    const std::size_t nx = at(fine.n[0]), ny = at(fine.n[1]), padded = static_cast<std::size_t>(block_.padded);
    const std::size_t coarse_nx = at(levels_[level + 1].n[0]), coarse_ny = at(levels_[level + 1].n[1]);
    const Store& from = store_[level];
    for_rows(level + 1, threads, [&](std::size_t cj, std::size_t ck) {
        for (std::size_t ci = 0; ci < coarse_nx; ++ci) {
            float sum[k_signals_max] = {}, all = 0.0F;
            for (std::size_t k = at(fine.axis[2].first[ck]); k < at(fine.axis[2].first[ck + 1]); ++k)
                for (std::size_t j = at(fine.axis[1].first[cj]); j < at(fine.axis[1].first[cj + 1]); ++j)
                    for (std::size_t i = at(fine.axis[0].first[ci]); i < at(fine.axis[0].first[ci + 1]); ++i) {
                        const std::size_t v = (k * ny + j) * nx + i;
                        all += from.through[v];
                        for (std::size_t s = 0; s < padded; ++s) sum[s] += from.through[v] * from.slope[v * padded + s];
                    }
            float* to = &store_[level + 1].slope[((ck * coarse_ny + cj) * coarse_nx + ci) * padded];
            for (std::size_t s = 0; s < padded; ++s) to[s] = all > 0.0F ? sum[s] / all : 1.0F;
        }
    });
}

void FieldMultigrid::restrict_residual(std::size_t level, const float* rhs, const float* x, int threads) {
    const FieldLevel& fine = levels_[level];
    const std::size_t nx = at(fine.n[0]), padded = static_cast<std::size_t>(block_.padded);
    const std::size_t coarse_nx = at(levels_[level + 1].n[0]), coarse_ny = at(levels_[level + 1].n[1]);
    std::vector<float>& to = store_[level + 1].rhs;
    for_rows(level + 1, threads, [&](std::size_t cj, std::size_t ck) {
        thread_local std::vector<float> line;
        line.resize(nx * padded);
        float* sum = &to[(ck * coarse_ny + cj) * coarse_nx * padded];
        std::fill(sum, sum + coarse_nx * padded, 0.0F);
        for (std::size_t k = at(fine.axis[2].first[ck]); k < at(fine.axis[2].first[ck + 1]); ++k)
            for (std::size_t j = at(fine.axis[1].first[cj]); j < at(fine.axis[1].first[cj + 1]); ++j) {
                kernels_->residual(store_[level].matrix, j, k, rhs, x, line.data());
                add_children(fine.axis[0], padded, line.data(), sum);
            }
    });
}

void FieldMultigrid::add_coarse(std::size_t level, float* x, int threads) const {
    const FieldLevel& fine = levels_[level];
    const std::size_t nx = at(fine.n[0]), ny = at(fine.n[1]), padded = static_cast<std::size_t>(block_.padded);
    const std::size_t coarse_nx = at(levels_[level + 1].n[0]), coarse_ny = at(levels_[level + 1].n[1]);
    const std::size_t length = coarse_nx * padded;
    const float* coarse = store_[level + 1].x.data();
    for_rows(level, threads, [&](std::size_t j, std::size_t k) {
        thread_local std::vector<float> buffer;
        buffer.resize(length);
        float* line = buffer.data();
        const float wy = fine.axis[1].weight[j], wz = fine.axis[2].weight[k];
        const std::size_t j0 = at(fine.axis[1].parent[j]), j1 = at(fine.axis[1].other[j]);
        const std::size_t k0 = at(fine.axis[2].parent[k]), k1 = at(fine.axis[2].other[k]);
        const float* a = coarse + (k0 * coarse_ny + j0) * length;
        const float* b = coarse + (k0 * coarse_ny + j1) * length;
        const float* c = coarse + (k1 * coarse_ny + j0) * length;
        const float* d = coarse + (k1 * coarse_ny + j1) * length;
        const float wa = (1.0F - wy) * (1.0F - wz), wb = wy * (1.0F - wz), wc = (1.0F - wy) * wz, wd = wy * wz;
#pragma omp simd
        for (std::size_t i = 0; i < length; ++i) line[i] = (wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i]);
        interpolate(fine.axis[0], padded, line, x + (k * ny + j) * nx * padded);
    });
}

void FieldMultigrid::relax(std::size_t level, const float* rhs, float* x, int threads) const {
    const std::vector<std::size_t>& chunk = levels_[level].chunk;
    const std::size_t chunks = chunk.size() - 1;
    for (std::size_t parity = 0; parity < 2; ++parity)
        for_blocks((chunks + 1 - parity) / 2, threads, [&](std::size_t b) {
            const std::size_t c = 2 * b + parity;
            kernels_->relax(store_[level].matrix, chunk[c], chunk[c + 1], rhs, x);
        });
}

void FieldMultigrid::descend(std::size_t level, const float* rhs, float* x, int threads) {
    const bool last = level + 1 == levels_.size();
    const FieldMatrix& matrix = store_[level].matrix;
    if (levels_[level].flows()) {
        std::fill(x, x + levels_[level].size() * static_cast<std::size_t>(block_.padded), 0.0F);
        relax(level, rhs, x, threads);
        if (last) return;
        restrict_residual(level, rhs, x, threads);
        descend(level + 1, store_[level + 1].rhs.data(), store_[level + 1].x.data(), threads);
        add_coarse(level, x, threads);
        relax(level, rhs, x, threads);
        return;
    }
    if (last) {  // one voxel: its factors are all of the matrix
        kernels_->first(matrix, 0, 0, rhs, 1.0F, x);
        return;
    }
    float* spare = store_[level].spare.data();
    const auto jacobi = [&](const float* from, float omega, float* to) {
        for_rows(level, threads,
                 [&](std::size_t j, std::size_t k) { kernels_->jacobi(matrix, j, k, rhs, from, omega, to); });
    };
    for_rows(level, threads,
             [&](std::size_t j, std::size_t k) { kernels_->first(matrix, j, k, rhs, k_omega[0], spare); });
    jacobi(spare, k_omega[1], x);
    restrict_residual(level, rhs, x, threads);
    descend(level + 1, store_[level + 1].rhs.data(), store_[level + 1].x.data(), threads);
    add_coarse(level, x, threads);
    jacobi(x, k_omega[0], spare);
    jacobi(spare, k_omega[1], x);
}

void FieldMultigrid::cycle(const float* rhs, float* x, int threads) { descend(0, rhs, x, threads); }

void FieldMultigrid::apply(const float* x, float* out, int threads) const {
    for_rows(0, threads, [&](std::size_t j, std::size_t k) { kernels_->apply(store_[0].matrix, j, k, x, out); });
}

std::size_t FieldMultigrid::memory() const {
    std::size_t bytes = 0;
    for (const Store& s : store_)
        bytes += sizeof(float) * (s.slope.capacity() + s.through.capacity() + s.local.capacity() +
                                  s.factors.capacity() + s.x.capacity() + s.rhs.capacity() + s.spare.capacity());
    return bytes;
}

}  // namespace lobule
