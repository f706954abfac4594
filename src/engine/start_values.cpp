#include "start_values.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/assert.hpp"
#include "zones/system.hpp"

namespace lobule {

namespace {

/// 0 periportal, 1 central, at the middle of the zone.
double zone_position(const Model& model, std::size_t z) { return (static_cast<double>(z) + 0.5) / model.zones; }

}  // namespace

StartValues::StartValues(const Model& model, const Parameters& parameters)
    : model_(model), zones_(static_cast<std::size_t>(model.zones)) {
    ones_.assign(static_cast<std::size_t>(model.one_inputs), 0.0);
    lanes_.resize(static_cast<std::size_t>(model.lane_inputs));
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        const ParameterInfo& p = model.parameters[i];
        if (p.extent == Extent::one)
            ones_[static_cast<std::size_t>(p.slot)] = parameters.ones[i];
        else
            lanes_.set(static_cast<std::size_t>(p.slot), parameters.lanes[i]);
    }
    std::vector<double> position;
    for (std::size_t z = 0; z < zones_; ++z) position.push_back(zone_position(model, z));
    lanes_.set(static_cast<std::size_t>(model.position_slot), std::move(position));
    set_columns();
}

StartValues::StartValues(const Model& model, const Inputs& inputs)
    : model_(model), zones_(static_cast<std::size_t>(model.zones)), ones_(inputs.ones), lanes_(inputs.lanes) {
    set_columns();
}

void StartValues::set_columns() {
    nothing_.assign(zones_, 0.0);
    for (std::size_t s = 0; s < lanes_.size(); ++s)
        columns_.push_back(lanes_[s].empty() ? nothing_.data() : lanes_[s].data());
}

std::vector<double> StartValues::zones(ExprId id) const {
    const std::vector<double> out = raw(id);
    return out.size() == zones_ ? out : std::vector<double>(zones_, out.front());
}

std::vector<double> StartValues::population(ExprId id, std::int32_t population) const {
    if (model_.populations[static_cast<std::size_t>(population)].in_body) return {one(id)};
    std::vector<double> out = zones(id);
    const std::vector<double>& profile = model_.populations[static_cast<std::size_t>(population)].profile;
    if (profile.empty()) return out;
    const double total = std::accumulate(out.begin(), out.end(), 0.0);
    for (std::size_t z = 0; z < zones_; ++z) out[z] = total * profile[z];
    return out;
}

std::vector<double> StartValues::raw(ExprId id) const {
    const Program program(model_.start_graph, std::vector<ExprId>{id});
    ProgramWorkspace workspace;
    program.evaluate({ones_, columns_, zones_}, workspace);
    const double* value = program.result(workspace, 0);
    return {value, value + (program.extent(0) == Extent::lanes ? zones_ : 1)};
}

std::vector<double> start_values(const Model& model, const StartValues& start) {
    const StateIndex index{model.zones, static_cast<std::int32_t>(model.zone_states.size())};
    std::vector<double> y(model.state_size(), 0.0);
    for (std::int32_t e = 0; e < index.zone_entries; ++e) {
        const StateInfo& info = model.zone_states[static_cast<std::size_t>(e)];
        if (info.start < 0) continue;
        const std::vector<double> values =
            info.population >= 0 ? start.population(info.start, info.population) : start.zones(info.start);
        for (std::int32_t z = 0; z < index.zones; ++z)
            y[static_cast<std::size_t>(index.zone(e, z))] = values[static_cast<std::size_t>(z)];
    }
    for (std::size_t b = 0; b < model.body_states.size(); ++b)
        if (model.body_states[b].start >= 0)
            y[static_cast<std::size_t>(index.body(static_cast<std::int32_t>(b)))] =
                start.one(model.body_states[b].start);
    return y;
}

/// Typical sizes: cells by their population, volumes by theirs, the rest by their value.
std::vector<double> typical_sizes(const Model& model, const std::vector<double>& y) {
    const StateIndex index{model.zones, static_cast<std::int32_t>(model.zone_states.size())};
    std::vector<double> scales(y.size(), 0.0);
    const auto at = [&](std::int32_t e, std::int32_t z) {
        return std::abs(y[static_cast<std::size_t>(index.zone(e, z))]);
    };
    double largest_count = 1.0;
    for (const Population& p : model.populations) {
        const std::int32_t places = index.places(p);
        double cells = 0.0;
        std::vector<double> contents(p.quantities.size(), 0.0);
        const auto size_of = [&](std::int32_t e, std::int32_t z) { return std::abs(y[index.of(p, e, z)]); };
        for (const Population::Substate& sub : p.substates)
            for (std::int32_t z = 0; z < places; ++z) {
                cells += size_of(sub.count, z) / places;
                for (std::size_t q = 0; q < contents.size(); ++q) contents[q] += size_of(sub.totals[q], z) / places;
            }
        largest_count = std::max(largest_count, cells);
        for (const Population::Substate& sub : p.substates)
            for (std::int32_t z = 0; z < places; ++z) {
                scales[index.of(p, sub.count, z)] = cells > 0.0 ? cells : 1.0;
                for (std::size_t q = 0; q < contents.size(); ++q)
                    scales[index.of(p, sub.totals[q], z)] = contents[q] > 0.0 ? contents[q] : q == 0 ? 1e3 : 1.0;
            }
    }
    const Dimension cell = Dimension::of(Dimension::cell);
    for (std::int32_t e = 0; e < index.zone_entries; ++e) {
        const StateInfo& info = model.zone_states[static_cast<std::size_t>(e)];
        if (info.population >= 0) continue;
        double mean = 0.0;
        for (std::int32_t z = 0; z < index.zones; ++z) mean += at(e, z) / index.zones;
        if (info.scale > 0.0)
            mean = info.scale;
        else if (!(mean > 0.0))
            mean = info.dimension == cell ? largest_count : 1.0;
        for (std::int32_t z = 0; z < index.zones; ++z) scales[static_cast<std::size_t>(index.zone(e, z))] = mean;
    }
    for (std::size_t b = 0; b < model.body_states.size(); ++b) {
        const auto i = static_cast<std::size_t>(index.body(static_cast<std::int32_t>(b)));
        const StateInfo& info = model.body_states[b];
        if (info.population >= 0) continue;
        scales[i] = info.scale > 0.0         ? info.scale
                    : y[i] != 0.0            ? std::abs(y[i])
                    : info.dimension == cell ? largest_count
                                             : 1.0;
    }
    return scales;
}

std::vector<std::vector<std::vector<double>>> newcomer_values(const Model& model, const Inputs& inputs) {
    const StartValues start(model, inputs);
    std::vector<std::vector<std::vector<double>>> out;
    for (const Population& population : model.populations) {
        out.emplace_back();
        for (const CellQuantity& quantity : population.quantities)
            out.back().push_back(population.in_body ? std::vector<double>{start.one(quantity.start)}
                                                    : start.zones(quantity.start));
    }
    return out;
}

Inputs bind_parameters(const Model& model, const Parameters& parameters, const Closures& closures) {
    Inputs inputs;
    inputs.ones.assign(static_cast<std::size_t>(model.one_inputs), 0.0);
    inputs.lanes.resize(static_cast<std::size_t>(model.lane_inputs));
    const auto zones = static_cast<std::size_t>(model.zones);
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        const ParameterInfo& p = model.parameters[i];
        if (p.extent == Extent::one)
            inputs.ones[static_cast<std::size_t>(p.slot)] = parameters.ones[i];
        else
            inputs.lanes.set(static_cast<std::size_t>(p.slot), parameters.lanes[i]);
    }
    LOBULE_ASSERT(closures.values.size() == model.closures.size(), closures.values.size(), model.closures.size());
    for (std::size_t i = 0; i < model.closures.size(); ++i) {
        const auto slot = static_cast<std::size_t>(model.closures[i].slot);
        if (model.closures[i].extent() == Extent::one)
            inputs.ones[slot] = closures.values[i].front();
        else
            inputs.lanes.set(slot, closures.values[i]);
    }
    std::vector<double> position;
    for (std::size_t z = 0; z < zones; ++z) position.push_back(zone_position(model, z));
    inputs.lanes.set(static_cast<std::size_t>(model.position_slot), std::move(position));
    for (std::size_t s = model.zone_states.size(); s < inputs.lanes.size(); ++s)
        if (inputs.lanes[s].empty()) inputs.lanes.set(s, std::vector<double>(zones, 0.0));
    return inputs;
}

}  // namespace lobule
