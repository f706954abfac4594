// What moves a State between two restarts: the ODE of zones, or agents. Private to the engine.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/simulation.hpp"
#include "engine/state.hpp"

namespace lobule {

class CellStep;

class Stepper {
public:
    enum class Step { internal, stop, root };

    virtual ~Stepper() = default;
    /// Starts anew at `state`, which holds all that may influence what follows; no step goes beyond `stop`.
    virtual void restart(const State& state, double stop) = 0;
    /// One step. One that passes `until` keeps what store() needs to tell the state at `until`. Throws SolverFailure.
    virtual Step step(double until) = 0;
    virtual double time() const = 0;
    /// The values at a time within the last step.
    virtual void interpolate(double time, double* out) = 0;
    /// `when` events and random hazards that came due at the end of the last step.
    virtual const std::vector<std::size_t>& risen() const = 0;
    /// What a State holds beside time and values: at the end of the last step, or, `within` it, as it was before.
    virtual void store(State& state, bool within) const = 0;
    virtual SolverStatistics statistics() const = 0;
    /// The step of agents, where cells are agents.
    virtual const CellStep* cells() const { return nullptr; }
    /// Writes the numbers of agents into the values, as laws read them.
    virtual void write_totals(State& /*state*/) const {}
    virtual void reseed(std::uint64_t /*seed*/) {}
};

}  // namespace lobule
