// The case in cells against the case in zones, on the page.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html.hpp"
#include "page.hpp"
#include "text.hpp"

namespace lobule::io::report {

namespace {

constexpr double k_large = 0.25;  // printed bold

std::string with_unit(const std::optional<double>& value, const std::string& unit) {
    if (!value) return "not reached";
    const std::string text = unit_text(unit);
    return number(value) + (text.empty() ? "" : " " + escape(text));
}

std::string signed_text(double value) { return (value > 0.0 ? "+" : "") + number(value, 2); }

std::string gap_text(const GapRow& row) {
    if (!row.difference) return "–";
    const std::string unit = row.unit == "%" ? "points" : unit_text(row.unit);
    const std::string text = row.relative ? signed_text(100.0 * *row.relative) + " %"
                                          : signed_text(*row.difference) + (unit.empty() ? "" : " ") + escape(unit);
    return row.size >= k_large ? "<b>" + text + "</b>" : text;
}

std::string named_numbers(const ReportData& report) {
    std::string rows;
    for (const GapRow& row : report.gap) {
        if (row.from == "figure") continue;
        rows += "<tr>" + cell(named(row.name, words(row.probe) + ", " + words(row.kind))) +
                numeric(with_unit(row.cells, row.unit)) + numeric(with_unit(row.zones, row.unit)) +
                numeric(gap_text(row)) + "</tr>";
    }
    return rows.empty() ? rows : table({"Number", "#Cells", "#Zones", "#Gap"}, rows);
}

/// One row a probe: rows are sorted, so a probe stands where its largest gap is.
std::string probes_of_figures(const ReportData& report) {
    std::vector<std::string> probes;
    std::vector<double> times;
    for (const GapRow& row : report.gap) {
        if (row.from != "figure" || !row.at) continue;
        if (std::find(probes.begin(), probes.end(), row.probe) == probes.end()) probes.push_back(row.probe);
        if (std::find(times.begin(), times.end(), *row.at) == times.end()) times.push_back(*row.at);
    }
    if (probes.empty()) return {};
    std::sort(times.begin(), times.end());
    std::vector<std::string> names;
    for (const double time : times) names.push_back("#" + duration(time));
    std::vector<std::string_view> head{"Probe"};
    head.insert(head.end(), names.begin(), names.end());
    std::string rows;
    for (const std::string& probe : probes) {
        std::vector<const GapRow*> at(times.size(), nullptr);
        std::string unit;
        for (const GapRow& row : report.gap) {
            if (row.from != "figure" || row.probe != probe || !row.at) continue;
            at[static_cast<std::size_t>(std::find(times.begin(), times.end(), *row.at) - times.begin())] = &row;
            unit = unit_text(row.unit);
        }
        rows += "<tr>" + cell(named(words(probe), unit));
        for (const GapRow* row : at)
            rows += numeric(row == nullptr ? "–"
                                           : gap_text(*row) + "<span class=\"sub\">" + number(row->cells) + " / " +
                                                 number(row->zones) + "</span>");
        rows += "</tr>";
    }
    return table(head, rows);
}

}  // namespace

std::string gap_tables(const ReportData& report) {
    return part("Named by features and checks", "", named_numbers(report)) +
           part("Probes of figures", "Below each gap: cells / zones.", probes_of_figures(report));
}

}  // namespace lobule::io::report
