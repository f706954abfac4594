// Cells: hops between substates, growth, and the totals of number and volume that the zones integrate.
#include <algorithm>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "builder.hpp"

namespace lobule {

namespace {

const Dimension k_none{};
const Dimension k_cell = Dimension::of(Dimension::cell);
const Dimension k_rate = power(Dimension::of(Dimension::time), -1);
const Dimension k_volume = power(Dimension::of(Dimension::length), 3);

bool class_fits(NuclearClass wanted, NuclearClass actual) { return wanted == NuclearClass::any || wanted == actual; }

}  // namespace

/// A value of State that belongs to a population.
ExprId Builder::entry(const Population& population, std::int32_t entry) {
    const auto index = static_cast<std::size_t>(entry);
    return population.in_body ? body_input(index) : zone_input(index);
}

std::vector<ExprId>& Builder::rates(Laws& laws, const Population& population) {
    return population.in_body ? laws.body_rates : laws.zone_rates;
}

ExprId Builder::count(const Population& population, std::int32_t substate) {
    return entry(population, population.substates[static_cast<std::size_t>(substate)].count);
}

ExprId Builder::volume(const Population& population, std::int32_t substate) {
    return entry(population, population.substates[static_cast<std::size_t>(substate)].totals[0]);
}

ExprId Builder::sum_counts(const Population& population, const std::function<bool(const Population::Substate&)>& keep) {
    ExprId sum = graph_.constant(0.0);
    for (std::size_t s = 0; s < population.substates.size(); ++s)
        if (keep(population.substates[s]))
            sum = graph_.binary(Op::add, sum, count(population, static_cast<std::int32_t>(s)));
    return graph_.mark(sum);
}

ExprId Builder::sum_volumes(const Population& population) {
    ExprId sum = graph_.constant(0.0);
    for (std::size_t s = 0; s < population.substates.size(); ++s)
        sum = graph_.binary(Op::add, sum, volume(population, static_cast<std::int32_t>(s)));
    return graph_.mark(sum);
}

/// 0 where there is nobody: agents can be gone to the last one.
ExprId Builder::mean_of_cells(ExprId total, ExprId cells) {
    const ExprId zero = graph_.constant(0.0);
    return graph_.select(graph_.binary(Op::less, zero, cells), graph_.binary(Op::div, total, cells), zero);
}

ExprId Builder::total_cell_volume() {
    ExprId sum = graph_.constant(0.0);
    for (const Population& population : model_.populations)
        if (!population.in_body) sum = graph_.binary(Op::add, sum, sum_volumes(population));
    return graph_.mark(sum);
}

/// Values of a population: number, number in a state or nuclear class, volume, named fluxes.
Builder::Compiled Builder::cell_value(const Part& part, std::string_view name) {
    const Population& population = model_.populations[layout_.population.at(part.name)];
    if (name.empty()) return Typed{sum_counts(population, [](const auto&) { return true; }), k_cell};
    if (name == "volume_total") return Typed{sum_volumes(population), k_volume};
    if (name == "size")
        return Typed{mean_of_cells(sum_volumes(population), cell_value(part, {})->id), k_volume / k_cell};
    if (part.nuclear_classes && (name == "binucleate" || name == "mononucleate")) {
        const NuclearClass wanted = name == "binucleate" ? NuclearClass::binucleate : NuclearClass::mononucleate;
        return Typed{sum_counts(population, [&](const auto& s) { return s.nuclear == wanted; }), k_cell};
    }
    if (name == "crowding" && part.crowding) return crowding_value(part);
    if (name == "arrest" && part.kind == PartKind::cell && part.parameter("deformability") != nullptr)
        return arrest_value(part);
    for (const AttributeSpec& attribute : part.attributes) {
        if (name == attribute.name) return attribute_value(part, attribute);
        if (name == attribute.name + "_total") return attribute_total(part, attribute);
    }
    const auto dot = name.find('.');
    const std::string_view state = name.substr(0, dot);
    NuclearClass nuclear = NuclearClass::any;
    if (dot != std::string_view::npos) {
        const std::string_view wanted = name.substr(dot + 1);
        if (!part.nuclear_classes || (wanted != "binucleate" && wanted != "mononucleate")) return std::nullopt;
        nuclear = wanted == "binucleate" ? NuclearClass::binucleate : NuclearClass::mononucleate;
    }
    if (part.state(state) != nullptr)
        return Typed{
            sum_counts(population, [&](const auto& s) { return s.state == state && class_fits(nuclear, s.nuclear); }),
            k_cell};
    for (const CellProcessSpec& process : part.processes)
        if (!process.name.empty() && process.name == name) return process_flux(part, process);
    return std::nullopt;
}

std::vector<std::int32_t> Builder::matching(const Part& part, const CellProcessSpec& process,
                                            const std::vector<std::int32_t>& classes) const {
    const Population& population = model_.populations[layout_.population.at(part.name)];
    std::vector<std::int32_t> out;
    for (std::size_t s = 0; s < population.substates.size(); ++s) {
        const Population::Substate& sub = population.substates[s];
        if (!process.states.empty() &&
            std::find(process.states.begin(), process.states.end(), sub.state) == process.states.end())
            continue;
        if (!class_fits(process.nuclear, sub.nuclear) || sub.classes != classes) continue;
        const int stages = part.state(sub.state)->stages;
        const StageRange& range = process.stages;
        if (range.form == StageRange::Form::last && sub.stage != stages) continue;
        if (range.form == StageRange::Form::numbers && (sub.stage < range.first || sub.stage > range.last)) continue;
        out.push_back(static_cast<std::int32_t>(s));
    }
    return out;
}

std::int32_t Builder::substate(const Population& population, std::string_view state, int stage, NuclearClass nuclear,
                               const std::vector<std::int32_t>& classes) const {
    for (std::size_t s = 0; s < population.substates.size(); ++s) {
        const Population::Substate& sub = population.substates[s];
        const bool fits = sub.nuclear == nuclear || sub.nuclear == NuclearClass::any;
        if (sub.state == state && sub.stage == stage && fits && sub.classes == classes)
            return static_cast<std::int32_t>(s);
    }
    LOBULE_ASSERT(false, state, stage);
    return -1;
}

/// What a named process does in a zone per hour: the per-cell law times the cells it acts on.
Builder::Compiled Builder::process_flux(const Part& part, const CellProcessSpec& process) {
    return once(part.name + "." + process.name, process.where, [&] {
        using Kind = CellProcessSpec::Kind;
        const Population& population = model_.populations[layout_.population.at(part.name)];
        const auto usable = [&](const Compiled& value) {
            if (!value) throw SpecError(process.rate.where, "the law of `" + process.name + "` is not usable");
            return *value;
        };
        if (process.kind == Kind::recruitment) {
            const auto from = cells_named(process.other, process.other_where);
            const Typed rate = usable(compile(part, process.rate, Extent::lanes));
            if (!from) throw SpecError(process.rate.where, "the law of `" + process.name + "` is not usable");
            return Typed{graph_.binary(Op::mul, rate.id, number_of(from->population, from->substates)),
                         rate.dimension * k_cell};
        }
        ExprId sum = graph_.constant(0.0);
        Dimension dimension;
        for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
            const Typed rate = usable(compile(part, process.rate, extent_of(part)));
            dimension = rate.dimension * k_cell;
            CellRate law = affine(part, process.rate, rate.id);
            if (process.kind == Kind::encounter || process.kind == Kind::adhesion) {
                const auto other = cells_named(process.other, process.other_where);
                if (!other) throw SpecError(process.rate.where, "the law of `" + process.name + "` is not usable");
                const ExprId met =
                    within_reach(reach_of(part, process), number_of(other->population, other->substates));
                law.constant = graph_.binary(Op::mul, law.constant, met);
                dimension = dimension * k_cell;
            }
            ExprId cells = graph_.constant(0.0);
            if (law.slopes.empty()) {
                for (const std::int32_t s : matching(part, process, classes))
                    cells = graph_.binary(Op::add, cells, count(population, s));
                cells = graph_.binary(Op::mul, law.constant, cells);
            } else {
                for (const std::int32_t s : matching(part, process, classes))
                    cells = graph_.binary(Op::add, cells, cells_times(population, s, law));
            }
            sum = graph_.binary(Op::add, sum, cells);
        });
        return Typed{sum, dimension};
    });
}

void Builder::build_cells(Laws& laws) {
    for (const Part* part : layout_.parts) {
        if (part->kind != PartKind::cell) continue;
        const auto p = static_cast<std::int32_t>(layout_.population.at(part->name));
        const Population& population = model_.populations[static_cast<std::size_t>(p)];
        for (const StateSpec& state : part->states) {
            if (state.stages == 1) continue;
            for_each_class(*part, [&](const std::vector<std::int32_t>& classes) {
                const ExprId hazard = compile_as(*part, state.advance, extent_of(*part), k_rate, "`advance`");
                check_blind(*part, state.advance, hazard, "`advance`");
                add_hazard(laws, hazard, state.advance.where, "`advance` of `" + part->name + "." + state.name + "`");
                for (std::size_t s = 0; s < population.substates.size(); ++s) {
                    const Population::Substate& sub = population.substates[s];
                    if (sub.state != state.name || sub.stage == state.stages || sub.classes != classes) continue;
                    const std::int32_t next = substate(population, sub.state, sub.stage + 1, sub.nuclear, classes);
                    laws.hops.push_back({Hop::Kind::advance,
                                         p,
                                         static_cast<std::int32_t>(s),
                                         hazard,
                                         {{graph_.constant(1.0), next, 1, p}},
                                         state.name});
                }
            });
        }
        for (const CellProcessSpec& process : part->processes) {
            const std::size_t first = laws.hops.size();
            build_process(laws, *part, process);
            note_hops(laws, *part, process, first);
        }
    }
    for (const Hop& hop : laws.hops) apply_hop(laws, hop);
    for (const Move& move : laws.moves) apply_move(laws, move);
}

/// A start value is the same for cells of the start and for those that enter later: it reads parameters alone.
void Builder::check_fixed(const AttributeSpec& attribute, ExprId value) {
    for (const ExprId leaf : graph_.leaves(value)) {
        const Expression& e = graph_[leaf];
        const std::size_t states = e.extent == Extent::one ? 1 + model_.body_states.size() : model_.zone_states.size();
        if (e.op != Op::input || static_cast<std::size_t>(e.integer) >= states) continue;
        fault(attribute.where, "cells enter with the `start` of `" + attribute.name +
                                   "`: it may read parameters, not the state of the liver");
        return;
    }
}

/// What a cell of substate `from` of another part becomes when it enters a state of `part`: one branch, or one for each class
/// of its attributes, which start as those of a cell of the untouched liver.
std::vector<Hop::Branch> Builder::entering(const Part& part, const Population& population, const std::string& state,
                                           NuclearClass nuclear, ExprId share, int cells) {
    const auto index = static_cast<std::int32_t>(&population - model_.populations.data());
    const CellContext before = context_;
    context_ = {};
    Hop::Branch branch{share, -1, cells, index, {}};
    std::vector<std::vector<ExprId>> class_of;
    for (const AttributeSpec& attribute : part.attributes) {
        const ExprId value = start_of(part, attribute.start, extent_of(part), attribute_dimension(part, attribute),
                                      "`start` of an attribute");
        check_fixed(attribute, value);
        if (attribute.classes > 0)
            class_of.push_back(class_shares(attribute, value));
        else
            branch.entering.push_back(value);
    }
    context_ = before;
    std::vector<Hop::Branch> out;
    for (std::size_t s = 0; s < population.substates.size(); ++s) {
        const Population::Substate& sub = population.substates[s];
        const bool two = nuclear == NuclearClass::binucleate;
        if (sub.state != state || sub.stage != 1 ||
            (sub.nuclear == NuclearClass::binucleate) != (two && part.nuclear_classes))
            continue;
        Hop::Branch one = branch;
        one.to = static_cast<std::int32_t>(s);
        for (std::size_t c = 0; c < class_of.size(); ++c)
            one.share = graph_.binary(Op::mul, one.share, class_of[c][static_cast<std::size_t>(sub.classes[c])]);
        if (!graph_.is_constant(one.share, 0.0)) out.push_back(std::move(one));
    }
    return out;
}

/// The shares of a branching exit, which must add up to 1.
std::vector<ExprId> Builder::exit_shares(Laws& laws, const Part& part, const CellProcessSpec& process) {
    std::vector<ExprId> shares;
    ExprId sum = graph_.constant(0.0);
    for (const auto& [target, share] : process.to) {
        shares.push_back(share.text.empty() ? graph_.constant(1.0)
                                            : compile_as(part, share, extent_of(part), k_none, "a share"));
        if (!share.text.empty()) check_blind(part, share, shares.back(), "a share");
        sum = graph_.binary(Op::add, sum, shares.back());
    }
    if (!shares.empty() && (graph_[sum].op != Op::constant || std::abs(graph_[sum].constant - 1.0) > 1e-12))
        laws.invariants.push_back({sum, 1.0, 1.0, process.where, "the shares of a branching exit must add up to 1"});
    return shares;
}

/// Where cells of substate s go: states of this part, of another part, or death.
std::vector<Hop::Branch> Builder::branches_of(const Part& part, const CellProcessSpec& process,
                                              const std::vector<ExprId>& shares, std::int32_t s) {
    const auto p = static_cast<std::int32_t>(layout_.population.at(part.name));
    const Population& population = model_.populations[static_cast<std::size_t>(p)];
    const Population::Substate& sub = population.substates[static_cast<std::size_t>(s)];
    std::vector<Hop::Branch> out;
    for (std::size_t t = 0; t < process.to.size(); ++t) {
        std::string target = process.to[t].first;
        if (target.starts_with(part.name + ".") && part.state(target.substr(part.name.size() + 1)) != nullptr)
            target.erase(0, part.name.size() + 1);
        const auto dot = target.find('.');
        if (target.starts_with("dead:")) {
            out.push_back({shares[t], -1, 1, p, {}});
        } else if (dot == std::string::npos) {
            out.push_back({shares[t], substate(population, target, 1, sub.nuclear, sub.classes), 1, p, {}});
        } else if (const auto other = cells_named(target, process.where)) {
            const Population& there = model_.populations[static_cast<std::size_t>(other->population)];
            if (population.in_body && !there.in_body) {
                fault(process.where,
                      "`" + part.name + "` is in the blood and `" + other->part->name +
                          "` in tissue: declare a [[recruitment]] there, which says by zone how many enter");
                continue;
            }
            for (Hop::Branch& branch : entering(*other->part, there, other->state, sub.nuclear, shares[t], 1))
                out.push_back(std::move(branch));
        }
    }
    return out;
}

/// After a named process was built from hop `first` on: the hops that make its flux, where agents can count them.
void Builder::note_hops(const Laws& laws, const Part& part, const CellProcessSpec& process, std::size_t first) {
    using Kind = CellProcessSpec::Kind;
    const bool leaves = process.kind == Kind::death || process.kind == Kind::transition ||
                        process.kind == Kind::division || process.kind == Kind::encounter;
    const bool partner_alone = process.kind == Kind::encounter && process.to.empty();
    if (process.name.empty() || !leaves || partner_alone) return;
    std::vector<std::int32_t>& hops = hops_of_process_[part.name + "." + process.name];
    for (std::size_t h = first; h < laws.hops.size(); ++h)
        if (!laws.hops[h].passive) hops.push_back(static_cast<std::int32_t>(h));
}

/// Whether the rate is a sum of fluxes that agents can count.
bool Builder::add_hops_of(const Laws& laws, ExprId rate, bool in_body, std::vector<std::int32_t>& hops) const {
    const std::vector<std::int32_t>* meant = nullptr;
    for (const auto& [name, of_process] : hops_of_process_) {
        const auto flux = memo_.find(name);
        if (flux == memo_.end() || flux->second.id != rate) continue;
        if (meant != nullptr) return false;  // two processes with one flux: the law does not say which
        meant = &of_process;
    }
    if (meant != nullptr) {
        hops.insert(hops.end(), meant->begin(), meant->end());
        return std::all_of(meant->begin(), meant->end(), [&](std::int32_t h) {
            const auto p = static_cast<std::size_t>(laws.hops[static_cast<std::size_t>(h)].population);
            return model_.populations[p].in_body == in_body;
        });
    }
    const Expression& e = graph_[rate];
    return e.op == Op::add && add_hops_of(laws, e.a, in_body, hops) && add_hops_of(laws, e.b, in_body, hops);
}

void Builder::build_process(Laws& laws, const Part& part, const CellProcessSpec& process) {
    using Kind = CellProcessSpec::Kind;
    const auto p = static_cast<std::int32_t>(layout_.population.at(part.name));
    const Population& population = model_.populations[static_cast<std::size_t>(p)];
    const Extent extent = extent_of(part);
    const ExprId one = graph_.constant(1.0);
    const auto hazard_of = [&](const std::string& what) {
        const ExprId hazard = compile_as(part, process.rate, extent, k_rate, "`rate` of " + what);
        check_blind(part, process.rate, hazard, "the hazard of " + what);
        add_hazard(laws, hazard, process.rate.where, "the rate of " + what + " of `" + part.name + "`");
        return hazard;
    };
    switch (process.kind) {
        case Kind::death:
            for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
                const ExprId hazard = hazard_of("a death");
                for (const std::int32_t s : matching(part, process, classes))
                    laws.hops.push_back({Hop::Kind::death, p, s, hazard, {{one, -1, 1, p}}, process.death});
            });
            break;
        case Kind::transition:
            for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
                const ExprId hazard = hazard_of("a transition");
                const auto shares = exit_shares(laws, part, process);
                for (const std::int32_t s : matching(part, process, classes))
                    laws.hops.push_back(
                        {Hop::Kind::transition, p, s, hazard, branches_of(part, process, shares, s), process.name});
            });
            break;
        case Kind::division:
            for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
                build_division(laws, part, process, classes, hazard_of("a division"));
            });
            break;
        case Kind::growth:
            for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
                const ExprId rate = compile_as(part, process.rate, extent, k_rate, "`rate` of a growth");
                const ExprId target =
                    compile_as(part, process.extra, extent, k_volume / k_cell, "`target` of a growth");
                check_blind(part, process.rate, rate, "the rate of a growth");
                check_blind(part, process.extra, target, "the target of a growth");
                for (const std::int32_t s : matching(part, process, classes)) {
                    laws.changes.push_back(
                        {p, s, 0, graph_.binary(Op::mul, rate, target), graph_.unary(Op::neg, rate)});
                    const ExprId wanted = graph_.binary(Op::mul, target, count(population, s));
                    const ExprId gap = graph_.binary(Op::sub, wanted, volume(population, s));
                    add_rate(rates(laws, population), population.substates[static_cast<std::size_t>(s)].totals[0],
                             graph_.binary(Op::mul, rate, gap));
                }
            });
            break;
        case Kind::secretion:
        case Kind::uptake: build_exchange(laws, part, process); break;
        case Kind::change: build_change(laws, part, process); break;
        case Kind::deposition: build_deposition(laws, part, process); break;
        case Kind::encounter: build_encounter(laws, part, process); break;
        case Kind::adhesion: build_adhesion(laws, part, process); break;
        case Kind::recruitment: build_recruitment(laws, part, process); break;
        case Kind::migration: build_migration(laws, part, process); break;
    }
}

void Builder::build_division(Laws& laws, const Part& part, const CellProcessSpec& process,
                             const std::vector<std::int32_t>& classes, ExprId hazard) {
    const auto p = static_cast<std::int32_t>(layout_.population.at(part.name));
    const Population& population = model_.populations[static_cast<std::size_t>(p)];
    const ExprId one = graph_.constant(1.0);
    const ExprId two_nuclei = process.extra.text.empty()
                                  ? graph_.constant(0.0)
                                  : compile_as(part, process.extra, extent_of(part), k_none, "`binucleation`");
    if (!process.extra.text.empty()) check_blind(part, process.extra, two_nuclei, "`binucleation`");
    const ExprId split = graph_.binary(Op::sub, one, two_nuclei);
    const std::string& to = process.to.front().first;
    // The classes of the daughters, with shares: the mother's, or those of half her value.
    std::vector<std::pair<std::vector<std::int32_t>, double>> daughters{{classes, 1.0}};
    std::size_t classed = 0;
    for (const AttributeSpec& attribute : part.attributes) {
        if (attribute.classes == 0) continue;
        if (attribute.halved) {
            const ExprId half = graph_.constant(0.5 * class_value(attribute, classes[classed]));
            std::vector<std::pair<std::vector<std::int32_t>, double>> spread;
            const std::vector<ExprId> shares = class_shares(attribute, half);
            for (const auto& [all, share] : daughters)
                for (std::int32_t k = 0; k < attribute.classes; ++k) {
                    const double part_of = graph_[shares[static_cast<std::size_t>(k)]].constant;
                    if (part_of <= 0.0) continue;
                    spread.emplace_back(all, share * part_of);
                    spread.back().first[classed] = k;
                }
            daughters = std::move(spread);
        }
        ++classed;
    }
    for (const std::int32_t s : matching(part, process, classes)) {
        Hop hop{Hop::Kind::division, p, s, hazard, {}, process.name};
        const bool mono = population.substates[static_cast<std::size_t>(s)].nuclear == NuclearClass::mononucleate;
        for (const auto& [into, share] : daughters) {
            const std::int32_t mono_to = substate(population, to, 1, NuclearClass::mononucleate, into);
            const auto of = [&](ExprId part_of) { return graph_.binary(Op::mul, part_of, graph_.constant(share)); };
            if (mono && !process.extra.text.empty()) {
                hop.branches.push_back({of(split), mono_to, 2, p, {}});
                hop.branches.push_back(
                    {of(two_nuclei), substate(population, to, 1, NuclearClass::binucleate, classes), 1, p, {}});
            } else {
                hop.branches.push_back({of(one), mono_to, 2, p, {}});
            }
        }
        laws.hops.push_back(std::move(hop));
    }
}

/// Secretion and uptake: into the fluid of the zone, or the compartment that the cells are in.
void Builder::build_exchange(Laws& laws, const Part& part, const CellProcessSpec& process) {
    const Population& population = model_.populations[layout_.population.at(part.name)];
    const Part* signal = layout_.find(process.other);
    if (signal == nullptr || signal->kind != PartKind::signal || !layout_.zone_entry.contains(process.other)) {
        std::vector<std::string> known;
        for (const Part* other : layout_.parts)
            if (other->kind == PartKind::signal) known.push_back(other->name);
        fault(process.where, "no signal of this model is called `" + process.other + "`",
              nearest_name(process.other, known));
        return;
    }
    std::size_t at = layout_.zone_entry.at(process.other);
    if (part.in_body()) {
        const auto found = layout_.body_entry.find(part.compartment + "." + process.other);
        if (part.compartment.empty() || found == layout_.body_entry.end()) {
            fault(process.where, part.compartment.empty()
                                     ? "cells of blood and marrow need `compartment` to make or take up a signal"
                                     : "`" + part.compartment + "` does not carry the signal `" + process.other + "`");
            return;
        }
        at = found->second;
    }
    const bool uptake = process.kind == CellProcessSpec::Kind::uptake;
    const Dimension amount = (part.in_body() ? model_.body_states : model_.zone_states)[at].dimension;
    for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
        const ExprId rate = compile_as(part, process.rate, extent_of(part), amount * k_rate / k_cell,
                                       uptake ? "`rate` of an uptake" : "`rate` of a secretion");
        add_rate(rates(laws, population), static_cast<std::int32_t>(at),
                 all_cells_times(part, process, classes, affine(part, process.rate, rate)), uptake);
    });
}

/// What all cells do that a process acts on: per zone, or in the body.
ExprId Builder::all_cells_times(const Part& part, const CellProcessSpec& process,
                                const std::vector<std::int32_t>& classes, const CellRate& rate) {
    const Population& population = model_.populations[layout_.population.at(part.name)];
    ExprId cells = graph_.constant(0.0);
    for (const std::int32_t s : matching(part, process, classes))
        cells = graph_.binary(Op::add, cells, count(population, s));
    ExprId sum = graph_.binary(Op::mul, rate.constant, cells);
    for (std::size_t a = 0; a < rate.slopes.size(); ++a) {
        ExprId total = graph_.constant(0.0);
        for (const std::int32_t s : matching(part, process, classes))
            total = graph_.binary(Op::add, total,
                                  entry(population, population.substates[static_cast<std::size_t>(s)].totals[1 + a]));
        sum = graph_.binary(Op::add, sum, graph_.binary(Op::mul, rate.slopes[a], total));
    }
    return sum;
}

/// A rate at which single cells do something: it must never be negative, which is checked while the model runs.
void Builder::add_hazard(Laws& laws, ExprId value, const Where& where, std::string what) {
    for (const Hazard& known : laws.hazards)
        if (known.value == value) return;
    laws.hazards.push_back({value, where, std::move(what)});
}

/// The ODE reading of a hop: numbers, volumes and attributes leave together, since a hazard does not look at them.
void Builder::apply_hop(Laws& laws, const Hop& hop) {
    const Population& population = model_.populations[static_cast<std::size_t>(hop.population)];
    const Population::Substate& from = population.substates[static_cast<std::size_t>(hop.from)];
    const auto flux = [&](std::int32_t at) { return graph_.binary(Op::mul, hop.hazard, entry(population, at)); };
    // What leaves the blood is the sum over the zones that it enters.
    const auto lost = [&](ExprId f) {
        return population.in_body && graph_[f].extent == Extent::lanes ? graph_.lane_sum(f) : f;
    };
    const ExprId cells = flux(from.count);
    add_rate(rates(laws, population), from.count, lost(cells), true);
    std::vector<ExprId> contents;
    for (const std::int32_t total : from.totals) {
        contents.push_back(flux(total));
        add_rate(rates(laws, population), total, lost(contents.back()), true);
    }
    for (const Hop::Branch& branch : hop.branches) {
        if (branch.to < 0) continue;
        const Population& there = model_.populations[static_cast<std::size_t>(branch.population)];
        const Population::Substate& to = there.substates[static_cast<std::size_t>(branch.to)];
        // Cells of the whole body against those of one lobule.
        const auto arriving = [&](ExprId f) {
            if (population.in_body == there.in_body) return f;
            const ExprId lobules = model_.has_tissue ? lobule_value("count")->id : graph_.constant(1.0);
            return there.in_body ? graph_.binary(Op::mul, lobules, graph_.lane_sum(f))
                                 : graph_.binary(Op::div, f, lobules);
        };
        const ExprId leavers = graph_.binary(Op::mul, branch.share, cells);
        const ExprId arrivals = graph_.binary(Op::mul, graph_.constant(branch.cells), leavers);
        add_rate(rates(laws, there), to.count, arriving(arrivals));
        for (std::size_t q = 0; q < to.totals.size(); ++q) {
            ExprId content;
            if (q == 0 || branch.population == hop.population) {
                content = graph_.binary(Op::mul, branch.share, contents[q]);
                if (!there.quantities[q].halved && branch.cells > 1)
                    content = graph_.binary(Op::mul, graph_.constant(branch.cells), content);
            } else {
                content = graph_.binary(Op::mul, branch.entering[q - 1], arrivals);
            }
            add_rate(rates(laws, there), to.totals[q], arriving(content));
        }
    }
}

/// The ODE reading of a move: number and contents of a substate cross to the neighbouring zones.
void Builder::apply_move(Laws& laws, const Move& move) {
    const Population& population = model_.populations[static_cast<std::size_t>(move.population)];
    const Population::Substate& sub = population.substates[static_cast<std::size_t>(move.substate)];
    const auto both_ways = [&](std::int32_t at) {
        const ExprId held = entry(population, at);
        laws.transfers.push_back({Transfer::Route::downstream, at, at, graph_.binary(Op::mul, move.onward, held), -1});
        laws.transfers.push_back({Transfer::Route::upstream, at, at, graph_.binary(Op::mul, move.back, held), -1});
    };
    both_ways(sub.count);
    for (const std::int32_t total : sub.totals) both_ways(total);
}

/// Start numbers by zone: the sum of the start laws of the states, before the profile moves them between zones.
void Builder::start_populations() {
    for (const Part* part : layout_.parts)
        if (part->kind == PartKind::cell)
            model_.populations[layout_.population.at(part->name)].start_total = start_value(*part, {})->id;
}

}  // namespace lobule
