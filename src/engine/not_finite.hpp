// Which law has no finite value: what a failed run says of itself. Private to the engine.
#pragma once

#include <string>
#include <vector>

#include "engine/rest.hpp"
#include "model/model.hpp"

namespace lobule {

/// "the law of part.define has no finite value: TEXT", of the first named law in the order of evaluation, with the place of the first
/// zone; of the laws without a name the first entry of State whose rate has none. Empty where all are finite.
std::string not_finite(const Model& model, const Laws& laws, const Inputs& inputs, double time,
                       const std::vector<double>& values);

}  // namespace lobule
