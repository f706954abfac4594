// Numbers of cells as laws see them in a place: those within reach. Private to the engine.
#pragma once

#include <vector>

#include "tissue/grid.hpp"

namespace lobule {

/// [um] Over what distance laws of a place count cells: two to three cells.
inline constexpr double k_cell_reach = 60.0;

/// Spreads each number over the places around it, with weights that fall linearly to 0 at `reach` [um] in each direction and add
/// up to 1: sums over the box stay.
class CellReach {
public:
    CellReach(const Grid& grid, double reach);
    void spread(double* values) const;

private:
    /// Offsets along one direction with their weights, those that meet in a periodic box added up.
    using Taps = std::vector<std::pair<std::size_t, double>>;
    static Taps taps(std::int32_t n, double edge, double reach);
    static void add_taps(const Taps& taps, const double* from, std::size_t stride, std::size_t slab, double* to);
    std::size_t n_[3];
    Taps taps_[3];
};

}  // namespace lobule
