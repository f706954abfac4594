#include "engine/state.hpp"

#include <fmt/format.h>

#include <bit>
#include <span>

#include "base/assert.hpp"
#include "base/hash.hpp"

namespace lobule {

std::vector<bool> counted_entries(const Model& model) {
    std::vector<bool> out(model.zone_states.size(), false);
    for (const Population& population : model.populations) {
        if (population.in_body) continue;
        for (const Population::Substate& sub : population.substates) {
            out[static_cast<std::size_t>(sub.count)] = true;
            for (const std::int32_t total : sub.totals) out[static_cast<std::size_t>(total)] = true;
        }
    }
    return out;
}

std::vector<double> without_counts(const Model& model, const std::vector<double>& values) {
    LOBULE_ASSERT(values.size() == model.state_size(), values.size(), model.state_size());
    const auto places = static_cast<std::ptrdiff_t>(model.zones);
    std::vector<double> out;
    auto column = values.begin();
    for (const bool counted : counted_entries(model)) {
        if (!counted) out.insert(out.end(), column, column + places);
        column += places;
    }
    out.insert(out.end(), column, values.end());
    return out;
}

std::string state_hash(const State& state) {
    Hasher hasher;
    hasher.add(state.time);
    hasher.add(std::span<const double>(state.values));
    for (const std::uint32_t count : state.fired) hasher.add(static_cast<std::uint64_t>(count));
    for (const Agents& cells : state.agents) {
        hasher.add(static_cast<std::uint64_t>(cells.size()));
        for (std::size_t i = 0; i < cells.size(); ++i) {
            hasher.add(cells.ids[i]);
            hasher.add(std::uint64_t{cells.divisions[i]} << 32 | std::uint64_t{cells.substates[i]});
            hasher.add(std::uint64_t{cells.zones[i]});
        }
        for (const Vec3& p : cells.positions)
            for (const double x : {p.x, p.y, p.z}) hasher.add(x);
        for (const auto& column : cells.quantities) hasher.add(std::span<const double>(column));
    }
    if (!state.agents.empty()) hasher.add(state.steps);
    if (state.tissue) {
        const auto point = [&](const Vec3& p) {
            for (const double x : {p.x, p.y, p.z}) hasher.add(x);
        };
        const VesselNetwork& vessels = state.tissue->vessels;
        point(state.tissue->box.lengths);
        for (const Vec3& p : vessels.position) point(p);
        for (const NodeKind kind : vessels.kind) hasher.add(static_cast<std::uint64_t>(kind));
        for (std::size_t e = 0; e < vessels.edge_count(); ++e) {
            hasher.add(static_cast<std::uint64_t>(vessels.a[e]) << 32 | static_cast<std::uint64_t>(vessels.b[e]));
            hasher.add(vessels.id[e]);
        }
        hasher.add(std::span<const double>(vessels.radius));
    }
    return hasher.hex();
}

std::string value_name(const Model& model, std::size_t index) {
    const auto zones = static_cast<std::size_t>(model.zones);
    const std::size_t zone_values = model.zone_states.size() * zones;
    if (index >= zone_values) return model.body_states[index - zone_values].name;
    return fmt::format("{} zone {}", model.zone_states[index / zones].name, index % zones + 1);
}

std::string first_difference(const Model& model, const State& a, const State& b) {
    if (a.time != b.time) return fmt::format("time: {} against {} h", a.time, b.time);
    if (a.values.size() != b.values.size())
        return fmt::format("size: {} against {} values", a.values.size(), b.values.size());
    for (std::size_t i = 0; i < a.values.size(); ++i)
        if (std::bit_cast<std::uint64_t>(a.values[i] + 0.0) != std::bit_cast<std::uint64_t>(b.values[i] + 0.0))
            return fmt::format("{}: {} against {}", value_name(model, i), a.values[i], b.values[i]);
    if (a.fired != b.fired) return "the events that have fired";
    if (a.steps != b.steps) return fmt::format("steps of agents: {} against {}", a.steps, b.steps);
    if (a.agents.size() != b.agents.size()) return "one has agents, the other not";
    for (std::size_t p = 0; p < a.agents.size(); ++p) {
        const Agents &x = a.agents[p], &y = b.agents[p];
        const std::string& name = model.populations[p].name;
        if (x.size() != y.size()) return fmt::format("{}: {} against {} cells", name, x.size(), y.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (x.ids[i] != y.ids[i]) return fmt::format("{} cell {}: id {} against {}", name, i, x.ids[i], y.ids[i]);
            const auto differs = [&](std::string_view what, auto left, auto right) {
                return fmt::format("{} cell {} (id {}): {} {} against {}", name, i, x.ids[i], what, left, right);
            };
            if (x.divisions[i] != y.divisions[i]) return differs("divisions", x.divisions[i], y.divisions[i]);
            if (x.substates[i] != y.substates[i]) return differs("state", x.substates[i], y.substates[i]);
            if (x.positions.size() == x.size() && y.positions.size() == y.size() && !(x.positions[i] == y.positions[i]))
                return differs("x", x.positions[i].x, y.positions[i].x);
            if (x.zones[i] != y.zones[i]) return differs("zone", x.zones[i], y.zones[i]);
            for (std::size_t q = 0; q < x.quantities.size(); ++q)
                if (std::bit_cast<std::uint64_t>(x.quantities[q][i]) !=
                    std::bit_cast<std::uint64_t>(y.quantities[q][i]))
                    return differs(model.populations[p].quantities[q].name, x.quantities[q][i], y.quantities[q][i]);
        }
    }
    if (a.tissue.has_value() != b.tissue.has_value()) return "one has a tissue, the other not";
    if (!a.tissue) return {};
    const VesselNetwork &v = a.tissue->vessels, &w = b.tissue->vessels;
    if (!(a.tissue->box.lengths == b.tissue->box.lengths))
        return fmt::format("box: {} against {} um long", a.tissue->box.lengths.x, b.tissue->box.lengths.x);
    if (v.node_count() != w.node_count() || v.edge_count() != w.edge_count())
        return fmt::format("vessels: {} nodes and {} edges against {} and {}", v.node_count(), v.edge_count(),
                           w.node_count(), w.edge_count());
    return v == w ? std::string() : "the vessels";
}

}  // namespace lobule
