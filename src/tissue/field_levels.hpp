// The grids of the multigrid: geometry and transport of each, in single precision, coarsened by joining neighbours.
//
// Two neighbours (or one, at the end of an odd count) become one wherever the spacing is near the smallest, until one voxel
// is left. Flows, reactions and volumes of a coarse voxel are sums (Galerkin with piecewise constants); a conductance is the
// sum through the coarse face, times the fine distance of centres over the coarse one. Restriction adds, prolongation is
// linear between centres: Wesseling, An Introduction to Multigrid Methods (1992), ch. 5; Mohr and Wienands,
// Comput. Vis. Sci. 7 (2004) 129.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tissue/fields.hpp"

namespace lobule {

/// How one axis of a level lies on the next coarser one.
struct FieldAxis {
    std::vector<std::int32_t> first;   // child of each coarse index, and one past the last
    std::vector<std::int32_t> parent;  // of each fine index
    std::vector<std::int32_t> other;   // the coarse neighbour on the fine index's side
    std::vector<float> weight;         // of that neighbour
};

/// Grid, conductances and flows of one level. Face arrays as in FaceFlow.
struct FieldLevel {
    std::array<std::int32_t, 3> n{1, 1, 1};
    std::array<std::vector<float>, 3> conductance;  // w A/h [um]
    std::array<std::vector<float>, 3> up, down;     // flow to the larger and to the smaller index [um^3/h], both >= 0
    std::vector<float> fresh;          // what flows in from beyond [um^3/h]: all outflows less face inflows
    std::vector<std::int32_t> order;   // with flow: voxels, upstream first, chunk by chunk
    std::vector<std::uint8_t> border;  // of each in `order`: bit a, it is the first along a; bit 3 + a, the last
    std::vector<std::size_t> chunk;    // where each chunk starts in `order`, and the end
    std::array<FieldAxis, 3> axis;     // to the next level; empty at the last

    std::size_t size() const {
        return static_cast<std::size_t>(n[0]) * static_cast<std::size_t>(n[1]) * static_cast<std::size_t>(n[2]);
    }
    bool flows() const { return !fresh.empty(); }
    std::size_t memory() const;
};

/// Face conductances w A/h [um] of a medium in double precision; 0 along an axis of one voxel.
std::array<std::vector<double>, 3> face_conductances(const Grid& grid, std::span<const double> fluid);

/// All levels, the finest first.
std::vector<FieldLevel> field_levels(const Medium& medium, const std::array<std::vector<double>, 3>& conductance);

}  // namespace lobule
