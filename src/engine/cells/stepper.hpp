// Cells in space, step by step: the third way to move a State along a model. Private to the engine.
//
// In one step of length h: hazards at the state as it is and with the signals of the end of the step, each weighs one half;
// signals, compartments and variables go to the end with the cells as they are; cells hop, grow, divide and die; the box strains
// with the volume of its cells, and they make room for each other; vessels follow.
#pragma once

#include "../mixed/cells.hpp"
#include "../stepper.hpp"
#include "../zones/breakpoints.hpp"
#include "../zones/integrator.hpp"
#include "engine/tissue.hpp"
#include "room.hpp"
#include "signals.hpp"
#include "space.hpp"

namespace lobule {

class TissueStepper : public Stepper {
public:
    TissueStepper(const Model& model, RootFunctions& roots, const Inputs& inputs, const SimulationOptions& options);

    void restart(State& state, double stop) override;
    void meet(const State& state) override;
    void recall(State& state) const override;
    Step step(double look) override;
    double time() const override { return state_.time; }
    const std::vector<double>& values_at(double time) override;
    void take(State& state, double time) override;
    const std::vector<std::size_t>& risen() const override { return risen_; }
    SolverStatistics statistics() const override;
    const CellStep* cells() const override { return &cells_; }
    void write_totals(State& state) const override;
    void reseed(std::uint64_t seed) override { options_.seed = seed; }

private:
    /// What a state held before the last step, when that passed `look`; else its time alone.
    struct Before {
        double time = 0.0;
        std::vector<double> values{};
        std::vector<Agents> agents{};
        std::uint64_t steps = 0;
        std::optional<Tissue> tissue{};
    };

    void make_room(double length);
    void press(double length);
    void read_climbs(double time);

    const Model& model_;
    RootFunctions& roots_;
    SimulationOptions options_;
    TissueSpace space_;
    TissueRoom room_;
    TissueSignals signals_;
    CellStep cells_;
    State state_;  // at the end of the last step
    Before before_;
    std::vector<double> within_;            // of values_at()
    double rest_cells_;                     // [um^3] of one lobule
    double stop_ = 0.0, grid_start_ = 0.0;  // the stretch is cut into equal steps
    long grid_steps_ = 1, grid_at_ = 0;
    Program pressing_;
    std::vector<TissueRoom::Climbing> climbing_;
    Program climb_program_;  // its outputs: climb_fields_, by place
    std::vector<std::vector<double>> climb_fields_;
    std::vector<std::size_t> risen_;
    std::vector<double> roots_before_, roots_after_;
    long restarts_ = 0, taken_ = 0, newton_ = 0, cycles_ = 0;
};

}  // namespace lobule
