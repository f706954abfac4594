// Vessels that grow and go: new segments where they are wanted, and the removal of those that carry least.
#pragma once

#include <cstdint>
#include <span>

#include "tissue/flow.hpp"
#include "tissue/vessels.hpp"

namespace lobule {

/// How new vessels are chosen.
struct SproutSpec {
    /// [um] mean length between branch points that growth keeps to: the new vessels are as long as that asks for, which is
    /// about twice this length, for each splits two others.
    double segment_length = 20.1;
};

/// Adds vessels of `length_to_add` [um] in all: each leaves the middle of a segment and joins the middle of another one
/// near by, where the way is clear. A segment is chosen with a chance that goes by its length times `demand`, one weight
/// for each edge (all 1 if empty). The network's positions must lie in the box of `lobules` already. Returns the length
/// added: what was asked for to within a vessel, less where there is no place left, which the caller may ask for again.
double sprout(VesselNetwork& network, const Lobules& lobules, const SproutSpec& spec, std::span<const double> demand,
              double length_to_add, std::uint64_t seed, std::uint64_t step);

/// Removes segments of `length_to_remove` [um] in all, those with the least flow first, and never one without which a
/// node would have no blood coming or none going: so every node that had flow lies on a way from an inlet to an outlet
/// still. Ends and parts without flow go first. Inlets and outlets with flow stay. Returns the length removed.
double prune(VesselNetwork& network, const Box& box, const Flow& flow, double length_to_remove);

}  // namespace lobule
