#include <gtest/gtest.h>

#include <algorithm>

#include "tissue/box.hpp"
#include "tissue/neighbours.hpp"
#include "tissue/reference_work.hpp"

namespace lobule {
namespace {

std::vector<double> radii(const SphereCloud& c) { return std::vector<double>(c.x.size(), c.radius); }

TEST(MechanicsReference, CloudsHaveTheirCheckSums) {
    EXPECT_NEAR(reference_ball(10'000).sum_of_squares(), 217286312.3, 0.06);
    EXPECT_NEAR(reference_ball(100'000).sum_of_squares(), 1.008797455e10, 6.0);
    const SphereCloud lobule = reference_lobule();
    EXPECT_EQ(lobule.x.size(), 12'120U);
    EXPECT_NEAR(lobule.sum_of_squares(), 1246986126.0, 0.6);
}

TEST(MechanicsReference, NeighboursAreAsManyAsOthersCount) {
    const SphereCloud c = reference_ball(10'000);
    SortedSpheres s;
    s.sort(std::nullopt, c.x, c.y, c.z, radii(c), {1.25, 0.0});
    NeighbourLists lists;
    lists.build(s);
    double count = 0;
    for (std::int32_t r = 0; r < s.rows(); ++r) {
        const std::int32_t* j = lists.neighbours(r);
        for (std::int32_t i = s.row(r).begin; i < s.row(r).end; ++i)
            for (const std::int32_t* end = lists.neighbours(r) + lists.ends()[i]; j != end; ++j) count += *j != i;
    }
    EXPECT_NEAR(count / 1e4, 11.25, 0.005);
}

// Sums of squares after 1 and 21 steps: PhysiCell 217288117.5 and 217305369.4.
TEST(MechanicsReference, BallExpandsAsInOtherEngines) {
    const SphereCloud start = reference_ball(10'000);
    ReferenceSpheres spheres(start);
    spheres.step(0.1);
    EXPECT_NEAR(spheres.cloud().sum_of_squares(), 217288117.5, 1.0);
    for (int i = 0; i < 20; ++i) spheres.step(0.1);
    EXPECT_NEAR(spheres.cloud().sum_of_squares(), 217305369.4, 40.0);  // 0.2 % of the change
    EXPECT_LE(spheres.bytes(), 120U * 10'000U);
}

TEST(MechanicsReference, FirstStepIsThatOfAllPairs) {
    const SphereCloud start = reference_ball(400);
    ReferenceSpheres spheres(start);
    spheres.step(0.1);
    const SphereCloud moved = spheres.cloud();
    const std::vector<double> pressure = spheres.pressure();
    const double sum = 2.0 * start.radius, reach = 1.25 * sum;
    const auto centre = [](const SphereCloud& c, std::size_t i) { return Vec3{c.x[i], c.y[i], c.z[i]}; };
    for (std::size_t i = 0; i < 400; ++i) {
        Vec3 v;
        double p = 0.0;
        for (std::size_t j = 0; j < 400; ++j) {
            const Vec3 d = centre(start, i) - centre(start, j);
            const double q = length(d);
            if (i == j || q >= reach) continue;
            const double overlap = std::max(1.0 - q / sum, 0.0), within = 1.0 - q / reach;
            v += d * ((10.0 * overlap * overlap - 0.4 * within * within) / q);
            p += overlap * overlap;
        }
        EXPECT_NEAR(length(centre(moved, i) - centre(start, i) - v * 0.15), 0.0, 1e-13);  // 1.5 dt v
        EXPECT_NEAR(pressure[i], p, 1e-14);
    }
}

TEST(MechanicsReference, BitsAreThoseOfAnyCpuAndAnyNumberOfThreads) {
    const SphereCloud start = reference_ball(3'000);
    for (const double skin : {0.0, 0.5}) {
        ReferenceSpheres one(start, 1, skin, {}, math::Vectors::narrow), other(start, 3, skin, {}, math::vectors());
        for (int i = 0; i < 5; ++i) {
            one.step(0.1);
            other.step(0.1);
        }
        EXPECT_EQ(one.cloud().x, other.cloud().x);
        EXPECT_EQ(one.cloud().y, other.cloud().y);
        EXPECT_EQ(one.cloud().z, other.cloud().z);
        EXPECT_EQ(one.pressure(), other.pressure());
    }
}

TEST(MechanicsReference, KeptListsChangeNothingButTheOrderOfSums) {
    const SphereCloud start = reference_ball(2'000);
    ReferenceSpheres fresh(start), kept(start, 1, 2.0);
    for (int i = 0; i < 20; ++i) {
        fresh.step(0.1);
        kept.step(0.1);
    }
    EXPECT_LT(kept.sortings(), 4U);
    EXPECT_EQ(fresh.sortings(), 21U);
    const SphereCloud a = fresh.cloud(), b = kept.cloud();
    for (std::size_t i = 0; i < a.x.size(); ++i) ASSERT_NEAR(a.x[i], b.x[i], 1e-10);
}

}  // namespace
}  // namespace lobule
