// compile(Spec, Catalogue) -> Model: choose the parts, lay out State and inputs, build the laws three ways.
#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <set>

#include "base/text.hpp"
#include "builder.hpp"
#include "settings.hpp"

namespace lobule {

namespace {

/// Names that laws give a meaning of their own.
constexpr std::string_view k_reserved[] = {"zone", "lobule", "species", "time", "tissue", "scenario"};

class Compiler {
public:
    Compiler(const Spec& spec, const Catalogue& catalogue, const std::vector<SettingSpec>& settings)
        : catalogue_(catalogue), settings_(settings), model_(std::make_shared<Model>()) {
        model_->spec = spec;
        model_->zones = spec.zones;
    }

    std::shared_ptr<const Model> compile() {
        choose_parts();
        stop_on_problems();
        for (const Part* part : layout_.parts) check_part(*part);
        if (layout_.species != nullptr) check_part(*layout_.species);
        lay_out_compartments();
        lay_out_parameters();
        for (const ParameterInfo& info : model_->parameters) check_bounds(info);
        check_settings(model_->spec.settings);
        check_settings(settings_);
        lay_out_cells();
        lay_out_signals();
        lay_out_matrix();
        lay_out_variables();
        stop_on_problems();
        lay_out_inputs();
        build();
        stop_on_problems();
        model_->hash = model_hash(*model_);
        return model_;
    }

private:
    void fault(const Where& where, std::string what, std::string nearest = {}) {
        problems_.push_back({where, std::move(what), std::move(nearest)});
    }

    void stop_on_problems() {
        if (problems_.empty()) return;
        std::vector<Problem> unique;
        for (Problem& problem : problems_) {
            tell_why(problem);
            const auto same = [&](const Problem& p) {
                return p.what == problem.what && p.where.file == problem.where.file &&
                       p.where.line == problem.where.line;
            };
            if (std::none_of(unique.begin(), unique.end(), same)) unique.push_back(std::move(problem));
        }
        std::stable_sort(unique.begin(), unique.end(), [](const Problem& a, const Problem& b) {
            return std::tie(a.where.file, a.where.line, a.where.column) <
                   std::tie(b.where.file, b.where.line, b.where.column);
        });
        throw SpecError(std::move(unique));
    }

    /// A part that a process, a niche or a place names without effect may be one that is left out.
    void tell_why(Problem& problem) const {
        for (const Need& need : model_->needs) {
            const bool named = problem.what.find("`" + need.part + "`") != std::string::npos ||
                               problem.what.find("`" + need.part + ".") != std::string::npos;
            if (!need.left_out || !named || problem.what.find("is left out") != std::string::npos) continue;
            problem.what += ": " + model_->why_absent(need.part);
            problem.nearest.clear();
        }
    }

    void choose_parts() {
        std::set<std::string> chosen;
        std::vector<std::string> open;
        const std::function<void(const std::string&, const Where&)> choose = [&](const std::string& name,
                                                                                 const Where& where) {
            const Part* part = catalogue_.find(name);
            if (part == nullptr) {
                fault(where, "no part or set is called `" + name + "`", nearest_name(name, catalogue_.names()));
                return;
            }
            if (part->kind == PartKind::species) {
                fault(where, "`" + name + "` is a species: name it as `species`");
                return;
            }
            if (part->kind != PartKind::set) {
                chosen.insert(name);
                return;
            }
            if (std::find(open.begin(), open.end(), name) != open.end()) {
                fault(where, "the set `" + name + "` contains itself");
                return;
            }
            open.push_back(name);
            for (std::size_t i = 0; i < part->parts.size(); ++i) choose(part->parts[i], part->parts_where[i]);
            open.pop_back();
        };
        const Spec& spec = model_->spec;
        for (std::size_t i = 0; i < spec.parts.size(); ++i)
            choose(spec.parts[i], i < spec.parts_where.size() ? spec.parts_where[i] : spec.where);
        if (!spec.species.empty()) {
            const Part* species = catalogue_.find(spec.species);
            if (species == nullptr || species->kind != PartKind::species) {
                std::vector<std::string> known;
                for (const auto& [name, part] : catalogue_.parts())
                    if (part.kind == PartKind::species) known.push_back(name);
                fault(spec.species_where, "no species is called `" + spec.species + "`",
                      nearest_name(spec.species, known));
            } else {
                layout_.species = species;
            }
        }
        leave_out(chosen, {catalogue_, layout_.species, model_->spec, settings_}, *model_, problems_);
        for (const std::string& name : chosen) layout_.parts.push_back(trimmed(*catalogue_.find(name), chosen));
        for (const Part* part : layout_.parts) {
            model_->part_names.push_back(part->name);
            if (part->kind != PartKind::tissue) continue;
            if (layout_.tissue != nullptr)
                fault(part->where, "a model has one [tissue] part; `" + layout_.tissue->name + "` is another");
            layout_.tissue = part;
        }
        model_->has_tissue = layout_.tissue != nullptr;
    }

    /// The part without its optional processes that concern a part which this model leaves out. A name that no part has stays, and
    /// is reported where it is compiled.
    const Part* trimmed(const Part& part, const std::set<std::string>& chosen) {
        const auto absent = [&](const std::string& name) {
            const std::string first = name.substr(0, name.find('.'));
            return catalogue_.find(first) != nullptr && !chosen.contains(first);
        };
        const auto left_out = [&](const CellProcessSpec& process) {
            return process.optional &&
                   (absent(process.other) || std::any_of(process.to.begin(), process.to.end(), [&](const auto& target) {
                        return target.first.find('.') != std::string::npos && absent(target.first);
                    }));
        };
        if (std::none_of(part.processes.begin(), part.processes.end(), left_out)) return &part;
        trimmed_.push_back(std::make_unique<Part>(part));
        std::erase_if(trimmed_.back()->processes, left_out);
        return trimmed_.back().get();
    }

    void check_part(const Part& part) {
        for (const std::string_view word : k_reserved)
            if (part.name == word && part.kind != PartKind::tissue)
                fault(part.where, "`" + part.name + "` is a name of the language and cannot name a part");
        std::set<std::string, std::less<>> seen;
        const auto once = [&](const std::string& name, const Where& where) {
            if (!seen.insert(name).second) fault(where, "`" + name + "` is declared twice in " + part.name);
            if (name == "time") fault(where, "`time` is a name of the language");
        };
        for (const ParameterSpec& p : part.parameters) once(p.name, p.where);
        for (const DefineSpec& d : part.defines) once(d.name, d.law.where);
        for (const VariableSpec& v : part.variables) once(v.name, v.where);
        for (const StateSpec& s : part.states) once(s.name, s.where);
        for (const AttributeSpec& a : part.attributes) {
            once(a.name, a.where);
            once(a.name + "_total", a.where);
        }
        for (const CellProcessSpec& p : part.processes)
            if (!p.name.empty()) once(p.name, p.where);
        check_sources(part, catalogue_.source_keys, problems_);
    }

    void lay_out_compartments() {
        for (const Part* part : layout_.parts)
            for (const CompartmentSpec& compartment : part->compartments) {
                if (!layout_.compartment.emplace(compartment.name, &compartment).second)
                    fault(compartment.where, "the compartment `" + compartment.name + "` is declared twice");
                if (layout_.find(compartment.name) != nullptr)
                    fault(compartment.where, "`" + compartment.name + "` is the name of a part already");
                layout_.compartment_part.emplace(compartment.name, part);
            }
    }

    void lay_out_parameters() {
        const auto add = [&](const Part& part, const std::string& owner) {
            for (const ParameterSpec& spec : part.parameters) {
                ParameterInfo info = declared_parameter(part, owner, spec);
                layout_.parameter.emplace(info.name, model_->parameters.size());
                model_->parameters.push_back(std::move(info));
            }
        };
        for (const Part* part : layout_.parts) add(*part, part->name);
        if (layout_.species == nullptr) return;
        add(*layout_.species, "species");
        for (const ParameterSpec& spec : layout_.species->overrides) {
            const Part* owner = catalogue_.find(spec.name.substr(0, spec.name.find('.')));
            const auto index = layout_.parameter.find(spec.name);
            if (index == layout_.parameter.end()) {
                // A species may know parts that this model leaves out; a part that is here must have the parameter.
                if (owner == nullptr || layout_.find(owner->name) != nullptr)
                    fault(spec.where, "no parameter is called `" + spec.name + "`",
                          nearest_name(spec.name, parameter_names()));
                continue;
            }
            override_parameter(model_->parameters[index->second], spec, "species " + layout_.species->name, problems_);
        }
    }

    /// A setting of a part that is left out does nothing, but must be one.
    void check_settings(const std::vector<SettingSpec>& settings) {
        for (const SettingSpec& setting : settings)
            if (const ParameterInfo* info = model_->any_parameter(setting.name))
                check_setting(setting, *info, problems_);
            else
                fault(setting.where, "no parameter of this model is called `" + setting.name + "`",
                      nearest_name(setting.name, parameter_names()));
    }

    /// Of the parameters whose meaning the language knows.
    void check_bounds(const ParameterInfo& info) {
        const auto dot = info.name.find('.');
        const Part* part = layout_.find(info.name.substr(0, dot));
        if (part == nullptr) return;
        const std::string name = info.name.substr(dot + 1);
        if (part->kind == PartKind::matrix) {
            if (name == "start" && !(info.value >= 0.0)) fault(info.where, "a matrix cannot start below 0");
            if (name == "start_crosslinked" && !(info.value >= 0.0 && info.value <= 1.0))
                fault(info.where, "the crosslinked share must lie between 0 and 1");
        }
        if (part->kind != PartKind::cell) return;
        if (name == "deformability" && !(info.value > 0.0 && info.value <= 1.0))
            fault(info.where, "a cell passes vessels between none and its own diameter: a share above 0 and at most 1");
        if (name == "volume" && !(info.value > 0.0)) fault(info.where, "the volume of a cell must be positive");
        if (name == "binucleate_share" && !(info.value >= 0.0 && info.value <= 1.0))
            fault(info.where, "the share of binucleate cells must lie between 0 and 1");
    }

    std::vector<std::string> parameter_names() const {
        std::vector<std::string> names;
        for (const ParameterInfo& p : model_->parameters) names.push_back(p.name);
        for (const ParameterInfo& p : model_->absent) names.push_back(p.name);
        return names;
    }

    std::size_t add_zone(StateInfo info) {
        layout_.zone_entry.emplace(info.name, model_->zone_states.size());
        model_->zone_states.push_back(std::move(info));
        return model_->zone_states.size() - 1;
    }

    std::size_t add_body(StateInfo info) {
        layout_.body_entry.emplace(info.name, model_->body_states.size());
        model_->body_states.push_back(std::move(info));
        return model_->body_states.size() - 1;
    }

    void lay_out_cells() {
        for (const Part* part : layout_.parts) {
            if (part->kind != PartKind::cell) continue;
            Population population;
            population.name = part->name;
            population.where = part->where;
            population.place = part->place;
            population.in_body = part->in_body();
            population.displaced = part->displaced && !part->in_body();
            population.nucleus = part->nucleus;
            if (!part->in_body())
                population.profile = zone_profile(part->profile);
            else if (!part->profile.empty())
                fault(part->where, "a cell of blood or marrow has no `profile`: it is in no zone");
            if (!part->compartment.empty() && !layout_.compartment.contains(part->compartment)) {
                std::vector<std::string> known;
                for (const auto& [name, spec] : layout_.compartment) known.push_back(name);
                fault(part->where, "`compartment` names the unknown compartment `" + part->compartment + "`",
                      nearest_name(part->compartment, known));
            }
            const Dimension volume = power(Dimension::of(Dimension::length), 3);
            population.quantities.push_back({"volume", volume / Dimension::of(Dimension::cell), true, -1});
            for (const AttributeSpec& attribute : part->attributes) {
                const Dimension dimension = start_dimension(*part, attribute.start, part->default_scope());
                model_->attributes.push_back({part->name, attribute.name, dimension, -1});
                if (attribute.classes == 0)
                    population.quantities.push_back({attribute.name, dimension, attribute.halved, -1});
                else if (attribute.range && attribute.range->first.dimension != dimension)
                    fault(attribute.where, "`range` must have the dimension of `start`, " + to_string(dimension));
            }
            lay_out_substates(*part, population);
            layout_.population.emplace(part->name, model_->populations.size());
            model_->populations.push_back(std::move(population));
        }
    }

    /// State by state: stages, nuclear classes, classes of attributes.
    void lay_out_substates(const Part& part, Population& population) {
        std::vector<NuclearClass> nuclear_classes{NuclearClass::any};
        if (part.nuclear_classes) nuclear_classes = {NuclearClass::mononucleate, NuclearClass::binucleate};
        std::vector<std::vector<std::int32_t>> combinations{{}};
        std::vector<std::string> class_names;
        for (const AttributeSpec& attribute : part.attributes) {
            if (attribute.classes == 0) continue;
            class_names.push_back(attribute.name);
            std::vector<std::vector<std::int32_t>> more;
            for (const auto& combination : combinations)
                for (std::int32_t k = 0; k < attribute.classes; ++k) {
                    more.push_back(combination);
                    more.back().push_back(k);
                }
            combinations = std::move(more);
        }
        constexpr std::size_t k_most = 4096;
        std::size_t stages = 0;
        for (const StateSpec& state : part.states) stages += static_cast<std::size_t>(state.stages);
        if (stages * nuclear_classes.size() * combinations.size() > k_most) {
            fault(part.where, "stages and attribute classes give " +
                                  std::to_string(stages * nuclear_classes.size() * combinations.size()) +
                                  " states of a cell, more than " + std::to_string(k_most));
            return;
        }
        std::set<std::string> held;
        for (const CellProcessSpec& process : part.processes)
            if (process.kind == CellProcessSpec::Kind::adhesion) held.insert(process.to.front().first);
        const auto index = static_cast<std::int32_t>(model_->populations.size());
        const Dimension cell = Dimension::of(Dimension::cell);
        const auto add = [&](StateInfo info) {
            return static_cast<std::int32_t>(population.in_body ? add_body(std::move(info))
                                                                : add_zone(std::move(info)));
        };
        for (const StateSpec& state : part.states)
            for (int stage = 1; stage <= state.stages; ++stage)
                for (const NuclearClass nuclear : nuclear_classes)
                    for (const auto& classes : combinations) {
                        std::string name = part.name + "." + state.name;
                        if (state.stages > 1) name += "." + std::to_string(stage);
                        if (nuclear != NuclearClass::any)
                            name += nuclear == NuclearClass::mononucleate ? ".mononucleate" : ".binucleate";
                        for (std::size_t c = 0; c < classes.size(); ++c)
                            name += "." + class_names[c] + "." + std::to_string(classes[c] + 1);
                        Population::Substate sub{
                            state.name, stage, nuclear, classes, -1, {}, held.contains(state.name)};
                        sub.count = add({name, StateInfo::Kind::count, cell, index});
                        for (const CellQuantity& quantity : population.quantities)
                            sub.totals.push_back(add({name + "." + quantity.name, StateInfo::Kind::content,
                                                      quantity.dimension * cell, index}));
                        population.substates.push_back(std::move(sub));
                    }
    }

    /// A profile given in any number of equal parts, as shares of this model's zones: the integral of the step function.
    std::vector<double> zone_profile(const std::vector<double>& profile) const {
        if (profile.empty()) return {};
        const auto parts = static_cast<double>(profile.size());
        std::vector<double> out(static_cast<std::size_t>(model_->zones), 0.0);
        for (std::size_t z = 0; z < out.size(); ++z) {
            const double low = static_cast<double>(z) / model_->zones;
            const double high = static_cast<double>(z + 1) / model_->zones;
            for (std::size_t i = 0; i < profile.size(); ++i) {
                const double from = std::max(low, static_cast<double>(i) / parts);
                const double to = std::min(high, static_cast<double>(i + 1) / parts);
                if (to > from) out[z] += profile[i] * (to - from) * parts;
            }
        }
        return out;
    }

    void lay_out_signals() {
        const Dimension volume = power(Dimension::of(Dimension::length), 3);
        if (model_->has_tissue) {
            StateInfo count{"lobule.count", StateInfo::Kind::lobule_count, {}};
            count.constant = true;
            add_body(std::move(count));
        }
        for (const Part* part : layout_.parts) {
            if (part->kind != PartKind::signal) continue;
            if (!model_->has_tissue) fault(part->where, "a signal needs a [tissue] part in the model");
            const Dimension amount = model_->parameters[layout_.parameter.at(part->name + ".start")].dimension * volume;
            SignalInfo signal{static_cast<std::int32_t>(add_zone({part->name, StateInfo::Kind::signal, amount})),
                              part->slow};
            if (const auto found = layout_.parameter.find(part->name + ".diffusion"); found != layout_.parameter.end())
                signal.diffusion = static_cast<std::int32_t>(found->second);
            model_->signals.push_back(signal);
            for (const std::string& compartment : part->carried_in) {
                if (!layout_.compartment.contains(compartment)) {
                    std::vector<std::string> known;
                    for (const auto& [name, spec] : layout_.compartment) known.push_back(name);
                    fault(part->where, "`in` names the unknown compartment `" + compartment + "`",
                          nearest_name(compartment, known));
                    continue;
                }
                add_body({compartment + "." + part->name, StateInfo::Kind::signal, amount});
            }
        }
    }

    /// Pools by the cells that lay the matrix; one nameless origin when none does.
    void lay_out_matrix() {
        for (const Part* part : layout_.parts) {
            if (part->kind != PartKind::matrix) continue;
            if (!model_->has_tissue) fault(part->where, "a matrix needs a [tissue] part in the model");
            MatrixLayout matrix;
            matrix.density = model_->parameters[layout_.parameter.at(part->name + ".start")].dimension;
            std::vector<std::string> origins;
            for (const Part* other : layout_.parts)
                for (const CellProcessSpec& process : other->processes)
                    if (process.kind == CellProcessSpec::Kind::deposition && process.other == part->name &&
                        (origins.empty() || origins.back() != other->name))
                        origins.push_back(other->name);
            for (const std::string& origin : origins)
                if (origin == "fresh" || origin == "crosslinked")
                    fault(layout_.find(origin)->where, "`" + origin +
                                                           "` is the name of a pool of matrix and cannot name "
                                                           "the cells that lay it");
            if (origins.empty()) origins.emplace_back("tissue");
            matrix.origins = origins.size();
            for (const MatrixProcessSpec& process : part->matrix_processes)
                matrix.crosslinks = matrix.crosslinks || process.kind == MatrixProcessSpec::Kind::crosslinking;
            if (part->parameter("start_crosslinked") != nullptr && !matrix.crosslinks)
                fault(part->parameter("start_crosslinked")->where,
                      "`crosslinked` needs [[crosslinking]]: without it the matrix has one pool");
            for (const char* pool : {"fresh", "crosslinked"})
                for (const std::string& origin : origins) {
                    if (std::string_view(pool) == "crosslinked" && !matrix.crosslinks) continue;
                    const Dimension amount = matrix.density * power(Dimension::of(Dimension::length), 3);
                    matrix.pools.push_back(
                        {pool, origin,
                         add_zone({part->name + "." + pool + "." + origin, StateInfo::Kind::matrix, amount})});
                }
            layout_.matrix.emplace(part->name, std::move(matrix));
        }
    }

    void lay_out_variables() {
        for (const Part* part : layout_.parts)
            for (const VariableSpec& variable : part->variables) {
                StateInfo info{part->name + "." + variable.name, StateInfo::Kind::variable, {}};
                info.dimension = start_dimension(*part, variable.start, variable.scope);
                info.accumulates = variable.accumulates;
                info.scale = typical_size(variable, info.dimension);
                if (variable.scope == Scope::zone)
                    add_zone(std::move(info));
                else
                    add_body(std::move(info));
            }
        if (!model_->spec.in_space || !model_->has_tissue || !layout_.tissue->sinusoids) return;
        StateInfo vessels{"lobule.vessels", StateInfo::Kind::vessels, {}};  // last: the model in zones has none
        vessels.constant = true;                                            // for the laws; the space sets it
        vessels.scale = 1.0;
        model_->vessels_entry = static_cast<std::int32_t>(add_body(std::move(vessels)));
    }

    /// What the variable says of its size; 0: its rest value tells.
    double typical_size(const VariableSpec& variable, const Dimension& dimension) {
        if (variable.scale) {
            if (variable.scale->dimension != dimension)
                fault(variable.where, "`scale` must have the dimension " + to_string(dimension) + ", not " +
                                          to_string(variable.scale->dimension));
            else if (!(variable.scale->value > 0.0))
                fault(variable.where, "`scale` must be positive");
            return variable.scale->value;
        }
        const bool from_nothing = variable.start.quantity && variable.start.quantity->value == 0.0;
        if (from_nothing && !dimension.dimensionless() && dimension != Dimension::of(Dimension::cell))
            fault(variable.where,
                  "`" + variable.name + "` starts at 0: give its `scale`, a typical size, for the solver's tolerance");
        return 0.0;
    }

    /// A start quantity tells the dimension; a start law is read through the parameters it names.
    Dimension start_dimension(const Part& part, const StartSpec& given, Scope where) {
        if (given.quantity) return given.quantity->dimension;
        ExpressionGraph scratch;
        Builder start(Builder::Mode::start, *model_, layout_, scratch, problems_);
        const auto value = start.compile(part, given.law, where == Scope::zone ? Extent::lanes : Extent::one);
        if (value) return value->dimension;
        return {};
    }

    void lay_out_inputs() {
        Model& model = *model_;
        model.one_inputs = 1 + static_cast<std::int32_t>(model.body_states.size());
        model.lane_inputs = static_cast<std::int32_t>(model.zone_states.size());
        for (ParameterInfo& p : model.parameters)
            p.slot = p.extent == Extent::one ? model.one_inputs++ : model.lane_inputs++;
        model.position_slot = model.lane_inputs++;
        for (Model::Attribute& a : model.attributes) {
            const Part& part = *layout_.find(a.part);
            if (part.attribute(a.name)->classes == 0)
                a.slot = part.in_body() ? model.one_inputs++ : model.lane_inputs++;
        }
    }

    void build() {
        Model& model = *model_;
        Builder start(Builder::Mode::start, model, layout_, model.start_graph, problems_);
        start.build_start();
        stop_on_problems();
        Builder run(Builder::Mode::run, model, layout_, model.run.graph, problems_);
        run.build(model.run);
        model.final_laws = run.final_laws();
        stop_on_problems();
        model.balanced = !model.unknowns.empty() || !model.rest_values.empty();
        if (!model.balanced) return;
        Builder rest(Builder::Mode::rest, model, layout_, model.rest.graph, problems_);
        rest.build(model.rest);
        for (RestValue& value : model.rest_values) value.at_rest = rest.resolve_frozen(value).id;
        const auto count = static_cast<std::int32_t>(model.body_states.size());
        for (std::int32_t i = 0; i < count; ++i) {
            StateInfo& state = model.body_states[static_cast<std::size_t>(i)];
            if (model.run.graph.is_constant(model.run.body_rates[static_cast<std::size_t>(i)], 0.0) && !is_moved(i))
                state.constant = true;
        }
        for (std::size_t i = 0; i < model.zone_states.size(); ++i)
            if (model.zone_states[i].kind == StateInfo::Kind::variable &&
                model.run.graph.is_constant(model.run.zone_rates[i], 0.0))
                model.zone_states[i].constant = true;
    }

    bool is_moved(std::int32_t body_entry) const {
        for (const Transfer& t : model_->run.transfers) {
            const bool from_body = t.route == Transfer::Route::enter || t.route == Transfer::Route::body;
            const bool to_body = t.route == Transfer::Route::leave || t.route == Transfer::Route::body;
            if ((from_body && t.from == body_entry) || (to_body && t.to == body_entry)) return true;
        }
        return false;
    }

    const Catalogue& catalogue_;
    const std::vector<SettingSpec>& settings_;
    std::shared_ptr<Model> model_;
    std::vector<std::unique_ptr<Part>> trimmed_;
    Layout layout_;
    std::vector<Problem> problems_;
};

}  // namespace

std::shared_ptr<const Model> compile(const Spec& spec, const Catalogue& catalogue,
                                     const std::vector<SettingSpec>& settings) {
    return Compiler(spec, catalogue, settings).compile();
}

}  // namespace lobule
