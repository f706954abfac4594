#include "integrator.hpp"

#include <cvode/cvode.h>
#include <fmt/format.h>
#include <nvector/nvector_serial.h>

#include <algorithm>
#include <cmath>

#include "vector.hpp"

namespace lobule {

namespace {

/// The absolute tolerance of a value, in relative tolerances of its typical size.
constexpr double k_absolute = 1e-2;
/// A value may undershoot zero by the error of the method: this share of its typical size, and the relative tolerance of
/// the most that it has been since the solver started anew. Beyond that it is a fault.
constexpr double k_undershoot = 1e-4;

std::size_t length(N_Vector v) { return static_cast<std::size_t>(NV_LENGTH_S(v)); }
void linear_sum(realtype a, N_Vector x, realtype b, N_Vector y, N_Vector z) {
    vector::linear_sum(a, NV_DATA_S(x), b, NV_DATA_S(y), NV_DATA_S(z), length(z));
}
void scale(realtype c, N_Vector x, N_Vector z) { vector::scale(c, NV_DATA_S(x), NV_DATA_S(z), length(z)); }
realtype weighted_norm(N_Vector x, N_Vector w) { return vector::weighted_norm(NV_DATA_S(x), NV_DATA_S(w), length(x)); }

/// A serial vector with our operations; its clones have them too.
N_Vector new_vector(sunindextype size, SUNContext context) {
    N_Vector vector = N_VNew_Serial(size, context);
    vector->ops->nvlinearsum = linear_sum;
    vector->ops->nvscale = scale;
    vector->ops->nvwrmsnorm = weighted_norm;
    return vector;
}

}  // namespace

SolverFailure::SolverFailure(double time, std::string worst, const std::string& what)
    : RunError(what), time_(time), worst_(std::move(worst)) {}

RootFunctions::RootFunctions(const Model& model, const Inputs& inputs) : binding_(model, inputs) {
    std::vector<ExprId> outputs;
    for (std::size_t e = 0; e < model.run.events.size(); ++e)
        if (model.run.events[e].root >= 0) {
            events_.push_back(e);
            outputs.push_back(model.run.events[e].root);
        }
    program_ = Program(model.run.graph, outputs);
}

void RootFunctions::evaluate(double time, const double* y, double* out) {
    program_.evaluate(binding_.bind(time, y), workspace_);
    for (std::size_t i = 0; i < events_.size(); ++i) out[i] = *program_.result(workspace_, i);
}

Integrator::Integrator(const Model& model, ZoneSystem& system, Linearisation& linearisation, RootFunctions& roots,
                       HazardGuard& hazards, const std::vector<double>& scales, long most_steps)
    : model_(model),
      system_(system),
      linearisation_(linearisation),
      roots_(roots),
      hazards_(hazards),
      most_steps_(most_steps) {
    if (SUNContext_Create(nullptr, &context_) != 0) throw RunError("the solver could not be created");
    const auto n = static_cast<sunindextype>(system.size());
    y_ = new_vector(n, context_);
    absolute_ = new_vector(n, context_);
    scratch_ = new_vector(n, context_);
    for (sunindextype i = 0; i < n; ++i)
        NV_Ith_S(absolute_, i) = k_absolute * model.spec.relative_tolerance * scales[static_cast<std::size_t>(i)];
}

Integrator::~Integrator() {
    free_memory();
    N_VDestroy(y_);
    N_VDestroy(absolute_);
    N_VDestroy(scratch_);
    SUNContext_Free(&context_);
}

void Integrator::free_memory() {
    if (cvode_ == nullptr) return;
    total_ = statistics();
    CVodeFree(&cvode_);
}

SolverStatistics Integrator::statistics() const {
    SolverStatistics all = total_;
    if (cvode_ == nullptr) return all;
    long steps = 0, evaluations = 0, errors = 0, convergence = 0;
    CVodeGetNumSteps(cvode_, &steps);
    CVodeGetNumRhsEvals(cvode_, &evaluations);
    CVodeGetNumErrTestFails(cvode_, &errors);
    CVodeGetNumNonlinSolvConvFails(cvode_, &convergence);
    all.steps += steps;
    all.rate_evaluations += evaluations;
    all.error_failures += errors;
    all.convergence_failures += convergence;
    if (newton_ != nullptr) all.factorisations = newton_->factorisations();
    all.jacobians = jacobians_;
    return all;
}

void Integrator::restart(State& state, double stop) {
    const double time = state.time;
    free_memory();
    ++total_.restarts;
    std::copy(state.values.begin(), state.values.end(), N_VGetArrayPointer(y_));
    // What is below zero already stays allowed, so that a resumed run stops where a whole one does.
    peak_.assign(system_.size(), 0.0);
    for (std::size_t i = 0; i < peak_.size(); ++i)
        peak_[i] = state.values[i] < 0.0 ? -state.values[i] / model_.spec.relative_tolerance : state.values[i];
    time_ = time;
    const double low = std::nextafter(time, HUGE_VAL), high = std::nextafter(stop, -HUGE_VAL);
    system_.binding().limit_time(low, high);
    roots_.binding().limit_time(low, high);
    hazards_.binding().limit_time(low, high);
    cvode_ = CVodeCreate(CV_BDF, context_);
    if (newton_ == nullptr) newton_ = std::make_unique<NewtonMatrix>(linearisation_, context_);
    newton_->forget();
    steps_left_ = most_steps_;
    const bool ok = CVodeInit(cvode_, right_hand_side, time, y_) == 0 &&
                    CVodeSVtolerances(cvode_, model_.spec.relative_tolerance, absolute_) == 0 &&
                    CVodeSetUserData(cvode_, this) == 0 &&
                    CVodeSetLinearSolver(cvode_, newton_->solver(), newton_->matrix()) == 0 &&
                    CVodeSetLinSysFn(cvode_, linear_system) == 0 && CVodeSetErrFile(cvode_, nullptr) == 0 &&
                    CVodeSetStopTime(cvode_, stop) == 0;
    if (!ok) throw RunError("the solver refused its settings");
    if (roots_.count() > 0) {
        std::vector<int> rising(roots_.count(), 1);
        if (CVodeRootInit(cvode_, static_cast<int>(roots_.count()), root_values) != 0 ||
            CVodeSetRootDirection(cvode_, rising.data()) != 0)
            throw RunError("the solver refused its root functions");
        CVodeSetNoInactiveRootWarn(cvode_);
    }
}

Stepper::Step Integrator::step(double) {
    risen_.clear();
    if (steps_left_-- <= 0) fail(CV_TOO_MUCH_WORK);
    const int flag = CVode(cvode_, time_ + 1.0, y_, &time_, CV_ONE_STEP);
    if (flag < 0) fail(flag);
    check_positivity();
    hazards_.check(time_, N_VGetArrayPointer(y_));
    if (flag == CV_TSTOP_RETURN) return Step::stop;
    if (flag == CV_ROOT_RETURN) {
        std::vector<int> found(roots_.count());
        CVodeGetRootInfo(cvode_, found.data());
        for (std::size_t r = 0; r < found.size(); ++r)
            if (found[r] > 0) risen_.push_back(roots_.event(r));
        return Step::root;
    }
    return Step::internal;
}

const std::vector<double>& Integrator::values_at(double time) {
    CVodeGetDky(cvode_, time, 0, scratch_);
    values_.assign(N_VGetArrayPointer(scratch_), N_VGetArrayPointer(scratch_) + system_.size());
    return values_;
}

void Integrator::take(State& state, double time) {
    state.values = values_at(time);
    state.time = time;
}

void Integrator::check_positivity() {
    const double* y = N_VGetArrayPointer(y_);
    const double* tolerance = N_VGetArrayPointer(absolute_);
    const double usual = k_undershoot / (k_absolute * model_.spec.relative_tolerance);  // in tolerances
    const auto allowed = [&](std::size_t i) {
        return usual * tolerance[i] + model_.spec.relative_tolerance * peak_[i];
    };
    std::size_t worst = 0;
    double depth = 1.0;  // in what is allowed
    const std::size_t zone_values = model_.zone_states.size() * static_cast<std::size_t>(model_.zones);
    for (std::size_t i = 0; i < system_.size(); ++i) {
        peak_[i] = std::max(peak_[i], y[i]);
        if (!(y[i] < 0.0) || -y[i] <= depth * allowed(i)) continue;
        const StateInfo::Kind kind = i < zone_values
                                         ? model_.zone_states[i / static_cast<std::size_t>(model_.zones)].kind
                                         : model_.body_states[i - zone_values].kind;
        if (kind == StateInfo::Kind::variable) continue;  // may have either sign
        depth = -y[i] / allowed(i);
        worst = i;
    }
    if (depth <= 1.0) return;
    // Where in the last step it sank that deep.
    double step = 0.0;
    CVodeGetLastStep(cvode_, &step);
    double above = time_ - step, below = time_;
    for (int halving = 0; halving < 50; ++halving) {
        const double middle = 0.5 * (above + below);
        CVodeGetDky(cvode_, middle, 0, scratch_);
        (N_VGetArrayPointer(scratch_)[worst] < -allowed(worst) ? below : above) = middle;
    }
    const std::string name = value_name(model_, worst);
    throw SolverFailure(below, name,
                        fmt::format("at {:.6g} h {} became negative: a law takes away what is not there; "
                                    "let its rate fall with what it takes",
                                    below, name));
}

void Integrator::fail(int flag) {
    N_Vector weights = N_VClone(y_);
    N_Vector errors = N_VClone(y_);
    std::size_t worst = 0;
    if (CVodeGetErrWeights(cvode_, weights) == 0 && CVodeGetEstLocalErrors(cvode_, errors) == 0) {
        double largest = -1.0;
        for (std::size_t i = 0; i < system_.size(); ++i) {
            const double error = std::abs(N_VGetArrayPointer(weights)[i] * N_VGetArrayPointer(errors)[i]);
            if (std::isnan(error) || error > largest) {
                largest = std::isnan(error) ? HUGE_VAL : error;
                worst = i;
            }
        }
    }
    N_VDestroy(weights);
    N_VDestroy(errors);
    if (undefined_ >= 0) worst = static_cast<std::size_t>(undefined_);
    double last = time_, next = 0.0;
    CVodeGetCurrentTime(cvode_, &last);
    CVodeGetCurrentStep(cvode_, &next);
    const std::string name = value_name(model_, worst);
    char* reason = CVodeGetReturnFlagName(flag);
    const std::string text = fmt::format(
        "the solver gave up at {:.6g} h (step {:.3g} h, {}): {}. "
        "Try: a law that jumps or has no value there; a smaller relative_tolerance{}{}",
        last, next, reason,
        undefined_ >= 0 ? "the rate of " + name + " has no finite value" : name + " is the hardest to follow",
        error_.empty() ? "" : "; ", error_);
    free(reason);
    throw SolverFailure(last, name, text);
}

int Integrator::right_hand_side(double t, N_Vector y, N_Vector ydot, void* data) {
    auto& self = *static_cast<Integrator*>(data);
    double* out = N_VGetArrayPointer(ydot);
    self.system_.rates(t, N_VGetArrayPointer(y), out);
    const double* end = out + self.system_.size();
    const double* undefined =
        std::find_if(static_cast<const double*>(out), end, [](double v) { return !std::isfinite(v); });
    self.undefined_ = undefined == end ? -1 : undefined - out;
    return undefined == end ? 0 : 1;  // not a number: recoverable, CVODE tries a smaller step
}

int Integrator::linear_system(double t, N_Vector y, N_Vector, SUNMatrix, int jok, int* jcur, double gamma, void* data,
                              N_Vector, N_Vector, N_Vector) {
    auto& self = *static_cast<Integrator*>(data);
    if (jok == 0) {
        self.linearisation_.evaluate(t, N_VGetArrayPointer(y), self.system_.binding());
        ++self.jacobians_;
    }
    *jcur = jok == 0 ? 1 : 0;
    self.newton_->assemble(gamma);
    return 0;
}

int Integrator::root_values(double t, N_Vector y, double* out, void* data) {
    static_cast<Integrator*>(data)->roots_.evaluate(t, N_VGetArrayPointer(y), out);
    return 0;
}

}  // namespace lobule
