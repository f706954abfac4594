#include "space.hpp"

#include <cmath>

#include "tissue/flow.hpp"
#include "tissue/transport.hpp"

namespace lobule {

TissueSpace::TissueSpace(const TissuePlan& plan)
    : plan_(plan), grid_(plan.grid), lobules_(plan.lobules), reach_(plan.grid, k_cell_reach) {}

void TissueSpace::refresh(const Tissue& tissue) {
    strain(tissue.box);
    FlowDrive spec;
    spec.inflow = 1.0;
    const Flow flow = solve_flow(tissue.vessels, tissue.box, spec);
    admittance_ = lobule::admittance(flow, spec);
    solved_ = tissue.box;
    VesselVoxels voxels = trace_vessels(tissue.vessels, flow, grid_);
    perfused_ = {std::move(voxels.flow), std::move(voxels.inflow), std::move(voxels.outflow)};

    // The longest vessel of a place is its way and its door.
    const VesselNetwork& vessels = tissue.vessels;
    cells_.along.assign(grid_.size(), Vec3{});
    cells_.site.assign(grid_.size(), Vec3{});
    std::vector<double> longest(grid_.size(), 0.0);
    for (std::size_t e = 0; e < vessels.edge_count(); ++e) {
        const Vec3 way = vessels.edge_vector(tissue.box, e);
        const double size = length(way);
        const Vec3 middle = vessels.point_on(tissue.box, e, 0.5);
        const auto place = static_cast<std::size_t>(grid_.voxel_of(middle));
        if (!(size > longest[place])) continue;
        longest[place] = size;
        cells_.along[place] = way * (1.0 / size);
        cells_.site[place] = middle;
    }
    for (std::size_t v = 0; v < grid_.size(); ++v) {
        if (longest[v] > 0.0) continue;
        cells_.site[v] = grid_.centre(static_cast<std::int32_t>(v));
        cells_.along[v] = lobules_.inward(cells_.site[v]);
    }
}

void TissueSpace::strain(const Box& box) {
    const Vec3 by{box.lengths.x / grid_.box.lengths.x, box.lengths.y / grid_.box.lengths.y,
                  box.lengths.z / grid_.box.lengths.z};
    lobules_ = plan_.lobules.in(box);
    grid_.box = cells_.box = box;
    for (Vec3& p : cells_.site) p = {p.x * by.x, p.y * by.y, p.z * by.z};
}

void TissueSpace::spread_numbers(const Model& model, std::vector<double>& values) const {
    for (const Population& population : model.populations) {
        if (population.in_body) continue;
        for (const Population::Substate& sub : population.substates) {
            reach_.spread(values.data() + static_cast<std::size_t>(sub.count) * grid_.size());
            for (const std::int32_t total : sub.totals)
                reach_.spread(values.data() + static_cast<std::size_t>(total) * grid_.size());
        }
    }
}

void TissueSpace::write_vessels(const Model& model, const Inputs& inputs, std::vector<double>& values) const {
    for (const ClosureInfo& closure : model.closures) {
        if (closure.kind != ClosureInfo::Kind::admittance) continue;
        const double untouched = inputs.ones[static_cast<std::size_t>(closure.slot)];
        values[model.zone_states.size() * grid_.size() + static_cast<std::size_t>(model.vessels_entry)] =
            admittance() / plan_.lobules_in_box / untouched;
    }
}

void TissueSpace::locate(State& state) const {
    for (Agents& agents : state.agents)
        for (std::size_t i = 0; i < agents.positions.size(); ++i)
            agents.zones[i] = static_cast<std::uint32_t>(grid_.voxel_of(agents.positions[i]));
}

}  // namespace lobule
