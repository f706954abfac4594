// Where the cells of the untouched liver are: from numbers by zone to single cells in a tissue. Private to the engine.
#pragma once

#include <vector>

#include "engine/tissue.hpp"

namespace lobule {

/// Cells of the populations of the tissue for numbers by zone (values of a State of `zones`, numbers of one lobule): each at a place
/// of its kind (`place` of its part), states in the proportions of its zone, volume and attributes as their means there. Cells
/// of blood and marrow are left to the caller: their entries stay empty.
std::vector<Agents> place_cells(const Model& zones, const std::vector<double>& values, const TissuePlan& plan,
                                const Tissue& tissue, const DrawAddress& draws);

}  // namespace lobule
