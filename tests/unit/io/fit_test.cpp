// What a fit may see: nothing but calibration.
#include "io/fit.hpp"

#include <gtest/gtest.h>

#include <cmath>

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
    p.high_failed = 0.25;
    p.evaluations = 9;
    p.failures = {{"gave up at # h", 4}};
    const study::Profile q = profile_from(Json::parse(to_json(p).dump(), "line"));
    EXPECT_EQ(q.parameter, 2u);
    ASSERT_EQ(q.points.size(), 2u);
    EXPECT_EQ(q.points[0].cost, p.points[0].cost);
    EXPECT_EQ(q.low, p.low);
    EXPECT_FALSE(q.high);
    EXPECT_EQ(q.high_failed, p.high_failed);
    EXPECT_FALSE(q.low_failed);
    EXPECT_EQ(q.failures, p.failures);
}

/// Three parameters between 0 and 1 l, found at a half; the last on a logarithmic scale between 0.1 and 10.
FitResult fitted() {
    FitResult out;
    for (const char* name : {"t.a", "t.b", "t.c"}) {
        VariedParameter p;
        p.bounded = {name, 0.0, 1.0, study::Scale::linear};
        p.unit = "l";
        out.problem.parameters.push_back(p);
    }
    out.problem.parameters[2].bounded = {"t.c", 0.1, 10.0, study::Scale::logarithmic};
    out.problem.correlations = {2, 0};
    out.starts.push_back({0, {}, {0.5, 0.5, 1.0}, 9.0, 1.0, 20, {{"gave up at # h", 2}}, "converged"});
    study::LocalShape shape;
    shape.errors = {0.25, 0.4, INFINITY};
    shape.correlations = {{1.0, 0.97, NAN}, {0.97, 1.0, NAN}, {NAN, NAN, 1.0}};
    shape.moved = {5.0, 4.0, 0.0};
    shape.blocked = {false, false, false};
    shape.tied = {{1}, {0}, {}};
    shape.weakest = {0.0, 0.0, 1.0};
    shape.evaluations = 7;
    shape.failed = 1;
    shape.failures = {{"gave up at # h", 1}};
    out.shape = shape;
    return out;
}

TEST(NotDetermined, ByStandardError) {
    FitResult r = fitted();
    EXPECT_EQ(not_determined(r, 0), "");  // 0.25 < 1/sqrt(12), whatever it is tied to
    EXPECT_EQ(not_determined(r, 1), "its standard error is 40 % of its range; told together with t.a only");
    EXPECT_EQ(not_determined(r, 2), "no residual moves with it");
    r.shape->moved[2] = 3.0;  // they do, but not in a way that tells it from the others
    EXPECT_EQ(not_determined(r, 2),
              "it has no standard error: the rows tell fewer directions than there are parameters");
    r.shape->blocked[2] = true;
    EXPECT_EQ(not_determined(r, 2), "runs fail on both sides of it: it has no derivative");
    EXPECT_NEAR(*error_end(r, 0, -1.0), 0.25, 1e-15);
    EXPECT_FALSE(error_end(r, 2, 1.0));
    r.shape->errors[2] = 0.5;  // half of two decades
    EXPECT_NEAR(*error_end(r, 2, 1.0), 10.0, 1e-12);
}

TEST(NotDetermined, ByProfileFirst) {
    FitResult r = fitted();
    study::Profile p;
    p.parameter = 1;
    p.points = {{0.0, 1.5}, {0.5, 1.0}, {1.0, 9.0}};
    p.high = 0.9;
    p.evaluations = 40;
    p.failures = {{"gave up at # h", 3}, {"other", 1}};
    r.profiles = {p};
    EXPECT_EQ(not_determined(r, 1), "its profile is flat to its lower bound (S + 0.5); told together with t.a only");
    r.profiles[0].low = 0.1;
    EXPECT_EQ(not_determined(r, 1), "");  // though its standard error says otherwise
    r.profiles[0].high.reset();
    r.profiles[0].high_failed = 0.75;
    r.shape->tied[1].clear();
    EXPECT_EQ(not_determined(r, 1), "runs fail at 0.75 l and above, before S has risen by 3.84");
    r.profiles[0].low.reset();
    r.starts[0].best[1] = 0.0;
    EXPECT_EQ(not_determined(r, 1),
              "it lies at its lower bound; runs fail at 0.75 l and above, before S has risen by 3.84");
}

TEST(Phases, CountEachAndAll) {
    FitResult r = fitted();
    study::Profile p;
    p.evaluations = 40;
    p.failures = {{"gave up at # h", 3}, {"other", 1}};
    r.profiles = {p, p};
    const std::vector<FitPhase> phases = r.phases();
    ASSERT_EQ(phases.size(), 3u);
    EXPECT_EQ(phases[0].failed(), 2u);
    EXPECT_EQ(phases[1].failed(), 1u);
    EXPECT_EQ(phases[2].failed(), 8u);
    EXPECT_EQ(phases[2].evaluations, 80u);
    EXPECT_EQ(r.evaluations(), 107u);
    EXPECT_EQ(r.failures(), (study::Failures{{"gave up at # h", 9}, {"other", 2}}));
}

TEST(Correlations, AreThoseThatAreNamedInTheirOrder) {
    EXPECT_EQ(correlations_csv(fitted()), "parameter,t.c,t.a\nt.c,1,\nt.a,,1\n");
    FitResult r = fitted();
    r.problem.correlations = {1, 0};
    EXPECT_EQ(correlations_csv(r), "parameter,t.b,t.a\nt.b,1,0.97\nt.a,0.97,1\n");
}

}  // namespace
}  // namespace lobule::io
