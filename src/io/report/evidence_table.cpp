// Observed against predicted, all cases on one page.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html.hpp"
#include "io/evidence_table.hpp"
#include "svg.hpp"
#include "text.hpp"

namespace lobule::io {

namespace {

using namespace report;

constexpr Plot::Size k_strip{340.0, 200.0};
constexpr double k_far = 6.0;  // standard deviations: what lies beyond is drawn there

std::string share(std::size_t part, std::size_t whole) {
    if (whole == 0) return "–";
    return fmt::format("{:.0f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string verdict(const EvidenceComparison& row) {
    const char* apart = row.contrast.sign ? "does not agree" : "apart";
    const char* text = row.agrees() ? "agrees" : row.predicted ? apart : "not reached";
    return fmt::format("<span class=\"verdict {}\">{}</span>", row.agrees() ? "fit" : "misfit", text);
}

std::string score_row(const std::string& name, const EvidenceScore& s) {
    return "<tr>" + cell(escape(name)) + numeric(fmt::format("{}", s.rows)) + numeric(share(s.agree, s.rows)) +
           numeric(s.signs == 0 ? "–" : fmt::format("{} of {}", s.signs_agree, s.signs)) +
           numeric(number(s.fold_error(), 3)) + numeric(fmt::format("{}", s.unreached)) +
           numeric(fmt::format("{}", s.with_baseline)) + numeric(share(s.model_agrees_there, s.with_baseline)) +
           numeric(share(s.baseline_agrees, s.with_baseline)) + "</tr>";
}

std::string strip(const EvidenceCase& one) {
    std::size_t drawn = 0;
    for (const EvidenceComparison& row : one.comparisons) drawn += row.z() ? 1 : 0;
    if (drawn < 2) return {};
    Axis x = round_axis(0.0, static_cast<double>(drawn + 1), 4, "row");
    Plot plot(k_strip, x, round_axis(-k_far, k_far, 6, "standard deviations"), one.scenario,
              fmt::format("{} rows: predicted less observed, in standard deviations of the observation.", drawn));
    plot.band(-2.0, 2.0, "observed");
    std::size_t at = 0;
    for (const EvidenceComparison& row : one.comparisons) {
        const auto z = row.z();
        if (!z) continue;
        plot.point(static_cast<double>(++at), std::clamp(*z, -k_far, k_far), 0.0,
                   row.role == "check" ? "c1" : "observed",
                   fmt::format("{} ({}): observed {}, predicted {}, z {}", row.name, row.role, row.observed,
                               number(row.predicted), number(*z, 2)));
    }
    return fmt::format("<figure><h4>{}</h4><div class=\"plot\">{}</div><figcaption>{} rows</figcaption></figure>",
                       escape(words(one.scenario)), plot.svg(), drawn);
}

std::string rows_of(const EvidenceCase& one) {
    std::string rows;
    for (const EvidenceComparison& row : one.comparisons) {
        std::string below = row.kind == "point" ? duration(*row.hours) : words(row.kind);
        if (!row.variant.empty()) below += ", " + words(row.variant);
        const std::string unit = row.unit == "1" ? "" : " " + unit_text(row.unit);
        rows += "<tr>" + cell("<code>" + escape(row.ids) + "</code>") + cell(named(escape(row.name), escape(below))) +
                cell(escape(row.role)) + numeric(escape(row.observed)) +
                numeric(number(row.predicted, 4) + escape(row.predicted ? unit : "")) +
                numeric(row.z() ? fmt::format("{:+.1f}", *row.z()) : "–") + cell(verdict(row)) + "</tr>";
    }
    return rows;
}

}  // namespace

std::string evidence_table_html(const EvidenceTable& table) {
    std::string fitted;
    for (const std::string& name : table.fitted)
        fitted += (fitted.empty() ? "" : ", ") + ("<code>" + escape(name) + "</code>");
    std::string out = fmt::format(
        "<section id=\"evidence\"><h2>Evidence</h2><p>Every row that a shipped case is compared with. A row agrees "
        "when the "
        "prediction lies within two standard deviations of the observation (20 % is taken where none is stated), or "
        "within the "
        "span that was printed or declared. A sign, of a mechanism taken away or added, agrees when the number moves "
        "that "
        "way by more than its margin (5 % where none is stated); signs are counted apart. Rows to <em>calibrate</em> "
        "were seen when parameters were chosen; rows to "
        "<em>check</em> were not. The plain curve knows no biology: five numbers for each series of at least seven "
        "points, and it "
        "forecasts a point from all the others. {} parameters were fitted: {}.</p>",
        table.fitted.size(), fitted);
    std::string rows;
    for (const std::string role : {"calibrate", "check"}) {
        rows += score_row("all: " + role, score(table, role));
        for (const EvidenceCase& one : table.cases)
            if (const EvidenceScore s = score(table, role, one.scenario); s.rows + s.signs > 0)
                rows += score_row(words(one.scenario) + ": " + role, s);
    }
    out += report::table({"Rows", "#Number", "#Agree", "#Signs that agree", "#Fold error (geometric mean)",
                          "#Not reached", "#With a plain curve", "#Of these the model agrees", "#The curve agrees"},
                         rows);
    std::string strips;
    for (const EvidenceCase& one : table.cases) strips += strip(one);
    if (!strips.empty())
        out +=
            "<p class=\"note\">Predicted less observed in standard deviations; open: calibrate, filled: check; what "
            "lies beyond six is "
            "drawn at six.</p>";
    if (!strips.empty()) out += "<div class=\"multiples\">" + strips + "</div>";
    out += "</section>\n";
    for (const EvidenceCase& one : table.cases) {
        out += fmt::format("<section id=\"{}\"><h2>{}</h2>", escape(one.scenario),
                           escape(one.title.empty() ? words(one.scenario) : one.title));
        for (const std::string& failure : one.failures)
            out += fmt::format("<p class=\"note\">Failed: {}</p>", escape(failure));
        out += report::table({"Row", "Quantity", "Role", "#Observed", "#Predicted", "#z", "Verdict"}, rows_of(one));
        if (one.words > 0)
            out += fmt::format("<p class=\"note\">{} more in words, which no number can meet.</p>", one.words);
        out += "</section>\n";
    }
    return out;
}

}  // namespace lobule::io
