// The results of `lobule bench` as text, CSV and JSON; names of rows; what the machine is.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "app/benchmark.hpp"
#include "base/math.hpp"
#include "base/text.hpp"
#include "io/version.hpp"

namespace lobule::app::speed {

namespace {

/// Three digits, and 1e6 for 1e+06.
std::string number(double value) {
    std::string text = fmt::format("{:.3g}", value);
    if (const std::size_t e = text.find('e'); e != std::string::npos) {
        std::size_t sign = e + 1;
        if (text[sign] == '+') text.erase(sign, 1);
        if (text[sign] == '-') ++sign;
        if (text[sign] == '0') text.erase(sign, 1);
    }
    return text;
}
std::string number(const std::optional<double>& value) { return value ? number(*value) : std::string(); }
std::string yes_or_no(const std::optional<bool>& value) { return !value ? "" : *value ? "yes" : "no"; }
/// Empty for 0.
template <class T>
std::string count(T value) {
    return value == 0 ? std::string() : std::to_string(value);
}

struct Column {
    const char* name;
    std::string (*text)(const Row& row);
};
const std::vector<Column> k_columns{
    {"name", [](const Row& row) { return row.name; }},
    {"size", [](const Row& row) { return count(row.size); }},
    {"threads", [](const Row& row) { return count(row.threads); }},
    {"operations", [](const Row& row) { return count(row.operations); }},
    {"best", [](const Row& row) { return number(row.timing.best); }},
    {"median", [](const Row& row) { return number(row.timing.median); }},
    {"unit", [](const Row& row) { return row.unit; }},
    {"bytes", [](const Row& row) { return number(row.bytes); }},
    {"reference", [](const Row& row) { return number(row.reference); }},
    {"ratio", [](const Row& row) { return number(row.ratio()); }},
    {"limit", [](const Row& row) { return number(row.limit); }},
    {"share", [](const Row& row) { return number(row.share()); }},
    {"bound", [](const Row& row) { return row.bound; }},
    {"target", [](const Row& row) { return number(row.target); }},
    {"met", [](const Row& row) { return yes_or_no(row.met()); }},
};

template <class T>
io::Json json(const std::optional<T>& value) {
    if (value) return *value;
    return {};
}

std::string cpu() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("model name") && line.find(':') != std::string::npos)
            return std::string(trim(std::string_view(line).substr(line.find(':') + 1)));
    return "unknown";
}

}  // namespace

bool matches(const std::string& pattern, const std::string& name) {
    if (pattern.find('*') == std::string::npos) return name.find(pattern) != std::string::npos;
    // The place to come back to when the text after the last star does not fit: that star takes one more.
    std::size_t p = 0, n = 0, star = std::string::npos, taken = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = n;
        } else if (p < pattern.size() && pattern[p] == name[n]) {
            ++p, ++n;
        } else if (star != std::string::npos) {
            p = star + 1;
            n = ++taken;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string::npos;
}

io::Json machine() {
    const io::Version& v = io::version();
    return io::Json::Object{{"cpu", cpu()},
                            {"cores", static_cast<std::uint64_t>(std::thread::hardware_concurrency())},
                            {"vectors", math::vectors() == math::Vectors::wide ? "AVX2" : "SSE2"},
                            {"version", v.number},
                            {"commit", v.commit},
                            {"compiler", v.compiler},
                            {"flags", v.flags},
                            {"build_type", v.build_type}};
}

std::string text_table(std::span<const Row> rows) {
    std::vector<std::string> lines(rows.size() + 1);
    for (const Column& column : k_columns) {
        if (column.name == std::string_view("operations")) continue;  // more than a line holds
        std::vector<std::string> cells{column.name};
        for (const Row& row : rows) cells.push_back(column.text(row));
        if (std::all_of(cells.begin() + 1, cells.end(), [](const std::string& cell) { return cell.empty(); })) continue;
        std::size_t width = 0;
        for (const std::string& cell : cells) width = std::max(width, cell.size());
        const bool words = column.text == k_columns[0].text;
        for (std::size_t i = 0; i < lines.size(); ++i)
            lines[i] += words ? fmt::format("{:<{}}", cells[i], width) : fmt::format("  {:>{}}", cells[i], width);
    }
    std::string text;
    for (std::string& line : lines) text += line.erase(line.find_last_not_of(' ') + 1) + '\n';
    return text;
}

std::string csv_table(std::span<const Row> rows) {
    std::string text = "group";
    for (const Column& column : k_columns) text += fmt::format(",{}", column.name);
    text += '\n';
    for (const Row& row : rows) {
        text += row.group;
        for (const Column& column : k_columns) text += ',' + column.text(row);
        text += '\n';
    }
    return text;
}

io::Json json_table(std::span<const Row> rows) {
    io::Json table = io::Json::Array{};
    for (const Row& row : rows)
        table.push(io::Json::Object{{"group", row.group},
                                    {"name", row.name},
                                    {"size", static_cast<std::uint64_t>(row.size)},
                                    {"threads", row.threads},
                                    {"operations", static_cast<std::uint64_t>(row.operations)},
                                    {"best", row.timing.best},
                                    {"median", row.timing.median},
                                    {"unit", row.unit},
                                    {"bytes", json(row.bytes)},
                                    {"reference", json(row.reference)},
                                    {"ratio", json(row.ratio())},
                                    {"limit", json(row.limit)},
                                    {"share", json(row.share())},
                                    {"bound", row.bound},
                                    {"target", json(row.target)},
                                    {"met", json(row.met())}});
    return table;
}

std::string text_checks(std::span<const Check> checks) {
    std::string text;
    for (const Check& check : checks)
        text += fmt::format("check: {}: {:.10g}, {} {:.10g} within {:.2g}\n", check.name, check.got,
                            check.right() ? "is" : "WRONG, is not", check.wanted, check.within);
    return text;
}

io::Json json_checks(std::span<const Check> checks) {
    io::Json list = io::Json::Array{};
    for (const Check& check : checks)
        list.push(io::Json::Object{{"group", check.group},
                                   {"name", check.name},
                                   {"got", check.got},
                                   {"wanted", check.wanted},
                                   {"within", check.within},
                                   {"right", check.right()}});
    return list;
}

}  // namespace lobule::app::speed
