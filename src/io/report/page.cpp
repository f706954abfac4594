#include "page.hpp"

#include <fmt/format.h>

#include "html.hpp"
#include "text.hpp"

namespace lobule::io {

namespace {

using namespace report;

std::string fact(const ReportData& report, std::string_view label) {
    for (const auto& [name, text] : report.facts)
        if (name == label) return text;
    return {};
}

std::string header(const ReportData& report) {
    std::string meta = escape(report.scenario);
    for (const char* label : {"Simulated time", "Program", "Ended"})
        if (const std::string text = fact(report, label); !text.empty()) meta += " · " + escape(text);
    return fmt::format(
        "<header><p class=\"overline\">Lobule report</p><h1>{}</h1><p class=\"lead\">{}</p>{}<p "
        "class=\"meta\">{}</p></header>",
        escape(report.title), escape(report.about),
        report.summary.empty() ? "" : "<p>" + escape(report.summary) + "</p>", meta);
}

}  // namespace

std::string report_html(const ReportData& report) {
    const std::string fitted = std::to_string(count_parameters(report, "fitted"));
    Page page;
    page.section("tissue", "Tissue",
                 "Sections through the cells of this run; a click enlarges one. Nothing on these pictures was "
                 "observed.",
                 tissue_pictures(report));
    page.section("compared", "Observed and predicted",
                 "Points are published means, bars one standard deviation. The line is the model, run for each group "
                 "with its own settings. "
                 "A dashed line is a published model on the same points.",
                 part("Held out", "No parameter was fitted to these rows.",
                      series_panels(report, "check") + series_table(report, "check")) +
                     part("Calibration", fmt::format("{} parameters were fitted to rows of this kind.", fitted),
                          series_panels(report, "calibrate") + series_table(report, "calibrate")));
    page.section("fit", "What fits and what does not",
                 fmt::format("The bar is the observed band: one standard deviation, the printed span, or {:g} % of the "
                             "value where the source "
                             "states no spread. The mark is the prediction; an arrow lies beyond the drawing.",
                             100.0 * study::k_default_error),
                 part("Held out", "", feature_table(report, "check")) +
                     part("Calibration", "", feature_table(report, "calibrate")));
    page.section("course", "Course", "What the model does in this case. Nothing on these panels was observed.",
                 figures(report, "course"));
    page.section("inputs", "Declared inputs", report.band ? report.band->about : std::string(), band_table(report));
    page.section("gap", "Cells against zones",
                 "The same case in cells and in zones, the largest gaps first; percentages are of the value in zones, "
                 "and differences "
                 "near 0 are absolute. One run in cells is one draw. Nothing is asserted of it.",
                 gap_tables(report));
    page.section(
        "predictions", "Predictions",
        "No row of evidence exists for these curves, so nothing here shows the model to be right. What has been seen "
        "without a number to compare with stands in the last table.",
        figures(report, "prediction") + variant_table(report, "prediction") + feature_table(report, "prediction"));
    page.section("robustness", "Robustness",
                 "The case with something of it changed, a population at the start or a mechanism taken away: what is "
                 "changed stands beside each curve's name in the table of variants.",
                 figures(report, "robustness"));
    page.section("asserted", "Asserted by tests", "", check_table(report));
    page.section("parameters", "Parameters", "", parameter_section(report));
    page.section("references", "Sources", "", reference_list(report));
    page.section("provenance", "Provenance", "", facts(report));
    return page.html(report.title, header(report) + glance(report));
}

}  // namespace lobule::io
