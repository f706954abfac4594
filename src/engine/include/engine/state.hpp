// State: everything that changes, and nothing else. Copied, hashed, saved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/model.hpp"

namespace lobule {

/// The state of one liver at a time. `values`: zone entries first, each with one value per zone (entry * zones + zone,
/// zone 0 periportal), then body entries. Inside units.
struct State {
    double time = 0.0;  // [h]
    std::vector<double> values;
    std::vector<std::uint32_t> fired;  // by event: how often it has fired
};

/// 32 hexadecimal digits of the exact bits: equal for equal runs whatever the threads, outputs and restarts.
std::string state_hash(const State& state);

/// Where and by how much two states differ first: "entry hepatocyte.s.1 zone 2: 1.25 against 1.5"; empty when equal.
std::string first_difference(const Model& model, const State& a, const State& b);

/// The name of one value of State: "hepatocyte.quiescent zone 2" or "plasma.hgf".
std::string value_name(const Model& model, std::size_t index);

}  // namespace lobule
