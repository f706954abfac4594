#include "io/varied.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "io/files.hpp"

namespace lobule::io {

namespace fs = std::filesystem;

namespace {

struct Reader {
    const std::vector<VariedCase>& cases;
    std::vector<Problem>& problems;
    std::vector<std::string> names{};

    void fault(const Node& node, std::string what, std::string nearest = {}) const {
        problems.push_back({node.where, std::move(what), std::move(nearest)});
    }

    std::optional<VariedParameter> read(const Node& node) const {
        const Node& name = *node.find("name");
        VariedParameter out;
        const ParameterInfo* info = nullptr;
        for (const VariedCase& one : cases)
            for (std::size_t i = 0; i < one.model->parameters.size() && info == nullptr; ++i)
                if (one.model->parameters[i].name == name.text) {
                    info = &one.model->parameters[i];
                    out.present = info->extent == Extent::one ? one.base.ones[i] : one.base.lanes[i].front();
                }
        for (const VariedCase& one : cases)
            if (const std::string why = one.model->why_absent(name.text); info == nullptr && !why.empty()) {
                fault(name, why + " in the scenario `" + one.name + "`");
                return std::nullopt;
            }
        if (info != nullptr && !info->choices.empty()) {
            fault(name, "`" + name.text + "` is one of several names, not a number: it can be set, not varied");
            return std::nullopt;
        }
        if (info == nullptr) {
            fault(name, "no parameter `" + name.text + "` in this model", nearest_name(name.text, names));
            return std::nullopt;
        }
        out = declared_parameter(*info, out.present);
        const Node* between = node.find("between");
        if (between == nullptr && !info->range) {
            fault(name, "`" + name.text + "` declares no range: give `between`");
            return std::nullopt;
        }
        if (between != nullptr && !read_bounds(*between, info->dimension, out.bounded)) return std::nullopt;
        if (!(out.bounded.low < out.bounded.high)) {
            fault(between != nullptr ? *between : name, "the lower bound is not below the upper one");
            return std::nullopt;
        }
        const Node* scale = node.find("scale");
        const bool wide = study::usual_scale(out.bounded.low, out.bounded.high) == study::Scale::logarithmic;
        const std::string chosen = scale != nullptr ? scale->text : wide ? "log" : "linear";
        const std::vector<std::string> scales{"linear", "log"};
        if (std::find(scales.begin(), scales.end(), chosen) == scales.end()) {
            fault(*scale, "unknown scale `" + chosen + "`", nearest_name(chosen, scales));
            return std::nullopt;
        }
        if (chosen == "log" && !(out.bounded.low > 0.0)) {
            fault(*scale, "a logarithmic scale needs bounds above 0");
            return std::nullopt;
        }
        out.bounded.scale = chosen == "log" ? study::Scale::logarithmic : study::Scale::linear;
        return out;
    }

    bool read_bounds(const Node& between, const Dimension& dimension, study::Bounded& out) const {
        double* const ends[] = {&out.low, &out.high};
        bool sound = true;
        for (std::size_t i = 0; i < 2; ++i) try {
                const Quantity q = parse_quantity(between.items[i].text);
                if (q.dimension != dimension) {
                    fault(between.items[i],
                          fmt::format("has the dimension {}, not {}", to_string(q.dimension), to_string(dimension)));
                    sound = false;
                }
                *ends[i] = q.value;
            } catch (const UnitError& error) {
                fault(between.items[i], error.what(), error.nearest());
                sound = false;
            }
        return sound;
    }
};

}  // namespace

VariedParameter declared_parameter(const ParameterInfo& info, double present) {
    VariedParameter out;
    out.bounded.name = info.name;
    out.dimension = info.dimension;
    out.about = info.about;
    out.present = present;
    try {
        out.factor = parse_unit(info.unit).factor;
        out.unit = info.unit;
    } catch (const UnitError&) {
        out.unit = to_string(info.dimension);
    }
    if (info.range) {
        out.bounded.low = info.range->first;
        out.bounded.high = info.range->second;
        out.bounded.scale = study::usual_scale(out.bounded.low, out.bounded.high);
    }
    return out;
}

std::string VariedParameter::text(double value) const {
    return fmt::format("{}{}{}", written(value), unit.empty() || unit == "1" ? "" : " ",
                       unit.empty() || unit == "1" ? "" : unit);
}

std::string VariedParameter::set_option(double value) const {
    return "--set " + shell_word(bounded.name + "=" + text(value));
}

std::vector<study::Bounded> box_of(const std::vector<VariedParameter>& parameters) {
    std::vector<study::Bounded> out;
    for (const VariedParameter& p : parameters) out.push_back(p.bounded);
    return out;
}

Word varied_word(std::string_view used_in) {
    using enum ValueType;
    return {"parameter",
            Word::Form::array,
            used_in,
            "A parameter that is changed.",
            {{"name", text, true, "part.parameter"},
             {"between", range, false, "its bounds (default: the range that its part declares)"},
             {"scale", text, false,
              "linear or log (default: log where the bounds are a factor of 10 or more apart and above 0)"}}};
}

std::vector<VariedParameter> read_varied(const Node& root, const std::vector<VariedCase>& cases,
                                         std::vector<Problem>& problems) {
    std::vector<VariedParameter> out;
    Reader reader{cases, problems};
    for (const VariedCase& one : cases)
        for (const ParameterInfo& p : one.model->parameters) reader.names.push_back(p.name);
    const Node* list = root.find("parameter");
    if (list == nullptr || list->kind != Node::Kind::array) {
        reader.fault(list == nullptr ? root : *list, "write `[[parameter]]`: one for each parameter that is changed");
        return out;
    }
    const Word word = varied_word("");
    for (const Node& node : list->items) {
        const auto before = problems.size();
        check_table(node, word, problems);
        if (problems.size() != before) continue;
        auto parameter = reader.read(node);
        if (!parameter) continue;
        if (std::any_of(out.begin(), out.end(),
                        [&](const VariedParameter& p) { return p.bounded.name == parameter->bounded.name; }))
            reader.fault(*node.find("name"), "`" + parameter->bounded.name + "` is given twice");
        else
            out.push_back(std::move(*parameter));
    }
    return out;
}

SimulationOptions varied_options(const VariedCase& subject) {
    SimulationOptions how;
    how.ode = subject.ode;
    how.most_steps = k_most_steps_varied;
    return how;
}

double reach_of(const std::vector<Measure>& measures, const VariedCase& subject) {
    double last = 0.0;
    for (const Measure& m : measures) {
        const bool at = m.kind == "value_at" || m.kind == "fold";
        last = std::max(last, at ? m.at : std::min(m.until, subject.until));
    }
    return std::min(subject.until, last + subject.model->spec.output);
}

void add_measure(Hasher& hasher, const Measure& m) {
    hasher.add(m.kind);
    hasher.add(std::uint64_t{m.probe});
    hasher.add(std::uint64_t{m.over.value_or(m.probe)});
    hasher.add(std::uint64_t{m.behind.value_or(m.probe)});
    for (const double v : {m.at, m.from, m.until, m.level, m.factor}) hasher.add(v);
}

Parameters varied_parameters(const VariedCase& subject, const std::vector<VariedParameter>& parameters,
                             std::span<const double> values) {
    std::vector<SettingSpec> settings;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        settings.push_back({parameters[i].bounded.name, {values[i], parameters[i].dimension}, {}});
    return set_parameters(*subject.model, subject.base, settings);
}

fs::path find_varied(const fs::path& shipped, const std::string& name, const std::string& file) {
    const fs::path given = fs::path(name).has_parent_path() ? fs::path(name) : fs::path(".") / name;
    if (given.extension() == ".toml" && fs::is_regular_file(given)) return given;
    if (fs::is_directory(given) && fs::exists(given / file)) return given / file;
    if (name.find('/') == std::string::npos && fs::exists(shipped / name / file)) return shipped / name / file;
    std::vector<std::string> known;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(shipped, error))
        if (fs::exists(entry.path() / file)) known.push_back(entry.path().filename().string());
    std::sort(known.begin(), known.end());
    throw SpecError(Where{name, 0, 0, {}},
                    fmt::format("neither a folder with {}, nor a .toml file, nor the name of a shipped one", file),
                    nearest_name(name, known));
}

fs::path find_scenario_of(const Project& project, const fs::path& file, const std::string& name, const Where& where) {
    const fs::path beside = file.parent_path() / name;
    if (fs::is_directory(beside) && fs::exists(beside / "scenario.toml"))
        return fs::absolute(beside / "scenario.toml").lexically_normal();
    if (beside.extension() == ".toml" && fs::is_regular_file(beside)) return fs::absolute(beside).lexically_normal();
    try {
        return fs::absolute(find_scenario(project, name)).lexically_normal();
    } catch (const SpecError& error) {
        throw SpecError(where, fmt::format("`{}`: {}", name, error.problems().front().what),
                        error.problems().front().nearest);
    }
}

}  // namespace lobule::io
