// Drawn inputs on the page: ribbons, what numbers become over the draws, the table of the inputs, runs that failed.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "html.hpp"
#include "page.hpp"
#include "text.hpp"

namespace lobule::io::report {

namespace {

std::string label_of(const ReportData& report, const std::string& variant) {
    const VariantResult* found = report.variant(variant);
    return found == nullptr || found->spec.label.empty() ? (variant.empty() ? "this case" : words(variant))
                                                         : found->spec.label;
}

std::string failures(const ReportData& report, const Band& band) {
    std::map<std::pair<std::string, std::string>, std::pair<std::size_t, std::string>> causes;
    for (const BandRun& run : band.all) {
        if (run.failure.empty()) continue;
        auto& [count, draws] = causes[{run.variant, run.failure}];
        ++count;
        draws += (draws.empty() ? "" : ", ") + std::to_string(run.run);
    }
    if (causes.empty()) return {};
    std::string rows;
    for (const auto& [what, times] : causes)
        rows += "<tr>" + cell(escape(label_of(report, what.first))) + numeric(std::to_string(times.first)) +
                cell(times.second) + cell(escape(what.second)) + "</tr>";
    return part("Runs that failed", "They are in no band.", table({"Run", "#Draws", "Which", "Cause"}, rows));
}

}  // namespace

std::optional<BandCurve> band_of(const ReportData& report, const std::string& variant, const std::string& probe) {
    if (!report.band) return std::nullopt;
    BandCurve out;
    for (const BandLine& line : report.band->lines)
        if (line.variant == variant && line.probe == probe) {
            out.times.push_back(line.time);
            out.low.push_back(line.low);
            out.high.push_back(line.high);
        }
    return out.times.empty() ? std::nullopt : std::optional(std::move(out));
}

std::string band_legend(const Band& band, const std::vector<std::string>& variants) {
    std::size_t failed = 0;
    for (const std::string& variant : variants) failed = std::max(failed, band.failed(variant));
    return fmt::format("{} % of {} runs over the declared ranges{}", number(100.0 * band.share), band.runs - failed,
                       failed == 0 ? "" : fmt::format("; {} failed", failed));
}

std::string band_below(const ReportData& report, const FeatureResult& f) {
    if (!report.band) return {};
    for (const BandFeature& b : report.band->features)
        if (b.name == f.name && b.variant == f.variant)
            return fmt::format("<span class=\"sub\">{} to {} over the declared ranges</span>", number(b.low),
                               number(b.high));
    return {};
}

std::string band_table(const ReportData& report) {
    if (!report.band) return {};
    const Band& band = *report.band;
    std::string rows;
    for (const BandInput& input : band.inputs) {
        const auto found = std::find_if(report.parameters.begin(), report.parameters.end(),
                                        [&](const ReportParameter& p) { return p.name == input.name; });
        if (found == report.parameters.end()) continue;
        const ReportParameter& p = *found;
        const std::string unit = unit_text(p.unit).empty() ? "" : " " + escape(unit_text(p.unit));
        const std::string drawn = !input.held.empty()    ? "held: set on the " + input.held
                                  : input.scale == "log" ? "drawn, logarithmic"
                                                         : "drawn, uniform";
        rows += "<tr>" +
                cell(fmt::format("<code>{}</code><span class=\"sub\">{}</span>", escape(p.name), escape(p.about))) +
                numeric(escape(p.value) + unit) + numeric(escape(input.range)) + cell(escape(drawn)) +
                cell(escape(p.source)) + "</tr>";
    }
    std::string lead;
    if (band.runs == 0)
        lead = "Every input is held, so nothing was drawn.";
    else
        lead = fmt::format(
            "{} draws, a Latin hypercube over these ranges (seed {}); runs of one draw share their values. A band "
            "holds "
            "{} % of them at each time. It says what these inputs leave open, not what else may be wrong.",
            band.runs, band.seed, number(100.0 * band.share));
    return "<p class=\"note\">" + escape(lead) + "</p>" +
           table({"Input", "#Value", "#Range", "Over the draws", "Source"}, rows, "inputs") + failures(report, band);
}

}  // namespace lobule::io::report
