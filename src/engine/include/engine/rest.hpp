// The untouched liver: balanced parameters and the steady state with turnover on, solved once and then frozen.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/state.hpp"
#include "model/model.hpp"

namespace lobule {

/// Columns by lane slot. Of a tissue they are long: copies share them.
class LaneColumns {
public:
    void resize(std::size_t slots) { columns_.resize(slots); }
    std::size_t size() const noexcept { return columns_.size(); }
    /// One value for each zone, or none.
    const std::vector<double>& operator[](std::size_t slot) const {
        static const std::vector<double> none;
        return columns_[slot] ? *columns_[slot] : none;
    }
    void set(std::size_t slot, std::vector<double> values) {
        columns_[slot] = std::make_shared<const std::vector<double>>(std::move(values));
    }

private:
    std::vector<std::shared_ptr<const std::vector<double>>> columns_;
};

/// Values of every input of the laws that is not State: parameters and what was frozen at rest.
struct Inputs {
    std::vector<double> ones;  // by one-value slot; time and body entries are written by the engine
    LaneColumns lanes;         // by lane slot; empty for zone entries
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
