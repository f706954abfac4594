// The gap between readings, on curves whose numbers are known.
#include <gtest/gtest.h>

#include "io/report.hpp"

namespace lobule::io {
namespace {

/// Two probes over eight days; in cells the first is a tenth higher, the second peaks 6 h later and starts at 0.
struct Readings {
    std::vector<ModelProbe> probes = {{"mass", "1", 1.0, -1, ""}, {"level", "pg/ml", 1e-12, -1, ""}};
    Curves zones{{0, 24, 30, 72, 168, 192}, {{1.0, 1.0, 1.0, 1.0, 1.0, 1.0}, {0.0, 100.0, 80.0, 50.0, 4.0, 0.0}}};
    Curves cells{{0, 24, 30, 72, 168, 192}, {{1.1, 1.1, 1.1, 1.1, 1.1, 1.1}, {0.0, 90.0, 120.0, 50.0, 6.0, 1.0}}};
    Expectations expectations;
    std::vector<GapRow> gap() const { return gap_of_readings(expectations, probes, cells, zones); }
};

FeatureSpec feature(const std::string& name, const std::string& kind, std::size_t probe) {
    FeatureSpec out;
    out.name = name;
    out.measure.kind = kind;
    out.measure.probe = probe;
    out.measure.unit = kind.starts_with("time") ? "h" : probe == 0 ? "1" : "pg/ml";
    return out;
}

TEST(Gap, IsOfTheValueInZonesAndTheLargestComesFirst) {
    Readings r;
    r.expectations.features = {feature("final mass", "final", 0), feature("peak", "maximum", 1),
                               feature("its time", "time_of_maximum", 1)};
    const auto rows = r.gap();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].name, "its time");
    EXPECT_DOUBLE_EQ(*rows[0].relative, 0.25);  // 30 h against 24 h
    EXPECT_EQ(rows[1].name, "peak");
    EXPECT_DOUBLE_EQ(*rows[1].difference, 20.0);
    EXPECT_DOUBLE_EQ(*rows[1].relative, 0.2);
    EXPECT_EQ(rows[1].unit, "pg/ml");
    EXPECT_NEAR(*rows[2].relative, 0.1, 1e-12);
}

TEST(Gap, ReadsProbesOfFiguresAtFourTimesAndNearZeroAbsolutely) {
    Readings r;
    FigureSpec figure;
    figure.probes = {"level"};
    figure.variants = {""};
    r.expectations.figures = {figure, figure};  // once each
    figure.probes = {"mass"};
    figure.variants = {"other"};  // not of the case
    r.expectations.figures.push_back(figure);
    const auto rows = r.gap();
    ASSERT_EQ(rows.size(), 4U);
    const auto at = [&](double time) -> const GapRow& {
        for (const GapRow& row : rows)
            if (row.at == time) return row;
        throw std::runtime_error("no such time");
    };
    EXPECT_NEAR(*at(24.0).relative, -0.1, 1e-12);
    EXPECT_EQ(*at(72.0).difference, 0.0);
    EXPECT_FALSE(at(168.0).relative) << "4 is near 0 of 120";
    EXPECT_NEAR(at(168.0).size, 2.0 / 120.0, 1e-12);
    EXPECT_NEAR(*at(192.0).difference, 1.0, 1e-12);
    EXPECT_EQ(rows[0].at, 24.0);
}

TEST(Gap, ANumberThatOneReadingNeverReachesIsTheLargest) {
    Readings r;
    FeatureSpec reached = feature("above 110", "first_above", 1);
    reached.measure.level = 110.0;
    FeatureSpec never = feature("above 1000", "first_above", 1);
    never.measure.level = 1000.0;
    FeatureSpec elsewhere = feature("of a variant", "maximum", 0);
    elsewhere.variant = "other";
    r.expectations.features = {feature("peak", "maximum", 1), reached, never, elsewhere};
    CheckSpec again;  // a number that a feature has already
    again.measure = r.expectations.features[0].measure;
    r.expectations.checks = {again};
    const auto rows = r.gap();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].name, "above 110");
    EXPECT_TRUE(rows[0].cells);
    EXPECT_FALSE(rows[0].zones);
    EXPECT_FALSE(rows[0].difference);
}

}  // namespace
}  // namespace lobule::io
