// The one file that knows toml++.
#include <toml++/toml.h>

#include <fstream>
#include <sstream>

#include "io/project.hpp"

namespace lobule::io {

namespace {

Where place(const toml::node& node, const std::string& file, const std::string& key) {
    const auto& begin = node.source().begin;
    return {file, static_cast<int>(begin.line), static_cast<int>(begin.column), key};
}

Node convert(const toml::node& node, const std::string& file, const std::string& key) {
    Node out;
    out.where = place(node, file, key);
    if (const auto* table = node.as_table()) {
        out.kind = Node::Kind::table;
        for (const auto& [name, value] : *table) {
            const std::string member(name.str());
            out.members.emplace_back(member, convert(value, file, key.empty() ? member : key + "." + member));
            // An inline value is placed at its key, where a reader looks first.
            const auto& begin = name.source().begin;
            Where& where = out.members.back().second.where;
            if (where.line == 0)
                where = {file, static_cast<int>(begin.line), static_cast<int>(begin.column), where.key};
        }
        // toml++ sorts by name; the file's order is what a reader expects.
        std::stable_sort(out.members.begin(), out.members.end(), [](const auto& a, const auto& b) {
            return std::tie(a.second.where.line, a.second.where.column) <
                   std::tie(b.second.where.line, b.second.where.column);
        });
    } else if (const auto* array = node.as_array()) {
        out.kind = Node::Kind::array;
        std::size_t i = 0;
        for (const auto& item : *array) out.items.push_back(convert(item, file, key + "[" + std::to_string(++i) + "]"));
    } else if (const auto* text = node.as_string()) {
        out.kind = Node::Kind::text;
        out.text = text->get();
    } else if (const auto* integer = node.as_integer()) {
        out.kind = Node::Kind::integer;
        out.real = static_cast<double>(integer->get());
    } else if (const auto* real = node.as_floating_point()) {
        out.kind = Node::Kind::real;
        out.real = real->get();
    } else if (const auto* boolean = node.as_boolean()) {
        out.kind = Node::Kind::boolean;
        out.boolean = boolean->get();
    } else {
        throw SpecError(out.where, "dates and times have no meaning here: write a quantity such as \"7 d\"");
    }
    return out;
}

}  // namespace

Node parse_toml(const std::string& text, const std::string& name) {
    try {
        const toml::table table = toml::parse(text, name);
        Node root = convert(table, name, {});
        root.where = {name, 1, 1, {}};
        return root;
    } catch (const toml::parse_error& error) {
        const auto& begin = error.source().begin;
        throw SpecError(Where{name, static_cast<int>(begin.line), static_cast<int>(begin.column), {}},
                        std::string(error.description()));
    }
}

std::string read_text(const std::filesystem::path& file) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
        throw SpecError(Where{file.string(), 0, 0, {}}, "is a folder, not a file");
    std::ifstream in(file, std::ios::binary);
    if (!in) throw SpecError(Where{file.string(), 0, 0, {}}, "cannot be read");
    std::ostringstream text;
    text << in.rdbuf();
    if (in.bad()) throw SpecError(Where{file.string(), 0, 0, {}}, "cannot be read to its end");
    return std::move(text).str();
}

Node read_toml(const std::filesystem::path& file) { return parse_toml(read_text(file), file.string()); }

}  // namespace lobule::io
