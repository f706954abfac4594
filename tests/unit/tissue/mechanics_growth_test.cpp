#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"
#include "tissue/mechanics.hpp"

namespace lobule {
namespace {

struct Tissue {
    Box box;
    std::vector<double> x, y, z, radius, mobility;
    Spheres spheres() { return {x, y, z, radius, mobility, {}, {}}; }
};

// n spheres at random in a box filled by `share`.
Tissue tissue(std::size_t n, double radius, double share) {
    Tissue t;
    const double edge = std::cbrt(static_cast<double>(n) * 4.0 / 3.0 * M_PI * radius * radius * radius / share);
    t.box = {{edge, edge, edge}};
    for (std::uint64_t i = 0; i < n; ++i) {
        const auto u = random_block({3, 0, stream_id("growth"), i, 0, 0});
        t.x.push_back(uniform_of(u[0]) * edge);
        t.y.push_back(uniform_of(u[1]) * edge);
        t.z.push_back(uniform_of(u[2]) * edge);
    }
    t.radius.assign(n, radius);
    t.mobility.assign(n, 1.0);
    return t;
}

// 4 x 4 x 4 cubes of a face-centred lattice, a little loose and disturbed: a random packing would settle while it grows.
Tissue lattice(double radius) {
    Tissue t = tissue(256, radius, 0.65);
    const double a = t.box.lengths.x / 8.0;
    std::size_t n = 0;
    for (int i = 0; i < 8; ++i)
        for (int j = 0; j < 8; ++j)
            for (int k = 0; k < 8; ++k) {
                if ((i + j + k) % 2 != 0) continue;
                const double share = 0.2 / t.box.lengths.x;  // of where it was at random
                t.x[n] = a * i + share * a * t.x[n];
                t.y[n] = a * j + share * a * t.y[n];
                t.z[n] = a * k + share * a * t.z[n];
                ++n;
            }
    return t;
}

TEST(MechanicsGrowth, ABoxOfGrowingSpheresGrowsInProportion) {
    Tissue t = lattice(10.0);
    Mechanics mechanics({});
    StepControl control;
    control.tolerance = 0.5;
    const Stress target{0.005, 0.005, 0.0, 0.0};  // 0.5 % of stiffness over radius squared: little overlap
    Stress stress = mechanics.step(t.box, t.spheres(), 24.0, control).stress;
    const auto yield = [&] {
        const BoxStrain strain = BoxStrain::towards(target, stress, 1.0, 1.0);
        t.box = strain.apply(t.box);
        strain.carry(t.x, t.y, t.z);
        stress = mechanics.step(t.box, t.spheres(), 1.0, control).stress;
    };
    for (int i = 0; i < 40; ++i) yield();
    const Box start = t.box;
    const auto share = [&] { return 256.0 * 4.0 / 3.0 * M_PI * std::pow(t.radius[0], 3) / t.box.volume(); };
    EXPECT_NEAR(share(), M_PI / std::sqrt(18.0), 0.02);  // close packing
    for (int hour = 0; hour < 48; ++hour) {              // to the double volume
        for (double& r : t.radius) r *= std::exp2(1.0 / 3.0 / 48.0);
        yield();
    }
    for (int i = 0; i < 10; ++i) yield();
    EXPECT_NEAR(t.box.volume() / start.volume(), 2.0, 0.04);
    EXPECT_NEAR(stress.in_plane, target.in_plane, 0.1 * target.in_plane);
    EXPECT_NEAR(stress.along_z, target.along_z, 0.1 * target.along_z);
}

TEST(MechanicsGrowth, StrainIsThatOfAViscousBoxInShortAndStopsAtTheTargetInLongSteps) {
    const Stress target{0.0, 0.1, 0.0, 0.0}, now{0.2, 0.05, 4.0, 5.0};
    const BoxStrain brief = BoxStrain::towards(target, now, 2.0, 1e-6);
    EXPECT_NEAR(brief.in_plane, 0.2 / 2.0 * 1e-6, 1e-12);
    EXPECT_NEAR(brief.thickness, -0.05 / 2.0 * 1e-6, 1e-12);
    const BoxStrain final = BoxStrain::towards(target, now, 2.0, 1e6);
    EXPECT_NEAR(final.in_plane, 0.2 / 4.0, 1e-15);
    EXPECT_NEAR(final.thickness, -0.05 / 5.0, 1e-15);
    const BoxStrain loose = BoxStrain::towards(target, {0.0, 0.0, 0.0, 0.0}, 2.0, 1.0);  // nothing touches
    EXPECT_EQ(loose.in_plane, 0.0);
    EXPECT_NEAR(loose.thickness, -0.05, 1e-15);
    const Box box = BoxStrain{0.1, -0.2}.apply(Box{{10.0, 20.0, 30.0}});
    EXPECT_NEAR(box.volume(), 6000.0, 1e-9);  // 2 * 0.1 - 0.2 = 0
}

TEST(MechanicsGrowth, DaughtersKeepVolumeAndCentreAndLieInTheirMother) {
    const Vec3 mother{5.0, -2.0, 40.0};
    const Daughters d = divide(mother, 10.0, {0.0, 3.0, 4.0});
    EXPECT_NEAR(2.0 * std::pow(d.radius, 3), 1000.0, 1e-10);
    EXPECT_NEAR(length((d.first + d.second) * 0.5 - mother), 0.0, 1e-13);
    EXPECT_NEAR(length(d.first - mother) + d.radius, 10.0, 1e-13);
    const Vec3 axis = (d.first - d.second) * (1.0 / length(d.first - d.second));
    EXPECT_NEAR(axis.y, 0.6, 1e-14);
    EXPECT_NEAR(axis.z, 0.8, 1e-14);
}

TEST(MechanicsGrowth, NeighboursMakeRoomForDaughters) {
    Tissue t = tissue(200, 10.0, 0.1);
    Mechanics mechanics({});
    StepControl control;
    control.tolerance = 0.01;
    mechanics.step(t.box, t.spheres(), 100.0, control);
    const Daughters d = divide({t.x[0], t.y[0], t.z[0]}, t.radius[0], {1.0, 0.0, 0.0});
    t.x[0] = d.first.x;
    t.x.push_back(d.second.x);
    t.y.push_back(d.second.y);
    t.z.push_back(d.second.z);
    t.radius[0] = d.radius;
    t.radius.push_back(d.radius);
    t.mobility.push_back(1.0);
    mechanics.step(t.box, t.spheres(), 100.0, control);
    const double apart = length(t.box.from_to({t.x[0], t.y[0], t.z[0]}, {t.x[200], t.y[200], t.z[200]}));
    EXPECT_GT(apart, 0.85 * 2.0 * d.radius);
    EXPECT_LT(apart, 1.1 * 2.0 * d.radius);
}

}  // namespace
}  // namespace lobule
