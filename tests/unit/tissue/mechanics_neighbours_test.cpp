#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/error.hpp"
#include "base/random.hpp"
#include "tissue/neighbours.hpp"

namespace lobule {
namespace {

struct Cloud {
    std::optional<Box> box;
    std::vector<double> x, y, z, radius;
};

// Radii of 3 um and 12 um, anywhere; `lengths` is the box or where an open cloud lies.
Cloud cloud(std::size_t n, const Vec3& lengths, bool periodic) {
    Cloud c;
    if (periodic) c.box = Box{lengths};
    for (std::uint64_t i = 0; i < n; ++i) {
        const auto u = random_block({1, 0, stream_id("neighbours"), i, 0, 0});
        c.x.push_back(uniform_of(u[0]) * lengths.x);
        c.y.push_back(uniform_of(u[1]) * lengths.y);
        c.z.push_back(uniform_of(u[2]) * lengths.z);
        c.radius.push_back(u[3] % 2 == 0 ? 3.0 : 12.0);
    }
    return c;
}

using Found = std::multiset<std::pair<std::int64_t, std::int64_t>>;  // id of the neighbour, distance in 1e-6 um

std::int64_t rounded(double distance) { return static_cast<std::int64_t>(std::nearbyint(distance * 1e6)); }

// All images as far as the reach goes, pair by pair.
std::vector<Found> brute_force(const Cloud& c, const Reach& reach) {
    std::vector<Found> found(c.x.size());
    const auto images = [&](double period) { return c.box ? static_cast<int>(60.0 / period) + 2 : 0; };
    const Vec3 period = c.box ? c.box->lengths : Vec3{1.0, 1.0, 1.0};
    for (std::size_t i = 0; i < c.x.size(); ++i)
        for (std::size_t j = 0; j < c.x.size(); ++j)
            for (int a = -images(period.x); a <= images(period.x); ++a)
                for (int b = -images(period.y); b <= images(period.y); ++b)
                    for (int k = -images(period.z); k <= images(period.z); ++k) {
                        const Vec3 d{c.x[j] - c.x[i] + a * period.x, c.y[j] - c.y[i] + b * period.y,
                                     c.z[j] - c.z[i] + k * period.z};
                        const bool self = i == j && a == 0 && b == 0 && k == 0;
                        if (!self && length(d) < reach.factor * (c.radius[i] + c.radius[j]) + reach.skin)
                            found[i].emplace(static_cast<std::int64_t>(j), rounded(length(d)));
                    }
    return found;
}

std::vector<Found> found_by(const SortedSpheres& s, math::Vectors with = math::vectors()) {
    NeighbourLists lists;
    lists.build(s, with);
    std::vector<Found> found(s.size());
    for (std::int32_t r = 0; r < s.rows(); ++r) {
        const std::int32_t* j = lists.neighbours(r);
        for (std::int32_t i = s.row(r).begin; i < s.row(r).end; ++i)
            for (const std::int32_t* end = lists.neighbours(r) + lists.ends()[i]; j != end; ++j) {
                const Vec3 d{s.x[*j] - s.x[i], s.y[*j] - s.y[i], s.z[*j] - s.z[i]};
                if (*j != i && length(d) < s.reach().factor * (s.radius[i] + s.radius[*j]) + s.reach().skin)
                    found[s.id[i]].emplace(s.id[*j], rounded(length(d)));
            }
    }
    return found;
}

TEST(MechanicsNeighbours, AreThoseOfAllPairsInAnyBox) {
    const Reach reach{1.25, 1.0};  // up to 31 um
    for (const Vec3& lengths : {Vec3{200, 150, 130}, Vec3{100, 70, 64}, Vec3{65, 31.5, 40}, Vec3{12, 90, 20}})
        for (const bool periodic : {true, false}) {
            const Cloud c = cloud(150, lengths, periodic);
            const std::vector<Found> expected = brute_force(c, reach);
            SortedSpheres s;
            s.sort(c.box, c.x, c.y, c.z, c.radius, reach);
            EXPECT_EQ(found_by(s), expected) << lengths.x << ' ' << periodic;
            EXPECT_EQ(found_by(s, math::Vectors::narrow), expected);
        }
}

TEST(MechanicsNeighbours, AreRightForOneSphereAndForFarScatteredOnes) {
    const std::vector<double> none, x{-4e9, 0.0, 20.0, 7e8}, y{0.0, 0.0, 0.0, -1e9}, r(4, 12.0);
    SortedSpheres s;
    s.sort(std::nullopt, x, y, y, r, {1.25, 0.0});
    const std::vector<Found> found = found_by(s);
    EXPECT_TRUE(found[0].empty() && found[3].empty());
    EXPECT_EQ(found[1], (Found{{2, 20000000}}));
    const std::vector<double> one{1.0};
    s.sort(Box{{20, 20, 20}}, one, one, one, one, {1.25, 0.0});
    EXPECT_TRUE(found_by(s)[0].empty());
    s.sort(Box{{2, 20, 20}}, one, one, one, one, {1.25, 0.0});
    EXPECT_EQ(found_by(s)[0], (Found{{0, 2000000}, {0, 2000000}}));  // its own images left and right
}

TEST(MechanicsNeighbours, AreRightWhereAllAreInOnePlace) {
    Cloud c = cloud(300, {20, 15, 10}, false);
    c.radius.assign(300, 12.0);
    c.x.push_back(100.0);  // so that bins stand between
    c.y.push_back(0.0);
    c.z.push_back(0.0);
    c.radius.push_back(12.0);
    const Reach reach{1.25, 0.0};
    SortedSpheres s;
    s.sort(c.box, c.x, c.y, c.z, c.radius, reach);
    EXPECT_EQ(found_by(s), brute_force(c, reach));
}

TEST(MechanicsNeighbours, HaveAnOrderWithoutHistoryOrThreads) {
    const Cloud c = cloud(5000, {220, 200, 180}, true);
    SortedSpheres once, again(3);
    once.sort(c.box, c.x, c.y, c.z, c.radius, {1.2, 0.5});
    // From a quite different arrangement, brought to the same one.
    again.sort(c.box, c.z, c.x, c.y, c.radius, {1.2, 0.5});
    std::vector<double> carried(again.slots());
    for (std::int32_t i = 0; i < again.slots(); ++i) {
        const auto sphere = again.id[i];
        again.x[i] = c.x[sphere];
        again.y[i] = c.y[sphere] - 200.0;  // another image
        again.z[i] = c.z[sphere];
        carried[i] = sphere;
    }
    again.sort_again();
    again.carry(carried);
    ASSERT_EQ(once.slots(), again.slots());
    for (std::int32_t r = 0; r < once.rows(); ++r)
        for (std::int32_t i = once.row(r).begin; i < once.row(r).end; ++i) {
            ASSERT_EQ(once.id[i], again.id[i]);
            ASSERT_EQ(carried[i], again.id[i]);
            ASSERT_EQ(once.x[i], again.x[i]);
        }
    for (std::int32_t i = 0; i < once.slots(); ++i) ASSERT_EQ(once.id[i], again.id[i]) << "image";
}

TEST(MechanicsNeighbours, RefuseWhatHasNoPlace) {
    SortedSpheres s;
    const std::vector<double> x{1.0, std::numeric_limits<double>::quiet_NaN()}, y{1.0, 1.0}, r{5.0, 5.0};
    EXPECT_THROW(s.sort(std::nullopt, x, y, y, r, {1.25, 0.0}), RunError);
    EXPECT_THROW(s.sort(Box{{50, 50, 50}}, x, y, y, r, {1.25, 0.0}), RunError);
    EXPECT_THROW(s.sort(Box{{0.5, 50, 50}}, y, y, y, r, {1.25, 0.0}), RunError);
}

}  // namespace
}  // namespace lobule
