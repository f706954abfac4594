#include "linearisation.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"

namespace lobule {

namespace {

/// Every cut (sum, mark, neighbour's value) reachable from the given expressions, those inside others included.
std::set<ExprId> sums_of(const ExpressionGraph& graph, const std::vector<ExprId>& roots) {
    std::set<ExprId> found;
    std::vector<ExprId> open = roots;
    while (!open.empty()) {
        const ExprId f = open.back();
        open.pop_back();
        for (const ExprId leaf : graph.leaves(f))
            if (graph.is_cut(leaf) && found.insert(leaf).second) open.push_back(graph[leaf].a);
    }
    return found;
}

}  // namespace

Linearisation::Linearisation(const Model& model, const Laws& laws, const ZoneSystem& system,
                             const std::vector<std::int32_t>& with_parameters)
    : size_(static_cast<std::int32_t>(system.size())),
      index_{model.zones, static_cast<std::int32_t>(model.zone_states.size())} {
    ExpressionGraph graph = laws.graph;  // derivatives are added to a copy: the Model is shared
    const std::int32_t zones = model.zones;

    // Columns: state values, then sums (one or one per zone), then parameters.
    std::vector<ExprId> roots;
    for (const FluxTerm& term : system.terms()) roots.push_back(term.flux);
    std::map<ExprId, std::int32_t> column_of_sum;
    std::int32_t next = size_;
    for (const ExprId sum : sums_of(graph, roots)) {
        column_of_sum.emplace(sum, next);
        next += graph[sum].extent == Extent::lanes ? zones : 1;
    }
    bordered_ = next;
    std::map<std::pair<Extent, std::int32_t>, std::int32_t> column_of_parameter;  // by (extent, slot)
    for (const std::int32_t index : with_parameters) {
        const ParameterInfo& parameter = model.parameters[static_cast<std::size_t>(index)];
        parameter_columns_.push_back(next);
        column_of_parameter.emplace(std::pair{parameter.extent, parameter.slot}, next);
        next += parameter.extent == Extent::lanes ? zones : 1;
    }
    columns_ = next;

    std::vector<ExprId> outputs;
    std::map<ExprId, std::int32_t> output_of;
    const auto output = [&](ExprId id) {
        const auto [it, added] = output_of.emplace(id, static_cast<std::int32_t>(outputs.size()));
        if (added) outputs.push_back(id);
        return it->second;
    };
    std::map<std::pair<std::int32_t, std::int32_t>, std::int32_t> entry_at;
    const auto entry = [&](std::int32_t row, std::int32_t column) {
        const auto [it, added] = entry_at.emplace(std::pair{row, column}, static_cast<std::int32_t>(entries_.size()));
        if (added) entries_.push_back({row, column, 0.0});
        return it->second;
    };
    std::map<ExprId, std::vector<ExprId>> leaves_of;  // every lane asks again
    const auto leaves = [&](ExprId f) -> const std::vector<ExprId>& {
        const auto [it, added] = leaves_of.try_emplace(f);
        if (added) it->second = graph.leaves(f);
        return it->second;
    };
    // d f / d leaf for each leaf, stamped at (row, column of the leaf in that lane).
    const auto differentiate = [&](ExprId f, double sign, std::int32_t lane, std::int32_t zone, std::int32_t row) {
        for (const ExprId leaf : leaves(f)) {
            const Expression at = graph[leaf];
            std::int32_t column = -1;
            if (at.op == Op::input) {
                const auto parameter = column_of_parameter.find({at.extent, at.integer});
                const bool lanes = at.extent == Extent::lanes;
                if (parameter != column_of_parameter.end())
                    column = parameter->second + (lanes ? zone : 0);
                else if (lanes && at.integer < index_.zone_entries)
                    column = index_.zone(at.integer, zone);
                else if (!lanes && at.integer >= 1 && at.integer <= static_cast<std::int32_t>(model.body_states.size()))
                    column = index_.body(at.integer - 1);
            } else {
                column = column_of_sum.at(leaf) + (at.extent == Extent::lanes ? zone : 0);
            }
            if (column < 0) continue;
            const ExprId slope = graph.derivative(f, leaf);
            if (graph.is_constant(slope, 0.0)) continue;
            const std::int32_t slope_lane = graph[slope].extent == Extent::lanes ? lane : 0;
            stamps_.push_back({output(slope), slope_lane, entry(row, column), sign});
        }
    };
    for (const FluxTerm& term : system.terms())
        for (const auto& [lane, row] : term.rows) {
            // A one-value flux has no lane leaves; a lane flux sits in the zone it is evaluated in.
            differentiate(term.flux, term.sign, lane, lane, row);
        }
    for (const auto& [sum, column] : column_of_sum) {
        const ExprId f = graph[sum].a;
        const bool per_lane = graph[sum].extent == Extent::lanes;
        const bool over_lanes = graph[sum].op == Op::lane_sum || per_lane;
        for (std::int32_t z = 0; z < (over_lanes ? zones : 1); ++z) {
            std::int32_t from = z;  // where the value comes from
            if (graph[sum].op == Op::next) from = std::min(z + 1, zones - 1);
            if (graph[sum].op == Op::previous) from = std::max(z - 1, 0);
            differentiate(f, -1.0, from, from, per_lane ? column + z : column);
        }
    }
    program_ = Program(graph, outputs);
}

void Linearisation::evaluate(double time, const double* y, InputBinding& binding) {
    program_.evaluate(binding.bind(time, y), workspace_);
    for (Entry& e : entries_) e.value = 0.0;
    for (const Stamp& s : stamps_)
        entries_[static_cast<std::size_t>(s.entry)].value +=
            s.sign * program_.result(workspace_, static_cast<std::size_t>(s.output))[s.lane];
}

}  // namespace lobule
