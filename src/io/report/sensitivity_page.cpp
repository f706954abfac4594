// The page of a sensitivity analysis: for each output a bar for each parameter, with its interval.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "html.hpp"
#include "io/sensitivity.hpp"
#include "text.hpp"

namespace lobule::io {

namespace {

using namespace report;

constexpr std::string_view k_sensitivity_style = R"css(
.bars{min-width:300px}.bars svg{width:300px;height:18px}
)css";

/// A bar from 0 with the line of its interval; `most` is the end of the scale.
std::string bar(const study::Interval& v, double most) {
    const auto x = [&](double value) { return 4.0 + 292.0 * std::clamp(value / most, 0.0, 1.0); };
    return fmt::format(
        "<td class=\"bars\"><svg viewBox=\"0 0 300 18\" role=\"img\" aria-label=\"{} ({} to {})\">"
        "<rect x=\"4\" y=\"4\" width=\"{}\" height=\"10\" fill=\"currentColor\" opacity=\".35\"/>"
        "<line x1=\"{}\" x2=\"{}\" y1=\"9\" y2=\"9\" stroke=\"currentColor\" stroke-width=\"2\"/></svg></td>",
        number(v.value), number(v.low), number(v.high), coordinate(x(v.value) - 4.0), coordinate(x(v.low)),
        coordinate(x(v.high)));
}

std::string interval(const study::Interval& v) {
    return numeric(number(v.value)) + numeric(number(v.low) + " to " + number(v.high));
}

/// Parameters, the one that moves most first.
template <class Size>
std::vector<std::size_t> by_size(std::size_t count, Size size) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
    return order;
}

std::string name_cell(const VariedParameter& p) {
    const std::string unit = unit_text(p.unit);
    return cell(named(p.bounded.name, fmt::format("{} to {}{}{}", number(p.written(p.bounded.low)),
                                                  number(p.written(p.bounded.high)), unit.empty() ? "" : " ", unit)));
}

std::string morris_table(const SensitivityResult& result, std::size_t output) {
    const auto& indices = result.morris[output];
    const auto order = by_size(indices.size(), [&](std::size_t p) { return indices[p].mu_star.value; });
    double most = 1e-300;
    for (const study::MorrisIndex& m : indices) most = std::max({most, m.mu_star.value, m.mu_star.high});
    std::string rows;
    for (const std::size_t p : order)
        rows += "<tr>" + name_cell(result.study.parameters[p]) + bar(indices[p].mu_star, most) +
                interval(indices[p].mu_star) + numeric(number(indices[p].mu)) + numeric(number(indices[p].sigma)) +
                numeric(std::to_string(indices[p].effects)) + "</tr>";
    return table({"parameter", "mean size of its effect", "#μ*", "#95 %", "#μ", "#σ", "#effects"}, rows);
}

std::string sobol_table(const SensitivityResult& result, std::size_t output) {
    const auto& indices = result.sobol[output];
    const auto order = by_size(indices.size(), [&](std::size_t p) { return indices[p].total.value; });
    double most = 1.0;
    for (const study::SobolIndex& s : indices) most = std::max({most, s.total.high, s.first.high});
    std::string rows;
    for (const std::size_t p : order)
        rows += "<tr>" + name_cell(result.study.parameters[p]) + bar(indices[p].first, most) +
                interval(indices[p].first) + bar(indices[p].total, most) + interval(indices[p].total) + "</tr>";
    return table({"parameter", "first order", "#S1", "#95 %", "total", "#ST", "#95 %"}, rows);
}

}  // namespace

std::string sensitivity_html(const SensitivityResult& result,
                             const std::vector<std::pair<std::string, std::string>>& facts) {
    Page page;
    const SensitivityStudy& s = result.study;
    const bool morris = s.method == SensitivityStudy::Method::morris;
    std::string top =
        "<h1>Sensitivity: " + escape(words(s.name)) + "</h1><p class=\"summary\">" + escape(s.about) + "</p></header>";
    top += "<dl class=\"glance\">" + stat(std::to_string(s.parameters.size()), "parameters") +
           stat(std::to_string(s.samples), morris ? "trajectories" : "rows of each matrix") +
           stat(std::to_string(result.points.size()), "runs") + stat(std::to_string(result.failed()), "failed") +
           "</dl>";
    for (std::size_t o = 0; o < s.outputs.size(); ++o) {
        const std::string unit = unit_text(s.outputs[o].measure.unit);
        page.section("output" + std::to_string(o), s.outputs[o].name + (unit.empty() ? "" : " (" + unit + ")"), "",
                     morris ? morris_table(result, o) : sobol_table(result, o));
    }
    page.section(
        "how", "How to read this", "",
        morris
            ? "<p>An elementary effect is the change of the output when one parameter moves by two thirds of its "
              "range, "
              "scaled to the whole range. μ* is the mean of their sizes, with its bootstrap interval; μ is their mean "
              "with sign; σ, their standard deviation, is large where the effect is not linear or depends on the "
              "other parameters.</p>"
            : "<p>S1 is the share of the output's variance that one parameter explains alone, ST with all that it "
              "does together with others. Lines are bootstrap intervals of 95 %. Estimates scatter around 0 where "
              "an index is small.</p>");
    std::map<std::string, std::size_t> causes;
    for (const StudyPoint& p : result.points)
        if (!p.failure.empty()) ++causes[p.failure];
    std::string rows;
    for (const auto& [cause, count] : causes)
        rows += "<tr>" + numeric(std::to_string(count)) + cell(escape(cause)) + "</tr>";
    if (!rows.empty())
        page.section("failures", "Failed runs", "What needs them is left out.", table({"#runs", "cause"}, rows));
    std::string list;
    for (const auto& [label, text] : facts)
        list += "<tr><th>" + escape(label) + "</th><td>" + escape(text) + "</td></tr>";
    page.section("facts", "This page", "", "<table class=\"facts\">" + list + "</table>");
    return page.html("Sensitivity: " + words(s.name), top, k_sensitivity_style);
}

}  // namespace lobule::io
