#include "system.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace lobule {

std::vector<FluxTerm> flux_terms(const Model& model, const Laws& laws) {
    const StateIndex index{model.zones, static_cast<std::int32_t>(model.zone_states.size())};
    std::vector<FluxTerm> terms;
    const auto lane = [&](ExprId flux, std::int32_t z) { return laws.graph[flux].extent == Extent::lanes ? z : 0; };
    const auto add = [&](ExprId flux, double sign, std::vector<std::pair<std::int32_t, std::int32_t>> rows) {
        if (!laws.graph.is_constant(flux, 0.0) && !rows.empty()) terms.push_back({flux, sign, std::move(rows)});
    };
    for (std::int32_t e = 0; e < index.zone_entries; ++e) {
        const ExprId flux = laws.zone_rates[static_cast<std::size_t>(e)];
        std::vector<std::pair<std::int32_t, std::int32_t>> rows;
        for (std::int32_t z = 0; z < index.zones; ++z) rows.emplace_back(lane(flux, z), index.zone(e, z));
        add(flux, 1.0, std::move(rows));
    }
    for (std::size_t b = 0; b < laws.body_rates.size(); ++b)
        add(laws.body_rates[b], 1.0, {{0, index.body(static_cast<std::int32_t>(b))}});
    const std::int32_t last = index.zones - 1;
    for (const Transfer& t : laws.transfers) {
        switch (t.route) {
            case Transfer::Route::downstream: {
                std::vector<std::pair<std::int32_t, std::int32_t>> out, in;
                for (std::int32_t z = 0; z < last; ++z) {
                    out.emplace_back(lane(t.flux, z), index.zone(t.from, z));
                    in.emplace_back(lane(t.flux, z), index.zone(t.to, z + 1));
                }
                add(t.flux, -1.0, std::move(out));
                add(t.flux, 1.0, std::move(in));
                break;
            }
            case Transfer::Route::upstream: {
                std::vector<std::pair<std::int32_t, std::int32_t>> out, in;
                for (std::int32_t z = 1; z < index.zones; ++z) {
                    out.emplace_back(lane(t.flux, z), index.zone(t.from, z));
                    in.emplace_back(lane(t.flux, z), index.zone(t.to, z - 1));
                }
                add(t.flux, -1.0, std::move(out));
                add(t.flux, 1.0, std::move(in));
                break;
            }
            case Transfer::Route::enter:
                if (t.from >= 0) add(t.flux, -1.0, {{0, index.body(t.from)}});
                add(t.into, 1.0, {{0, index.zone(t.to, 0)}});
                break;
            case Transfer::Route::leave:
                add(t.flux, -1.0, {{lane(t.flux, last), index.zone(t.from, last)}});
                if (t.to >= 0) add(t.into, 1.0, {{lane(t.into, last), index.body(t.to)}});
                break;
            case Transfer::Route::body:
                add(t.flux, -1.0, {{0, index.body(t.from)}});
                add(t.flux, 1.0, {{0, index.body(t.to)}});
                break;
        }
    }
    return terms;
}

InputBinding::InputBinding(const Model& model, const Inputs& inputs) : model_(model), inputs_(inputs) {
    inputs_.ones.resize(static_cast<std::size_t>(model.one_inputs));
    inputs_.lanes.resize(static_cast<std::size_t>(model.lane_inputs));
    columns_.resize(inputs_.lanes.size());
}

ProgramInputs InputBinding::bind(double time, const double* y) {
    const std::size_t zones = static_cast<std::size_t>(model_.zones);
    const std::size_t zone_entries = model_.zone_states.size();
    for (std::size_t e = 0; e < zone_entries; ++e) columns_[e] = y + e * zones;
    for (std::size_t s = zone_entries; s < columns_.size(); ++s) columns_[s] = inputs_.lanes[s].data();
    inputs_.ones[Model::time_slot] = std::clamp(time, low_, high_);
    std::copy_n(y + zone_entries * zones, model_.body_states.size(), inputs_.ones.begin() + 1);
    return {inputs_.ones, columns_, zones};
}

ZoneSystem::ZoneSystem(const Model& model, const Laws& laws, const Inputs& inputs)
    : size_(model.state_size()), terms_(flux_terms(model, laws)), binding_(model, inputs) {
    std::vector<ExprId> outputs;
    for (const FluxTerm& term : terms_) outputs.push_back(term.flux);
    program_ = Program(laws.graph, outputs);
}

ZoneSystem::ZoneSystem(const ZoneSystem& compiled, const Model& model, const Inputs& inputs)
    : size_(compiled.size_), terms_(compiled.terms_), program_(compiled.program_), binding_(model, inputs) {}

void ZoneSystem::rates(double time, const double* y, double* dydt) {
    program_.evaluate(binding_.bind(time, y), workspace_);
    std::fill_n(dydt, size_, 0.0);
    for (std::size_t t = 0; t < terms_.size(); ++t) {
        const double* flux = program_.result(workspace_, t);
        for (const auto& [lane, row] : terms_[t].rows) dydt[row] += terms_[t].sign * flux[lane];
    }
}

}  // namespace lobule
