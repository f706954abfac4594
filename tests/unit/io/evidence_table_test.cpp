#include "io/evidence_table.hpp"

#include <gtest/gtest.h>

namespace lobule::io::test {
namespace {

/// A case with one series and three features, whose predictions are given.
struct Toy {
    Expectations wanted;
    Results results;
    Toy() {
        SeriesSpec series;
        series.name = "mass";
        series.role = "calibrate";
        SeriesResult made;
        made.name = "mass";
        made.role = "calibrate";
        made.probe = "mass";
        for (int i = 0; i < 8; ++i) {
            const study::Point point{10.0 * i, 1.0, 0.1, study::SpreadKind::sd, 5};
            series.points.push_back(point);
            series.ids.push_back("A" + std::to_string(i));
            made.points.push_back({"A" + std::to_string(i), point, 0.1, i == 7 ? 1.3 : 1.1, {}});
        }
        wanted.series.push_back(series);
        results.series.push_back(made);
        feature("peak", "check", 8.0, 12.0, false, 13.0);  // one deviation is 2
        feature("onset", "check", 8.0, 12.0, true, 13.0);  // nothing beyond its span
        feature("words", "check", {}, {}, false, 13.0);
        feature("guess", "prediction", 8.0, 12.0, false, 10.0);
        feature("never", "check", 8.0, 12.0, false, {});
        sign("less", 0.8);
        sign("more", 0.8);
    }
    void feature(const std::string& name, const std::string& role, std::optional<double> low,
                 std::optional<double> high, bool hard, std::optional<double> predicted) {
        FeatureSpec spec;
        spec.name = name;
        spec.role = role;
        spec.hard_band = hard;
        wanted.features.push_back(spec);
        FeatureResult made;
        made.name = name;
        made.role = role;
        made.kind = "maximum";
        made.low = low;
        made.high = high;
        made.predicted = predicted;
        results.features.push_back(made);
    }
    void sign(const std::string& name, double ratio) {
        feature(name, "check", {}, {}, false, ratio);
        results.features.back().contrast = {"case", study::sign(name), study::k_default_margin};
    }
};

TEST(EvidenceTable, JudgesByTwoDeviationsOrTheSpanThatWasSaid) {
    const Toy toy;
    const EvidenceCase one = evidence_case("toy", toy.wanted, toy.results);
    ASSERT_EQ(one.comparisons.size(),
              13U);  // eight points, three features with numbers that are no predictions, two signs
    EXPECT_TRUE(one.comparisons[0].agrees());
    EXPECT_NEAR(*one.comparisons[0].z(), 1.0, 1e-12);
    EXPECT_FALSE(one.comparisons[7].agrees());
    EXPECT_TRUE(one.comparisons[8].agrees());
    EXPECT_NEAR(*one.comparisons[8].z(), 1.5, 1e-12);
    EXPECT_FALSE(one.comparisons[9].agrees());
    EXPECT_FALSE(one.comparisons[9].z().has_value());
    EXPECT_FALSE(one.comparisons[10].agrees());  // never reached
    EXPECT_TRUE(one.comparisons[11].agrees());
    EXPECT_FALSE(one.comparisons[12].agrees());
    EXPECT_EQ(one.words, 1U);
}

TEST(EvidenceTable, CountsRolesApartAndTheCurveBesideTheModel) {
    const Toy toy;
    const EvidenceTable table{{evidence_case("toy", toy.wanted, toy.results)}, {}};
    const EvidenceScore seen = score(table, "calibrate"), held_out = score(table, "check");
    EXPECT_EQ(seen.rows, 8U);
    EXPECT_EQ(seen.agree, 7U);
    EXPECT_EQ(seen.with_baseline, 8U);
    EXPECT_EQ(seen.model_agrees_there, 7U);
    EXPECT_EQ(seen.baseline_agrees, 8U);  // the points are constant
    EXPECT_NEAR(*seen.fold_error(), std::pow(std::pow(1.1, 7) * 1.3, 1.0 / 8.0), 1e-12);
    EXPECT_EQ(held_out.rows, 3U);
    EXPECT_EQ(held_out.agree, 1U);
    EXPECT_EQ(held_out.unreached, 1U);
    EXPECT_EQ(held_out.signs, 2U);  // apart from the rows
    EXPECT_EQ(held_out.signs_agree, 1U);
    EXPECT_EQ(held_out.folds, 2U);
    EXPECT_FALSE(score(table, "prediction").fold_error().has_value());
}

TEST(EvidenceTable, ThePageEscapesWhatPeopleWrote) {
    Toy toy;
    toy.wanted.title = "A <case>";
    const EvidenceTable table{{evidence_case("toy", toy.wanted, toy.results)}, {"part.<x>"}};
    const std::string page = evidence_table_html(table);
    EXPECT_NE(page.find("A &lt;case&gt;"), std::string::npos);
    EXPECT_NE(page.find("part.&lt;x&gt;"), std::string::npos);
    EXPECT_EQ(page.find("<case>"), std::string::npos);
}

}  // namespace
}  // namespace lobule::io::test
