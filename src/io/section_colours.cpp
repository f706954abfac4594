#include "section_colours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace lobule::io::section {

namespace {

// Eosin for what is calm, so that all that happens stands out; blues for the cycle, ochres for what may turn back.
constexpr std::array k_calm = {Colour::of(0xF1D0C8), Colour::of(0xC9DAB2), Colour::of(0xD6C3E2), Colour::of(0xC9BFB0)};
// What is left of eosin where a cell has lost its content.
constexpr Colour k_ghost = Colour::of(0xF3EFEA);
constexpr std::array k_stirred = {Colour::of(0xF3DCA0), Colour::of(0xE3B55C)};
constexpr std::array k_cycle = {Colour::of(0xA9D8D3), Colour::of(0x4FB0BE), Colour::of(0x2C79B0), Colour::of(0x2B3F8C)};
constexpr Colour k_dying = Colour::of(0xE6E3DD), k_dying_nucleus = Colour::of(0x8B8783);
constexpr Colour k_given = Colour::of(0xE0007F);  // as nothing else is
constexpr Colour k_nucleus = Colour::of(0x6A4C86);
// Okabe and Ito (2008), darker for small shapes on a light ground; without the blues, which are the cycle's.
constexpr std::array k_single = {Colour::of(0xCC6233), Colour::of(0x1F7F5C), Colour::of(0xC79A00),
                                 Colour::of(0xA8478A), Colour::of(0x7A5C3A), Colour::of(0x4D5560)};
/// Places whose first population, of those that do not come out of the blood, has the first of them.
constexpr std::array<std::string_view, 3> k_residents = {"lumen", "sinusoid_wall", "disse"};

Colour along(std::span<const Colour> ramp, double share) {
    const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(ramp.size() - 1);
    const auto i = std::min(static_cast<std::size_t>(at), ramp.size() - 2);
    return ramp[i].toward(ramp[i + 1], at - static_cast<double>(i));
}

/// What a state's laws lead to.
struct Exits {
    bool divides = false, stays = true;
    std::vector<std::size_t> to;         // other states
    std::optional<std::size_t> newborn;  // the state of daughters
};

/// Whether cells of blood or marrow become cells of this population.
bool arrives(const Model& model, std::size_t population) {
    return std::any_of(model.run.hops.begin(), model.run.hops.end(), [&](const Hop& hop) {
        return model.populations[static_cast<std::size_t>(hop.population)].in_body &&
               std::any_of(hop.branches.begin(), hop.branches.end(), [&](const Hop::Branch& branch) {
                   return branch.to >= 0 && branch.population == static_cast<std::int32_t>(population);
               });
    });
}

/// Whether the untouched body has none.
bool starts_empty(const Model& model, const Population& population) {
    return population.start_total < 0 || model.start_graph.is_constant(population.start_total, 0.0);
}

/// Whether there is nobody of a population of blood or marrow until an event puts them there.
bool is_given(const Model& model, std::size_t population) {
    const Population& p = model.populations[population];
    if (!p.in_body || !starts_empty(model, p)) return false;
    return std::any_of(model.run.events.begin(), model.run.events.end(), [&](const ModelEvent& event) {
        return std::any_of(event.assignments.begin(), event.assignments.end(), [&](const Assignment& a) {
            return a.kind == Assignment::Kind::cells && static_cast<std::size_t>(a.population) == population;
        });
    });
}

/// Whether these become cells of a population of the tissue that has none else.
bool holds_given(const Model& model, std::size_t population) {
    if (!starts_empty(model, model.populations[population])) return false;
    return std::any_of(model.run.hops.begin(), model.run.hops.end(), [&](const Hop& hop) {
        return is_given(model, static_cast<std::size_t>(hop.population)) &&
               std::any_of(hop.branches.begin(), hop.branches.end(), [&](const Hop::Branch& branch) {
                   return branch.to >= 0 && branch.population == static_cast<std::int32_t>(population);
               });
    });
}

std::vector<Exits> exits_of(const Model& model, std::size_t population, const PopulationLook& look) {
    std::vector<Exits> exits(look.states.size());
    for (const Hop& hop : model.run.hops) {
        if (static_cast<std::size_t>(hop.population) != population || hop.kind == Hop::Kind::death) continue;
        const std::size_t from = look.state_of[static_cast<std::size_t>(hop.from)];
        if (hop.kind == Hop::Kind::division) {
            exits[from].divides = true;
            exits[from].stays = false;
            if (!hop.branches.empty() && hop.branches[0].to >= 0)
                exits[from].newborn = look.state_of[static_cast<std::size_t>(hop.branches[0].to)];
            continue;
        }
        for (const Hop::Branch& branch : hop.branches) {
            if (branch.to < 0) continue;
            const bool own = branch.population < 0 || static_cast<std::size_t>(branch.population) == population;
            const std::size_t to = own ? look.state_of[static_cast<std::size_t>(branch.to)] : from;
            if (own && to == from) continue;
            // What turns a cell into another kind can befall it anywhere and says nothing about its cycle.
            if (own) exits[from].to.push_back(to);
            exits[from].stays = false;
        }
    }
    return exits;
}

void set_roles(const std::vector<Exits>& exits, PopulationLook& look) {
    for (std::size_t s = 1; s < exits.size(); ++s) look.states[s].role = exits[s].stays ? Role::dying : Role::stirred;
    for (std::size_t s = 0; s < exits.size(); ++s) look.states[s].divides = exits[s].divides;
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t s = 1; s < exits.size(); ++s) {
            if (look.states[s].role != Role::stirred) continue;
            const bool bound = (exits[s].divides || !exits[s].to.empty()) &&
                               std::all_of(exits[s].to.begin(), exits[s].to.end(),
                                           [&](std::size_t to) { return look.states[to].role == Role::cycle; });
            if (!bound) continue;
            look.states[s].role = Role::cycle;
            changed = true;
        }
    }
}

/// Tones of single cells: pale for what the first state is, deep for the last that is no part of a cycle.
void set_tones(const std::vector<Exits>& exits, PopulationLook& look) {
    const auto own = [](const StateLook& s) { return s.role == Role::calm || s.role == Role::stirred; };
    const auto count = static_cast<double>(std::count_if(look.states.begin(), look.states.end(), own));
    double before = 0.0;
    for (StateLook& state : look.states)
        if (own(state)) state.tone = count > 1.0 ? before++ / (count - 1.0) : 0.5;
    for (std::size_t s = 0; s < look.states.size(); ++s) {
        if (look.states[s].role != Role::cycle) continue;
        std::size_t end = s;  // where the cycle divides
        for (std::size_t k = 0; k < exits.size() && !exits[end].newborn && !exits[end].to.empty(); ++k)
            end = exits[end].to.front();
        const std::size_t into = exits[end].newborn.value_or(0);
        look.states[s].tone = own(look.states[into]) ? look.states[into].tone : 0.5;
    }
    for (StateLook& state : look.states) {
        const double t = state.tone;
        const Colour body = t < 0.5 ? look.colour.toward(k_card, 0.36 * (1.0 - 2.0 * t))
                                    : look.colour.toward(k_ink, 0.42 * (2.0 * t - 1.0));
        state.nucleus = state.role == Role::cycle   ? state.fill
                        : state.role == Role::dying ? k_card
                                                    : look.colour.toward(k_ink, t < 0.5 ? 0.5 : 0.72);
        state.fill = state.role == Role::dying ? look.colour.toward(k_card, 0.6) : body;
    }
}

void set_colours(PopulationLook& look, const Colour& calm) {
    const auto count = [&](Role role) {
        return std::count_if(look.states.begin(), look.states.end(),
                             [&](const StateLook& s) { return s.role == role; });
    };
    const auto share = [](std::ptrdiff_t k, std::ptrdiff_t of) {
        return of > 1 ? static_cast<double>(k) / static_cast<double>(of - 1) : 0.5;
    };
    std::ptrdiff_t stirred = 0, cycle = 0;
    for (StateLook& state : look.states) {
        state.nucleus = k_nucleus;
        switch (state.role) {
            case Role::calm: state.fill = calm; break;
            case Role::stirred: state.fill = along(k_stirred, 0.6 * share(stirred++, count(Role::stirred))); break;
            case Role::cycle:
                state.fill = along(k_cycle, share(cycle++, count(Role::cycle)));
                // Chromosomes of a division are light on the darkest blue.
                state.nucleus =
                    state.divides ? state.fill.toward(k_card, 0.8) : state.fill.toward(Colour::of(0x141A3C), 0.55);
                break;
            case Role::dying: state.fill = k_dying; state.nucleus = k_dying_nucleus;
        }
    }
}

}  // namespace

std::vector<PopulationLook> looks_of(const Model& model) {
    std::vector<PopulationLook> out;
    std::size_t plates = 0, others = 0;
    std::array<bool, k_residents.size()> taken{};
    // Residents by their place, so that a cell has one colour in all cases, whoever else is there.
    const auto single = [&](const PopulationLook& look) {
        const auto place = std::find(k_residents.begin(), k_residents.end(), look.place);
        const auto slot = static_cast<std::size_t>(place - k_residents.begin());
        if (slot < taken.size() && !look.arrived && !std::exchange(taken[slot], true)) return k_single[slot];
        const std::size_t left = k_single.size() - k_residents.size();
        return k_single[k_residents.size() + others++ % left];
    };
    for (std::size_t p = 0; p < model.populations.size(); ++p) {
        const Population& population = model.populations[p];
        PopulationLook& look = out.emplace_back();
        look.name = population.name;
        look.place = population.place;
        if (population.in_body) continue;
        look.plate = population.place == "plate";
        look.ghost = !population.nucleus;
        look.arrived = arrives(model, p);
        look.given = !look.plate && holds_given(model, p);
        if (look.given)
            look.colour = k_given;
        else if (!look.plate)
            look.colour = single(look);
        else if (!look.ghost)
            look.colour = k_calm[plates++ % k_calm.size()];
        for (const Population::Substate& sub : population.substates) {
            const auto found = std::find_if(look.states.begin(), look.states.end(),
                                            [&](const StateLook& s) { return s.name == sub.state; });
            look.state_of.push_back(static_cast<std::size_t>(found - look.states.begin()));
            if (found == look.states.end()) look.states.emplace_back().name = sub.state;
        }
        const std::vector<Exits> exits = exits_of(model, p, look);
        set_roles(exits, look);
        set_colours(look, look.plate && look.ghost ? k_ghost : look.colour);
        if (!look.plate) set_tones(exits, look);
    }
    return out;
}

Colour even_scale(double share) {
    static constexpr std::array k_points = {
        Colour::of(0x00224E), Colour::of(0x123570), Colour::of(0x3B496C), Colour::of(0x575D6D), Colour::of(0x707173),
        Colour::of(0x8A8678), Colour::of(0xA59C74), Colour::of(0xC3B369), Colour::of(0xE1CC55), Colour::of(0xFEE838)};
    return along(k_points, share);
}

}  // namespace lobule::io::section
