#include <algorithm>
#include <cmath>
#include <limits>

#include "../closures/by_place.hpp"
#include "../mixed/start.hpp"
#include "../not_finite.hpp"
#include "../start_values.hpp"
#include "base/assert.hpp"
#include "base/error.hpp"
#include "engine/tissue.hpp"
#include "placement.hpp"
#include "room.hpp"
#include "signals.hpp"
#include "space.hpp"

namespace lobule {

namespace {

/// [h] Cells of the plates settle among their vessels before the run begins.
constexpr double k_settling = 48.0;

/// From values by zone to values by place: linear between the middles of zones.
std::vector<double> by_place(const std::vector<double>& zones, const std::vector<double>& position) {
    const auto n = static_cast<double>(zones.size());
    std::vector<double> out(position.size());
    for (std::size_t v = 0; v < out.size(); ++v) {
        const double at = std::clamp(position[v] * n - 0.5, 0.0, n - 1.0);
        const auto low = std::min(static_cast<std::size_t>(at), zones.size() - 1);
        const auto high = std::min(low + 1, zones.size() - 1);
        const double part = at - static_cast<double>(low);
        out[v] = zones[low] + part * (zones[high] - zones[low]);
    }
    return out;
}

/// Closures of places: those of one value as zones have them, the others from the tissue itself.
Closures place_closures(const Model& zones, const Model& places, const RestState& rest, const TissuePlan& plan,
                        const Tissue& tissue) {
    Closures out;
    for (const ClosureInfo& closure : places.closures) {
        if (closure.extent() == Extent::lanes) {
            out.values.push_back(closure_by_place(closure, rest.parameters, plan, tissue.vessels));
            continue;
        }
        for (std::size_t i = 0; i < zones.closures.size(); ++i)
            if (zones.closures[i].name == closure.name) out.values.push_back(rest.closures.values[i]);
    }
    return out;
}

/// Parameters of zones and what they froze at rest, by place. What only places freeze stays 0.
Inputs place_inputs(const Model& zones, const Model& places, const RestState& rest, const Parameters& of_zones,
                    const Closures& closures, const std::vector<double>& position) {
    LOBULE_ASSERT(zones.parameters.size() == places.parameters.size(), zones.parameters.size(),
                  places.parameters.size());
    Parameters parameters = of_zones;
    for (std::size_t i = 0; i < parameters.lanes.size(); ++i)
        if (places.parameters[i].extent == Extent::lanes) parameters.lanes[i] = by_place(parameters.lanes[i], position);
    Inputs out = bind_parameters(places, parameters, closures);
    out.lanes.set(static_cast<std::size_t>(places.position_slot), position);
    for (const RestValue& value : places.rest_values)
        for (std::size_t i = 0; i < zones.rest_values.size(); ++i) {
            if (zones.rest_values[i].name != value.name) continue;
            if (value.extent == Extent::one)
                out.ones[static_cast<std::size_t>(value.slot)] = rest.frozen_ones[i];
            else
                out.lanes.set(static_cast<std::size_t>(value.slot), by_place(rest.frozen_lanes[i], position));
        }
    return out;
}

/// Whether a value of two places together is the sum of theirs; else it is their mean.
bool is_extensive(const StateInfo& info) {
    const Dimension length = Dimension::of(Dimension::length), cell = Dimension::of(Dimension::cell);
    return info.kind != StateInfo::Kind::variable || info.dimension == cell || info.dimension == power(length, 3);
}

/// Values of the tissue that no cell carries, from those of zones: amounts by share of the volume, the rest as they are.
void spread_values(const Model& zones, const Model& places, const std::vector<double>& from,
                   const std::vector<double>& position, std::vector<double>& to) {
    const auto z = static_cast<std::size_t>(zones.zones), p = static_cast<std::size_t>(places.zones);
    const double share = static_cast<double>(z) / static_cast<double>(p);
    for (std::size_t e = 0; e < zones.zone_states.size(); ++e) {
        const StateInfo& info = zones.zone_states[e];
        if (info.population >= 0) continue;
        const bool extensive = is_extensive(info);
        std::vector<double> values(from.begin() + static_cast<std::ptrdiff_t>(e * z),
                                   from.begin() + static_cast<std::ptrdiff_t>((e + 1) * z));
        for (double& value : values) value *= extensive ? share : 1.0;
        const std::vector<double> spread = by_place(values, position);
        std::copy(spread.begin(), spread.end(), to.begin() + static_cast<std::ptrdiff_t>(e * p));
    }
    std::copy(from.begin() + static_cast<std::ptrdiff_t>(zones.zone_states.size() * z), from.end(),
              to.begin() + static_cast<std::ptrdiff_t>(zones.zone_states.size() * p));
}

/// What laws froze at rest, taken from the untouched tissue.
void freeze(const Model& places, PlaceLaws& laws, const std::vector<double>& values, Inputs& inputs, int threads) {
    std::vector<ExprId> outputs;
    for (const RestValue& value : places.rest_values) outputs.push_back(laws.take(value.at_rest));
    const Program program = laws.program(outputs);
    laws.prepare(0.0, values, threads);
    ProgramWorkspace workspace;
    std::vector<std::vector<double>> columns(outputs.size());
    for (std::size_t first = 0; first < laws.places(); first += PlaceLaws::k_block) {
        const std::size_t count = std::min(PlaceLaws::k_block, laws.places() - first);
        laws.evaluate(program, first, count, workspace);
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const RestValue& value = places.rest_values[i];
            const double* result = program.result(workspace, i);
            if (value.extent == Extent::one) {
                inputs.ones[static_cast<std::size_t>(value.slot)] = *result;
                continue;
            }
            const bool lanes = program.extent(i) == Extent::lanes;
            for (std::size_t k = 0; k < count; ++k) columns[i].push_back(result[lanes ? k : 0]);
        }
    }
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (places.rest_values[i].extent == Extent::lanes)
            inputs.lanes.set(static_cast<std::size_t>(places.rest_values[i].slot), std::move(columns[i]));
}

}  // namespace

std::vector<double> values_by_zone(const Model& zones, const Model& places, const TissuePlan& plan,
                                   std::span<const double> values) {
    const auto z = static_cast<std::size_t>(zones.zones), p = static_cast<std::size_t>(places.zones);
    std::vector<std::size_t> zone(p);
    std::vector<double> size(z, 0.0);
    for (std::size_t v = 0; v < p; ++v) {
        zone[v] = std::min(static_cast<std::size_t>(plan.position[v] * static_cast<double>(z)), z - 1);
        size[zone[v]] += 1.0;
    }
    std::vector<double> out(zones.state_size(), 0.0);
    for (std::size_t e = 0; e < zones.zone_states.size(); ++e) {
        for (std::size_t v = 0; v < p; ++v) out[e * z + zone[v]] += values[e * p + v];
        if (is_extensive(zones.zone_states[e])) continue;
        for (std::size_t k = 0; k < z; ++k) out[e * z + k] /= std::max(size[k], 1.0);
    }
    const auto bodies = static_cast<std::ptrdiff_t>(zones.body_states.size());
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(zones.zone_states.size() * p), bodies,
                out.begin() + static_cast<std::ptrdiff_t>(zones.zone_states.size() * z));
    return out;
}

TissueCase start_tissue(const Model& zones, const RestState& rest, const Parameters& parameters,
                        std::shared_ptr<const Model> places, const TissuePlan& plan, const DrawAddress& draws,
                        int threads) {
    TissueCase out;
    out.model = std::move(places);
    out.plan = plan;
    const Model& model = *out.model;

    Tissue tissue{plan.lobules.box, generate(plan.lobules, plan.sinusoids, draws.seed)};
    const Closures closures = place_closures(zones, model, rest, plan, tissue);
    const Inputs at_rest = place_inputs(zones, model, rest, rest.parameters, closures, plan.position);
    out.inputs = place_inputs(zones, model, rest, parameters, closures, plan.position);
    TissueSpace space(plan);
    space.refresh(tissue);
    const SimulationOptions options = simulation_options(zones, rest, Resolution::cells);
    const CellStep cells(model, out.inputs, {plan.lobules_in_box, options.lobules, options.in_body}, &space.cells());
    const auto sample = [&](const State& from) {
        State state{0.0, std::vector<double>(model.state_size(), 0.0), from.fired};
        spread_values(zones, model, from.values, plan.position, state.values);
        space.write_vessels(model, at_rest, state.values);
        sample_agents(model, state, cells, draws, place_cells(zones, from.values, plan, tissue, draws));
        state.tissue = tissue;
        TissueRoom room(model, plan, threads);
        room.set_vessels(tissue);
        room.relax(state, k_settling);
        space.locate(state);
        cells.write_totals(state);
        space.spread_numbers(model, state.values);
        return state;
    };
    State start = start_state(zones, rest, parameters);
    State untouched{0.0, rest.values, start.fired};
    State of_rest = sample(untouched);
    const TissueRoom room(model, plan, threads);
    out.plan.vessel_length = TissueRoom::length(tissue);
    if (const std::size_t cells_of_walls = room.wall_cells(of_rest.agents); cells_of_walls > 0)
        out.plan.length_per_cell = out.plan.vessel_length / static_cast<double>(cells_of_walls);
    if (model.balanced) {
        // The body rests at its own numbers, not at what the box samples of them: rest() of a rare cell is never 0.
        for (const Population& population : model.populations) {
            if (!population.in_body) continue;
            const auto untouched_value = [&](std::int32_t entry) {
                const std::size_t b = static_cast<std::size_t>(entry);
                of_rest.values[model.zone_states.size() * plan.grid.size() + b] =
                    rest.values[zones.zone_states.size() * static_cast<std::size_t>(zones.zones) + b];
            };
            for (const Population::Substate& sub : population.substates) {
                untouched_value(sub.count);
                for (const std::int32_t total : sub.totals) untouched_value(total);
            }
        }
        TissueSignals signals(model, model.rest, at_rest, plan.lobules_in_box);
        signals.set_space(plan.grid, space.perfused());
        try {
            signals.advance(of_rest.values, 0.0, std::numeric_limits<double>::infinity(), threads);
        } catch (const RunError& error) {
            const std::string law = not_finite(model, model.rest, at_rest, 0.0, of_rest.values);
            throw RunError("the untouched tissue: " + (law.empty() ? std::string(error.what()) : law));
        }
        freeze(model, signals.laws(), of_rest.values, out.inputs, threads);
        cells.write_totals(of_rest);
        space.spread_numbers(model, of_rest.values);
    }
    if (start.values == rest.values) {
        out.start = std::move(of_rest);
        return out;
    }
    out.start = sample(start);
    // Signals start as in the untouched tissue; what the start changes acts from then on.
    for (const SignalInfo& signal : model.signals)
        std::copy_n(of_rest.values.begin() + static_cast<std::ptrdiff_t>(signal.entry) * model.zones, model.zones,
                    out.start.values.begin() + static_cast<std::ptrdiff_t>(signal.entry) * model.zones);
    for (std::size_t b = 0; b < model.body_states.size(); ++b) {
        const std::size_t i = model.zone_states.size() * static_cast<std::size_t>(model.zones) + b;
        if (model.body_states[b].kind == StateInfo::Kind::signal) out.start.values[i] = of_rest.values[i];
    }
    return out;
}

}  // namespace lobule
