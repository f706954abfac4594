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
    /// For rest values: what run mode froze under this key, resolved here.
    Typed resolve_frozen(const RestValue& value);

    /// (name, final law text) of every define and every parameter that effects change.
    std::vector<std::pair<std::string, std::string>> final_laws() const;

private:
    using Compiled = std::optional<Typed>;

    // builder.cpp: laws and names
    Compiled compile(const Part& part, const LawText& law, Extent extent);
    ExprId compile_as(const Part& part, const LawText& law, Extent extent, const Dimension& expected,
                      std::string_view what);
    Compiled own(const Part& part, std::string_view name);
    Compiled member(const Part& part, std::string_view name);
    Compiled cell_value(const Part& part, std::string_view name);
    Compiled zone_value(std::string_view name);
    Compiled lobule_value(std::string_view name);
    Compiled compartment_value(const std::string& compartment, std::string_view name);
    Compiled start_value(const Part& part, std::string_view name);
    Compiled once(const std::string& key, const Where& where, const std::function<Typed()>& make);
    Typed with_effects(const std::string& target, Scope scope, Typed base);
    std::vector<std::string> visible_names(const Part& part) const;
    Compiled freeze(const Part& part, std::string_view name);
    Typed frozen(const std::string& key, Extent extent, const Dimension& dimension);
    void fault(const Where& where, std::string what, std::string nearest = {});
    void check_effect_targets();

    // builder_cells.cpp
    void build_cells(Laws& laws);
    void build_process(Laws& laws, const Part& part, const CellProcessSpec& process);
    std::vector<std::int32_t> matching(const Part& part, const CellProcessSpec& process) const;
    std::int32_t substate(const Population& population, std::string_view state, int stage, NuclearClass nuclear) const;
    void apply_hop(Laws& laws, const Hop& hop);
    ExprId count(const Population& population, std::int32_t substate);
    ExprId volume(const Population& population, std::int32_t substate);
    ExprId sum_counts(const Population& population, const std::function<bool(const Population::Substate&)>& keep);
    ExprId sum_volumes(const Population& population);
    Compiled process_flux(const Part& part, const CellProcessSpec& process);
    ExprId total_cell_volume();

    // builder_body.cpp: signals, compartments, flows, variables, events, probes
    void build_signals(Laws& laws);
    void build_flows(Laws& laws);
    void build_variables(Laws& laws);
    void build_tissue(Laws& laws);
    void build_probes(Laws& laws);
    void build_events(Laws& laws, const Part& owner, const std::vector<EventSpec>& events);
    std::optional<Assignment> assignment(const Part& owner, const std::string& target, const LawText& law);
    Compiled concentration(const Part& signal);
    Dimension concentration_dimension(const Part& signal) const;
    void start_populations();
    void start_states();
    void start_unknowns();
    ExprId start_of(const Part& part, const StartSpec& start, Extent extent, const Dimension& dimension,
                    std::string_view what);
    ExprId start_number(const Part& part, const StateSpec& state);

    void add_rate(std::vector<ExprId>& rates, std::int32_t entry, ExprId term, bool negative = false);
    ExprId zone_input(std::size_t entry) { return graph_.input(static_cast<std::int32_t>(entry), Extent::lanes); }
    ExprId body_input(std::size_t entry) { return graph_.input(model_.body_slot(entry), Extent::one); }

    Mode mode_;
    Model& model_;
    const Layout& layout_;
    ExpressionGraph& graph_;
    std::vector<Problem>& problems_;
    std::map<std::string, Typed, std::less<>> memo_;
    std::vector<std::string> in_progress_;
    std::set<std::string, std::less<>> failed_;  // reported already: uses stay silent
    struct EffectUse {
        const Part* part;
        const EffectSpec* effect;
    };
    std::map<std::string, std::vector<EffectUse>, std::less<>> effects_;
};

}  // namespace lobule
