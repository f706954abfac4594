// A piece of tissue of any size, for a run or for the closures. Private to the engine.
#pragma once

#include "engine/tissue.hpp"

namespace lobule {

struct PieceSize {
    int columns = 1, rows = 1;
    double thickness = 100.0, voxel = 25.0;  // [um]
    double tracts = 2.0;                     // per lobule
};

/// As plan_tissue, of this size.
TissuePlan plan_piece(const Model& model, const Parameters& parameters, const PieceSize& piece);

}  // namespace lobule
