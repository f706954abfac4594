#include "start.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "base/random.hpp"

namespace lobule {

namespace {

constexpr std::uint64_t k_start_stream = stream_id("start");
constexpr std::uint64_t k_event_stream = stream_id("event");
constexpr std::uint64_t k_id_stream = stream_id("id");

void add_cell(Agents& agents, std::uint64_t id, std::int32_t substate, std::int32_t zone,
              const std::vector<double>& carried, const Vec3* position) {
    agents.ids.push_back(id);
    agents.divisions.push_back(0);
    agents.substates.push_back(static_cast<std::uint16_t>(substate));
    agents.zones.push_back(static_cast<std::uint32_t>(zone));
    if (position != nullptr) agents.positions.push_back(*position);
    for (std::size_t q = 0; q < agents.quantities.size(); ++q) agents.quantities[q].push_back(carried[q]);
}

}  // namespace

std::uint64_t first_id(const Population& population, std::uint64_t when, std::uint64_t number) {
    return random_block({0, 0, k_id_stream, stream_id(population.name), when, number})[0];
}

void sample_agents(const Model& model, State& state, const CellStep& cells, const DrawAddress& draws,
                   std::vector<Agents> placed) {
    const StateIndex index{model.zones, static_cast<std::int32_t>(model.zone_states.size())};
    state.agents.clear();
    for (std::size_t p = 0; p < model.populations.size(); ++p) {
        const Population& population = model.populations[p];
        if (!placed.empty() && !population.in_body) {
            state.agents.push_back(std::move(placed[state.agents.size()]));
            continue;
        }
        Agents agents;
        agents.quantities.resize(population.quantities.size());
        std::uint64_t number = 0;
        for (std::int32_t z = 0; z < index.places(population); ++z) {
            const double u = random_uniform({draws.seed, draws.patient, k_start_stream, stream_id(population.name),
                                             static_cast<std::uint64_t>(z), 0});
            double sum = 0.0;
            std::int64_t taken = 0;
            for (std::size_t s = 0; s < population.substates.size(); ++s) {
                const Population::Substate& sub = population.substates[s];
                const double count = std::max(state.values[index.of(population, sub.count, z)], 0.0);
                sum += count * cells.agents_per_cell(p);
                const auto upto = static_cast<std::int64_t>(std::floor(sum + u));
                std::vector<double> carried;
                for (const std::int32_t total : sub.totals)
                    carried.push_back(count > 0.0 ? state.values[index.of(population, total, z)] / count : 0.0);
                for (; taken < upto; ++taken)
                    add_cell(agents, first_id(population, 0, number++), static_cast<std::int32_t>(s), z, carried,
                             nullptr);
            }
        }
        state.agents.push_back(std::move(agents));
    }
    cells.write_totals(state);
}

void set_number(const Model& model, State& state, const CellStep& cells, const DrawAddress& draws,
                const Assignment& what, std::int32_t zone, double number, const std::vector<double>& newcomer,
                std::uint64_t which) {
    const Population& population = model.populations[static_cast<std::size_t>(what.population)];
    Agents& agents = state.agents[static_cast<std::size_t>(what.population)];
    const std::uint64_t of_population = stream_id(population.name);
    const double u = random_uniform(
        {draws.seed, draws.patient, k_event_stream, of_population, which, static_cast<std::uint64_t>(zone)});
    const double agents_of_number = number * cells.agents_per_cell(static_cast<std::size_t>(what.population));
    const auto wanted = static_cast<std::size_t>(std::floor(agents_of_number + u));
    // Those concerned, in a random order that is theirs: by a draw at their id.
    std::vector<std::pair<std::uint64_t, std::size_t>> present;
    for (std::size_t i = 0; i < agents.size(); ++i) {
        const auto substate = static_cast<std::int32_t>(agents.substates[i]);
        if (agents.zones[i] != static_cast<std::uint32_t>(zone) ||
            std::find(what.substates.begin(), what.substates.end(), substate) == what.substates.end())
            continue;
        present.emplace_back(random_block({draws.seed, draws.patient, k_event_stream, agents.ids[i], which, 1})[0], i);
    }
    std::sort(present.begin(), present.end());
    if (present.size() > wanted) {
        std::vector<bool> leaves(agents.size(), false);
        for (std::size_t k = wanted; k < present.size(); ++k) leaves[present[k].second] = true;
        cells.remove(agents, leaves);
        return;
    }
    const std::size_t before = present.size();
    const bool in_space = cells.space() != nullptr && !population.in_body;
    LOBULE_ASSERT(!in_space || static_cast<std::size_t>(zone) < cells.space()->site.size(), zone);
    for (std::size_t k = before; k < wanted; ++k) {
        const std::uint64_t id = first_id(population, 1 + which, k + (static_cast<std::uint64_t>(zone) << 40));
        if (before == 0) {
            add_cell(agents, id, what.substates.front(), zone, newcomer,
                     in_space ? &cells.space()->site[static_cast<std::size_t>(zone)] : nullptr);
            continue;
        }
        const std::size_t like = present[k % before].second;
        std::vector<double> carried;
        for (const auto& column : agents.quantities) carried.push_back(column[like]);
        const Vec3 beside = in_space ? agents.positions[like] : Vec3{};
        add_cell(agents, id, agents.substates[like], zone, carried, in_space ? &beside : nullptr);
    }
}

}  // namespace lobule
