// State: everything that changes, and nothing else. Copied, hashed, saved. Both readings have the same values; where cells
// are agents, the values of populations are sums over them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/model.hpp"
#include "tissue/box.hpp"
#include "tissue/vessels.hpp"

namespace lobule {

/// The cells of one population, one by one: columns of equal length. A cell's id is its own for ever; a newborn's comes from
/// its mother's id and how often she has divided.
struct Agents {
    std::vector<std::uint64_t> ids;
    std::vector<std::uint32_t> divisions;
    std::vector<std::uint16_t> substates;  // of the population
    std::vector<std::uint32_t> zones;      // 0 periportal; the place in tissue; 0 for cells of blood and marrow
    std::vector<Vec3> positions;           // [um] in the box of a tissue; empty without space, and for blood and marrow
    std::vector<std::vector<double>> quantities;  // by quantity of the population: volume [um^3], attributes
    std::size_t size() const noexcept { return ids.size(); }
};

/// What cells in space lie in.
struct Tissue {
    Box box;
    VesselNetwork vessels;
};

/// The state of one liver at a time. `values`: zone entries first, each with one value per zone (entry * zones + zone,
/// zone 0 periportal), then body entries. Inside units.
struct State {
    double time = 0.0;  // [h]
    std::vector<double> values;
    std::vector<std::uint32_t> fired;  // by event: how often it has fired
    std::vector<Agents> agents{};      // by population; empty where cells are not agents
    std::uint64_t steps = 0;           // of agents: what addresses their draws
    std::optional<Tissue> tissue{};    // of cells in space
};

/// The values of a tissue that its cells do not add up to: most are left out. A Simulation that starts from a state with these
/// alone makes the others again, bit for bit.
std::vector<double> without_counts(const Model& model, const std::vector<double>& values);
/// By zone entry of a model: whether cells of the tissue add up to it.
std::vector<bool> counted_entries(const Model& model);

/// 32 hexadecimal digits of the exact bits: equal for equal runs whatever the threads, outputs and restarts.
std::string state_hash(const State& state);

/// Where and by how much two states differ first: "entry hepatocyte.s.1 zone 2: 1.25 against 1.5"; empty when equal.
std::string first_difference(const Model& model, const State& a, const State& b);

/// The name of one value of State: "hepatocyte.quiescent zone 2" or "plasma.hgf".
std::string value_name(const Model& model, std::size_t index);

}  // namespace lobule
