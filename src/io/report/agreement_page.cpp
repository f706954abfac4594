#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html.hpp"
#include "io/agreement.hpp"
#include "panel.hpp"
#include "text.hpp"

namespace lobule::io {

namespace {

using namespace report;
using study::AgreementRow;
using study::Estimate;
using study::Verdict;

constexpr std::string_view k_agreement_style = R"css(
.good{color:var(--fit)}.bad{color:var(--misfit);font-weight:600}
.agree td:first-child{min-width:190px}
)css";

constexpr Plot::Size k_panel{372.0, 236.0};

/// Relative to the reference where there is one.
double size_of(const AgreementRow& row) {
    double size = std::abs(row.reference);
    for (const study::LevelSummary& level : row.levels) size = std::max(size, std::abs(level.mean));
    return size > 0.0 ? size : 1.0;
}

std::string with_error(const Estimate& e, double scale = 1.0, int digits = 2) {
    return number(e.value / scale, digits) + " ± " + number(e.error / scale, 2);
}

std::string slope(const std::optional<Estimate>& e) {
    return e ? fmt::format("{:.2f} ± {:.2f}", e->value, 1.96 * e->error) : std::string("not seen");
}

std::string verdict_text(Verdict verdict) {
    switch (verdict) {
        case Verdict::agrees: return "<span class=\"good\">agrees</span>";
        case Verdict::disagrees: return "<span class=\"bad\">disagrees</span>";
        case Verdict::silent: break;
    }
    return "does not vary";
}

/// Scatter against N, both as logarithms, for the populations of a case; the dotted line falls as N^-1/2.
std::string scatter_panel(const LookResult& look) {
    Range range;
    struct Drawn {
        std::vector<double> x, y;
        std::string name;
    };
    std::vector<Drawn> drawn;
    for (const AgreementRow& row : look.result.rows) {
        if (row.name != row.part || drawn.size() >= k_colours) continue;  // whole populations
        Drawn d{{}, {}, row.part};
        for (const study::LevelSummary& level : row.levels)
            if (level.sd > 0.0) {
                d.x.push_back(std::log10(level.agents));
                d.y.push_back(std::log10(level.sd / size_of(row)));
                range.add(d.y.back());
            }
        if (d.x.size() > 1) drawn.push_back(std::move(d));
    }
    if (drawn.empty()) return {};
    const double first = drawn[0].x.front(), last = drawn[0].x.back();
    Plot plot(k_panel, round_axis(first, last, 4, "log10 of the number of agents"),
              round_axis(range.low, range.high, 4, "log10 of the relative scatter"), "Scatter of replicates",
              "Relative standard deviation of replicates against the number of agents, with a line of slope -1/2.");
    const double top = drawn[0].y.front();
    plot.curve(std::vector{first, last}, std::vector{top, top - 0.5 * (last - first)}, "published", "slope -1/2",
               false);
    for (std::size_t i = 0; i < drawn.size(); ++i)
        plot.curve(drawn[i].x, drawn[i].y, colour(i), words(drawn[i].name), true);
    return panel("Scatter of replicates", "Relative standard deviation; dashed: slope −1/2, from the first curve.",
                 plot.svg());
}

/// Bias against 1/N with the fitted b/N + d/N^2: the row whose bias is seen best.
std::string bias_panel(const LookResult& look) {
    const AgreementRow* best = nullptr;
    double most = 0.0;
    for (const AgreementRow& row : look.result.rows) {
        if (row.verdict == Verdict::silent || !(row.first.error > 0.0)) continue;
        double seen = 0.0;
        for (const study::LevelSummary& level : row.levels)
            if (level.bias.error > 0.0) seen = std::max(seen, std::abs(level.bias.value) / level.bias.error);
        if (seen > most) most = seen, best = &row;
    }
    if (best == nullptr) return {};
    const double scale = size_of(*best) / 100.0;
    Range range;
    range.add(0.0);
    for (const study::LevelSummary& level : best->levels) {
        range.add((level.bias.value + level.bias.error) / scale);
        range.add((level.bias.value - level.bias.error) / scale);
    }
    const double end = 1000.0 / best->levels.front().agents;
    Plot plot(k_panel, round_axis(0.0, 1.04 * end, 4, "1000 / number of agents"),
              round_axis(range.low, range.high, 4, "mean - ODE (%)"), "Bias of the mean",
              "Difference of the mean of replicates from the ODE against one over the number of agents.");
    std::vector<double> x, y;
    for (int i = 0; i <= 40; ++i) {
        x.push_back(end * i / 40.0);
        y.push_back(best->fitted(x.back() / 1000.0) / scale);
    }
    plot.curve(x, y, "c0", "b/N + d/N²", false);
    for (const study::LevelSummary& level : best->levels)
        plot.point(1000.0 / level.agents, level.bias.value / scale, level.bias.error / scale, "observed",
                   fmt::format("{} agents: {} ± {} %", level.agents, number(level.bias.value / scale),
                               number(level.bias.error / scale, 2)));
    return panel("Bias of the mean: " + best->name,
                 "The observable whose bias is seen best; points with one standard error, the line is b/N + d/N².",
                 plot.svg());
}

/// Distribution functions of the outcome's probe, one curve for each number of agents.
std::string outcome_panel(const LookResult& look) {
    Range range;
    for (const OutcomeLevel& level : look.outcomes)
        for (const double v : level.ends) range.add(v);
    range.add(look.reference);
    const std::string name = look.result.rows.back().name;
    Plot plot(k_wide, round_axis(range.low, range.high, 5, words(name)), round_axis(0.0, 1.0, 4, "share of replicates"),
              "Where replicates end", "Distribution functions of the outcome, one for each number of agents.");
    for (std::size_t i = 0; i < look.outcomes.size(); ++i) {
        std::vector<double> x, y;
        const auto& ends = look.outcomes[i].ends;
        for (std::size_t k = 0; k < ends.size(); ++k) {
            x.push_back(ends[k]);
            y.push_back(static_cast<double>(k) / static_cast<double>(ends.size()));
            x.push_back(ends[k]);
            y.push_back(static_cast<double>(k + 1) / static_cast<double>(ends.size()));
        }
        plot.curve(x, y, colour(i), number(look.outcomes[i].agents), true);
    }
    plot.curve(std::vector{look.reference, look.reference}, std::vector{0.0, 1.0}, "published", "ODE", false);
    return panel("Where replicates end",
                 "Distribution of " + escape(words(name)) + "; numbers of agents at the curves; dashed: the ODE.",
                 plot.svg(), "wide");
}

std::string outcome_table(const LookResult& look) {
    std::string rows;
    for (const OutcomeLevel& level : look.outcomes)
        rows += "<tr>" + numeric(number(level.agents)) + numeric(number(level.step, 2)) +
                numeric(number(100.0 * level.share.value)) +
                numeric(number(100.0 * level.share.low) + " to " + number(100.0 * level.share.high)) +
                numeric(number(level.distance, 2)) +
                cell(level.distance < 1.0 ? "<span class=\"good\">not told apart</span>"
                                          : "<span class=\"bad\">different</span>") +
                "</tr>";
    return table({"#agents", "#step (h)", "#end above (%)", "#95 % interval", "#distance", "step against half of it"},
                 rows, "agree");
}

std::string row_table(const LookResult& look) {
    std::string rows;
    for (const AgreementRow& row : look.result.rows) {
        const double scale = size_of(row) / 100.0;
        const study::LevelSummary& few = row.levels.front();
        rows += "<tr>" + cell(escape(row.name)) + numeric(number(row.reference)) + numeric(number(few.sd / scale, 2));
        rows += numeric(number(few.bias.value / scale, 2) + " ± " + number(few.bias.error / scale, 2));
        rows += numeric(slope(row.scatter_slope)) + numeric(slope(row.bias_slope));
        rows += numeric(row.verdict == Verdict::silent ? "–" : with_error(row.remaining, scale));
        rows += numeric(row.verdict == Verdict::silent ? "–" : number(row.misfit, 2));
        rows += cell(verdict_text(row.verdict)) + "</tr>";
    }
    return table({"observable", "#ODE", "#scatter (%)", "#bias (%)", "#slope of scatter", "#slope of bias",
                  "#left at N → ∞ (%)", "#misfit", "verdict"},
                 rows, "agree");
}

std::string look_body(const LookResult& look) {
    if (!look.result.failure.empty()) return "<p class=\"note\">A run failed: " + escape(look.result.failure) + "</p>";
    const study::AgreementPlan& plan = look.look.plan;
    std::string text = fmt::format(
        "<p>{} Compared at {}; {} replicates of each size; a step of {} h with {} agents, falling as N<sup>−1/2</sup>; "
        "one lobule has {} cells. Seed {}; {:.0f} s.</p>",
        escape(look.look.about), duration(plan.at), plan.replicates, number(plan.step, 2), number(plan.agents.front()),
        number(look.result.total), plan.seed, look.seconds);
    if (!look.outcomes.empty())
        return text +
               fmt::format(
                   "<p>All or none: single runs end on one side or the other, so their mean tends to the ODE's "
                   "{} neither as 1/N nor at all near the threshold, and distributions are compared instead.</p>",
                   number(look.reference)) +
               "<div class=\"group\">" + outcome_panel(look) + "</div>" + outcome_table(look);
    return text + "<div class=\"multiples\">" + scatter_panel(look) + bias_panel(look) + "</div>" + row_table(look);
}

}  // namespace

std::string agreement_html(const std::vector<LookResult>& looks,
                           const std::vector<std::pair<std::string, std::string>>& facts) {
    Page page;
    std::size_t agreeing = 0, rows = 0, seen = 0, wrong = 0;
    for (const LookResult& look : looks) {
        agreeing += look.agrees() ? 1 : 0;
        if (!look.outcomes.empty()) continue;
        for (const AgreementRow& row : look.result.rows) {
            rows += row.verdict == Verdict::silent ? 0 : 1;
            seen += row.bias_slope ? 1 : 0;
            wrong += row.verdict == Verdict::disagrees ? 1 : 0;
        }
    }
    std::string top =
        "<h1>One biology, two readings</h1><p class=\"summary\">The same parts are run as an ODE and as agents "
        "without space. As the number of agents N grows, the scatter of runs must fall as N<sup>−1/2</sup> and "
        "the mean of many runs must come to the ODE as 1/N; what would be left is a fault.</p></header>";
    top += "<dl class=\"glance\">" + stat(fmt::format("{} of {}", agreeing, looks.size()), "looks agree") +
           stat(std::to_string(rows), "observables that vary") + stat(std::to_string(wrong), "disagree") +
           stat(std::to_string(seen), "with a bias seen on three sizes or more") + "</dl>";
    std::string how;
    how +=
        "<p>Scatter: the slope of ln(standard deviation) against ln N, with its 95 % interval; it agrees within four "
        "standard errors of −1/2, or within 0.06 of it, since at small N terms of higher order count. Bias: the mean "
        "of "
        "replicates less the ODE. Its slope is given where it is seen (three standard errors) on three sizes or more. "
        "“Left at N → ∞” is c of the fit c + b/N + d/N², and must be 0 within four standard errors; “misfit” is the "
        "chi-square of b/N + d/N² as a normal deviate, and must be below 4. An observable that agrees by chance or "
        "disagrees by chance (1 in 16 000) is to be looked at with another seed.</p>";
    for (std::size_t i = 0; i < looks.size(); ++i) {
        const LookResult& look = looks[i];
        const std::string title = words(look.scenario) + (look.look.name == "usual" ? "" : ": " + look.look.name);
        page.section("look" + std::to_string(i), title, "", look_body(look));
    }
    page.section("how", "How to read this", "", how);
    std::string list;
    for (const auto& [label, text] : facts)
        list += "<tr><th>" + escape(label) + "</th><td>" + escape(text) + "</td></tr>";
    page.section("facts", "This page", "", "<table class=\"facts\">" + list + "</table>");
    return page.html("One biology, two readings", top, k_agreement_style);
}

}  // namespace lobule::io
