#include "engine/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "zones/breakpoints.hpp"
#include "zones/integrator.hpp"
#include "zones/invariants.hpp"
#include "zones/linearisation.hpp"
#include "zones/system.hpp"

namespace lobule {

namespace {

/// [h] Times closer than this are one time: the solver cannot step over less.
constexpr double k_instant = 1e-8;
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
        for (const auto& lane : inputs.lanes) columns.push_back(lane.data());
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

}  // namespace

struct Simulation::Impl {
    std::shared_ptr<const Model> model;
    Inputs inputs;
    std::vector<double> scales;
    State state;  // at the last restart
    Schedule schedule;
    std::vector<double> jumps;  // times at which laws jump
    ZoneSystem system;
    Linearisation linearisation;
    RootFunctions roots;
    Invariants invariants;
    Integrator integrator;
    Program probes;
    ProgramWorkspace probe_workspace;
    InputBinding probe_binding;
    std::vector<double> probe_values;

    Impl(std::shared_ptr<const Model> m, Inputs in, std::vector<double> s, State start)
        : model(std::move(m)),
          inputs(std::move(in)),
          scales(std::move(s)),
          state(std::move(start)),
          schedule(*model, inputs),
          jumps(breakpoints(*model, inputs)),
          system(*model, model->run, inputs),
          linearisation(*model, model->run, system),
          roots(*model, inputs),
          invariants(*model, inputs),
          integrator(*model, system, linearisation, roots, scales),
          probe_binding(*model, inputs) {
        std::vector<ExprId> outputs;
        for (const ModelProbe& probe : model->run.probes) outputs.push_back(probe.value);
        probes = Program(model->run.graph, outputs);
        probe_values.resize(outputs.size());
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
        for (int round = 0; !now.empty(); ++round) {
            if (round == k_most_rounds)
                throw RunError(fmt::format("at {:.6g} h events set each other off without end ({})", state.time,
                                           model->run.events[now.front()].about));
            std::sort(now.begin(), now.end());
            roots.evaluate(state.time, state.values.data(), before.data());
            apply(now, sink);
            roots.evaluate(state.time, state.values.data(), after.data());
            std::vector<std::size_t> next;
            for (std::size_t r = 0; r < roots.count(); ++r) {
                const bool fired_now = std::binary_search(now.begin(), now.end(), roots.event(r));
                if (!fired_now && before[r] <= 0.0 && after[r] > 0.0) next.push_back(roots.event(r));
            }
            now = std::move(next);
        }
    }

    void apply(const std::vector<std::size_t>& events, Sink& sink) {
        std::vector<double> after = state.values;
        for (const std::size_t e : events) {
            const ModelEvent& event = model->run.events[e];
            sink.event(state.time, event);
            for (const Assignment& a : event.assignments) assign(a, after);
            ++state.fired[e];
        }
        state.values = std::move(after);
    }

    void assign(const Assignment& a, std::vector<double>& after) {
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
        for (std::int32_t z = 0; z < index.zones; ++z) {
            if (a.kind == Assignment::Kind::zone) {
                after[static_cast<std::size_t>(index.zone(a.entry, z))] = at(z);
                continue;
            }
            const Population& population = model->populations[static_cast<std::size_t>(a.population)];
            double now = 0.0;
            for (const std::int32_t s : a.substates)
                now += state.values[static_cast<std::size_t>(
                    index.zone(population.substates[static_cast<std::size_t>(s)].count, z))];
            for (const std::int32_t s : a.substates) {
                const Population::Substate& sub = population.substates[static_cast<std::size_t>(s)];
                for (const std::int32_t e : {sub.count, sub.volume}) {
                    double& v = after[static_cast<std::size_t>(index.zone(e, z))];
                    // From the state before the event, so that of two events at once the later part's stands, as for variables.
                    if (now > 0.0) v = state.values[static_cast<std::size_t>(index.zone(e, z))] * (at(z) / now);
                }
            }
            if (now > 0.0) continue;
            // Nobody there yet: all of them enter the first of the substates at the size of a cell at rest.
            const Population::Substate& first = population.substates[static_cast<std::size_t>(a.substates.front())];
            const ParameterInfo& size = *model->parameter(population.name + ".volume");
            after[static_cast<std::size_t>(index.zone(first.count, z))] = at(z);
            after[static_cast<std::size_t>(index.zone(first.volume, z))] =
                at(z) * inputs.ones[static_cast<std::size_t>(size.slot)];
        }
    }

    /// The next time the solver must restart: a scheduled event, a jump of a law or the epoch grid, all fixed by the model.
    double next_restart() const {
        const double epoch = model->spec.epoch;
        double grid = std::floor(state.time / epoch) * epoch + epoch;
        if (!(grid > state.time + k_instant)) grid += epoch;
        const auto law = std::upper_bound(jumps.begin(), jumps.end(), state.time + k_instant);
        const double jump = law == jumps.end() ? std::numeric_limits<double>::infinity() : *law;
        return std::min({grid, schedule.next(state), jump});
    }

    Outcome run(double until, double output, bool resumed, Sink& sink) {
        std::vector<double> y(state.values.size());
        auto k = std::max(static_cast<long>(state.time / output) - 1, 0L);
        const auto next_output = [&] { return static_cast<double>(k) * output; };
        while (next_output() < state.time || (resumed && next_output() == state.time)) ++k;
        const auto finish = [&](Outcome::End end, State last) {
            return Outcome{end, std::move(last), state, integrator.statistics()};
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
                return finish(Outcome::End::finished, state);
            }
            if (sink.progress(state.time)) return finish(Outcome::End::stopped, state);
            integrator.restart(state.time, state.values, next_restart());
            Integrator::Step step = Integrator::Step::internal;
            while (step == Integrator::Step::internal) {
                step = integrator.step();
                for (; next_output() < std::min(integrator.time(), until); ++k) {
                    integrator.interpolate(next_output(), y.data());
                    emit(sink, next_output(), y);
                }
                const bool at_restart = step != Integrator::Step::internal;
                if (integrator.time() > until || (integrator.time() == until && !at_restart)) {
                    integrator.interpolate(until, y.data());
                    emit(sink, until, y);
                    return finish(Outcome::End::finished, State{until, y, state.fired});
                }
                if (!at_restart && sink.progress(integrator.time())) return finish(Outcome::End::stopped, state);
            }
            risen = integrator.risen();
            integrator.interpolate(integrator.time(), y.data());
            state.time = integrator.time();
            state.values = y;
        }
    }
};

Simulation::Simulation(std::shared_ptr<const Model> model, Inputs inputs, std::vector<double> scales, State start)
    : impl_(std::make_unique<Impl>(std::move(model), std::move(inputs), std::move(scales), std::move(start))) {}

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
