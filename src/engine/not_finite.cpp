#include "not_finite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "model/program.hpp"
#include "zones/system.hpp"

namespace lobule {

namespace {

/// Laws evaluated together: of a tissue each takes a value for every voxel.
constexpr std::size_t k_batch = 64;

/// The first of `laws` that is not finite somewhere, and where.
std::optional<std::pair<std::size_t, std::size_t>> first_of(const ExpressionGraph& graph,
                                                            const std::vector<ExprId>& laws, const ProgramInputs& in,
                                                            std::size_t zones) {
    for (std::size_t first = 0; first < laws.size(); first += k_batch) {
        const std::size_t last = std::min(first + k_batch, laws.size());
        const std::vector<ExprId> batch(laws.begin() + static_cast<std::ptrdiff_t>(first),
                                        laws.begin() + static_cast<std::ptrdiff_t>(last));
        const Program program(graph, batch);
        ProgramWorkspace workspace;
        program.evaluate(in, workspace);
        for (std::size_t o = 0; o < batch.size(); ++o) {
            const double* value = program.result(workspace, o);
            const std::size_t lanes = program.extent(o) == Extent::lanes ? zones : 1;
            for (std::size_t z = 0; z < lanes; ++z)
                if (!std::isfinite(value[z])) return std::pair(first + o, z);
        }
    }
    return std::nullopt;
}

/// By expression: whether `law` reads it.
std::vector<bool> read_by(const ExpressionGraph& graph, ExprId law) {
    std::vector<bool> out(graph.size(), false);
    std::vector<ExprId> open{law};
    while (!open.empty()) {
        const ExprId id = open.back();
        open.pop_back();
        if (id < 0 || out[static_cast<std::size_t>(id)]) continue;
        out[static_cast<std::size_t>(id)] = true;
        for (const ExprId operand : {graph[id].a, graph[id].b, graph[id].c}) open.push_back(operand);
    }
    return out;
}

}  // namespace

std::string not_finite(const Model& model, const Laws& laws, const Inputs& inputs, double time,
                       const std::vector<double>& values) {
    InputBinding binding(model, inputs);
    const ProgramInputs in = binding.bind(time, values.data());
    const auto zones = static_cast<std::size_t>(model.zones);
    const auto place = [&](const ExprId id, std::size_t z) {
        return laws.graph[id].extent == Extent::lanes
                   ? fmt::format(" in {} {}", model.spec.in_space ? "voxel" : "zone", z + 1)
                   : std::string();
    };
    std::vector<ExprId> rates(laws.zone_rates);
    rates.insert(rates.end(), laws.body_rates.begin(), laws.body_rates.end());
    const auto rate = first_of(laws.graph, rates, in, zones);
    // Operands have lower numbers than what reads them, so the first that fails is no victim of another. A law of which the rate
    // takes the other branch may have no value.
    const std::vector<bool> read = rate ? read_by(laws.graph, rates[rate->first]) : std::vector<bool>{};
    std::vector<const Laws::Named*> named;
    for (const Laws::Named& n : laws.named)
        if (read.empty() || read[static_cast<std::size_t>(n.value)]) named.push_back(&n);
    std::stable_sort(named.begin(), named.end(),
                     [](const Laws::Named* a, const Laws::Named* b) { return a->value < b->value; });
    std::vector<ExprId> ids;
    for (const Laws::Named* n : named) ids.push_back(n->value);
    if (const auto found = first_of(laws.graph, ids, in, zones)) {
        const std::string& name = named[found->first]->name;
        std::string text;
        for (const auto& [of, law] : model.final_laws)
            if (of == name) text = ": " + law;
        return fmt::format("the law of {} has no finite value{}{}", name, place(ids[found->first], found->second),
                           text);
    }
    if (!rate) return {};
    const std::size_t of_zones = laws.zone_rates.size();
    const StateInfo& entry =
        rate->first < of_zones ? model.zone_states[rate->first] : model.body_states[rate->first - of_zones];
    return fmt::format("the rate of {} has no finite value{}", entry.name, place(rates[rate->first], rate->second));
}

}  // namespace lobule
