#include "table_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace lobule::io {

namespace {

struct Kind {
    std::string_view name;
    bool time, level, at;  // its result is a time; it needs `level`; it needs `at`
};
constexpr Kind k_kinds[] = {{"maximum", false, false, false},        {"minimum", false, false, false},
                            {"time_of_maximum", true, false, false}, {"time_of_minimum", true, false, false},
                            {"value_at", false, false, true},        {"fold", false, false, true},
                            {"final", false, false, false},          {"first_above", true, true, false},
                            {"first_below", true, true, false}};

}  // namespace

const std::vector<std::string>& measure_kinds() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> out;
        for (const Kind& kind : k_kinds) out.emplace_back(kind.name);
        return out;
    }();
    return names;
}

TableReader::TableReader(const Model& model, const std::vector<Word>& words, std::vector<Problem>& problems)
    : model_(model), words_(words), problems_(problems) {
    for (const ModelProbe& probe : model.run.probes) probe_names_.push_back(probe.name);
    for (const auto* list : {&model.parameters, &model.absent})
        for (const ParameterInfo& parameter : *list) parameter_names_.push_back(parameter.name);
}

void TableReader::check_top(const Node& root, std::string_view file) {
    std::vector<std::string> names;
    for (const Word& word : words_) names.emplace_back(word.name);
    for (const auto& [name, node] : root.members)
        if (std::find(names.begin(), names.end(), name) == names.end())
            fault(node, fmt::format("unknown word `{}` in {}", name, file), nearest_name(name, names));
}

void TableReader::fault(const Node& node, std::string what, std::string nearest) {
    problems_.push_back({node.where, std::move(what), std::move(nearest)});
}

bool TableReader::sound(const Node& node, std::string_view word) {
    const auto before = problems_.size();
    for (const Word& known : words_)
        if (known.name == word) check_table(node, known, problems_);
    return problems_.size() == before;
}

std::string TableReader::text(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    return found == nullptr ? std::string() : found->text;
}

std::vector<const Node*> TableReader::list(const Node& node, std::string_view key) {
    std::vector<const Node*> out;
    const Node* found = node.find(key);
    if (found == nullptr) return out;
    if (found->kind == Node::Kind::text) out.push_back(found);
    for (const Node& item : found->items) out.push_back(&item);
    return out;
}

std::optional<std::size_t> TableReader::position(const Node& node, const std::vector<std::string>& names,
                                                 std::string_view what) {
    const auto found = std::find(names.begin(), names.end(), node.text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    fault(node, fmt::format("unknown {} `{}`", what, node.text), nearest_name(node.text, names));
    return std::nullopt;
}

std::string TableReader::choice(const Node& node, std::string_view key, const std::vector<std::string>& names,
                                std::string fallback) {
    const Node* found = node.find(key);
    if (found == nullptr) return fallback;
    return position(*found, names, key) ? found->text : fallback;
}

std::optional<std::size_t> TableReader::probe(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    return found == nullptr || is_absent_probe(*found) ? std::nullopt : position(*found, probe_names_, "probe");
}

bool TableReader::left_out_by_settings() const {
    return std::all_of(model_.needs.begin(), model_.needs.end(),
                       [](const Need& need) { return !need.left_out || need.by_settings; });
}

bool TableReader::is_absent_probe(const Node& node) {
    const auto& absent = model_.absent_probes;
    if (std::find(absent.begin(), absent.end(), node.text) == absent.end()) return false;
    if (!left_out_by_settings())
        fault(node,
              "the part of the probe `" + node.text +
                  "` is left out of this scenario: let the scenario have it, and give a variant 0 of what it needs");
    return true;
}

std::optional<Quantity> TableReader::quantity(const Node& node) {
    try {
        return parse_quantity(node.text);
    } catch (const UnitError& error) {
        fault(node, error.what(), error.nearest());
        return std::nullopt;
    }
}
/// A value in units of `factor`.

std::optional<double> TableReader::value(const Node& node, const Dimension& dimension, double factor) {
    const auto q = quantity(node);
    if (!q) return std::nullopt;
    if (q->dimension != dimension) {
        fault(node, fmt::format("has the dimension {}, not {}", to_string(q->dimension), to_string(dimension)));
        return std::nullopt;
    }
    return q->value / factor;
}

std::optional<double> TableReader::value(const Node& node, std::string_view key, const Dimension& dimension,
                                         double factor) {
    const Node* found = node.find(key);
    return found == nullptr ? std::nullopt : value(*found, dimension, factor);
}

std::optional<double> TableReader::time(const Node& node, std::string_view key) {
    return value(node, key, Dimension::of(Dimension::time), 1.0);
}
/// The unit of observed numbers: the key `unit`, else the printed one.

std::optional<Unit> TableReader::observed_unit(const Node& node, const std::string& printed) {
    const Node* given = node.find("unit");
    try {
        return parse_unit(given != nullptr ? given->text : printed);
    } catch (const UnitError& error) {
        if (given != nullptr)
            fault(*given, error.what(), error.nearest());
        else
            fault(node, "the printed unit `" + printed + "` is not a unit: state it with `unit`");
        return std::nullopt;
    }
}

void TableReader::setting(const std::string& name, const Node& given, std::vector<SettingSpec>& out,
                          std::string& written) {
    const auto known = std::find(parameter_names_.begin(), parameter_names_.end(), name);
    if (known == parameter_names_.end())
        return fault(given, "no parameter `" + name + "` in this model", nearest_name(name, parameter_names_));
    const ParameterInfo& info = *model_.any_parameter(name);
    if (info.choices.empty()) {
        const auto inside = value(given, info.dimension, 1.0);
        if (!inside) return;
        // A range says what is plausible; a knock-out is meant to leave it.
        out.push_back({name, {*inside, info.dimension}, given.where});
    } else {
        SettingSpec chosen{name, {}, given.where, given.text};
        const auto number = value_of(chosen, info, problems_);
        if (!number) return;
        chosen.value.value = *number;
        out.push_back(std::move(chosen));
    }
    written += (written.empty() ? "" : ", ") + name + " = " + given.text;
}

void TableReader::need_same_parts(const std::vector<SettingSpec>& settings) {
    for (const SettingSpec& setting : settings)
        if (model_.other_parts({setting}))
            problems_.push_back({setting.where,
                                 "`" + setting.name +
                                     "` says which parts there are, and these runs share one model: a variant in "
                                     "expect.toml may set it",
                                 {}});
}

std::optional<Measure> TableReader::read_measure_keys(const Node& node, std::optional<double> default_at) {
    const auto before = problems_.size();
    Measure m;
    const auto p = probe(node, "probe");
    m.over = probe(node, "over");
    m.behind = probe(node, "behind");
    const auto kind_at = position(*node.find("kind"), measure_kinds(), "kind");
    if (!p || !kind_at || (node.find("over") != nullptr && !m.over) || (node.find("behind") != nullptr && !m.behind))
        return std::nullopt;
    m.probe = *p;
    const Kind& kind = k_kinds[*kind_at];
    m.kind = kind.name;
    const ModelProbe& top = model_.run.probes[m.probe];
    Dimension dimension = parse_unit(top.unit).dimension;
    double factor = top.factor;  // inside units of the curve's unit
    std::string unit = top.unit;
    if (m.over) {
        const ModelProbe& below = model_.run.probes[*m.over];
        dimension = dimension / parse_unit(below.unit).dimension;
        factor /= below.factor;
        unit = to_string(dimension);
    }
    if (kind.level != (node.find("level") != nullptr))
        fault(node, fmt::format("`{}` {} `level`", m.kind, kind.level ? "needs" : "has no"));
    if (kind.at != (node.find("at") != nullptr) && !(kind.at && default_at))
        fault(node, fmt::format("`{}` {} `at`", m.kind, kind.at ? "needs" : "has no"));
    if (m.behind && !kind.time) fault(node, "only a time can be `behind` another");
    m.level = value(node, "level", dimension, factor).value_or(0.0);
    m.at = time(node, "at").value_or(default_at.value_or(0.0));
    m.from = time(node, "from").value_or(0.0);
    m.until = time(node, "until").value_or(m.until);
    const bool ratio = node.find("against") != nullptr;
    if (ratio || kind.time || m.kind == "fold") {
        const bool time = kind.time && !ratio;
        dimension = time ? Dimension::of(Dimension::time) : Dimension{};
        factor = 1.0;
        unit = time ? "h" : "1";
    }
    m.unit = unit;
    m.factor = 1.0;
    double result_factor = factor;
    if (const Node* given = node.find("unit")) {
        if (const auto stated = observed_unit(node, {})) {
            if (stated->dimension != dimension)
                fault(*given, fmt::format("has the dimension {}, the result {}", to_string(stated->dimension),
                                          to_string(dimension)));
            m.unit = given->text;
            m.factor = result_factor / stated->factor;
            result_factor = stated->factor;
        }
    } else if (m.over && m.kind != "fold" && !kind.time && !ratio) {
        m.factor = factor;  // a ratio is shown in inside units
        result_factor = 1.0;
    }
    result_dimension_ = dimension;
    result_factor_ = result_factor;
    if (problems_.size() != before) return std::nullopt;
    return m;
}

}  // namespace lobule::io
