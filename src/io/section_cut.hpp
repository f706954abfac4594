// What of a tissue lies in a slab: polygons of cells, channels of vessels, cells by themselves. Lengths in um, in the plane, seen
// from the middle of the view.
#pragma once

#include <cstdint>
#include <vector>

#include "canvas.hpp"
#include "engine/state.hpp"
#include "engine/tissue.hpp"
#include "section_colours.hpp"

namespace lobule::io::section {

/// A window into the tissue: one lobule in the middle.
struct View {
    Lobules lobules;  // of the box as it is now
    Box box;
    Vec3 centre;           // middle of the window, in the middle plane of the slab
    double width, height;  // of the window
    double thickness;      // of the slab
    /// Where a point of the box is seen: its image nearest to the centre, x to the right and y down.
    Point seen(const Vec3& p) const;
    bool holds(const Point& p, double margin) const;
    /// All images of a point that the window holds, with a margin around it.
    std::vector<Point> images(const Vec3& p, double margin) const;
    /// Height over the middle plane, of the nearest image.
    double above(const Vec3& p) const { return Box::nearest(p.z - centre.z, box.lengths.z); }
};
View view_of(const TissuePlan& plan, const State& state, double thickness, double height);

/// A cell of a plate.
struct CutCell {
    std::size_t population, cell;
    std::vector<Point> corners;
    Point nucleus;         // where it would lie
    double radius;         // of the sphere
    double above;          // of its centre over the middle plane
    std::uint64_t chance;  // by its id
};
std::vector<CutCell> cut_cells(const View& view, const State& state, const std::vector<PopulationLook>& looks);

/// A vessel's stretch within the slab.
struct Channel {
    Point from, to;
    double radius;
};
std::vector<Channel> cut_vessels(const View& view, const State& state);
/// The way from the axis of a channel to a point.
Point away_from(const Channel& channel, const Point& p);
/// Moves nuclei out from under vessels: the sphere of a cell ends at the wall, its middle stays in sight.
void keep_clear(std::vector<CutCell>& cells, const std::vector<Channel>& channels);

/// A cell that is no part of a plate.
struct SingleCell {
    std::size_t population, cell;
    Point at, along;       // along: unit vector of what it lies on; (-y, x) of it points away from the lumen
    double radius;         // of its sphere
    double room;           // radius of the vessel it lies in or on; 0: none
    std::uint64_t chance;  // by its id
    bool outside = false;  // of the slab: of cells that were given alone
};
std::vector<SingleCell> cut_singles(const View& view, const State& state, const std::vector<PopulationLook>& looks);

/// Moves cells on walls and beside them out of all lumens in sight, where a wall is near.
void keep_at_walls(std::vector<SingleCell>& cells, const std::vector<Channel>& channels,
                   const std::vector<PopulationLook>& looks);

/// The part of a convex polygon nearer to `side` than where `dot(p, normal) > offset`.
std::vector<Point> clipped(const std::vector<Point>& polygon, const Point& normal, double offset);

}  // namespace lobule::io::section
