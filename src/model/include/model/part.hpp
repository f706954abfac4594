// A part as written: plain data, every value with its place. One part is one file under biology/.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/node.hpp"
#include "base/units.hpp"
#include "model/law.hpp"

namespace lobule {

enum class PartKind : std::uint8_t { cell, signal, matrix, tissue, body, injury, therapy, species, probes, set };
std::string_view to_string(PartKind kind);

enum class Scope : std::uint8_t { zone, body };

/// Where a value comes from, by the form of its source text.
enum class SourceKind : std::uint8_t { sourced, derived, fitted, balance, assumed };
SourceKind source_kind(std::string_view source);

struct ParameterSpec {
    std::string name;
    Where where;
    std::optional<Quantity> value;     // absent: balance; of a choice its number, from 0
    std::string unit;                  // as written, for display
    std::vector<std::string> choices;  // names of which the value is one; empty: a quantity
    std::string choice;                // the value as written, where it is a name
    std::optional<std::pair<Quantity, Quantity>> range;
    std::string source;
    std::string keeps;  // balance: what stays at its start; empty: the part itself
    std::string about;
    SourceKind kind() const { return source_kind(source); }
};

/// A start value: a quantity or a law.
struct StartSpec {
    std::optional<Quantity> quantity;
    LawText law;  // when there is no quantity
    std::string source;
    bool given = false;
};

struct DefineSpec {
    std::string name;
    LawText law;
    Scope scope;
    std::string about;
};

struct VariableSpec {
    std::string name;
    Where where;
    StartSpec start;
    LawText rate;
    Scope scope;
    bool accumulates = false;
    std::optional<Quantity> scale;  // typical size
    std::string about;
};

struct EffectSpec {
    std::string on;
    Where where;
    bool multiplies = true;
    LawText law;
    bool optional = false;
};

struct EventSpec {
    Where where;
    std::string hazard;          // name of the variable that builds up to a drawn threshold; empty: `at` or `when`
    StartSpec at, every, until;  // given or not
    std::optional<LawText> when;
    std::vector<std::pair<std::string, LawText>> set;
    std::string about;
};

struct ProbeSpec {
    std::string name;
    LawText law;
    Unit unit;
    std::string about;
};

struct StateSpec {
    std::string name;
    Where where;
    StartSpec start;
    int stages = 1;
    LawText advance;
    std::string about;
};

/// A number that each cell carries. With classes it takes the mid values of equal parts of its range.
struct AttributeSpec {
    std::string name;
    Where where;
    StartSpec start;
    bool halved = true;  // at division; else copied
    int classes = 0;     // 0: continuous
    std::optional<std::pair<Quantity, Quantity>> range;
    std::string about;
};

/// The niche of a cell.
struct CrowdingSpec {
    Where where;
    LawText places;
    std::vector<std::string> shared_with;
    std::vector<Where> shared_where;
};

inline constexpr std::array<std::string_view, 6> k_sinusoid_laws = {"portal_radius", "central_radius", "segment",
                                                                    "share",         "portal_tract",   "central_vein"};
/// The vessels of a lobule, in the order of k_sinusoid_laws, and what their flow needs; those may be empty.
struct SinusoidLaws {
    Where where;
    std::vector<LawText> laws;
    LawText viscosity, compliance, dilation;
};

/// The stages a process acts on: of a state with n stages, first..last within 1..n.
struct StageRange {
    enum class Form : std::uint8_t { all, last, numbers } form = Form::all;
    int first = 1, last = 1;
};

enum class NuclearClass : std::uint8_t { any, mononucleate, binucleate };

/// Something that happens to a cell of one of `states`.
struct CellProcessSpec {
    enum class Kind : std::uint8_t {
        transition,
        division,
        death,
        growth,
        secretion,
        uptake,
        change,
        deposition,
        encounter,
        adhesion,
        recruitment,
        migration
    } kind;
    Where where;
    std::vector<std::string> states;  // empty: all
    std::vector<Where> state_where;
    StageRange stages;
    NuclearClass nuclear = NuclearClass::any;
    LawText rate;
    std::vector<std::pair<std::string, LawText>>
        to;                  // target -> share (share text empty: 1); division, adhesion, recruitment: one target
    LawText extra;           // division: binucleation share; growth: target; adhesion: release; encounter: none
    LawText reach;           // encounter, adhesion; may be empty
    std::string death;       // death: kind
    std::string other;       // the signal, matrix, attribute, cell or value that the process is about
    Where other_where;       // of its name
    std::string partner_to;  // encounter: what the other cell becomes; may be empty
    std::string name;        // readable flux, may be empty
    bool optional = false;   // left out of a model that has not the other part
};

struct CompartmentSpec {
    std::string name;
    Where where;
    LawText volume;
};

struct FlowSpec {
    Where where;
    std::string from, to;
    LawText rate;
};

/// Decay (to nothing), reaction (to a signal) or supply of a signal at a place.
struct SignalProcessSpec {
    enum class Kind : std::uint8_t { decay, reaction, source } kind;
    Where where;
    std::string place;
    std::string signal;  // consumed or supplied
    std::string to;      // reaction: produced
    LawText rate;
};

/// Degradation or crosslinking of a matrix.
struct MatrixProcessSpec {
    enum class Kind : std::uint8_t { degradation, crosslinking } kind;
    Where where;
    std::string matrix;
    std::string pool;  // degradation: fresh, crosslinked, all
    LawText rate, back;
};

struct Part {
    std::string name;
    PartKind kind = PartKind::body;
    std::string about;
    Where where;
    std::string needs;  // part.parameter: left out of a model in which that is 0; may be empty
    Where needs_where;

    std::vector<ParameterSpec> parameters;  // cells: `volume`, `binucleate` come first
    std::vector<ParameterSpec> overrides;   // species: name is part.parameter
    std::vector<DefineSpec> defines;
    std::vector<VariableSpec> variables;
    std::map<std::string, Function, std::less<>> functions;
    std::vector<ProbeSpec> probes;
    std::vector<EffectSpec> effects;
    std::vector<EventSpec> events;

    // cell
    std::string place;
    bool displaced = false;
    bool nucleus = true;
    bool nuclear_classes = false;
    std::vector<double> profile;  // shares, sum 1; empty: even
    std::vector<StateSpec> states;
    std::vector<AttributeSpec> attributes;
    std::optional<CrowdingSpec> crowding;
    std::vector<CellProcessSpec> processes;
    std::string compartment;  // of blood and marrow cells; may be empty
    // signal
    bool slow = false;
    std::vector<std::string> carried_in;
    LawText carried;   // what a volume of the flow holds; may be empty: the concentration
    LawText entering;  // of what flows in, where no compartment carries the signal; may be empty
    std::vector<SignalProcessSpec> signal_processes;
    bool carried_by(std::string_view blood) const {
        for (const std::string& carrier : carried_in)
            if (carrier == blood) return true;
        return false;
    }
    bool in_blood() const { return !carried_in.empty() || !entering.text.empty(); }
    // matrix
    std::vector<MatrixProcessSpec> matrix_processes;  // cells and others may have them too
    // tissue
    LawText tissue_radius;
    LawText tissue_volume, tissue_count, tissue_fluid, tissue_displacement;
    std::optional<SinusoidLaws> sinusoids;
    // body
    std::vector<CompartmentSpec> compartments;
    std::vector<FlowSpec> flows;
    // set
    std::vector<std::string> parts;
    std::vector<Where> parts_where;

    /// Cells of blood and marrow are counted in the whole body.
    bool in_body() const { return kind == PartKind::cell && (place == "blood" || place == "marrow"); }
    Scope default_scope() const {
        const bool zone =
            kind == PartKind::cell || kind == PartKind::signal || kind == PartKind::matrix || kind == PartKind::tissue;
        return zone && !in_body() ? Scope::zone : Scope::body;
    }
    const ParameterSpec* parameter(std::string_view name) const;
    const StateSpec* state(std::string_view name) const;
    const AttributeSpec* attribute(std::string_view name) const;
};

/// Interprets one file. `name` is the file name without its extension. Appends every fault to `problems`; the part returned
/// is complete only when none was added.
Part read_part(const std::string& name, const Node& root, std::vector<Problem>& problems);

// Shared by the readers of parts and scenarios.
void read_parameters(const Node& table, std::string_view word, std::vector<ParameterSpec>& out,
                     std::vector<Problem>& problems);
EventSpec read_event(const Node& node, std::vector<Problem>& problems);
/// A quantity, a law, or "109 per 1000 name" as the law 109 / 1000 * name; `given` is false when the key is absent.
StartSpec read_start(const Node& table, std::string_view key);
/// Appends a fault of syntax, if there is one. Names are looked up when a model is compiled.
void check_law(const LawText& law, std::vector<Problem>& problems);
void check_start(const StartSpec& start, std::vector<Problem>& problems);

}  // namespace lobule
