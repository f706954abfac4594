// Hexagonal lobules that fill a periodic box: central veins on the axes of the hexagons, portal tracts on all or some of
// their corners, all along z. Lengths in um.
#pragma once

#include "tissue/box.hpp"

namespace lobule {

/// n x m rectangles of two lobules each; regular hexagons of circumradius R where the box is 3 R n by sqrt(3) R m. All is
/// derived from the box: where it strains, the hexagons strain with it.
struct Lobules {
    Box box;
    int n = 1, m = 1;
    /// Portal tracts per lobule: 2 (on every corner), 1.5 (one of the four corners of each rectangle has none) or 1 (on corners
    /// 0, 2 and 4 of each lobule). No two corners without a tract are neighbours.
    double tracts = 2.0;
    double portal_radius = 23.0;   // [um] of a portal tract
    double central_radius = 26.5;  // [um] of a central vein

    /// Regular hexagons of circumradius `radius`, `thickness` along z.
    static Lobules regular(double radius, double thickness, int n = 1, int m = 1);

    int count() const { return 2 * n * m; }
    int corner_count() const { return 4 * n * m; }
    int tract_count() const { return static_cast<int>(tracts * count()); }
    int edge_count() const { return 6 * n * m; }
    /// Circumradius of the regular hexagon of the same area [um].
    double radius() const;

    Vec3 centre(int lobule) const;  // of the central vein, at z = 0
    Vec3 corner(int corner) const;  // at z = 0
    Vec3 tract(int tract) const;    // of the portal tract, at z = 0
    /// The k-th of the six corners of a lobule, counted counter-clockwise from +x, in the image next to its centre.
    Vec3 corner_of(int lobule, int k) const;
    /// Whether that corner carries a portal tract.
    bool has_tract(int lobule, int k) const;

    /// The lobule that holds a point.
    int nearest(const Vec3& point) const;
    double to_central_axis(const Vec3& point) const;
    double to_portal_axis(const Vec3& point) const;  // of the nearest tract
    double to_edge(const Vec3& point) const;
    /// The same point, or the nearest one on the wall of the portal tract or central vein that holds it.
    Vec3 outside(const Vec3& point) const;
    /// The same lobules in a box that has strained, tracts and veins with it.
    Lobules in(const Box& strained) const;
    /// Unit vector from a point straight to its central axis; +x on the axis itself.
    Vec3 inward(const Vec3& point) const;
    /// 0 at the wall of a portal tract, 1 at the wall of the central vein, continuous, and rising along every straight
    /// line to the axis: d / (d + c), c the distance to the central wall, d that to the portal wall or, if less, to the
    /// hexagon's edge plus 0.2 of the way from there along the edge to a tract (blood comes to the middle of an edge
    /// through the septal venules, and later), and the whole of what is farther than half the edge: no venule goes on from
    /// there to a corner without a tract.
    double position(const Vec3& point) const;
};

}  // namespace lobule
