// Signals, variables, the tissue, probes, events and start values.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "builder.hpp"

namespace lobule {

namespace {

const Dimension k_none{};
const Dimension k_cell = Dimension::of(Dimension::cell);
const Dimension k_time = Dimension::of(Dimension::time);
const Dimension k_rate = power(k_time, -1);
const Dimension k_volume = power(Dimension::of(Dimension::length), 3);

}  // namespace

Dimension Builder::concentration_dimension(const Part& signal) const {
    return model_.parameters[layout_.parameter.at(signal.name + ".start")].dimension;
}

Builder::Compiled Builder::concentration(const Part& signal) {
    return once("concentration of " + signal.name, signal.where, [&] {
        if (!model_.has_tissue) throw SpecError(signal.where, "a signal needs a [tissue] part in the model");
        const ExprId amount = zone_input(layout_.zone_entry.at(signal.name));
        return Typed{graph_.binary(Op::div, amount, zone_value("fluid")->id), concentration_dimension(signal)};
    });
}

/// Start mode: sizes for tissue with space.
void Builder::start_geometry() {
    if (layout_.tissue == nullptr || !layout_.tissue->sinusoids) return;
    const Part& tissue = *layout_.tissue;
    const Dimension length = Dimension::of(Dimension::length);
    LobuleGeometry& geometry = model_.geometry.emplace();
    geometry.volume = lobule_value("rest_volume")->id;
    if (tissue.tissue_radius.text.empty())
        fault(tissue.sinusoids->where, "[sinusoids] needs `radius` in [tissue]: how large a lobule is");
    else
        geometry.radius = compile_as(tissue, tissue.tissue_radius, Extent::one, length, "`radius` of the tissue");
    const std::array<ExprId*, k_sinusoid_laws.size()> values = {&geometry.portal_radius, &geometry.central_radius,
                                                                &geometry.segment,       &geometry.share,
                                                                &geometry.portal_tract,  &geometry.central_vein};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string_view name = k_sinusoid_laws[i];
        *values[i] = compile_as(tissue, tissue.sinusoids->laws[i], Extent::one, name == "share" ? k_none : length,
                                fmt::format("`{}`", name));
    }
}

void Builder::build_tissue(Laws& laws) {
    if (!model_.has_tissue) return;
    const Part& tissue = *layout_.tissue;
    check_sinusoids();
    const ExprId rate =
        compile_as(tissue, tissue.tissue_displacement, Extent::one, k_rate, "`displacement` of the tissue");
    laws.displacement = rate;
    build_displacement(laws, rate);
    const ExprId fluid = compile_as(tissue, tissue.tissue_fluid, Extent::lanes, k_none, "`fluid` of the tissue");
    laws.fluid = zone_value("fluid")->id;
    laws.invariants.push_back({fluid, 1e-6, 1.0, tissue.tissue_fluid.where, "`fluid` is a share of the tissue volume"});
}

/// Cells pushed between neighbouring zones by unequal growth. Of two neighbours the one with the larger relative volume r
/// gives the share k n^2/9 (r - r_other) / r of each of its displaced cells per hour: the same evening-out over the lobule
/// for any number of zones n, k being declared for three.
void Builder::build_displacement(Laws& laws, ExprId rate) {
    const ExprId volume = graph_.binary(Op::div, zone_value("volume")->id, zone_value("rest_volume")->id);
    if (graph_[volume].extent == Extent::one) return;  // nothing grows: the rest state, or no cells
    const ExprId r = graph_.mark(volume);
    const ExprId scaled = graph_.binary(Op::mul, rate, graph_.constant(model_.zones * model_.zones / 9.0));
    const auto share = [&](Op side) {
        const ExprId zero = graph_.constant(0.0);
        const ExprId excess = graph_.binary(Op::max, graph_.binary(Op::sub, r, graph_.neighbour(side, r)), zero);
        const ExprId part = graph_.binary(Op::div, graph_.binary(Op::mul, scaled, excess), r);
        return graph_.mark(graph_.select(graph_.binary(Op::less, zero, r), part, zero));  // an empty zone gives nothing
    };
    const ExprId onward = share(Op::next), back = share(Op::previous);
    for (std::size_t p = 0; p < model_.populations.size(); ++p) {
        const Population& population = model_.populations[p];
        if (!population.displaced || population.in_body) continue;
        for (std::size_t s = 0; s < population.substates.size(); ++s)
            if (!population.substates[s].held)
                laws.moves.push_back({static_cast<std::int32_t>(p), static_cast<std::int32_t>(s), onward, back});
    }
}

void Builder::build_signals(Laws& laws) {
    for (const Part* part : layout_.parts)
        for (const SignalProcessSpec& process : part->signal_processes) {
            const auto find_signal = [&](const std::string& name) -> const Part* {
                const Part* signal = layout_.find(name);
                if (signal != nullptr && signal->kind == PartKind::signal) return signal;
                std::vector<std::string> known;
                for (const Part* other : layout_.parts)
                    if (other->kind == PartKind::signal) known.push_back(other->name);
                fault(process.where, "no signal of this model is called `" + name + "`", nearest_name(name, known));
                return nullptr;
            };
            const Part* signal = find_signal(process.signal);
            const Part* product = process.to.empty() ? nullptr : find_signal(process.to);
            if (signal == nullptr || (!process.to.empty() && product == nullptr)) continue;
            const bool tissue = process.place == "tissue";
            if (!tissue && !layout_.compartment.contains(process.place)) {
                std::vector<std::string> known{"tissue"};
                for (const auto& [name, spec] : layout_.compartment) known.push_back(name);
                fault(process.where, "unknown place `" + process.place + "`", nearest_name(process.place, known));
                continue;
            }
            if (!tissue &&
                (!signal->carried_by(process.place) || (product != nullptr && !product->carried_by(process.place)))) {
                fault(process.where, "`" + process.place + "` does not carry the signal: name it in `in`");
                continue;
            }
            const Extent extent = tissue ? Extent::lanes : Extent::one;
            const Dimension concentration_of = concentration_dimension(*signal);
            const Dimension amount = concentration_of * k_volume;
            const auto entry = [&](const Part& s) {
                return static_cast<std::int32_t>(tissue ? layout_.zone_entry.at(s.name)
                                                        : layout_.body_entry.at(process.place + "." + s.name));
            };
            std::vector<ExprId>& rates = tissue ? laws.zone_rates : laws.body_rates;
            // A law of a signal part reads its own concentration at the place where it acts.
            const auto here = [&]() -> ExprId {
                if (tissue) return concentration(*signal)->id;
                return compartment_value(process.place, signal->name)->id;
            };
            const ExprId space = tissue ? zone_value("fluid")->id : compartment_value(process.place, "volume")->id;
            switch (process.kind) {
                case SignalProcessSpec::Kind::decay: {
                    const ExprId rate = compile_as(*part, process.rate, extent, k_rate, "`rate` of a decay");
                    const ExprId amount_here = graph_.binary(Op::mul, here(), space);
                    add_rate(rates, entry(*signal), graph_.binary(Op::mul, rate, amount_here), true);
                    break;
                }
                case SignalProcessSpec::Kind::reaction: {
                    const ExprId rate =
                        compile_as(*part, process.rate, extent, concentration_of * k_rate, "`rate` of a reaction");
                    const ExprId moved = graph_.binary(Op::mul, rate, space);
                    add_rate(rates, entry(*signal), moved, true);
                    if (product != nullptr) add_rate(rates, entry(*product), moved);
                    break;
                }
                case SignalProcessSpec::Kind::source:
                    add_rate(rates, entry(*signal),
                             compile_as(*part, process.rate, extent, amount * k_rate, "`rate` of a source"));
                    break;
            }
        }
}

void Builder::build_variables(Laws& laws) {
    for (const Part* part : layout_.parts)
        for (const VariableSpec& variable : part->variables) {
            const std::string name = part->name + "." + variable.name;
            const bool zone = variable.scope == Scope::zone;
            const auto entry = zone ? layout_.zone_entry.find(name) : layout_.body_entry.find(name);
            if (entry == (zone ? layout_.zone_entry.end() : layout_.body_entry.end())) continue;
            const StateInfo& state = (zone ? model_.zone_states : model_.body_states)[entry->second];
            const ExprId rate = compile_as(*part, variable.rate, zone ? Extent::lanes : Extent::one,
                                           state.dimension * k_rate, "`rate` of `" + variable.name + "`");
            add_rate(zone ? laws.zone_rates : laws.body_rates, static_cast<std::int32_t>(entry->second), rate);
            Tally tally{!zone, static_cast<std::int32_t>(entry->second), {}};
            if (variable.accumulates && add_hops_of(laws, rate, !zone, tally.hops))
                laws.tallies.push_back(std::move(tally));
        }
}

void Builder::build_probes(Laws& laws) {
    for (const Part* part : layout_.parts)
        for (const ProbeSpec& probe : part->probes) {
            ModelProbe out;
            out.name = part->kind == PartKind::probes ? probe.name : part->name + "." + probe.name;
            out.unit = probe.unit.text.empty() ? "1" : probe.unit.text;
            out.factor = probe.unit.factor;
            out.about = probe.about;
            out.value = compile_as(*part, probe.law, Extent::one, probe.unit.dimension, "probe `" + probe.name + "`");
            for (const ModelProbe& other : laws.probes)
                if (other.name == out.name) fault(probe.law.where, "two probes are called `" + out.name + "`");
            laws.probes.push_back(std::move(out));
        }
}

void Builder::build_events(Laws& laws, const Part& owner, const std::vector<EventSpec>& events) {
    Builder start(Mode::start, model_, layout_, model_.start_graph, problems_);
    for (const EventSpec& event : events) {
        ModelEvent out;
        out.about = event.about.empty() ? owner.name : event.about;
        out.where = event.where;
        if (event.at.given) out.at = start.start_of(owner, event.at, Extent::one, k_time, "`at`");
        if (event.every.given) out.every = start.start_of(owner, event.every, Extent::one, k_time, "`every`");
        if (event.until.given) out.until = start.start_of(owner, event.until, Extent::one, k_time, "`until`");
        if (!event.hazard.empty()) {
            const auto built_up = layout_.body_entry.find(owner.name + "." + event.hazard);
            if (built_up == layout_.body_entry.end()) continue;  // reported with its variable
            out.hazard = owner.name + "." + event.hazard;
            out.threshold_slot = model_.one_inputs++;
            out.root =
                graph_.binary(Op::sub, body_input(built_up->second), graph_.input(out.threshold_slot, Extent::one));
            for (const VariableSpec& variable : owner.variables)
                if (variable.name == event.hazard)
                    add_hazard(
                        laws, compile_as(owner, variable.rate, Extent::one, k_rate, "`rate` of `" + event.hazard + "`"),
                        variable.rate.where, "the rate of the hazard `" + event.hazard + "`");
        }
        if (event.when) {
            const Compiled condition = compile(owner, *event.when, Extent::one);
            if (condition) {
                const Expression& e = graph_[condition->id];
                if (e.op == Op::less || e.op == Op::less_equal)
                    out.root = graph_.binary(Op::sub, e.b, e.a);
                else
                    fault(event.when->where, "`when` must be one comparison such as a > b");
            }
        }
        for (const auto& [target, law] : event.set)
            if (auto a = assignment(owner, target, law)) out.assignments.push_back(std::move(*a));
        laws.events.push_back(std::move(out));
    }
}

std::optional<Assignment> Builder::assignment(const Part& owner, const std::string& target, const LawText& law) {
    Assignment out;
    out.kind = Assignment::Kind::body;
    const auto own_name = owner.name + "." + target;
    const auto body_of = [&](const std::string& name) { return layout_.body_entry.find(name); };
    auto body = body_of(target);
    if (body == layout_.body_entry.end()) body = body_of(own_name);
    // Cells of the body have entries there too; they are set with their volumes, as those of tissue.
    const bool counted = body != layout_.body_entry.end() && model_.body_states[body->second].population >= 0;
    if (body != layout_.body_entry.end() && !counted) {
        const StateInfo& state = model_.body_states[body->second];
        out.entry = static_cast<std::int32_t>(body->second);
        if (state.kind == StateInfo::Kind::signal) {
            const std::string compartment = target.substr(0, target.find('.'));
            const ExprId value =
                compile_as(owner, law, Extent::one, state.dimension / k_volume, "the new value of `" + target + "`");
            out.value = graph_.binary(Op::mul, value, compartment_value(compartment, "volume")->id);
        } else {
            out.value = compile_as(owner, law, Extent::one, state.dimension, "the new value of `" + target + "`");
        }
        return out;
    }
    const auto dot = target.find('.');
    const Part* part = layout_.find(target.substr(0, dot));
    if (part != nullptr && part->kind == PartKind::cell) {
        out.kind = Assignment::Kind::cells;
        out.population = static_cast<std::int32_t>(layout_.population.at(part->name));
        const std::string state = dot == std::string::npos ? std::string{} : target.substr(dot + 1);
        const Population& population = model_.populations[static_cast<std::size_t>(out.population)];
        for (std::size_t s = 0; s < population.substates.size(); ++s)
            if (state.empty() || population.substates[s].state == state)
                out.substates.push_back(static_cast<std::int32_t>(s));
        if (!out.substates.empty()) {
            out.value = compile_as(owner, law, extent_of(*part), k_cell, "the new number of `" + target + "`");
            return out;
        }
    }
    auto zone = layout_.zone_entry.find(target);
    if (zone == layout_.zone_entry.end()) zone = layout_.zone_entry.find(own_name);
    if (zone != layout_.zone_entry.end() && (model_.zone_states[zone->second].kind == StateInfo::Kind::variable ||
                                             model_.zone_states[zone->second].kind == StateInfo::Kind::signal)) {
        const StateInfo& state = model_.zone_states[zone->second];
        out.kind = Assignment::Kind::zone;
        out.entry = static_cast<std::int32_t>(zone->second);
        const bool signal = state.kind == StateInfo::Kind::signal;
        const ExprId value =
            compile_as(owner, law, Extent::lanes, signal ? state.dimension / k_volume : state.dimension,
                       "the new value of `" + target + "`");
        out.value = signal ? graph_.binary(Op::mul, value, zone_value("fluid")->id) : value;
        return out;
    }
    std::vector<std::string> known{"lobule.count"};
    for (const auto& [name, entry] : layout_.body_entry)
        if (model_.body_states[entry].kind != StateInfo::Kind::content) known.push_back(name);
    for (const auto& [name, entry] : layout_.zone_entry)
        if (model_.zone_states[entry].kind == StateInfo::Kind::variable) known.push_back(name);
    for (const Population& p : model_.populations) known.push_back(p.name);
    if (const std::string why = model_.why_absent(target); !why.empty()) {
        fault(law.where, why + ": no event can set `" + target + "`");
        return std::nullopt;
    }
    fault(law.where,
          "an event cannot set `" + target + "`: it sets lobule.count, variables, signals, cells or cells.state",
          nearest_name(target, known));
    return std::nullopt;
}

ExprId Builder::start_of(const Part& part, const StartSpec& start, Extent extent, const Dimension& dimension,
                         std::string_view what) {
    if (!start.quantity) return compile_as(part, start.law, extent, dimension, what);
    if (start.quantity->dimension != dimension && start.quantity->value != 0.0)
        fault(start.law.where, std::string(what) + " must have the dimension " + to_string(dimension) + ", not " +
                                   to_string(start.quantity->dimension));
    return graph_.constant(start.quantity->value);
}

/// Cells of a state in each zone: a law says it zone by zone, a quantity is the number in the whole lobule.
ExprId Builder::start_number(const Part& part, const StateSpec& state) {
    const ExprId number = start_of(part, state.start, extent_of(part), k_cell, "`start` of a state");
    return state.start.quantity && !part.in_body() ? graph_.binary(Op::div, number, graph_.constant(model_.zones))
                                                   : number;
}

/// Start mode: the start number of a cell type (name empty), or the start of a variable.
Builder::Compiled Builder::start_value(const Part& part, std::string_view name) {
    if (part.kind == PartKind::signal && name.empty()) return own(part, "start");
    if (part.kind == PartKind::cell && name.empty())
        return once("start of " + part.name, part.where, [&] {
            ExprId sum = graph_.constant(0.0);
            for (const StateSpec& state : part.states)
                if (state.start.given) sum = graph_.binary(Op::add, sum, start_number(part, state));
            return Typed{sum, k_cell};
        });
    for (const VariableSpec& variable : part.variables)
        if (variable.name == name)
            return once("start of " + part.name + "." + std::string(name), variable.where, [&] {
                const std::string full = part.name + "." + variable.name;
                const bool zone = variable.scope == Scope::zone;
                const StateInfo& state = zone ? model_.zone_states[layout_.zone_entry.at(full)]
                                              : model_.body_states[layout_.body_entry.at(full)];
                return Typed{
                    start_of(part, variable.start, zone ? Extent::lanes : Extent::one, state.dimension, "`start`"),
                    state.dimension};
            });
    return std::nullopt;
}

void Builder::start_states() {
    std::vector<Problem> ignored;
    Compiled fluid_share;
    if (layout_.tissue != nullptr)
        fluid_share = Builder(Mode::start, model_, layout_, graph_, ignored)
                          .compile(*layout_.tissue, layout_.tissue->tissue_fluid, Extent::lanes);
    const auto set = [&](StateInfo& state) {
        const auto dot = state.name.find('.');
        const Part* part = layout_.find(state.name.substr(0, dot));
        if (state.kind == StateInfo::Kind::lobule_count) {
            state.start = lobule_value("count")->id;
        } else if (state.kind == StateInfo::Kind::vessels) {
            state.start = graph_.constant(1.0);
        } else if (state.kind == StateInfo::Kind::variable) {
            if (const Compiled value = start_value(*part, state.name.substr(dot + 1))) state.start = value->id;
        } else if (state.kind == StateInfo::Kind::matrix) {
            state.start = matrix_start(state);
        } else if (state.kind == StateInfo::Kind::signal) {
            const bool tissue = dot == std::string::npos;
            const Part* signal = tissue ? part : layout_.find(state.name.substr(dot + 1));
            const ExprId level = own(*signal, "start")->id;
            // In tissue a first guess, in the fluid where parameters alone tell it: balance finds the level.
            ExprId space =
                tissue ? zone_value("rest_volume")->id : compartment_value(state.name.substr(0, dot), "volume")->id;
            if (tissue && fluid_share) space = graph_.binary(Op::mul, space, fluid_share->id);
            state.start = graph_.binary(Op::mul, level, space);
        }
    };
    for (StateInfo& state : model_.zone_states) set(state);
    for (StateInfo& state : model_.body_states) set(state);
    // Cells: the start numbers of their states, in the first stage; nuclear classes by their share.
    for (Population& population : model_.populations) {
        const Part& part = *layout_.find(population.name);
        std::vector<ExprId> carried;
        std::vector<std::vector<ExprId>> class_of;
        for (const AttributeSpec& attribute : part.attributes) {
            const ExprId value = start_of(part, attribute.start, extent_of(part), attribute_dimension(part, attribute),
                                          "`start` of an attribute");
            if (attribute.classes > 0)
                class_of.push_back(class_shares(attribute, value));
            else
                carried.push_back(value);
        }
        population.quantities[0].start = own(part, "volume")->id;
        for (std::size_t a = 0; a < carried.size(); ++a) population.quantities[1 + a].start = carried[a];
        std::vector<StateInfo>& states = population.in_body ? model_.body_states : model_.zone_states;
        for (const Population::Substate& sub : population.substates) {
            const StateSpec& spec = *part.state(sub.state);
            if (!spec.start.given || sub.stage != 1) continue;
            ExprId number = start_number(part, spec);
            if (sub.nuclear != NuclearClass::any) {
                const ExprId share = own(part, "binucleate_share")->id;
                const bool two = sub.nuclear == NuclearClass::binucleate;
                number =
                    graph_.binary(Op::mul, number, two ? share : graph_.binary(Op::sub, graph_.constant(1.0), share));
            }
            for (std::size_t c = 0; c < class_of.size(); ++c)
                number = graph_.binary(Op::mul, number, class_of[c][static_cast<std::size_t>(sub.classes[c])]);
            states[static_cast<std::size_t>(sub.count)].start = number;
            for (std::size_t q = 0; q < sub.totals.size(); ++q)
                states[static_cast<std::size_t>(sub.totals[q])].start =
                    graph_.binary(Op::mul, number, population.quantities[q].start);
        }
    }
}

/// What each balanced parameter keeps at its start.
void Builder::start_unknowns() {
    for (std::size_t i = 0; i < model_.parameters.size(); ++i) {
        const ParameterInfo& parameter = model_.parameters[i];
        if (source_kind(parameter.source) != SourceKind::balance) continue;
        const auto dot = parameter.name.find('.');
        const Part& part = *layout_.find(parameter.name.substr(0, dot));
        const ParameterSpec& spec = *part.parameter(parameter.name.substr(dot + 1));
        BalanceUnknown unknown;
        unknown.parameter = static_cast<std::int32_t>(i);
        if (part.kind == PartKind::cell) {
            const std::string keeps = spec.keeps.empty() ? part.name : spec.keeps;
            const bool two = keeps == part.name + ".binucleate";
            if (keeps != part.name && !(two && part.nuclear_classes)) {
                fault(spec.where, "`keeps` must be " + part.name + " or " + part.name + ".binucleate",
                      nearest_name(keeps, std::vector<std::string>{part.name, part.name + ".binucleate"}));
                continue;
            }
            unknown.population = static_cast<std::int32_t>(layout_.population.at(part.name));
            unknown.in_body = part.in_body();
            const Population& population = model_.populations[static_cast<std::size_t>(unknown.population)];
            for (const Population::Substate& sub : population.substates)
                if (!two || sub.nuclear == NuclearClass::binucleate) unknown.counts.push_back(sub.count);
            unknown.target = population.start_total;
            if (two) unknown.target = graph_.binary(Op::mul, unknown.target, own(part, "binucleate_share")->id);
        } else if (part.kind == PartKind::matrix && (spec.keeps.empty() || spec.keeps == part.name)) {
            unknown.target = graph_.binary(Op::mul, own(part, "start")->id, zone_value("rest_volume")->id);
            for (const MatrixLayout::Pool& pool : layout_.matrix.at(part.name).pools)
                unknown.counts.push_back(static_cast<std::int32_t>(pool.entry));
        } else {
            std::string keeps = spec.keeps;
            if (keeps.empty() && part.kind == PartKind::signal && !part.carried_in.empty())
                keeps = part.carried_in.front() + "." + part.name;
            auto entry = layout_.body_entry.find(keeps);
            if (entry == layout_.body_entry.end()) entry = layout_.body_entry.find(part.name + "." + keeps);
            if (entry == layout_.body_entry.end()) {
                std::vector<std::string> known;
                for (const auto& [name, index] : layout_.body_entry) known.push_back(name);
                fault(spec.where,
                      "a balanced parameter here needs `keeps`: a body variable or compartment.signal that stays at "
                      "its start",
                      nearest_name(keeps, known));
                continue;
            }
            unknown.in_body = true;
            unknown.counts = {static_cast<std::int32_t>(entry->second)};
            unknown.target = model_.body_states[entry->second].start;
        }
        for (const BalanceUnknown& other : model_.unknowns)
            if (other.counts == unknown.counts && other.in_body == unknown.in_body)
                fault(spec.where, "`" + parameter.name + "` keeps what another balanced parameter keeps already");
        model_.unknowns.push_back(std::move(unknown));
    }
}

}  // namespace lobule
