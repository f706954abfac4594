// The page of `lobule validate`: what lies inside its declared tolerance, model by model.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "html.hpp"
#include "io/validation.hpp"
#include "page.hpp"
#include "svg.hpp"
#include "text.hpp"

namespace lobule::io {

namespace {

using namespace report;

constexpr Plot::Size k_panel{340.0, 230.0};
constexpr std::size_t k_most_labels = 6;

std::string percent(double share) { return number(100.0 * share, 2) + " %"; }

std::string verdict(bool inside, const std::string& text) {
    return fmt::format("<span class=\"verdict {}\">{}</span>", inside ? "fit" : "misfit", text);
}

std::string panel_html(const ValidationPanel& panel) {
    double low = 0.0, high = 0.0, until = 0.0;
    for (const auto& line : panel.lines)
        for (const double value : line.values) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    for (const auto& point : panel.points) {
        high = std::max(high, point.value);
        until = std::max(until, point.time);
    }
    const std::string label = unit_text(panel.unit);
    Plot plot(k_panel, time_axis(until), round_axis(low, high, 5, label), panel.title,
              fmt::format("{} published points over {} computed curves.", panel.points.size(), panel.lines.size()));
    for (std::size_t i = panel.lines.size(); i-- > 0;)
        plot.curve(panel.lines[i].times, panel.lines[i].values, "c" + std::to_string(i % 8),
                   panel.lines[i].name.empty() ? "the case" : words(panel.lines[i].name),
                   panel.lines.size() > 1 && panel.lines.size() <= k_most_labels);
    for (const auto& point : panel.points) plot.point(point.time, point.value, 0.0, "observed", point.tip);
    return fmt::format("<figure><h4>{}</h4><div class=\"plot\">{}</div><figcaption>{} points</figcaption></figure>",
                       escape(panel.title), plot.svg(), panel.points.size());
}

std::string summary_table(const ValidationModel& model) {
    std::string rows;
    for (const std::string& observable : observables(model)) {
        const ValidationCount c = count(model, observable);
        const bool all = c.rows_inside == c.rows;
        rows +=
            fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                        escape(observable), c.rows, verdict(all, fmt::format("{}", c.rows_inside)), percent(c.largest));
    }
    return "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Observable</th><th class=\"n\" "
           "scope=\"col\">Rows</th><th class=\"n\" scope=\"col\">Inside</th><th class=\"n\" scope=\"col\">Largest "
           "deviation</th></tr></thead><tbody>" +
           rows + "</tbody></table></div>";
}

std::string comparison_row(const ValidationRow& c) {
    const auto deviation = c.deviation();
    std::string below = c.reading == "value_at" ? "" : words(c.reading);
    if (!c.run.empty()) below += (below.empty() ? "" : ", ") + words(c.run);
    const std::string unit = unit_text(c.unit);
    return fmt::format(
        "<tr><td><code>{}</code></td><td>{}<span class=\"sub\">{}</span></td><td>{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}{}</td><td class=\"n\">{}</td><td>{}<span "
        "class=\"sub\">{}</span></td><td>{}</td><td>{}</td></tr>",
        escape(c.row), escape(c.observable), escape(below), escape(c.time), escape(c.published), number(c.computed, 5),
        unit.empty() || !c.computed ? "" : " " + escape(unit), deviation ? percent(*deviation) : "–",
        escape(c.tolerance), escape(c.reason), verdict(c.inside(), c.inside() ? "inside" : "outside"), escape(c.basis));
}

std::string all_rows(const ValidationModel& model) {
    std::string rows;
    for (const ValidationRow& c : model.comparisons) rows += comparison_row(c);
    return fmt::format(
        "<details><summary class=\"note\">All {} comparisons</summary><div class=\"scroll\"><table><thead><tr><th "
        "scope=\"col\">Row</th><th scope=\"col\">Observable</th><th scope=\"col\">Time</th><th class=\"n\" "
        "scope=\"col\">Published</th><th class=\"n\" scope=\"col\">Computed</th><th class=\"n\" "
        "scope=\"col\">Deviation</th><th scope=\"col\">Tolerance</th><th scope=\"col\">Verdict</th><th "
        "scope=\"col\">Basis</th></tr></thead><tbody>{}</tbody></table></div></details>",
        model.comparisons.size(), rows);
}

std::string model_html(const ValidationModel& model) {
    const ValidationCount c = count(model);
    std::string out = fmt::format(
        "<section id=\"{}\"><h2>{}</h2><p>{}</p><p class=\"note\">{} rows: {} published, {} derived from published "
        "ones, {} computed by another implementation. {}; largest deviation {}.</p>",
        escape(model.name), escape(model.name), escape(model.about), c.rows, c.published, c.derived, c.computed,
        verdict(c.rows_inside == c.rows, fmt::format("{} inside", c.rows_inside)), percent(c.largest));
    std::string panels;
    for (const ValidationPanel& panel : model.panels) panels += panel_html(panel);
    if (!panels.empty()) out += "<div class=\"multiples\">" + panels + "</div>";
    out += summary_table(model);
    for (const auto& left : model.left_out)
        out += fmt::format("<p class=\"note\">Not compared: <code>{}</code> {}: {}</p>", escape(left.row),
                           escape(left.observable), escape(left.reason));
    for (const std::string& failure : model.failures)
        out += fmt::format("<p class=\"note\">Failed: {}</p>", escape(failure));
    return out + all_rows(model) + "</section>\n";
}

}  // namespace

std::string validation_html(const std::vector<SuiteResult>& suites, const EvidenceTable& evidence,
                            const std::vector<Reference>& references,
                            const std::vector<std::pair<std::string, std::string>>& facts) {
    std::string menu, body;
    std::set<std::string> cited;
    std::size_t rows = 0, inside = 0, models = 0;
    if (!evidence.cases.empty()) {
        menu += "<a href=\"#evidence\">evidence</a>";
        body += evidence_table_html(evidence);
        for (const EvidenceCase& one : evidence.cases)
            for (const EvidenceComparison& row : one.comparisons)
                for (std::size_t begin = 0; begin < row.sources.size();) {
                    const std::size_t end = std::min(row.sources.find(' ', begin), row.sources.size());
                    cited.insert(row.sources.substr(begin, end - begin));
                    begin = end + 1;
                }
    }
    for (const SuiteResult& suite : suites) {
        body += fmt::format("<section><h2>{}</h2><p>{}</p></section>", escape(suite.title), escape(suite.lead));
        for (const ValidationModel& model : suite.models) {
            const ValidationCount c = count(model);
            rows += c.rows;
            inside += c.rows_inside;
            ++models;
            menu += fmt::format("<a href=\"#{}\">{}</a>", escape(model.name), escape(model.name));
            body += model_html(model);
            for (const ValidationRow& one : model.comparisons) cited.insert(one.source);
        }
    }
    const auto stat = [](std::size_t value, std::string_view label) {
        return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", label, value);
    };
    std::string glance;
    if (!evidence.cases.empty()) {
        const EvidenceScore seen = score(evidence, "calibrate"), held_out = score(evidence, "check");
        glance += stat(seen.rows, "rows of evidence to calibrate") + stat(seen.agree, "of them agree") +
                  stat(held_out.rows, "rows to check") + stat(held_out.agree, "of them agree");
    }
    if (!suites.empty())
        glance += stat(models, "published models") + stat(rows, "rows of theirs") +
                  stat(inside, "inside the declared tolerance") + stat(rows - inside, "outside");
    std::vector<Reference> sources;
    std::copy_if(references.begin(), references.end(), std::back_inserter(sources),
                 [&](const Reference& r) { return cited.contains(r.key); });
    if (const std::string out = reference_list(sources); !out.empty())
        body += "<section id=\"references\"><h2>Sources</h2>" + out + "</section>";
    std::string list;
    for (const auto& [label, text] : facts) list += fmt::format("<dt>{}</dt><dd>{}</dd>", escape(label), escape(text));
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\"/><meta name=\"color-scheme\" content=\"light dark\"/>"
        "<title>Validation</title><style>{}</style></head>\n<body><main><header><p class=\"overline\">Lobule "
        "validation</p><h1>What was measured, what was published, what is computed</h1></header><dl "
        "class=\"glance\">{}</dl><nav>{}"
        "</nav>\n{}<section id=\"provenance\"><h2>Provenance</h2><dl "
        "class=\"facts\">{}</dl></section></main>\n<script>{}</script></body></html>\n",
        k_style, glance, menu, body, list, k_script);
}

}  // namespace lobule::io
