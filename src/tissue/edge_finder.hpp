// Which vessels are near a place. Private to the layer.
#pragma once

#include <algorithm>

#include "point_cells.hpp"
#include "tissue/vessels.hpp"

namespace lobule {

class EdgeFinder {
public:
    /// To find edges whose axis comes within `reach` of a place.
    EdgeFinder(const VesselNetwork& network, const Box& box, double reach)
        : network_(network),
          box_(box),
          middle_(network.edge_count()),
          way_(network.edge_count()),
          longest_(measure_edges()),
          cells_(box, middle_, reach + 0.5 * longest_) {}

    /// f(edge, from the nearest point of its axis to p) for every edge within reach, and some beyond.
    template <class F>
    void near(const Vec3& p, F&& f) const {
        cells_.near(p, [&](std::uint32_t e) {
            const Vec3 d = box_.from_to(middle_[e], p), &w = way_[e];
            const double square = dot(w, w);
            const double t = square > 0.0 ? std::clamp(dot(d, w) / square, -0.5, 0.5) : 0.0;
            f(e, d - w * t);
        });
    }

private:
    /// Fills middles and ways; the longest way.
    double measure_edges() {
        double longest = 0.0;
        for (std::size_t e = 0; e < middle_.size(); ++e) {
            way_[e] = network_.edge_vector(box_, e);
            middle_[e] = network_.point_on(box_, e, 0.5);
            longest = std::max(longest, length(way_[e]));
        }
        return longest;
    }

    const VesselNetwork& network_;
    Box box_;
    std::vector<Vec3> middle_, way_;
    double longest_;
    PointCells cells_;
};

}  // namespace lobule
