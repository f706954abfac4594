// What parts and scenarios have in common: start values, parameters and events.
#include <algorithm>

#include "base/text.hpp"
#include "model/part.hpp"

namespace lobule {

namespace {

/// "109 per 1000 hepatocyte" as the law "109/1000 * hepatocyte"; anything else unchanged.
std::string expand_per(const std::string& text) {
    const auto words = split(text, ' ');
    std::vector<std::string> kept;
    for (const std::string& word : words)
        if (!word.empty()) kept.push_back(word);
    if (kept.size() == 4 && kept[1] == "per") return kept[0] + " / " + kept[2] + " * " + kept[3];
    return text;
}

}  // namespace

StartSpec read_start(const Node& table, std::string_view key) {
    StartSpec start;
    const Node* node = table.find(key);
    if (node == nullptr) return start;
    start.given = true;
    try {
        start.quantity = parse_quantity(node->text);
    } catch (const UnitError&) {
        start.law.text = expand_per(node->text);
    }
    start.law.where = node->where;
    return start;
}

void check_law(const LawText& law, std::vector<Problem>& problems) {
    try {
        law_names(law);
    } catch (const SpecError& error) {
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
}

void check_start(const StartSpec& start, std::vector<Problem>& problems) {
    if (!start.given || start.quantity) return;
    const auto before = problems.size();
    check_law(start.law, problems);
    if (problems.size() == before) return;
    try {
        parse_quantity(start.law.text);
    } catch (const UnitError& error) {
        // "4 kPaa" is no law either, but meant as a quantity.
        if (!std::string_view(error.what()).starts_with("unknown unit")) return;
        Where where = start.law.where;
        where.column += 1 + static_cast<int>(error.offset());
        problems.resize(before);
        problems.push_back({where, error.what(), error.nearest()});
    }
}

namespace {

/// One of several names: their number stands in the place of a quantity.
void read_choice(const Node& entry, const Node& choices, ParameterSpec& parameter, std::vector<Problem>& problems) {
    const auto fault = [&](const Where& where, std::string what, std::string nearest = {}) {
        problems.push_back({where, std::move(what), std::move(nearest)});
    };
    const bool one = choices.kind == Node::Kind::text;
    for (const Node& item : one ? std::vector<Node>{choices} : choices.items) {
        if (!is_snake_case(item.text)) fault(item.where, "`" + item.text + "` is not a name: [a-z][a-z0-9_]*");
        if (std::find(parameter.choices.begin(), parameter.choices.end(), item.text) != parameter.choices.end())
            fault(item.where, "the choice `" + item.text + "` is named twice");
        parameter.choices.push_back(item.text);
    }
    if (parameter.choices.size() < 2) fault(choices.where, "`choices` are two names or more");
    if (parameter.kind() == SourceKind::balance || parameter.kind() == SourceKind::fitted)
        fault(entry.find("source")->where,
              "one of several names is neither balanced nor fitted: `" + parameter.name + "` has another source");
    for (const char* key : {"unit", "range", "keeps"})
        if (const Node* given = entry.find(key))
            fault(given->where, "`" + parameter.name + "` is one of several names and has no `" + key + "`");
    parameter.value = Quantity{};
    parameter.unit.assign(1, '1');  // dimensionless
    const Node* value = entry.find("value");
    if (value == nullptr) return fault(entry.where, "`" + parameter.name + "` needs a `value`: one of its choices");
    parameter.choice = value->text;
    const auto found = std::find(parameter.choices.begin(), parameter.choices.end(), value->text);
    if (found == parameter.choices.end())
        return fault(value->where, "`" + parameter.name + "` has no choice `" + value->text + "`",
                     nearest_name(value->text, parameter.choices));
    parameter.value->value = static_cast<double>(found - parameter.choices.begin());
}

}  // namespace

void read_parameters(const Node& table, std::string_view word, std::vector<ParameterSpec>& out,
                     std::vector<Problem>& problems) {
    const auto quantity = [&](const Node& node) -> std::optional<Quantity> {
        try {
            return parse_quantity(node.text);
        } catch (const UnitError& error) {
            Where place = node.where;
            if (place.column > 0) place.column += 1 + static_cast<int>(error.offset());
            problems.push_back({place, error.what(), error.nearest()});
            return std::nullopt;
        }
    };
    const auto text = [](const Node& entry, std::string_view key) {
        const Node* node = entry.find(key);
        return node == nullptr ? std::string{} : node->text;
    };
    for (const auto& [name, entry] : table.members) {
        ParameterSpec parameter;
        parameter.name = name;
        parameter.where = entry.where;
        parameter.source = text(entry, "source");
        parameter.keeps = text(entry, "keeps");
        parameter.about = text(entry, "about");
        const bool balance = parameter.kind() == SourceKind::balance;
        const Node* value = entry.find("value");
        if (const Node* choices = entry.find("choices")) {
            read_choice(entry, *choices, parameter, problems);
            out.push_back(std::move(parameter));
            continue;
        }
        // Of another part's parameter, which knows whether it has such a choice.
        if (word == "override" && value != nullptr && is_snake_case(value->text)) {
            parameter.choice = value->text;
            out.push_back(std::move(parameter));
            continue;
        }
        if (balance && value != nullptr)
            problems.push_back({value->where, "a balanced parameter has no value of its own: give `unit` instead", {}});
        if (!balance && value == nullptr)
            problems.push_back(
                {entry.where, "`" + name + "` needs a `value` (only source = \"balance\" has none)", {}});
        if (balance) {
            const Node* written = entry.find("unit");
            if (written == nullptr)
                problems.push_back({entry.where, "a balanced parameter needs `unit`, \"1\" for a pure number", {}});
            try {
                const Unit unit = parse_unit(text(entry, "unit"));
                parameter.unit = unit.text;
                parameter.range = {{0.0, unit.dimension}, {0.0, unit.dimension}};  // carries the dimension only
                parameter.value.reset();
            } catch (const UnitError& error) {
                Where place = written->where;
                place.column += 1 + static_cast<int>(error.offset());
                problems.push_back({place, error.what(), error.nearest()});
            }
            out.push_back(std::move(parameter));
            continue;
        }
        if (value != nullptr) {
            parameter.value = quantity(*value);
            const auto space = value->text.find_first_of(" \t");
            parameter.unit =
                space == std::string::npos ? "1" : std::string(trim(std::string_view(value->text).substr(space)));
        }
        if (const Node* range = entry.find("range")) {
            const auto low = quantity(range->items[0]);
            const auto high = quantity(range->items[1]);
            if (low && high && parameter.value) {
                if (low->dimension != parameter.value->dimension || high->dimension != parameter.value->dimension)
                    problems.push_back(
                        {range->where, "the range of `" + name + "` has another dimension than its value", {}});
                else if (!(low->value <= parameter.value->value && parameter.value->value <= high->value))
                    problems.push_back({range->where, "the value of `" + name + "` lies outside its range", {}});
                parameter.range = {*low, *high};
            }
        } else if (word == "parameters" &&
                   (parameter.kind() == SourceKind::assumed || parameter.kind() == SourceKind::fitted)) {
            problems.push_back({entry.where,
                                "`" + name + "` is " +
                                    (parameter.kind() == SourceKind::assumed ? "assumed" : "fitted") +
                                    ": it needs a `range`",
                                {}});
        }
        out.push_back(std::move(parameter));
    }
}

EventSpec read_event(const Node& node, std::vector<Problem>& problems) {
    EventSpec event;
    event.where = node.where;
    event.at = read_start(node, "at");
    event.every = read_start(node, "every");
    event.until = read_start(node, "until");
    for (const StartSpec* time : {&event.at, &event.every, &event.until}) check_start(*time, problems);
    if (event.at.quantity && event.at.quantity->value < 0.0)
        problems.push_back({event.at.law.where, "`at` must not be negative", {}});
    if (event.every.quantity && !(event.every.quantity->value > 0.0))
        problems.push_back({event.every.law.where, "`every` must be positive", {}});
    if (const Node* when = node.find("when")) {
        event.when = LawText{when->text, when->where};
        check_law(*event.when, problems);
    }
    if (event.at.given == event.when.has_value())
        problems.push_back({node.where, "an event has either `at` or `when`", {}});
    if (!event.at.given && event.every.given) problems.push_back({node.where, "`every` needs `at`", {}});
    if (event.until.given && !event.every.given) problems.push_back({node.where, "`until` needs `every`", {}});
    if (const Node* about = node.find("about")) event.about = about->text;
    if (const Node* set = node.find("set"))
        for (const auto& [target, law] : set->members) {
            event.set.emplace_back(target, LawText{law.text, law.where});
            check_law(event.set.back().second, problems);
        }
    return event;
}

}  // namespace lobule
