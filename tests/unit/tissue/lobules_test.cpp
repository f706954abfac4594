#include "tissue/lobules.hpp"

#include <gtest/gtest.h>

#include "base/math.hpp"
#include "base/random.hpp"

namespace lobule {
namespace {

constexpr double k_pi = 3.14159265358979323846;

Vec3 random_point(const Box& box, std::uint64_t k) {
    const auto w = random_block({.seed = 7, .entity = k});
    return {uniform_of(w[0]) * box.lengths.x, uniform_of(w[1]) * box.lengths.y, uniform_of(w[2]) * box.lengths.z};
}

/// Distance across the axes.
double flat(const Lobules& l, const Vec3& a, const Vec3& b) {
    const Vec3 d = l.box.from_to(a, b);
    return std::sqrt(d.x * d.x + d.y * d.y);
}

TEST(Lobules, CornersLieOneRadiusFromThreeCentresAndCentresSqrt3Apart) {
    const Lobules l = Lobules::regular(284.0, 100.0, 2, 3);
    EXPECT_EQ(l.count(), 12);
    EXPECT_NEAR(l.radius(), 284.0, 1e-9);
    for (int c = 0; c < l.corner_count(); ++c) {
        int at_radius = 0;
        for (int i = 0; i < l.count(); ++i) {
            const double d = length(l.box.from_to(l.corner(c), l.centre(i)));
            EXPECT_GT(d, 283.9);
            at_radius += d < 284.1;
        }
        EXPECT_EQ(at_radius, 3);
        EXPECT_NEAR(l.to_portal_axis(l.corner(c)), 0.0, 1e-9);
        for (int other = 0; other < c; ++other) EXPECT_GT(length(l.box.from_to(l.corner(c), l.corner(other))), 283.9);
    }
    for (int i = 0; i < l.count(); ++i)
        for (int j = 0; j < i; ++j)
            EXPECT_GT(length(l.box.from_to(l.centre(i), l.centre(j))), 284.0 * std::sqrt(3.0) - 1e-6);
}

TEST(Lobules, DistancesEqualThoseFoundByTryingAll) {
    for (const double tracts : {2.0, 1.5, 1.0}) {
        Lobules l = Lobules::regular(200.0, 50.0, 2, 2);
        l.tracts = tracts;
        for (std::uint64_t k = 0; k < 500; ++k) {
            const Vec3 p = random_point(l.box, k);
            double central = 1e9, portal = 1e9;
            int nearest = -1;
            for (int i = 0; i < l.count(); ++i)
                if (flat(l, p, l.centre(i)) < central) central = flat(l, p, l.centre(i)), nearest = i;
            for (int c = 0; c < l.tract_count(); ++c) portal = std::min(portal, flat(l, p, l.tract(c)));
            EXPECT_NEAR(l.to_central_axis(p), central, 1e-9);
            EXPECT_NEAR(l.to_portal_axis(p), portal, 1e-9);
            EXPECT_EQ(l.nearest(p), nearest);
            const Vec3 to = l.box.from_to(p, l.centre(nearest));
            EXPECT_NEAR(dot(l.inward(p), Vec3{to.x, to.y, 0.0}), central, 1e-9);
        }
    }
}

TEST(Lobules, TractsLieOnTheirShareOfTheCornersAndNeverTwoNeighboursAreFree) {
    for (const double tracts : {2.0, 1.5, 1.0}) {
        Lobules l = Lobules::regular(284.0, 100.0, 2, 3);
        l.tracts = tracts;
        EXPECT_EQ(l.tract_count(), tracts * 12);
        for (int i = 0; i < l.tract_count(); ++i)
            for (int other = 0; other < i; ++other) EXPECT_GT(flat(l, l.tract(i), l.tract(other)), 283.9);
        int around = 0;
        for (int i = 0; i < l.count(); ++i)
            for (int k = 0; k < 6; ++k) {
                // Whether a corner has a tract does not depend on the lobule that is asked.
                double nearest = 1e9;
                for (int t = 0; t < l.tract_count(); ++t)
                    nearest = std::min(nearest, flat(l, l.corner_of(i, k), l.tract(t)));
                EXPECT_NEAR(nearest, l.has_tract(i, k) ? 0.0 : 284.0, 1e-9) << tracts << ": " << i << ", " << k;
                EXPECT_TRUE(l.has_tract(i, k) || l.has_tract(i, (k + 1) % 6));
                around += l.has_tract(i, k);
            }
        EXPECT_EQ(around, 3 * l.tract_count());
    }
}

TEST(Lobules, ACornerWithoutATractIsMidwayToTheVein) {
    for (const auto& [tracts, share] : {std::pair{1.5, 0.49}, std::pair{1.0, 0.42}}) {
        Lobules l = Lobules::regular(284.0, 100.0);
        l.tracts = tracts;
        const Vec3 corner = l.corner_of(0, 3);
        ASSERT_FALSE(l.has_tract(0, 3));
        EXPECT_NEAR(l.to_portal_axis(corner), 284.0, 1e-9);
        // Along an edge: a fifth of its first half, less the tract's wall, and all of the second.
        const double portal = 0.2 * (142.0 - 23.0) + 142.0, position = portal / (portal + 284.0 - 26.5);
        EXPECT_NEAR(l.position(corner), position, 1e-9);
        EXPECT_NEAR(position, 0.39, 0.005);
        int tissue = 0, below = 0;
        for (std::uint64_t k = 0; k < 40000; ++k) {
            const Vec3 p = random_point(l.box, k);
            if (l.to_portal_axis(p) < l.portal_radius || l.to_central_axis(p) < l.central_radius) continue;
            ++tissue;
            below += l.position(p) < position;
        }
        EXPECT_NEAR(static_cast<double>(below) / tissue, share, 0.012);
    }
}

TEST(Lobules, LobulesShareTheTissueEqually) {
    const Lobules l = Lobules::regular(284.0, 100.0, 2, 1);
    std::vector<int> held(4, 0);
    for (std::uint64_t k = 0; k < 4000; ++k) ++held[static_cast<std::size_t>(l.nearest(random_point(l.box, k)))];
    for (const int n : held) EXPECT_NEAR(n, 1000, 110);  // 4 SD
}

TEST(Lobules, PositionRunsFromZeroToOneAndRisesAlongEveryRay) {
    for (const auto& [strain, tracts] : {std::pair{1.0, 2.0}, {1.44, 2.0}, {1.0, 1.5}, {1.1, 1.5}, {1.0, 1.0}}) {
        Lobules l = Lobules::regular(284.0, 100.0, 2, 2);  // so that beyond each edge is another lobule
        l.tracts = tracts;
        l.box.lengths = {l.box.lengths.x * strain, l.box.lengths.y, l.box.lengths.z * strain};
        const Vec3 centre = l.centre(0);
        EXPECT_DOUBLE_EQ(l.position(centre), 1.0);
        EXPECT_DOUBLE_EQ(l.position(l.corner(0)), 0.0);
        for (int ray = 0; ray < 48; ++ray) {
            const double angle = 2.0 * k_pi * ray / 48.0;
            double last = 1.0;
            for (double r = 0.0; r < 2.0 * 284.0; r += 2.0) {
                const Vec3 p = centre + Vec3{r * math::cos(angle), r * math::sin(angle), 5.0};
                if (l.nearest(p) != 0) break;
                const double here = l.position(p);
                EXPECT_LE(here, last + 1e-12) << "ray " << ray << " at " << r;
                EXPECT_GE(here, last - 0.04);  // no jump
                last = here;
            }
            if (tracts == 2.0) {
                EXPECT_LT(last, 0.16);  // the whole periphery is portal
            }
        }
    }
}

TEST(Lobules, TheMiddleOfAnEdgeIsLessPortalThanItsEnds) {
    const Lobules l = Lobules::regular(284.0, 100.0);
    const Vec3 a = l.corner_of(0, 0), b = l.corner_of(0, 1);
    double last = -1.0;
    for (const double t : {0.05, 0.1, 0.2, 0.3, 0.4, 0.5}) {
        const Vec3 p = a + (b - a) * t;
        EXPECT_NEAR(l.to_edge(p), 0.0, 1e-9);
        EXPECT_GE(l.position(p), last);
        last = l.position(p);
    }
    // 0.2 * (142 - 23) / (0.2 * (142 - 23) + 246 - 26.5)
    EXPECT_NEAR(last, 23.8 / (23.8 + 284.0 * 0.5 * std::sqrt(3.0) - 26.5), 1e-6);
}

TEST(Lobules, HoldsUnderStrain) {
    Lobules l = Lobules::regular(284.0, 100.0);
    l.box.lengths = l.box.lengths * 1.44;
    EXPECT_NEAR(l.radius(), 284.0 * 1.44, 1e-9);
    EXPECT_NEAR(length(l.box.from_to(l.corner_of(0, 0), l.centre(0))), 284.0 * 1.44, 1e-9);
}

}  // namespace
}  // namespace lobule
