// Places for cells: centres in the space that vessels leave, and sites on, in and beside vessels. Lengths in um.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tissue/vessels.hpp"

namespace lobule {

/// `count` centres outside vessels, portal tracts and central veins, as evenly spaced as pair repulsion and repulsion from
/// the vessels' walls make them. Throws RunError where no such place is found.
std::vector<Vec3> pack_centres(const VesselNetwork& network, const Lobules& lobules, std::size_t count,
                               std::uint64_t seed);

/// The vessel nearest to a point.
struct NearVessel {
    std::int32_t edge = -1;  // -1: none within reach
    Vec3 from_axis;          // from the nearest point of its axis to the point
};
/// For each point, within `reach` of it. Points lie inside the box.
std::vector<NearVessel> nearest_vessels(const VesselNetwork& network, const Box& box, std::span<const Vec3> points,
                                        double reach, int threads = 1);

/// A place on a vessel: which edge, how far along it (0 at a, 1 at b), and a direction across it.
struct VesselSite {
    std::int32_t edge = 0;
    double along = 0.0;
    double turn = 0.0;   // [0, 1) around the axis
    double depth = 0.0;  // [0, 1] from the axis to the wall, evenly over the cross-section
};

/// Draws sites with a chance that goes by an edge's length times its weight (all 1 if none are given).
class VesselSites {
public:
    VesselSites(const VesselNetwork& network, const Box& box, std::span<const double> weight = {});

    /// The k-th site of a stream: depends on nothing but seed, stream and k.
    VesselSite site(std::uint64_t seed, std::uint64_t stream, std::uint64_t k) const;
    /// `count` sites, or as many as there is length for, with distances between them as even as their density allows;
    /// the order is that of chance.
    std::vector<VesselSite> spread(std::size_t count, std::uint64_t seed, std::uint64_t stream) const;

private:
    VesselSite at(double fraction, double turn, double depth) const;

    const VesselNetwork& network_;
    Box box_;
    std::vector<double> end_;  // of each edge: running sum of length times weight
};

/// Points of a site: on the wall, inside the lumen where its depth says, and `gap` outside the wall.
Vec3 wall_site(const VesselNetwork& network, const Box& box, const VesselSite& site);
Vec3 lumen_site(const VesselNetwork& network, const Box& box, const VesselSite& site);
Vec3 disse_site(const VesselNetwork& network, const Box& box, const VesselSite& site, double gap);

}  // namespace lobule
