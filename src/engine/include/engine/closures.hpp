// What zones need from tissue and only tissue knows: numbers of one untouched lobule, from a small piece of generated tissue.
// They are computed once, at the values as declared, and frozen: no setting solves them again. Cited as `derived:tissue`.
#pragma once

#include <string>
#include <vector>

#include "engine/rest.hpp"
#include "model/model.hpp"

namespace lobule {

/// Of everything that decides them: sizes of the lobule and its vessels, zones, which of them the laws read, the method. Empty where
/// no law reads one.
std::string closure_key(const Model& model);

/// Generates two lobules, 100 um thick, from a fixed seed. Costs nothing where no law reads a closure. Throws SpecError where a
/// size makes no lobule.
Closures derive_closures(const Model& model);

}  // namespace lobule
