#include "stepper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lobule {

namespace {

/// The ODE within a step is followed closely enough that its error is far below that of the step itself.
constexpr double k_tolerance = 1e-4;
/// A step is cut where a condition is about to come true, but not to less than this share.
constexpr double k_shortest = 1.0 / 32.0;
/// A value may undershoot zero by the error of the method; beyond this share of its typical size it is a fault.
constexpr double k_undershoot = 1e-3;

}  // namespace

MixedStepper::MixedStepper(const Model& model, ZoneSystem& system, Linearisation& linearisation, RootFunctions& roots,
                           const std::vector<double>& scales, const Inputs& inputs, const SimulationOptions& options)
    : model_(model),
      system_(system),
      roots_(roots),
      scales_(scales),
      options_(options),
      ode_(model, system, linearisation, scales, k_tolerance),
      cells_(model, inputs, {options.sample, options.lobules, options.in_body}),
      roots_before_(roots.count()),
      roots_now_(roots.count()),
      roots_after_(roots.count()) {}

void MixedStepper::restart(State& state, double stop) {
    state_ = state;
    time_before_ = state.time;
    values_before_ = state.values;
    stop_ = stop;
    middle_.resize(state.values.size());
    grid_start_ = state.time;
    grid_steps_ = std::max(1L, static_cast<long>(std::ceil((stop - state.time) / options_.step - 1e-9)));
    grid_at_ = 0;
    // At its two ends a stretch has the laws of its inside.
    const double low = std::nextafter(state.time, HUGE_VAL), high = std::nextafter(stop, -HUGE_VAL);
    system_.binding().limit_time(low, high);
    roots_.binding().limit_time(low, high);
    ++restarts_;
}

/// Follows the ODE over the next `length`: the mean rates of cells, the values at the end, and the share of the step after
/// which the first condition comes true as the ODE sees it (1: none does).
double MixedStepper::predict(double length) {
    end_ = state_.values;
    cells_.clear_rates();
    if (roots_.count() > 0) {
        roots_.evaluate(state_.time, state_.values.data(), roots_before_.data());
        roots_now_ = roots_before_;
    }
    double crossing = 1.0;
    ode_.advance(state_.time, state_.time + length, end_,
                 [&](double start, double end, const std::vector<double>& before, const std::vector<double>& after) {
                     for (std::size_t i = 0; i < before.size(); ++i) middle_[i] = 0.5 * (before[i] + after[i]);
                     cells_.add_rates(0.5 * (start + end), middle_, (end - start) / length);
                     if (roots_.count() == 0) return;
                     roots_.evaluate(end, after.data(), roots_after_.data());
                     for (std::size_t r = 0; r < roots_.count(); ++r) {
                         const double a = roots_now_[r], b = roots_after_[r];
                         if (a > 0.0 || !(b > 0.0) || roots_before_[r] > 0.0) continue;
                         const double at = start + (end - start) * (a / (a - b));
                         crossing = std::min(crossing, (at - state_.time) / length);
                     }
                     roots_now_ = roots_after_;
                 });
    return crossing;
}

Stepper::Step MixedStepper::step(double look) {
    const bool last = grid_at_ + 1 == grid_steps_;
    const double target = last ? stop_
                               : grid_start_ + (stop_ - grid_start_) * static_cast<double>(grid_at_ + 1) /
                                                   static_cast<double>(grid_steps_);
    length_ = target - state_.time;
    const double crossing = predict(length_);
    const bool whole = crossing >= 0.999;
    if (!whole) {
        length_ *= std::max(crossing, k_shortest);
        predict(length_);
    }
    const double end = whole ? target : state_.time + length_;
    time_before_ = state_.time;
    values_before_ = state_.values;
    steps_before_ = state_.steps;
    if (end > look)
        agents_before_ = state_.agents;
    else
        agents_before_.clear();
    state_.values = end_;
    cells_.hold_tallies(values_before_, state_.values);
    cells_.advance(state_, length_, {options_.seed, options_.patient}, options_.threads);
    state_.time = end;
    if (whole) ++grid_at_;
    ++taken_;
    check_positivity();
    risen_.clear();
    if (roots_.count() > 0) {
        roots_.evaluate(state_.time, state_.values.data(), roots_after_.data());
        for (std::size_t r = 0; r < roots_.count(); ++r)
            if (roots_before_[r] <= 0.0 && roots_after_[r] > 0.0) risen_.push_back(roots_.event(r));
    }
    if (!risen_.empty()) return Step::root;
    return whole && last ? Step::stop : Step::internal;
}

void MixedStepper::check_positivity() {
    const std::size_t zone_values = model_.zone_states.size() * static_cast<std::size_t>(model_.zones);
    for (std::size_t i = 0; i < state_.values.size(); ++i) {
        if (!(state_.values[i] < -k_undershoot * scales_[i])) continue;
        const StateInfo::Kind kind = i < zone_values
                                         ? model_.zone_states[i / static_cast<std::size_t>(model_.zones)].kind
                                         : model_.body_states[i - zone_values].kind;
        if (kind == StateInfo::Kind::variable) continue;  // may have either sign
        const std::string name = value_name(model_, i);
        throw SolverFailure(state_.time, name,
                            fmt::format("at {:.6g} h {} became negative: a law takes away what is not there; "
                                        "let its rate fall with what it takes, or take a shorter step",
                                        state_.time, name));
    }
}

const std::vector<double>& MixedStepper::values_at(double time) {
    return values_between(time_before_, values_before_, state_.time, state_.values, time, values_within_);
}

void MixedStepper::take(State& state, double time) {
    state.values = values_at(time);
    const bool within = time < state_.time;
    state.agents = std::move(within ? agents_before_ : state_.agents);
    state.steps = within ? steps_before_ : state_.steps;
    state.time = time;
}

SolverStatistics MixedStepper::statistics() const {
    SolverStatistics out;
    out.steps = taken_;
    out.restarts = restarts_;
    out.rate_evaluations = ode_.rate_evaluations();
    out.jacobians = ode_.factorisations();
    out.factorisations = ode_.factorisations();
    out.error_failures = ode_.rejected();
    return out;
}

}  // namespace lobule
