#include "io/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "../../../src/io/report/svg.hpp"
#include "../../../src/io/report/text.hpp"
#include "../../support/page_text.hpp"
#include "io/files.hpp"

namespace lobule::io {
namespace {

using testing::HasSubstr;
using testing::Not;

ReportData sample() {
    ReportData r;
    r.title = "A <case> & its \"report\"";
    r.scenario = "toy";
    r.about = "One sentence.";
    r.probes = {{"mass", "1", "Mass against rest."}, {"level", "pg/ml", "Level of it."}};
    VariantResult itself;
    itself.spec.label = "this case";
    itself.curves = {{0, 0, 24, 48, 72}, {{1, 0.3, 0.5, 0.8, 0.9}, {1, 1, 90, 20, 1e-9}}};
    VariantResult other = itself;
    other.spec.name = "other";
    other.spec.label = "other, <no> b";
    other.spec.group = "prediction";
    other.spec.text = "a.b = 0";
    other.failure = "the solver gave up, at 3 h";
    r.results.variants = {itself, other};
    SeriesResult s;
    s.name = "Group, with \"quotes\"";
    s.role = "check";
    s.probe = "mass";
    s.unit = "1";
    s.against = "cook2015";
    s.points = {{"AAA001", {24, 0.55, 0.1, study::SpreadKind::sd, 7}, 0.1, 0.5, 0.45},
                {"AAA002", {100, 0.9, 0, study::SpreadKind::none, 0}, 0.18, {}, {}}};
    s.misfit = {1, 0.05, 0.25, -0.05};
    s.published = study::Misfit{1, 0.1, 1.0, -0.1};
    s.note = "A caveat; its second line\nis here.";
    r.results.series = {s};
    FeatureResult f;
    f.name = "Peak";
    f.role = "check";
    f.probe = "level";
    f.kind = "maximum";
    f.unit = "pg/ml";
    f.observed = "80 ± 5 pg/ml";
    f.low = 75;
    f.high = 85;
    f.predicted = 90;
    f.verdict = "outside";
    f.ids = "AAA003";
    r.results.features = {f};
    r.results.checks = {{"holds", "", "mass", "final", "1", "because", 0.8, 1.0, 0.9, true}};
    r.figures = {{"All", "course", "", {"mass", "level"}, {""}, 0.0},
                 {"Both", "prediction", "Nothing to compare with.", {"mass"}, {"", "other"}, 48.0}};
    r.parameters = {{"a.b", "1.5", "1/h", "1", "2", "assumed", "assumed", "", "A rate."},
                    {"a.c", "2", "1", "", "", "fit:x", "fitted", "rat", ""}};
    r.references = {{"someone1999", "Someone A", "A title <i>", "J", "10.1/x", "", "https://example.org"}};
    return r;
}

TEST(ReportText, Escapes) {
    EXPECT_EQ(report::escape("a<b>&\"c'\n"), "a&lt;b&gt;&amp;&quot;c&#39;\n");
    EXPECT_EQ(report::escape(std::string("x\x01y")), "x\xEF\xBF\xBDy");
    EXPECT_EQ(report::escape("χ² µm"), "χ² µm");
}

RC_GTEST_PROP(ReportText, EscapedTextIsAlwaysWellFormed, (const std::string& text)) {
    RC_ASSERT(ill_formed("<p title=\"" + report::escape(text) + "\">" + report::escape(text) + "</p>") == "");
}

TEST(ReportText, Numbers) {
    EXPECT_EQ(report::number(0.0), "0");
    EXPECT_EQ(report::number(0.02534), "0.0253");
    EXPECT_EQ(report::number(29.44), "29.4");
    EXPECT_EQ(report::number(1000.0), "1000");
    EXPECT_EQ(report::number(999.9), "1000");
    EXPECT_EQ(report::number(15000.0), "15\u202F000");
    EXPECT_EQ(report::number(-2.5), "−2.5");
    EXPECT_EQ(report::number(1.2e-7), "1.2 × 10⁻⁷");
    EXPECT_EQ(report::number(3e9), "3 × 10⁹");
    EXPECT_EQ(report::number(std::optional<double>()), "–");
    EXPECT_EQ(report::duration(36.0), "36 h");
    EXPECT_EQ(report::duration(216.0), "9 d");
}

RC_GTEST_PROP(ReportSvg, AxesHoldTheirData, (int a, int b)) {
    const double low = std::min(a, b) / 997.0, high = std::max(a, b) / 997.0;
    const report::Axis axis = report::round_axis(low, high, 4, "x");
    const bool less_than_a_pixel_below_zero = axis.low == 0.0 && low < 0.0 && -low < 2e-3 * high;
    RC_ASSERT((axis.low <= low || less_than_a_pixel_below_zero) && axis.high >= high && axis.high > axis.low);
    RC_ASSERT(axis.ticks.size() >= 2 && axis.ticks.size() <= 12);
}

TEST(ReportSvg, TimeIsHoursEarlyAndDaysLater) {
    EXPECT_EQ(report::time_axis(48.0).label, "time (h)");
    EXPECT_EQ(report::time_axis(14 * 24.0).label, "time (d)");
    EXPECT_EQ(report::time_axis(72.0).ticks, (std::vector<double>{0, 12, 24, 36, 48, 60, 72}));
}

TEST(Svg, AnAxisOfAConstantWithRounding) {
    // A curve at rest differs from itself by rounding: that spread has no ticks of its own.
    for (const double low : {1.0, 27.0, -3e8, 1e-12}) {
        const report::Axis axis = report::round_axis(low, low * (1.0 + 4e-16), 4, "x");
        EXPECT_LT(axis.ticks.size(), 12U) << low;
        EXPECT_LT(axis.low, low);
        EXPECT_GT(axis.high, low);
    }
    EXPECT_LT(report::round_axis(0.0, HUGE_VAL, 4, "x").ticks.size(), 12U);
}

TEST(ReportSvg, APlotKeepsTheShapeWithFewPoints) {
    report::Plot plot({}, report::time_axis(1000.0), report::round_axis(0, 1, 4, "y"), "t & t", "d");
    std::vector<double> xs, ys;
    for (int i = 0; i <= 1000; ++i) xs.push_back(i), ys.push_back(i < 500 ? 0.0 : 1.0);
    plot.curve(xs, ys, "c0", "a <step>", true);
    plot.point(10, 0.5, 0.1, "observed", "tip");
    const std::string svg = plot.svg();
    EXPECT_EQ(ill_formed(svg), "");
    EXPECT_LT(svg.size(), 4000U);
    EXPECT_THAT(svg, HasSubstr("<title>t &amp; t</title><desc>d</desc>"));
}

TEST(Report, PageIsWellFormedAndAsksForNothing) {
    const std::string html = report_html(sample());
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_FALSE(asks_for_something(html));
    EXPECT_THAT(html, HasSubstr("A &lt;case&gt; &amp; its"));
    EXPECT_THAT(html, HasSubstr("No row of evidence exists"));
    EXPECT_THAT(html, HasSubstr("<b>1</b> fitted"));
    EXPECT_THAT(html, HasSubstr("10.1/x"));
}

TEST(Report, PicturesLieInThePage) {
    ReportData report = sample();
    EXPECT_THAT(report_html(report), Not(HasSubstr("Tissue")));
    // The example of RFC 4648, section 10.
    report.pictures = {{36.0, "A \"caption\"", "cells & vessels", "fooba"}, {96.0, "", "later", "foobar"}};
    const std::string html = report_html(report);
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_FALSE(asks_for_something(html));
    EXPECT_TRUE(asks_for_something(html + "<img src=\"other.png\"/>"));
    EXPECT_THAT(html, HasSubstr("<h2>Tissue</h2>"));
    EXPECT_THAT(html, HasSubstr("<img src=\"data:image/png;base64,Zm9vYmE=\" alt=\"cells &amp; vessels\"/>"));
    EXPECT_THAT(html, HasSubstr("<figcaption><b>36 h</b> A &quot;caption&quot;</figcaption>"));
    EXPECT_THAT(html, HasSubstr("base64,Zm9vYmFy\""));
}

TEST(Report, TheGapOfReadingsIsATable) {
    ReportData report = sample();
    EXPECT_THAT(report_html(report), Not(HasSubstr("Cells against zones")));
    report.gap = {{"feature", "Peak", "level", "maximum", "pg/ml", {}, {}, 90.0, {}, {}, 1e300},
                  {"figure", "mass", "mass", "value_at", "1", 24.0, 0.65, 0.5, 0.15, 0.3, 0.3},
                  {"figure", "mass", "mass", "value_at", "1", 72.0, 0.01, 0.0, 0.01, {}, 0.01}};
    const std::string html = report_html(report);
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_THAT(html, HasSubstr("not reached"));
    EXPECT_THAT(html, HasSubstr("<b>+30 %</b><span class=\"sub\">0.65 / 0.5</span>"));
    EXPECT_THAT(html, HasSubstr("+0.01<span"));
}

TEST(Report, TheCaseInZonesStandsInTheRowOfTheCaseInCells) {
    ReportData report = sample();
    const std::string before = report_html(report);
    FeatureResult zones = report.results.features[0];
    zones.name += k_zones_mark;
    zones.variant = k_zones_variant;
    zones.predicted = 80.3;
    zones.verdict = "inside";
    report.results.features.push_back(zones);
    const std::string html = report_html(report);
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_THAT(html, HasSubstr("80.3 pg/ml in zones"));
    EXPECT_THAT(html, HasSubstr("inside in zones"));
    EXPECT_THAT(html, Not(HasSubstr("Peak (zones)")));
    const auto judged = [](const std::string& page) { return page.substr(page.find("held-out features") - 60, 60); };
    EXPECT_EQ(judged(html), judged(before)) << "it is no second feature";
}

TEST(Report, AnEmptyReportIsAPage) { EXPECT_EQ(ill_formed(report_html(ReportData{})), ""); }

TEST(Report, TablesRoundTrip) {
    const auto folder = std::filesystem::temp_directory_path() / "lobule_report_test";
    remove_tree(folder);
    ReportData before = sample();
    before.pictures = {{36.0, "one", "alt", std::string("\x89PNG\0\n", 6)}, {48.5, "", "", "two"}};
    before.gap = {{"figure", "mass", "mass", "value_at", "1", 24.0, 0.6, 0.5, 0.1, 0.2, 0.2},
                  {"feature", "Peak", "level", "maximum", "pg/ml", {}, {}, 90.0, {}, {}, 1e300}};
    EXPECT_THROW(read_report_tables(folder), SpecError);
    write_report_tables(folder, before);
    const ReportData after = read_report_tables(folder);
    EXPECT_EQ(report_html(after), report_html(before));
    EXPECT_EQ(after.results.variants[1].curves.values, before.results.variants[1].curves.values);
    EXPECT_EQ(after.results.series[0].note, before.results.series[0].note);
    EXPECT_FALSE(after.results.series[0].points[1].predicted);
    EXPECT_EQ(after.figures[1].variants, before.figures[1].variants);
    ASSERT_EQ(after.gap.size(), 2U);
    EXPECT_EQ(after.gap[0].relative, 0.2);
    EXPECT_FALSE(after.gap[1].cells);
    ASSERT_EQ(after.pictures.size(), 2U);
    EXPECT_EQ(after.pictures[0].png, before.pictures[0].png);
    EXPECT_EQ(after.pictures[1].time, 48.5);
    write_pictures(folder, {{60.0, "", "", "three"}});  // instead of the two
    ASSERT_EQ(read_pictures(folder).size(), 1U);
    EXPECT_EQ(read_pictures(folder)[0].png, "three");
    remove_tree(folder);
}

}  // namespace
}  // namespace lobule::io
