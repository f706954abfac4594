#include "part_tables.hpp"

#include "model/words.hpp"

namespace lobule {

void PartTables::fault(const Where& where, std::string what, std::string nearest) {
    problems_.push_back({where, std::move(what), std::move(nearest)});
}

std::string PartTables::text_of(const Node& table, std::string_view key) {
    const Node* node = table.find(key);
    return node == nullptr ? std::string{} : node->text;
}

LawText PartTables::law(const Node& node) {
    LawText law{node.text, node.where};
    check_law(law, problems_);
    return law;
}

LawText PartTables::law_of(const Node& table, std::string_view key) {
    const Node* node = table.find(key);
    return node == nullptr ? LawText{} : law(*node);
}

std::optional<Quantity> PartTables::quantity(const std::string& text, const Where& where) {
    try {
        return parse_quantity(text);
    } catch (const UnitError& error) {
        Where place = where;
        if (place.column > 0) place.column += 1 + static_cast<int>(error.offset());
        fault(place, error.what(), error.nearest());
        return std::nullopt;
    }
}

std::string PartTables::source_of(const Node& table, const Where& where) {
    std::string source = text_of(table, "source");
    if (source.empty())
        fault(where, "needs a source: a key of evidence/sources.csv, derived:, fit:, balance or assumed");
    return source;
}

void PartTables::sourced_parameter(const Node& head, std::string_view key, std::string name, Dimension dimension,
                                   double scale) {
    const Node* node = head.find(key);
    if (node == nullptr) return;
    if (const Node* choices = node->find("choices"))
        return fault(choices->where, "`" + std::string(key) + "` is a number: it has no choices");
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

std::pair<std::vector<std::string>, std::vector<Where>> PartTables::names_of(const Node& table, std::string_view key) {
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

StartSpec PartTables::start_of(const Node& table, std::string_view key) {
    StartSpec start = read_start(table, key);
    check_start(start, problems_);
    return start;
}

}  // namespace lobule
