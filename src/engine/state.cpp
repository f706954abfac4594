#include "engine/state.hpp"

#include <fmt/format.h>

#include <bit>

#include "base/hash.hpp"

namespace lobule {

std::string state_hash(const State& state) {
    Hasher hasher;
    hasher.add(state.time);
    hasher.add(std::span<const double>(state.values));
    for (const std::uint32_t count : state.fired) hasher.add(static_cast<std::uint64_t>(count));
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
    return {};
}

}  // namespace lobule
