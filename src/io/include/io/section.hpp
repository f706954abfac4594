// A cross-section of a tissue as a picture, in the way a histologist draws one: a slab of a given thickness seen along z, with one
// whole lobule in the middle.
//
// Cells of plates are the power diagram of their spheres cut by the middle plane of the slab, each no wider than 1.35 of its
// radius; vessels and all other cells are those within the slab, projected, and vessels a little above and below it in a paler
// tone. Colours follow from places, order and laws, never from names: the first state of a population is calm, states that lead
// nowhere but to a division are its cycle, states that a cell leaves only by death are dying, later states of single cells are
// deeper. A cell of a plate without a nucleus is a ghost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/state.hpp"
#include "engine/tissue.hpp"
#include "model/model.hpp"

namespace lobule::io {

/// A value of the places of a tissue, drawn in place of the cells' own colour.
struct SectionField {
    std::string name;            // as written: words are separated by _ or .
    std::vector<double> values;  // by place [inside units]
    Dimension dimension;
    std::string unit;  // of the scale; empty: the one of its kind that reads best
    std::string of;    // what the number is of, after the unit: "extracellular fluid"; may be empty
};

struct SectionStyle {
    std::string title;                  // empty: none
    std::optional<SectionField> field;  // none: cells have the colours of their states
    double field_full = 0.0;            // [inside units] upper end of its scale from 0; 0: as it needs
    std::string matrix;                 // drawn as fibres; empty: none
    double fibre = 0.0;                 // [inside units] amount of one fibre; 0: 5 pg, of other kinds as it needs
    double thickness = 12.0;            // [um]
    std::optional<double> height;       // [um] of the middle plane; none: the middle of the box
    double width = 1100.0;              // of the picture [points]
    double density = 1.5;               // pixels for a point
};

/// PNG of the section, on a card with its own background. The same State gives the same bytes where the same fonts are
/// installed. `places` is the model whose zones are the places of `plan`. A State without tissue or without cells has its large
/// vessels drawn. Throws SpecError for a matrix that the model does not have, a unit that does not fit, or a size that makes no
/// picture.
std::string draw_section(const Model& places, const TissuePlan& plan, const State& state, const SectionStyle& style);

}  // namespace lobule::io
