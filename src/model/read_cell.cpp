// [cell], [states] and what happens to a cell.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

#include "base/text.hpp"
#include "part_tables.hpp"

namespace lobule {

namespace {

constexpr std::array<std::string_view, 9> k_places = {"plate",        "sinusoid_wall", "disse", "lumen", "portal_tract",
                                                      "central_wall", "duct",          "blood", "marrow"};

}  // namespace

void CellReader::read_cell(const Node& head) {
    part_.place = text_of(head, "place");
    if (std::find(k_places.begin(), k_places.end(), part_.place) == k_places.end()) {
        const std::vector<std::string> places(k_places.begin(), k_places.end());
        fault(head.find("place")->where, "unknown place `" + part_.place + "`", nearest_name(part_.place, places));
    }
    const Node* displaced = head.find("displaced");
    part_.displaced = displaced != nullptr
                          ? displaced->boolean
                          : part_.place == "plate" || part_.place == "sinusoid_wall" || part_.place == "disse";
    if (const Node* nucleus = head.find("nucleus"); nucleus != nullptr) part_.nucleus = nucleus->boolean;
    if (const Node* classes = head.find("binucleate"); classes != nullptr && !part_.nucleus)
        fault(classes->where, "`binucleate` is for cells with nuclei: this one says `nucleus = false`");
    const Dimension length = Dimension::of(Dimension::length);
    const Dimension volume = power(length, 3);
    if ((head.find("volume") != nullptr) == (head.find("diameter") != nullptr))
        fault(head.where, "a cell needs either `volume` or `diameter`");
    sourced_parameter(head, "volume", "volume", volume);
    read_diameter(head, length, volume);
    // Volumes are per cell inside, so that laws about one cell and about populations cannot be mixed up.
    for (ParameterSpec& p : part_.parameters)
        if (p.name == "volume" && p.value) {
            p.value->dimension = volume / Dimension::of(Dimension::cell);
            if (p.range) p.range->first.dimension = p.range->second.dimension = p.value->dimension;
            if (!p.unit.ends_with("/cell")) p.unit += "/cell";
        }
    part_.compartment = text_of(head, "compartment");
    if (!part_.compartment.empty() && !part_.in_body())
        fault(head.find("compartment")->where, "`compartment` is for cells of blood and marrow");
    sourced_parameter(head, "binucleate", "binucleate_share", Dimension{});
    sourced_parameter(head, "deformability", "deformability", Dimension{});
    if (const Node* node = head.find("deformability"); node != nullptr && part_.place != "blood")
        fault(node->where, "`deformability` is for cells of blood: others do not travel in vessels");
    read_profile(head);
}

void CellReader::read_diameter(const Node& head, const Dimension& length, const Dimension& volume) {
    const Node* node = head.find("diameter");
    if (node == nullptr) return;
    const auto count = part_.parameters.size();
    sourced_parameter(head, "diameter", "volume", length);
    if (part_.parameters.size() == count || !part_.parameters.back().value) return;
    ParameterSpec& parameter = part_.parameters.back();
    const auto sphere = [&](Quantity& q) { q = {std::numbers::pi / 6.0 * q.value * q.value * q.value, volume}; };
    sphere(*parameter.value);
    if (parameter.range) {
        sphere(parameter.range->first);
        sphere(parameter.range->second);
    }
    parameter.unit = "um^3";
}

void CellReader::read_profile(const Node& head) {
    const Node* profile = head.find("profile");
    if (profile == nullptr) return;
    const Node* value = profile->find("value");
    if (value == nullptr || value->kind != Node::Kind::array || value->items.empty()) {
        fault(profile->where, "`profile` needs value = [shares from periportal to central] and source");
        return;
    }
    source_of(*profile, profile->where);
    double sum = 0.0;
    for (const Node& item : value->items) {
        if (item.kind != Node::Kind::real && item.kind != Node::Kind::integer) {
            fault(item.where, "a share must be a number");
            return;
        }
        if (!(item.real >= 0.0)) fault(item.where, "a share cannot be negative");
        part_.profile.push_back(item.real);
        sum += item.real;
    }
    if (std::abs(sum - 1.0) > 1e-9) fault(value->where, "the shares of `profile` must add up to 1");
}

void CellReader::read_cell_words(const Node& root, bool all_states) {
    all_states_ = all_states;
    if (const Node* table = root.find("states"))
        for (const auto& [name, entry] : table->members) read_state(name, entry);
    if (part_.states.empty() && all_states_) fault(part_.where, "a cell needs at least one state");
    if (const Node* table = root.find("attributes"))
        for (const auto& [name, entry] : table->members) read_attribute(name, entry);
    if (const Node* table = root.find("crowding")) read_crowding(*table);
    using Kind = CellProcessSpec::Kind;
    constexpr std::pair<std::string_view, Kind> k_words[] = {
        {"transition", Kind::transition}, {"division", Kind::division},       {"death", Kind::death},
        {"growth", Kind::growth},         {"secretion", Kind::secretion},     {"uptake", Kind::uptake},
        {"change", Kind::change},         {"deposition", Kind::deposition},   {"encounter", Kind::encounter},
        {"adhesion", Kind::adhesion},     {"recruitment", Kind::recruitment}, {"migration", Kind::migration}};
    for (const auto& [word, kind] : k_words)
        if (const Node* list = root.find(word))
            for (const Node& entry : list->items) read_process(kind, entry);
}

void CellReader::read_state(const std::string& name, const Node& entry) {
    StateSpec state{name, entry.where, {}, 1, law_of(entry, "advance"), text_of(entry, "about")};
    if (const Node* stages = entry.find("stages")) {
        if (stages->real >= 1.0 && stages->real <= 64.0)
            state.stages = static_cast<int>(stages->real);
        else
            fault(stages->where, "`stages` must be between 1 and 64");
    }
    if (state.stages > 1 && entry.find("advance") == nullptr)
        fault(entry.where, "a state with stages needs `advance`, the rate from one stage to the next");
    if (entry.find("advance") != nullptr && (entry.find("stages") == nullptr || entry.find("stages")->real == 1.0))
        fault(entry.find("advance")->where, "`advance` has no meaning for a state with one stage");
    check_free(name, "a state", entry.where);
    state.start = start_of(entry, "start");
    state.start.source = text_of(entry, "source");
    const bool zero = state.start.quantity && state.start.quantity->value == 0.0;
    if (state.start.given && !zero && state.start.source.empty()) fault(entry.where, "a start number needs a `source`");
    part_.states.push_back(std::move(state));
}

std::optional<StageRange> CellReader::stages_of(const Node& entry, StageRange fallback) {
    const Node* node = entry.find("at_stage");
    if (node == nullptr) return fallback;
    if (node->text == "all") return StageRange{StageRange::Form::all};
    if (node->text == "last") return StageRange{StageRange::Form::last};
    StageRange range{StageRange::Form::numbers};
    const auto parts = split(node->text, '-');
    const auto number = [](std::string_view text, int& out) {
        text = trim(text);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
        return error == std::errc{} && end == text.data() + text.size();
    };
    bool ok = parts.size() == 1 || parts.size() == 2;
    ok = ok && number(parts.front(), range.first) && number(parts.back(), range.last);
    if (!ok || range.first < 1 || range.last < range.first) {
        fault(node->where, "`at_stage` must be a stage (4), a range (2-3), last or all");
        return std::nullopt;
    }
    return range;
}

void CellReader::read_process(CellProcessSpec::Kind kind, const Node& entry) {
    using Kind = CellProcessSpec::Kind;
    CellProcessSpec process;
    process.kind = kind;
    process.where = entry.where;
    process.rate = law_of(entry, kind == Kind::migration ? "speed" : "rate");
    // The states of a recruitment are those of another part.
    if (kind != Kind::recruitment)
        std::tie(process.states, process.state_where) = names_of(entry, kind == Kind::transition  ? "from"
                                                                        : kind == Kind::encounter ? "when"
                                                                                                  : "state");
    if (process.states.size() == 1 && process.states[0] == "all") {
        if (kind == Kind::adhesion)
            fault(process.state_where[0], "`state` of an adhesion must be one state: the cell returns to it");
        process.states.clear();
    }
    for (std::size_t i = 0; i < process.states.size(); ++i) check_state(process.states[i], process.state_where[i]);
    const bool exits = kind == Kind::transition || kind == Kind::division;
    const auto stages = stages_of(entry, StageRange{exits ? StageRange::Form::last : StageRange::Form::all});
    if (stages) process.stages = *stages;
    check_stages(process, entry);
    if (const Node* nuclear = entry.find("class")) {
        if (nuclear->text == "mononucleate")
            process.nuclear = NuclearClass::mononucleate;
        else if (nuclear->text == "binucleate")
            process.nuclear = NuclearClass::binucleate;
        else
            fault(nuclear->where, "`class` must be mononucleate or binucleate");
        if (!part_.nuclear_classes) fault(nuclear->where, "`class` needs a cell with `binucleate`");
    }
    process.name = text_of(entry, "name");
    if (const Node* optional = entry.find("optional")) process.optional = optional->boolean;
    read_what(process, entry);
    process.death = text_of(entry, "kind");
    process.extra = law_of(entry, kind == Kind::growth     ? "target"
                                  : kind == Kind::adhesion ? "release"
                                                           : "binucleation");
    if (kind == Kind::division && entry.find("binucleation") != nullptr && !part_.nuclear_classes)
        fault(entry.find("binucleation")->where, "`binucleation` needs a cell with `binucleate`");
    if (exits || kind == Kind::adhesion || kind == Kind::recruitment) read_targets(process, *entry.find("to"));
    part_.processes.push_back(std::move(process));
}

/// What the process is about beside the cell itself.
void CellReader::read_what(CellProcessSpec& process, const Node& entry) {
    using Kind = CellProcessSpec::Kind;
    const char* key = nullptr;
    switch (process.kind) {
        case Kind::secretion:
        case Kind::uptake: key = "signal"; break;
        case Kind::change: key = "attribute"; break;
        case Kind::deposition: key = "matrix"; break;
        case Kind::encounter: key = "with"; break;
        case Kind::adhesion: key = "on"; break;
        case Kind::recruitment: key = "from"; break;
        case Kind::migration: key = "toward"; break;
        default: return;
    }
    process.other = text_of(entry, key);
    process.other_where = entry.find(key)->where;
    process.reach = law_of(entry, "reach");
    if (process.kind == Kind::change && part_.attribute(process.other) == nullptr) {
        std::vector<std::string> known;
        for (const AttributeSpec& a : part_.attributes) known.push_back(a.name);
        fault(process.other_where, "`" + part_.name + "` has no attribute `" + process.other + "`",
              nearest_name(process.other, known));
    }
    if (process.kind != Kind::encounter) return;
    process.partner_to = text_of(entry, "partner_gives");
    if (const Node* gives = entry.find("gives")) read_targets(process, *gives);
    if (process.to.empty() && process.partner_to.empty())
        fault(entry.where, "an encounter needs `gives`, `partner_gives` or both: someone must change");
}

/// Names that mean something for every cell.
void CellReader::check_free(const std::string& name, const std::string& what, const Where& where) {
    if (name == "binucleate" || name == "mononucleate" || name == "size" || name == "volume_total" ||
        name == "crowding" || name == "arrest")
        fault(where, "`" + name + "` is a name of the language and cannot name " + what);
}

void CellReader::read_attribute(const std::string& name, const Node& entry) {
    check_free(name, "an attribute", entry.where);
    AttributeSpec attribute;
    attribute.name = name;
    attribute.where = entry.where;
    attribute.about = text_of(entry, "about");
    attribute.start = start_of(entry, "start");
    attribute.start.source = source_of(entry, entry.where);
    if (const Node* division = entry.find("division")) {
        attribute.halved = division->text == "split";
        if (!attribute.halved && division->text != "copy") fault(division->where, "`division` must be split or copy");
    }
    if (const Node* classes = entry.find("classes")) {
        if (classes->real >= 2.0 && classes->real <= 64.0)
            attribute.classes = static_cast<int>(classes->real);
        else
            fault(classes->where, "`classes` must be between 2 and 64");
    }
    if (const Node* range = entry.find("range")) {
        const auto low = quantity(range->items[0].text, range->items[0].where);
        const auto high = quantity(range->items[1].text, range->items[1].where);
        if (low && high) {
            if (!(low->value < high->value) || low->dimension != high->dimension)
                fault(range->where, "`range` must rise and have one dimension");
            attribute.range = {*low, *high};
        }
    } else if (attribute.classes > 0) {
        fault(entry.where, "an attribute with `classes` needs its `range`");
    }
    part_.attributes.push_back(std::move(attribute));
}

void CellReader::read_crowding(const Node& table) {
    CrowdingSpec crowding;
    crowding.where = table.where;
    crowding.places = law_of(table, "places");
    std::tie(crowding.shared_with, crowding.shared_where) = names_of(table, "shared_with");
    part_.crowding = std::move(crowding);
}

void CellReader::check_state(const std::string& name, const Where& where) {
    if (part_.state(name) != nullptr || !all_states_) return;
    std::vector<std::string> known;
    for (const StateSpec& state : part_.states) known.push_back(state.name);
    fault(where, "`" + part_.name + "` has no state `" + name + "`", nearest_name(name, known));
}

void CellReader::check_stages(const CellProcessSpec& process, const Node& entry) {
    if (process.stages.form != StageRange::Form::numbers) return;
    for (const std::string& name : process.states)
        if (const StateSpec* state = part_.state(name); state != nullptr && process.stages.last > state->stages)
            fault(entry.find("at_stage")->where, "state `" + name + "` has " + std::to_string(state->stages) +
                                                     (state->stages == 1 ? " stage" : " stages") +
                                                     "; `at_stage` asks for stage " +
                                                     std::to_string(process.stages.last));
}

void CellReader::read_targets(CellProcessSpec& process, const Node& to) {
    const auto add = [&](const std::string& name, const LawText& share, const Where& where) {
        using Kind = CellProcessSpec::Kind;
        const bool exit = process.kind == Kind::transition || process.kind == Kind::encounter;
        if (name.starts_with("dead:")) {
            if (!exit)
                fault(where, process.kind == Kind::division ? "a daughter cannot be dead"
                                                            : "`to` must be a state of " + part_.name);
        } else if (!exit || name.find('.') == std::string::npos) {
            check_state(name, where);  // part.state is looked up when a model is compiled
        }
        process.to.emplace_back(name, share);
    };
    if (to.kind == Node::Kind::text)
        add(to.text, {}, to.where);
    else
        for (const auto& [name, share] : to.members) add(name, law(share), share.where);
    if (process.to.empty())
        fault(to.where, process.kind == CellProcessSpec::Kind::encounter ? "`gives` needs a target"
                                                                         : "a transition needs a target");
}

}  // namespace lobule
