// scenario.resolved.toml: one line a parameter, so that two runs can be compared with any text tool.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "provenance.hpp"

namespace lobule::io {

namespace {

std::string toml_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (c == '\n')
            out += "\\n";
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
}

std::string toml_list(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + toml_text(text);
    return "[" + out + "]";
}

/// `number` rounded to some digits, without an exponent where that is short enough.
std::string with_unit(double number, int digits, const std::string& unit) {
    const double rounded = std::strtod(fmt::format("{:.{}e}", number, digits - 1).c_str(), nullptr);
    return unit.empty() || unit == "1" ? fmt::format("{}", rounded) : fmt::format("{} {}", rounded, unit);
}

/// In the unit it was written in, with as few digits as read back to the same bits; in inside units when none do.
std::string quantity_text(double value, const std::string& written_unit, const Dimension& dimension) {
    try {
        const Unit unit = parse_unit(written_unit);
        const bool fits = unit.dimension == dimension || unit.dimension == dimension * Dimension::of(Dimension::cell);
        for (int digits = 1; fits && digits <= 17; ++digits) {
            std::string text = with_unit(value / unit.factor, digits, written_unit);
            if (parse_quantity(text).value == value) return text;
        }
    } catch (const UnitError&) {
        // A balanced parameter may be declared without a unit.
    }
    const std::string inside = to_string(dimension);
    for (int digits = 1; digits < 17; ++digits)
        if (std::string text = with_unit(value, digits, inside); parse_quantity(text).value == value) return text;
    return with_unit(value, 17, inside);
}

std::string quantity_text(const Quantity& quantity) {
    return quantity_text(quantity.value, to_string(quantity.dimension), quantity.dimension);
}

/// As it is written in a file of its part or in `set`.
std::string value_text(double value, const ParameterInfo& info) {
    return info.choices.empty() ? quantity_text(value, info.unit, info.dimension) : info.choice(value);
}

std::string hours(double value) { return toml_text(quantity_text(value, "h", Dimension::of(Dimension::time))); }

std::string micrometres(double value) {
    return toml_text(quantity_text(value, "um", Dimension::of(Dimension::length)));
}

std::string start_text(const StartSpec& start) {
    return toml_text(start.quantity ? quantity_text(*start.quantity) : start.law.text);
}

void add_event(std::string& out, const EventSpec& event) {
    out += "\n[[event]]\n";
    if (!event.about.empty()) out += fmt::format("about = {}\n", toml_text(event.about));
    if (event.at.given) out += fmt::format("at = {}\n", start_text(event.at));
    if (event.every.given) out += fmt::format("every = {}\n", start_text(event.every));
    if (event.until.given) out += fmt::format("until = {}\n", start_text(event.until));
    if (event.when) out += fmt::format("when = {}\n", toml_text(event.when->text));
    if (event.set.empty()) return;
    std::string set;
    for (const auto& [target, law] : event.set)
        set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", toml_text(target), toml_text(law.text));
    out += fmt::format("set = {{ {} }}\n", set);
}

}  // namespace

std::string resolved_scenario(const RunRequest& request, const RunSubject& subject) {
    const Model& model = subject.model;
    const Spec& spec = model.spec;
    std::map<std::string, std::string, std::less<>> changed_by;  // the last one counts
    std::map<std::string, std::string, std::less<>> set;
    const auto add_setting = [&](const SettingSpec& setting, const std::string& by) {
        const ParameterInfo* info = model.any_parameter(setting.name);
        changed_by[setting.name] = by;
        set[setting.name] =
            !setting.choice.empty()
                ? setting.choice
                : quantity_text(setting.value.value, info == nullptr ? "" : info->unit, setting.value.dimension);
    };
    for (const SettingSpec& setting : spec.settings) add_setting(setting, "scenario");
    for (const std::string& text : request.settings) add_setting(read_setting(text), "command line");

    std::string out =
        "# The scenario as it was run: every default filled in, every parameter with its final value.\n\n[scenario]\n";
    out += fmt::format("about = {}\n", toml_text(spec.about));
    if (!spec.species.empty()) out += fmt::format("species = {}\n", toml_text(spec.species));
    // A part that is left out is named: with these settings it is left out again.
    std::vector<std::string> parts = model.part_names, left_out;
    for (const Need& need : model.needs)
        if (need.left_out) left_out.push_back(need.part);
    parts.insert(parts.end(), left_out.begin(), left_out.end());
    std::sort(parts.begin(), parts.end());
    out += fmt::format("parts = {}\n", toml_list(parts));
    out += fmt::format("duration = {}\noutput = {}\nepoch = {}\n", hours(spec.duration), hours(request.output),
                       hours(spec.epoch));
    out += fmt::format("zones = {}\nrelative_tolerance = {}\nstep = {}\nsample = {}\n", model.zones,
                       toml_text(quantity_text(spec.relative_tolerance, "", {})),
                       hours(request.step > 0.0 ? request.step : spec.step),
                       toml_text(quantity_text(request.sample > 0.0 ? request.sample : spec.sample, "", {})));
    out += fmt::format("columns = {}\nrows = {}\nthickness = {}\nvoxel = {}\ntracts = {}\n", spec.columns, spec.rows,
                       micrometres(spec.thickness), micrometres(spec.voxel),
                       toml_text(quantity_text(spec.tracts, "", {})));
    if (!set.empty()) out += "\n[set]\n";
    for (const auto& [name, value] : set) out += fmt::format("{} = {}\n", toml_text(name), toml_text(value));
    for (const EventSpec& event : spec.events) add_event(out, event);

    out += fmt::format("\n[resolved]\nresolution = {}\nseed = {}\n", toml_text(request.resolution),
                       toml_text(std::to_string(request.seed)));
    if (!left_out.empty()) out += fmt::format("left_out = {}\n", toml_list(left_out));
    out += "\n[resolved.parameters]\n";
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        const ParameterInfo& info = model.parameters[i];
        const auto by = changed_by.find(info.name);
        const std::string origin = by != changed_by.end() ? by->second : info.set_by.empty() ? "part" : info.set_by;
        std::string value;
        if (info.extent == Extent::one) {
            value = toml_text(value_text(subject.parameters.ones[i], info));
        } else {
            std::vector<std::string> zones;
            for (const double zone : subject.parameters.lanes[i])
                zones.push_back(quantity_text(zone, info.unit, info.dimension));
            value = toml_list(zones);
        }
        out += fmt::format("{} = {{ value = {}, source = {}, origin = {} }}\n", toml_text(info.name), value,
                           toml_text(info.source), toml_text(origin));
    }
    return out;
}

}  // namespace lobule::io
