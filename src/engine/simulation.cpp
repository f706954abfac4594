#include "engine/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "base/assert.hpp"
#include "base/math.hpp"
#include "base/random.hpp"
#include "cells/stepper.hpp"
#include "mixed/start.hpp"
#include "mixed/stepper.hpp"
#include "start_values.hpp"
#include "zones/breakpoints.hpp"
#include "zones/integrator.hpp"
#include "zones/invariants.hpp"
#include "zones/linearisation.hpp"
#include "zones/system.hpp"

namespace lobule {

namespace {

/// [h] Times closer than this are one time: the solver cannot step over less.
constexpr double k_instant = 1e-8;
/// Fewer than this share of the cells that an event puts somewhere are nobody.
constexpr double k_handful = 1e-6;
/// [h]
constexpr double k_day = 24.0;
/// How often events may set each other off at one time.
constexpr int k_most_rounds = 100;

/// When the events of a model are due, from parameters alone.
struct Schedule {
    struct Entry {
        std::size_t event;
        double at, every, until;
    };
    std::vector<Entry> entries;

    Schedule(const Model& model, const Inputs& inputs) {
        std::vector<const double*> columns;
        for (std::size_t s = 0; s < inputs.lanes.size(); ++s) columns.push_back(inputs.lanes[s].data());
        const auto value = [&](ExprId id, double fallback) {
            if (id < 0) return fallback;
            const Program program(model.start_graph, std::vector<ExprId>{id});
            ProgramWorkspace workspace;
            program.evaluate({inputs.ones, columns, static_cast<std::size_t>(model.zones)}, workspace);
            return *program.result(workspace, 0);
        };
        const double never = std::numeric_limits<double>::infinity();
        for (std::size_t e = 0; e < model.run.events.size(); ++e) {
            const ModelEvent& event = model.run.events[e];
            if (event.at < 0) continue;
            entries.push_back({e, value(event.at, 0.0), value(event.every, 0.0), value(event.until, never)});
            if (!(entries.back().at >= 0.0)) throw SpecError(event.where, "`at` is before the start of the run");
            if (event.every >= 0 && !(entries.back().every > k_instant))
                throw SpecError(event.where, "`every` must be positive");
        }
    }

    /// Due time of an entry that has fired `fired` times; infinity when it is over.
    static double due(const Entry& entry, std::uint32_t fired) {
        const double never = std::numeric_limits<double>::infinity();
        if (entry.every <= 0.0) return fired == 0 ? entry.at : never;
        const double time = entry.at + entry.every * fired;
        return time <= entry.until + k_instant ? time : never;
    }

    /// Of events alone: what fires.
    double next(const State& state) const {
        double time = std::numeric_limits<double>::infinity();
        for (const Entry& entry : entries) time = std::min(time, due(entry, state.fired[entry.event]));
        return time;
    }
};

/// dy/dt of zones and its derivatives, for the inputs of one run.
struct Ode {
    ZoneSystem system;
    Linearisation linearisation;
    Ode(const Model& model, const Inputs& inputs)
        : system(model, model.run, inputs), linearisation(model, model.run, system) {}
    Ode(const Ode& compiled, const Model& model, const Inputs& inputs)
        : system(compiled.system, model, inputs), linearisation(compiled.linearisation) {}
};

}  // namespace

struct CompiledOde {
    std::shared_ptr<const Model> model;
    Ode ode;
};

std::shared_ptr<const CompiledOde> compile_ode(std::shared_ptr<const Model> model) {
    const Ode ode(*model, Inputs{});
    return std::make_shared<const CompiledOde>(CompiledOde{std::move(model), ode});
}

struct Simulation::Impl {
    std::shared_ptr<const Model> model;
    Inputs inputs;
    std::vector<double> scales;
    State state;  // at the last restart; while steps are made, without what recall() puts back
    Schedule schedule;
    std::vector<double> jumps;  // times at which laws jump
    std::optional<Ode> ode;     // of zones; cells in space have none
    RootFunctions roots;
    Invariants invariants;
    HazardGuard hazards;
    SimulationOptions options;
    std::unique_ptr<Stepper> stepper;
    Program probes;
    ProgramWorkspace probe_workspace;
    InputBinding probe_binding;
    std::vector<double> probe_values;
    std::vector<std::vector<std::vector<double>>> newcomers;  // by population, quantity, place: of a cell that enters

    Impl(std::shared_ptr<const Model> m, Inputs in, std::vector<double> s, State start, const SimulationOptions& o)
        : model(std::move(m)),
          inputs(std::move(in)),
          scales(std::move(s)),
          state(std::move(start)),
          schedule(*model, inputs),
          jumps(breakpoints(*model, inputs)),
          roots(*model, inputs),
          invariants(*model, inputs),
          hazards(*model, inputs),
          options(o),
          probe_binding(*model, inputs) {
        if (model->zone_states.empty() && model->body_states.empty())
            throw RunError("nothing in this model changes: a run needs a cell, a signal, a matrix or a variable");
        if (options.resolution == Resolution::cells) {
            stepper = std::make_unique<TissueStepper>(*model, roots, inputs, options);
        } else {
            if (options.ode != nullptr) {
                LOBULE_ASSERT(options.ode->model == model, options.ode->model->hash, model->hash);
                ode.emplace(options.ode->ode, *model, inputs);
            } else {
                ode.emplace(*model, inputs);
            }
            if (options.resolution == Resolution::mixed)
                stepper = std::make_unique<MixedStepper>(*model, ode->system, ode->linearisation, roots, scales, inputs,
                                                         options);
            else
                stepper = std::make_unique<Integrator>(*model, ode->system, ode->linearisation, roots, hazards, scales,
                                                       options.most_steps);
        }
        sample();
        std::vector<ExprId> outputs;
        for (const ModelProbe& probe : model->run.probes) outputs.push_back(probe.value);
        probes = Program(model->run.graph, outputs);
        probe_values.resize(outputs.size());
        newcomers = newcomer_values(*model, inputs);
    }

    DrawAddress draws() const { return {options.seed, options.patient}; }

    void reset(State start, std::uint64_t seed) {
        options.seed = seed;
        state = std::move(start);
        stepper->reseed(seed);
        sample();
    }

    /// Agents for a state that has none; what cells add up to for one that was kept without.
    void sample() {
        stepper->recall(state);
        if (stepper->cells() != nullptr && state.agents.empty())
            sample_agents(*model, state, *stepper->cells(), draws());
    }

    /// The state at the last restart. What is kept goes on from there; of a large tissue it does without what can be made again.
    State hand_out() {
        stepper->recall(state);
        State out = std::move(state);
        state = State{out.time, {}, out.fired, out.agents, out.steps, out.tissue};
        state.values = out.tissue ? without_counts(*model, out.values) : out.values;
        return out;
    }

    /// A random hazard strikes when it has built up to the sum of as many draws from the standard exponential as it will
    /// have struck. What `fired` says decides, so a resumed run draws the same.
    void draw_thresholds() {
        for (std::size_t e = 0; e < model->run.events.size(); ++e) {
            const ModelEvent& event = model->run.events[e];
            if (event.threshold_slot < 0) continue;
            double level = 0.0;
            for (std::uint32_t k = 0; k <= state.fired[e]; ++k)
                level -= math::ln(random_uniform(
                    {options.seed, options.patient, stream_id("hazard"), stream_id(event.hazard), k, 0}));
            roots.binding().inputs().ones[static_cast<std::size_t>(event.threshold_slot)] = level;
        }
    }

    void emit(Sink& sink, double time, const std::vector<double>& y) {
        probes.evaluate(probe_binding.bind(time, y.data()), probe_workspace);
        for (std::size_t p = 0; p < probe_values.size(); ++p)
            probe_values[p] = *probes.result(probe_workspace, p) / model->run.probes[p].factor;
        sink.sample(time, probe_values, y);
    }

    /// Events due now and root events that rose, then those whose condition these make true, and so on. Events of one
    /// round read the state before any of them writes.
    void fire(const std::vector<std::size_t>& risen, Sink& sink) {
        std::vector<std::size_t> now = risen;
        for (const Schedule::Entry& entry : schedule.entries)
            if (Schedule::due(entry, state.fired[entry.event]) <= state.time + k_instant) now.push_back(entry.event);
        std::vector<double> before(roots.count()), after(roots.count());
        draw_thresholds();
        for (int round = 0; !now.empty(); ++round) {
            if (round == k_most_rounds)
                throw RunError(fmt::format("at {:.6g} h events set each other off without end ({})", state.time,
                                           model->run.events[now.front()].about));
            std::sort(now.begin(), now.end());
            roots.evaluate(state.time, state.values.data(), before.data());
            apply(now, sink);
            draw_thresholds();
            roots.evaluate(state.time, state.values.data(), after.data());
            std::vector<std::size_t> next;
            for (std::size_t r = 0; r < roots.count(); ++r) {
                const bool fired_now = std::binary_search(now.begin(), now.end(), roots.event(r));
                if (!fired_now && before[r] <= 0.0 && after[r] > 0.0) next.push_back(roots.event(r));
            }
            now = std::move(next);
        }
    }

    /// Events read the state before any of them writes: of two that set one thing, what one of them brings would be lost.
    void refuse_a_second(const std::vector<std::size_t>& events) const {
        for (std::size_t later = 1; later < events.size(); ++later)
            for (std::size_t earlier = 0; earlier < later; ++earlier)
                for (const Assignment& a : model->run.events[events[later]].assignments)
                    for (const Assignment& b : model->run.events[events[earlier]].assignments) {
                        if (!same_target(a, b)) continue;
                        const Where& one = model->run.events[events[earlier]].where;
                        throw SolverFailure(state.time, target_name(a),
                                            fmt::format("at {:.6g} h two events set {}, of {}:{} and {}:{}: each reads "
                                                        "the state before, so that one would be lost; let one event "
                                                        "set it, or two at different times",
                                                        state.time, target_name(a), one.file, one.line,
                                                        model->run.events[events[later]].where.file,
                                                        model->run.events[events[later]].where.line));
                    }
    }

    static bool same_target(const Assignment& a, const Assignment& b) {
        if (a.kind != b.kind) return false;
        if (a.kind != Assignment::Kind::cells) return a.entry == b.entry;
        return a.population == b.population &&
               std::find_first_of(a.substates.begin(), a.substates.end(), b.substates.begin(), b.substates.end()) !=
                   a.substates.end();
    }

    std::string target_name(const Assignment& a) const {
        if (a.kind == Assignment::Kind::cells) return model->populations[static_cast<std::size_t>(a.population)].name;
        const StateIndex index{model->zones, static_cast<std::int32_t>(model->zone_states.size())};
        return value_name(*model, static_cast<std::size_t>(a.kind == Assignment::Kind::body ? index.body(a.entry)
                                                                                            : index.zone(a.entry, 0)));
    }

    void apply(const std::vector<std::size_t>& events, Sink& sink) {
        refuse_a_second(events);
        State after = state;
        for (const std::size_t e : events) {
            const ModelEvent& event = model->run.events[e];
            sink.event(state.time, event);
            // How many events fired before, and which assignment of this one: no other has this number.
            std::uint64_t which = std::accumulate(after.fired.begin(), after.fired.end(), std::uint64_t{0}) << 16;
            for (const Assignment& a : event.assignments) assign(a, after, which++);
            ++after.fired[e];
        }
        stepper->write_totals(after);
        state = std::move(after);
    }

    void assign(const Assignment& a, State& next, std::uint64_t which) {
        std::vector<double>& after = next.values;
        const StateIndex index{model->zones, static_cast<std::int32_t>(model->zone_states.size())};
        const Program program(model->run.graph, std::vector<ExprId>{a.value});
        ProgramWorkspace workspace;
        program.evaluate(probe_binding.bind(state.time, state.values.data()), workspace);
        const double* value = program.result(workspace, 0);
        const auto at = [&](std::int32_t z) {
            const double v = program.extent(0) == Extent::lanes ? value[z] : value[0];
            if (std::isfinite(v) && (v >= 0.0 || a.kind != Assignment::Kind::cells)) return v;
            const std::string name = a.kind == Assignment::Kind::cells
                                         ? model->populations[static_cast<std::size_t>(a.population)].name
                                         : value_name(*model, static_cast<std::size_t>(a.kind == Assignment::Kind::body
                                                                                           ? index.body(a.entry)
                                                                                           : index.zone(a.entry, z)));
            throw SolverFailure(state.time, name,
                                fmt::format("at {:.6g} h an event sets {} to {:.4g}", state.time, name, v));
        };
        if (a.kind == Assignment::Kind::body) {
            after[static_cast<std::size_t>(index.body(a.entry))] = at(0);
            return;
        }
        if (a.kind == Assignment::Kind::zone) {
            for (std::int32_t z = 0; z < index.zones; ++z)
                after[static_cast<std::size_t>(index.zone(a.entry, z))] = at(z);
            return;
        }
        const Population& population = model->populations[static_cast<std::size_t>(a.population)];
        for (std::int32_t z = 0; z < index.places(population); ++z) {
            const auto value_of = [&](std::int32_t e) -> double& { return after[index.of(population, e, z)]; };
            const auto before = [&](std::int32_t e) { return state.values[index.of(population, e, z)]; };
            if (stepper->cells() != nullptr) {
                std::vector<double> newcomer;
                for (const auto& quantity : newcomers[static_cast<std::size_t>(a.population)])
                    newcomer.push_back(quantity[static_cast<std::size_t>(z)]);
                set_number(*model, next, *stepper->cells(), draws(), a, z, at(z), newcomer, which);
                continue;
            }
            double now = 0.0;
            for (const std::int32_t s : a.substates)
                now += before(population.substates[static_cast<std::size_t>(s)].count);
            if (now > k_handful * at(z)) {
                for (const std::int32_t s : a.substates) {
                    const Population::Substate& sub = population.substates[static_cast<std::size_t>(s)];
                    value_of(sub.count) = before(sub.count) * (at(z) / now);
                    for (const std::int32_t total : sub.totals) value_of(total) = before(total) * (at(z) / now);
                }
                continue;
            }
            // Nobody there, or the solver's error instead of cells, whose mean means nothing: all of them enter the first of the substates
            // as cells of the untouched liver.
            const Population::Substate& first = population.substates[static_cast<std::size_t>(a.substates.front())];
            value_of(first.count) = at(z);
            for (std::size_t q = 0; q < first.totals.size(); ++q)
                value_of(first.totals[q]) =
                    at(z) * newcomers[static_cast<std::size_t>(a.population)][q][static_cast<std::size_t>(z)];
        }
    }

    /// The next time the solver must restart: a scheduled event, a jump of a law or the epoch grid, all fixed by the model.
    double next_restart() const {
        const double epoch = model->spec.epoch;
        double grid = std::floor(state.time / epoch) * epoch + epoch;
        if (!(grid > state.time + k_instant)) grid += epoch;
        const auto law = std::upper_bound(jumps.begin(), jumps.end(), state.time + k_instant);
        const double jump = law == jumps.end() ? std::numeric_limits<double>::infinity() : *law;
        // Agents may be stopped at any step without a trace; once a day, or a longer step, is often enough for checkpoints.
        const double day = options.resolution == Resolution::mixed ? std::max(k_day, options.step) : k_day;
        if (stepper->cells() != nullptr && epoch > day)
            grid = std::min(grid, std::floor((state.time + k_instant) / day) * day + day);
        return std::min({grid, schedule.next(state), jump});
    }

    Outcome run(double until, double output, bool resumed, Sink& sink) {
        stepper->recall(state);
        if (!resumed) stepper->meet(state);
        auto k = std::max(static_cast<long>(state.time / output) - 1, 0L);
        const auto next_output = [&] { return static_cast<double>(k) * output; };
        while (next_output() < state.time || (resumed && next_output() == state.time)) ++k;
        const auto at_restart_point = [&](Outcome::End end) {
            return Outcome{end, hand_out(), {}, stepper->statistics()};
        };
        std::vector<std::size_t> risen;  // root events at this restart
        for (bool first = true;; first = false) {
            bool sampled = first && resumed;
            if (!(first && resumed)) {
                const bool on_grid = next_output() <= state.time;
                const bool fires = schedule.next(state) <= state.time + k_instant || !risen.empty();
                sampled = on_grid || fires;
                if (sampled) emit(sink, state.time, state.values);
                fire(risen, sink);
                if (fires) emit(sink, state.time, state.values);
                if (on_grid) ++k;
                invariants.check(state.time, state.values.data(), fmt::format("at {:.6g} h", state.time));
            }
            sink.restart_point(state);
            if (state.time >= until) {
                // After the restart point: a run that goes on from here samples on its own grid.
                if (!sampled) emit(sink, state.time, state.values);
                return at_restart_point(Outcome::End::finished);
            }
            if (sink.progress(state.time)) return at_restart_point(Outcome::End::stopped);
            draw_thresholds();
            stepper->restart(state, next_restart());
            Stepper::Step step = Stepper::Step::internal;
            while (step == Stepper::Step::internal) {
                step = stepper->step(std::min(until, next_output()));
                const bool at_restart = step != Stepper::Step::internal;
                const auto passed = [&](double output_time) {
                    return output_time < stepper->time() || (output_time == stepper->time() && !at_restart);
                };
                for (; next_output() < until && passed(next_output()); ++k)
                    emit(sink, next_output(), stepper->values_at(next_output()));
                if (stepper->time() > until || (stepper->time() == until && !at_restart)) {
                    State last;
                    last.fired = state.fired;
                    stepper->take(last, until);
                    emit(sink, until, last.values);
                    return {Outcome::End::finished, std::move(last), hand_out(), stepper->statistics()};
                }
                if (!at_restart && sink.progress(stepper->time())) return at_restart_point(Outcome::End::stopped);
            }
            risen = stepper->risen();
            stepper->take(state, stepper->time());
        }
    }
};

SimulationOptions simulation_options(const Model& model, const RestState& rest, Resolution resolution) {
    SimulationOptions options;
    options.resolution = resolution;
    options.seed = model.spec.seed;
    options.step = model.spec.step;
    options.sample = model.spec.sample;
    const StateIndex index{model.zones, static_cast<std::int32_t>(model.zone_states.size())};
    for (std::size_t b = 0; b < model.body_states.size(); ++b)
        if (model.body_states[b].kind == StateInfo::Kind::lobule_count)
            options.lobules = rest.values[static_cast<std::size_t>(index.body(static_cast<std::int32_t>(b)))];
    for (const Population& population : model.populations) {
        options.in_body.push_back(0.0);
        if (!population.in_body) continue;
        for (const Population::Substate& sub : population.substates)
            options.in_body.back() += std::max(rest.values[index.of(population, sub.count, 0)], 0.0);
    }
    return options;
}

Simulation::Simulation(std::shared_ptr<const Model> model, Inputs inputs, std::vector<double> scales, State start,
                       const SimulationOptions& options)
    : impl_(std::make_unique<Impl>(std::move(model), std::move(inputs), std::move(scales), std::move(start), options)) {
}

void Simulation::reset(State start, std::uint64_t seed) { impl_->reset(std::move(start), seed); }

const State& Simulation::state() {
    impl_->stepper->recall(impl_->state);
    return impl_->state;
}

Simulation::~Simulation() = default;

Outcome Simulation::run(double until, double output, Sink& sink, bool resumed) {
    return impl_->run(until, output, resumed, sink);
}

std::vector<double> read_probes(const Model& model, const Inputs& inputs, const State& state) {
    std::vector<ExprId> outputs;
    for (const ModelProbe& probe : model.run.probes) outputs.push_back(probe.value);
    const Program program(model.run.graph, outputs);
    InputBinding binding(model, inputs);
    ProgramWorkspace workspace;
    program.evaluate(binding.bind(state.time, state.values.data()), workspace);
    std::vector<double> values;
    for (std::size_t p = 0; p < outputs.size(); ++p)
        values.push_back(*program.result(workspace, p) / model.run.probes[p].factor);
    return values;
}

}  // namespace lobule
