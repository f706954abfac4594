// A number of the places of a tissue, over the plane of a section.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/model.hpp"
#include "section_cut.hpp"

namespace lobule::io::section {

/// Values of places, those in large vessels left out.
class Field {
public:
    Field(const TissuePlan& plan, const std::vector<double>& values, const Dimension& dimension, const View& view);
    /// At a point of the view, from the four voxels around.
    double at(const Point& p) const;
    /// Lowest and highest in the layer, but for one voxel in a hundred at each end.
    std::pair<double, double> span() const;
    const Dimension& dimension() const { return dimension_; }

private:
    const View& view_;
    Grid grid_;
    Dimension dimension_;
    std::vector<double> value_, weight_;  // of one layer of voxels; weight 0 in a vessel, else 1
};

/// By place, per volume of the tissue: the sum of zone entries.
std::vector<double> density_of(const TissuePlan& plan, const State& state, const std::vector<std::size_t>& entries,
                               const Box& box);

/// Zone entries of a kind: `name` itself, or all of its pools. Throws SpecError with the nearest name when there are none.
std::vector<std::size_t> entries_of(const Model& places, StateInfo::Kind kind, const std::string& name,
                                    const std::string& option);

}  // namespace lobule::io::section
