// The untouched liver: balanced parameters and the steady state with turnover on, solved once and then frozen.
#pragma once

#include <string>
#include <vector>

#include "engine/state.hpp"
#include "model/model.hpp"

namespace lobule {

/// Values of every input of the laws that is not State: parameters and what was frozen at rest.
struct Inputs {
    std::vector<double> ones;                // by one-value slot; time and body entries are written by the engine
    std::vector<std::vector<double>> lanes;  // by lane slot, one value per zone; empty for zone entries
};

/// Numbers of the untouched lobule from its tissue (engine/closures.hpp), by closure of the model: one, or one for each zone.
struct Closures {
    std::string key;  // of what they were computed from
    std::vector<std::vector<double>> values;
    bool operator==(const Closures&) const = default;
};

struct RestState {
    Closures closures;
    Parameters parameters;                          // as declared, balanced values filled in
    std::vector<double> values;                     // State values at rest
    std::vector<double> frozen_ones;                // by rest value (extent one)
    std::vector<std::vector<double>> frozen_lanes;  // by rest value (extent lanes)
    std::vector<double> scales;                     // typical size of each State value, for tolerances
    double residual = 0.0;                          // largest |d/dt| relative to scale [1/h]
    int iterations = 0;
};

/// Derives the closures, then solves rates = 0 with every balanced population at its start number, by pseudo-transient continuation and Newton steps.
/// A model without balance rests at its start values. Throws SpecError when a balanced parameter has no positive solution or a
/// population without balance does not rest near its start; RunError when the iteration does not converge.
RestState solve_rest(const Model& model);
/// The same with closures that were derived before, of this model.
RestState solve_rest(const Model& model, Closures closures);

/// Parameters as they are for the run (balanced values kept unless set), with everything frozen at rest.
Inputs make_inputs(const Model& model, const RestState& rest, const Parameters& parameters);

/// The start of a run: the rest state, with populations, lobules and variables whose start numbers depend on changed
/// parameters moved to their new start. Balance is not solved again.
State start_state(const Model& model, const RestState& rest, const Parameters& parameters);

}  // namespace lobule
