#include "study/comparison.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace lobule::study {
namespace {

// Falls from 1 to 0.3 at an event at 2 h, grows to 0.9 at 10 h, sinks to 0.5 at 20 h.
const Curve k_curve{{0.0, 2.0, 2.0, 10.0, 20.0}, {1.0, 1.0, 0.3, 0.9, 0.5}};

TEST(Comparison, ReadsBetweenSamplesAndAfterAnEvent) {
    EXPECT_DOUBLE_EQ(*value_at(k_curve, 1.0), 1.0);
    EXPECT_DOUBLE_EQ(*value_at(k_curve, 2.0), 0.3);
    EXPECT_DOUBLE_EQ(*value_at(k_curve, 6.0), 0.6);
    EXPECT_DOUBLE_EQ(*value_at(k_curve, 20.0), 0.5);
    EXPECT_FALSE(value_at(k_curve, -0.1));
    EXPECT_FALSE(value_at(k_curve, 20.1));
    EXPECT_FALSE(value_at(Curve{}, 0.0));
}

TEST(Comparison, ASignNeedsMoreThanItsMargin) {
    EXPECT_EQ(sign_of(0.949), Sign::less);
    EXPECT_EQ(sign_of(0.951), Sign::same);
    EXPECT_EQ(sign_of(1.0), Sign::same);
    EXPECT_EQ(sign_of(1.049), Sign::same);
    EXPECT_EQ(sign_of(1.051), Sign::more);
    EXPECT_EQ(sign_of(0.9, 0.2), Sign::same);
    EXPECT_EQ(sign_of(1.3, 0.2), Sign::more);
    EXPECT_EQ(sign_of(0.75, 0.25), Sign::same);  // the bound itself
    for (const Sign one : {Sign::less, Sign::same, Sign::more}) EXPECT_EQ(sign(to_string(one)), one);
    EXPECT_FALSE(sign("lower"));
}

TEST(Comparison, WindowStartsAfterTheEventAndEndsBeforeTheNext) {
    const Curve after = window(k_curve, 2.0, 15.0);
    EXPECT_EQ(after.times, (std::vector<double>{2.0, 10.0, 15.0}));
    EXPECT_EQ(after.values, (std::vector<double>{0.3, 0.9, 0.7}));
    const Curve before = window(k_curve, 0.0, 2.0);
    EXPECT_EQ(before.values, (std::vector<double>{1.0, 1.0}));
    EXPECT_TRUE(window(k_curve, 30.0, 40.0).times.empty());
}

TEST(Comparison, Features) {
    const Curve after = window(k_curve, 2.0, 20.0);
    EXPECT_DOUBLE_EQ(maximum(after)->time, 10.0);
    EXPECT_DOUBLE_EQ(maximum(after)->value, 0.9);
    EXPECT_DOUBLE_EQ(minimum(after)->time, 2.0);
    EXPECT_DOUBLE_EQ(*first_above(after, 0.6), 6.0);
    EXPECT_DOUBLE_EQ(*first_below(k_curve, 0.65), 2.0);  // the event itself
    EXPECT_DOUBLE_EQ(*first_above(k_curve, 0.6), 0.0);   // there from the start
    EXPECT_FALSE(first_above(after, 1.5));
    EXPECT_NEAR(integral(after), 0.5 * (0.3 + 0.9) * 8.0 + 0.5 * (0.9 + 0.5) * 10.0, 1e-12);
    EXPECT_FALSE(maximum(Curve{}));
}

TEST(Comparison, SpreadsBecomeDeviations) {
    EXPECT_DOUBLE_EQ(standard_deviation({0, 10, 2, SpreadKind::sd, 4}), 2.0);
    EXPECT_DOUBLE_EQ(standard_deviation({0, 10, 2, SpreadKind::unstated, 4}), 2.0);
    EXPECT_DOUBLE_EQ(standard_deviation({0, 10, 2, SpreadKind::sem, 4}), 4.0);
    EXPECT_DOUBLE_EQ(standard_deviation({0, 10, 2, SpreadKind::sem, 0}), 2.0);  // n unknown
    EXPECT_DOUBLE_EQ(standard_deviation({0, 10, 3.92, SpreadKind::ci95, 9}), 3.0);
    EXPECT_DOUBLE_EQ(standard_deviation({0, 10, 8, SpreadKind::range, 9}), 2.0);
    EXPECT_NEAR(standard_deviation({0, 10, 1.349, SpreadKind::iqr, 9}), 1.0, 1e-12);
    EXPECT_DOUBLE_EQ(standard_deviation({0, -10, 0, SpreadKind::none, 0}), 2.0);  // the default: 20 %
    EXPECT_DOUBLE_EQ(standard_deviation({0, 10, 0, SpreadKind::none, 0}, 0.05), 0.5);
}

TEST(Comparison, SpreadNamesRoundTrip) {
    for (const SpreadKind kind : {SpreadKind::none, SpreadKind::sd, SpreadKind::sem, SpreadKind::ci95, SpreadKind::iqr,
                                  SpreadKind::range, SpreadKind::unstated})
        EXPECT_EQ(spread_kind(to_string(kind)), kind);
    EXPECT_FALSE(spread_kind("sigma"));
}

TEST(Comparison, MisfitOfKnownErrors) {
    const std::vector<Point> observed{{1, 1.0, 0.1, SpreadKind::sd, 3}, {2, 2.0, 0.2, SpreadKind::sd, 3}};
    const std::vector<double> predicted{1.1, 1.6};
    const Misfit m = misfit(predicted, observed);
    EXPECT_EQ(m.points, 2U);
    EXPECT_NEAR(m.rmse, std::sqrt((0.01 + 0.16) / 2.0), 1e-12);
    EXPECT_NEAR(m.chi_square, 1.0 + 4.0, 1e-9);
    EXPECT_NEAR(m.bias, (0.1 - 0.4) / 2.0, 1e-12);
    EXPECT_EQ(misfit({}, {}).points, 0U);
}

RC_GTEST_PROP(Comparison, BestOffsetLeavesNoSmallerChiSquare, ()) {
    const auto n = *rc::gen::inRange<std::size_t>(1, 8);
    std::vector<Point> observed;
    std::vector<double> predicted;
    for (std::size_t i = 0; i < n; ++i) {
        const double value = *rc::gen::inRange(1, 1000) / 100.0, spread = *rc::gen::inRange(1, 100) / 100.0;
        observed.push_back({static_cast<double>(i), value, spread, SpreadKind::sd, 3});
        predicted.push_back(*rc::gen::inRange(1, 1000) / 100.0);
    }
    const double best = best_offset(predicted, observed);
    const auto moved = [&](double by) {
        std::vector<double> out(predicted);
        for (double& value : out) value += by;
        return misfit(out, observed).chi_square;
    };
    RC_ASSERT(moved(best) <= moved(best + 0.01) + 1e-9);
    RC_ASSERT(moved(best) <= moved(best - 0.01) + 1e-9);
}

RC_GTEST_PROP(Comparison, ValuesStayBetweenTheirNeighbours, (double share)) {
    const double x = std::abs(std::remainder(share, 1.0));
    const double value = *value_at(k_curve, 2.0 + 8.0 * x);
    RC_ASSERT(value >= 0.3 && value <= 0.9);
}

}  // namespace
}  // namespace lobule::study
