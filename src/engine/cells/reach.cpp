#include "reach.hpp"

#include <algorithm>
#include <cmath>

namespace lobule {

CellReach::CellReach(const Grid& grid, double reach)
    : n_{static_cast<std::size_t>(grid.nx), static_cast<std::size_t>(grid.ny), static_cast<std::size_t>(grid.nz)},
      taps_{taps(grid.nx, grid.edges().x, reach), taps(grid.ny, grid.edges().y, reach),
            taps(grid.nz, grid.edges().z, reach)} {}

CellReach::Taps CellReach::taps(std::int32_t n, double edge, double reach) {
    const auto last = static_cast<std::int32_t>(std::ceil(reach / edge)) - 1;
    std::vector<double> weights(static_cast<std::size_t>(n), 0.0);
    double sum = 0.0;
    for (std::int32_t k = -last; k <= last; ++k) {
        const double weight = 1.0 - std::abs(k) * edge / reach;
        weights[static_cast<std::size_t>(((k % n) + n) % n)] += weight;
        sum += weight;
    }
    if (!(sum > 0.0)) return {{0U, 1.0}};  // reach below one voxel
    Taps out;
    for (std::size_t k = 0; k < weights.size(); ++k)
        if (weights[k] > 0.0) out.emplace_back(k, weights[k] / sum);
    return out;
}

void CellReach::spread(double* values) const {
    const std::size_t size = n_[0] * n_[1] * n_[2];
    if (std::all_of(values, values + size, [](double v) { return v == 0.0; })) return;
    // Sums in the order of taps, many at a time: along x by what follows in the line, along y and z by whole rows.
    std::vector<double> copy, sum;
    std::size_t stride = 1;
    for (int d = 0; d < 3; stride *= n_[d++]) {
        if (taps_[d].size() == 1) continue;
        const std::size_t n = n_[d], slab = n * stride;
        copy.resize(2 * slab);
        for (double* first = values; first != values + size; first += slab) {
            std::copy_n(first, slab, copy.begin());
            std::copy_n(first, slab, copy.begin() + static_cast<std::ptrdiff_t>(slab));
            add_taps(taps_[d], copy.data(), stride, slab, first);
        }
    }
}

// The taps of all values of a slab, which stands twice in `from`.
void CellReach::add_taps(const Taps& taps, const double* from, std::size_t stride, std::size_t slab, double* to) {
    constexpr std::size_t k_part = 512;  // values that stay in the cache
    for (std::size_t begin = 0; begin < slab; begin += k_part) {
        const std::size_t end = std::min(begin + k_part, slab);
        std::fill(to + begin, to + end, 0.0);
        for (const auto& [offset, weight] : taps) {
            const double* const shifted = from + offset * stride;
            const double share = weight;
#pragma omp simd
            for (std::size_t i = begin; i < end; ++i) to[i] += share * shifted[i];
        }
    }
}

}  // namespace lobule
