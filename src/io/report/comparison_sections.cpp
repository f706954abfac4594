#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "comparison_page.hpp"
#include "html.hpp"
#include "panel.hpp"
#include "text.hpp"

namespace lobule::io::report {

namespace {

constexpr std::size_t k_rows_shown = 12;    // of a table whose rest is folded away
constexpr std::size_t k_values_shown = 24;  // rows of what differs
constexpr std::size_t k_one_line = 24;      // bytes of a value that is not broken

/// Folded on the screen; the script opens it for paper.
std::string folded(const std::string& summary, const std::string& body) {
    return body.empty() ? body : fmt::format("<details><summary>{}</summary>{}</details>", escape(summary), body);
}

/// As table(), with a column for each group after the first heads.
std::string group_table(const Comparison& c, const std::vector<std::string_view>& head, const std::string& rows,
                        std::string_view css) {
    if (rows.empty()) return {};
    std::string out = fmt::format("<div class=\"scroll\"><table class=\"{}\"><thead><tr>", css);
    for (const std::string_view name : head)
        out += name.starts_with('#') ? fmt::format("<th class=\"n\" scope=\"col\">{}</th>", escape(name.substr(1)))
                                     : fmt::format("<th scope=\"col\">{}</th>", escape(name));
    for (std::size_t g = 0; g < c.groups.size(); ++g)
        out += "<th class=\"n\" scope=\"col\">" + group_mark(c, g) + "</th>";
    return out + "</tr></thead><tbody>" + rows + "</tbody></table></div>";
}

std::string sub(const std::string& html) { return html.empty() ? html : "<span class=\"sub\">" + html + "</span>"; }

std::string unit_of(const ReportProbe& probe) {
    const std::string unit = unit_text(probe.unit);
    return unit.empty() ? unit : " " + escape(unit);
}

bool replicated(const Comparison& c) {
    return std::any_of(c.groups.begin(), c.groups.end(), [](const RunGroup& group) { return group.runs.size() > 1; });
}

/// Standard deviation at a time of the row's own group, and of the first where that has replicates.
std::string spread_at(const Comparison& c, const ProbeComparison& probe, std::size_t group, double time) {
    const auto sd_of = [&](std::size_t g) -> std::optional<double> {
        if (c.groups[g].runs.size() < 2 || !probe.curves[g]) return std::nullopt;
        return probe.curves[g]->sd_at(time);
    };
    const auto own = sd_of(group), first = sd_of(0);
    std::string out = own ? "SD " + number(*own, 2) : std::string();
    if (first)
        out += fmt::format("{}SD of {} {}", out.empty() ? "" : ", ", escape(c.groups.front().tag), number(*first, 2));
    return out;
}

std::string z_text(double z) {
    const std::string size = std::abs(z) < 10.0 ? fmt::format("{:.2f}", std::abs(z)) : number(std::abs(z));
    return sub("z " + std::string(z < 0.0 ? "−" : "+") + size);
}

std::string with_sd(const GroupNumber& n, int digits = 3) {
    return number(n.value, digits) + (n.sd ? " ± " + number(*n.sd, 2) : "");
}

}  // namespace

std::string group_css(std::size_t group) { return colour(group) + (group >= k_colours ? " dashed" : ""); }

std::string group_mark(const Comparison& c, std::size_t group) {
    return fmt::format("<span class=\"mark {}\"><i></i>{}</span>", group_css(group), escape(c.groups[group].tag));
}

std::string signed_number(double value) { return (value > 0.0 ? "+" : "") + number(value); }

std::string percent(const std::optional<double>& share) {
    return share ? number(100.0 * *share, 2 + (*share >= 0.9995 ? 1 : 0)) + " %" : "from 0";
}

// ---- what was compared ------------------------------------------------------------------------------------------------

std::string legend(const Comparison& c) {
    std::string out;
    for (std::size_t g = 0; g < c.groups.size(); ++g) {
        const RunGroup& group = c.groups[g];
        std::string extra;
        if (group.identical) extra = " · identical to " + escape(c.groups.front().tag) + " (state_hash equal)";
        for (const std::size_t r : group.runs)
            if (c.runs[r].status != "finished" && extra.find(c.runs[r].status) == std::string::npos)
                extra += fmt::format(" · {} at {}", escape(c.runs[r].status), duration(c.runs[r].time));
        const bool letter = group.tag != group.label;
        out += fmt::format("<li>{}{}{}</li>", group_mark(c, g), letter ? " " + escape(group.label) : "",
                           extra.empty() ? "" : "<small>" + extra + "</small>");
    }
    return "<ul class=\"legend\" aria-label=\"Runs\">" + out + "</ul>";
}

std::string differing_table(const Comparison& c) {
    std::string shown, more, balanced;
    std::size_t rows = 0, follow = 0;
    for (const DifferingRow& row : c.differing) {
        const bool code = row.kind == "setting" || row.kind == "parameter" || row.kind == "balance";
        std::string html = "<tr>" + cell(code ? "<code>" + escape(row.name) + "</code>" : escape(words(row.name)));
        for (const std::string& value : row.values)
            html += fmt::format("<td class=\"n{}\">{}</td>", value.size() > k_one_line ? " value" : "",
                                value.empty() ? "–" : escape(value));
        html += "</tr>";
        if (row.kind == "balance")
            balanced += html, ++follow;
        else
            (rows++ < k_values_shown ? shown : more) += html;
    }
    const auto values = [&](const std::string& body) { return group_table(c, {""}, body, "values"); };
    const std::string note = fmt::format("{}Equal in all: {} parameters and {} other settings.",
                                         c.differing.empty() ? "Nothing that was asked differs. " : "",
                                         c.equal_parameters, c.equal_settings);
    return values(shown) + folded(fmt::format("{} more", rows - std::min(rows, k_values_shown)), values(more)) +
           folded(fmt::format("{} balanced values follow", follow), values(balanced)) + "<p class=\"note\">" +
           escape(note) + "</p>";
}

// ---- differences ------------------------------------------------------------------------------------------------------

std::string difference_table(const Comparison& c) {
    const std::vector<RankedDifference> ranked = ranked_differences(c);
    if (ranked.empty()) return {};
    std::string shown, more;
    std::size_t rows = 0, equal = 0;
    double longest = 0.0;  // the common time of a run that ended early is told in its rows
    for (const RankedDifference& r : ranked) longest = std::max(longest, r.difference->to);
    for (const RankedDifference& r : ranked) {
        const study::Difference& d = *r.difference;
        if (d.largest == 0.0) {
            ++equal;
            continue;
        }
        const std::string unit = unit_of(r.probe->probe);
        const double width = 100.0 * std::min(d.relative.value_or(1.0), 1.0);
        const std::string row =
            "<tr>" + cell(named(words(r.probe->probe.name), r.probe->probe.about)) + cell(group_mark(c, r.group)) +
            numeric(signed_number(d.largest) + unit + sub(spread_at(c, *r.probe, r.group, d.largest_at))) +
            numeric(duration(d.largest_at)) + numeric(percent(d.relative)) +
            cell(fmt::format("<span class=\"size {}\"><i style=\"width:{}%\"></i></span>", group_css(r.group),
                             coordinate(width))) +
            numeric(signed_number(d.at_end) + unit + (d.to == longest ? "" : sub("at " + duration(d.to))) +
                    sub(spread_at(c, *r.probe, r.group, d.to))) +
            numeric(number(d.rms) + unit) + "</tr>";
        (rows++ < k_rows_shown ? shown : more) += row;
    }
    const std::vector<std::string_view> head{"Probe",   "Run", "#Largest difference", "#At", "#Relative", "",
                                             "#At end", "#RMS"};
    std::string out;
    if (rows > 0) out = table(head, shown, "differences");
    if (!more.empty())
        out += folded(fmt::format("{} smaller differences", rows - k_rows_shown), table(head, more, "differences"));
    if (equal > 0)
        out += fmt::format("<p class=\"note\">{} of {} pairs of curves show no difference at all.</p>", equal,
                           ranked.size());
    return out;
}

std::string spread_tables(const Comparison& c) {
    if (!replicated(c)) return {};
    std::string out;
    for (std::size_t g = 0; g < c.groups.size(); ++g) {
        if (c.groups[g].runs.size() < 2) continue;
        std::string rows;
        for (const ProbeComparison& probe : c.probes) {
            if (!probe.curves[g]) continue;
            const study::Ensemble& e = *probe.curves[g];
            const auto widest = std::max_element(e.sd.begin(), e.sd.end()) - e.sd.begin();
            const std::string unit = unit_of(probe.probe);
            const double end = e.mean.values.back(), sd = e.sd.back();
            rows += "<tr>" + cell(named(words(probe.probe.name), probe.probe.about)) + numeric(number(end) + unit) +
                    numeric(number(sd, 2) + unit) +
                    numeric(end != 0.0 ? percent(sd / std::abs(end)) : std::string("–")) +
                    numeric(number(e.sd[static_cast<std::size_t>(widest)], 2) + unit) +
                    numeric(duration(e.mean.times[static_cast<std::size_t>(widest)])) + "</tr>";
        }
        std::string seeds;
        for (const std::size_t r : c.groups[g].runs)
            seeds += (seeds.empty() ? "seeds " : ", ") + std::to_string(c.runs[r].seed);
        out += part(c.groups[g].label, seeds,
                    table({"Probe", "#Mean at end", "#SD", "#SD over mean", "#Largest SD", "#At"}, rows));
    }
    return out;
}

// ---- evidence ---------------------------------------------------------------------------------------------------------

namespace {

std::string misfit_table(const Comparison& c, std::string_view role) {
    std::string rows;
    for (const EvidenceSeries& s : c.series) {
        if (s.role != role) continue;
        double best = HUGE_VAL;
        for (const GroupNumber& n : s.rmse) best = std::min(best, n.value.value_or(HUGE_VAL));
        const auto as_good = std::count_if(s.rmse.begin(), s.rmse.end(),
                                           [&](const GroupNumber& n) { return n.value && *n.value == best; });
        std::string below = s.variant;
        if (c.several_scenarios()) below += (below.empty() ? "" : "; ") + words(s.scenario);
        const std::string unit = unit_text(s.unit);
        rows += "<tr>" + cell(named(s.name, below)) +
                cell(escape(words(s.probe) + (unit.empty() ? "" : " (" + unit + ")")));
        for (std::size_t g = 0; g < c.groups.size(); ++g) {
            const GroupNumber& n = s.rmse[g];
            const bool is_best = n.value && *n.value == best && as_good == 1 && c.groups.size() > 1;
            const std::string text = is_best ? "<b>" + with_sd(n) + "</b>" : with_sd(n);
            rows += numeric(
                text +
                (n.value ? sub(fmt::format("χ² {} / {}", with_sd(s.chi_square[g]), number(s.points[g].value))) : ""));
        }
        rows += "</tr>";
    }
    return group_table(c, {"Series", "Probe"}, rows, "evidence");
}

std::string point_tables(const Comparison& c, std::string_view role) {
    std::string out;
    for (const EvidenceSeries& s : c.series) {
        if (s.role != role || s.rows.empty()) continue;
        std::string rows;
        for (const EvidencePoint& p : s.rows) {
            rows += "<tr>" + cell(escape(p.id)) + numeric(duration(p.observed.time)) +
                    numeric(number(p.observed.value)) + numeric(number(p.deviation, 2));
            for (const GroupNumber& n : p.predicted) {
                const auto z = z_score(n.value, p.observed.value, p.deviation);
                rows += numeric(with_sd(n) + (z ? z_text(*z) : ""));
            }
            rows += "</tr>";
        }
        out += folded(fmt::format("{}: {} points", s.name, s.rows.size()),
                      group_table(c, {"Row", "#Time", "#Observed", "#SD"}, rows, "points"));
    }
    return out;
}

std::string feature_rows(const Comparison& c, const std::string& role) {
    std::string rows;
    for (const EvidenceFeature& f : c.features) {
        const bool sign = std::any_of(f.verdicts.begin(), f.verdicts.end(), [](const std::string& verdict) {
            return verdict == "agrees" || verdict == "disagrees";
        });
        const bool judged = (sign || (f.low && f.high)) && f.role != "prediction";
        if (role.empty() ? judged : !judged || f.role != role) continue;
        if (std::none_of(f.predicted.begin(), f.predicted.end(), [](const GroupNumber& n) { return n.value; }) &&
            !judged)
            continue;
        std::string below = f.variant;
        if (c.several_scenarios()) below += (below.empty() ? "" : "; ") + words(f.scenario);
        const std::string unit = unit_text(f.unit);
        rows += "<tr>" + cell(named(f.name, below)) + cell(escape(f.observed) + sub(escape(f.basis)));
        for (std::size_t g = 0; g < c.groups.size(); ++g) {
            const GroupNumber& n = f.predicted[g];
            const std::string& verdict = f.verdicts[g];
            const auto z = z_score(f, n.value);
            std::string text = with_sd(n) + (n.value && !unit.empty() ? " " + escape(unit) : "");
            if (verdict == "unreached") text = "never reached";
            if (judged && !verdict.empty())
                text = fmt::format("<span class=\"{}\">{}</span>",
                                   verdict == "inside" || verdict == "agrees" ? "held" : "missed", text);
            rows += numeric(text + (z && judged ? z_text(*z) : ""));
        }
        rows += "</tr>";
    }
    return group_table(c, {"Feature", "Observed"}, rows, "evidence features");
}

}  // namespace

std::string evidence_tables(const Comparison& c) {
    std::string out;
    const auto role = [&](std::string_view title, std::string_view lead, std::string_view name) {
        out += part(title, lead, misfit_table(c, name) + point_tables(c, name) + feature_rows(c, std::string(name)));
    };
    role("Held out", "No parameter was fitted to these rows.", "check");
    role("Calibration", "Parameters were fitted to rows of this kind.", "calibrate");
    out += part("Nothing to judge by", "No row of evidence gives a number here, or it is told in words.",
                feature_rows(c, ""));
    std::string missing;
    for (const RunResult& run : c.runs)
        if (!run.evidence) missing += (missing.empty() ? "" : ", ") + run.folder.string();
    if (!out.empty() && !missing.empty())
        out += "<p class=\"note\">Without a comparison with evidence in their folders: " + escape(missing) + ".</p>";
    return out;
}

// ---- runs -------------------------------------------------------------------------------------------------------------

std::string run_table(const Comparison& c) {
    std::string rows;
    for (std::size_t g = 0; g < c.groups.size(); ++g)
        for (const std::size_t r : c.groups[g].runs) {
            const RunResult& run = c.runs[r];
            rows += "<tr>" + cell(group_mark(c, g)) +
                    cell("<code>" + escape(run.folder.string()) + "</code>" +
                         sub(fmt::format("<code>{}</code>", escape(run.command)))) +
                    cell(fmt::format("{}, {}, seed {}{}", escape(words(run.scenario)), escape(run.resolution), run.seed,
                                     sub(fmt::format("{} at {}, sampled every {}", escape(run.status),
                                                     duration(run.time), duration(run.interval))))) +
                    cell(escape(run.program) + sub("started " + escape(run.started))) +
                    numeric(fmt::format("{:.2f} s", run.wall_seconds)) +
                    cell(fmt::format("<code>{}</code>{}", escape(run.state_hash.empty() ? "–" : run.state_hash),
                                     sub("model <code>" + escape(run.model_hash) + "</code>"))) +
                    "</tr>";
        }
    return table({"Run", "Folder and command", "What", "Program", "#Wall time", "State hash"}, rows, "runs");
}

}  // namespace lobule::io::report
