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
    /// Starts anew at `state`, which holds all that may influence what follows; no step goes beyond `stop`. May take values out of
    /// `state` that recall() can put back: a large tissue is not held twice.
    virtual void restart(State& state, double stop) = 0;
    /// Looks at the state that a run begins with, before its first events act on it.
    virtual void meet(const State& /*state*/) {}
    /// Puts back what restart() took out of a state.
    virtual void recall(State& /*state*/) const {}
    /// One step. One that passes `look` keeps what values_at() and take() need to tell the state there. Throws SolverFailure.
    virtual Step step(double look) = 0;
    virtual double time() const = 0;
    /// The values at a time within the last step. Valid until the next call.
    virtual const std::vector<double>& values_at(double time) = 0;
    /// Moves the state at a time within the last step into `state`, all but what has fired. What comes next is a restart. Cells are
    /// as they were before the step unless `time` is its end.
    virtual void take(State& state, double time) = 0;
    /// `when` events and random hazards that came due at the end of the last step.
    virtual const std::vector<std::size_t>& risen() const = 0;
    virtual SolverStatistics statistics() const = 0;
    /// The step of agents, where cells are agents.
    virtual const CellStep* cells() const { return nullptr; }
    /// Writes the numbers of agents into the values, as laws read them.
    virtual void write_totals(State& /*state*/) const {}
    virtual void reseed(std::uint64_t /*seed*/) {}
};

/// Values at a time within a step, on the line between its two ends: `after` itself at the end, else `within`, filled. `before` may
/// be empty where only the end is asked for.
const std::vector<double>& values_between(double start, const std::vector<double>& before, double end,
                                          const std::vector<double>& after, double time, std::vector<double>& within);

}  // namespace lobule
