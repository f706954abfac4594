#include "settings.hpp"

#include <algorithm>
#include <sstream>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace lobule {

namespace {

std::string in_unit(const ParameterInfo& info, double value) {
    std::ostringstream text;
    text << value / parse_unit(info.unit).factor;
    return info.unit == "1" ? text.str() : text.str() + " " + info.unit;
}

std::string names_of(const ParameterInfo& info) {
    std::string out;
    for (const std::string& name : info.choices) out += (out.empty() ? "" : ", ") + name;
    return out;
}

bool fits(const Dimension& given, const Dimension& wanted) {
    return given == wanted || given == wanted * Dimension::of(Dimension::cell);
}

}  // namespace

const std::string& ParameterInfo::choice(double number) const {
    const auto at = static_cast<std::size_t>(number);
    LOBULE_ASSERT(number >= 0.0 && at < choices.size(), name, number, choices.size());
    return choices[at];
}

std::optional<double> value_of(const SettingSpec& setting, const ParameterInfo& info, std::vector<Problem>& problems) {
    if (info.choices.empty() && setting.choice.empty()) return setting.value.value;
    if (info.choices.empty()) {  // no quantity, then: as it is said of all of them
        try {
            parse_quantity(setting.choice);
        } catch (const UnitError& error) {
            Where where = setting.where;
            if (where.column > 0) where.column += 1 + static_cast<int>(error.offset());
            problems.push_back({where, error.what(), error.nearest()});
        }
        return std::nullopt;
    }
    const auto found = std::find(info.choices.begin(), info.choices.end(), setting.choice);
    if (found != info.choices.end()) return static_cast<double>(found - info.choices.begin());
    if (setting.choice.empty())
        problems.push_back(
            {setting.where, "`" + info.name + "` is a name, not a quantity: one of " + names_of(info), {}});
    else if (const std::string nearest = nearest_name(setting.choice, info.choices); !nearest.empty())
        problems.push_back({setting.where, "`" + info.name + "` has no choice `" + setting.choice + "`", nearest});
    else
        problems.push_back(
            {setting.where,
             "`" + info.name + "` has no choice `" + setting.choice + "`: it is one of " + names_of(info),
             {}});
    return std::nullopt;
}

ParameterInfo declared_parameter(const Part& part, const std::string& owner, const ParameterSpec& spec) {
    ParameterInfo info;
    info.name = owner + "." + spec.name;
    const bool balance = spec.kind() == SourceKind::balance;
    const bool by_zone = (part.kind == PartKind::cell && !part.in_body()) || part.kind == PartKind::matrix;
    info.extent = balance && by_zone ? Extent::lanes : Extent::one;
    info.value = balance ? 0.0 : spec.value->value;
    info.dimension = balance ? spec.range->first.dimension : spec.value->dimension;
    info.unit = spec.unit;
    if (spec.range && !balance) info.range = {spec.range->first.value, spec.range->second.value};
    info.source = spec.source;
    info.about = spec.about;
    info.where = spec.where;
    info.choices = spec.choices;
    return info;
}

void override_parameter(ParameterInfo& info, const ParameterSpec& spec, const std::string& by,
                        std::vector<Problem>& problems) {
    if (!info.choices.empty() || !spec.choice.empty()) {
        const auto value = value_of({info.name, {}, spec.where, spec.choice}, info, problems);
        if (!value) return;
        info.value = *value;
    } else {
        if (!spec.value) return;
        if (!fits(spec.value->dimension, info.dimension)) {
            problems.push_back({spec.where,
                                "`" + spec.name + "` must have the dimension " + to_string(info.dimension) + ", not " +
                                    to_string(spec.value->dimension),
                                {}});
            return;
        }
        info.value = spec.value->value;
        info.unit = spec.unit;
    }
    if (spec.range) info.range = {spec.range->first.value, spec.range->second.value};
    info.source = spec.source;
    if (!spec.about.empty()) info.about = spec.about;
    info.set_by = by;
}

void check_setting(const SettingSpec& setting, const ParameterInfo& info, std::vector<Problem>& problems) {
    const auto value = value_of(setting, info, problems);
    if (!value || !info.choices.empty()) return;
    if (!fits(setting.value.dimension, info.dimension))
        problems.push_back({setting.where,
                            "`" + setting.name + "` must have the dimension " + to_string(info.dimension) + ", not " +
                                to_string(setting.value.dimension),
                            {}});
    else if (info.range && *value != 0.0 &&  // 0 takes something away, whatever its plausible range
             !(*value >= info.range->first && *value <= info.range->second))
        problems.push_back({setting.where,
                            "`" + setting.name + "` lies outside its range, " + in_unit(info, info.range->first) +
                                " to " + in_unit(info, info.range->second),
                            {}});
}

namespace {

/// The parameter that a part needs, of the catalogue; nothing, and the problem is noted, when it cannot be needed.
const ParameterSpec* needed(const Part& part, const Catalogue& catalogue, std::vector<Problem>& problems) {
    const auto dot = part.needs.find('.');
    const Part* owner = catalogue.find(part.needs.substr(0, dot));
    const ParameterSpec* found = owner == nullptr || dot == std::string::npos || owner->kind == PartKind::species
                                     ? nullptr
                                     : owner->parameter(part.needs.substr(dot + 1));
    const auto fault = [&](std::string what, std::string nearest = {}) {
        problems.push_back({part.needs_where, std::move(what), std::move(nearest)});
        return nullptr;
    };
    if (found == nullptr) {
        std::vector<std::string> known;
        for (const auto& [name, other] : catalogue.parts())
            for (const ParameterSpec& p : other.parameters)
                if (other.kind != PartKind::species) known.push_back(name + "." + p.name);
        return fault("no parameter is called `" + part.needs + "`", nearest_name(part.needs, known));
    }
    if (!found->choices.empty()) return fault("`" + part.needs + "` is one of several names and never 0");
    if (found->kind() == SourceKind::balance) return fault("`" + part.needs + "` is balanced and never 0");
    return found;
}

/// After the species and the settings; the last one stands.
double given_value(const std::string& name, const ParameterSpec& spec, const Given& given, bool scenario_alone) {
    double value = spec.value->value;
    if (given.species != nullptr)
        for (const ParameterSpec& changed : given.species->overrides)
            if (changed.name == name && changed.value) value = changed.value->value;
    const auto apply = [&](const std::vector<SettingSpec>& settings) {
        for (const SettingSpec& setting : settings)
            if (setting.name == name && setting.choice.empty()) value = setting.value.value;
    };
    apply(given.spec.settings);
    if (scenario_alone) return value;
    apply(given.settings);
    apply(given.spec.variant);
    return value;
}

}  // namespace

void leave_out(std::set<std::string>& chosen, const Given& given, Model& model, std::vector<Problem>& problems) {
    std::vector<double> alone;  // by need: the value in the scenario without the command line
    for (const std::string& name : chosen) {
        const Part& part = *given.catalogue.find(name);
        if (part.needs.empty()) continue;
        const ParameterSpec* spec = needed(part, given.catalogue, problems);
        if (spec == nullptr) continue;
        model.needs.push_back({name, part.needs, given_value(part.needs, *spec, given, false)});
        alone.push_back(given_value(part.needs, *spec, given, true));
    }
    if (given.spec.whole) return;
    // A part that needs another which is left out goes too, until no more do.
    const auto remaining = [&](const auto& value) {
        std::set<std::string> left = chosen;
        for (bool changed = true; changed;) {
            changed = false;
            for (std::size_t i = 0; i < model.needs.size(); ++i) {
                const Need& need = model.needs[i];
                const std::string owner = need.parameter.substr(0, need.parameter.find('.'));
                if ((value(i) != 0.0 && left.contains(owner)) || left.erase(need.part) == 0) continue;
                changed = true;
            }
        }
        return left;
    };
    const std::set<std::string> in_scenario = remaining([&](std::size_t i) { return alone[i]; });
    std::set<std::string> left = remaining([&](std::size_t i) { return model.needs[i].value; });
    for (Need& need : model.needs) {
        need.left_out = !left.contains(need.part);
        need.by_settings = need.left_out && in_scenario.contains(need.part);
        if (!need.left_out) continue;
        const Part& part = *given.catalogue.find(need.part);
        for (const ParameterSpec& spec : part.parameters)
            model.absent.push_back(declared_parameter(part, part.name, spec));
        for (const ProbeSpec& probe : part.probes)
            model.absent_probes.push_back(part.kind == PartKind::probes ? probe.name : part.name + "." + probe.name);
    }
    if (given.species != nullptr)
        for (const ParameterSpec& changed : given.species->overrides)
            for (ParameterInfo& info : model.absent)
                if (info.name == changed.name)
                    override_parameter(info, changed, "species " + given.species->name, problems);
    chosen = std::move(left);
}

}  // namespace lobule
