#include "comparison_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "html.hpp"
#include "text.hpp"

namespace lobule::io {

namespace {

using namespace report;

constexpr std::string_view k_comparison_style = R"css(
.legend,.mark,details{font-family:"Inter","Helvetica Neue",Helvetica,"Segoe UI",Roboto,Arial,"Liberation Sans","DejaVu Sans",sans-serif}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 26px;margin:0;padding:10px 0;font-size:13.5px;position:sticky;top:0;z-index:1;background:var(--paper);border-bottom:1px solid var(--faint)}
.legend small{color:var(--soft);font-size:12px}
.mark{white-space:nowrap;font-weight:600}
.mark i{display:inline-block;width:16px;height:0;border-top:2.5px solid currentColor;margin-right:6px;vertical-align:4px}
.mark.dashed i{border-top-style:dashed}
.mark.c0,.size.c0{color:var(--c0)}.mark.c1,.size.c1{color:var(--c1)}.mark.c2,.size.c2{color:var(--c2)}.mark.c3,.size.c3{color:var(--c3)}
.mark.c4,.size.c4{color:var(--c4)}.mark.c5,.size.c5{color:var(--c5)}.mark.c6,.size.c6{color:var(--c6)}.mark.c7,.size.c7{color:var(--c7)}
.curve.dashed{stroke-dasharray:7 4}
.size{display:block;width:90px;height:7px;margin-top:6px;background:var(--wash);border-radius:2px}
.size i{display:block;height:100%;min-width:1px;background:currentColor;border-radius:2px}
.below{font-size:11.5px;line-height:1.3;margin-top:2px}
.below th,.below td{padding:2px 0 2px 8px;border:0;font-size:11.5px}.below thead th{border:0;font-weight:400}
.below tr>:first-child{padding-left:0;text-align:left}
.wide .below{max-width:480px}
figcaption p{margin:6px 0 0;font-size:12.5px;line-height:1.45}
.values td:first-child{min-width:170px}.value{white-space:normal;max-width:240px;overflow-wrap:anywhere}
.evidence td:first-child,.differences td:first-child{min-width:190px}.evidence td:nth-child(2){min-width:130px}
.held{color:var(--fit)}.missed{color:var(--misfit)}
details{margin:0 0 10px;font-size:13.5px}summary{cursor:pointer;color:var(--soft);padding:3px 0}summary:hover{color:var(--c0)}
.runs td:nth-child(2){min-width:230px;overflow-wrap:anywhere}.runs td:nth-child(3){min-width:170px}.runs td:nth-child(4){min-width:190px}.runs .sub code{font-size:11.5px}
@media print{.legend{position:static}}
@media (max-width:620px){.legend{position:static}}
)css";

std::string plural(std::size_t n, const std::string& noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

/// "21 d", or "5 d to 21 d" where pairs have different common times; empty: nothing is compared.
std::string common_time(const Comparison& c) {
    double shortest = 0.0, longest = 0.0;
    for (const ProbeComparison& probe : c.probes)
        for (const auto& d : probe.differences)
            if (d) {
                shortest = longest == 0.0 ? d->to : std::min(shortest, d->to);
                longest = std::max(longest, d->to);
            }
    if (longest == 0.0) return {};
    return shortest == longest ? duration(longest) : duration(shortest) + " to " + duration(longest);
}

std::string lead(const Comparison& c) {
    std::string out = plural(c.runs.size(), "run");
    if (!c.several_scenarios()) out += " of " + words(c.runs.front().scenario);
    if (c.groups.size() < c.runs.size())
        out += c.groups.size() == 1 ? ", replicates of one" : fmt::format(" in {} groups", c.groups.size());
    out += ".";
    if (c.groups.size() == 1)
        out += " The line is their mean, the band reaches from the lowest to the highest.";
    else
        out += fmt::format(" Differences are against {}, the first.", c.groups.front().tag);
    return out;
}

std::string notes(const Comparison& c) {
    std::string out;
    const auto add = [&](const std::string& text) { out += "<p class=\"note\">" + escape(text) + "</p>"; };
    if (std::any_of(c.groups.begin(), c.groups.end(), [](const RunGroup& g) { return g.identical; })) {
        std::string names;
        std::size_t count = 0;
        for (const RunGroup& group : c.groups)
            if (group.identical) names += (count++ == 0 ? "" : ", ") + group.tag;
        add(names + (count == 1 ? " is" : " are") + " identical to " + c.groups.front().tag +
            " (state_hash equal): the same bits of the last state.");
    }
    if (std::any_of(c.runs.begin(), c.runs.end(),
                    [&](const RunResult& run) { return run.interval != c.runs.front().interval; }))
        add("The runs were sampled at different intervals. They are compared at the times of the coarser one; the "
            "finer one is "
            "read by straight lines between its samples.");
    if (!c.not_shared.empty()) {
        std::string names;
        for (const std::string& name : c.not_shared) names += (names.empty() ? "" : ", ") + words(name);
        add(fmt::format("In one run only, and not drawn: {}.", names));
    }
    return out;
}

std::string glance(const Comparison& c) {
    std::string out = stat(fmt::format("{}<small> of {}</small>", c.differing.size(),
                                       c.differing.size() + c.equal_parameters + c.equal_settings),
                           "settings and parameters differ");
    const std::string time = common_time(c);
    out += stat(std::to_string(c.probes.size()), "probes in common" + (time.empty() ? "" : ", over " + time));
    const std::vector<RankedDifference> ranked = ranked_differences(c);
    const auto equal = std::count_if(ranked.begin(), ranked.end(),
                                     [](const RankedDifference& r) { return r.difference->largest == 0.0; });
    if (!ranked.empty() && static_cast<std::size_t>(equal) == ranked.size()) out += stat("0", "difference anywhere");
    for (const RankedDifference& r : ranked) {  // the largest that has a size relative to something
        if (!r.difference->relative || r.difference->largest == 0.0) continue;
        std::string label = "largest relative difference: " + words(r.probe->probe.name);
        if (c.groups.size() > 2) label += ", " + c.groups[r.group].tag;
        out += stat(percent(r.difference->relative), label + ", at " + duration(r.difference->largest_at));
        break;
    }
    return "<dl class=\"glance\">" + out + "</dl>";
}

}  // namespace

std::string comparison_html(const Comparison& c) {
    const std::string top =
        fmt::format("<header><p class=\"overline\">Lobule comparison</p><h1>{}</h1><p class=\"lead\">{}</p>{}</header>",
                    escape(c.title), escape(lead(c)), notes(c)) +
        glance(c) + legend(c);
    Page page;
    page.section("differs", "What differs", "", differing_table(c));
    page.section(
        "differences", "Largest differences",
        "Each curve minus that of the first run over the time both have, sorted by size relative to the largest value "
        "of the first. RMS is the root of the mean square over time.",
        difference_table(c));
    page.section("curves", "Curves", "", comparison_figures(c));
    page.section("evidence", "Evidence",
                 "The same published rows against each run. RMSE is in the unit of the probe; χ² is over standard "
                 "deviations; z is "
                 "predicted minus observed in standard deviations, for a feature from the middle of its band in half "
                 "widths of it.",
                 evidence_tables(c));
    page.section("replicates", "Replicates", "Runs that differ in their seed only.", spread_tables(c));
    page.section("runs", "Runs", "", run_table(c));
    return page.html(c.title + ": comparison", top, k_comparison_style);
}

}  // namespace lobule::io
