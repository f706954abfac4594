// What codes of cells in contact are compared by: one cell, two cells, many cells against sums over all pairs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.hpp"
#include "base/math.hpp"
#include "base/random.hpp"
#include "tissue/mechanics.hpp"

namespace lobule {
namespace {

struct Cells {
    std::vector<double> x, y, z, radius, mobility;
    std::vector<Vec3> drift;
    std::vector<Anchor> anchors;

    void add(const Vec3& centre, double r, double m = 1.0, const Vec3& v = {}) {
        x.push_back(centre.x);
        y.push_back(centre.y);
        z.push_back(centre.z);
        radius.push_back(r);
        mobility.push_back(m);
        drift.push_back(v);
    }
    Spheres spheres() { return {x, y, z, radius, mobility, drift, anchors}; }
    Vec3 centre(std::size_t i) const { return {x[i], y[i], z[i]}; }
};

// Radii between 3 um and 12 um anywhere in a box; some are fixed.
Cells crowd(std::size_t n, const Vec3& lengths) {
    Cells cells;
    for (std::uint64_t i = 0; i < n; ++i) {
        const auto u = random_block({7, 0, stream_id("crowd"), i, 0, 0});
        cells.add({uniform_of(u[0]) * lengths.x, uniform_of(u[1]) * lengths.y, uniform_of(u[2]) * lengths.z},
                  3.0 + 9.0 * uniform_of(u[3]), i % 10 == 3 ? 0.0 : 1.0);
    }
    return cells;
}

double force_of(const ElasticLaw& law, double q, double sum) {
    const double e = q / sum - 1.0, width = law.reach - 1.0;
    if (e < 0.0) return -law.stiffness * e;
    return e < width ? -law.stiffness * law.adhesion * e * std::pow(1.0 - e / width, 2) : 0.0;
}

// Integral of the force from q to the cut-off.
double energy_of(const ElasticLaw& law, double q, double sum) {
    const double e = q / sum - 1.0, w = law.reach - 1.0;
    const auto pulled = [&](double g) {  // integral of g (1 - g/w)^2 from 0 to g
        return g * g / 2.0 - 2.0 * g * g * g / (3.0 * w) + g * g * g * g / (4.0 * w * w);
    };
    if (e >= w) return 0.0;
    const double adhesion = -law.stiffness * law.adhesion * sum * (pulled(w) - pulled(std::max(e, 0.0)));
    return adhesion + (e < 0.0 ? law.stiffness * sum * e * e / 2.0 : 0.0);
}

// use(i, from i to the image of j, distance) for all ordered pairs and images as far as `far` boxes.
void all_pairs(const Cells& c, const Box& box, int far,
               const std::function<void(std::size_t, std::size_t, Vec3, double)>& use) {
    for (std::size_t i = 0; i < c.x.size(); ++i)
        for (std::size_t j = 0; j < c.x.size(); ++j)
            for (int a = -far; a <= far; ++a)
                for (int b = -far; b <= far; ++b)
                    for (int k = -far; k <= far; ++k) {
                        const Vec3 d =
                            c.centre(j) - c.centre(i) + Vec3{a * box.lengths.x, b * box.lengths.y, k * box.lengths.z};
                        const double q = length(d);
                        if (q > 0.0) use(i, j, d, q);
                    }
}

double energy(const Cells& c, const Box& box, const ElasticLaw& law) {
    double sum = 0.0;
    all_pairs(c, box, 1, [&](std::size_t i, std::size_t j, Vec3, double q) {
        sum += 0.5 * energy_of(law, q, c.radius[i] + c.radius[j]);
    });
    return sum;
}

TEST(MechanicsStep, OneCellDriftsAtItsSpeedThroughTheWallOfItsBox) {
    Mechanics mechanics({});
    for (const double hours : {1.0 / 3600.0, 24.0}) {
        Cells cells;
        cells.add({95.0, 50.0, 2.0}, 8.0, 1.0, {6.0, 0.0, -3.0});
        const StepReport report = mechanics.step(Box{{100, 100, 100}}, cells.spheres(), hours);
        EXPECT_NEAR(cells.x[0], Box::wrap(95.0 + 6.0 * hours, 100.0), 1e-10);
        EXPECT_EQ(cells.y[0], 50.0);
        EXPECT_NEAR(cells.z[0], Box::wrap(2.0 - 3.0 * hours, 100.0), 1e-10);
        EXPECT_EQ(report.moved_for, hours);
        EXPECT_GE(report.sub_steps, hours > 1.0 ? 24 * std::sqrt(45.0) / 0.8 : 1);
    }
}

// Without inertia a push is a drift that ends: nothing moves afterwards.
TEST(MechanicsStep, OneCellStopsWhenItsPushEnds) {
    Mechanics mechanics({});
    Cells cells;
    cells.add({0.0, 0.0, 0.0}, 8.0, 1.0, {12.0, 0.0, 0.0});
    mechanics.step(std::nullopt, cells.spheres(), 0.5);
    cells.drift[0] = {};
    const StepReport after = mechanics.step(std::nullopt, cells.spheres(), 24.0);
    EXPECT_NEAR(cells.x[0], 6.0, 1e-12);
    EXPECT_EQ(after.sub_steps, 0);
    EXPECT_EQ(after.fastest, 0.0);
}

// The distance of two overlapping spheres obeys dq/dt = (m1 + m2) k (1 - q/R).
TEST(MechanicsStep, TwoCellsPartExponentially) {
    const ElasticLaw law{50.0, 1.0, 1.3};
    const double sum = 20.0, start = 15.0, m1 = 1.0, m2 = 0.25;
    const Vec3 n{0.6, 0.0, 0.8};
    double before = 1.0;
    for (const double stability : {0.02, 0.01}) {
        Mechanics mechanics(law);
        Cells cells;
        cells.add({}, 12.0, m1);
        cells.add(n * start, 8.0, m2);
        StepControl control;
        control.stability = stability;
        double t = 0.0, worst = 0.0;
        for (int i = 0; i < 10; ++i) {
            mechanics.step(std::nullopt, cells.spheres(), 0.05, control);
            t += 0.05;
            const double q = sum - (sum - start) * std::exp(-(m1 + m2) * law.stiffness * t / sum);
            worst = std::max(worst, std::fabs(length(cells.centre(1) - cells.centre(0)) - q));
        }
        EXPECT_LT(worst, 1.1 * stability);  // um
        EXPECT_LT(worst, 0.55 * before);    // of first order
        before = worst;
        // Each moves by its mobility: the centre of friction stays, along the line between them.
        const Vec3 centre = cells.centre(0) * (1.0 / m1) + cells.centre(1) * (1.0 / m2);
        EXPECT_NEAR(length(centre - n * (start / m2)), 0.0, 1e-11);
    }
}

TEST(MechanicsStep, PairsRestAtTheSumOfTheirRadii) {
    Mechanics mechanics({100.0, 0.5, 1.3});
    for (const double start : {5.0, 12.0, 14.9, 17.0}) {  // pushed, and pulled
        Cells cells;
        cells.add({1.0, 2.0, 3.0}, 12.0);
        cells.add({1.0, 2.0 + start, 3.0}, 3.0);
        StepControl control;
        control.tolerance = 1e-9;
        const StepReport report = mechanics.step(std::nullopt, cells.spheres(), 1e4, control);
        EXPECT_NEAR(cells.y[1] - cells.y[0], 15.0, 1e-9);
        EXPECT_LT(report.moved_for, 100.0);
    }
    Cells apart;  // beyond the cut-off
    apart.add({}, 12.0);
    apart.add({19.6, 0.0, 0.0}, 3.0);
    EXPECT_EQ(mechanics.step(std::nullopt, apart.spheres(), 24.0).sub_steps, 0);
}

TEST(MechanicsStep, ForcesAndPressuresAreThoseOfAllPairs) {
    const ElasticLaw law{80.0, 0.7, 1.3};
    const Box box{{40.0, 70.0, 100.0}};  // one bin, two, three
    Cells cells = crowd(120, box.lengths);
    Mechanics mechanics(law);
    std::fill(cells.mobility.begin(), cells.mobility.end(), 1.0);
    const StepReport report = mechanics.step(box, cells.spheres(), 0.0);
    std::vector<Vec3> force(cells.x.size());
    std::vector<double> pressure(cells.x.size());
    double in_plane = 0.0, along_z = 0.0;
    all_pairs(cells, box, 2, [&](std::size_t i, std::size_t j, Vec3 d, double q) {
        const double f = force_of(law, q, cells.radius[i] + cells.radius[j]);
        force[i] += d * (-f / q);
        pressure[i] += 0.5 * f * q / 3.0 / (4.0 / 3.0 * M_PI * std::pow(cells.radius[i], 3));
        in_plane += 0.5 * f * (d.x * d.x + d.y * d.y) / q / 2.0 / box.volume();
        along_z += 0.5 * f * d.z * d.z / q / box.volume();
    });
    Vec3 total;
    for (std::size_t i = 0; i < cells.x.size(); ++i) {
        EXPECT_NEAR(length(mechanics.speed()[i] - force[i]), 0.0, 1e-9);
        EXPECT_NEAR(mechanics.pressure()[i], pressure[i], 1e-12);
        total += mechanics.speed()[i];
    }
    EXPECT_NEAR(length(total), 0.0, 1e-10);  // to each force its counterforce
    EXPECT_NEAR(report.stress.in_plane, in_plane, 1e-12);
    EXPECT_NEAR(report.stress.along_z, along_z, 1e-12);
    EXPECT_EQ(report.sub_steps, 0);
}

// The modulus predicts how a small strain changes the stress where all pairs push.
TEST(MechanicsStep, ModulusIsTheSlopeOfTheStress) {
    const ElasticLaw law{80.0, 0.0, 1.3};
    Box box{{90.0, 80.0, 70.0}};
    Cells cells = crowd(300, box.lengths);
    Mechanics mechanics(law);
    const Stress before = mechanics.step(box, cells.spheres(), 0.0).stress;
    const BoxStrain strain{1e-5, 1e-5};
    box = strain.apply(box);
    strain.carry(cells.x, cells.y, cells.z);
    const Stress after = mechanics.step(box, cells.spheres(), 0.0).stress;
    // Per volume, times distance: stress falls by twice itself more than the pairs' forces do.
    EXPECT_NEAR((before.in_plane - after.in_plane) / 1e-5, before.modulus_in_plane + 2.0 * before.in_plane,
                2e-4 * before.modulus_in_plane);
    EXPECT_NEAR((before.along_z - after.along_z) / 1e-5, before.modulus_along_z + 2.0 * before.along_z,
                2e-4 * before.modulus_along_z);
}

TEST(MechanicsStep, EnergyFallsAndFixedSpheresStay) {
    const ElasticLaw law;
    const Box box{{90.0, 90.0, 60.0}};
    Cells cells = crowd(150, box.lengths);
    const Cells start = cells;
    Mechanics mechanics(law);
    double before = energy(cells, box, law);
    for (int i = 0; i < 15; ++i) {
        mechanics.step(box, cells.spheres(), 0.02);
        const double now = energy(cells, box, law);
        EXPECT_LT(now, before);
        before = now;
    }
    for (std::size_t i = 3; i < cells.x.size(); i += 10) EXPECT_EQ(cells.centre(i), start.centre(i));
}

TEST(MechanicsStep, AnchorsHoldAcrossThePeriod) {
    const Box box{{50.0, 50.0, 50.0}};
    Cells cells;
    cells.add({48.0, 25.0, 25.0}, 5.0);
    cells.anchors.push_back({0, {2.0, 25.0, 25.0}, 3.0, 0.0});
    StepControl control;
    control.stability = 0.002;
    Mechanics mechanics({});
    mechanics.step(box, cells.spheres(), 0.4, control);
    EXPECT_NEAR(box.from_to(cells.centre(0), {2.0, 25.0, 25.0}).x, 4.0 * std::exp(-3.0 * 0.4), 2e-3);
    cells.anchors[0].length = 3.5;  // longer than the distance now: slack
    const double x = cells.x[0];
    mechanics.step(box, cells.spheres(), 0.4, control);
    EXPECT_EQ(cells.x[0], x);
}

TEST(MechanicsStep, ASecondAndADayAreBothRightOrRefused) {
    const ElasticLaw law;
    const Box box{{120.0, 110.0, 100.0}};
    Cells seconds = crowd(120, box.lengths), day = seconds, rest = seconds;
    const Cells start = seconds;
    StepControl fine;
    fine.stability = 0.02;
    Mechanics mechanics(law);
    for (int i = 0; i < 120; ++i) mechanics.step(box, seconds.spheres(), 1.0 / 3600.0, fine);
    mechanics.step(box, day.spheres(), 120.0 / 3600.0, fine);
    for (std::size_t i = 0; i < day.x.size(); ++i)
        EXPECT_NEAR(length(box.from_to(day.centre(i), seconds.centre(i))), 0.0, 0.02);

    StepControl control;
    control.tolerance = 1e-3;
    const StepReport report = mechanics.step(box, rest.spheres(), 24.0, control);
    EXPECT_GT(report.sub_steps, 10);
    EXPECT_TRUE(report.fastest <= control.tolerance || report.moved_for == 24.0);
    EXPECT_LT(energy(rest, box, law), energy(day, box, law));

    control.most_sub_steps = 5;
    Cells again = start;
    try {
        mechanics.step(box, again.spheres(), 24.0, control);
        FAIL() << "a day in five sub-steps";
    } catch (const RunError& error) {
        EXPECT_NE(std::string(error.what()).find("5 sub-steps reach only"), std::string::npos) << error.what();
    }
    EXPECT_EQ(again.x, start.x);
}

TEST(MechanicsStep, BitsAreThoseOfAnyCpuAnyNumberOfThreadsAndNoHistory) {
    const Box box{{160.0, 150.0, 90.0}};
    Cells narrow = crowd(1500, box.lengths);
    narrow.anchors = {{4, {1.0, 2.0, 3.0}, 5.0, 1.0}, {4, {9.0, 2.0, 3.0}, 5.0, 1.0}};
    Cells wide = narrow, other = crowd(50, {60, 60, 60});
    Mechanics one({}, 1, math::Vectors::narrow), many({}, 4);
    many.step(std::nullopt, other.spheres(), 0.01);
    const StepReport a = one.step(box, narrow.spheres(), 0.1), b = many.step(box, wide.spheres(), 0.1);
    EXPECT_GT(a.sortings, 1);
    EXPECT_EQ(a.sub_steps, b.sub_steps);
    EXPECT_EQ(narrow.x, wide.x);
    EXPECT_EQ(narrow.y, wide.y);
    EXPECT_EQ(narrow.z, wide.z);
    EXPECT_EQ(one.pressure(), many.pressure());
    EXPECT_EQ(a.stress.in_plane, b.stress.in_plane);
    EXPECT_EQ(a.stress.along_z, b.stress.along_z);
    EXPECT_EQ(a.stress.modulus_along_z, b.stress.modulus_along_z);
}

TEST(MechanicsStep, PassiveFixedSpheresPushAsOthersDo) {
    const Box box{{160.0, 150.0, 90.0}};
    Cells seen = crowd(1500, box.lengths);
    Cells passive = seen;
    StepControl control;
    const StepReport a = Mechanics({}).step(box, seen.spheres(), 0.1, control);
    control.fixed_are_passive = true;
    Mechanics mechanics({});
    const StepReport b = mechanics.step(box, passive.spheres(), 0.1, control);
    EXPECT_GT(a.sortings, 1);
    EXPECT_EQ(a.sub_steps, b.sub_steps);
    EXPECT_EQ(seen.x, passive.x);
    EXPECT_EQ(seen.y, passive.y);
    EXPECT_EQ(seen.z, passive.z);
    EXPECT_EQ(mechanics.pressure()[3], 0.0);
    EXPECT_LT(b.stress.in_plane, a.stress.in_plane);
}

TEST(MechanicsStep, RefusesWhatIsNotANumber) {
    Cells cells;
    cells.add({}, 5.0, 1.0, {std::nan(""), 0.0, 0.0});
    EXPECT_THROW(Mechanics({}).step(std::nullopt, cells.spheres(), 1.0), RunError);
    Cells none;
    EXPECT_EQ(Mechanics({}).step(std::nullopt, none.spheres(), 1.0).sub_steps, 0);
}

}  // namespace
}  // namespace lobule
