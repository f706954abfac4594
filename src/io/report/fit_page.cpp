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
table.heat{width:auto}.heat th,.heat td{padding:7px 10px}.heat tbody th{padding-left:0}
.heat thead th{vertical-align:bottom;border-bottom:0}.heat thead span{writing-mode:vertical-rl;transform:rotate(180deg)}
.heat td{text-align:center;min-width:52px;border:1px solid var(--paper);font-variant-numeric:tabular-nums}
.heat td.same{color:var(--soft);background:var(--wash)}
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
            x(profile->low.value_or(profile->low_failed.value_or(bounded.low))),
            x(profile->high.value_or(profile->high_failed.value_or(bounded.high))));
    out += fmt::format("<line x1=\"{0}\" x2=\"{0}\" y1=\"3\" y2=\"13\" stroke=\"currentColor\" opacity=\".6\"/>",
                       x(present));
    return out + fmt::format("<circle cx=\"{}\" cy=\"8\" r=\"4\" fill=\"currentColor\"/></svg>", x(value));
}

std::string interval_text(const VariedParameter& p, const study::Profile* profile) {
    if (profile == nullptr) return "–";
    const auto end = [&](const std::optional<double>& at, const std::optional<double>& failed) -> std::string {
        return at ? number(p.written(*at)) : failed ? "runs fail" : "open";
    };
    return end(profile->low, profile->low_failed) + " to " + end(profile->high, profile->high_failed);
}

/// One standard error either way on the parameter's scale: a difference, or a factor where the scale is logarithmic.
std::string error_text(const FitResult& result, std::size_t i) {
    const VariedParameter& p = result.problem.parameters[i];
    const std::optional<double> up = error_end(result, i, 1.0);
    if (!up) return "not told";
    const double best = result.winner().best[i];
    return (p.bounded.scale == study::Scale::linear ? "± " + number(p.written(*up - best), 2)
                                                    : "×÷ " + number(*up / best, 3)) +
           "<span class=\"sub\">" + number(100.0 * result.shape->errors[i], 2) + " % of the range</span>";
}

std::string parameter_table(const FitResult& result) {
    std::string rows;
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i) {
        const VariedParameter& p = result.problem.parameters[i];
        const double value = result.winner().best[i];
        const int bound = study::at_bound(p.bounded, value);
        const study::Profile* profile = result.profile(i);
        rows += "<tr>" + cell(named(p.bounded.name, p.about)) + numeric(number(p.written(value), 4)) +
                cell(escape(unit_text(p.unit))) + numeric(number(p.written(p.present), 4)) +
                numeric(number(p.written(p.bounded.low)) + " to " + number(p.written(p.bounded.high))) +
                fmt::format("<td class=\"bounds\">{}</td>", bounds_strip(p.bounded, value, p.present, profile)) +
                cell(bound == 0 ? "" : "<span class=\"bad\">at its bound</span>") + numeric(interval_text(p, profile)) +
                numeric(result.shape ? error_text(result, i) : "–") + "</tr>";
    }
    return table(
        {"parameter", "#found", "unit", "#present", "#bounds", "place", "", "#profile interval", "#standard error"},
        rows);
}

std::string determined_table(const FitResult& result) {
    std::string rows;
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i)
        if (const std::string why = not_determined(result, i); !why.empty())
            rows += "<tr>" +
                    cell("<span class=\"bad\">" + escape(result.problem.parameters[i].bounded.name) + "</span>") +
                    cell(escape(why)) + "</tr>";
    return rows.empty() ? "<p>These rows determine every parameter within its bounds, as far as profile or standard "
                          "error tell.</p>"
                        : "<h3>Not determined by these rows</h3>" + table({"parameter", "why"}, rows);
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
        const double level = lowest + study::k_profile_rise;  // on the axis, so that what is flat looks flat
        Plot plot(k_small, round_axis(first, last, 4, p.bounded.name + (unit.empty() ? "" : " (" + unit + ")")),
                  round_axis(lowest, std::max(level, *std::max_element(y.begin(), y.end())), 4, "S"),
                  "Profile of " + p.bounded.name, "The sum of squares along one parameter, all others fitted anew.");
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

/// A cell of the heat map: the colour tells the sign, its strength the size.
std::string heat(double r, bool same) {
    if (same) return "<td class=\"same\">1</td>";
    if (!std::isfinite(r)) return "<td class=\"same\">–</td>";
    const std::string text = fmt::format("{}{:.2f}", r < -0.005 ? "−" : "", std::abs(r));
    return fmt::format("<td style=\"background:color-mix(in srgb,var(--{}) {:.0f}%,transparent)\">{}</td>",
                       r > 0.0 ? "c0" : "c1", 55.0 * std::abs(r),
                       std::abs(r) > study::k_tied ? "<b>" + text + "</b>" : text);
}

/// The direction that the data tell least: its parts of more than a fifth, the largest first.
std::string weakest_text(const FitResult& result) {
    std::vector<std::size_t> order;
    const std::vector<double>& part = result.shape->weakest;
    for (std::size_t i = 0; i < part.size(); ++i)
        if (std::abs(part[i]) > 0.2) order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return std::abs(part[a]) > std::abs(part[b]); });
    std::string out;
    for (const std::size_t i : order) {  // the sign of the whole is free: the first is positive
        const bool minus = (part[i] < 0.0) != (part[order.front()] < 0.0);
        out += (out.empty() ? ""
                : minus     ? " − "
                            : " + ") +
               number(std::abs(part[i]), 2) + " " + result.problem.parameters[i].bounded.name;
    }
    return out;
}

std::string correlation_table(const FitResult& result) {
    if (!result.shape || result.problem.parameters.size() < 2) return {};
    std::string head = "<div class=\"scroll\"><table class=\"heat\"><thead><tr><th></th>", rows;
    for (const std::size_t i : result.problem.correlations) {
        const std::string name = escape(result.problem.parameters[i].bounded.name);
        head += "<th scope=\"col\"><span>" + name + "</span></th>";
        rows += "<tr><th scope=\"row\">" + name + "</th>";
        for (const std::size_t j : result.problem.correlations) rows += heat(result.shape->correlations[i][j], i == j);
        rows += "</tr>";
    }
    std::string note = fmt::format(
        "Condition number of J in units of the ranges, over all {} parameters: {}.", result.problem.parameters.size(),
        std::isfinite(result.shape->condition) ? number(result.shape->condition, 3) : "infinite");
    if (const std::string weakest = weakest_text(result); !weakest.empty())
        note += " The rows tell least of the combination " + weakest + ", in shares of the ranges.";
    if (result.shape->failed > 0)
        note += fmt::format(" {} of its {} runs failed: there the difference is to the best point, or none.",
                            result.shape->failed, result.shape->evaluations);
    return head + "</tr></thead><tbody>" + rows + "</tbody></table></div><p class=\"note\">" + escape(note) + "</p>";
}

std::string trouble(const FitResult& result) {
    const std::vector<FitPhase> phases = result.phases();
    const study::Failures failures = result.failures();
    std::string rows;
    const auto line = [&](const std::string& name, const auto& count, std::size_t all) {
        rows += "<tr>" + cell(name);
        for (const FitPhase& phase : phases) rows += numeric(std::to_string(count(phase)));
        rows += numeric(std::to_string(all)) + "</tr>";
    };
    std::size_t failed = 0;
    for (const auto& [cause, count] : failures) {
        failed += count;
        line(
            escape(cause),
            [&](const FitPhase& phase) {
                const auto found = phase.failures.find(cause);
                return found == phase.failures.end() ? 0 : found->second;
            },
            count);
    }
    if (failures.size() != 1)
        line(
            "failed in all", [](const FitPhase& phase) { return phase.failed(); }, failed);
    line(
        "evaluations", [](const FitPhase& phase) { return phase.evaluations; }, result.evaluations());
    return table({"cause (# stands for a number)", "#search", "#Jacobian", "#profiles", "#all"}, rows);
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
    std::size_t at_bounds = 0, untold = 0;
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i) {
        untold += not_determined(result, i).empty() ? 0 : 1;
        at_bounds += study::at_bound(result.problem.parameters[i].bounded, winner.best[i]) != 0 ? 1 : 0;
    }
    std::string top = "<h1>Fit: " + escape(words(result.problem.name)) + "</h1><p class=\"summary\">" +
                      escape(result.problem.about) + "</p></header>";
    top += "<dl class=\"glance\">" + stat(number(winner.cost, 4), "S found") +
           stat(number(result.starts.front().first, 4), "S of the present values") +
           stat(fmt::format("{} of {}", same, result.starts.size()), "starts at this minimum, within 1 %") +
           stat(std::to_string(at_bounds), "parameters at a bound") +
           stat(std::to_string(untold), "parameters not determined") +
           stat(std::to_string(result.evaluations()), "evaluations") + "</dl>";
    page.section("starts", "Starts", "", waterfall(result));
    page.section("parameters", "Parameters", "The dot is what was found, the stroke the present value.",
                 parameter_table(result) + determined_table(result) + set_lines(result));
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
    page.section("correlations", "Correlations",
                 "Of the estimates at the best point, all fitted parameters free: from the Jacobian J of the weighted "
                 "residuals by "
                 "differences over 1 % of each range, with (J'J)⁻¹, the Gauss-Newton approximation, as covariance. "
                 "Blue: both can "
                 "rise together; orange: one rises where the other falls; bold beyond 0.9; a stroke where the rows do "
                 "not tell.",
                 correlation_table(result));
    page.section("failures", "Failed runs",
                 "A failed run counts as a very large S in the search and on a profile. A profile ends there.",
                 trouble(result));
    std::string list;
    for (const auto& [label, text] : facts)
        list += "<tr><th>" + escape(label) + "</th><td>" + escape(text) + "</td></tr>";
    page.section("facts", "This page", "", "<table class=\"facts\">" + list + "</table>");
    return page.html("Fit: " + words(result.problem.name), top, k_fit_style);
}

}  // namespace lobule::io
