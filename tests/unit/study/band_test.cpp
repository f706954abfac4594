#include "study/band.hpp"

#include <gtest/gtest.h>

#include "study/box.hpp"

namespace lobule::study {
namespace {

TEST(Band, QuantilesAreThoseOfDefinitionSeven) {
    const std::vector<double> sorted{1, 2, 4, 8, 16};
    EXPECT_EQ(quantile(sorted, 0.0), 1);
    EXPECT_EQ(quantile(sorted, 0.5), 4);
    EXPECT_EQ(quantile(sorted, 1.0), 16);
    EXPECT_DOUBLE_EQ(quantile(sorted, 0.05), 1.2);  // R: quantile(c(1,2,4,8,16), 0.05)
    EXPECT_DOUBLE_EQ(quantile(sorted, 0.95), 14.4);
    EXPECT_EQ(quantile(std::vector<double>{7}, 0.3), 7);
}

TEST(Band, AShareOfTheValuesLiesWithin) {
    std::vector<double> values;
    for (int i = 100; i >= 0; --i) values.push_back(i);
    const Spread s = spread(values, 0.9);
    EXPECT_DOUBLE_EQ(s.low, 5);
    EXPECT_DOUBLE_EQ(s.median, 50);
    EXPECT_DOUBLE_EQ(s.high, 95);
}

TEST(Band, CurvesHaveTwoRowsWhereOneOfThemJumps) {
    const std::vector<Curve> curves{{{0, 1, 2}, {0, 10, 20}}, {{0, 1, 1, 2}, {2, 12, 112, 122}}, {{0, 2}, {1, 21}}};
    const CurveBand band = curve_band(curves, 0.5);
    EXPECT_EQ(band.times, (std::vector<double>{0, 1, 1, 2}));
    EXPECT_EQ(band.median, (std::vector<double>{1, 11, 11, 21}));
    EXPECT_DOUBLE_EQ(band.low[0], 0.5);
    EXPECT_DOUBLE_EQ(band.high[1], 11.5);  // before
    EXPECT_DOUBLE_EQ(band.high[2], 61.5);  // after
    EXPECT_TRUE(curve_band({}, 0.9).times.empty());
}

TEST(Band, ADecadeAboveZeroIsDrawnInLog) {
    EXPECT_EQ(usual_scale(1, 9.9), Scale::linear);
    EXPECT_EQ(usual_scale(1, 10), Scale::logarithmic);
    EXPECT_EQ(usual_scale(0, 10), Scale::linear);
    EXPECT_EQ(usual_scale(-1, 10), Scale::linear);
}

}  // namespace
}  // namespace lobule::study
