// Vessels and their flow as voxels see them: what of each vessel lies in a voxel and what blood crosses its faces.
#pragma once

#include "tissue/flow.hpp"
#include "tissue/grid.hpp"

namespace lobule {

/// Per voxel. Blood is conserved: inflow + what comes in through faces = outflow + what leaves through them, to rounding.
struct VesselVoxels {
    FaceFlow flow;                // [um^3/h]
    std::vector<double> inflow;   // [um^3/h] from inlets in the voxel
    std::vector<double> outflow;  // [um^3/h] to outlets in the voxel
    std::vector<double> length;   // [um] of vessels
    std::vector<double> wall;     // [um^2] of their walls
    std::vector<double> lumen;    // [um^3] in them
    /// [um^3/h] mean of |flow| over the vessels in the voxel, by length; 0 where none is.
    std::vector<double> mean_flow;
};

/// Every edge is followed from voxel to voxel; its parts are summed in the order of edges. A vessel counts where its axis
/// is, also where it is wider than the voxel.
VesselVoxels trace_vessels(const VesselNetwork& network, const Flow& flow, const Grid& grid);

}  // namespace lobule
