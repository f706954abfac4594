// The space of a tissue as it is now: blood through the vessels and voxels, and what a cell needs to know of its place.
// Private to the engine.
#pragma once

#include <vector>

#include "../mixed/cells.hpp"
#include "engine/tissue.hpp"
#include "reach.hpp"
#include "signals.hpp"

namespace lobule {

class TissueSpace {
public:
    explicit TissueSpace(const TissuePlan& plan);

    /// Takes up a box and its vessels: solves the flow and traces it through the voxels.
    void refresh(const Tissue& tissue);
    /// All follows a new box; flow and places stay as they are within it.
    void strain(const Box& box);
    const Grid& grid() const noexcept { return grid_; }
    const Lobules& lobules() const noexcept { return lobules_; }
    const CellReach& reach() const noexcept { return reach_; }
    const Perfused& perfused() const noexcept { return perfused_; }
    const CellSpace& cells() const noexcept { return cells_; }
    /// Of the vessels, of the whole box [um^3] (tissue/flow.hpp): as last solved, longer by what the box has strained since.
    double admittance() const { return admittance_ * (solved_.lengths.x / grid_.box.lengths.x); }
    /// Takes down in the values what the vessels conduct now, where laws read it.
    void write_vessels(const Model& model, const Inputs& inputs, std::vector<double>& values) const;
    /// Numbers of cells within reach of each place, for all populations of the tissue.
    void spread_numbers(const Model& model, std::vector<double>& values) const;
    /// The places of cells from their positions.
    void locate(State& state) const;

private:
    const TissuePlan& plan_;
    Grid grid_;
    Lobules lobules_;
    Perfused perfused_;
    CellSpace cells_;
    CellReach reach_;
    double admittance_ = 0.0;
    Box solved_;
};

}  // namespace lobule
