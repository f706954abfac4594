// Agents and what they share, step by step: the second reading of a model. Private to the engine.
//
// In one step of length h the ODE of the whole model is followed from the state as it is. Cells hop, grow and divide at the
// mean of their hazards along it; signals and variables take their values at its end.
// Numbers of cells then are those of the agents. The error of a step is of third order in h, so the mean of many runs
// differs from the ODE by what finite numbers do (1/N) and by h^2 (docs/methods/agents.md).
#pragma once

#include "../stepper.hpp"
#include "../zones/integrator.hpp"
#include "cells.hpp"
#include "rosenbrock.hpp"

namespace lobule {

class MixedStepper : public Stepper {
public:
    MixedStepper(const Model& model, ZoneSystem& system, Linearisation& linearisation, RootFunctions& roots,
                 const std::vector<double>& scales, const Inputs& inputs, const SimulationOptions& options);

    void restart(State& state, double stop) override;
    Step step(double look) override;
    double time() const override { return state_.time; }
    const std::vector<double>& values_at(double time) override;
    void take(State& state, double time) override;
    const std::vector<std::size_t>& risen() const override { return risen_; }
    SolverStatistics statistics() const override;
    void reseed(std::uint64_t seed) override { options_.seed = seed; }
    const CellStep* cells() const override { return &cells_; }
    void write_totals(State& state) const override { cells_.write_totals(state); }

private:
    double predict(double length);
    void check_positivity();

    const Model& model_;
    ZoneSystem& system_;
    RootFunctions& roots_;
    std::vector<double> scales_;
    SimulationOptions options_;
    Rosenbrock ode_;
    CellStep cells_;
    State state_;                        // at the end of the last step
    std::vector<Agents> agents_before_;  // the last step, when it passed `look`
    std::uint64_t steps_before_ = 0;
    double time_before_ = 0.0;
    std::vector<double> values_before_, values_within_, middle_, end_;
    double stop_ = 0.0, grid_start_ = 0.0, length_ = 0.0;  // the stretch is cut into equal steps
    long grid_steps_ = 1, grid_at_ = 0;
    std::vector<std::size_t> risen_;
    std::vector<double> roots_before_, roots_now_, roots_after_;
    long restarts_ = 0, taken_ = 0;
};

}  // namespace lobule
