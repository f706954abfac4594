#include "study/difference.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace lobule::study {
namespace {

using Values = std::vector<double>;

TEST(Difference, OfACurveWithItselfIsZero) {
    const Curve curve{{0, 0, 1, 2}, {1, 0.3, 0.7, 0.1}};
    const Difference d = *difference(curve, curve);
    EXPECT_EQ(d.largest, 0.0);
    EXPECT_EQ(d.relative, 0.0);
    EXPECT_EQ(d.at_end, 0.0);
    EXPECT_EQ(d.rms, 0.0);
}

TEST(Difference, OfStraightLines) {
    // other - first is -1 at 0 h, falls to -3 at 2 h, rises to 0 at 4 h.
    const Curve first{{0, 2, 4}, {10, 20, 10}}, other{{0, 2, 4}, {9, 17, 10}};
    const Difference d = *difference(first, other);
    EXPECT_EQ(d.from, 0.0);
    EXPECT_EQ(d.to, 4.0);
    EXPECT_EQ(d.largest, -3.0);
    EXPECT_EQ(d.largest_at, 2.0);
    EXPECT_DOUBLE_EQ(*d.relative, 3.0 / 20.0);
    EXPECT_EQ(d.at_end, 0.0);
    EXPECT_DOUBLE_EQ(d.rms, std::sqrt((2.0 * (1.0 + 3.0 + 9.0) / 3.0 + 2.0 * 9.0 / 3.0) / 4.0));
}

TEST(Difference, IsTakenOverTheCommonTime) {
    const Curve first{{0, 10}, {0, 10}}, other{{4, 6, 20}, {4, 7, 7}};
    const Difference d = *difference(first, other);
    EXPECT_EQ(d.from, 4.0);
    EXPECT_EQ(d.to, 10.0);
    EXPECT_EQ(d.at_end, -3.0);
    EXPECT_FALSE(difference(first, Curve{{11, 12}, {1, 1}}));
    EXPECT_FALSE(difference(first, Curve{}));
    EXPECT_EQ(difference(first, Curve{{10}, {12}})->rms, 2.0);  // one moment
}

TEST(Difference, AFinerGridOfTheSameRunIsNoDifference) {
    Curve coarse, fine;
    for (int i = 0; i <= 40; ++i) {
        const double time = 0.25 * i, value = std::exp(-time);
        fine.times.push_back(time), fine.values.push_back(value);
        if (i % 4 == 0) coarse.times.push_back(time), coarse.values.push_back(value);
    }
    EXPECT_EQ(difference(coarse, fine)->largest, 0.0);
    EXPECT_EQ(difference(fine, coarse)->rms, 0.0);
}

TEST(Difference, SeesBothSidesOfAnEvent) {
    // The first jumps at 2 h and comes back; the other does not jump and has no sample there.
    const Curve first{{0, 2, 2, 4}, {1, 1, 5, 1}}, other{{0, 1, 3, 4}, {1, 1, 1, 1}};
    const Difference d = *difference(first, other);
    EXPECT_EQ(d.largest, -4.0);
    EXPECT_EQ(d.largest_at, 2.0);
    EXPECT_DOUBLE_EQ(d.rms, std::sqrt((2.0 * 16.0 / 3.0) / 4.0));  // nothing before the jump, a triangle after it
}

TEST(Difference, RelativeToNothingIsNone) {
    const Curve zero{{0, 1}, {0, 0}}, one{{0, 1}, {0, 1}};
    EXPECT_FALSE(difference(zero, one)->relative);
    EXPECT_EQ(difference(zero, zero)->relative, 0.0);
}

TEST(Difference, LeavesOutWhatIsNotFinite) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Difference d = *difference(Curve{{0, 1, 2}, {1, nan, 3}}, Curve{{0, 1, 2}, {1, 9, 4}});
    EXPECT_EQ(d.largest, 1.0);
    EXPECT_TRUE(std::isfinite(d.rms));
    EXPECT_FALSE(difference(Curve{{0}, {nan}}, Curve{{0}, {1}}));
}

RC_GTEST_PROP(Difference, IsBoundedByItsLargestAndChangesSignWithTheOrder, (std::vector<int> a, std::vector<int> b)) {
    const auto curve = [](const std::vector<int>& values) {
        Curve out;
        for (std::size_t i = 0; i < values.size(); ++i) {
            out.times.push_back(0.5 * static_cast<double>(i - i / 5));  // a jump every five rows
            out.values.push_back(values[i] / 1024.0);
        }
        return out;
    };
    const auto one = difference(curve(a), curve(b)), other = difference(curve(b), curve(a));
    RC_ASSERT(one.has_value() == (!a.empty() && !b.empty()));
    RC_PRE(one.has_value());
    RC_ASSERT(one->rms <= std::abs(one->largest) * (1.0 + 1e-12));
    RC_ASSERT(std::abs(one->at_end) <= std::abs(one->largest));
    RC_ASSERT(one->largest == -other->largest && one->rms == other->rms);
}

TEST(Ensemble, MeanAndSpread) {
    const std::vector<Curve> curves{{{0, 1}, {1, 2}}, {{0, 1}, {1, 4}}, {{0, 1}, {1, 6}}};
    const Ensemble e = ensemble(curves);
    EXPECT_EQ(e.size, 3U);
    EXPECT_EQ(e.mean.values, (Values{1, 4}));
    EXPECT_EQ(e.sd, (Values{0, 2}));
    EXPECT_EQ(e.low, (Values{1, 2}));
    EXPECT_EQ(e.high, (Values{1, 6}));
    EXPECT_EQ(*e.sd_at(0.5), 1.0);
    EXPECT_FALSE(e.sd_at(1.5));
}

TEST(Ensemble, OfOneIsItself) {
    const Curve curve{{0, 0, 3}, {0.1, 0.2, 0.30000000000000004}};
    const Ensemble e = ensemble(std::vector<Curve>{curve});
    EXPECT_EQ(e.mean.times, curve.times);
    EXPECT_EQ(e.mean.values, curve.values);
    EXPECT_EQ(e.sd, (Values{0, 0, 0}));
    EXPECT_TRUE(ensemble({}).mean.times.empty());
}

TEST(Ensemble, EqualValuesHaveExactlyTheirValue) {
    const std::vector<Curve> curves(7, Curve{{0, 1}, {0.1, 0.7}});
    EXPECT_EQ(ensemble(curves).mean.values, (Values{0.1, 0.7}));
    EXPECT_EQ(ensemble(curves).sd, (Values{0, 0}));
}

TEST(Replicates, DifferInTheirSeedAlone) {
    using Groups = std::vector<std::vector<std::size_t>>;
    const std::vector<RunIdentity> runs{{"a", 1, "x"}, {"b", 1, "y"}, {"a", 2, "z"}, {"a", 3, "w"}, {"b", 1, "v"}};
    // The two of b have one seed: something else made them differ.
    EXPECT_EQ(replicate_groups(runs), (Groups{{0, 2, 3}, {1}, {4}}));
    // A seed that made no difference is no replicate.
    EXPECT_EQ(replicate_groups(std::vector<RunIdentity>{{"a", 1, "x"}, {"a", 2, "x"}}), (Groups{{0}, {1}}));
}

}  // namespace
}  // namespace lobule::study
