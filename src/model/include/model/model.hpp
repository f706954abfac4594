// Model = compile(Spec, Catalogue): constant, checked, shared by every patient and thread.
//
// Two readings use it. Zones integrate `zone_rates` and `body_rates` with `transfers`, which hold everything that happens
// to cells as totals. Agents take `hops`, `moves` and `changes`, the same laws cell by cell, and the rest from the ODE.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/catalogue.hpp"
#include "model/expression.hpp"
#include "model/scenario.hpp"

namespace lobule {

/// A value of Parameters: one per model, or one per zone (balanced in a cell part).
struct ParameterInfo {
    std::string name;  // part.parameter; species.parameter for the chosen species
    Extent extent = Extent::one;
    std::int32_t slot = 0;  // among one-value inputs or lane inputs
    double value = 0.0;     // [inside units]; balanced: the first guess
    Dimension dimension;
    std::string unit;
    std::optional<std::pair<double, double>> range;
    std::string source;
    std::string about;
    Where where;
    std::string set_by;                  // "" as declared, else the species, scenario or command line that changed it
    std::vector<std::string> choices{};  // names that the values 0, 1, ... stand for; empty: a quantity

    /// The name that a value stands for.
    const std::string& choice(double number) const;
};

/// Whether a part is there: one that `needs` a parameter of which the value is 0 is left out.
struct Need {
    std::string part, parameter;
    double value = 0.0;        // after the settings of scenario and command line
    bool left_out = false;     // of this model
    bool by_settings = false;  // left out because of the command line; the scenario itself has the part
};

/// One entry of State. Zone entries hold one value per zone.
struct StateInfo {
    enum class Kind : std::uint8_t { count, content, signal, matrix, variable, lobule_count, vessels };
    std::string name;
    Kind kind = Kind::variable;
    Dimension dimension;
    std::int32_t population = -1;  // index into populations, for count and content
    bool accumulates = false;      // a tally, left out of balance
    bool constant = false;         // changed by events only
    ExprId start = -1;             // in the start program; -1 where balance alone decides (first guess 0)
    double scale = 0.0;            // typical size for the solver, 0: taken from the rest state
};

/// A number that each cell carries: its volume, then its continuous attributes. State holds their totals over cells.
struct CellQuantity {
    std::string name;
    Dimension dimension;  // per cell
    bool halved = true;   // between the two daughters of a division; else each daughter has the mother's
    ExprId start = -1;    // start program: of a new cell, and of every cell before the rest state is solved
};

/// The cells of one type: which entries of State they are. Cells of blood and marrow (`in_body`) are counted in the whole
/// body and have body entries; the others are counted by zone of one lobule and have zone entries.
struct Population {
    struct Substate {
        std::string state;
        std::int32_t stage = 1;
        NuclearClass nuclear = NuclearClass::any;
        std::vector<std::int32_t> classes;  // by attribute with classes, from 0
        std::int32_t count = -1;            // entry
        std::vector<std::int32_t> totals;   // entries, by quantity; [0] is the volume
        bool held = false;                  // adherent: neither displaced nor migrating
    };
    std::string name;
    Where where;
    std::string place;
    bool in_body = false;
    bool displaced = false;
    bool nucleus = true;  // to the eye; no law reads it
    std::vector<CellQuantity> quantities;
    std::vector<Substate> substates;
    std::vector<double> profile;  // share of the population by zone; empty: as the start law says
    ExprId start_total = -1;      // start program, per zone, before the profile
};

/// A cell of substate `from` leaves at `hazard` for one of the branches.
struct Hop {
    /// advance: to the next stage or attribute class. recruitment: of a cell of blood or marrow; the hazard is by zone.
    enum class Kind : std::uint8_t { advance, transition, division, death, encounter, recruitment } kind;
    struct Branch {
        ExprId share;                       // of the leavers
        std::int32_t to;                    // substate, or -1: dead
        int cells = 1;                      // 2: division
        std::int32_t population = -1;       // of `to`: the hop's own, or another cell part's
        std::vector<ExprId> entering = {};  // into another part: the value of each continuous attribute
    };
    std::int32_t population, from;
    ExprId hazard;  // 1/h
    std::vector<Branch> branches;
    std::string name;             // death: its kind; others: the declared name
    std::int32_t encounter = -1;  // in which a partner changes too: that partner's hops have the same number
    bool passive = false;         // the partner's side: agents are drawn when the other side's cell hops
};

/// A variable that counts what cells do: its rate is the sum of the fluxes of these hops. Agents count in their place.
struct Tally {
    bool in_body = false;
    std::int32_t entry = -1;  // zone or body entry
    std::vector<std::int32_t> hops;
};

/// A rate at which single cells do something. It must not be negative: no agent can do a thing at a negative rate.
struct Hazard {
    ExprId value;
    Where where;
    std::string what;
};

/// dq/dt = constant + slope * q for quantity q of a cell of `substate`. Several add up.
struct Change {
    std::int32_t population, substate, quantity;
    ExprId constant, slope;
};

/// A cell of `substate` crosses to the next or the previous zone at these hazards, 1/h.
struct Move {
    std::int32_t population, substate;
    ExprId onward, back;
};

/// In tissue with space a cell of `substate` crawls up the gradient of `level`, at up to `speed` [um/h], instead of moving.
struct Climb {
    std::int32_t population, substate;
    ExprId level, speed;
};

/// Amount moved between two entries of State by blood.
struct Transfer {
    enum class Route : std::uint8_t {
        downstream,  // zone entry -> the same entry of the next zone (the last zone's outflow is not moved by this one)
        upstream,    // zone entry -> the same entry of the zone before (the first zone keeps its own)
        enter,       // one value into the first zone
        leave,       // the last zone's value -> body entry
        body,        // body entry -> body entry
    } route;
    std::int32_t from = -1, to = -1;  // entries; -1: from or to beyond the model
    ExprId flux;                      // from the donor's side: per lobule from a zone, whole body from a body entry
    ExprId into = -1;                 // what arrives when it is not `flux` (per lobule against whole body)
};

/// Blood between a compartment and the lobules, and the signals it carries.
struct Perfusion {
    bool inward = false;
    ExprId rate;  // um^3/h, of the whole liver
    struct Carried {
        std::int32_t signal;          // zone entry
        std::int32_t in_compartment;  // body entry
        ExprId content;               // amount in one volume of what comes from the compartment
    };
    std::vector<Carried> carried;
};

/// What one volume of the flow holds of a signal that blood carries.
struct BloodContent {
    std::int32_t signal;   // zone entry
    ExprId content;        // [amount/um^3], by zone: of what leaves it
    bool bound = false;    // not the concentration itself
    ExprId entering = -1;  // of what comes into the first zone from beyond the model; -1: compartments tell
};

struct ModelProbe {
    std::string name;  // part.probe, or probe name for a probes part
    std::string unit;
    double factor = 1.0;  // inside = written * factor
    ExprId value = -1;
    std::string about;
};

/// A define by zone or the concentration of a signal, under the name that other parts read it with.
struct ZoneValue {
    std::string name;
    Dimension dimension;
    ExprId value = -1;
};

struct Assignment {
    enum class Kind : std::uint8_t { body, zone, cells } kind;
    std::int32_t entry = -1;              // body or zone entry
    std::int32_t population = -1;         // cells
    std::vector<std::int32_t> substates;  // cells: those that share the new number in proportion
    ExprId value = -1;
};

struct ModelEvent {
    std::string about;
    Where where;
    ExprId at = -1, every = -1, until = -1;  // [h] from parameters only (start program); -1: not given
    ExprId root = -1;                        // fires when it rises through 0
    std::int32_t threshold_slot = -1;        // of a random hazard: the one-value input of the level drawn next
    std::string hazard;                      // its name, which addresses the draws
    std::vector<Assignment> assignments;
};

/// A balanced parameter and what it keeps.
struct BalanceUnknown {
    std::int32_t parameter = -1;       // index into parameters
    std::vector<std::int32_t> counts;  // entries whose sum stays at target: by zone, or in the body
    bool in_body = false;
    ExprId target = -1;            // start program; zones: per zone before the profile
    std::int32_t population = -1;  // whose profile applies; -1: none
};

/// A value frozen at rest: rest(name), and what the tissue takes from the untouched liver.
struct RestValue {
    std::string name;
    Extent extent;
    std::int32_t slot;    // in the run's inputs
    ExprId at_rest = -1;  // in the balance graph
};

/// A number of the untouched lobule that only its tissue knows (engine/closures.hpp), there when a law reads it: an input of the
/// laws, frozen like what is taken at rest.
struct ClosureInfo {
    enum class Kind : std::uint8_t {
        admittance,  // one value: hydraulic conductance of its vessels times viscosity [um^3]
        arrest,      // by zone: of the cells that come with the blood, the share that its vessels hold back
        reach,       // by zone: of the tissue within reach of a cell, the share that lies `offset` zones on
        wall,        // by zone: area of sinusoid wall [um^2]
        border,      // by zone: area between it and the next, lumen left out [um^2]; 0 of the last
    } kind;
    std::string name;
    std::int32_t slot = -1;
    std::int32_t offset = 0;                       // reach: -1 the zone before, 1 the next ...
    std::int32_t volume = -1, deformability = -1;  // arrest: parameters of the cell
    Extent extent() const { return kind == Kind::admittance ? Extent::one : Extent::lanes; }
};

/// Bounds that must hold on the untouched liver and at every restart: shares add up to 1, blood that enters leaves.
struct Invariant {
    ExprId value;
    double low, high;
    Where where;
    std::string what;
};

/// Everything that laws compile into, for one purpose (running, or solving the rest state).
struct Laws {
    ExpressionGraph graph;
    std::vector<ExprId> zone_rates, body_rates;  // by entry, transfers not included
    std::vector<Transfer> transfers;
    std::vector<Hop> hops;
    std::vector<Tally> tallies;
    std::vector<Change> changes;
    std::vector<Move> moves;             // of zones
    std::vector<Climb> climbs;           // of places in space
    std::vector<Perfusion> perfusions;   // the same flows as the transfers that enter, pass and leave a lobule
    std::vector<BloodContent> contents;  // of the signals that they carry
    std::vector<ModelProbe> probes;
    std::vector<ZoneValue> zone_values;  // all of them, of the run: what a picture can show
    struct Named {
        std::string name;  // part.define, or a value that the language itself gives
        ExprId value;
    };
    std::vector<Named> named;  // what a failed run looks through for the first that has no finite value
    std::vector<ModelEvent> events;
    std::vector<Invariant> invariants;
    std::vector<Hazard> hazards;  // every rate of a single cell, each once
    std::int32_t encounters = 0;
    // Of the tissue; -1 without.
    ExprId fluid = -1;         // of a zone [um^3]
    ExprId displacement = -1;  // [1/h]
};

/// A signal as tissue with space takes it.
struct SignalInfo {
    std::int32_t entry;           // zone entry
    bool slow = false;            // else quasi-steady
    std::int32_t diffusion = -1;  // parameter [um^2/h]; -1: it does not diffuse
};

/// Sizes of a lobule and its vessels, of the start program [um]; share is of the tissue.
struct LobuleGeometry {
    ExprId volume = -1;  // of a lobule [um^3]
    ExprId radius = -1;  // from the central end to a corner
    ExprId portal_radius = -1, central_radius = -1, segment = -1, share = -1, portal_tract = -1, central_vein = -1;
};

struct Model {
    Spec spec;
    int zones = 3;
    bool has_tissue = false;
    bool balanced = false;  // a rest state is solved

    std::vector<Need> needs;            // in the order of names
    std::vector<ParameterInfo> absent;  // parameters of the parts left out: a setting of them does nothing
    std::vector<std::string> absent_probes;

    std::vector<ParameterInfo> parameters;
    std::vector<StateInfo> zone_states, body_states;
    std::vector<Population> populations;
    std::vector<SignalInfo> signals;
    std::optional<LobuleGeometry> geometry;  // where the tissue has [sinusoids]
    std::vector<RestValue> rest_values;
    std::vector<ClosureInfo> closures;
    /// In space: the body entry that says what the vessels of a lobule conduct now, against the untouched ones of the closures.
    std::int32_t vessels_entry = -1;
    std::vector<BalanceUnknown> unknowns;

    // Inputs of every program. One-value: [0] time, then body entries, then parameters and frozen values.
    // Lanes: zone entries, then balanced parameters, frozen values, zone.position.
    std::int32_t one_inputs = 0, lane_inputs = 0;
    std::int32_t position_slot = -1;
    // What a cell carries, as laws of the cell read it: an input that is 0 (builder_attributes.cpp). -1: it has classes.
    struct Attribute {
        std::string part, name;
        Dimension dimension;  // per cell
        std::int32_t slot = -1;
    };
    std::vector<Attribute> attributes;
    const Attribute* attribute(std::string_view part, std::string_view name) const;

    Laws run;                     // rest(x) is a frozen input
    Laws rest;                    // rest(x) is x itself: the system whose steady state is the untouched liver
    ExpressionGraph start_graph;  // start numbers and event times from parameters alone

    std::vector<std::string> part_names;  // in the order of effects
    std::string hash;                     // of everything above that changes results

    static constexpr std::int32_t time_slot = 0;
    std::int32_t body_slot(std::size_t entry) const { return 1 + static_cast<std::int32_t>(entry); }
    std::size_t state_size() const { return zone_states.size() * static_cast<std::size_t>(zones) + body_states.size(); }
    const ParameterInfo* parameter(std::string_view name) const;
    /// That, or of a part left out.
    const ParameterInfo* any_parameter(std::string_view name) const;
    /// Why a name of a part left out has no meaning here: "`graft` is left out: infusion.dose is 0"; empty: it is none.
    std::string why_absent(std::string_view name) const;
    /// Whether a model with these settings has other parts.
    bool other_parts(const std::vector<SettingSpec>& settings) const;
    /// The laws as text, for `lobule show`: (name, law with effects applied).
    std::vector<std::pair<std::string, std::string>> final_laws;
};

/// Compiles a model. `settings` come after the scenario's own. Throws SpecError with every problem found.
std::shared_ptr<const Model> compile(const Spec& spec, const Catalogue& catalogue,
                                     const std::vector<SettingSpec>& settings = {});

/// The value that a setting gives a parameter, from its choices where it has some; nothing, and the problem is noted, when it is none.
std::optional<double> value_of(const SettingSpec& setting, const ParameterInfo& info, std::vector<Problem>& problems);

/// Values for the Model's parameter slots: constants of one patient or fit point.
struct Parameters {
    std::vector<double> ones;                // by parameter index (extent one); lane ones are unused
    std::vector<std::vector<double>> lanes;  // by parameter index, one value per zone (extent lanes)
};

/// The values as declared (species and scenario applied; settings of the command line are not).
Parameters default_parameters(const Model& model);
/// The values with --set applied on top.
Parameters set_parameters(const Model& model, Parameters base, const std::vector<SettingSpec>& settings);

}  // namespace lobule
