// What a fit may see: nothing but calibration.
#include "io/fit.hpp"

#include <gtest/gtest.h>

namespace lobule::io {
namespace {

SeriesSpec series(const std::string& name, const std::string& variant, const std::string& role, double until) {
    SeriesSpec s;
    s.name = name;
    s.variant = variant;
    s.role = role;
    s.points = {{1.0, 1.0, 0.1, study::SpreadKind::sd, 5}, {until, 1.0, 0.1, study::SpreadKind::sd, 5}};
    return s;
}

FeatureSpec feature(const std::string& name, const std::string& kind, const std::string& role, bool band = true) {
    FeatureSpec f;
    f.name = name;
    f.role = role;
    f.measure.kind = kind;
    f.measure.at = 30.0;
    if (band) f.low = 1.0, f.high = 2.0;
    return f;
}

VariantSpec variant(const std::string& name) {
    VariantSpec v;
    v.name = name;
    return v;
}

Expectations everything() {
    Expectations e;
    e.variants = {variant("fitted"), variant("held"), variant("idle")};
    e.series = {series("a", "fitted", "calibrate", 50.0), series("b", "held", "check", 90.0)};
    e.features = {feature("f", "value_at", "calibrate"), feature("g", "final", "check"),
                  feature("h", "maximum", "prediction"), feature("w", "final", "calibrate", false)};
    e.checks.resize(2);
    e.figures.resize(1);
    e.structure.resize(1);
    return e;
}

TEST(Calibration, LeavesNothingElse) {
    Spec spec;
    spec.output = 0.5;
    const Expectations e = calibration_of(everything(), {}, spec, 200.0);
    ASSERT_EQ(e.series.size(), 1u);
    EXPECT_EQ(e.series[0].name, "a");
    ASSERT_EQ(e.features.size(), 1u);  // words without a band cannot be fitted either
    EXPECT_EQ(e.features[0].name, "f");
    EXPECT_TRUE(e.checks.empty() && e.figures.empty() && e.structure.empty());
    ASSERT_EQ(e.variants.size(), 1u);
    EXPECT_EQ(e.variants[0].name, "fitted");
    // No longer than they look, and one sample more.
    EXPECT_EQ(*e.variants[0].duration, 50.5);
    EXPECT_EQ(calibration_until(e, spec, 200.0), 30.5);
    EXPECT_EQ(calibration_until(e, spec, 20.0), 20.0);
}

TEST(Calibration, OnlyTheNamesThatAreAsked) {
    const Expectations e = calibration_of(everything(), {"a", "g"}, Spec{}, 200.0);
    EXPECT_EQ(e.series.size(), 1u);
    EXPECT_TRUE(e.features.empty());                      // g is held out, whoever names it
    EXPECT_EQ(calibration_until(e, Spec{}, 200.0), 0.0);  // the case itself need not run
}

TEST(FitLines, AreReadBackToTheBit) {
    study::StartResult s{3, {0.1, 1.0 / 3.0}, {1e-300, 7.0}, 1e9, 0.1 + 0.2, 41, {{"gave up at # h", 2}}, "converged"};
    const study::StartResult t = start_from(Json::parse(to_json(s).dump(), "line"));
    EXPECT_EQ(t.index, s.index);
    EXPECT_EQ(t.from, s.from);
    EXPECT_EQ(t.best, s.best);
    EXPECT_EQ(t.first, s.first);
    EXPECT_EQ(t.cost, s.cost);
    EXPECT_EQ(t.evaluations, s.evaluations);
    EXPECT_EQ(t.failures, s.failures);
    EXPECT_EQ(t.end, s.end);
    study::Profile p;
    p.parameter = 2;
    p.points = {{0.1, 1.0 / 3.0}, {0.2, 0.7}};
    p.low = 0.3;
    const study::Profile q = profile_from(Json::parse(to_json(p).dump(), "line"));
    EXPECT_EQ(q.parameter, 2u);
    ASSERT_EQ(q.points.size(), 2u);
    EXPECT_EQ(q.points[0].cost, p.points[0].cost);
    EXPECT_EQ(q.low, p.low);
    EXPECT_FALSE(q.high);
}

}  // namespace
}  // namespace lobule::io
