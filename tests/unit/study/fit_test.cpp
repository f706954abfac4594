// Fits of functions whose answers are known.
#include "study/fit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>

#include "base/math.hpp"

namespace lobule::study {
namespace {

/// a exp(-b t) at ten times, with the exact values of a = 3, b = 0.2 as observations.
Evaluation decay(std::span<const double> x) {
    Evaluation out;
    for (int t = 0; t < 10; ++t)
        out.terms.push_back({3.0 * math::exp(-0.2 * t), x[0] * math::exp(-x[1] * t), 0.1, 0, -1});
    return out;
}

FitPlan decay_plan() {
    FitPlan plan;
    plan.parameters = {{"a", 0.1, 10.0, Scale::logarithmic}, {"b", 0.01, 1.0, Scale::linear}};
    plan.present = {1.0, 0.5};
    plan.starts = 6;
    plan.evaluations = 300;
    plan.tolerance = 1e-7;
    return plan;
}

std::vector<StartResult> all_starts(const Objective& objective, const FitPlan& plan,
                                    const std::vector<std::size_t>& done = {}) {
    std::vector<StartResult> out(plan.starts);
    EXPECT_TRUE(run_starts(objective, plan, done, [&](const StartResult& s) { out.at(s.index) = s; }));
    return out;
}

TEST(Box, GoesBothWaysAndKeepsItsEnds) {
    const Bounded b{"x", 0.01, 100.0, Scale::logarithmic};
    EXPECT_EQ(b.from_unit(0.0), 0.01);
    EXPECT_EQ(b.from_unit(1.0), 100.0);
    EXPECT_NEAR(b.from_unit(0.5), 1.0, 1e-12);
    EXPECT_NEAR(b.to_unit(10.0), 0.75, 1e-12);
}

TEST(Box, LatinHypercubeHasOnePointInEachSlice) {
    const auto points = latin_hypercube(16, 3, 7, 1);
    for (std::size_t d = 0; d < 3; ++d) {
        std::vector<int> hits(16, 0);
        for (const auto& p : points) ++hits.at(static_cast<std::size_t>(p[d] * 16.0));
        for (const int h : hits) EXPECT_EQ(h, 1);
    }
    EXPECT_EQ(points, latin_hypercube(16, 3, 7, 1));
    EXPECT_NE(points, latin_hypercube(16, 3, 8, 1));
}

TEST(Fit, FindsWhatMadeTheData) {
    for (const StartResult& s : all_starts(decay, decay_plan())) {
        EXPECT_LT(s.cost, 1e-4) << s.index << " " << s.end;
        EXPECT_NEAR(s.best[0], 3.0, 3e-2) << s.index;
        EXPECT_NEAR(s.best[1], 0.2, 2e-3) << s.index;
        EXPECT_LE(s.evaluations, 300u);
    }
}

TEST(Fit, OneParameter) {
    FitPlan plan = decay_plan();
    plan.parameters.resize(1);
    plan.present.resize(1);
    const Objective objective = [](std::span<const double> x) { return decay(std::vector{x[0], 0.2}); };
    for (const StartResult& s : all_starts(objective, plan)) EXPECT_NEAR(s.best[0], 3.0, 1e-3) << s.end;
}

TEST(Fit, TheFirstStartIsThePresentValue) {
    const auto points = start_points(decay_plan());
    ASSERT_EQ(points.size(), 6u);
    EXPECT_NEAR(points[0][0], 1.0, 1e-12);
    EXPECT_NEAR(points[0][1], 0.5, 1e-12);
}

TEST(Fit, GroupsCountEqually) {
    // One group of four terms that miss by 2 sd, one of a single term that misses by 1 sd: 5/2 (4 + 1).
    Evaluation e;
    for (int i = 0; i < 4; ++i) e.terms.push_back({3.0, 1.0, 1.0, 0, -1});
    e.terms.push_back({1.0, 0.0, 1.0, 1, -1});
    EXPECT_NEAR(cost(e, 0.0), 12.5, 1e-12);
}

TEST(Fit, EffectOfAStudyIsShrunkByItsPrior) {
    // o = 1.2, p = 1, sd = 0.1: f - 1 = w d / (w + 1/prior^2) with w = 100, 1/prior^2 = 100 -> 0.1; S = 1 + 1.
    Evaluation e;
    e.terms.push_back({1.2, 1.0, 0.1, 0, 5});
    const Residuals r = residuals(e, 0.1);
    EXPECT_NEAR(r.effects.at(5), 1.1, 1e-12);
    EXPECT_NEAR(r.sum(), 2.0, 1e-12);
    EXPECT_NEAR(cost(e, 0.0), 4.0, 1e-12);
}

TEST(Fit, FailuresAreFiniteCountedByCauseAndNoEnd) {
    const Objective objective = [](std::span<const double> x) {
        Evaluation out = decay(x);
        if (x[1] > 0.5) out.failure = "gave up at " + std::to_string(x[1]) + " h";
        return out;
    };
    FitPlan plan = decay_plan();
    plan.present = {1.0, 0.9};
    std::size_t failed = 0;
    double best = k_failed_cost;
    for (const StartResult& s : all_starts(objective, plan)) {
        EXPECT_LE(s.failures.size(), 1u);  // the same cause at any time
        for (const auto& [cause, count] : s.failures) {
            EXPECT_EQ(cause, "gave up at # h");
            failed += count;
        }
        best = std::min(best, s.cost);
    }
    EXPECT_GT(failed, 0u);
    EXPECT_LT(best, 1e-4);
}

TEST(Fit, NotANumberIsALargeResidual) {
    Evaluation e;
    e.terms.push_back({1.0, NAN, 1.0, 0, -1});
    EXPECT_EQ(cost(e, 0.0), k_largest_residual * k_largest_residual);
}

TEST(Fit, NeitherThreadsNorWhatIsDoneChangeABit) {
    FitPlan plan = decay_plan();
    plan.evaluations = 40;
    const auto one = all_starts(decay, plan);
    plan.threads = 4;
    const auto four = all_starts(decay, plan);
    const auto rest = all_starts(decay, plan, {0, 1, 4});
    for (std::size_t i = 0; i < plan.starts; ++i) {
        EXPECT_EQ(one[i].best, four[i].best);
        EXPECT_EQ(one[i].cost, four[i].cost);
        EXPECT_EQ(one[i].evaluations, four[i].evaluations);
        if (i == 2 || i == 3 || i == 5) {
            EXPECT_EQ(one[i].best, rest[i].best);
        }
    }
    EXPECT_TRUE(rest[0].best.empty());
}

TEST(Fit, AStopEndsEverythingAndClosesNothingHalf) {
    std::atomic<int> calls{0};
    const Objective objective = [&](std::span<const double> x) {
        Evaluation out = decay(x);
        out.stopped = ++calls > 50;
        return out;
    };
    std::size_t closed = 0;
    FitPlan plan = decay_plan();
    plan.evaluations = 40;
    EXPECT_FALSE(run_starts(objective, plan, {}, [&](const StartResult&) { ++closed; }));
    EXPECT_EQ(closed, 1u);
    EXPECT_LE(calls, 60);
}

TEST(Fit, AnExceptionOfTheObjectiveComesOut) {
    const Objective objective = [](std::span<const double>) -> Evaluation { throw std::runtime_error("broken"); };
    EXPECT_THROW(run_starts(objective, decay_plan(), {}, [](const StartResult&) {}), std::runtime_error);
}

TEST(Fit, AtBound) {
    const Bounded b{"x", 1.0, 2.0, Scale::linear};
    EXPECT_EQ(at_bound(b, 1.0), -1);
    EXPECT_EQ(at_bound(b, 1.5), 0);
    EXPECT_EQ(at_bound(b, 1.9999), 1);
}

}  // namespace
}  // namespace lobule::study
