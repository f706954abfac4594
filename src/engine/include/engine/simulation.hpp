// Simulation moves a State along a Model and lets a sink read it. It never prints, opens a file or reads a clock.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/rest.hpp"
#include "engine/state.hpp"
#include "model/model.hpp"

namespace lobule {

/// What the caller gets while a run goes on. All calls come from the thread that runs.
class Sink {
public:
    virtual ~Sink() = default;
    /// At every output time; twice at the time of an event: before and after. `probes` in written units.
    virtual void sample(double time, std::span<const double> probes, std::span<const double> values) = 0;
    /// At every restart of the solver: a run resumed from here repeats this one bit for bit.
    virtual void restart_point(const State& state) = 0;
    virtual void event(double /*time*/, const ModelEvent& /*event*/) {}
    /// Now and then; return true to stop at the last restart point.
    virtual bool progress(double /*time*/) { return false; }
};

struct SolverStatistics {
    long steps = 0, rate_evaluations = 0, jacobians = 0, factorisations = 0, error_failures = 0,
         convergence_failures = 0;
    long restarts = 0;
};

/// One clear record of a failed solve.
class SolverFailure : public RunError {
public:
    SolverFailure(double time, std::string worst, const std::string& what);
    double time() const noexcept { return time_; }
    const std::string& worst() const noexcept { return worst_; }

private:
    double time_;
    std::string worst_;
};

enum class Resolution : std::uint8_t { zones, mixed, cells };

struct TissuePlan;
struct CompiledOde;

/// The programs of dy/dt and its derivatives: what a run in zones needs of a model whatever its parameters are. Making them takes as
/// long as several simulated days; runs that share them give the same bits. To be read from several threads.
std::shared_ptr<const CompiledOde> compile_ode(std::shared_ptr<const Model> model);

/// Where the numbers of a run are drawn from.
struct DrawAddress {
    std::uint64_t seed = 1, patient = 0;
};

/// How a model is read.
struct SimulationOptions {
    Resolution resolution = Resolution::zones;
    std::uint64_t seed = 1, patient = 0;
    // Agents.
    double step = 0.25;                        // [h]
    double sample = 1.0;                       // agents for each cell of one lobule
    double lobules = 1.0;                      // of the untouched liver: what an agent of blood stands for
    std::vector<double> in_body;               // by population of blood or marrow: its cells in the untouched body
    int threads = 1;                           // changes no bit
    std::shared_ptr<const TissuePlan> tissue;  // of cells in space
    long most_steps = 200000;  // of the solver between two restarts, in zones: a run that needs more is stuck
    std::shared_ptr<const CompiledOde> ode;  // of this very model; none: made anew for each Simulation
};

/// As the scenario of the model says; `rest` gives the number of lobules.
SimulationOptions simulation_options(const Model& model, const RestState& rest, Resolution resolution);

struct Outcome {
    enum class End { finished, stopped } end = End::finished;
    State last;                    // finished: the state at the requested time; stopped: the last restart point
    std::optional<State> earlier;  // the last restart point, where `last` is none
    SolverStatistics statistics;
    /// Where a resumed run starts.
    const State& restart_point() const { return earlier ? *earlier : last; }
};

class Simulation {
public:
    /// `start` is a start_state() or a restart point. Shares the model; keeps its own copy of the inputs.
    /// With agents, a `start` that has none is sampled.
    Simulation(std::shared_ptr<const Model> model, Inputs inputs, std::vector<double> scales, State start,
               const SimulationOptions& options = {});
    ~Simulation();

    /// Runs to `until` [h]. Samples are at multiples of `output` [h], at events (before and after) and at `until`; none of
    /// them changes a bit of the result. `resumed`: the start was sampled before and is not sampled again.
    Outcome run(double until, double output, Sink& sink, bool resumed = false);

    /// Starts over from another state and seed, with all that was compiled: for ensembles.
    void reset(State start, std::uint64_t seed);
    /// Where the run is: at the start, then at the last restart point.
    const State& state();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Values of the probes at a state, in their written units.
std::vector<double> read_probes(const Model& model, const Inputs& inputs, const State& state);

}  // namespace lobule
