// What a grid leaves: lines of the file it goes on from, the table, and result.json.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/grid.hpp"
#include "io/version.hpp"

namespace lobule::io {

Json to_json(const GridRun& run) {
    Json values = Json::Array{};
    for (const double v : run.values) values.push(v);
    Json out = Json::Object{{"run", std::uint64_t{run.index}}, {"values", values}};
    if (!run.failure.empty()) out.set("failure", run.failure);
    return out;
}

GridRun grid_run_from(const Json& json) {
    GridRun out;
    out.index = json["run"].whole(0);
    for (const Json& item : json["values"].items()) out.values.push_back(item.number(NAN));
    out.failure = json["failure"].text();
    return out;
}

std::size_t GridResult::failed() const {
    return static_cast<std::size_t>(
        std::count_if(runs.begin(), runs.end(), [](const GridRun& r) { return !r.failure.empty(); }));
}

std::optional<double> GridResult::value(std::size_t outcome, std::size_t cell) const {
    const GridOutcome& o = study.outcomes[outcome];
    double value = runs[study.cells[cell]].values[outcome];
    if (o.against != Against::nothing) {
        const double baseline = runs[study.baselines[outcome][cell]].values[outcome];
        // As in a feature: there is no ratio to what is not above 0.
        value = o.against == Against::difference ? value - baseline
                : baseline > 0.0                 ? value / baseline * o.factor
                                                 : NAN;
    }
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::string GridResult::failure(std::size_t outcome, std::size_t cell) const {
    const std::string& own = runs[study.cells[cell]].failure;
    if (!own.empty() || study.baselines[outcome].empty()) return own;
    const std::string& baseline = runs[study.baselines[outcome][cell]].failure;
    return baseline.empty() ? baseline : "its baseline: " + baseline;
}

std::vector<std::size_t> GridResult::ranking(std::size_t outcome) const {
    std::vector<std::pair<double, std::size_t>> found;
    for (std::size_t cell = 0; cell < study.cells.size(); ++cell)
        if (const auto v = value(outcome, cell)) found.emplace_back(*v, cell);
    std::stable_sort(found.begin(), found.end(),
                     [&](const auto& a, const auto& b) { return study.outcomes[outcome].better(a.first, b.first); });
    std::vector<std::size_t> out;
    for (const auto& [v, cell] : found) out.push_back(cell);
    return out;
}

std::string grid_csv(const GridResult& result) {
    const GridStudy& s = result.study;
    std::string out;
    for (const GridAxis& axis : s.axes) out += (out.empty() ? "" : ",") + csv_field(axis.parameter);
    for (const GridOutcome& o : s.outcomes) {
        out += "," + csv_field(fmt::format("{} [{}]", o.name, o.unit));
        if (o.against == Against::nothing) continue;
        out += "," + csv_field(fmt::format("{}: run [{}]", o.name, o.measure.unit));
        out += "," + csv_field(fmt::format("{}: baseline [{}]", o.name, o.measure.unit));
    }
    out += ",failure\n";
    const auto number = [](double v) { return std::isfinite(v) ? fmt::format(",{}", v) : std::string(","); };
    for (std::size_t cell = 0; cell < s.cells.size(); ++cell) {
        const auto at = s.place(cell);
        std::string failure;
        for (std::size_t a = 0; a < s.axes.size(); ++a) out += (a == 0 ? "" : ",") + csv_field(s.axes[a].values[at[a]]);
        for (std::size_t o = 0; o < s.outcomes.size(); ++o) {
            out += number(result.value(o, cell).value_or(NAN));
            if (failure.empty()) failure = result.failure(o, cell);
            if (s.outcomes[o].against == Against::nothing) continue;
            out += number(result.runs[s.cells[cell]].values[o]);
            out += number(result.runs[s.baselines[o][cell]].values[o]);
        }
        out += "," + csv_field(failure) + "\n";
    }
    return out;
}

Json grid_json(const GridResult& result) {
    const Version& v = version();
    const GridStudy& s = result.study;
    Json outcomes = Json::Object{};
    for (std::size_t o = 0; o < s.outcomes.size(); ++o) {
        const auto ranking = result.ranking(o);
        Json one =
            Json::Object{{"unit", s.outcomes[o].unit}, {"better", s.outcomes[o].less_is_better ? "less" : "more"}};
        one.set("combinations", std::uint64_t{ranking.size()});
        Json best;
        if (!ranking.empty()) {
            const auto at = s.place(ranking.front());
            for (std::size_t a = 0; a < s.axes.size(); ++a) best.set(s.axes[a].parameter, s.axes[a].values[at[a]]);
            one.set("value", *result.value(o, ranking.front()));
        }
        outcomes.set(s.outcomes[o].name, one.set("best", best));
    }
    Json out = Json::Object{{"format", "lobule.grid"}, {"version", 1}, {"study", s.name}};
    out.set("scenario", s.scenario).set("hash", result.hash);
    out.set("program", Json::Object{{"version", v.number}, {"commit", v.commit}});
    out.set("combinations", std::uint64_t{s.cells.size()}).set("runs", std::uint64_t{s.runs.size()});
    return out.set("failed", std::uint64_t{result.failed()}).set("outcomes", outcomes);
}

}  // namespace lobule::io
