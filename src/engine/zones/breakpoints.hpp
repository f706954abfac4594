// Times at which a law jumps or bends because it compares time with parameters: `piecewise(dose, time < end, 0)`. A solver with
// long steps would pass over a short pulse without seeing it, so these times are restarts like events. Private to the engine.
#pragma once

#include <vector>

#include "engine/rest.hpp"
#include "model/model.hpp"

namespace lobule {

/// Ascending times [h] after 0. Throws SpecError when a rate compares time with a value that changes during the run, or one
/// that is not linear in time: such a moment cannot be known beforehand.
std::vector<double> breakpoints(const Model& model, const Inputs& inputs);

}  // namespace lobule
