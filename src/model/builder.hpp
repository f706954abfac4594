// Turns parts into expressions: one Builder for each purpose (run, rest, start). Private to the model layer.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/model.hpp"

namespace lobule {

/// The entries of one matrix part.
struct MatrixLayout {
    struct Pool {
        std::string pool, origin;  // fresh or crosslinked; the part that laid it
        std::size_t entry;         // zone entry
    };
    std::vector<Pool> pools;
    Dimension density;
    std::size_t origins = 0;
    bool crosslinks = false;
};

/// Of everything that decides results: values, layout and laws.
std::string model_hash(const Model& model);

/// Where the names and slots of a model are looked up while it is compiled.
struct Layout {
    std::vector<const Part*> parts;  // in name order; the species is apart
    const Part* species = nullptr;
    const Part* tissue = nullptr;
    std::map<std::string, std::size_t, std::less<>> zone_entry, body_entry;  // State entries by name
    std::map<std::string, std::size_t, std::less<>> parameter;               // index by name
    std::map<std::string, std::size_t, std::less<>> population;
    std::map<std::string, const CompartmentSpec*, std::less<>> compartment;
    std::map<std::string, const Part*, std::less<>> compartment_part;
    std::map<std::string, MatrixLayout, std::less<>> matrix;

    const Part* find(std::string_view name) const;
};

class Builder {
public:
    enum class Mode : std::uint8_t { run, rest, start };

    Builder(Mode mode, Model& model, const Layout& layout, ExpressionGraph& graph, std::vector<Problem>& problems);

    /// All laws of the model (run and rest modes).
    void build(Laws& laws);
    /// Start numbers, balance targets and fixed times (start mode).
    void build_start();

    /// The value of a name as `part` sees it.
    std::optional<Typed> resolve(const Part& part, std::string_view name);
    /// A law as `part` sees it; nothing, and the problem is noted, when it has no meaning.
    std::optional<Typed> compile(const Part& part, const LawText& law, Extent extent);
    /// For rest values: what run mode froze under this key, resolved here.
    Typed resolve_frozen(const RestValue& value);

    /// (name, final law text) of every define and every parameter that effects change.
    std::vector<std::pair<std::string, std::string>> final_laws() const;

private:
    using Compiled = std::optional<Typed>;

    /// Whose cell the laws being compiled are about: its own attributes are then those of that cell.
    struct CellContext {
        const Part* part = nullptr;
        std::vector<std::int32_t> classes;  // of the attributes with classes
        std::string key;                    // sets values of this cell apart from those of the zone; may be empty
        ExprId level = -1;                  // of a signal: its concentration where blood is, instead of the zone's
    };
    /// A rate of one cell: constant + sum of slopes * continuous attributes.
    struct CellRate {
        ExprId constant;
        std::vector<ExprId> slopes;
    };
    /// The cells that a name stands for.
    struct CellsOf {
        const Part* part;
        std::int32_t population;
        std::string state;
        std::vector<std::int32_t> substates;
    };

    // builder.cpp: laws and names
    ExprId compile_as(const Part& part, const LawText& law, Extent extent, const Dimension& expected,
                      std::string_view what);
    Compiled own(const Part& part, std::string_view name);
    const std::vector<std::string>* choices_of(const Part& part, std::string_view name) const;
    Compiled member(const Part& part, std::string_view name);
    Compiled cell_value(const Part& part, std::string_view name);
    Compiled zone_value(std::string_view name);
    Compiled lobule_value(std::string_view name);
    Compiled compartment_value(const std::string& compartment, std::string_view name);
    Compiled start_value(const Part& part, std::string_view name);
    Compiled once(const std::string& name, const Where& where, const std::function<Typed()>& make);
    Typed with_effects(const std::string& target, Scope scope, Typed base);
    std::vector<std::string> visible_names(const Part& part) const;
    Compiled freeze(const Part& part, std::string_view name);
    Typed frozen(const std::string& key, Extent extent, const Dimension& dimension);
    void fault(const Where& where, std::string what, std::string nearest = {});
    void check_effect_targets();

    // builder_cells.cpp
    void build_cells(Laws& laws);
    void build_process(Laws& laws, const Part& part, const CellProcessSpec& process);
    void build_division(Laws& laws, const Part& part, const CellProcessSpec& process,
                        const std::vector<std::int32_t>& classes, ExprId hazard);
    void build_exchange(Laws& laws, const Part& part, const CellProcessSpec& process);
    std::vector<ExprId> exit_shares(Laws& laws, const Part& part, const CellProcessSpec& process);
    std::vector<Hop::Branch> branches_of(const Part& part, const CellProcessSpec& process,
                                         const std::vector<ExprId>& shares, std::int32_t s);
    std::vector<Hop::Branch> entering(const Part& part, const Population& population, const std::string& state,
                                      NuclearClass nuclear, ExprId share, int cells);
    void check_fixed(const AttributeSpec& attribute, ExprId value);
    ExprId all_cells_times(const Part& part, const CellProcessSpec& process, const std::vector<std::int32_t>& classes,
                           const CellRate& rate);
    void add_hazard(Laws& laws, ExprId value, const Where& where, std::string what);
    std::vector<std::int32_t> matching(const Part& part, const CellProcessSpec& process,
                                       const std::vector<std::int32_t>& classes) const;
    std::int32_t substate(const Population& population, std::string_view state, int stage, NuclearClass nuclear,
                          const std::vector<std::int32_t>& classes) const;
    ExprId entry(const Population& population, std::int32_t entry);
    std::vector<ExprId>& rates(Laws& laws, const Population& population);
    static Extent extent_of(const Part& part) { return part.in_body() ? Extent::one : Extent::lanes; }
    void apply_hop(Laws& laws, const Hop& hop);
    void apply_move(Laws& laws, const Move& move);
    ExprId count(const Population& population, std::int32_t substate);
    ExprId volume(const Population& population, std::int32_t substate);
    ExprId sum_counts(const Population& population, const std::function<bool(const Population::Substate&)>& keep);
    ExprId sum_volumes(const Population& population);
    Compiled process_flux(const Part& part, const CellProcessSpec& process);
    void note_hops(const Laws& laws, const Part& part, const CellProcessSpec& process, std::size_t first);
    bool add_hops_of(const Laws& laws, ExprId rate, bool in_body, std::vector<std::int32_t>& hops) const;
    ExprId mean_of_cells(ExprId total, ExprId cells);
    ExprId total_cell_volume();

    // builder_attributes.cpp
    void for_each_class(const Part& part, const std::function<void(const std::vector<std::int32_t>&)>& use);
    Dimension attribute_dimension(const Part& part, const AttributeSpec& attribute) const;
    static double class_value(const AttributeSpec& attribute, std::int32_t k);
    std::vector<ExprId> class_shares(const AttributeSpec& attribute, ExprId value);
    Compiled attribute_value(const Part& part, const AttributeSpec& attribute);
    Compiled attribute_total(const Part& part, const AttributeSpec& attribute);
    ExprId attribute_leaf(const Part& part, const AttributeSpec& attribute);
    CellRate affine(const Part& part, const LawText& law, ExprId value);
    std::vector<const AttributeSpec*> attributes_in(const Part& part, ExprId value);
    void check_blind(const Part& part, const LawText& law, ExprId value, std::string_view what);
    ExprId cells_times(const Population& population, std::int32_t substate, const CellRate& rate);
    void build_change(Laws& laws, const Part& part, const CellProcessSpec& process);

    // builder_contacts.cpp
    std::optional<CellsOf> cells_named(const std::string& name, const Where& where);
    ExprId number_of(std::int32_t population, const std::vector<std::int32_t>& substates);
    ExprId reach_of(const Part& part, const CellProcessSpec& process);
    ExprId within_reach(ExprId reach, ExprId number);
    ExprId met_by(ExprId reach, ExprId rate, ExprId number);
    Compiled crowding_value(const Part& part);
    void build_encounter(Laws& laws, const Part& part, const CellProcessSpec& process);
    void build_adhesion(Laws& laws, const Part& part, const CellProcessSpec& process);
    void build_recruitment(Laws& laws, const Part& part, const CellProcessSpec& process);
    void build_migration(Laws& laws, const Part& part, const CellProcessSpec& process);
    ExprId migration_speed(Laws& laws, const Part& part, const CellProcessSpec& process);

    // builder_closures.cpp: what only tissue knows
    ExprId closure(ClosureInfo info);
    void check_sinusoids();
    Compiled vessel_value(std::string_view name);
    Compiled arrest_value(const Part& part);
    Compiled surface_value(std::string_view name);
    ExprId among_neighbours(ExprId value);

    // builder_matrix.cpp
    const Part* find_matrix(const std::string& name, const Where& where);
    Compiled matrix_value(const Part& part, std::string_view name);
    void build_deposition(Laws& laws, const Part& part, const CellProcessSpec& process);
    void build_matrix(Laws& laws);
    ExprId matrix_start(const StateInfo& state);

    // builder_blood.cpp: flows and what they carry
    void build_flows(Laws& laws);
    void build_contents(Laws& laws);
    ExprId content(const Part& signal, std::string_view place, ExprId level);
    void check_content(Laws& laws, const Part& signal, ExprId content);

    // builder_body.cpp: signals, variables, events, probes
    void build_signals(Laws& laws);
    void build_variables(Laws& laws);
    void build_tissue(Laws& laws);
    void build_displacement(Laws& laws, ExprId rate);
    void build_probes(Laws& laws);
    void build_events(Laws& laws, const Part& owner, const std::vector<EventSpec>& events);
    std::optional<Assignment> assignment(const Part& owner, const std::string& target, const LawText& law);
    Compiled concentration(const Part& signal);
    Dimension concentration_dimension(const Part& signal) const;
    void start_geometry();
    void start_populations();
    void start_states();
    void start_unknowns();
    ExprId start_of(const Part& part, const StartSpec& start, Extent extent, const Dimension& dimension,
                    std::string_view what);
    ExprId start_number(const Part& part, const StateSpec& state);

    void add_rate(std::vector<ExprId>& rates, std::int32_t entry, ExprId term, bool negative = false);
    ExprId zone_input(std::size_t entry) { return graph_.input(static_cast<std::int32_t>(entry), Extent::lanes); }
    /// The same value in every zone.
    ExprId as_lanes(ExprId value) {
        const ExprId never =
            graph_.binary(Op::less, graph_.input(model_.position_slot, Extent::lanes), graph_.constant(-1.0));
        return graph_.select(never, graph_.constant(0.0), value);
    }
    ExprId body_input(std::size_t entry) { return graph_.input(model_.body_slot(entry), Extent::one); }

    Mode mode_;
    Model& model_;
    const Layout& layout_;
    ExpressionGraph& graph_;
    std::vector<Problem>& problems_;
    CellContext context_;
    std::map<std::string, Typed, std::less<>> memo_;
    std::map<std::string, std::vector<std::int32_t>, std::less<>>
        hops_of_process_;  // part.name: those that agents count
    std::vector<std::string> in_progress_;
    std::set<std::string, std::less<>> failed_;  // reported already: uses stay silent
    struct EffectUse {
        const Part* part;
        const EffectSpec* effect;
    };
    std::map<std::string, std::vector<EffectUse>, std::less<>> effects_;
};

}  // namespace lobule
