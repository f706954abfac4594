// One stretch of time between two restarts: CVODE's variable-order BDF with our Newton matrix. Private to the engine.
#pragma once

#include <sundials/sundials_context.h>
#include <sundials/sundials_nvector.h>

#include <functional>
#include <memory>
#include <vector>

#include "../hazards.hpp"
#include "../stepper.hpp"
#include "engine/simulation.hpp"
#include "newton_matrix.hpp"
#include "system.hpp"

namespace lobule {

/// Root functions: values at (t, y), one for each `when` event.
class RootFunctions {
public:
    RootFunctions(const Model& model, const Inputs& inputs);
    std::size_t count() const noexcept { return events_.size(); }
    std::size_t event(std::size_t root) const { return events_[root]; }
    void evaluate(double time, const double* y, double* out);
    InputBinding& binding() noexcept { return binding_; }

private:
    std::vector<std::size_t> events_;
    Program program_;
    ProgramWorkspace workspace_;
    InputBinding binding_;
};

/// A fresh CVODE for each restart, so that nothing of the past but the state can influence what follows: what makes a resumed
/// run equal to a whole one.
class Integrator : public Stepper {
public:
    Integrator(const Model& model, ZoneSystem& system, Linearisation& linearisation, RootFunctions& roots,
               HazardGuard& hazards, const std::vector<double>& scales, long most_steps);
    ~Integrator() override;

    void restart(State& state, double stop) override;
    Step step(double look) override;
    double time() const override { return time_; }
    const std::vector<double>& values_at(double time) override;
    void take(State& state, double time) override;
    const std::vector<std::size_t>& risen() const override { return risen_; }
    SolverStatistics statistics() const override;

private:
    void free_memory();
    void check_positivity();
    [[noreturn]] void fail(int flag);
    static int right_hand_side(double t, N_Vector y, N_Vector ydot, void* data);
    static int linear_system(double t, N_Vector y, N_Vector fy, SUNMatrix, int jok, int* jcur, double gamma, void* data,
                             N_Vector, N_Vector, N_Vector);
    static int root_values(double t, N_Vector y, double* out, void* data);

    const Model& model_;
    ZoneSystem& system_;
    Linearisation& linearisation_;
    RootFunctions& roots_;
    HazardGuard& hazards_;
    long most_steps_;  // between two restarts
    SUNContext context_ = nullptr;
    void* cvode_ = nullptr;
    std::unique_ptr<NewtonMatrix> newton_;
    N_Vector y_ = nullptr, absolute_ = nullptr, scratch_ = nullptr;
    std::vector<double> peak_;    // the most that each value has been since the last restart
    std::vector<double> values_;  // of values_at()
    double time_ = 0.0;
    long jacobians_ = 0;
    long steps_left_ = 0;            // before the next restart
    std::ptrdiff_t undefined_ = -1;  // the value whose rate was not finite in the last evaluation
    std::vector<std::size_t> risen_;
    SolverStatistics total_;
    std::string error_;  // of an exception inside a callback
};

}  // namespace lobule
