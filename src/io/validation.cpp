#include "io/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "io/files.hpp"

namespace lobule::io {

namespace {

std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

std::string number(const std::optional<double>& value) { return value ? fmt::format("{:.8g}", *value) : ""; }

}  // namespace

bool ValidationRow::inside() const { return computed && *computed >= low && *computed <= high; }

std::optional<double> ValidationRow::deviation() const {
    if (!expected || !computed || *expected == 0.0) return std::nullopt;
    return (*computed - *expected) / std::abs(*expected);
}

std::vector<std::string> observables(const ValidationModel& model) {
    std::vector<std::string> out;
    for (const ValidationRow& c : model.comparisons)
        if (std::find(out.begin(), out.end(), c.observable) == out.end()) out.push_back(c.observable);
    return out;
}

ValidationCount count(const ValidationModel& model, const std::string& observable) {
    ValidationCount out;
    std::map<std::string, std::pair<bool, std::string>> rows;  // inside, basis
    for (const ValidationRow& c : model.comparisons) {
        if (!observable.empty() && c.observable != observable) continue;
        ++out.comparisons;
        out.inside += c.inside() ? 1 : 0;
        const auto row = rows.emplace(c.row, std::pair(true, c.basis)).first;
        row->second.first = row->second.first && c.inside();
        // A number allowed to miss by more than its fifth is below what its source resolves: a percentage says nothing
        // there.
        if (const auto d = c.deviation(); d && c.high - *c.expected <= 0.2 * std::abs(*c.expected))
            out.largest = std::max(out.largest, std::abs(*d));
    }
    out.rows = rows.size();
    for (const auto& [id, row] : rows) {
        out.rows_inside += row.first ? 1 : 0;
        ++(row.second == "published" ? out.published : row.second == "derived" ? out.derived : out.computed);
    }
    return out;
}

void write_validation_csv(const std::filesystem::path& file, const std::vector<SuiteResult>& suites) {
    std::string text =
        "suite,model,row,observable,reading,inputs,run,time,unit,published,computed,deviation_percent,lowest,highest,"
        "tolerance,inside,basis,source,reason,note\n";
    for (const SuiteResult& suite : suites)
        for (const ValidationModel& model : suite.models) {
            for (const ValidationRow& c : model.comparisons) {
                const auto deviation = c.deviation();
                text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{:.8g},{:.8g},{},{},{},{},{},{}\n", suite.name,
                                    model.name, c.row, quoted(c.observable), c.reading, quoted(c.inputs), c.run,
                                    quoted(c.time), c.unit, quoted(c.published), number(c.computed),
                                    deviation ? fmt::format("{:.4g}", 100.0 * *deviation) : "", c.low, c.high,
                                    quoted(c.tolerance), c.inside() ? "true" : "false", c.basis, c.source,
                                    quoted(c.reason), quoted(c.note));
            }
            for (const auto& left : model.left_out)
                text += fmt::format("{},{},{},{},left out,,,,,,,,,,,,,,{},\n", suite.name, model.name, left.row,
                                    quoted(left.observable), quoted(left.reason));
        }
    write_file(file, text);
}

}  // namespace lobule::io
