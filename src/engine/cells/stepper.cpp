#include "stepper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "../not_finite.hpp"
#include "base/assert.hpp"
#include "base/math.hpp"

namespace lobule {

namespace {

/// [h] A longer step than this is cut: cells look at signals no more rarely.
constexpr double k_longest_step = 1.0;

/// The volume of all cells of the untouched tissue, one lobule's worth.
double rest_cells(const Model& model, const Inputs& inputs) {
    for (const RestValue& value : model.rest_values)
        if (value.name == "lobule.cells") return inputs.ones[static_cast<std::size_t>(value.slot)];
    return 0.0;  // no cells fill this tissue: its box keeps its size
}

}  // namespace

TissueStepper::TissueStepper(const Model& model, RootFunctions& roots, const Inputs& inputs,
                             const SimulationOptions& options)
    : model_(model),
      roots_(roots),
      options_(options),
      space_(*options.tissue),
      room_(model, *options.tissue, options.threads),
      signals_(model, model.run, inputs, options.tissue->lobules_in_box),
      cells_(model, inputs, {options.tissue->lobules_in_box, options.lobules, options.in_body}, &space_.cells()),
      rest_cells_(rest_cells(model, inputs)),
      pressing_(signals_.laws().program(std::vector<ExprId>{signals_.laws().take(model.run.displacement)})),
      roots_before_(roots.count()),
      roots_after_(roots.count()) {
    std::vector<ExprId> outputs;
    std::map<ExprId, std::size_t> output_of;
    const auto output = [&](ExprId law) {
        const auto [it, added] = output_of.emplace(law, outputs.size());
        if (added) outputs.push_back(signals_.laws().take(law));
        return it->second;
    };
    for (const Climb& climb : model.run.climbs)
        climbing_.push_back({climb.population, climb.substate, output(climb.level), output(climb.speed)});
    climb_program_ = signals_.laws().program(outputs);
    climb_fields_.resize(outputs.size());
}

/// Most values of a tissue are numbers and volumes of its cells: these stay in `state_` alone.
void TissueStepper::restart(State& state, double stop) {
    LOBULE_ASSERT(state.tissue.has_value(), state.time);
    state_.values = std::exchange(state.values, without_counts(model_, state.values));
    state_.time = state.time;
    state_.fired = state.fired;
    state_.agents = state.agents;
    state_.steps = state.steps;
    state_.tissue = state.tissue;
    space_.strain(state_.tissue->box);
    room_.adapt_vessels(*state_.tissue, state_.agents, space_.grid(), options_.seed, state_.steps);
    space_.refresh(*state_.tissue);
    space_.write_vessels(model_, signals_.laws().inputs(), state_.values);
    room_.set_vessels(*state_.tissue);
    signals_.set_space(space_.grid(), space_.perfused());
    before_ = {state.time};
    stop_ = stop;
    grid_start_ = state.time;
    const double step = std::min(options_.step, k_longest_step);
    grid_steps_ = std::max(1L, static_cast<long>(std::ceil((stop - state.time) / step - 1e-9)));
    grid_at_ = 0;
    roots_.binding().limit_time(std::nextafter(state.time, HUGE_VAL), std::nextafter(stop, -HUGE_VAL));
    ++restarts_;
}

/// An event at the start may put cells where nobody was: at the vessel of the place.
void TissueStepper::meet(const State& state) {
    LOBULE_ASSERT(state.tissue.has_value(), state.time);
    space_.refresh(*state.tissue);
}

void TissueStepper::recall(State& state) const {
    if (state.values.size() == model_.state_size()) return;
    const auto places = static_cast<std::size_t>(model_.zones);
    std::vector<double> all;
    all.reserve(model_.state_size());
    auto column = state.values.begin();
    for (const bool counts : counted_entries(model_)) {
        if (counts) {
            all.resize(all.size() + places, 0.0);
        } else {
            all.insert(all.end(), column, column + static_cast<std::ptrdiff_t>(places));
            column += static_cast<std::ptrdiff_t>(places);
        }
    }
    all.insert(all.end(), column, state.values.end());
    state.values = std::move(all);
    write_totals(state);
}

Stepper::Step TissueStepper::step(double look) {
    const bool last = grid_at_ + 1 == grid_steps_;
    const double start = state_.time;
    const double end = last ? stop_
                            : grid_start_ + (stop_ - grid_start_) * static_cast<double>(grid_at_ + 1) /
                                                static_cast<double>(grid_steps_);
    const double length = end - start;
    if (roots_.count() > 0) roots_.evaluate(start, state_.values.data(), roots_before_.data());
    if (end > look)
        before_ = {start, state_.values, state_.agents, state_.steps, state_.tissue};
    else
        before_ = {start};
    // Within the step, so that a law that jumps at one of its ends has the value of its inside.
    const double early = std::nextafter(start, HUGE_VAL), late = std::nextafter(end, -HUGE_VAL);
    cells_.clear_rates();
    cells_.add_rates(early, state_.values, 0.5);
    FieldReport report;
    try {
        report = signals_.advance(state_.values, late, length, options_.threads);
    } catch (const SolverFailure&) {
        throw;
    } catch (const RunError& error) {
        const std::string law = not_finite(model_, model_.run, signals_.laws().inputs(), late, state_.values);
        throw SolverFailure(start, "signals", fmt::format("at {:.6g} h {}", start, law.empty() ? error.what() : law));
    }
    cells_.add_rates(late, state_.values, 0.5);
    read_climbs(late);
    cells_.advance(state_, length, {options_.seed, options_.patient}, options_.threads);
    state_.time = end;
    make_room(length);
    space_.spread_numbers(model_, state_.values);
    ++grid_at_;
    ++taken_;
    newton_ += report.newton_steps;
    cycles_ += report.cycles;
    risen_.clear();
    if (roots_.count() > 0) {
        roots_.evaluate(end, state_.values.data(), roots_after_.data());
        for (std::size_t r = 0; r < roots_.count(); ++r)
            if (roots_before_[r] <= 0.0 && roots_after_[r] > 0.0) risen_.push_back(roots_.event(r));
    }
    if (!risen_.empty()) return Step::root;
    return last ? Step::stop : Step::internal;
}

/// The box takes the volume of its cells, all directions alike; places are where cells now are. Leaves the numbers of cells by
/// place, not yet spread.
void TissueStepper::make_room(double length) {
    const Tissue& tissue = *state_.tissue;
    double cells = 0.0;
    for (std::size_t p = 0; p < model_.populations.size(); ++p) {
        if (model_.populations[p].in_body) continue;
        const auto& volumes = state_.agents[p].quantities[0];
        cells += std::accumulate(volumes.begin(), volumes.end(), 0.0);
    }
    if (rest_cells_ > 0.0 && cells > 0.0) {
        const TissuePlan& plan = *options_.tissue;
        const double wanted = plan.lobules.box.volume() * (cells / (rest_cells_ * plan.lobules_in_box));
        const double factor = math::pow(wanted / tissue.box.volume(), 1.0 / 3.0);
        TissueRoom::strain(state_, factor);
        room_.strain(factor);
        space_.strain(tissue.box);
        signals_.set_grid(space_.grid());
    }
    const std::vector<Vec3> plates = room_.plates(state_);
    press(length);
    room_.relax(state_, length);
    room_.follow(state_, space_.grid(), space_.reach(), plates);
    room_.climb(state_, space_.grid(), climbing_, climb_fields_, length);
    room_.crawl(state_, length);
    space_.locate(state_);
    space_.write_vessels(model_, signals_.laws().inputs(), state_.values);
    cells_.write_totals(state_);
}

/// What migrating cells follow, with the cells of the start of the step and the signals of its end.
void TissueStepper::read_climbs(double time) {
    if (climbing_.empty()) return;
    PlaceLaws& laws = signals_.laws();
    laws.prepare(time, state_.values, options_.threads);
    ProgramWorkspace workspace;
    for (auto& field : climb_fields_) field.resize(laws.places());
    for (std::size_t first = 0; first < laws.places(); first += PlaceLaws::k_block) {
        const std::size_t count = std::min(PlaceLaws::k_block, laws.places() - first);
        laws.evaluate(climb_program_, first, count, workspace);
        for (std::size_t o = 0; o < climb_fields_.size(); ++o) {
            const double* value = climb_program_.result(workspace, o);
            const bool lanes = climb_program_.extent(o) == Extent::lanes;
            for (std::size_t i = 0; i < count; ++i) climb_fields_[o][first + i] = value[lanes ? i : 0];
        }
    }
}

void TissueStepper::press(double length) {
    // The volumes of the step of cells, by their places before they moved.
    const auto places = static_cast<std::size_t>(model_.zones);
    std::vector<double> volumes(places, 0.0);
    for (const Population& population : model_.populations) {
        if (population.in_body) continue;
        for (const Population::Substate& sub : population.substates) {
            const double* of = state_.values.data() + static_cast<std::size_t>(sub.totals[0]) * places;
            for (std::size_t v = 0; v < places; ++v) volumes[v] += of[v];
        }
    }
    ProgramWorkspace workspace;
    room_.press(state_, space_.grid(), space_.reach(), std::move(volumes), signals_.laws().one(pressing_, 0, workspace),
                length);
}

void TissueStepper::write_totals(State& state) const {
    cells_.write_totals(state);
    space_.spread_numbers(model_, state.values);
}

const std::vector<double>& TissueStepper::values_at(double time) {
    return values_between(before_.time, before_.values, state_.time, state_.values, time, within_);
}

void TissueStepper::take(State& state, double time) {
    const bool within = time < state_.time;
    values_at(time);
    state.values = std::move(within ? within_ : state_.values);
    state.agents = std::move(within ? before_.agents : state_.agents);
    state.steps = within ? before_.steps : state_.steps;
    state.tissue = std::move(within ? before_.tissue : state_.tissue);
    state.time = time;
    within_ = std::vector<double>();
    before_ = Before();
    state_ = State();
    state_.time = time;
}

SolverStatistics TissueStepper::statistics() const {
    SolverStatistics out;
    out.steps = taken_;
    out.restarts = restarts_;
    out.rate_evaluations = newton_;
    out.factorisations = cycles_;
    return out;
}

}  // namespace lobule
