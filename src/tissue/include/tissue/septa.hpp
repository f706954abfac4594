// Scar from vein to vein: the way between two vessels along which its thinnest place is densest.
#pragma once

#include <span>

#include "tissue/grid.hpp"
#include "tissue/lobules.hpp"

namespace lobule {

/// Densities at the thinnest place of the best way, averaged over pairs of neighbours [unit of `density`].
struct Septa {
    double central = 0.0;  // from central vein to central vein
    /// From portal tract to portal tract, of those at the two ends of an edge or, where no edge has two, of those of one lobule.
    double portal = 0.0;
};

/// `density` by voxel of `grid`, which has the box of `lobules`. Looks at means over z: a septum is a sheet along the veins. The best way
/// is found by filling the plane from the densest column down until both vessels are in one piece, so that it may be crooked.
Septa septa(const Lobules& lobules, const Grid& grid, std::span<const double> density);

}  // namespace lobule
