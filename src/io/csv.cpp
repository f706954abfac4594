#include <algorithm>

#include "base/text.hpp"
#include "io/project.hpp"

namespace lobule::io {

std::size_t Table::column(std::string_view name) const {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found == header.end())
        throw SpecError(Where{file, 1, 0, {}}, "the header lacks the column `" + std::string(name) + "`",
                        nearest_name(name, header));
    return static_cast<std::size_t>(found - header.begin());
}

std::string csv_field(std::string_view value) {
    if (value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
    std::string out = "\"";
    for (const char c : value) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + '"';
}

Table read_csv(const std::filesystem::path& file) {
    const std::string text = read_text(file);
    Table table;
    table.file = file.string();
    std::vector<std::string> row;
    std::string field;
    bool quoted = false, field_was_quoted = false;
    int line = 1, row_line = 1;
    const auto end_row = [&] {
        row.push_back(std::move(field));
        field.clear();
        const bool empty = row.size() == 1 && row[0].empty() && !field_was_quoted;
        if (!empty) {
            if (table.header.empty())
                table.header = std::move(row);
            else if (row.size() != table.header.size())
                throw SpecError(Where{table.file, row_line, 0, {}}, "has " + std::to_string(row.size()) +
                                                                        " fields, the header has " +
                                                                        std::to_string(table.header.size()));
            else {
                table.rows.push_back(std::move(row));
                table.lines.push_back(row_line);
            }
        }
        row.clear();
        field_was_quoted = false;
        row_line = line + 1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"')
                field += '"', ++i;
            else if (c == '"')
                quoted = false;
            else
                field += c;
            if (c == '\n') ++line;
        } else if (c == '"' && field.empty()) {
            quoted = field_was_quoted = true;
        } else if (c == ',') {
            row.push_back(std::move(field));
            field.clear();
        } else if (c == '\n') {
            end_row();
            ++line;
        } else if (c != '\r') {
            field += c;
        }
    }
    if (quoted) throw SpecError(Where{table.file, row_line, 0, {}}, "a quoted field is not closed");
    if (!field.empty() || !row.empty()) end_row();
    if (table.header.empty()) throw SpecError(Where{table.file, 1, 0, {}}, "has no header line");
    return table;
}

}  // namespace lobule::io
