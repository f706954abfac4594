#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "model/words.hpp"
#include "part_tables.hpp"

namespace lobule {

namespace {

constexpr std::array<std::string_view, 10> k_kinds = {"cell",   "signal",  "matrix",  "tissue", "body",
                                                      "injury", "therapy", "species", "probes", "set"};

/// Reads the tables of one part; every fault is appended, and reading goes on.
class PartReader : PartTables {
public:
    PartReader(Part& part, const Node& root, std::vector<Problem>& problems)
        : PartTables(part, problems), cells_(part, problems), root_(root), first_(problems.size()) {}

    void read() {
        part_.where = root_.where;
        if (!is_snake_case(part_.name)) fault(root_.where, "the file name must be lower case: [a-z][a-z0-9_]*");
        if (!find_kind()) return;
        check_sections();
        const Node& head = *root_.find(to_string(part_.kind));
        if (sound_head_) read_head(head);
        part_.nuclear_classes = head.find("binucleate") != nullptr;
        read_common();
        if (part_.kind == PartKind::cell) cells_.read_cell_words(root_, all_states_);
        read_signal_words();
        read_matrix_words();
        read_body_words();
        std::stable_sort(problems_.begin() + static_cast<std::ptrdiff_t>(first_), problems_.end(),
                         [](const Problem& a, const Problem& b) {
                             return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
                         });
    }

private:
    void read_head(const Node& head) {
        if (const Node* about = head.find("about")) part_.about = about->text;
        if (const Node* needs = head.find("needs")) {
            part_.needs = needs->text;
            part_.needs_where = needs->where;
        }
        switch (part_.kind) {
            case PartKind::cell: cells_.read_cell(head); break;
            case PartKind::signal: read_signal(head); break;
            case PartKind::matrix: read_matrix(head); break;
            case PartKind::tissue: read_tissue(head); break;
            case PartKind::set: read_set(head); break;
            default: break;
        }
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
              "no kind of part: one of [cell] [signal] [matrix] [tissue] [body] [injury] [therapy] [species] [probes] "
              "[set] "
              "is needed",
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
        part_.carried = law_of(head, "carried");
        part_.entering = law_of(head, "entering");
        if (!part_.entering.text.empty() && !part_.carried_in.empty())
            fault(head.find("entering")->where,
                  "`entering` is for a signal that no compartment carries: the blood of `" + part_.carried_in.front() +
                      "` says what enters");
        if (!part_.carried.text.empty() && !part_.in_blood())
            fault(head.find("carried")->where,
                  "`carried` is for a signal that blood carries: name its compartments in `in`, or what blood brings "
                  "in `entering`");
    }

    void read_matrix(const Node& head) {
        const Node* start = head.find("start");
        const Node* value = start == nullptr ? nullptr : start->find("value");
        if (value == nullptr || value->kind != Node::Kind::text) {
            fault(start == nullptr ? head.where : start->where, "`start` needs value = \"... ug/ml\" and source");
            return;
        }
        // Any amount per tissue volume: a mass, moles, or a share.
        if (const auto level = quantity(value->text, value->where))
            sourced_parameter(head, "start", "start", level->dimension);
        sourced_parameter(head, "crosslinked", "start_crosslinked", Dimension{});
    }

    void read_tissue(const Node& head) {
        part_.tissue_radius = law_of(head, "radius");
        part_.tissue_volume = law_of(head, "volume");
        part_.tissue_count = law_of(head, "count");
        part_.tissue_fluid = law_of(head, "fluid");
        part_.tissue_displacement = law_of(head, "displacement");
        const Node* table = root_.find("sinusoids");
        if (table == nullptr) return;
        part_.sinusoids.emplace().where = table->where;
        SinusoidLaws& sinusoids = *part_.sinusoids;
        for (const std::string_view name : k_sinusoid_laws) sinusoids.laws.push_back(law_of(*table, name));
        sinusoids.viscosity = law_of(*table, "viscosity");
        sinusoids.compliance = law_of(*table, "compliance");
        sinusoids.dilation = law_of(*table, "dilation");
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
        if (const Node* list = root_.find("hazard"))
            for (const Node& entry : list->items) read_hazard(entry);
    }

    /// A hazard is a variable that builds up and an event that it sets off at drawn levels.
    void read_hazard(const Node& entry) {
        const std::string name = text_of(entry, "name");
        if (!is_snake_case(name)) {
            fault(entry.find("name")->where, "`" + name + "` is not a name: [a-z][a-z0-9_]*");
            return;
        }
        VariableSpec built_up{name,        entry.where, {}, law_of(entry, "rate"),
                              Scope::body, true,        {}, text_of(entry, "about")};
        built_up.start.quantity = Quantity{};
        built_up.start.given = true;
        part_.variables.push_back(std::move(built_up));
        EventSpec event;
        event.where = entry.where;
        event.hazard = name;
        event.about = text_of(entry, "about").empty() ? name : text_of(entry, "about");
        for (const auto& [target, node] : entry.find("set")->members) event.set.emplace_back(target, law(node));
        part_.events.push_back(std::move(event));
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

    void read_matrix_words() {
        using Kind = MatrixProcessSpec::Kind;
        if (const Node* list = root_.find("degradation"))
            for (const Node& entry : list->items) {
                MatrixProcessSpec process{Kind::degradation,     entry.where, text_of(entry, "matrix"), "all",
                                          law_of(entry, "rate"), {}};
                if (process.matrix.empty() && part_.kind == PartKind::matrix) process.matrix = part_.name;
                if (process.matrix.empty()) fault(entry.where, "`degradation` needs `matrix` here");
                if (const Node* pool = entry.find("pool")) {
                    process.pool = pool->text;
                    if (pool->text != "fresh" && pool->text != "crosslinked" && pool->text != "all")
                        fault(pool->where, "`pool` must be fresh, crosslinked or all");
                }
                part_.matrix_processes.push_back(std::move(process));
            }
        if (const Node* list = root_.find("crosslinking"))
            for (const Node& entry : list->items)
                part_.matrix_processes.push_back(
                    {Kind::crosslinking, entry.where, part_.name, {}, law_of(entry, "rate"), law_of(entry, "back")});
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

    CellReader cells_;
    Node root_;               // a copy, from which faulty entries are taken
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

const AttributeSpec* Part::attribute(std::string_view wanted) const {
    for (const AttributeSpec& a : attributes)
        if (a.name == wanted) return &a;
    return nullptr;
}

Part read_part(const std::string& name, const Node& root, std::vector<Problem>& problems) {
    Part part;
    part.name = name;
    PartReader(part, root, problems).read();
    return part;
}

}  // namespace lobule
