// Which colour what has in a section: by rule, from places, order and laws.
#pragma once

#include <string>
#include <vector>

#include "canvas.hpp"
#include "model/model.hpp"

namespace lobule::io::section {

/// What a state is to the eye.
enum class Role : std::uint8_t {
    calm,     // the first of its population
    stirred,  // from here a cell can go back
    cycle,    // leads nowhere but to a division
    dying,    // left by death alone
};

struct StateLook {
    std::string name;
    Role role = Role::calm;
    bool divides = false;  // a division takes place from here
    Colour fill, nucleus;  // of a part of a plate; of a single cell its body
    double tone = 0.0;     // of single cells: 0 the first state to 1 the last; a cycle has that of where it leads
};

struct PopulationLook {
    std::string name, place;
    bool plate = false;    // drawn as a part of a plate, else as a single cell
    bool ghost = false;    // a cell without a nucleus
    bool arrived = false;  // comes out of the blood
    bool given = false;    // of cells that are not of this body: an event puts them into its blood
    Colour colour;
    std::vector<StateLook> states;
    std::vector<std::size_t> state_of;  // by substate
    bool of_sinusoids() const { return place == "sinusoid_wall" || place == "disse" || place == "lumen"; }
    const StateLook& of(std::size_t substate) const { return states[state_of[substate]]; }
};

/// By population of the model; those of blood and marrow have no states.
std::vector<PopulationLook> looks_of(const Model& model);

/// Cividis (Nunez, Anderton and Renslow 2018, doi:10.1371/journal.pone.0199239): even steps for every eye; share 0 to 1.
Colour even_scale(double share);

inline constexpr Colour k_card = Colour::of(0xFCFBF9), k_ink = Colour::of(0x24272B), k_soft = Colour::of(0x666D75),
                        k_hair = Colour::of(0xDAD6D1);
inline constexpr Colour k_ground = Colour::of(0xF7EDE8), k_lumen = Colour::of(0xFFFEFC), k_rim = Colour::of(0xD3A9A9);
inline constexpr Colour k_stroma = Colour::of(0xE9D5E0), k_wall = Colour::of(0xB98BA6), k_lining = Colour::of(0x8E6A94);
inline constexpr Colour k_fibre = Colour::of(0xB0173B);

}  // namespace lobule::io::section
