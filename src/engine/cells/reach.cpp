#include "reach.hpp"

#include <algorithm>
#include <cmath>

namespace lobule {

CellReach::CellReach(const Grid& grid, double reach)
    : n_{grid.nx, grid.ny, grid.nz},
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
    if (!(sum > 0.0)) return {{0, 1.0}};  // reach below one voxel
    Taps out;
    for (std::int32_t k = 0; k < n; ++k)
        if (weights[static_cast<std::size_t>(k)] > 0.0) out.emplace_back(k, weights[static_cast<std::size_t>(k)] / sum);
    return out;
}

void CellReach::spread(double* values) const {
    const std::int32_t strides[3] = {1, n_[0], n_[0] * n_[1]};
    const std::int32_t size = n_[0] * n_[1] * n_[2];
    std::vector<double> line;
    for (int d = 0; d < 3; ++d) {
        if (taps_[d].size() == 1) continue;
        const std::int32_t n = n_[d], stride = strides[d];
        line.resize(static_cast<std::size_t>(2 * n));
        for (std::int32_t start = 0; start < size; ++start) {
            if (start / stride % n != 0) continue;
            bool empty = true;
            for (std::int32_t k = 0; k < n; ++k) {
                const double value = values[start + k * stride];
                line[static_cast<std::size_t>(k)] = line[static_cast<std::size_t>(k + n)] = value;
                empty = empty && value == 0.0;
            }
            if (empty) continue;
            for (std::int32_t k = 0; k < n; ++k) {
                double sum = 0.0;
                for (const auto& [offset, weight] : taps_[d])
                    sum += weight * line[static_cast<std::size_t>(k + offset)];
                values[start + k * stride] = sum;
            }
        }
    }
}

}  // namespace lobule
