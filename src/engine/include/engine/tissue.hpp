// A model read as cells in space: the box of lobules it lies in, and its start.
//
// The places of a tissue are the voxels of a grid. A model compiled with as many zones as there are voxels has its laws for
// each of them; balanced parameters come from the model in zones, by position, and what is frozen at rest from the untouched
// tissue itself.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rest.hpp"
#include "engine/simulation.hpp"
#include "engine/state.hpp"
#include "model/model.hpp"
#include "tissue/grid.hpp"
#include "tissue/lobules.hpp"
#include "tissue/vessels.hpp"

namespace lobule {

/// What does not change in a run.
struct TissuePlan {
    Lobules lobules;  // of the untouched liver
    SinusoidSpec sinusoids;
    Grid grid;
    double lobules_in_box = 1.0;   // by volume
    std::vector<double> position;  // by place: share of the tissue nearer to the portal end, 0 to 1
    std::vector<double> tissue;    // by place: share of the voxel outside of portal tracts and central veins
    // Of the untouched tissue, known once its cells are placed.
    double vessel_length = 0.0;    // [um] of sinusoids
    double length_per_cell = 0.0;  // [um] of sinusoid for each cell of its wall
};

/// From the declared sizes. Throws SpecError where the model has no [sinusoids] or a size makes no lobule.
TissuePlan plan_tissue(const Model& model, const Parameters& parameters);
/// Tissue, and what zones take from it, is made of the sizes as declared. Throws SpecError when those of a run are others.
void check_sizes(const Model& model, const Parameters& declared, const Parameters& of_run);

/// The untouched liver as tissue, and the start of a run in it.
struct TissueCase {
    std::shared_ptr<const Model> model;  // its zones are places
    Inputs inputs;
    State start;
    TissuePlan plan;  // completed
};

/// `zones` with its rest state is the reading that balanced the model; `places` is the same Spec with as many zones as `plan` has
/// places. `parameters` are of the run, by zones. Throws RunError where signals find no balance.
TissueCase start_tissue(const Model& zones, const RestState& rest, const Parameters& parameters,
                        std::shared_ptr<const Model> places, const TissuePlan& plan, const DrawAddress& draws,
                        int threads);

/// One number of the structure of a tissue, in its unit.
struct StructureReading {
    std::string name;  // sinusoid.segment, PART.density: structure_names()
    double value = 0.0;
    std::string unit;
};

/// What stereology would find: vessels of the whole box, cells of the tissue outside of portal tracts and central veins. Shares
/// by third are of the tissue volume, from the portal end; PART.spacing is the distance to the nearest cell of the part seen
/// in an optical section of 5 um. MATRIX.central_septa is the density of a matrix at the thinnest place of the best way from a
/// central vein to the next, over the mean of the tissue; portal_septa the same from portal tract to the next.
std::vector<StructureReading> read_structure(const Model& places, const TissuePlan& plan, const State& state);
std::vector<std::string> structure_names(const Model& places);
std::string structure_unit(std::string_view name);

/// A value of the laws at each place of a State; `inputs` are those of the run.
std::vector<double> value_by_place(const Model& places, const Inputs& inputs, const State& state,
                                   const ZoneValue& value);

/// Values of a State in places as those of zones, in the layout of `zones`: sums of numbers and amounts, means of the rest.
std::vector<double> values_by_zone(const Model& zones, const Model& places, const TissuePlan& plan,
                                   std::span<const double> values);

}  // namespace lobule
