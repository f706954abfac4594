#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "html.hpp"
#include "page.hpp"
#include "svg.hpp"
#include "text.hpp"

namespace lobule::io::report {

namespace {

std::string variant_label(const ReportData& report, const std::string& name) {
    const VariantResult* variant = report.variant(name);
    return name.empty() || variant == nullptr ? std::string() : variant->spec.label;
}

std::string with_unit(const std::optional<double>& value, const std::string& unit, int digits = 3) {
    const std::string shown = unit_text(unit);
    return number(value, digits) + (value && !shown.empty() ? " " + escape(shown) : "");
}

/// The same number of the case in zones: told in the row of the case in cells.
template <class Row>
bool in_zones(const Row& row) {
    return row.variant == k_zones_variant && row.name.ends_with(k_zones_mark);
}
template <class Row>
const Row* beside_in_zones(const std::vector<Row>& rows, const Row& row) {
    for (const Row& other : rows)
        if (in_zones(other) && row.variant.empty() && other.name == row.name + k_zones_mark) return &other;
    return nullptr;
}
std::string value_in_zones(const std::optional<double>& value, const std::string& unit) {
    return "<span class=\"sub\">" + with_unit(value, unit) + " in zones</span>";
}

struct Tally {
    std::size_t inside = 0, judged = 0;      // with a band
    std::size_t signs_agree = 0, signs = 0;  // with a sign
};
Tally tally(const ReportData& report, std::string_view role) {
    Tally out;
    for (const FeatureResult& f : report.results.features) {
        if (f.role != role || f.verdict == "words" || in_zones(f)) continue;
        if (f.contrast.sign) {
            ++out.signs;
            if (f.verdict == "agrees") ++out.signs_agree;
            continue;
        }
        ++out.judged;
        if (f.verdict == "inside") ++out.inside;
    }
    return out;
}

/// Under a number that is a ratio: over which run.
std::string over(Contrast contrast) {
    contrast.sign.reset();
    return contrast.against.empty() ? std::string()
                                    : "<span class=\"sub\">" + escape(contrast_text(contrast)) + "</span>";
}

std::string verdict_html(const FeatureResult& f) {
    if (f.verdict == "inside") return "<span class=\"verdict fit\">inside</span>";
    if (f.verdict == "agrees") return "<span class=\"verdict fit\">agrees</span>";
    if (f.verdict == "disagrees") return "<span class=\"verdict misfit\">does not agree</span>";
    if (f.verdict == "outside") return "<span class=\"verdict misfit\">outside</span>";
    if (f.verdict == "unreached") return "<span class=\"verdict misfit\">never reached</span>";
    return "<span class=\"verdict\">in words</span>";
}

}  // namespace

std::size_t count_parameters(const ReportData& report, std::string_view kind) {
    return static_cast<std::size_t>(std::count_if(report.parameters.begin(), report.parameters.end(),
                                                  [&](const ReportParameter& p) { return p.kind == kind; }));
}

/// All series of a role together; RMSE only where they share a probe.
struct Pooled {
    std::size_t points = 0, published_points = 0;
    double chi_square = 0.0, squares = 0.0, published_squares = 0.0;
    bool one_probe = true;
    std::string against;
    Pooled(const ReportData& report, std::string_view role) {
        const std::string* probe = nullptr;
        for (const SeriesResult& s : report.results.series) {
            if (s.role != role || in_zones(s)) continue;
            one_probe = one_probe && (probe == nullptr || *probe == s.probe);
            probe = &s.probe;
            points += s.misfit.points;
            chi_square += s.misfit.chi_square;
            squares += s.misfit.rmse * s.misfit.rmse * static_cast<double>(s.misfit.points);
            if (!s.published) continue;
            published_points += s.published->points;
            published_squares += s.published->rmse * s.published->rmse * static_cast<double>(s.published->points);
            against = s.against;
        }
    }
};

std::string glance(const ReportData& report) {
    std::string out;
    const auto root_mean = [](double squares, std::size_t n) {
        return number(std::sqrt(squares / static_cast<double>(n)));
    };
    for (const std::string_view role : {"check", "calibrate"}) {
        const Pooled pooled(report, role);
        const std::string name = role == "check" ? "held-out" : "calibration";
        if (pooled.points > 0 && pooled.one_probe) {
            std::string label = fmt::format("RMSE over {} {} points", pooled.points, name);
            if (pooled.published_points == pooled.points)
                label += fmt::format("; {}: {}", pooled.against, root_mean(pooled.published_squares, pooled.points));
            out += stat(root_mean(pooled.squares, pooled.points), label);
        }
        if (pooled.points > 0)
            out += stat(fmt::format("{}<small> / {}</small>", number(pooled.chi_square), pooled.points),
                        fmt::format("χ² over {} points", name));
        const Tally t = tally(report, role);
        if (t.judged > 0)
            out += stat(fmt::format("{}<small> of {}</small>", t.inside, t.judged),
                        fmt::format("{} features inside their band", name));
        if (t.signs > 0)
            out += stat(fmt::format("{}<small> of {}</small>", t.signs_agree, t.signs),
                        fmt::format("{} signs agree", name));
    }
    if (!report.results.series.empty()) {
        const auto effects = std::count_if(report.results.series.begin(), report.results.series.end(),
                                           [](const SeriesResult& s) { return s.offset.has_value(); });
        out += stat(std::to_string(count_parameters(report, "fitted")),
                    effects == 0
                        ? std::string("fitted parameters")
                        : fmt::format("fitted parameters, and {} study effect{}", effects, effects == 1 ? "" : "s"));
    }
    return out.empty() ? out : "<dl class=\"glance\">" + out + "</dl>";
}

std::string series_table(const ReportData& report, std::string_view role) {
    std::string rows;
    for (const SeriesResult& s : report.results.series) {
        if (s.role != role) continue;
        const std::string probe = words(s.probe) + (unit_text(s.unit).empty() ? "" : " (" + s.unit + ")");
        std::string effect = "–";
        if (s.offset)
            effect = fmt::format("{}<span class=\"sub\">RMSE {} without</span>", number(*s.offset, 2),
                                 number(s.without_effect ? s.without_effect->rmse : 0.0));
        rows += "<tr>" + cell(named(s.name, variant_label(report, s.variant))) + cell(escape(probe)) +
                numeric(std::to_string(s.misfit.points)) + numeric(number(s.misfit.rmse)) +
                numeric(number(s.misfit.chi_square)) + numeric(number(s.misfit.bias, 2)) + numeric(effect) +
                cell(s.published ? escape(s.against) : "–") + numeric(s.published ? number(s.published->rmse) : "–") +
                numeric(s.published ? number(s.published->chi_square) : "–") + cell(escape(s.sources)) + "</tr>";
    }
    if (rows.empty()) return {};
    return table({"Series", "Probe", "#Points", "#RMSE", "#χ² (SD)", "#Mean error", "#Study effect", "Published model",
                  "#its RMSE", "#its χ²", "Source"},
                 rows);
}

std::string feature_table(const ReportData& report, std::string_view role) {
    std::string rows;
    for (const FeatureResult& f : report.results.features) {
        const bool words_only = f.verdict == "words";  // told among the predictions: nothing to judge by
        if (in_zones(f)) continue;
        const FeatureResult* zones = beside_in_zones(report.results.features, f);
        if (role == "prediction" ? !(words_only || f.role == role) : words_only || f.role != role) continue;
        const std::string strip = f.low && f.high && f.predicted
                                      ? interval_strip(*f.low, *f.high, *f.predicted, f.verdict == "inside")
                                      : std::string();
        const std::string label = variant_label(report, f.variant);
        rows +=
            "<tr>" + cell(named(f.name, label + (label.empty() || f.note.empty() ? "" : "; ") + f.note)) +
            cell(escape(f.observed) + (f.basis.empty() ? "" : "<span class=\"sub\">" + escape(f.basis) + "</span>")) +
            cell(strip) +
            numeric(
                with_unit(f.predicted, f.unit) + over(f.contrast) + band_below(report, f) +
                (zones == nullptr ? "" : value_in_zones(zones->predicted, zones->unit) + band_below(report, *zones))) +
            cell(verdict_html(f) + (zones == nullptr || zones->verdict == f.verdict
                                        ? ""
                                        : "<span class=\"sub\">" + escape(zones->verdict) + " in zones</span>")) +
            cell(fmt::format("{}<span class=\"sub\">{}</span>", escape(f.ids), escape(f.sources))) + "</tr>";
    }
    if (rows.empty()) return {};
    return table({"Feature", "Observed", "Band and prediction", "#Predicted", "Verdict", "Rows"}, rows, "features");
}

std::string check_table(const ReportData& report) {
    std::string rows;
    for (const CheckResult& c : report.results.checks) {
        if (in_zones(c)) continue;
        const CheckResult* zones = beside_in_zones(report.results.checks, c);
        rows += "<tr>" + cell(named(c.name, variant_label(report, c.variant))) +
                numeric(c.contrast.sign ? escape(contrast_text(c.contrast))
                                        : fmt::format("{} to {}", number(c.low, 4), with_unit(c.high, c.unit, 4))) +
                numeric(with_unit(c.value, c.unit) + over(c.contrast) +
                        (zones == nullptr ? "" : value_in_zones(zones->value, zones->unit))) +
                cell(c.passed ? "<span class=\"verdict fit\">holds</span>"
                              : "<span class=\"verdict misfit\">fails</span>") +
                cell(escape(c.reason)) + "</tr>";
    }
    return rows.empty() ? rows : table({"Assertion", "#Band", "#Value", "", "Why these bounds"}, rows);
}

std::string variant_table(const ReportData& report, std::string_view group) {
    // The probe of the group's first figure says most about it.
    const FigureSpec* figure = nullptr;
    for (const FigureSpec& f : report.figures)
        if (figure == nullptr && f.section == group && !f.probes.empty()) figure = &f;
    const ReportProbe* probe = figure != nullptr ? report.probe(figure->probes.front()) : nullptr;
    if (probe == nullptr) return {};
    const auto index = static_cast<std::size_t>(probe - report.probes.data());
    std::string rows;
    for (const VariantResult& v : report.results.variants) {
        if (v.spec.group != group) continue;
        const study::Curve curve =
            v.curves.times.empty() ? study::Curve{} : study::window(v.curves.of(index), 0.0, v.curves.times.back());
        const auto low = study::minimum(curve), high = study::maximum(curve);
        const auto at = [](const std::optional<study::Extreme>& e) {
            return e ? fmt::format("{}<span class=\"sub\">at {}</span>", number(e->value), duration(e->time))
                     : std::string("–");
        };
        rows +=
            "<tr>" + cell(named(v.spec.label, v.spec.about)) + cell("<code>" + escape(v.spec.text) + "</code>") +
            numeric(curve.values.empty() ? "–" : number(curve.values.front())) + numeric(at(low)) + numeric(at(high)) +
            numeric(curve.values.empty() ? "–" : at(study::Extreme{curve.times.back(), curve.values.back()})) +
            cell(v.failure.empty() ? "" : "<span class=\"verdict misfit\">" + escape(v.failure) + "</span>") + "</tr>";
    }
    if (rows.empty()) return {};
    const std::string unit = unit_text(probe->unit);
    return fmt::format("<p class=\"note\">Numbers are {}{}.</p>", escape(words(probe->name)),
                       unit.empty() ? "" : " in " + escape(unit)) +
           table({"Variant", "Settings", "#Start", "#Lowest", "#Highest", "#End", ""}, rows);
}

std::string parameter_section(const ReportData& report) {
    if (report.parameters.empty()) return {};
    static constexpr std::pair<std::string_view, std::string_view> k_kinds[] = {
        {"sourced", "from a publication"},
        {"derived", "computed from published numbers"},
        {"balance", "solved so that the untouched liver stands still"},
        {"fitted", "fitted to calibration rows"},
        {"assumed", "assumed"}};
    std::string bar, legend;
    double x = 0.0;
    for (const auto& [kind, meaning] : k_kinds) {
        const std::size_t n = count_parameters(report, kind);
        const double width = 100.0 * static_cast<double>(n) / static_cast<double>(report.parameters.size());
        bar += fmt::format("<rect class=\"k-{}\" x=\"{}\" y=\"0\" width=\"{}\" height=\"4\"/>", kind, coordinate(x),
                           coordinate(std::max(width - 0.3, 0.0)));
        legend += fmt::format("<li><i class=\"key k-{}\"></i><b>{}</b> {}<span class=\"sub\">{}</span></li>", kind, n,
                              kind, meaning);
        x += width;
    }
    std::string out = fmt::format(
        "<svg class=\"share\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" role=\"img\"><title>Origins of {} "
        "parameters</title>{}</svg><ul class=\"origins\">{}</ul>",
        report.parameters.size(), bar, legend);
    std::map<std::string, std::string> parts;  // in the order of names
    for (const ReportParameter& p : report.parameters) {
        const auto dot = p.name.find('.');
        const std::string range = p.low.empty() ? "–" : p.low + " – " + p.high;
        parts[p.name.substr(0, dot)] +=
            "<tr>" +
            cell(fmt::format("<code>{}</code><span class=\"sub\">{}</span>",
                             escape(dot == std::string::npos ? p.name : p.name.substr(dot + 1)), escape(p.about))) +
            numeric(escape(p.value)) + cell(escape(unit_text(p.unit))) + numeric(escape(range)) +
            cell(fmt::format("<i class=\"key k-{}\"></i>{}", p.kind, p.kind)) +
            cell(escape(p.source) +
                 (p.set_by.empty() ? "" : "<span class=\"sub\">set by " + escape(p.set_by) + "</span>")) +
            "</tr>";
    }
    for (const auto& [part, rows] : parts)
        out += fmt::format("<h3><code>{}</code></h3>", escape(part)) +
               table({"Parameter", "#Value", "Unit", "#Range", "Origin", "Source"}, rows, "parameters");
    return out;
}

std::string reference_list(const ReportData& report) { return reference_list(report.references); }

std::string reference_list(const std::vector<Reference>& references) {
    std::string out;
    for (const Reference& r : references) {
        out += fmt::format("<li id=\"ref-{}\"><code>{}</code> {}. {}.", escape(r.key), escape(r.key), escape(r.authors),
                           escape(r.title));
        if (!r.journal.empty()) out += " <i>" + escape(r.journal) + "</i>.";
        if (!r.doi.empty()) out += " doi:" + escape(r.doi) + ".";
        if (!r.pmid.empty()) out += (r.pmid.starts_with("PMC") ? " " : " PubMed ") + escape(r.pmid) + ".";
        out += "</li>";
    }
    return out.empty() ? out : "<ul class=\"references\">" + out + "</ul>";
}

std::string facts(const ReportData& report) {
    std::string out;
    for (const auto& [label, text] : report.facts)
        out += fmt::format("<dt>{}</dt><dd>{}</dd>", escape(label), escape(text));
    return out.empty() ? out : "<dl class=\"facts\">" + out + "</dl>";
}

}  // namespace lobule::io::report
