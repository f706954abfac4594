// Reactions and media for the tests of fields.
#pragma once

#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "tissue/fields.hpp"

namespace lobule::field_test {

/// Reactions voxel by voxel: f(voxel, c, made, taken, slope of the k-th pair).
class Local : public Reactions {
public:
    using Law = std::function<void(std::size_t, const double*, double*, double*, double*)>;
    Local(std::size_t signals, std::vector<std::pair<int, int>> pairs, Law law)
        : signals_(signals), pairs_(std::move(pairs)), law_(std::move(law)) {}
    std::span<const std::pair<int, int>> pairs() const override { return pairs_; }
    void evaluate(std::size_t first, std::size_t count, const double* const* c, double* const* made,
                  double* const* taken, double* const* slope) const override {
        double here[k_signals_max], m[k_signals_max], u[k_signals_max], d[256];
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t s = 0; s < signals_; ++s) here[s] = c[s][i];
            law_(first + i, here, m, u, d);
            for (std::size_t s = 0; s < signals_; ++s) made[s][i] = m[s], taken[s][i] = u[s];
            for (std::size_t p = 0; p < pairs_.size(); ++p) slope[p][i] = d[p];
        }
    }

private:
    std::size_t signals_;
    std::vector<std::pair<int, int>> pairs_;
    Law law_;
};

/// Made source[v], taken uptake[v] c, for one signal.
inline Local linear(const std::vector<double>& source, const std::vector<double>& uptake) {
    return {1, {{0, 0}}, [&](std::size_t v, const double* c, double* m, double* u, double* d) {
                m[0] = source[v];
                u[0] = uptake[v] * c[0];
                d[0] = -uptake[v];
            }};
}

inline Medium still(const Box& box, std::int32_t nx, std::int32_t ny, std::int32_t nz, double share = 1.0) {
    Medium medium;
    medium.grid = {box, nx, ny, nz};
    medium.fluid.assign(medium.grid.size(), share * medium.grid.voxel_volume());
    return medium;
}

/// A flow of q [um^3/h] through each face along x, that comes in at i = 0 and goes out at i = nx - 1.
inline void add_plug_flow(Medium& medium, double q) {
    const Grid& grid = medium.grid;
    medium.flow.x.assign(grid.size(), q);
    medium.flow.y.assign(grid.size(), 0.0);
    medium.flow.z.assign(grid.size(), 0.0);
    medium.inflow.assign(grid.size(), 0.0);
    medium.outflow.assign(grid.size(), 0.0);
    for (std::int32_t k = 0; k < grid.nz; ++k)
        for (std::int32_t j = 0; j < grid.ny; ++j) {
            medium.inflow[static_cast<std::size_t>(grid.number(0, j, k))] = q;
            medium.outflow[static_cast<std::size_t>(grid.number(grid.nx - 1, j, k))] = q;
            medium.flow.x[static_cast<std::size_t>(grid.number(grid.nx - 1, j, k))] = 0.0;
        }
}

inline double relative_defect(const FieldBalance& b) { return b.gross > 0.0 ? std::fabs(b.defect) / b.gross : 0.0; }

}  // namespace lobule::field_test
