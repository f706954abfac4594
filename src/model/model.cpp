// What a compiled Model answers: its hash, its values by name, its parameters.
#include "model/model.hpp"

#include <algorithm>
#include <initializer_list>

#include "base/hash.hpp"
#include "builder.hpp"

namespace lobule {

std::string model_hash(const Model& model) {
    Hasher hasher;
    hasher.add(static_cast<std::uint64_t>(model.zones));
    hasher.add(model.spec.epoch);
    hasher.add(model.spec.relative_tolerance);
    for (const ParameterInfo& p : model.parameters) {
        hasher.add(p.name);
        hasher.add(p.value);
    }
    for (const StateInfo& s : model.zone_states) hasher.add(s.name);
    for (const StateInfo& s : model.body_states) hasher.add(s.name);
    const auto number = [&](std::int64_t value) { hasher.add(static_cast<std::uint64_t>(value)); };
    const auto numbers = [&](std::initializer_list<std::int64_t> values) {
        std::for_each(values.begin(), values.end(), number);
    };
    for (const ExpressionGraph* graph : {&model.run.graph, &model.rest.graph, &model.start_graph})
        for (std::size_t i = 0; i < graph->size(); ++i) {
            const Expression& e = (*graph)[static_cast<ExprId>(i)];
            hasher.add(e.constant);
            numbers({static_cast<std::int64_t>(e.op), e.integer, e.a, e.b, e.c});
        }
    // Which of them are used as what.
    const Laws& laws = model.run;
    for (const StateInfo& s : model.zone_states) number(s.start);
    for (const StateInfo& s : model.body_states) number(s.start);
    for (const Population& p : model.populations) {
        number(p.displaced ? 1 : 0);
        for (const CellQuantity& q : p.quantities) numbers({q.halved ? 1 : 0, q.start});
        for (const double share : p.profile) hasher.add(share);
    }
    for (const ExprId rate : laws.zone_rates) number(rate);
    for (const ExprId rate : laws.body_rates) number(rate);
    for (const Transfer& t : laws.transfers)
        numbers({static_cast<std::int64_t>(t.route), t.from, t.to, t.flux, t.into});
    for (const BloodContent& c : laws.contents) numbers({c.signal, c.content, c.entering});
    // What agents do, one by one: another order is another draw.
    for (const Hop& h : laws.hops) {
        numbers({static_cast<std::int64_t>(h.kind), h.population, h.from, h.hazard, h.encounter, h.passive ? 1 : 0});
        for (const Hop::Branch& b : h.branches) {
            numbers({b.share, b.to, b.cells, b.population});
            for (const ExprId value : b.entering) number(value);
        }
    }
    for (const Change& c : laws.changes) numbers({c.population, c.substate, c.quantity, c.constant, c.slope});
    for (const Move& m : laws.moves) numbers({m.population, m.substate, m.onward, m.back});
    for (const Climb& c : laws.climbs) numbers({c.population, c.substate, c.level, c.speed});
    for (const ClosureInfo& c : model.closures) {
        hasher.add(c.name);
        numbers({static_cast<std::int64_t>(c.kind), c.slot, c.offset, c.volume, c.deformability});
    }
    for (const BalanceUnknown& u : model.unknowns) {
        numbers({u.parameter, u.in_body ? 1 : 0, u.target});
        for (const std::int32_t count : u.counts) number(count);
    }
    for (const ModelEvent& event : laws.events) {
        hasher.add(event.hazard);
        numbers({event.at, event.every, event.until, event.root, event.threshold_slot});
        for (const Assignment& a : event.assignments) {
            numbers({static_cast<std::int64_t>(a.kind), a.entry, a.population, a.value});
            for (const std::int32_t substate : a.substates) number(substate);
        }
    }
    return hasher.hex();
}

const Model::Attribute* Model::attribute(std::string_view part, std::string_view name) const {
    for (const Attribute& a : attributes)
        if (a.part == part && a.name == name) return &a;
    return nullptr;
}

const ParameterInfo* Model::parameter(std::string_view name) const {
    for (const ParameterInfo& p : parameters)
        if (p.name == name) return &p;
    return nullptr;
}

const ParameterInfo* Model::any_parameter(std::string_view name) const {
    if (const ParameterInfo* found = parameter(name)) return found;
    for (const ParameterInfo& p : absent)
        if (p.name == name) return &p;
    return nullptr;
}

std::string Model::why_absent(std::string_view name) const {
    const std::string_view first = name.substr(0, name.find('.'));
    for (const Need& need : needs) {
        if (!need.left_out || need.part != first) continue;
        const std::string why = need.value == 0.0 ? " is 0" : " is of no part of this model";
        return "`" + need.part + "` is left out, since `" + need.parameter + "`" + why;
    }
    return {};
}

bool Model::other_parts(const std::vector<SettingSpec>& settings) const {
    return std::any_of(needs.begin(), needs.end(), [&](const Need& need) {
        double value = need.value;
        for (const SettingSpec& setting : settings)
            if (setting.name == need.parameter) value = setting.value.value;
        return (value == 0.0) != (need.value == 0.0);
    });
}

Parameters default_parameters(const Model& model) {
    Parameters out;
    for (const ParameterInfo& p : model.parameters) {
        out.ones.push_back(p.value);
        out.lanes.emplace_back(p.extent == Extent::lanes ? static_cast<std::size_t>(model.zones) : 0, p.value);
    }
    return out;
}

Parameters set_parameters(const Model& model, Parameters base, const std::vector<SettingSpec>& settings) {
    for (const SettingSpec& setting : settings)
        for (std::size_t i = 0; i < model.parameters.size(); ++i)
            if (model.parameters[i].name == setting.name) {
                std::vector<Problem> problems;
                const auto value = value_of(setting, model.parameters[i], problems);
                if (!value) throw SpecError(std::move(problems));
                base.ones[i] = *value;
                std::fill(base.lanes[i].begin(), base.lanes[i].end(), *value);
            }
    return base;
}

}  // namespace lobule
