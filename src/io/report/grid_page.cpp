// The page of a grid: for each outcome the picture of all combinations, the best of them by name, and the first few in order.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/math.hpp"
#include "heat_map.hpp"
#include "html.hpp"
#include "io/files.hpp"
#include "io/grid.hpp"
#include "text.hpp"

namespace lobule::io {

namespace {

using namespace report;

constexpr std::size_t k_ranked = 5;

std::string with_unit(double value, const std::string& unit) {
    return number(value) + (unit_text(unit).empty() ? "" : " " + unit);
}

/// Numbers as shades: blue is better than the middle, orange worse. Ratios lie by their logarithm, so that twice and half are as far from
/// 1. Without a baseline the worst is pale and the best blue.
class Shades {
public:
    Shades(const GridResult& result, std::size_t o, const std::vector<std::size_t>& ranking)
        : outcome_(result.study.outcomes[o]) {
        for (const std::size_t cell : ranking) {
            const double value = *result.value(o, cell);
            if (cell == ranking.back()) worst_ = value;
            if (cell == ranking.front()) best_ = value;
        }
        for (const std::size_t cell : ranking) {
            const double size = std::abs(distance(*result.value(o, cell)));
            if (std::isfinite(size)) reach_ = std::max(reach_, size);
        }
    }
    double of(double value) const {
        const double d = outcome_.less_is_better ? -distance(value) : distance(value);
        if (!std::isfinite(d)) return d < 0.0 ? -1.0 : 1.0;
        return reach_ > 0.0 ? d / reach_ : 0.0;
    }
    std::string scale() const {
        if (outcome_.against == Against::nothing)
            return shade_scale(0.0, number(worst_) + " worst", {}, number(best_) + " best");
        const double better = outcome_.less_is_better ? -reach_ : reach_;
        return shade_scale(-1.0, number(at(-better)) + " worse", number(outcome_.neutral()),
                           number(at(better)) + " better");
    }

private:
    /// From the middle; of a ratio of 0 or below: minus infinity.
    double distance(double value) const {
        if (outcome_.against == Against::ratio)
            return value > 0.0 ? math::ln(value / outcome_.neutral()) : -std::numeric_limits<double>::infinity();
        return value - (outcome_.against == Against::nothing ? worst_ : 0.0);
    }
    double at(double distance) const {
        return outcome_.against == Against::ratio ? outcome_.neutral() * math::exp(distance) : distance;
    }

    const GridOutcome& outcome_;
    double worst_ = 0.0, best_ = 0.0, reach_ = 0.0;
};

HeatMap map_of(const GridResult& result, std::size_t o, const std::vector<std::size_t>& ranking, const Shades& shades) {
    const GridStudy& s = result.study;
    HeatMap map;
    map.title = s.outcomes[o].name;
    map.description = fmt::format("{} combinations, one field each.", s.cells.size());
    for (const GridAxis& axis : s.axes) map.axes.push_back({axis.label, axis.names});
    for (std::size_t cell = 0; cell < s.cells.size(); ++cell) {
        HeatMap::Cell out;
        out.value = result.value(o, cell);
        const std::string failure = result.failure(o, cell);
        out.failed = !failure.empty();
        if (out.value) out.shade = shades.of(*out.value);
        out.best = !ranking.empty() && ranking.front() == cell;
        out.tip = s.text(cell) + ": " +
                  (out.value    ? with_unit(*out.value, s.outcomes[o].unit)
                   : out.failed ? "failed, " + failure
                                : "there is no such number");
        map.cells.push_back(std::move(out));
    }
    return map;
}

std::string comparison(const GridOutcome& o) {
    if (o.against == Against::nothing) return "Blue is better.";
    return fmt::format("{} the same with {}. Blue is better than that, orange worse.",
                       o.against == Against::ratio ? "Ratio to" : "Difference to", o.baseline);
}

std::string verdict(const GridResult& result, std::size_t o, const std::vector<std::size_t>& ranking) {
    const GridStudy& s = result.study;
    const GridOutcome& outcome = s.outcomes[o];
    if (ranking.empty()) return "No combination has this number.";
    const double best = *result.value(o, ranking.front());
    std::string out =
        fmt::format("Best of {}: {}: {}", s.cells.size(), s.text(ranking.front()), with_unit(best, outcome.unit));
    const auto equal = std::count_if(ranking.begin() + 1, ranking.end(),
                                     [&](std::size_t cell) { return *result.value(o, cell) == best; });
    if (equal > 0) out += fmt::format(", and {} more with the same", equal);
    out += ".";
    if (outcome.against != Against::nothing && !outcome.better(best, outcome.neutral()))
        out += " None does better than its baseline.";
    const std::size_t without = s.cells.size() - ranking.size();
    if (without > 0)
        out += fmt::format(" {} hatched: the run or its baseline failed (×), or there is no such number.", without);
    return out;
}

std::string ranked(const GridResult& result, std::size_t o, const std::vector<std::size_t>& ranking) {
    const GridStudy& s = result.study;
    const GridOutcome& outcome = s.outcomes[o];
    const bool against = outcome.against != Against::nothing;
    std::string rows;
    for (std::size_t r = 0; r < std::min(k_ranked, ranking.size()); ++r) {
        const std::size_t c = ranking[r];
        rows += "<tr>" + numeric(std::to_string(r + 1));
        const auto at = s.place(c);
        for (std::size_t a = 0; a < s.axes.size(); ++a) rows += cell(escape(s.axes[a].names[at[a]]));
        rows += numeric(escape(with_unit(*result.value(o, c), outcome.unit)));
        if (against)
            rows += numeric(escape(with_unit(result.runs[s.cells[c]].values[o], outcome.measure.unit))) +
                    numeric(escape(with_unit(result.runs[s.baselines[o][c]].values[o], outcome.measure.unit)));
        rows += "</tr>";
    }
    if (rows.empty()) return {};
    std::vector<std::string_view> head{"#"};
    for (const GridAxis& axis : s.axes) head.push_back(axis.label);
    const std::string name =
        "#" + std::string(against ? outcome.against == Against::ratio ? "ratio" : "difference" : "value");
    head.push_back(name);
    if (against) head.insert(head.end(), {"#run", "#baseline"});
    return table(head, rows);
}

}  // namespace

std::string grid_html(const GridResult& result, const std::vector<std::pair<std::string, std::string>>& facts) {
    Page page;
    const GridStudy& s = result.study;
    std::string top = "<header><p class=\"overline\">Lobule grid</p><h1>" + escape(words(s.name)) +
                      "</h1><p class=\"lead\">" + escape(s.about) + "</p></header>";
    top += "<dl class=\"glance\">" + stat(std::to_string(s.cells.size()), "combinations") +
           stat(std::to_string(s.runs.size()), "runs") + stat(std::to_string(result.failed()), "failed") + "</dl>";
    for (std::size_t o = 0; o < s.outcomes.size(); ++o) {
        const std::string unit = unit_text(s.outcomes[o].unit);
        const auto ranking = result.ranking(o);
        const Shades shades(result, o, ranking);
        const std::string id = "outcome" + std::to_string(o);
        page.section(id, s.outcomes[o].name + (unit.empty() ? "" : " (" + unit + ")"), comparison(s.outcomes[o]),
                     "<p><b>" + escape(verdict(result, o, ranking)) + "</b></p>" +
                         heat_map(map_of(result, o, ranking, shades), "hatch" + std::to_string(o)) +
                         (ranking.empty() ? "" : "<div class=\"shades\">" + shades.scale() + "</div>") +
                         ranked(result, o, ranking) +
                         (ranking.empty()
                              ? ""
                              : "<p class=\"note\">The best again: <code>lobule run " + escape(shell_word(s.scenario)) +
                                    " " + escape(s.set_options(ranking.front())) + "</code></p>"));
    }
    std::map<std::string, std::size_t> causes;
    for (const GridRun& run : result.runs)
        if (!run.failure.empty()) ++causes[run.failure];
    std::string rows;
    for (const auto& [cause, count] : causes)
        rows += "<tr>" + numeric(std::to_string(count)) + cell(escape(cause)) + "</tr>";
    if (!rows.empty())
        page.section("failures", "Failed runs", "Combinations that need them are hatched.",
                     table({"#runs", "cause"}, rows));
    rows.clear();
    for (const GridAxis& axis : s.axes) {
        std::string values;
        for (const std::string& value : axis.values) values += (values.empty() ? "" : ", ") + value;
        rows += "<tr>" + cell(escape(axis.label)) + cell("<code>" + escape(axis.parameter) + "</code>") +
                cell(escape(values)) + "</tr>";
    }
    page.section("axes", "What is combined", "", table({"axis", "parameter", "values"}, rows));
    std::string list;
    for (const auto& [label, text] : facts)
        list += "<tr><th>" + escape(label) + "</th><td>" + escape(text) + "</td></tr>";
    page.section("facts", "This page", "", "<table class=\"facts\">" + list + "</table>");
    return page.html("Grid: " + words(s.name), top, k_heat_map_style);
}

}  // namespace lobule::io
