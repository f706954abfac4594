// The page of a fit: starts, fitted against observed, parameters in their bounds, profiles, correlations.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html.hpp"
#include "io/fit.hpp"
#include "page.hpp"
#include "panel.hpp"
#include "text.hpp"

namespace lobule::io {

namespace {

using namespace report;

constexpr std::string_view k_fit_style = R"css(
.good{color:var(--fit)}.bad{color:var(--misfit);font-weight:600}
.bounds{min-width:150px}.bounds svg{width:150px;height:16px}
pre.set{white-space:pre-wrap;overflow-wrap:anywhere}
)css";

constexpr double k_same = 0.01;  // starts within this share of the lowest cost are at the same minimum

std::string waterfall(const FitResult& result) {
    std::vector<double> costs, ranks;
    for (const study::StartResult& s : result.starts)
        if (s.cost < study::k_failed_cost) costs.push_back(s.cost);
    if (costs.empty()) return {};
    std::sort(costs.begin(), costs.end());
    for (std::size_t i = 0; i < costs.size(); ++i) ranks.push_back(static_cast<double>(i + 1));
    Axis axis{0.5, ranks.back() + 0.5, 1.0, {}, "starts, the best first"};
    const double step = std::ceil(ranks.back() / 10.0);
    for (double rank = 1.0; rank <= ranks.back(); rank += step) axis.ticks.push_back(rank);
    Plot plot(k_wide, axis, round_axis(0.0, costs.back(), 5, "S"), "Waterfall of starts",
              "The sum of squares that each start reached, sorted.");
    plot.curve(ranks, costs, "c0", "S", false);
    for (std::size_t i = 0; i < costs.size(); ++i)
        plot.point(ranks[i], costs[i], 0.0, "observed", fmt::format("S = {}", number(costs[i], 4)));
    return panel("Waterfall of starts", "A flat beginning says that several starts found the same minimum.", plot.svg(),
                 "wide");
}

/// Where a value lies between its bounds, on the parameter's scale, with the interval of its profile.
std::string bounds_strip(const study::Bounded& bounded, double value, double present, const study::Profile* profile) {
    const auto x = [&](double v) { return coordinate(5.0 + 140.0 * bounded.to_unit(v)); };
    std::string out =
        "<svg viewBox=\"0 0 150 16\" role=\"img\" aria-label=\"place between the bounds\">"
        "<line x1=\"5\" x2=\"145\" y1=\"8\" y2=\"8\" stroke=\"currentColor\" opacity=\".35\"/>";
    if (profile != nullptr)
        out += fmt::format(
            "<line x1=\"{}\" x2=\"{}\" y1=\"8\" y2=\"8\" stroke=\"currentColor\" stroke-width=\"5\" opacity=\".3\"/>",
            x(profile->low.value_or(bounded.low)), x(profile->high.value_or(bounded.high)));
    out += fmt::format("<line x1=\"{0}\" x2=\"{0}\" y1=\"3\" y2=\"13\" stroke=\"currentColor\" opacity=\".6\"/>",
                       x(present));
    return out + fmt::format("<circle cx=\"{}\" cy=\"8\" r=\"4\" fill=\"currentColor\"/></svg>", x(value));
}

std::string interval_text(const VariedParameter& p, const study::Profile* profile) {
    if (profile == nullptr) return "–";
    return (profile->low ? number(p.written(*profile->low)) : std::string("open")) + " to " +
           (profile->high ? number(p.written(*profile->high)) : std::string("open"));
}

std::string parameter_table(const FitResult& result) {
    std::string rows;
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i) {
        const VariedParameter& p = result.problem.parameters[i];
        const double value = result.winner().best[i];
        const int bound = study::at_bound(p.bounded, value);
        const study::Profile* profile = result.profile(i);
        std::string error = "–";
        if (result.shape)
            error = result.shape->errors[i] < 1.0 ? number(100.0 * result.shape->errors[i], 2) + " %" : "not told";
        rows += "<tr>" + cell(named(p.bounded.name, p.about)) + numeric(number(p.written(value), 4)) +
                cell(escape(unit_text(p.unit))) + numeric(number(p.written(p.present), 4)) +
                numeric(number(p.written(p.bounded.low)) + " to " + number(p.written(p.bounded.high))) +
                fmt::format("<td class=\"bounds\">{}</td>", bounds_strip(p.bounded, value, p.present, profile)) +
                cell(bound == 0 ? "" : "<span class=\"bad\">at its bound</span>") + numeric(interval_text(p, profile)) +
                numeric(error) + "</tr>";
    }
    return table({"parameter", "#found", "unit", "#present", "#bounds", "place", "", "#profile interval",
                  "#standard error, of the range"},
                 rows);
}

std::string profile_panels(const FitResult& result) {
    std::string panels;
    for (const study::Profile& profile : result.profiles) {
        const VariedParameter& p = result.problem.parameters[profile.parameter];
        std::vector<double> x, y;
        double lowest = study::k_failed_cost, first = HUGE_VAL, last = -HUGE_VAL;
        for (const study::ProfilePoint& point : profile.points) lowest = std::min(lowest, point.cost);
        for (const study::ProfilePoint& point : profile.points) {
            if (point.cost > lowest + 40.0 * study::k_profile_rise) continue;
            x.push_back(p.written(point.value));
            y.push_back(point.cost);
            first = std::min(first, x.back());
            last = std::max(last, x.back());
        }
        if (x.size() < 2) continue;
        const std::string unit = unit_text(p.unit);
        Plot plot(k_small, round_axis(first, last, 4, p.bounded.name + (unit.empty() ? "" : " (" + unit + ")")),
                  round_axis(lowest, *std::max_element(y.begin(), y.end()), 4, "S"), "Profile of " + p.bounded.name,
                  "The sum of squares along one parameter, all others fitted anew.");
        const double level = lowest + study::k_profile_rise;
        plot.curve(std::vector{first, last}, std::vector{level, level}, "published", "S + 3.84", false);
        plot.curve(x, y, "c0", "S", false);
        for (std::size_t i = 0; i < x.size(); ++i)
            plot.point(x[i], y[i], 0.0, "observed", fmt::format("{}: S = {}", number(x[i]), number(y[i], 4)));
        std::string caption = "Dashed: the lowest S + 3.84.";
        if (profile.lower_found) caption += " <span class=\"bad\">A point lies below the fit: use more starts.</span>";
        panels += panel(p.bounded.name, caption, plot.svg());
    }
    return panels.empty() ? panels : "<div class=\"multiples\">" + panels + "</div>";
}

std::string correlation_table(const FitResult& result) {
    if (!result.shape || result.problem.parameters.size() < 2) return {};
    if (result.shape->failed > 0)
        return fmt::format("<p class=\"note\">{} runs beside the optimum failed: there is no Jacobian.</p>",
                           result.shape->failed);
    std::string head = "<div class=\"scroll\"><table><thead><tr><th></th>";
    for (const VariedParameter& p : result.problem.parameters)
        head += "<th class=\"n\" scope=\"col\">" + escape(p.bounded.name) + "</th>";
    std::string rows;
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i) {
        rows += "<tr><th scope=\"row\">" + escape(result.problem.parameters[i].bounded.name) + "</th>";
        for (std::size_t j = 0; j < result.problem.parameters.size(); ++j) {
            const double r = result.shape->correlations[i][j];
            const std::string text = fmt::format("{:.2f}", r);
            rows += numeric(i != j && std::abs(r) > 0.9 ? "<span class=\"bad\">" + text + "</span>" : text);
        }
        rows += "</tr>";
    }
    return head + "</tr></thead><tbody>" + rows + "</tbody></table></div>" +
           fmt::format("<p class=\"note\">Condition of the Jacobian in units of the ranges: {}.</p>",
                       number(result.shape->condition, 2));
}

std::string trouble(const FitResult& result) {
    const auto failures = result.failures();
    if (failures.empty()) return "<p>No run failed.</p>";
    std::string rows;
    for (const auto& [cause, count] : failures)
        rows += "<tr>" + numeric(std::to_string(count)) + cell(escape(cause)) + "</tr>";
    return table({"#runs", "cause (# stands for a number)"}, rows);
}

std::string set_lines(const FitResult& result) {
    std::string out;
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i)
        out += result.problem.parameters[i].set_option(result.winner().best[i]) + "\n";
    return "<pre class=\"set\">" + escape(out) + "</pre>";
}

}  // namespace

std::string fit_html(const FitResult& result, const std::vector<VariedCase>& cases,
                     const std::vector<Reference>& references,
                     const std::vector<std::pair<std::string, std::string>>& facts) {
    Page page;
    const study::StartResult& winner = result.winner();
    std::size_t same = 0;
    for (const study::StartResult& s : result.starts) same += s.cost <= winner.cost * (1.0 + k_same) ? 1 : 0;
    std::size_t at_bounds = 0;
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i)
        at_bounds += study::at_bound(result.problem.parameters[i].bounded, winner.best[i]) != 0 ? 1 : 0;
    std::string top = "<h1>Fit: " + escape(words(result.problem.name)) + "</h1><p class=\"summary\">" +
                      escape(result.problem.about) + "</p></header>";
    top += "<dl class=\"glance\">" + stat(number(winner.cost, 4), "S found") +
           stat(number(result.starts.front().first, 4), "S of the present values") +
           stat(fmt::format("{} of {}", same, result.starts.size()), "starts at this minimum, within 1 %") +
           stat(std::to_string(at_bounds), "parameters at a bound") +
           stat(std::to_string(result.evaluations()), "evaluations") + "</dl>";
    page.section("starts", "Starts", "", waterfall(result));
    page.section("parameters", "Parameters", "The dot is what was found, the stroke the present value.",
                 parameter_table(result) + set_lines(result));
    for (std::size_t c = 0; c < cases.size(); ++c) {
        const VariedCase& one = cases[c];
        const ReportData report =
            make_report(*one.model, varied_parameters(one, result.problem.parameters, winner.best), {},
                        one.expectations, result.results[c], references);
        page.section("case" + std::to_string(c), words(one.name), "Calibration rows against the fitted curves.",
                     series_panels(report, "calibrate") + series_table(report, "calibrate") +
                         feature_table(report, "calibrate"));
    }
    std::string effects;
    for (const auto& [source, effect] : result.effects)
        effects += "<tr>" + cell(escape(source)) + numeric(number(effect, 4)) + "</tr>";
    if (!effects.empty())
        page.section("effects", "Effects of studies",
                     "A factor on the predictions of each study, estimated with the parameters.",
                     table({"study", "#factor"}, effects));
    page.section(
        "profiles", "Profiles",
        "S along one parameter, all others fitted anew. S is a chi-square only as far as the spreads are right "
        "and the terms independent: read the intervals as a ranking of what the data tell.",
        profile_panels(result));
    page.section("correlations", "Correlations", "Of the estimates, from the Jacobian at the optimum.",
                 correlation_table(result));
    page.section("failures", "Failed runs", "A failed run counts as a very large S.", trouble(result));
    std::string list;
    for (const auto& [label, text] : facts)
        list += "<tr><th>" + escape(label) + "</th><td>" + escape(text) + "</td></tr>";
    page.section("facts", "This page", "", "<table class=\"facts\">" + list + "</table>");
    return page.html("Fit: " + words(result.problem.name), top, k_fit_style);
}

}  // namespace lobule::io
