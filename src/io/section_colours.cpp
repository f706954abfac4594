#include "section_colours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace lobule::io::section {

namespace {

// Eosin for what is calm, so that all that happens stands out; blues for the cycle, ochres for what may turn back.
constexpr std::array k_calm = {Colour::of(0xF1D5CE), Colour::of(0xE9DFC2), Colour::of(0xDCE2D2), Colour::of(0xE2D8E6)};
constexpr std::array k_stirred = {Colour::of(0xF3DCA0), Colour::of(0xE3B55C)};
constexpr std::array k_cycle = {Colour::of(0xA9D8D3), Colour::of(0x4FB0BE), Colour::of(0x2C79B0), Colour::of(0x2B3F8C)};
constexpr Colour k_dying = Colour::of(0xE6E3DD), k_dying_nucleus = Colour::of(0x8B8783);
constexpr Colour k_nucleus = Colour::of(0x6A4C86);
// Okabe and Ito (2008), darker for small shapes on a light ground; without the blues, which are the cycle's.
constexpr std::array k_single = {Colour::of(0xD0714A), Colour::of(0x1F7F5C), Colour::of(0xC79A00),
                                 Colour::of(0xA8478A), Colour::of(0x7A5C3A), Colour::of(0x4D5560)};

Colour along(std::span<const Colour> ramp, double share) {
    const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(ramp.size() - 1);
    const auto i = std::min(static_cast<std::size_t>(at), ramp.size() - 2);
    return ramp[i].toward(ramp[i + 1], at - static_cast<double>(i));
}

/// What a state's laws lead to.
struct Exits {
    bool divides = false, stays = true;
    std::vector<std::size_t> to;  // other states
};

std::vector<Exits> exits_of(const Model& model, std::size_t population, const PopulationLook& look) {
    std::vector<Exits> exits(look.states.size());
    for (const Hop& hop : model.run.hops) {
        if (static_cast<std::size_t>(hop.population) != population || hop.kind == Hop::Kind::death) continue;
        const std::size_t from = look.state_of[static_cast<std::size_t>(hop.from)];
        if (hop.kind == Hop::Kind::division) {
            exits[from].divides = true;
            exits[from].stays = false;
            continue;
        }
        for (const Hop::Branch& branch : hop.branches) {
            if (branch.to < 0) continue;
            const bool own = branch.population < 0 || static_cast<std::size_t>(branch.population) == population;
            // Into another population: a way out that is no division.
            const std::size_t to = own ? look.state_of[static_cast<std::size_t>(branch.to)] : 0;
            if (own && to == from) continue;
            exits[from].to.push_back(to);
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
            const bool bound = std::all_of(exits[s].to.begin(), exits[s].to.end(),
                                           [&](std::size_t to) { return look.states[to].role == Role::cycle; });
            if (!bound) continue;
            look.states[s].role = Role::cycle;
            changed = true;
        }
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
    std::size_t plates = 0, singles = 0;
    for (std::size_t p = 0; p < model.populations.size(); ++p) {
        const Population& population = model.populations[p];
        PopulationLook& look = out.emplace_back();
        look.name = population.name;
        look.place = population.place;
        if (population.in_body) continue;
        look.plate = population.place == "plate";
        look.colour = look.plate ? k_calm[plates++ % k_calm.size()] : k_single[singles++ % k_single.size()];
        for (const Population::Substate& sub : population.substates) {
            const auto found = std::find_if(look.states.begin(), look.states.end(),
                                            [&](const StateLook& s) { return s.name == sub.state; });
            look.state_of.push_back(static_cast<std::size_t>(found - look.states.begin()));
            if (found == look.states.end()) look.states.emplace_back().name = sub.state;
        }
        set_roles(exits_of(model, p, look), look);
        set_colours(look, look.colour);
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
