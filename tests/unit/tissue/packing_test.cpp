#include "tissue/packing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/random.hpp"

namespace lobule {
namespace {

constexpr double k_pi = 3.14159265358979323846;
constexpr std::uint64_t k_stream = stream_id("test.sites");

TEST(Packing, CentresAreEvenAndOutsideTheVessels) {
    const Lobules l = Lobules::regular(150.0, 60.0);
    const VesselNetwork n = generate(l, {}, 2);
    const std::size_t count = static_cast<std::size_t>(l.box.volume() * 1.25e-4);  // 125 000 per mm^3
    const std::vector<Vec3> centres = pack_centres(n, l, count, 5);
    ASSERT_EQ(centres.size(), count);
    EXPECT_EQ(centres, pack_centres(n, l, count, 5));

    const double large = l.box.lengths.z * k_pi * (2 * 26.5 * 26.5 + 4 * 23.0 * 23.0);
    const double spacing = std::cbrt((l.box.volume() * (1.0 - 0.106) - large) / static_cast<double>(count));
    double least = 1e9, neighbours = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_GT(l.to_portal_axis(centres[i]), 23.0);
        EXPECT_GT(l.to_central_axis(centres[i]), 26.5);
        for (std::size_t j = 0; j < count; ++j) {
            if (i == j) continue;
            const double d = length(l.box.from_to(centres[i], centres[j]));
            least = std::min(least, d);
            neighbours += (d < 1.45 * spacing) / static_cast<double>(count);
        }
    }
    EXPECT_GT(least / spacing, 0.7);
    EXPECT_GT(neighbours, 9.0);
    EXPECT_LT(neighbours, 14.0);
    std::size_t inside = 0;
    for (const Vec3& c : centres)
        for (std::size_t e = 0; e < n.edge_count(); ++e) {
            const Vec3 a = n.position[static_cast<std::size_t>(n.a[e])], w = n.edge_vector(l.box, e);
            const Vec3 d = l.box.from_to(a, c);
            const double t = std::clamp(dot(d, w) / dot(w, w), 0.0, 1.0);
            inside += length(d - w * t) < n.radius[e];
        }
    EXPECT_EQ(inside, 0u);
}

TEST(Packing, NoRoomIsAnError) {
    Lobules l = Lobules::regular(20.0, 40.0);  // all portal tract and central vein
    EXPECT_THROW(pack_centres({}, l, 10, 1), RunError);
}

class Sites : public testing::Test {
protected:
    Lobules l = Lobules::regular(150.0, 60.0);
    VesselNetwork n = generate(l, {}, 2);
    double from_axis(const VesselSite& s, const Vec3& p) const {
        return length(l.box.from_to(n.point_on(l.box, static_cast<std::size_t>(s.edge), s.along), p));
    }
};

TEST_F(Sites, LieWhereTheirNamesSay) {
    const VesselSites sites(n, l.box);
    double inner_half = 0.0;
    for (std::uint64_t k = 0; k < 1000; ++k) {
        const VesselSite s = sites.site(1, k_stream, k);
        const double r = n.radius[static_cast<std::size_t>(s.edge)];
        EXPECT_NEAR(from_axis(s, wall_site(n, l.box, s)), r, 1e-9);
        EXPECT_NEAR(from_axis(s, disse_site(n, l.box, s, 0.7)), r + 0.7, 1e-9);
        EXPECT_NEAR(from_axis(s, lumen_site(n, l.box, s)), s.depth * r, 1e-9);
        inner_half += s.depth < std::sqrt(0.5);
        // across the vessel
        const Vec3 out =
            l.box.from_to(n.point_on(l.box, static_cast<std::size_t>(s.edge), s.along), wall_site(n, l.box, s));
        EXPECT_NEAR(dot(out, n.edge_vector(l.box, static_cast<std::size_t>(s.edge))), 0.0, 1e-7);
    }
    EXPECT_NEAR(inner_half, 500.0, 65.0);  // 4 SD: evenly over the cross-section
}

TEST_F(Sites, ComeByLengthTimesWeight) {
    std::vector<double> weight(n.edge_count());
    double heavy = 0.0, all = 0.0;
    for (std::size_t e = 0; e < n.edge_count(); ++e) {
        weight[e] = e % 3 == 0 ? 4.0 : e % 3 == 1 ? 1.0 : 0.0;
        all += weight[e] * n.edge_length(l.box, e);
        if (e % 3 == 0) heavy += weight[e] * n.edge_length(l.box, e);
    }
    const VesselSites sites(n, l.box, weight);
    double found = 0.0;
    for (std::uint64_t k = 0; k < 4000; ++k) {
        const std::int32_t e = sites.site(1, k_stream, k).edge;
        EXPECT_NE(e % 3, 2);
        found += e % 3 == 0;
    }
    EXPECT_NEAR(found / 4000.0, heavy / all, 4.0 * std::sqrt(0.25 / 4000.0));
}

TEST_F(Sites, SpreadOnesKeepApart) {
    const VesselSites sites(n, l.box);
    const auto least = [&](const std::vector<VesselSite>& s) {
        double d = 1e9;
        for (std::size_t i = 0; i < s.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                d = std::min(d,
                             length(l.box.from_to(n.point_on(l.box, static_cast<std::size_t>(s[i].edge), s[i].along),
                                                  n.point_on(l.box, static_cast<std::size_t>(s[j].edge), s[j].along))));
        return d;
    };
    constexpr std::size_t k_count = 300;
    const std::vector<VesselSite> spread = sites.spread(k_count, 1, k_stream);
    ASSERT_EQ(spread.size(), k_count);
    const double spacing = std::cbrt(l.box.volume() / k_count);
    EXPECT_GT(least(spread), 0.5 * spacing);
    std::vector<VesselSite> chance;
    for (std::uint64_t k = 0; k < k_count; ++k) chance.push_back(sites.site(1, k_stream, k));
    EXPECT_LT(least(chance), 0.2 * spacing);
}

TEST_F(Sites, SpreadOnesFollowTheirWeight) {
    std::vector<double> weight(n.edge_count(), 1.0);
    double heavy = 0.0, all = 0.0;
    for (std::size_t e = 0; e < n.edge_count(); ++e) {
        const bool portal = l.position(n.point_on(l.box, e, 0.5)) < 0.4;
        weight[e] = portal ? 3.0 : 1.0;
        all += weight[e] * n.edge_length(l.box, e);
        if (portal) heavy += weight[e] * n.edge_length(l.box, e);
    }
    double found = 0.0;
    for (const VesselSite& s : VesselSites(n, l.box, weight).spread(400, 1, k_stream))
        found += weight[static_cast<std::size_t>(s.edge)] == 3.0;
    EXPECT_NEAR(found / 400.0, heavy / all, 0.08);
}

TEST(SitesWithoutVessels, AreAnError) { EXPECT_THROW(VesselSites({}, {{10, 10, 10}}), RunError); }

}  // namespace
}  // namespace lobule
