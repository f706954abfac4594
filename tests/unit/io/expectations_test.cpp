#include "io/expectations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/structure.hpp"

namespace lobule::io {
namespace {

using testing::HasSubstr;

/// A model that has names, units and nothing to run.
Model toy_model() {
    Model model;
    model.run.probes = {{"mass", "1", 1.0, -1, "Mass against rest."},
                        {"index", "%", 0.01, -1, "Share."},
                        {"level", "pg/ml", 1e-12, -1, ""}};
    model.run.zone_values = {{"gas", parse_unit("pg/ml").dimension, -1},
                             {"gas.pressure", parse_unit("mmHg").dimension, -1}};
    ParameterInfo parameter;
    parameter.name = "cut.share";
    model.parameters.push_back(parameter);
    parameter.name = "cut.rate";
    parameter.dimension = parse_unit("1/h").dimension;
    model.parameters.push_back(parameter);
    return model;
}

Observation row(std::string id, std::string role, std::string time, std::string value, std::string unit,
                std::string spread = {}) {
    Observation o;
    o.id = std::move(id);
    o.role = std::move(role);
    o.study = "study";
    o.time_value = std::move(time);
    o.time_unit = "d";
    o.value = std::move(value);
    o.unit = std::move(unit);
    o.spread = std::move(spread);
    if (!o.spread.empty()) o.kind = study::SpreadKind::sd;
    o.source = "someone1999";
    return o;
}

Evidence toy_evidence() {
    return {{row("AAA001", "check", "1", "50", "%", "5"), row("AAA002", "check", "2", "80", "% of initial"),
             row("AAA003", "calibrate", "2-3", "1", "peak (1=yes)"),
             row("AAA004", "check", "1", "dead", "qualitative")}};
}

struct Read {
    Expectations expectations;
    std::vector<Problem> problems;
    std::string first() const { return problems.empty() ? std::string() : to_string(problems.front()); }
};

Read read(const std::string& text) {
    Read out;
    const Evidence evidence = toy_evidence();
    out.expectations =
        read_expectations(parse_toml(text, "expect.toml"), "/nowhere", evidence, toy_model(), out.problems);
    return out;
}

constexpr const char* k_head =
    "[variant.half]\nabout = \"x\"\ngroup = \"check\"\nset = { \"cut.share\" = \"0.5\", \"cut.rate\" = \"1 1/d\" }\n";

TEST(Expectations, VariantSettingsAreQuantities) {
    const Read r = read(k_head);
    ASSERT_EQ(r.first(), "");
    ASSERT_EQ(r.expectations.variants.size(), 1U);
    EXPECT_EQ(r.expectations.variants[0].label, "half");
    EXPECT_DOUBLE_EQ(r.expectations.variants[0].settings[1].value.value, 1.0 / 24.0);
    EXPECT_EQ(r.expectations.variants[0].text, "cut.share = 0.5, cut.rate = 1 1/d");
}

TEST(Expectations, SeriesConvertsToTheProbe) {
    const Read r = read(
        "[[series]]\nname=\"a\"\nprobe=\"mass\"\nrole=\"check\"\nrows=[\"AAA001\",\"AAA002\"]\nunit=\"%\"\nscale=\"0."
        "5\"\noffset=\"10 %\"\n");
    ASSERT_EQ(r.first(), "");
    const SeriesSpec& s = r.expectations.series.at(0);
    ASSERT_EQ(s.points.size(), 2U);
    EXPECT_DOUBLE_EQ(s.points[0].time, 24.0);
    EXPECT_DOUBLE_EQ(s.points[0].value, 0.35);
    EXPECT_DOUBLE_EQ(s.points[0].spread, 0.025);  // the offset moves no spread
    EXPECT_EQ(s.points[1].kind, study::SpreadKind::none);
    EXPECT_EQ(s.sources, std::vector<std::string>{"someone1999"});
}

TEST(Expectations, AfterLeavesEarlyPointsOut) {
    const Read r = read(
        "[[series]]\nname=\"a\"\nprobe=\"mass\"\nrole=\"check\"\nrows=[\"AAA001\",\"AAA002\"]\nunit=\"%\"\nafter=\"1 "
        "d\"\n");
    ASSERT_EQ(r.first(), "");
    EXPECT_EQ(r.expectations.series.at(0).ids, std::vector<std::string>{"AAA002"});
}

TEST(Expectations, ATimingRowGivesItsTimes) {
    const Read r = read(
        "[[feature]]\nname=\"a\"\nprobe=\"index\"\nkind=\"time_of_maximum\"\nrole=\"calibrate\"\nrows=[\"AAA003\"]\n");
    ASSERT_EQ(r.first(), "");
    EXPECT_DOUBLE_EQ(*r.expectations.features.at(0).low, 48.0);
    EXPECT_DOUBLE_EQ(*r.expectations.features.at(0).high, 72.0);
}

TEST(Expectations, AStructureRowMayBeAProbe) {
    const Read r = read("[[structure]]\nname=\"a\"\nmeasure=\"index\"\nrows=[\"AAA001\"]\n");
    ASSERT_EQ(r.first(), "");
    const auto readings = probe_readings(toy_model(), {1.0, 53.0, 3.0}, r.expectations.structure);
    ASSERT_EQ(readings.size(), 1U);
    EXPECT_EQ(readings[0].unit, "%");
    EXPECT_EQ(structure_rows(readings, r.expectations.structure).at(0).verdict, "inside");  // 50 with a spread of 5
    EXPECT_EQ(structure_rows({{"index", 56.0, "%"}}, r.expectations.structure).at(0).verdict, "outside");
    EXPECT_THAT(read("[[structure]]\nname=\"a\"\nmeasure=\"indes\"\n").first(),
                HasSubstr("no number of the tissue, and no probe, is called `indes` (nearest: index)"));
}

TEST(Expectations, AFeatureTakesTheSpreadOfItsRow) {
    const Read r = read(
        "[[feature]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"value_at\"\nat=\"1 d\"\nrole=\"check\"\nrows=[\"AAA001\"]\n");
    ASSERT_EQ(r.first(), "");
    const FeatureSpec& f = r.expectations.features.at(0);
    EXPECT_NEAR(*f.low, 0.45, 1e-12);
    EXPECT_NEAR(*f.high, 0.55, 1e-12);
}

TEST(Expectations, WordsAreNotJudged) {
    const Read r = read("[[feature]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"final\"\nrole=\"check\"\nrows=[\"AAA004\"]\n");
    ASSERT_EQ(r.first(), "");
    EXPECT_FALSE(r.expectations.features.at(0).low);
    EXPECT_EQ(r.expectations.features.at(0).observed, "dead");
}

struct Mistake {
    const char* text;
    const char* message;
};
class ExpectationMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(ExpectationMistakes, SayWhereWhatAndTheNearestName) {
    const Read r = read(GetParam().text);
    ASSERT_FALSE(r.problems.empty());
    EXPECT_THAT(r.first(), HasSubstr("expect.toml:"));
    EXPECT_THAT(r.first(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, ExpectationMistakes,
    testing::Values(
        Mistake{"[[serie]]\n", "unknown word `serie` in expectations (nearest: series)"},
        Mistake{"[[series]]\nname=\"a\"\nprobe=\"mas\"\nrole=\"check\"\nrows=[\"AAA001\"]\n",
                "unknown probe `mas` (nearest: mass)"},
        Mistake{"[[series]]\nname=\"a\"\nprobe=\"mass\"\nrole=\"check\"\nrows=[\"AAA01\"]\n",
                "no row `AAA01` in evidence (nearest: AAA001)"},
        Mistake{"[[series]]\nname=\"a\"\nprobe=\"mass\"\nrole=\"calibrate\"\nrows=[\"AAA001\"]\n",
                "row AAA001 is for `check`, not `calibrate`"},
        Mistake{"[[series]]\nname=\"a\"\nprobe=\"mass\"\nrole=\"check\"\nrows=[\"AAA002\"]\n", "state it with `unit`"},
        Mistake{"[[series]]\nname=\"a\"\nprobe=\"level\"\nrole=\"check\"\nrows=[\"AAA001\"]\n", "has the dimension"},
        Mistake{"[[series]]\nname=\"a\"\nprobe=\"mass\"\nrole=\"check\"\nmatch={study=\"none\"}\n",
                "no row of evidence has this"},
        Mistake{"[[series]]\nname=\"a\"\nprobe=\"mass\"\nrole=\"check\"\nmatch={studi=\"study\"}\n",
                "rows cannot be chosen by `studi` (nearest: study)"},
        Mistake{"[[series]]\nname=\"a\"\nprobe=\"mass\"\nrole=\"check\"\nrows=[\"AAA001\"]\nstudy_effect=true\n",
                "`calibrate` rows only"},
        Mistake{"[[series]]\nname=\"a\"\nprobe=\"mass\"\nrole=\"check\"\nrows=[\"AAA001\"]\nagainst=\"ghost\"\n",
                "there is no ghost.csv"},
        Mistake{"[variant.a]\nabout=\"x\"\ngroup=\"checks\"\n", "unknown group `checks` (nearest: check)"},
        Mistake{"[variant.a]\nabout=\"x\"\ngroup=\"check\"\nset={\"cut.shar\"=\"1\"}\n",
                "no parameter `cut.shar` in this model (nearest: cut.share)"},
        Mistake{"[variant.a]\nabout=\"x\"\ngroup=\"check\"\nset={\"cut.rate\"=\"1 h\"}\n",
                "has the dimension h, not 1/h"},
        Mistake{"[[feature]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"value_at\"\nrole=\"check\"\nrows=[\"AAA001\"]\n",
                "`value_at` needs `at`"},
        Mistake{"[[feature]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"maximum\"\nlevel=\"1\"\nrole=\"check\"\nrows=["
                "\"AAA001\"]\n",
                "`maximum` has no `level`"},
        Mistake{"[[feature]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"maximun\"\nrole=\"check\"\nrows=[\"AAA001\"]\n",
                "unknown kind `maximun` (nearest: maximum)"},
        Mistake{"[[feature]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"final\"\nrole=\"check\"\n", "a feature cites `rows`"},
        Mistake{"[[figure]]\nname=\"a\"\nprobes=[\"mass\"]\nvariants=[\"cas\"]\n",
                "unknown variant `cas` (nearest: case)"},
        Mistake{"[[check]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"final\"\nbetween=[\"2\",\"1\"]\nreason=\"r\"\n",
                "the lower bound is above the upper"},
        Mistake{"[[check]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"final\"\nreason=\"r\"\n",
                "a check needs `between` or `sign`"},
        Mistake{"[[check]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"final\"\nreason=\"r\"\nsign=\"less\"\n",
                "it needs `against`"},
        Mistake{
            "[[check]]\nname=\"a\"\nprobe=\"mass\"\nkind=\"final\"\nreason=\"r\"\nsign=\"less\"\nagainst=\"case\"\n",
            "a run against itself shows nothing"}));

constexpr const char* k_against = "name=\"a\"\nvariant=\"half\"\nagainst=\"case\"\nprobe=\"index\"\nkind=\"final\"\n";

TEST(Expectations, ASignIsThatOfARatio) {
    const std::string head = std::string(k_head) + "[[feature]]\n" + k_against;
    const Read r = read(head + "sign=\"less\"\nrole=\"check\"\nrows=[\"AAA004\"]\n[[check]]\n" + k_against +
                        "sign=\"same\"\nmargin=\"10 %\"\nreason=\"r\"\n");
    ASSERT_EQ(r.first(), "");
    const FeatureSpec& f = r.expectations.features.at(0);
    EXPECT_EQ(f.contrast.against, "case");
    EXPECT_EQ(f.contrast.sign, study::Sign::less);
    EXPECT_DOUBLE_EQ(f.contrast.margin, 0.05);
    EXPECT_FALSE(f.low || f.high);
    EXPECT_EQ(f.observed, "dead");  // of the row, which is in words
    EXPECT_EQ(f.basis, "below 0.95 times the case");
    EXPECT_EQ(f.measure.unit, "1");
    EXPECT_DOUBLE_EQ(r.expectations.checks.at(0).contrast.margin, 0.1);
    EXPECT_FALSE(r.expectations.checks.at(0).low);
    EXPECT_EQ(contrast_text(r.expectations.checks.at(0).contrast), "within 10 % of the case");
}

TEST(Expectations, ARatioHasABandOfRatios) {
    const Read r =
        read(std::string(k_head) + "[[feature]]\n" + k_against + "role=\"check\"\nrows=[\"AAA001\"]\n[[check]]\n" +
             k_against + "between=[\"0.4\",\"60 %\"]\nreason=\"r\"\nunit=\"%\"\n");
    ASSERT_EQ(r.first(), "");
    EXPECT_DOUBLE_EQ(*r.expectations.features.at(0).low, 0.45);  // 50 % with a spread of 5 %
    EXPECT_DOUBLE_EQ(*r.expectations.features.at(0).high, 0.55);
    const CheckSpec& c = r.expectations.checks.at(0);
    EXPECT_DOUBLE_EQ(*c.high, 60.0);
    const Curves half{{0, 24}, {{}, {4.0, 2.0}, {}}}, whole{{0, 24}, {{}, {4.0, 4.0}, {}}},
        none{{0, 24}, {{}, {0, 0}, {}}};
    EXPECT_DOUBLE_EQ(*read_ratio(c.measure, half, whole), 50.0);
    EXPECT_DOUBLE_EQ(*read_ratio(r.expectations.features[0].measure, half, whole), 0.5);
    EXPECT_FALSE(read_ratio(c.measure, half, none));
}

TEST(Measure, ReadsACurve) {
    Curves curves{{0, 0, 24, 48}, {{1.0, 0.5, 0.75, 1.0}, {0, 0, 30, 10}, {1, 1, 3, 4}}};
    Measure m;
    m.kind = "fold";
    m.at = 48.0;
    EXPECT_DOUBLE_EQ(*read_measure(m, curves), 2.0);  // from the moment after the event
    m.kind = "value_at";
    m.over = 2;
    EXPECT_DOUBLE_EQ(*read_measure(m, curves), 0.25);
    m.over.reset();
    m.kind = "time_of_maximum";
    m.behind = 1;
    EXPECT_DOUBLE_EQ(*read_measure(m, curves), 24.0);
    m.behind.reset();
    m.kind = "first_above";
    m.level = 2.0;
    EXPECT_FALSE(read_measure(m, curves));
    EXPECT_FALSE(read_measure(m, Curves{{}, {{}, {}, {}}}));
}

TEST(Evidence, Spans) {
    EXPECT_EQ(read_span("29.4", {}), std::make_pair(29.4, 29.4));
    EXPECT_EQ(read_span("12-18", {}), std::make_pair(12.0, 18.0));
    EXPECT_EQ(read_span("-24", {}), std::make_pair(-24.0, -24.0));
    EXPECT_THROW(read_span("soon", {}), SpecError);
    EXPECT_THROW(read_span("3-", {}), SpecError);
}

TEST(Expectations, ASectionIsColouredByASignalOrAValue) {
    const Read r = read(
        "[[section]]\nat = \"1 d\"\nvalue = \"gas.pressure\"\nunit = \"kPa\"\n[[section]]\nat = \"0 h\"\nsignal "
        "= \"gas\"\n");
    ASSERT_EQ(r.first(), "");
    EXPECT_EQ(r.expectations.sections[0].value, "gas.pressure");
    EXPECT_EQ(r.expectations.sections[0].unit, "kPa");
    EXPECT_EQ(r.expectations.sections[1].signal, "gas");
    const auto fault = [](const std::string& keys) { return read("[[section]]\nat = \"1 d\"\n" + keys).first(); };
    EXPECT_THAT(fault("signal = \"gas\"\nvalue = \"gas.pressure\"\n"), HasSubstr("not by both"));
    EXPECT_THAT(fault("value = \"gas.presure\"\n"), HasSubstr("(nearest: gas.pressure)"));
    EXPECT_THAT(fault("value = \"gas.pressure\"\nunit = \"pM\"\n"), HasSubstr("does not fit"));
    EXPECT_THAT(fault("unit = \"pM\"\n"), HasSubstr("does not have"));
}

}  // namespace
}  // namespace lobule::io
