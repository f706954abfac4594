// Closures of a piece of tissue by its voxels. Private to the engine.
#pragma once

#include <vector>

#include "engine/tissue.hpp"

namespace lobule {

/// A closure that adds up over the tissue (arrest, wall), by voxel: of one lobule, or of what enters one.
std::vector<double> closure_by_place(const ClosureInfo& closure, const Parameters& parameters, const TissuePlan& plan,
                                     const VesselNetwork& vessels);

}  // namespace lobule
