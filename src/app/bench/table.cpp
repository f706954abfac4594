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

std::string number(double value) { return fmt::format("{:.3g}", value); }
std::string number(const std::optional<double>& value) { return value ? number(*value) : std::string(); }
std::string yes_or_no(const std::optional<bool>& value) { return !value ? "" : *value ? "yes" : "no"; }
std::optional<double> limit_ratio(const Row& row) {
    return row.limit ? std::optional(row.timing.best / *row.limit) : std::nullopt;
}

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
    constexpr std::size_t columns = 10;
    std::vector<std::array<std::string, columns>> cells{
        {"name", "lanes", "ns/op", "median", "plain loop", "ratio", "limit", "ratio", "target", "met"}};
    for (const Row& row : rows)
        cells.push_back({row.name, std::to_string(row.lanes), number(row.timing.best), number(row.timing.median),
                         number(row.reference), number(row.ratio()), number(row.limit), number(limit_ratio(row)),
                         number(row.target), yes_or_no(row.met())});
    std::array<std::size_t, columns> width{};
    for (const auto& line : cells)
        for (std::size_t i = 0; i < columns; ++i) width[i] = std::max(width[i], line[i].size());
    std::string text;
    for (const auto& line : cells) {
        std::string written = fmt::format("{:<{}}", line[0], width[0]);
        for (std::size_t i = 1; i < columns; ++i) written += fmt::format("  {:>{}}", line[i], width[i]);
        written.erase(written.find_last_not_of(' ') + 1);
        text += written + '\n';
    }
    return text;
}

std::string csv_table(std::span<const Row> rows) {
    std::string text =
        "group,name,lanes,operations,best_ns,median_ns,reference_ns,ratio,limit_ns,limit_ratio,target_ns,met\n";
    for (const Row& row : rows)
        text +=
            fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", row.group, row.name, row.lanes, row.operations,
                        number(row.timing.best), number(row.timing.median), number(row.reference), number(row.ratio()),
                        number(row.limit), number(limit_ratio(row)), number(row.target), yes_or_no(row.met()));
    return text;
}

io::Json json_table(std::span<const Row> rows) {
    io::Json table = io::Json::Array{};
    for (const Row& row : rows)
        table.push(io::Json::Object{{"group", row.group},
                                    {"name", row.name},
                                    {"lanes", static_cast<std::uint64_t>(row.lanes)},
                                    {"operations", static_cast<std::uint64_t>(row.operations)},
                                    {"best_ns", row.timing.best},
                                    {"median_ns", row.timing.median},
                                    {"reference_ns", row.reference},
                                    {"ratio", row.ratio()},
                                    {"limit_ns", json(row.limit)},
                                    {"limit_ratio", json(limit_ratio(row))},
                                    {"target_ns", json(row.target)},
                                    {"met", json(row.met())}});
    return table;
}

}  // namespace lobule::app::speed
