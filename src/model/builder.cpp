#include "builder.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace lobule {

namespace {

const Dimension k_none{};
const Dimension k_time = Dimension::of(Dimension::time);
const Dimension k_volume = power(Dimension::of(Dimension::length), 3);

/// Thrown when a law needs a value whose own law is already reported as wrong.
struct AlreadyReported {};

}  // namespace

const Part* Layout::find(std::string_view name) const {
    if (name == "species" || (species != nullptr && name == species->name)) return species;
    for (const Part* part : parts)
        if (part->name == name) return part;
    return nullptr;
}

Builder::Builder(Mode mode, Model& model, const Layout& layout, ExpressionGraph& graph, std::vector<Problem>& problems)
    : mode_(mode), model_(model), layout_(layout), graph_(graph), problems_(problems) {
    std::vector<const Part*> owners = layout.parts;
    if (layout.species != nullptr) owners.push_back(layout.species);
    std::sort(owners.begin(), owners.end(), [](const Part* a, const Part* b) { return a->name < b->name; });
    for (const Part* part : owners)
        for (const EffectSpec& effect : part->effects) {
            const auto dot = effect.on.find('.');
            if (dot == std::string::npos) continue;  // reported by check_effect_targets
            const Part* target = layout.find(effect.on.substr(0, dot));
            if (target == nullptr) continue;
            const std::string owner = target == layout.species ? "species" : target->name;
            effects_[owner + effect.on.substr(dot)].push_back({part, &effect});
        }
}

void Builder::fault(const Where& where, std::string what, std::string nearest) {
    problems_.push_back({where, std::move(what), std::move(nearest)});
}

/// Each named value is compiled once; meeting it again while it is being compiled is a cycle.
Builder::Compiled Builder::once(const std::string& name, const Where& where, const std::function<Typed()>& make) {
    const std::string key = context_.key + name;
    if (const auto found = memo_.find(key); found != memo_.end()) return found->second;
    if (failed_.contains(key)) throw AlreadyReported{};
    const auto cycle = std::find(in_progress_.begin(), in_progress_.end(), key);
    if (cycle != in_progress_.end()) {
        std::string chain;
        for (auto it = cycle; it != in_progress_.end(); ++it) chain += it->substr(it->find('|') + 1) + " -> ";
        for (auto it = cycle; it != in_progress_.end(); ++it) failed_.insert(*it);
        fault(where, "values depend on each other in a circle: " + chain + name);
        throw AlreadyReported{};
    }
    constexpr std::size_t k_longest_chain = 200;  // each value is compiled inside the one that reads it
    if (in_progress_.size() >= k_longest_chain) {
        for (const std::string& open : in_progress_) failed_.insert(open);
        fault(where,
              "this value stands at the end of a chain of more than " + std::to_string(k_longest_chain) + " values");
        throw AlreadyReported{};
    }
    in_progress_.push_back(key);
    struct Guard {
        std::vector<std::string>& stack;
        ~Guard() { stack.pop_back(); }
    } guard{in_progress_};
    try {
        const Typed value = make();
        memo_.emplace(key, value);
        return value;
    } catch (const SpecError& error) {
        if (!failed_.contains(key)) problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
        failed_.insert(key);
        throw AlreadyReported{};
    } catch (const AlreadyReported&) {
        failed_.insert(key);
        throw;
    }
}

Builder::Compiled Builder::compile(const Part& part, const LawText& law, Extent extent) {
    LawScope scope;
    scope.extent = extent;
    scope.resolve = [&](std::string_view name) { return resolve(part, name); };
    scope.names = [&] { return visible_names(part); };
    scope.choices = [&](std::string_view name) { return choices_of(part, name); };
    scope.why_absent = [&](std::string_view name) { return model_.why_absent(name); };
    scope.functions = &part.functions;
    if (mode_ != Mode::start) scope.resolve_rest = [&](std::string_view name) { return freeze(part, name); };
    scope.lane_count = graph_.constant(model_.zones);
    try {
        return compile_law(graph_, law, scope);
    } catch (const SpecError& error) {
        problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
    } catch (const AlreadyReported&) {}
    return std::nullopt;
}

ExprId Builder::compile_as(const Part& part, const LawText& law, Extent extent, const Dimension& expected,
                           std::string_view what) {
    const Compiled value = compile(part, law, extent);
    if (!value) return graph_.constant(1.0);
    if (!value->any_dimension && value->dimension != expected)
        fault(law.where, std::string(what) + " must have the dimension " + to_string(expected) + ", this law has " +
                             to_string(value->dimension));
    return value->id;
}

std::optional<Typed> Builder::resolve(const Part& part, std::string_view name) {
    // What a cell carries is its own affair: laws of other parts see means.
    struct Restore {
        CellContext& context;
        CellContext before;
        ~Restore() { context = std::move(before); }
    } const restore{context_, context_};
    const auto dot = name.find('.');
    if (context_.part != nullptr && (context_.part != &part || dot != std::string_view::npos)) context_ = {};
    if (dot == std::string_view::npos) {
        if (const Compiled value = own(part, name)) return value;
        if (part.kind == PartKind::cell && mode_ != Mode::start)
            if (const Compiled value = cell_value(part, name)) return value;  // own states, classes and named fluxes
        if (name == "time" && mode_ != Mode::start) return Typed{graph_.input(Model::time_slot, Extent::one), k_time};
        const Part* other = layout_.find(name);
        if (other == nullptr) return std::nullopt;
        if (other == &part && context_.level >= 0) return Typed{context_.level, concentration_dimension(part)};
        context_ = {};
        if (mode_ == Mode::start) return start_value(*other, {});
        if (other->kind == PartKind::matrix) return matrix_value(*other, {});
        if (other->kind == PartKind::signal && !part.compartment.empty())
            return compartment_value(part.compartment, name);
        if (other->kind == PartKind::signal) return concentration(*other);
        if (other->kind == PartKind::cell) return cell_value(*other, {});
        return std::nullopt;
    }
    const std::string first(name.substr(0, dot));
    const std::string_view rest = name.substr(dot + 1);
    if (first == "zone") return zone_value(rest);
    if (first == "lobule") return lobule_value(rest);
    if (layout_.compartment.contains(first)) return compartment_value(first, rest);
    const Part* other = layout_.find(first);
    return other == nullptr ? std::nullopt : member(*other, rest);
}

/// Parameters, defines and variables of a part, effects applied.
Builder::Compiled Builder::own(const Part& part, std::string_view name) {
    const std::string owner = &part == layout_.species ? "species" : part.name;
    const std::string key = owner + "." + std::string(name);
    if (const auto index = layout_.parameter.find(key); index != layout_.parameter.end()) {
        const ParameterInfo& p = model_.parameters[index->second];
        return once(key, part.where, [&] {
            return with_effects(key, part.default_scope(), Typed{graph_.input(p.slot, p.extent), p.dimension});
        });
    }
    for (const DefineSpec& define : part.defines)
        if (define.name == name)
            return once(key, define.law.where, [&] {
                const Compiled base =
                    compile(part, define.law, define.scope == Scope::body ? Extent::one : Extent::lanes);
                if (!base) throw AlreadyReported{};
                return with_effects(key, define.scope, *base);
            });
    for (const VariableSpec& variable : part.variables)
        if (variable.name == name) {
            if (mode_ == Mode::start) return start_value(part, name);
            if (const auto entry = layout_.zone_entry.find(key); entry != layout_.zone_entry.end())
                return Typed{zone_input(entry->second), model_.zone_states[entry->second].dimension};
            if (const auto entry = layout_.body_entry.find(key); entry != layout_.body_entry.end())
                return Typed{body_input(entry->second), model_.body_states[entry->second].dimension};
        }
    return std::nullopt;
}

/// Of the parameter that a name means where it stands; null: it has none.
const std::vector<std::string>* Builder::choices_of(const Part& part, std::string_view name) const {
    const auto dot = name.find('.');
    const Part* owner = dot == std::string_view::npos ? &part : layout_.find(name.substr(0, dot));
    if (owner == nullptr) return nullptr;
    const std::string key = (owner == layout_.species ? "species" : owner->name) + "." +
                            std::string(dot == std::string_view::npos ? name : name.substr(dot + 1));
    const auto found = layout_.parameter.find(key);
    if (found == layout_.parameter.end() || model_.parameters[found->second].choices.empty()) return nullptr;
    return &model_.parameters[found->second].choices;
}

/// value = (base + sum of adds) * product of factors, effects in order of part name.
Typed Builder::with_effects(const std::string& target, Scope scope, Typed base) {
    const auto found = effects_.find(target);
    if (found == effects_.end()) return base;
    if (mode_ == Mode::start) {
        // Numbers of the untouched liver cannot depend on what happens to it.
        const EffectUse& use = found->second.front();
        throw SpecError(use.effect->where,
                        "a start number or a fixed time reads `" + target + "`: no effect may change it");
    }
    const Extent extent = scope == Scope::body ? Extent::one : Extent::lanes;
    for (const EffectUse& use : found->second)
        if (!use.effect->multiplies) {
            const ExprId add = compile_as(*use.part, use.effect->law, extent, base.dimension, "`adds` to " + target);
            base.id = graph_.binary(Op::add, base.id, add);
        }
    for (const EffectUse& use : found->second)
        if (use.effect->multiplies) {
            const ExprId factor = compile_as(*use.part, use.effect->law, extent, k_none, "`factor` on " + target);
            base.id = graph_.binary(Op::mul, base.id, factor);
        }
    return base;
}

Builder::Compiled Builder::member(const Part& part, std::string_view name) {
    if (const Compiled value = own(part, name)) return value;
    if (mode_ == Mode::start) return std::nullopt;
    if (part.kind == PartKind::cell) return cell_value(part, name);
    if (part.kind == PartKind::matrix) return matrix_value(part, name);
    return std::nullopt;
}

Builder::Compiled Builder::zone_value(std::string_view name) {
    if (!model_.has_tissue) return std::nullopt;
    const Part& tissue = *layout_.tissue;
    if (name == "rest_volume")
        return once("zone.rest_volume", tissue.tissue_volume.where, [&] {
            const ExprId lobule =
                compile_as(tissue, tissue.tissue_volume, Extent::one, k_volume, "`volume` of the tissue");
            return Typed{graph_.binary(Op::div, lobule, graph_.constant(model_.zones)), k_volume};
        });
    if (name == "position") return Typed{graph_.input(model_.position_slot, Extent::lanes), k_none};
    if (mode_ == Mode::start) return std::nullopt;
    if (name == "volume")
        return once("zone.volume", tissue.where, [&] {
            const Typed rest = *zone_value("rest_volume");
            const ExprId cells = total_cell_volume();
            if (mode_ == Mode::rest || graph_.is_constant(cells, 0.0)) return rest;  // no cells: signals alone
            if (model_.spec.in_space) {  // places are equal: all of the tissue takes the volume of all of its cells
                const Typed all_at_rest = frozen("lobule.cells", Extent::one, k_volume);
                const ExprId all = graph_.binary(Op::div, graph_.lane_sum(cells), all_at_rest.id);
                return Typed{as_lanes(graph_.binary(Op::mul, rest.id, all)), k_volume};
            }
            const Typed cells_at_rest = frozen("zone.cells", Extent::lanes, k_volume);
            const ExprId relative = graph_.binary(Op::div, cells, cells_at_rest.id);
            return Typed{graph_.binary(Op::mul, rest.id, relative), k_volume};
        });
    if (name == "cells") return Typed{total_cell_volume(), k_volume};
    if (name == "fluid")
        return once("zone.fluid", tissue.tissue_fluid.where, [&] {
            const ExprId share =
                compile_as(tissue, tissue.tissue_fluid, Extent::lanes, k_none, "`fluid` of the tissue");
            return Typed{graph_.binary(Op::mul, zone_value("volume")->id, share), k_volume};
        });
    if (name == "flow") return lobule_value("inflow");
    if (name == "wall" || name == "border") return surface_value(name);
    return std::nullopt;
}

Builder::Compiled Builder::lobule_value(std::string_view name) {
    if (!model_.has_tissue) return std::nullopt;
    const Part& tissue = *layout_.tissue;
    if (name == "rest_volume")
        return Typed{graph_.binary(Op::mul, zone_value("rest_volume")->id, graph_.constant(model_.zones)), k_volume};
    if (name == "count") {
        if (mode_ == Mode::start)
            return once("lobule.count", tissue.tissue_count.where, [&] {
                return Typed{compile_as(tissue, tissue.tissue_count, Extent::one, k_none, "`count` of the tissue"),
                             k_none};
            });
        return Typed{body_input(layout_.body_entry.at("lobule.count")), k_none};
    }
    if (mode_ == Mode::start) return std::nullopt;
    if (name == "volume") {
        const ExprId zone = zone_value("volume")->id;
        if (graph_[zone].extent == Extent::one) return lobule_value("rest_volume");
        return Typed{graph_.lane_sum(zone), k_volume};
    }
    if (name == "inflow")
        return once("lobule.inflow", tissue.where, [&] {
            ExprId total = graph_.constant(0.0);
            for (const Part* part : layout_.parts)
                for (const FlowSpec& flow : part->flows)
                    if (flow.to == "lobule")
                        total = graph_.binary(
                            Op::add, total,
                            compile_as(*part, flow.rate, Extent::one, k_volume / k_time, "`rate` of a flow"));
            return Typed{graph_.binary(Op::div, total, lobule_value("count")->id), k_volume / k_time};
        });
    if (name == "conductance" || name == "pressure") return vessel_value(name);
    return std::nullopt;
}

Builder::Compiled Builder::compartment_value(const std::string& compartment, std::string_view name) {
    const CompartmentSpec& spec = *layout_.compartment.at(compartment);
    const Part& part = *layout_.compartment_part.at(compartment);
    if (name == "volume")
        return once(compartment + ".volume", spec.volume.where, [&] {
            return Typed{compile_as(part, spec.volume, Extent::one, k_volume, "`volume` of a compartment"), k_volume};
        });
    if (mode_ == Mode::start) return std::nullopt;
    const std::string key = compartment + "." + std::string(name);
    const auto entry = layout_.body_entry.find(key);
    if (entry == layout_.body_entry.end()) return std::nullopt;
    const Dimension amount = model_.body_states[entry->second].dimension;
    return Typed{graph_.binary(Op::div, body_input(entry->second), compartment_value(compartment, "volume")->id),
                 amount / k_volume};
}

/// rest(name): the value on the untouched liver.
Builder::Compiled Builder::freeze(const Part& part, std::string_view name) {
    const CellContext before = std::exchange(context_, {});  // of an attribute, the mean over cells
    struct Restore {
        CellContext& context;
        const CellContext& before;
        ~Restore() { context = before; }
    } const restore{context_, before};
    if (mode_ == Mode::rest) return resolve(part, name);
    const Compiled now = resolve(part, name);
    if (!now) return now;
    return frozen(part.name + "|" + std::string(name), graph_[now->id].extent, now->dimension);
}

Typed Builder::frozen(const std::string& key, Extent extent, const Dimension& dimension) {
    for (const RestValue& value : model_.rest_values)
        if (value.name == key) return Typed{graph_.input(value.slot, value.extent), dimension};
    std::int32_t& next = extent == Extent::one ? model_.one_inputs : model_.lane_inputs;
    model_.rest_values.push_back({key, extent, next++, -1});
    return Typed{graph_.input(model_.rest_values.back().slot, extent), dimension};
}

Typed Builder::resolve_frozen(const RestValue& value) {
    LOBULE_ASSERT(mode_ == Mode::rest);
    if (value.name == "zone.cells") return *zone_value("cells");
    if (value.name == "lobule.cells") return {graph_.lane_sum(zone_value("cells")->id), k_volume};
    const auto bar = value.name.find('|');
    const Part* part = layout_.find(value.name.substr(0, bar));
    try {
        if (const Compiled found = resolve(*part, value.name.substr(bar + 1))) return *found;
    } catch (const AlreadyReported&) {}
    return {graph_.constant(1.0), k_none};
}

std::vector<std::string> Builder::visible_names(const Part& part) const {
    std::vector<std::string> out{"time"};
    const auto add = [&](const Part& from, const std::string& prefix) {
        for (const ParameterSpec& p : from.parameters) out.push_back(prefix + p.name);
        for (const DefineSpec& d : from.defines) out.push_back(prefix + d.name);
        for (const VariableSpec& v : from.variables) out.push_back(prefix + v.name);
        for (const StateSpec& s : from.states) out.push_back(prefix + s.name);
        for (const CellProcessSpec& p : from.processes)
            if (!p.name.empty()) out.push_back(prefix + p.name);
        if (from.kind == PartKind::cell && !prefix.empty())
            for (const char* name : {"volume_total", "size", "binucleate", "mononucleate"})
                out.push_back(prefix + name);
        for (const AttributeSpec& a : from.attributes) {
            out.push_back(prefix + a.name);
            out.push_back(prefix + a.name + "_total");
        }
        if (from.crowding) out.push_back(prefix + "crowding");
        if (from.parameter("deformability") != nullptr) out.push_back(prefix + "arrest");
        if (from.kind == PartKind::matrix && !prefix.empty() && layout_.matrix.contains(from.name))
            for (const MatrixLayout::Pool& pool : layout_.matrix.at(from.name).pools) {
                out.push_back(prefix + pool.pool);
                out.push_back(prefix + pool.origin);
            }
    };
    add(part, "");
    for (const Part* other : layout_.parts) {
        if (other->kind == PartKind::cell || other->kind == PartKind::signal || other->kind == PartKind::matrix)
            out.push_back(other->name);
        add(*other, other->name + ".");
    }
    if (layout_.species != nullptr) add(*layout_.species, "species.");
    if (model_.has_tissue)
        for (const char* name : {"zone.volume", "zone.fluid", "zone.rest_volume", "zone.position", "zone.flow",
                                 "lobule.count", "lobule.volume", "lobule.inflow", "lobule.rest_volume"})
            out.emplace_back(name);
    if (layout_.tissue != nullptr && layout_.tissue->sinusoids)
        for (const char* name : {"lobule.conductance", "lobule.pressure", "zone.wall", "zone.border"})
            out.emplace_back(name);
    for (const auto& [compartment, spec] : layout_.compartment) out.push_back(compartment + ".volume");
    for (const auto& [name, entry] : layout_.body_entry) out.push_back(name);
    return out;
}

void Builder::check_effect_targets() {
    for (const Part* part : layout_.parts)
        for (const EffectSpec& effect : part->effects) {
            const auto dot = effect.on.find('.');
            if (dot == std::string::npos) {
                fault(effect.where, "`on` must be part.parameter or part.define");
                continue;
            }
            const Part* target = layout_.find(effect.on.substr(0, dot));
            const std::string name = effect.on.substr(dot + 1);
            bool found = false;
            std::vector<std::string> known;
            if (target != nullptr) {
                const std::string owner = effect.on.substr(0, dot + 1);
                for (const ParameterSpec& p : target->parameters)
                    known.push_back(owner + p.name), found = found || p.name == name;
                for (const DefineSpec& d : target->defines)
                    known.push_back(owner + d.name), found = found || d.name == name;
            } else {
                for (const Part* other : layout_.parts) known.push_back(other->name);
            }
            if (found && choices_of(*target, name) != nullptr)
                fault(effect.where, "`" + effect.on + "` is one of several names: no effect can change it");
            if (found || (effect.optional && target == nullptr)) continue;
            if (const std::string why = model_.why_absent(effect.on); target == nullptr && !why.empty()) {
                fault(effect.where, why + " (an effect with `optional = true` goes with it)");
                continue;
            }
            fault(effect.where,
                  target == nullptr ? "no part of this model is called `" + effect.on.substr(0, dot) + "`"
                                    : "`" + effect.on + "` is not a parameter or define",
                  nearest_name(target == nullptr ? effect.on.substr(0, dot) : effect.on, known));
        }
}

void Builder::add_rate(std::vector<ExprId>& rates, std::int32_t entry, ExprId term, bool negative) {
    ExprId& rate = rates[static_cast<std::size_t>(entry)];
    rate = graph_.binary(negative ? Op::sub : Op::add, rate, term);
}

void Builder::build(Laws& laws) {
    laws.zone_rates.assign(model_.zone_states.size(), graph_.constant(0.0));
    laws.body_rates.assign(model_.body_states.size(), graph_.constant(0.0));
    if (mode_ == Mode::run) {
        check_effect_targets();
        // Report faults of values that nothing uses, too.
        const auto look = [&](const Part& part, std::string_view name) {
            try {
                own(part, name);
            } catch (const AlreadyReported&) {}
        };
        for (const Part* part : layout_.parts) {
            for (const DefineSpec& define : part->defines) {
                look(*part, define.name);
                const auto made = memo_.find(part->name + "." + define.name);
                if (define.scope == Scope::zone && made != memo_.end())
                    laws.zone_values.push_back({made->first, made->second.dimension, made->second.id});
            }
            for (const ParameterSpec& p : part->parameters)
                if (effects_.contains(part->name + "." + p.name)) look(*part, p.name);
        }
    }
    const auto guarded = [&](auto&& step) {
        try {
            step();
        } catch (const AlreadyReported&) {}
    };
    guarded([&] { build_tissue(laws); });
    guarded([&] { build_cells(laws); });
    guarded([&] { build_signals(laws); });
    guarded([&] { build_matrix(laws); });
    guarded([&] { build_flows(laws); });
    guarded([&] { build_variables(laws); });
    if (mode_ == Mode::run) {
        for (const Part* part : layout_.parts)
            if (const auto made = memo_.find("concentration of " + part->name); made != memo_.end())
                laws.zone_values.push_back({part->name, made->second.dimension, made->second.id});
        guarded([&] { build_probes(laws); });
        for (const Part* part : layout_.parts) guarded([&] { build_events(laws, *part, part->events); });
        static const Part k_scenario = [] {
            Part part;
            part.name = "scenario";
            return part;
        }();
        guarded([&] { build_events(laws, k_scenario, model_.spec.events); });
    }
    for (const auto& [name, value] : memo_)
        if (name.find('|') == std::string::npos) laws.named.push_back({name, value.id});  // else of a single cell
}

void Builder::build_start() {
    const auto guarded = [&](auto&& step) {
        try {
            step();
        } catch (const AlreadyReported&) {}
    };
    guarded([&] { start_geometry(); });
    guarded([&] { start_populations(); });
    guarded([&] { start_states(); });
    guarded([&] { start_unknowns(); });
}

std::vector<std::pair<std::string, std::string>> Builder::final_laws() const {
    std::vector<std::pair<std::string, std::string>> out;
    const auto add = [&](const std::string& name, std::string text, bool only_changed) {
        const auto found = effects_.find(name);
        if (found == effects_.end()) {
            if (!only_changed) out.emplace_back(name, std::move(text));
            return;
        }
        bool adds = false;
        for (const EffectUse& use : found->second)
            if (!use.effect->multiplies)
                text += " + (" + use.effect->law.text + ") {" + use.part->name + "}", adds = true;
        if (adds || text.find(' ') != std::string::npos) text = "(" + text + ")";
        for (const EffectUse& use : found->second)
            if (use.effect->multiplies) text += " * (" + use.effect->law.text + ") {" + use.part->name + "}";
        out.emplace_back(name, std::move(text));
    };
    for (const Part* part : layout_.parts) {
        for (const ParameterSpec& p : part->parameters) add(part->name + "." + p.name, p.name, true);
        for (const DefineSpec& d : part->defines) add(part->name + "." + d.name, d.law.text, false);
    }
    return out;
}

}  // namespace lobule
