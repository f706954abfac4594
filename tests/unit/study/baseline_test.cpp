#include "study/baseline.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace lobule::study::test {
namespace {

std::vector<Point> points_of(const PlainCurve& curve, const std::vector<double>& times) {
    std::vector<Point> out;
    for (const double time : times) out.push_back({time, curve.at(time), 0.1, SpreadKind::sd, 5});
    return out;
}

TEST(Baseline, FindsACurveOfItsOwnForm) {
    const PlainCurve truth{1.0, 4.0, 3.0, 30.0, 12.0};
    const auto points = points_of(truth, {0, 2, 5, 10, 20, 30, 50, 80, 120, 200});
    const auto found = plain_curve(points);
    ASSERT_TRUE(found.has_value());
    for (const Point& point : points) EXPECT_NEAR(found->at(point.time), point.value, 0.02) << point.time;
}

TEST(Baseline, AStraightLineIsWithinItsForms) {
    std::vector<Point> points;
    for (int i = 0; i < 9; ++i) points.push_back({10.0 * i, 2.0 + 0.1 * i, 0.05, SpreadKind::sd, 5});
    const auto found = plain_curve(points);
    ASSERT_TRUE(found.has_value());
    for (const Point& point : points) EXPECT_NEAR(found->at(point.time), point.value, 0.02);
}

TEST(Baseline, FivePointsAreNoTest) {
    const PlainCurve truth{1.0, 4.0, 3.0, 30.0, 12.0};
    EXPECT_FALSE(plain_curve(points_of(truth, {0, 5, 20, 50, 120})).has_value());
    EXPECT_TRUE(left_out_forecasts(points_of(truth, {0, 5, 20, 50, 120, 200})).empty());
}

TEST(Baseline, AForecastHasNotSeenItsPoint) {
    std::vector<Point> points;
    for (int i = 0; i < 10; ++i) points.push_back({10.0 * i, 1.0, 0.1, SpreadKind::sd, 5});
    points[4].value = 9.0;
    const auto forecasts = left_out_forecasts(points);
    ASSERT_EQ(forecasts.size(), points.size());
    EXPECT_NEAR(forecasts[4], 1.0, 1e-9);
}

}  // namespace
}  // namespace lobule::study::test
