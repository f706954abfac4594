// What takes more than one cell or one zone: niches, encounters, adhesion, recruitment from blood, migration.
#include <algorithm>

#include "base/text.hpp"
#include "builder.hpp"

namespace lobule {

namespace {

const Dimension k_none{};
const Dimension k_cell = Dimension::of(Dimension::cell);
const Dimension k_length = Dimension::of(Dimension::length);
const Dimension k_rate = power(Dimension::of(Dimension::time), -1);
const Dimension k_volume = power(k_length, 3);

}  // namespace

/// "part" or "part.state" of a cell of this model, seen from `part`; a fault and nothing when there is none.
std::optional<Builder::CellsOf> Builder::cells_named(const std::string& name, const Where& where) {
    const auto dot = name.find('.');
    const Part* part = layout_.find(name.substr(0, dot));
    if (part == nullptr || part->kind != PartKind::cell) {
        std::vector<std::string> known;
        for (const Part* other : layout_.parts)
            if (other->kind == PartKind::cell) known.push_back(other->name);
        fault(where, "no cell of this model is called `" + name.substr(0, dot) + "`",
              nearest_name(name.substr(0, dot), known));
        return std::nullopt;
    }
    CellsOf out{part, static_cast<std::int32_t>(layout_.population.at(part->name)), {}, {}};
    if (dot != std::string::npos) out.state = name.substr(dot + 1);
    const Population& population = model_.populations[static_cast<std::size_t>(out.population)];
    for (std::size_t s = 0; s < population.substates.size(); ++s)
        if (out.state.empty() || population.substates[s].state == out.state)
            out.substates.push_back(static_cast<std::int32_t>(s));
    if (!out.substates.empty()) return out;
    std::vector<std::string> known;
    for (const StateSpec& state : part->states) known.push_back(state.name);
    fault(where, "`" + part->name + "` has no state `" + out.state + "`", nearest_name(out.state, known));
    return std::nullopt;
}

ExprId Builder::number_of(std::int32_t population, const std::vector<std::int32_t>& substates) {
    ExprId sum = graph_.constant(0.0);
    for (const std::int32_t s : substates)
        sum = graph_.binary(Op::add, sum, count(model_.populations[static_cast<std::size_t>(population)], s));
    return graph_.mark(sum);
}

/// The tissue volume in which one cell meets others; -1: all of the zone.
ExprId Builder::reach_of(const Part& part, const CellProcessSpec& process) {
    if (process.reach.text.empty()) return -1;
    if (!model_.has_tissue || part.in_body()) {
        fault(process.reach.where, "`reach` is a volume of tissue: there is none here");
        return -1;
    }
    return compile_as(part, process.reach, Extent::lanes, k_volume, "`reach`");
}

/// The cells that one cell meets at a time: those of the zone, or those within `reach`, which may be cells of a neighbour.
ExprId Builder::within_reach(ExprId reach, ExprId number) {
    if (reach < 0) return number;
    const ExprId density = graph_.binary(Op::div, number, zone_value("volume")->id);
    return graph_.binary(Op::mul, among_neighbours(density), reach);
}

/// What all cells of a kind do to one cell they meet: each cell at `rate`. Pairs across a border are the same from both sides,
/// for the shares of zones in each other's reach are symmetric.
ExprId Builder::met_by(ExprId reach, ExprId rate, ExprId number) {
    const ExprId doing = graph_.binary(Op::mul, rate, number);
    if (reach < 0) return doing;
    return graph_.binary(Op::div, among_neighbours(graph_.binary(Op::mul, doing, reach)), zone_value("volume")->id);
}

/// Cells per place of the niche.
Builder::Compiled Builder::crowding_value(const Part& part) {
    return once(part.name + ".crowding", part.crowding->where, [&] {
        const Extent extent = extent_of(part);
        const ExprId places = compile_as(part, part.crowding->places, extent, k_cell, "`places` of the crowding");
        ExprId cells = cell_value(part, {})->id;
        for (std::size_t i = 0; i < part.crowding->shared_with.size(); ++i) {
            const auto other = cells_named(part.crowding->shared_with[i], part.crowding->shared_where[i]);
            if (!other || other->part == &part) continue;
            if (other->part->in_body() != part.in_body()) {
                fault(part.crowding->shared_where[i],
                      "`" + other->part->name + "` lives elsewhere: it takes no place here");
                continue;
            }
            cells = graph_.binary(Op::add, cells, number_of(other->population, other->substates));
        }
        return Typed{graph_.binary(Op::div, cells, places), k_none};
    });
}

void Builder::build_encounter(Laws& laws, const Part& part, const CellProcessSpec& process) {
    const auto partner = cells_named(process.other, process.other_where);
    if (!partner) return;
    if (partner->part->in_body() != part.in_body()) {
        fault(process.other_where,
              "`" + partner->part->name + "` lives elsewhere: an encounter takes place in one place");
        return;
    }
    const auto p = static_cast<std::int32_t>(layout_.population.at(part.name));
    const ExprId one = graph_.constant(1.0);
    const ExprId reach = reach_of(part, process);
    const ExprId met = within_reach(reach, number_of(partner->population, partner->substates));
    // Encounters that change this cell are hops of it; those that change the partner alone keep it where it is.
    const auto id = static_cast<std::int32_t>(laws.encounters++);
    ExprId partners_hazard = graph_.constant(0.0);
    for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
        const ExprId rate = compile_as(part, process.rate, extent_of(part), k_rate / k_cell, "`rate` of an encounter");
        check_blind(part, process.rate, rate, "the hazard of an encounter");
        const ExprId hazard = graph_.binary(Op::mul, rate, met);
        add_hazard(laws, hazard, process.rate.where, "the rate of an encounter of `" + part.name + "`");
        const auto shares = exit_shares(laws, part, process);
        std::vector<std::int32_t> who = matching(part, process, classes);
        for (const std::int32_t s : who) {
            Hop hop{Hop::Kind::encounter, p, s, hazard, {}, process.name};
            if (process.to.empty())
                hop.branches.push_back({one, s, 1, p});
            else
                hop.branches = branches_of(part, process, shares, s);
            hop.encounter = process.partner_to.empty() ? -1 : id;
            laws.hops.push_back(std::move(hop));
        }
        partners_hazard = graph_.binary(Op::add, partners_hazard, met_by(reach, rate, number_of(p, who)));
    });
    if (process.partner_to.empty()) return;
    const bool dead = process.partner_to.starts_with("dead:");
    if (!dead && partner->part->state(process.partner_to) == nullptr) {
        std::vector<std::string> known;
        for (const StateSpec& state : partner->part->states) known.push_back(state.name);
        fault(process.where, "`" + partner->part->name + "` has no state `" + process.partner_to + "`",
              nearest_name(process.partner_to, known));
        return;
    }
    const Population& population = model_.populations[static_cast<std::size_t>(partner->population)];
    for (const std::int32_t s : partner->substates) {
        const Population::Substate& sub = population.substates[static_cast<std::size_t>(s)];
        const std::int32_t to = dead ? -1 : substate(population, process.partner_to, 1, sub.nuclear, sub.classes);
        Hop hop{Hop::Kind::encounter, partner->population, s, partners_hazard, {{one, to, 1, partner->population}},
                process.name};
        hop.encounter = id;
        hop.passive = true;
        laws.hops.push_back(std::move(hop));
    }
}

void Builder::build_adhesion(Laws& laws, const Part& part, const CellProcessSpec& process) {
    const auto surface = cells_named(process.other, process.other_where);
    if (!surface) return;
    if (surface->part->in_body() != part.in_body()) {
        fault(process.other_where, "`" + surface->part->name + "` lives elsewhere: cells stick where they are");
        return;
    }
    const auto p = static_cast<std::int32_t>(layout_.population.at(part.name));
    const Population& population = model_.populations[static_cast<std::size_t>(p)];
    const ExprId one = graph_.constant(1.0);
    const std::string& held = process.to.front().first;
    const ExprId met = within_reach(reach_of(part, process), number_of(surface->population, surface->substates));
    for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
        const ExprId rate = compile_as(part, process.rate, extent_of(part), k_rate / k_cell, "`rate` of an adhesion");
        check_blind(part, process.rate, rate, "the hazard of an adhesion");
        const ExprId sticking = graph_.binary(Op::mul, rate, met);
        add_hazard(laws, sticking, process.rate.where, "the rate of an adhesion of `" + part.name + "`");
        for (const std::int32_t s : matching(part, process, classes)) {
            const Population::Substate& sub = population.substates[static_cast<std::size_t>(s)];
            laws.hops.push_back({Hop::Kind::transition,
                                 p,
                                 s,
                                 sticking,
                                 {{one, substate(population, held, 1, sub.nuclear, sub.classes), 1, p}},
                                 process.name});
        }
        const ExprId release = compile_as(part, process.extra, extent_of(part), k_rate, "`release` of an adhesion");
        check_blind(part, process.extra, release, "the hazard of release");
        add_hazard(laws, release, process.extra.where, "the release of `" + part.name + "`");
        for (std::size_t s = 0; s < population.substates.size(); ++s) {
            const Population::Substate& sub = population.substates[s];
            if (sub.state != held || sub.classes != classes) continue;
            laws.hops.push_back(
                {Hop::Kind::transition,
                 p,
                 static_cast<std::int32_t>(s),
                 release,
                 {{one, substate(population, process.states.front(), 1, sub.nuclear, sub.classes), 1, p}},
                 {}});
        }
    });
}

void Builder::build_recruitment(Laws& laws, const Part& part, const CellProcessSpec& process) {
    const auto from = cells_named(process.other, process.other_where);
    if (!from) return;
    if (!from->part->in_body() || part.in_body()) {
        fault(process.other_where, part.in_body()
                                       ? "recruitment is into tissue: `" + part.name + "` is a cell of blood or marrow"
                                       : "`" + from->part->name + "` is no cell of blood or marrow");
        return;
    }
    const auto p = static_cast<std::int32_t>(layout_.population.at(part.name));
    const Population& blood = model_.populations[static_cast<std::size_t>(from->population)];
    const Population& tissue = model_.populations[static_cast<std::size_t>(p)];
    const ExprId hazard = compile_as(part, process.rate, Extent::lanes, k_rate, "`rate` of a recruitment");
    // Each zone has its own hazard, also where the law says the same for all.
    const ExprId by_zone = graph_[hazard].extent == Extent::lanes ? hazard : as_lanes(hazard);
    add_hazard(laws, by_zone, process.rate.where, "the rate of a recruitment of `" + part.name + "`");
    for (const std::int32_t s : from->substates) {
        const Population::Substate& sub = blood.substates[static_cast<std::size_t>(s)];
        laws.hops.push_back({Hop::Kind::recruitment, from->population, s, by_zone,
                             entering(part, tissue, process.to.front().first, sub.nuclear, graph_.constant(1.0), 1),
                             process.name});
    }
}

/// Up the gradient. In zones: speed over the width of a zone, times the relative difference between neighbours.
void Builder::build_migration(Laws& laws, const Part& part, const CellProcessSpec& process) {
    if (layout_.tissue == nullptr || layout_.tissue->tissue_radius.text.empty() || part.in_body()) {
        fault(process.where, part.in_body() ? "cells of blood and marrow do not migrate between zones"
                                            : "migration needs `radius` in [tissue]: how far apart zones are");
        return;
    }
    const Part& tissue = *layout_.tissue;
    const auto p = static_cast<std::int32_t>(layout_.population.at(part.name));
    const Population& population = model_.populations[static_cast<std::size_t>(p)];
    const LawText toward{process.other, process.other_where};
    const Compiled level = compile(part, toward, Extent::lanes);
    if (!level) return;
    if (model_.spec.in_space) {
        for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
            const ExprId speed = migration_speed(laws, part, process);
            for (const std::int32_t s : matching(part, process, classes))
                if (!population.substates[static_cast<std::size_t>(s)].held)
                    laws.climbs.push_back({p, s, level->id, speed});
        });
        return;
    }
    const ExprId zero = graph_.constant(0.0);
    const ExprId radius = compile_as(tissue, tissue.tissue_radius, Extent::one, k_length, "`radius` of the tissue");
    const ExprId width = graph_.binary(Op::div, radius, graph_.constant(model_.zones));
    const ExprId here = graph_[level->id].extent == Extent::lanes ? graph_.mark(level->id) : level->id;
    const auto slope = [&](Op side) {
        const ExprId there = graph_.neighbour(side, here);
        const ExprId up = graph_.binary(Op::max, graph_.binary(Op::sub, there, here), zero);
        const ExprId both = graph_.binary(Op::add, there, here);
        return graph_.select(graph_.binary(Op::less, zero, both), graph_.binary(Op::div, up, both), zero);
    };
    const ExprId next = slope(Op::next), previous = slope(Op::previous);
    for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
        const ExprId pace = graph_.binary(Op::div, migration_speed(laws, part, process), width);
        for (const std::int32_t s : matching(part, process, classes))
            if (!population.substates[static_cast<std::size_t>(s)].held)
                laws.moves.push_back(
                    {p, s, graph_.binary(Op::mul, pace, next), graph_.binary(Op::mul, pace, previous)});
    });
}

ExprId Builder::migration_speed(Laws& laws, const Part& part, const CellProcessSpec& process) {
    const ExprId speed = compile_as(part, process.rate, Extent::lanes, k_length * k_rate, "`speed` of a migration");
    check_blind(part, process.rate, speed, "the speed of a migration");
    add_hazard(laws, speed, process.rate.where, "the speed of a migration of `" + part.name + "`");
    return speed;
}

}  // namespace lobule
