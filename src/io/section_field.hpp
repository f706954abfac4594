// A number of the places of a tissue, over the plane of a section.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/model.hpp"
#include "section_cut.hpp"

namespace lobule::io::section {

/// Amounts of zone entries per volume of tissue. Voxels that lie in large vessels do not count.
class Field {
public:
    /// The sum of `entries`.
    Field(const Model& places, const TissuePlan& plan, const State& state, const std::vector<std::size_t>& entries,
          const View& view);
    /// [per um^3] at a point of the view, from the four voxels around.
    double at(const Point& p) const;
    /// Lowest and highest in the layer, but for one voxel in a hundred at each end.
    std::pair<double, double> span() const;
    const Dimension& dimension() const { return dimension_; }  // of the amount

private:
    const View& view_;
    Grid grid_;
    Dimension dimension_;
    std::vector<double> amount_, volume_;  // of one layer of voxels
};

/// Zone entries of a kind: `name` itself, or all of its pools. Throws SpecError with the nearest name when there are none.
std::vector<std::size_t> entries_of(const Model& places, StateInfo::Kind kind, const std::string& name,
                                    const std::string& option);

}  // namespace lobule::io::section
