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

ExprId Builder::count(const Population& population, std::int32_t substate) {
    return zone_input(static_cast<std::size_t>(population.substates[static_cast<std::size_t>(substate)].count));
}

ExprId Builder::volume(const Population& population, std::int32_t substate) {
    return zone_input(static_cast<std::size_t>(population.substates[static_cast<std::size_t>(substate)].volume));
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

ExprId Builder::total_cell_volume() {
    ExprId sum = graph_.constant(0.0);
    for (const Population& population : model_.populations)
        if (population.place != "blood" && population.place != "marrow")
            sum = graph_.binary(Op::add, sum, sum_volumes(population));
    return graph_.mark(sum);
}

/// Values of a population: number, number in a state or nuclear class, volume, named fluxes.
Builder::Compiled Builder::cell_value(const Part& part, std::string_view name) {
    const Population& population = model_.populations[layout_.population.at(part.name)];
    if (name.empty()) return Typed{sum_counts(population, [](const auto&) { return true; }), k_cell};
    if (name == "volume_total") return Typed{sum_volumes(population), k_volume};
    if (name == "size")
        return Typed{graph_.binary(Op::div, sum_volumes(population), cell_value(part, {})->id), k_volume / k_cell};
    if (part.nuclear_classes && (name == "binucleate" || name == "mononucleate")) {
        const NuclearClass wanted = name == "binucleate" ? NuclearClass::binucleate : NuclearClass::mononucleate;
        return Typed{sum_counts(population, [&](const auto& s) { return s.nuclear == wanted; }), k_cell};
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

std::vector<std::int32_t> Builder::matching(const Part& part, const CellProcessSpec& process) const {
    const Population& population = model_.populations[layout_.population.at(part.name)];
    std::vector<std::int32_t> out;
    for (std::size_t s = 0; s < population.substates.size(); ++s) {
        const Population::Substate& sub = population.substates[s];
        if (!process.states.empty() &&
            std::find(process.states.begin(), process.states.end(), sub.state) == process.states.end())
            continue;
        if (!class_fits(process.nuclear, sub.nuclear)) continue;
        const int stages = part.state(sub.state)->stages;
        const StageRange& range = process.stages;
        if (range.form == StageRange::Form::last && sub.stage != stages) continue;
        if (range.form == StageRange::Form::numbers && (sub.stage < range.first || sub.stage > range.last)) continue;
        out.push_back(static_cast<std::int32_t>(s));
    }
    return out;
}

std::int32_t Builder::substate(const Population& population, std::string_view state, int stage,
                               NuclearClass nuclear) const {
    for (std::size_t s = 0; s < population.substates.size(); ++s) {
        const Population::Substate& sub = population.substates[s];
        if (sub.state == state && sub.stage == stage && (sub.nuclear == nuclear || sub.nuclear == NuclearClass::any))
            return static_cast<std::int32_t>(s);
    }
    LOBULE_ASSERT(false, state, stage);
    return -1;
}

/// Events per hour in a zone: the per-cell law times the cells it acts on.
Builder::Compiled Builder::process_flux(const Part& part, const CellProcessSpec& process) {
    return once(part.name + "." + process.name, process.where, [&] {
        const Population& population = model_.populations[layout_.population.at(part.name)];
        const auto rate = compile(part, process.rate, Extent::lanes);
        if (!rate) throw SpecError(process.rate.where, "the law of `" + process.name + "` is not usable");
        ExprId cells = graph_.constant(0.0);
        for (const std::int32_t s : matching(part, process))
            cells = graph_.binary(Op::add, cells, count(population, s));
        return Typed{graph_.binary(Op::mul, rate->id, cells), rate->dimension * k_cell};
    });
}

void Builder::build_cells(Laws& laws) {
    for (const Part* part : layout_.parts) {
        if (part->kind != PartKind::cell) continue;
        const auto p = static_cast<std::int32_t>(layout_.population.at(part->name));
        const Population& population = model_.populations[static_cast<std::size_t>(p)];
        for (const StateSpec& state : part->states) {
            if (state.stages == 1) continue;
            const ExprId hazard = compile_as(*part, state.advance, Extent::lanes, k_rate, "`advance`");
            for (std::size_t s = 0; s < population.substates.size(); ++s) {
                const Population::Substate& sub = population.substates[s];
                if (sub.state != state.name || sub.stage == state.stages) continue;
                const std::int32_t next = substate(population, sub.state, sub.stage + 1, sub.nuclear);
                laws.hops.push_back({Hop::Kind::advance,
                                     p,
                                     static_cast<std::int32_t>(s),
                                     hazard,
                                     {{graph_.constant(1.0), next, 1}},
                                     state.name});
            }
        }
        for (const CellProcessSpec& process : part->processes) build_process(laws, *part, process);
    }
    for (const Hop& hop : laws.hops) apply_hop(laws, hop);
}

void Builder::build_process(Laws& laws, const Part& part, const CellProcessSpec& process) {
    using Kind = CellProcessSpec::Kind;
    const auto p = static_cast<std::int32_t>(layout_.population.at(part.name));
    const Population& population = model_.populations[static_cast<std::size_t>(p)];
    const ExprId one = graph_.constant(1.0);
    switch (process.kind) {
        case Kind::death: {
            const ExprId hazard = compile_as(part, process.rate, Extent::lanes, k_rate, "`rate` of a death");
            for (const std::int32_t s : matching(part, process))
                laws.hops.push_back({Hop::Kind::death, p, s, hazard, {{one, -1, 1}}, process.death});
            break;
        }
        case Kind::transition: {
            const ExprId hazard = compile_as(part, process.rate, Extent::lanes, k_rate, "`rate` of a transition");
            std::vector<ExprId> shares;
            ExprId sum = graph_.constant(0.0);
            for (const auto& [target, share] : process.to) {
                shares.push_back(share.text.empty() ? one : compile_as(part, share, Extent::lanes, k_none, "a share"));
                sum = graph_.binary(Op::add, sum, shares.back());
            }
            if (graph_[sum].op != Op::constant || std::abs(graph_[sum].constant - 1.0) > 1e-12)
                laws.invariants.push_back(
                    {sum, 1.0, 1.0, process.where, "the shares of a branching exit must add up to 1"});
            for (const std::int32_t s : matching(part, process)) {
                const NuclearClass nuclear = population.substates[static_cast<std::size_t>(s)].nuclear;
                Hop hop{Hop::Kind::transition, p, s, hazard, {}, process.name};
                for (std::size_t t = 0; t < process.to.size(); ++t) {
                    const std::string& target = process.to[t].first;
                    const bool dead = target.starts_with("dead:");
                    hop.branches.push_back({shares[t], dead ? -1 : substate(population, target, 1, nuclear), 1});
                }
                laws.hops.push_back(std::move(hop));
            }
            break;
        }
        case Kind::division: {
            const ExprId hazard = compile_as(part, process.rate, Extent::lanes, k_rate, "`rate` of a division");
            const ExprId two_nuclei = process.extra.text.empty()
                                          ? graph_.constant(0.0)
                                          : compile_as(part, process.extra, Extent::lanes, k_none, "`binucleation`");
            const ExprId split = graph_.binary(Op::sub, one, two_nuclei);
            const std::string& to = process.to.front().first;
            for (const std::int32_t s : matching(part, process)) {
                Hop hop{Hop::Kind::division, p, s, hazard, {}, process.name};
                const std::int32_t daughters = substate(population, to, 1, NuclearClass::mononucleate);
                const bool mono =
                    population.substates[static_cast<std::size_t>(s)].nuclear == NuclearClass::mononucleate;
                if (mono && !process.extra.text.empty()) {
                    hop.branches.push_back({split, daughters, 2});
                    hop.branches.push_back({two_nuclei, substate(population, to, 1, NuclearClass::binucleate), 1});
                } else {
                    hop.branches.push_back({one, daughters, 2});
                }
                laws.hops.push_back(std::move(hop));
            }
            break;
        }
        case Kind::growth: {
            const ExprId rate = compile_as(part, process.rate, Extent::lanes, k_rate, "`rate` of a growth");
            const ExprId target =
                compile_as(part, process.extra, Extent::lanes, k_volume / k_cell, "`target` of a growth");
            for (const std::int32_t s : matching(part, process)) {
                laws.growths.push_back({p, s, rate, target});
                const ExprId wanted = graph_.binary(Op::mul, target, count(population, s));
                const ExprId gap = graph_.binary(Op::sub, wanted, volume(population, s));
                add_rate(laws.zone_rates, population.substates[static_cast<std::size_t>(s)].volume,
                         graph_.binary(Op::mul, rate, gap));
            }
            break;
        }
        case Kind::secretion:
        case Kind::uptake: {
            const auto entry = layout_.zone_entry.find(process.signal);
            const Part* signal = layout_.find(process.signal);
            if (signal == nullptr || signal->kind != PartKind::signal || entry == layout_.zone_entry.end()) {
                std::vector<std::string> known;
                for (const Part* other : layout_.parts)
                    if (other->kind == PartKind::signal) known.push_back(other->name);
                fault(process.where, "no signal of this model is called `" + process.signal + "`",
                      nearest_name(process.signal, known));
                break;
            }
            const Dimension amount = model_.zone_states[entry->second].dimension;
            const char* what = process.kind == Kind::secretion ? "`rate` of a secretion" : "`rate` of an uptake";
            const ExprId rate = compile_as(part, process.rate, Extent::lanes, amount * k_rate / k_cell, what);
            ExprId cells = graph_.constant(0.0);
            for (const std::int32_t s : matching(part, process))
                cells = graph_.binary(Op::add, cells, count(population, s));
            add_rate(laws.zone_rates, static_cast<std::int32_t>(entry->second), graph_.binary(Op::mul, rate, cells),
                     process.kind == Kind::uptake);
            break;
        }
    }
}

/// The ODE reading of a hop: numbers and volumes leave together, since a hazard does not look at a cell's volume.
void Builder::apply_hop(Laws& laws, const Hop& hop) {
    const Population& population = model_.populations[static_cast<std::size_t>(hop.population)];
    const Population::Substate& from = population.substates[static_cast<std::size_t>(hop.from)];
    const ExprId cells = graph_.binary(Op::mul, hop.hazard, count(population, hop.from));
    const ExprId volumes = graph_.binary(Op::mul, hop.hazard, volume(population, hop.from));
    add_rate(laws.zone_rates, from.count, cells, true);
    add_rate(laws.zone_rates, from.volume, volumes, true);
    for (const Hop::Branch& branch : hop.branches) {
        if (branch.to < 0) continue;
        const Population::Substate& to = population.substates[static_cast<std::size_t>(branch.to)];
        const ExprId leavers = graph_.binary(Op::mul, branch.share, cells);
        add_rate(laws.zone_rates, to.count, graph_.binary(Op::mul, graph_.constant(branch.cells), leavers));
        add_rate(laws.zone_rates, to.volume, graph_.binary(Op::mul, branch.share, volumes));
    }
}

/// Start numbers by zone: the sum of the start laws of the states, before the profile moves them between zones.
void Builder::start_populations() {
    for (const Part* part : layout_.parts)
        if (part->kind == PartKind::cell)
            model_.populations[layout_.population.at(part->name)].start_total = start_value(*part, {})->id;
}

}  // namespace lobule
