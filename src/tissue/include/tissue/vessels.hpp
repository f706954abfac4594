// The network of sinusoids: plain columns of nodes and edges, its segments, and what microscopy would measure on it.
// Lengths in um.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tissue/box.hpp"
#include "tissue/lobules.hpp"

namespace lobule {

enum class NodeKind : std::uint8_t {
    inner,   // a branch point, or a bend where two edges meet
    inlet,   // where portal blood enters
    outlet,  // where blood leaves to a central vein
};

/// Vessels as straight tubes between nodes of a periodic box. An edge runs from its first node to the nearest image of its
/// second one.
struct VesselNetwork {
    std::vector<Vec3> position;
    std::vector<NodeKind> kind;

    std::vector<std::int32_t> a, b;  // the nodes that an edge joins
    std::vector<double> radius;      // [um] at rest
    std::vector<std::uint64_t> id;   // an edge keeps it for life
    std::uint64_t next_id = 0;

    std::size_t node_count() const { return position.size(); }
    std::size_t edge_count() const { return a.size(); }
    std::int32_t add_node(const Vec3& p, NodeKind k);
    std::int32_t add_edge(std::int32_t from, std::int32_t to, double r);
    Vec3 edge_vector(const Box& box, std::size_t edge) const {
        return box.from_to(position[static_cast<std::size_t>(a[edge])], position[static_cast<std::size_t>(b[edge])]);
    }
    double edge_length(const Box& box, std::size_t edge) const { return length(edge_vector(box, edge)); }
    Vec3 point_on(const Box& box, std::size_t edge, double along) const;  // along: 0 at a, 1 at b; wrapped
    bool operator==(const VesselNetwork&) const = default;
};

/// Removes the edges marked and the nodes that lose their last edge by it. The others keep their order.
void remove_edges(VesselNetwork& network, const std::vector<std::uint8_t>& marked);

/// A segment: the edges between two nodes that are no bends, in the order in which they follow each other. The k-th
/// step goes along edge[k] from its a to its b, or against that.
struct Segments {
    struct Step {
        std::int32_t edge;
        bool forward;
    };
    std::vector<std::int32_t> from, to;  // nodes; equal in a loop
    std::vector<std::size_t> first;      // steps of segment s: first[s] .. first[s + 1]
    std::vector<Step> steps;
    std::size_t size() const { return from.size(); }
};

/// A closed ring without any branch point is a segment from one of its nodes to itself.
Segments segments_of(const VesselNetwork& network);
std::vector<std::int32_t> degrees_of(const VesselNetwork& network);

/// What a network is to be like. The defaults are rat.
struct SinusoidSpec {
    double lumen_fraction = 0.106;  // of the tissue (Blouin 1977)
    /// [um] at the portal and the central side. Their mean over the tissue is 4.25 (Vollmar 1998), their ratio that of
    /// 3.2 and 4.15 (Komatsu 1990).
    double radius_portal = 3.8, radius_central = 4.93;
    double radius_variation = 0.1;  // SD over mean, between segments of one place
    double segment_length =
        20.1;  // [um] mean, along the vessel, between branch points (Peeters 2016; mouse 23.9, Hammad 2014)
    double septal_reach = 0.8;      // of the way from a portal tract to the middle of a hexagon's edge
    double septal_spacing = 100.0;  // [um] along z between septal venules of one edge
};

/// Anastomosing sinusoids from portal tracts and septal venules to central veins. Lumen fraction and mean segment length
/// are met within a few per cent; every node lies on a simple path from an inlet to an outlet; no dead ends; branch
/// points have degree 3, few 4. Time and memory grow linearly with the volume.
VesselNetwork generate(const Lobules& lobules, const SinusoidSpec& spec, std::uint64_t seed);

/// Of a part of the tissue.
struct VesselMeasures {
    double volume = 0.0;          // [um^3] of tissue
    double length_density = 0.0;  // [um/um^3] of tissue
    double lumen_fraction = 0.0;  // lumen over tissue
    double wall_density = 0.0;    // [um^2/um^3] wall over tissue
    double mean_radius = 0.0;     // [um] by length
    std::size_t segments = 0;     // assigned to the part that holds the middle of their way
    double segment_length = 0.0;  // [um] mean
    double segment_length_sd = 0.0;
    double tortuosity = 0.0;      // all path over all chord
    double branch_density = 0.0;  // [1/mm^3] nodes of degree 3 or more
    double radial = 0.0;          // mean square cosine to the way to the central axis, by length; 1/3 without direction
};
struct NetworkMeasures {
    VesselMeasures total;
    std::array<VesselMeasures, 3> thirds;  // of position: portal, middle, central
    double loop_density = 0.0;             // [1/mm^3] independent loops: edges - nodes + components
    double mean_degree = 0.0;              // of the nodes that are no bends, inlets or outlets
    std::size_t components = 0;
};
NetworkMeasures measure(const VesselNetwork& network, const Lobules& lobules);

}  // namespace lobule
