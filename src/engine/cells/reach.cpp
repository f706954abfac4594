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
    const std::size_t strides[3] = {1, n_[0], n_[0] * n_[1]};
    const std::size_t size = n_[0] * n_[1] * n_[2];
    std::vector<double> line;
    for (int d = 0; d < 3; ++d) {
        if (taps_[d].size() == 1) continue;
        const std::size_t n = n_[d], stride = strides[d];
        line.resize(2 * n);
        for (std::size_t start = 0; start < size; ++start) {
            if (start / stride % n != 0) continue;
            bool empty = true;
            for (std::size_t k = 0; k < n; ++k) {
                const double value = values[start + k * stride];
                line[k] = line[k + n] = value;
                empty = empty && value == 0.0;
            }
            if (empty) continue;
            for (std::size_t k = 0; k < n; ++k) {
                double sum = 0.0;
                for (const auto& [offset, weight] : taps_[d]) sum += weight * line[k + offset];
                values[start + k * stride] = sum;
            }
        }
    }
}

}  // namespace lobule
