#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

#include "base/text.hpp"
#include "model/part.hpp"
#include "model/words.hpp"

namespace lobule {

namespace {

constexpr std::array<std::string_view, 9> k_kinds = {"cell",    "signal",  "tissue", "body", "injury",
                                                     "therapy", "species", "probes", "set"};
constexpr std::array<std::string_view, 9> k_places = {"plate",        "sinusoid_wall", "disse", "lumen", "portal_tract",
                                                      "central_wall", "duct",          "blood", "marrow"};

/// Reads the tables of one part; every fault is appended, and reading goes on.
class PartReader {
public:
    PartReader(Part& part, const Node& root, std::vector<Problem>& problems)
        : part_(part), root_(root), problems_(problems), first_(problems.size()) {}

    void read() {
        part_.where = root_.where;
        if (!is_snake_case(part_.name)) fault(root_.where, "the file name must be lower case: [a-z][a-z0-9_]*");
        if (!find_kind()) return;
        check_sections();
        const Node& head = *root_.find(to_string(part_.kind));
        if (sound_head_) read_head(head);
        part_.nuclear_classes = head.find("binucleate") != nullptr;
        read_common();
        if (part_.kind == PartKind::cell) read_cell_words();
        read_signal_words();
        read_body_words();
        std::stable_sort(problems_.begin() + static_cast<std::ptrdiff_t>(first_), problems_.end(),
                         [](const Problem& a, const Problem& b) {
                             return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
                         });
    }

private:
    void read_head(const Node& head) {
        if (const Node* about = head.find("about")) part_.about = about->text;
        switch (part_.kind) {
            case PartKind::cell: read_cell(head); break;
            case PartKind::signal: read_signal(head); break;
            case PartKind::tissue: read_tissue(head); break;
            case PartKind::set: read_set(head); break;
            default: break;
        }
    }

    void fault(const Where& where, std::string what, std::string nearest = {}) {
        problems_.push_back({where, std::move(what), std::move(nearest)});
    }

    static std::string text_of(const Node& table, std::string_view key) {
        const Node* node = table.find(key);
        return node == nullptr ? std::string{} : node->text;
    }
    LawText law(const Node& node) {
        LawText law{node.text, node.where};
        check_law(law, problems_);
        return law;
    }
    LawText law_of(const Node& table, std::string_view key) {
        const Node* node = table.find(key);
        return node == nullptr ? LawText{} : law(*node);
    }

    bool find_kind() {
        std::vector<std::string> sections;
        int found = 0;
        for (std::size_t k = 0; k < k_kinds.size(); ++k) {
            if (root_.find(k_kinds[k]) == nullptr) continue;
            part_.kind = static_cast<PartKind>(k);
            ++found;
        }
        if (found == 1) return true;
        if (found > 1) {
            fault(root_.where, "more than one kind of part in one file; one part is one file");
            return false;
        }
        const std::vector<std::string> kinds(k_kinds.begin(), k_kinds.end());
        std::string nearest;
        for (const auto& [name, node] : root_.members)
            if (nearest.empty()) nearest = nearest_name(name, kinds);
        fault(root_.where,
              "no kind of part: one of [cell] [signal] [tissue] [body] [injury] [therapy] [species] [probes] [set] is "
              "needed",
              nearest);
        return false;
    }

    static bool allowed(const Word& word, PartKind kind) {
        if (word.kinds == "all") return true;
        const auto kinds = split(word.kinds, ' ');
        return std::find(kinds.begin(), kinds.end(), to_string(kind)) != kinds.end();
    }

    void check_sections() {
        std::vector<std::string> known;
        for (const Word& word : words())
            if (allowed(word, part_.kind)) known.emplace_back(word.name);
        for (auto& [name, node] : root_.members) {
            const Word* word = find_word(name);
            if (word == nullptr) {
                fault(node.where, "unknown word `" + name + "`", nearest_name(name, known));
                continue;
            }
            if (!allowed(*word, part_.kind)) {
                fault(node.where, "`" + name + "` has no meaning in a " + std::string(to_string(part_.kind)) + " part");
                continue;
            }
            check_section(node, *word);
        }
    }

    bool sound(const Node& node, const Word& word) {
        const auto before = problems_.size();
        check_table(node, word, problems_);
        return problems_.size() == before;
    }

    /// What is not of the right shape is reported and left out, so that the rest can be read.
    void check_section(Node& node, const Word& word) {
        switch (word.form) {
            case Word::Form::table: sound_head_ = sound(node, word) && sound_head_; break;
            case Word::Form::array:
                if (node.kind != Node::Kind::array) {
                    fault(node.where, "write `[[" + std::string(word.name) + "]]`: there may be several");
                    break;
                }
                std::erase_if(node.items, [&](const Node& item) { return !sound(item, word); });
                break;
            case Word::Form::entries:
                if (node.kind != Node::Kind::table) {
                    fault(node.where, "`" + std::string(word.name) + "` must be a table of names");
                    break;
                }
                std::erase_if(node.members, [&](const Node::Member& member) {
                    const bool keep = sound_entry(member.first, member.second, word);
                    if (!keep && word.name == "states") all_states_ = false;
                    return !keep;
                });
                break;
        }
    }

    bool sound_entry(const std::string& name, const Node& entry, const Word& word) {
        if (word.name != "override" && !is_snake_case(name))
            fault(entry.where, "`" + name + "` is not a name: [a-z][a-z0-9_]*");
        const auto& functions = law_functions();
        const bool function = std::find(functions.begin(), functions.end(), name) != functions.end();
        if (is_law_constant(name) || (function && word.name == "functions"))
            fault(entry.where, "`" + name + "` is a name of the language");
        if (entry.kind == Node::Kind::text && !word.short_key.empty()) return true;
        if (entry.kind == Node::Kind::table) return sound(entry, word);
        fault(entry.where, "`" + name + "` must be a table" + (word.short_key.empty() ? "" : " or a law (a string)"));
        return false;
    }

    std::optional<Quantity> quantity(const std::string& text, const Where& where) {
        try {
            return parse_quantity(text);
        } catch (const UnitError& error) {
            Where place = where;
            if (place.column > 0) place.column += 1 + static_cast<int>(error.offset());
            fault(place, error.what(), error.nearest());
            return std::nullopt;
        }
    }

    std::string source_of(const Node& table, const Where& where) {
        std::string source = text_of(table, "source");
        if (source.empty())
            fault(where, "needs a source: a key of evidence/sources.csv, derived:, fit:, balance or assumed");
        return source;
    }

    /// A head entry such as volume = {value, source}: becomes a parameter named `name`.
    void sourced_parameter(const Node& head, std::string_view key, std::string name, Dimension dimension,
                           double scale = 1.0) {
        const Node* node = head.find(key);
        if (node == nullptr) return;
        const Word& word = *find_word("parameters");
        Node with_about = *node;
        if (with_about.find("about") == nullptr) {
            Node about;
            about.kind = Node::Kind::text;
            about.where = node->where;
            about.text = std::string(key) + " of " + part_.name;
            with_about.members.emplace_back("about", about);
        }
        const auto before = problems_.size();
        check_table(with_about, word, problems_);
        if (problems_.size() != before) return;
        Node holder;
        holder.kind = Node::Kind::table;
        holder.members.emplace_back(std::move(name), with_about);
        read_parameters(holder, "parameters", part_.parameters, problems_);
        if (problems_.size() != before) return;
        ParameterSpec& parameter = part_.parameters.back();
        if (!parameter.value) return;
        // The volume of a cell may be written with or without "/cell".
        if (parameter.value->dimension != dimension &&
            parameter.value->dimension * Dimension::of(Dimension::cell) != dimension)
            fault(node->where, "`" + std::string(key) + "` must have the dimension " + to_string(dimension) + ", not " +
                                   to_string(parameter.value->dimension));
        parameter.value->value *= scale;
    }

    void read_cell(const Node& head) {
        part_.place = text_of(head, "place");
        if (std::find(k_places.begin(), k_places.end(), part_.place) == k_places.end()) {
            const std::vector<std::string> places(k_places.begin(), k_places.end());
            fault(head.find("place")->where, "unknown place `" + part_.place + "`", nearest_name(part_.place, places));
        }
        const Node* displaced = head.find("displaced");
        part_.displaced = displaced != nullptr
                              ? displaced->boolean
                              : part_.place == "plate" || part_.place == "sinusoid_wall" || part_.place == "disse";
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
        sourced_parameter(head, "binucleate", "binucleate_share", Dimension{});
        read_profile(head);
    }

    void read_diameter(const Node& head, const Dimension& length, const Dimension& volume) {
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

    void read_profile(const Node& head) {
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

    void read_signal(const Node& head) {
        const std::string scale = text_of(head, "scale");
        if (scale != "fast" && scale != "slow") fault(head.find("scale")->where, "`scale` must be fast or slow");
        part_.slow = scale == "slow";
        const auto [carried, where] = names_of(head, "in");
        for (std::size_t i = 0; i < carried.size(); ++i)
            if (std::find(part_.carried_in.begin(), part_.carried_in.end(), carried[i]) == part_.carried_in.end())
                part_.carried_in.push_back(carried[i]);
            else
                fault(where[i], "`" + carried[i] + "` is named twice");
        const Node* start = head.find("start");
        if (start != nullptr && start->find("value") != nullptr && start->find("value")->kind == Node::Kind::text) {
            const auto value = quantity(start->find("value")->text, start->find("value")->where);
            if (value) {
                const Dimension volume = power(Dimension::of(Dimension::length), 3);
                const Dimension amount = value->dimension * volume;
                if (amount != Dimension::of(Dimension::mass) && amount != Dimension::of(Dimension::amount))
                    fault(start->where, "a signal starts at a concentration (mass or amount per volume), not at " +
                                            to_string(value->dimension));
                sourced_parameter(head, "start", "start", value->dimension);
            }
        } else {
            fault(start->where, "`start` needs value = \"... ng/ml\" and source");
        }
        const Dimension diffusion = power(Dimension::of(Dimension::length), 2) / Dimension::of(Dimension::time);
        sourced_parameter(head, "diffusion", "diffusion", diffusion);
    }

    void read_tissue(const Node& head) {
        part_.tissue_volume = law_of(head, "volume");
        part_.tissue_count = law_of(head, "count");
        part_.tissue_fluid = law_of(head, "fluid");
        part_.tissue_displacement = law_of(head, "displacement");
    }

    std::pair<std::vector<std::string>, std::vector<Where>> names_of(const Node& table, std::string_view key) {
        const Node* node = table.find(key);
        if (node == nullptr) return {};
        if (node->kind == Node::Kind::text) return {{node->text}, {node->where}};
        std::pair<std::vector<std::string>, std::vector<Where>> out;
        for (const Node& item : node->items) {
            out.first.push_back(item.text);
            out.second.push_back(item.where);
        }
        return out;
    }

    void read_set(const Node& head) { std::tie(part_.parts, part_.parts_where) = names_of(head, "parts"); }

    std::optional<Scope> scope_of(const Node& entry) {
        const Node* scope = entry.find("scope");
        if (scope == nullptr) return part_.default_scope();
        if (scope->text == "zone") return Scope::zone;
        if (scope->text == "body") return Scope::body;
        fault(scope->where, "`scope` must be zone or body");
        return std::nullopt;
    }

    void read_common() {
        if (const Node* table = root_.find("parameters"))
            read_parameters(*table, "parameters", part_.parameters, problems_);
        if (const Node* table = root_.find("override")) read_parameters(*table, "override", part_.overrides, problems_);
        if (const Node* table = root_.find("define"))
            for (const auto& [name, entry] : table->members) {
                const bool brief = entry.kind == Node::Kind::text;
                const auto scope = brief ? part_.default_scope() : scope_of(entry);
                if (scope)
                    part_.defines.push_back({name, brief ? law(entry) : law_of(entry, "law"), *scope,
                                             brief ? std::string{} : text_of(entry, "about")});
            }
        if (const Node* table = root_.find("variables"))
            for (const auto& [name, entry] : table->members) read_variable(name, entry);
        if (const Node* table = root_.find("functions"))
            for (const auto& [name, entry] : table->members) {
                const Node& node = entry.kind == Node::Kind::text ? entry : *entry.find("law");
                try {
                    part_.functions.emplace(name, parse_function({node.text, node.where}));
                } catch (const SpecError& error) {
                    problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
                }
            }
        if (const Node* table = root_.find("probe"))
            for (const auto& [name, entry] : table->members) {
                try {
                    part_.probes.push_back(
                        {name, law_of(entry, "law"), parse_unit(text_of(entry, "unit")), text_of(entry, "about")});
                } catch (const UnitError& error) {
                    fault(entry.find("unit")->where, error.what(), error.nearest());
                }
            }
        if (const Node* list = root_.find("effect"))
            for (const Node& entry : list->items) read_effect(entry);
        if (const Node* list = root_.find("event"))
            for (const Node& entry : list->items) part_.events.push_back(read_event(entry, problems_));
    }

    void read_variable(const std::string& name, const Node& entry) {
        const auto scope = scope_of(entry);
        if (!scope) return;
        VariableSpec variable{name, entry.where, {}, law_of(entry, "rate"), *scope, false, {}, text_of(entry, "about")};
        variable.start = start_of(entry, "start");
        variable.start.source = text_of(entry, "source");
        if (const Node* node = entry.find("accumulates")) variable.accumulates = node->boolean;
        if (const Node* node = entry.find("scale")) variable.scale = quantity(node->text, node->where);
        part_.variables.push_back(std::move(variable));
    }

    void read_effect(const Node& entry) {
        const bool factor = entry.find("factor") != nullptr;
        if (factor == (entry.find("adds") != nullptr)) {
            fault(entry.where, "an effect has either `factor` or `adds`");
            return;
        }
        const Node* optional = entry.find("optional");
        part_.effects.push_back({text_of(entry, "on"), entry.find("on")->where, factor,
                                 law_of(entry, factor ? "factor" : "adds"), optional != nullptr && optional->boolean});
    }

    StartSpec start_of(const Node& table, std::string_view key) {
        StartSpec start = read_start(table, key);
        check_start(start, problems_);
        return start;
    }

    void read_cell_words() {
        if (const Node* table = root_.find("states"))
            for (const auto& [name, entry] : table->members) read_state(name, entry);
        if (part_.states.empty() && all_states_) fault(part_.where, "a cell needs at least one state");
        using Kind = CellProcessSpec::Kind;
        constexpr std::pair<std::string_view, Kind> k_words[] = {
            {"transition", Kind::transition}, {"division", Kind::division},   {"death", Kind::death},
            {"growth", Kind::growth},         {"secretion", Kind::secretion}, {"uptake", Kind::uptake}};
        for (const auto& [word, kind] : k_words)
            if (const Node* list = root_.find(word))
                for (const Node& entry : list->items) read_process(kind, entry);
    }

    void read_state(const std::string& name, const Node& entry) {
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
        if (name == "binucleate" || name == "mononucleate" || name == "size" || name == "volume_total")
            fault(entry.where, "`" + name + "` is a name of the language and cannot name a state");
        state.start = start_of(entry, "start");
        state.start.source = text_of(entry, "source");
        const bool zero = state.start.quantity && state.start.quantity->value == 0.0;
        if (state.start.given && !zero && state.start.source.empty())
            fault(entry.where, "a start number needs a `source`");
        part_.states.push_back(std::move(state));
    }

    std::optional<StageRange> stages_of(const Node& entry, StageRange fallback) {
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

    void read_process(CellProcessSpec::Kind kind, const Node& entry) {
        using Kind = CellProcessSpec::Kind;
        CellProcessSpec process{kind, entry.where, {}, {}, {}, NuclearClass::any, law_of(entry, "rate"),
                                {},   {},          {}, {}, {}};
        std::tie(process.states, process.state_where) = names_of(entry, kind == Kind::transition ? "from" : "state");
        if (process.states.size() == 1 && process.states[0] == "all") process.states.clear();
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
        process.signal = text_of(entry, "signal");
        process.death = text_of(entry, "kind");
        process.extra = law_of(entry, kind == Kind::growth ? "target" : "binucleation");
        if (kind == Kind::division && entry.find("binucleation") != nullptr && !part_.nuclear_classes)
            fault(entry.find("binucleation")->where, "`binucleation` needs a cell with `binucleate`");
        if (exits) read_targets(process, *entry.find("to"));
        part_.processes.push_back(std::move(process));
    }

    void check_state(const std::string& name, const Where& where) {
        if (part_.state(name) != nullptr || !all_states_) return;
        std::vector<std::string> known;
        for (const StateSpec& state : part_.states) known.push_back(state.name);
        fault(where, "`" + part_.name + "` has no state `" + name + "`", nearest_name(name, known));
    }

    void check_stages(const CellProcessSpec& process, const Node& entry) {
        if (process.stages.form != StageRange::Form::numbers) return;
        for (const std::string& name : process.states)
            if (const StateSpec* state = part_.state(name); state != nullptr && process.stages.last > state->stages)
                fault(entry.find("at_stage")->where, "state `" + name + "` has " + std::to_string(state->stages) +
                                                         (state->stages == 1 ? " stage" : " stages") +
                                                         "; `at_stage` asks for stage " +
                                                         std::to_string(process.stages.last));
    }

    void read_targets(CellProcessSpec& process, const Node& to) {
        const auto add = [&](const std::string& name, const LawText& share, const Where& where) {
            if (!name.starts_with("dead:"))
                check_state(name, where);
            else if (process.kind == CellProcessSpec::Kind::division)
                fault(where, "a daughter cannot be dead");
            process.to.emplace_back(name, share);
        };
        if (to.kind == Node::Kind::text)
            add(to.text, {}, to.where);
        else
            for (const auto& [name, share] : to.members) add(name, law(share), share.where);
        if (process.to.empty()) fault(to.where, "a transition needs a target");
    }

    void read_signal_words() {
        using Kind = SignalProcessSpec::Kind;
        constexpr std::pair<std::string_view, Kind> k_words[] = {
            {"decay", Kind::decay}, {"reaction", Kind::reaction}, {"source", Kind::source}};
        for (const auto& [word, kind] : k_words)
            if (const Node* list = root_.find(word))
                for (const Node& entry : list->items) {
                    SignalProcessSpec process{kind, entry.where, text_of(entry, "place"),
                                              {},   {},          law_of(entry, "rate")};
                    if (kind == Kind::reaction) {
                        process.signal = text_of(entry, "from");
                        process.to = text_of(entry, "to");
                    } else {
                        process.signal = kind == Kind::source ? text_of(entry, "signal") : part_.name;
                        if (process.signal.empty() && part_.kind == PartKind::signal) process.signal = part_.name;
                        if (process.signal.empty()) fault(entry.where, "`source` needs `signal` here");
                    }
                    part_.signal_processes.push_back(std::move(process));
                }
    }

    void read_body_words() {
        if (const Node* table = root_.find("compartments"))
            for (const auto& [name, entry] : table->members) {
                if (name == "lobule" || name == "tissue" || name == "zone")
                    fault(entry.where, "`" + name + "` is a name of the language and cannot name a compartment");
                part_.compartments.push_back(
                    {name, entry.where, entry.kind == Node::Kind::text ? law(entry) : law_of(entry, "volume")});
            }
        if (const Node* list = root_.find("flow"))
            for (const Node& entry : list->items)
                part_.flows.push_back(
                    {entry.where, text_of(entry, "from"), text_of(entry, "to"), law_of(entry, "rate")});
    }

    Part& part_;
    Node root_;  // a copy, from which faulty entries are taken
    std::vector<Problem>& problems_;
    std::size_t first_;       // of problems_: those of this part
    bool sound_head_ = true;  // of the kind's own table
    bool all_states_ = true;  // no state was left out
};

}  // namespace

std::string_view to_string(PartKind kind) { return k_kinds[static_cast<std::size_t>(kind)]; }

SourceKind source_kind(std::string_view source) {
    if (source == "balance") return SourceKind::balance;
    if (source == "assumed") return SourceKind::assumed;
    if (source.starts_with("derived:")) return SourceKind::derived;
    if (source.starts_with("fit:")) return SourceKind::fitted;
    return SourceKind::sourced;
}

const ParameterSpec* Part::parameter(std::string_view wanted) const {
    for (const ParameterSpec& p : parameters)
        if (p.name == wanted) return &p;
    return nullptr;
}

const StateSpec* Part::state(std::string_view wanted) const {
    for (const StateSpec& s : states)
        if (s.name == wanted) return &s;
    return nullptr;
}

Part read_part(const std::string& name, const Node& root, std::vector<Problem>& problems) {
    Part part;
    part.name = name;
    PartReader(part, root, problems).read();
    return part;
}

}  // namespace lobule
