#include "model/words.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace lobule {

namespace {

using enum ValueType;
constexpr bool k_required = true;
constexpr bool k_optional = false;

std::vector<Word> make_words() {
    using Form = Word::Form;
    const Key absent{"optional", boolean, k_optional, "true: left out of a model that lacks the other part"};
    const Key needs{"needs", text, k_optional, "part.parameter: the part is left out of a model in which that is 0"};
    return {
        // Kinds of part.
        {"cell",
         Form::table,
         "cell",
         "A population of cells: where it lives and how large a cell is.",
         {{"about", text, k_required, "one sentence: what this cell does here"},
          {"place", text, k_required,
           "plate, sinusoid_wall, disse, lumen, portal_tract, central_wall, duct, blood or marrow"},
          {"volume", sourced, k_optional, "volume of one cell at rest, um^3; becomes the parameter `volume`"},
          {"diameter", sourced, k_optional, "instead of volume: diameter of the sphere of that volume"},
          {"deformability", sourced, k_optional,
           "of blood cells: the narrowest vessel that one passes, as a share of its diameter"},
          {"binucleate", sourced, k_optional,
           "share of cells with two nuclei at rest; gives every state two nuclear classes"},
          {"profile", sourced, k_optional,
           "shares of the population in equal parts of the lobule volume, from periportal to central"},
          {"displaced", boolean, k_optional,
           "whether cells move with displaced tissue (default: yes for plate, sinusoid_wall and disse)"},
          {"nucleus", boolean, k_optional, "false: a cell without one, as a dead cell is (default: true)"},
          {"compartment", text, k_optional,
           "of blood and marrow cells: the compartment whose signals they read, make and take up"},
          needs}},
        {"signal",
         Form::table,
         "signal",
         "A soluble signal: made by cells, carried by blood, taken up and degraded.",
         {{"about", text, k_required, "one sentence"},
          {"scale", text, k_required, "fast (quasi-steady in tissue) or slow"},
          {"start", sourced, k_required, "concentration in the compartments of the untouched liver"},
          {"in", names, k_optional, "compartments whose blood carries it; none: it stays in the tissue"},
          {"carried", law, k_optional,
           "what one volume of the flow carries, of the concentration there (default: the concentration itself)"},
          {"entering", law, k_optional,
           "without compartments: what one volume of blood brings into the first zone, in body scope"},
          {"diffusion", sourced, k_optional, "diffusion coefficient, used by the tissue"},
          needs}},
        {"matrix",
         Form::table,
         "matrix",
         "An insoluble substance of the tissue: laid down by cells, degraded, crosslinked; it knows which cells laid "
         "it.",
         {{"about", text, k_required, "one sentence"},
          {"start", sourced, k_required, "amount per tissue volume of the untouched liver"},
          {"crosslinked", sourced, k_optional, "share of the start that is crosslinked (default 0)"},
          needs}},
        {"tissue",
         Form::table,
         "tissue",
         "The lobule as a unit of the organ. A model with cells has exactly one.",
         {{"about", text, k_required, "one sentence"},
          {"volume", law, k_required, "volume of one lobule at rest, um^3"},
          {"count", law, k_required, "number of lobules of the untouched liver"},
          {"fluid", law, k_required, "extracellular share of the tissue volume"},
          {"displacement", law, k_required, "rate at which unequal growth of neighbouring zones evens out, 1/h"},
          {"radius", law, k_optional, "way from the portal to the central end of a lobule, um; migration needs it"}}},
        {"sinusoids",
         Form::table,
         "tissue",
         "The vessels of a lobule: what stereology measures (laws of the start), and how blood flows in them.",
         {{"portal_radius", law, k_required, "radius of a sinusoid at the portal end, um"},
          {"central_radius", law, k_required, "radius of a sinusoid at the central end, um"},
          {"segment", law, k_required, "mean length between two branch points, um"},
          {"share", law, k_required, "share of the tissue that is sinusoid lumen"},
          {"portal_tract", law, k_required, "radius of a portal tract, um"},
          {"central_vein", law, k_required, "radius of a central vein, um"},
          {"viscosity", law, k_optional, "apparent viscosity of blood in them, Pa s; flow and pressure need it"},
          {"compliance", law, k_optional,
           "by how much of its radius a sinusoid widens for each unit of pressure above the central vein, 1/mmHg; "
           "absent: rigid"},
          {"dilation", law, k_optional,
           "conductance of the sinusoids as their tone leaves it, against the untouched ones (default 1)"},
          {"about", text, k_optional, "one sentence"}}},
        {"body",
         Form::table,
         "body",
         "What surrounds the lobules: compartments, flows, demands.",
         {{"about", text, k_required, "one sentence"}, needs}},
        {"injury",
         Form::table,
         "injury",
         "Something that harms the liver: its schedule and what it causes.",
         {{"about", text, k_required, "one sentence"}, needs}},
        {"therapy",
         Form::table,
         "therapy",
         "A treatment: its schedule and what it causes in cells, signals, vessels.",
         {{"about", text, k_required, "one sentence"}, needs}},
        {"probes",
         Form::table,
         "probes",
         "A collection of readings.",
         {{"about", text, k_required, "one sentence"}, needs}},
        {"species",
         Form::table,
         "species",
         "Sizes and time scales of one species, read by laws as species.name.",
         {{"about", text, k_required, "one sentence"}}},
        {"set",
         Form::table,
         "set",
         "A named set of parts for scenarios.",
         {{"about", text, k_required, "one sentence"}, {"parts", names, k_required, "names of parts or sets"}}},
        // Common sections.
        {"parameters",
         Form::entries,
         "all",
         "Numbers with unit, range, source and a sentence.",
         {{"value", quantity, k_optional,
           "value with its unit, or one of `choices`; absent only when source is `balance`"},
          {"unit", text, k_optional, "unit of a balanced parameter, which has no value of its own"},
          {"range", range, k_optional, "lowest and highest plausible value; required for assumed and fitted values"},
          {"choices", names, k_optional, "names of which the value is one, instead of a quantity; no range"},
          {"source", text, k_required, "key of evidence/sources.csv, derived:<how>, fit:<problem>, balance or assumed"},
          {"keeps", text, k_optional, "balance: the population, or its nuclear class, that stays at its start"},
          {"about", text, k_required, "one sentence"}}},
        {"override",
         Form::entries,
         "species",
         "Values of other parts' parameters in this species.",
         {{"value", quantity, k_required, "value with its unit, or one of the parameter's choices"},
          {"range", range, k_optional, "lowest and highest plausible value"},
          {"source", text, k_required, "as in parameters"},
          {"about", text, k_optional, "one sentence"}}},
        {"define",
         Form::entries,
         "cell signal matrix tissue body injury therapy probes species",
         "A named algebraic value, always up to date.",
         {{"law", law, k_required, "the value"},
          {"scope", text, k_optional, "zone or body; default zone in cell, signal and tissue parts, else body"},
          {"about", text, k_optional, "one sentence"}},
         "law"},
        {"variables",
         Form::entries,
         "cell signal matrix tissue body injury therapy probes",
         "A quantity with a rate of change.",
         {{"start", start, k_required, "value on the untouched liver, or the first guess of it when balance solves it"},
          {"rate", law, k_required, "rate of change"},
          {"scope", text, k_optional, "zone or body; default as in define"},
          {"accumulates", boolean, k_optional, "a tally: starts at `start`, left out of balance"},
          {"scale", quantity, k_optional,
           "typical size, for the solver's tolerance; needed when it starts at 0 and is neither a number nor a count "
           "of cells"},
          {"source", text, k_optional, "where the start value comes from"},
          {"about", text, k_optional, "one sentence"}}},
        {"functions",
         Form::entries,
         "cell signal matrix tissue body injury therapy probes species",
         "A function for laws of this part.",
         {{"law", text, k_required, "lambda(x, y, body)"}, {"about", text, k_optional, "one sentence"}},
         "law"},
        {"probe",
         Form::entries,
         "cell signal matrix tissue body injury therapy probes",
         "A reading of the state, written to summary.csv.",
         {{"law", law, k_required, "the reading, in body scope"},
          {"unit", text, k_required, "unit it is written in; use 1 for a pure number"},
          {"about", text, k_required, "one sentence"}}},
        {"effect",
         Form::array,
         "cell signal matrix tissue body injury therapy species",
         "What this part does to a value of another part.",
         {{"on", text, k_required, "part.parameter or part.define"},
          {"factor", law, k_optional, "multiplies the value"},
          {"adds", law, k_optional, "is added before factors apply"},
          {"optional", boolean, k_optional, "true: no error when the target is not in the model"},
          {"about", text, k_optional, "one sentence"}}},
        {"event",
         Form::array,
         "cell signal matrix tissue body injury therapy",
         "A change at a time or when a condition comes true.",
         {{"at", start, k_optional, "time: a quantity, or a law of parameters"},
          {"when", law, k_optional, "a comparison; fires when it becomes true"},
          {"every", start, k_optional, "with at: repetition interval"},
          {"until", start, k_optional, "with every: last time"},
          {"set", laws, k_optional,
           "new values: lobule.count, variables, cells, cells.state, compartment.signal; without it the event is a "
           "look"},
          {"about", text, k_optional, "one sentence"}}},
        {"hazard",
         Form::array,
         "body injury therapy",
         "Something that befalls the patient at random, again and again: an event whose times are drawn.",
         {{"name", text, k_required, "part.name reads the hazard that has built up since the start"},
          {"rate", law, k_required, "how often it happens, 1/h, in body scope"},
          {"set", laws, k_required, "as in event"},
          {"about", text, k_optional, "one sentence"}}},
        // Words of cells.
        {"states",
         Form::entries,
         "cell",
         "States of the cell, each with one or more stages.",
         {{"start", start, k_optional,
           "cells of one untouched lobule (a quantity), or of each zone of it (a law); absent: found by balance, or 0"},
          {"stages", integer, k_optional, "number of stages (default 1)"},
          {"advance", law, k_optional, "rate of going from one stage to the next, 1/h; required with stages"},
          {"source", text, k_optional, "where the number comes from; required with start"},
          {"about", text, k_optional, "one sentence"}}},
        {"attributes",
         Form::entries,
         "cell",
         "A number that each cell carries beside its volume.",
         {{"start", start, k_required,
           "value of a cell of the untouched liver and of a cell that enters from elsewhere"},
          {"division", text, k_optional,
           "split (default): each daughter has half; copy: each daughter has the mother's value"},
          {"classes", integer, k_optional,
           "number of classes: the attribute then takes their mid values only, and hazards may read it"},
          {"range", range, k_optional, "lowest and highest value; required with classes"},
          {"source", text, k_required, "where the start comes from"},
          {"about", text, k_optional, "one sentence"}}},
        {"change",
         Form::array,
         "cell",
         "An attribute of the cell changes: da/dt = rate.",
         {{"attribute", text, k_required, "name of the attribute"},
          {"state", names, k_required, "state, list of states, or all"},
          {"rate", law, k_required, "attribute per hour; affine in the cell's own attributes, or any law with classes"},
          {"class", text, k_optional, "mononucleate or binucleate only"},
          {"about", text, k_optional, "one sentence"}}},
        {"crowding",
         Form::table,
         "cell",
         "The niche of this cell: `crowding` in its laws is the number of cells per place, 1 where all are taken.",
         {{"places", law, k_required, "number of places in the zone (in the body, for blood and marrow cells)"},
          {"shared_with", names, k_optional, "other cell parts that take the same places"},
          {"about", text, k_optional, "one sentence"}}},
        {"transition",
         Form::array,
         "cell",
         "A cell leaves one state for another, or for one of several.",
         {{"from", names, k_required, "state, list of states, or all"},
          {"to", shares, k_required,
           "a state, or a table state -> share; `part.state` makes it another cell, `dead:kind` ends it"},
          {"rate", law, k_required, "hazard, 1/h"},
          {"at_stage", text, k_optional, "stage or range of stages it leaves from: 4, 2-3, last (default) or all"},
          {"class", text, k_optional, "mononucleate or binucleate only"},
          {"name", text, k_optional, "makes the flux readable as part.name, cell/h"},
          absent,
          {"about", text, k_optional, "one sentence"}}},
        {"division",
         Form::array,
         "cell",
         "One cell becomes two, each with half the volume; a binucleate one gives two mononucleate.",
         {{"state", names, k_required, "state, list of states, or all"},
          {"to", text, k_required, "state of the daughters"},
          {"rate", law, k_required, "hazard, 1/h"},
          {"at_stage", text, k_optional, "as in transition"},
          {"binucleation", law, k_optional, "share of mononucleate divisions that end as one cell with two nuclei"},
          {"class", text, k_optional, "mononucleate or binucleate only"},
          {"name", text, k_optional, "makes the rate of division readable as part.name, cell/h"},
          {"about", text, k_optional, "one sentence"}}},
        {"death",
         Form::array,
         "cell",
         "A cell dies, by a kind of death.",
         {{"state", names, k_required, "state, list of states, or all"},
          {"kind", text, k_required, "apoptosis, necrosis, ..."},
          {"rate", law, k_required, "hazard, 1/h"},
          {"at_stage", text, k_optional, "as in transition; default all"},
          {"class", text, k_optional, "mononucleate or binucleate only"},
          {"name", text, k_optional, "makes the flux readable as part.name, cell/h"},
          {"about", text, k_optional, "one sentence"}}},
        {"growth",
         Form::array,
         "cell",
         "The cell's volume v relaxes to a target: dv/dt = rate * (target - v).",
         {{"state", names, k_required, "state, list of states, or all"},
          {"rate", law, k_required, "1/h"},
          {"target", law, k_required, "um^3/cell"},
          {"class", text, k_optional, "mononucleate or binucleate only"},
          {"about", text, k_optional, "one sentence"}}},
        {"secretion",
         Form::array,
         "cell",
         "The cell makes a signal.",
         {{"state", names, k_required, "state, list of states, or all"},
          {"signal", text, k_required, "name of the signal"},
          {"rate", law, k_required, "amount per hour and cell"},
          {"name", text, k_optional, "makes the flux readable as part.name"},
          absent,
          {"about", text, k_optional, "one sentence"}}},
        {"uptake",
         Form::array,
         "cell",
         "The cell takes a signal up.",
         {{"state", names, k_required, "state, list of states, or all"},
          {"signal", text, k_required, "name of the signal"},
          {"rate", law, k_required, "amount per hour and cell"},
          {"name", text, k_optional, "makes the flux readable as part.name"},
          absent,
          {"about", text, k_optional, "one sentence"}}},
        {"deposition",
         Form::array,
         "cell",
         "The cell lays down matrix.",
         {{"state", names, k_required, "state, list of states, or all"},
          {"matrix", text, k_required, "name of the matrix part"},
          {"rate", law, k_required, "amount per hour and cell"},
          {"at_stage", text, k_optional, "as in transition; default all"},
          {"name", text, k_optional, "makes the flux readable as part.name"},
          absent,
          {"about", text, k_optional, "one sentence"}}},
        {"encounter",
         Form::array,
         "cell",
         "A cell meets a cell of another part, and one or both change: neighbours in tissue, mass action in zones.",
         {{"with", text, k_required, "the other cell: a part, or part.state"},
          {"when", names, k_required, "states in which this cell can be met, or all"},
          {"rate", law, k_required, "hazard of this cell for each other cell within reach, 1/h/cell"},
          {"reach", law, k_optional,
           "tissue volume within which two cells meet, um^3; absent: all of the zone is within reach"},
          {"gives", shares, k_optional, "what this cell becomes, as `to` of a transition; absent: it stays"},
          {"partner_gives", text, k_optional, "what the other cell becomes: a state of its part, or `dead:kind`"},
          {"at_stage", text, k_optional, "as in transition; default all"},
          {"class", text, k_optional, "mononucleate or binucleate only"},
          {"name", text, k_optional, "makes the flux readable as part.name, cell/h"},
          absent,
          {"about", text, k_optional, "one sentence"}}},
        {"adhesion",
         Form::array,
         "cell",
         "The cell sticks to cells of another part, and lets go: while it sticks it is neither displaced nor migrates.",
         {{"on", text, k_required, "what it sticks to: a cell part, or part.state"},
          {"state", text, k_required, "state that sticks, and to which the cell returns"},
          {"to", text, k_required, "state of the sticking cell"},
          {"rate", law, k_required, "hazard for each cell within reach, 1/h/cell"},
          {"reach", law, k_optional, "as in encounter"},
          {"release", law, k_required, "hazard of letting go, 1/h"},
          {"name", text, k_optional, "makes the flux of sticking readable as part.name, cell/h"},
          {"about", text, k_optional, "one sentence"}}},
        {"recruitment",
         Form::array,
         "cell",
         "Cells of blood or marrow enter the tissue and become cells of this part.",
         {{"from", text, k_required, "a cell part of blood or marrow, or part.state"},
          {"to", text, k_required, "state that they enter"},
          {"rate", law, k_required, "hazard of one of them of entering this zone, in any lobule of the liver, 1/h"},
          {"name", text, k_optional, "makes the flux readable as part.name, cell/h of the whole liver"},
          absent,
          {"about", text, k_optional, "one sentence"}}},
        {"migration",
         Form::array,
         "cell",
         "The cell crawls up a gradient from zone to zone.",
         {{"state", names, k_required, "state, list of states, or all"},
          {"toward", text, k_required, "name of a signal, matrix, cell or zone value"},
          {"speed", law, k_required, "speed in a steep gradient, um/h"},
          {"class", text, k_optional, "mononucleate or binucleate only"},
          absent,
          {"about", text, k_optional, "one sentence"}}},
        // Words of matrix.
        {"degradation",
         Form::array,
         "matrix cell signal injury therapy",
         "Matrix is degraded.",
         {{"matrix", text, k_optional, "name of the matrix part; in a matrix part that matrix"},
          {"pool", text, k_optional, "fresh, crosslinked or all (default)"},
          {"rate", law, k_required, "share of the pool per hour, 1/h"},
          {"about", text, k_optional, "one sentence"}}},
        {"crosslinking",
         Form::array,
         "matrix",
         "Fresh matrix becomes crosslinked.",
         {{"rate", law, k_required, "share of the fresh pool per hour, 1/h"},
          {"back", law, k_optional, "share of the crosslinked pool that loosens again per hour, 1/h"},
          {"about", text, k_optional, "one sentence"}}},
        // Words of signals and of the body.
        {"decay",
         Form::array,
         "signal",
         "The signal is degraded.",
         {{"place", text, k_required, "tissue or a compartment"},
          {"rate", law, k_required, "1/h"},
          {"about", text, k_optional, "one sentence"}}},
        {"reaction",
         Form::array,
         "signal injury therapy",
         "One signal becomes another, unit for unit.",
         {{"place", text, k_required, "tissue or a compartment"},
          {"from", text, k_required, "signal consumed"},
          {"to", text, k_optional, "signal produced; absent: nothing"},
          {"rate", law, k_required, "amount per volume and hour"},
          {"about", text, k_optional, "one sentence"}}},
        {"source",
         Form::array,
         "signal injury therapy",
         "Supply of a signal that is not made by a cell of the lobule.",
         {{"place", text, k_required, "a compartment, or tissue"},
          {"signal", text, k_optional, "name of the signal; in a signal part that signal"},
          {"rate", law, k_required, "amount per hour: whole body in a compartment, per zone of a lobule in tissue"},
          {"about", text, k_optional, "one sentence"}}},
        {"compartments",
         Form::entries,
         "body",
         "A well-mixed space of the body.",
         {{"volume", law, k_required, "its volume"},
          {"source", text, k_optional, "where the volume comes from"},
          {"about", text, k_optional, "one sentence"}},
         "volume"},
        {"flow",
         Form::array,
         "body",
         "Blood from one compartment to another, or through the lobules.",
         {{"from", text, k_required, "a compartment, or lobule (the last zone)"},
          {"to", text, k_required, "a compartment, or lobule (the first zone)"},
          {"rate", law, k_required, "volume per hour, whole body"},
          {"about", text, k_optional, "one sentence"}}},
        // The case itself.
        {"scenario",
         Form::table,
         "scenario",
         "One case: which parts, in which species, for how long.",
         {{"about", text, k_required, "one sentence"},
          {"species", text, k_optional, "name of a species part"},
          {"parts", names, k_required, "names of parts or sets"},
          {"duration", quantity, k_required, "simulated time"},
          {"output", quantity, k_optional, "interval of the written series (default 1 h)"},
          {"epoch", quantity, k_optional, "grid on which the solver restarts (default 7 d)"},
          {"zones", integer, k_optional, "zones from periportal to pericentral (default 3)"},
          {"relative_tolerance", quantity, k_optional, "of the solver (default 1e-6)"},
          {"step", quantity, k_optional, "of agents, between two looks at the signals (default 15 min)"},
          {"sample", quantity, k_optional,
           "agents simulated for each cell of one lobule, or of a model without tissue (default 1)"},
          {"columns", integer, k_optional,
           "of cells in space: the box is this many times two lobules long (default 1)"},
          {"rows", integer, k_optional, "and this many lobules wide (default 1)"},
          {"thickness", quantity, k_optional, "of the box (default 100 um)"},
          {"tracts", quantity, k_optional, "portal tracts per lobule of cells in space: 2, 1.5 or 1 (default 2)"},
          {"voxel", quantity, k_optional, "edge of the voxels that signals and laws are taken in (default 25 um)"}}},
    };
}

std::string_view type_name(ValueType type) {
    switch (type) {
        case text: return "a string";
        case law: return "a law (a string)";
        case quantity: return "a quantity with its unit (a string such as \"4 min\")";
        case start: return "a quantity, a law, or \"N per M part\" (a string)";
        case integer: return "a whole number";
        case boolean: return "true or false";
        case names: return "a name or an array of names";
        case shares: return "a name or a table of shares";
        case laws: return "a table of laws, its names in quotes";
        case sourced: return "a table with value and source";
        case range: return "an array of two quantities";
        case table: return "a table";
    }
    return "";
}

bool all_text(const std::vector<Node>& items) {
    return std::all_of(items.begin(), items.end(), [](const Node& n) { return n.kind == Node::Kind::text; });
}

bool fits(const Node& node, ValueType type) {
    using Kind = Node::Kind;
    switch (type) {
        case text:
        case law:
        case quantity:
        case start: return node.kind == Kind::text;
        case integer: return node.kind == Kind::integer;
        case boolean: return node.kind == Kind::boolean;
        case names: return node.kind == Kind::text || (node.kind == Kind::array && all_text(node.items));
        case shares:
        case laws:
            if (node.kind == Kind::text) return type == shares;
            return node.kind == Kind::table && std::all_of(node.members.begin(), node.members.end(),
                                                           [](const auto& m) { return m.second.kind == Kind::text; });
        case sourced:
        case table: return node.kind == Kind::table;
        case range: return node.kind == Kind::array && node.items.size() == 2 && all_text(node.items);
    }
    return false;
}

}  // namespace

const std::vector<Word>& words() {
    static const std::vector<Word> list = make_words();
    return list;
}

const Word* find_word(std::string_view name) {
    for (const Word& word : words())
        if (word.name == name) return &word;
    return nullptr;
}

std::string word_reference(const Word& word) {
    std::string out = "| key | value | needed | meaning |\n|---|---|---|---|\n";
    for (const Key& key : word.keys) {
        out += "| `" + std::string(key.name) + "` | " + std::string(type_name(key.type)) + " | ";
        out += key.required ? "yes" : "no";
        out += " | " + std::string(key.about) + " |\n";
    }
    return out;
}

void check_table(const Node& node, const Word& word, std::vector<Problem>& problems) {
    if (node.kind != Node::Kind::table) {
        problems.push_back({node.where, "`" + std::string(word.name) + "` must be a table", {}});
        return;
    }
    std::vector<std::string> known;
    for (const Key& key : word.keys) known.emplace_back(key.name);
    for (const auto& [name, value] : node.members) {
        const auto key = std::find_if(word.keys.begin(), word.keys.end(), [&](const Key& k) { return k.name == name; });
        if (key == word.keys.end())
            problems.push_back({value.where, "unknown key `" + name + "` in `" + std::string(word.name) + "`",
                                nearest_name(name, known)});
        else if (!fits(value, key->type))
            problems.push_back({value.where, "`" + name + "` must be " + std::string(type_name(key->type)), {}});
    }
    for (const Key& key : word.keys)
        if (key.required && node.find(key.name) == nullptr)
            problems.push_back(
                {node.where, "`" + std::string(word.name) + "` lacks the key `" + std::string(key.name) + "`", {}});
}

}  // namespace lobule
