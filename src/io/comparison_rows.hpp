// Parts of a comparison: what tells runs apart, and how each group of them meets the evidence.
#pragma once

#include <string>
#include <vector>

#include "io/comparison.hpp"
#include "study/labels.hpp"

namespace lobule::io {

/// Everything that was asked of a run, but its seed and how often it was sampled: equal for replicates.
std::string setting_of(const RunResult& run);

/// What labels are made of, by group.
std::vector<study::RunTraits> traits_of(const Comparison& comparison);

/// A, B, ... Z, A2, B2, ...
std::string letter_name(std::size_t index);

void find_differing(Comparison& comparison);
void compare_evidence(Comparison& comparison);

}  // namespace lobule::io
