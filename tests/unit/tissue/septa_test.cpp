#include "tissue/septa.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace lobule {
namespace {

/// Density of a sheet of half width 20 um along the straight lines between vessels, over a ground of 1.
template <class Near>
std::vector<double> sheet(const Grid& grid, double height, Near&& near) {
    std::vector<double> out(grid.size());
    for (std::size_t v = 0; v < out.size(); ++v)
        out[v] = near(grid.centre(static_cast<std::int32_t>(v))) ? height : 1.0;
    return out;
}

double to_line(const Box& box, const Vec3& p, const Vec3& a, const Vec3& b) {
    const Vec3 way = box.from_to(a, b), at = box.from_to(a, p);
    const double share = std::clamp((way.x * at.x + way.y * at.y) / (way.x * way.x + way.y * way.y), 0.0, 1.0);
    return std::hypot(at.x - share * way.x, at.y - share * way.y);
}

class SeptaTest : public ::testing::Test {
protected:
    Lobules lobules = Lobules::regular(284.0, 40.0);
    Grid grid = Grid::of(lobules.box, 10.0);
};

TEST_F(SeptaTest, EvenMatrixHasNoSepta) {
    const std::vector<double> even(grid.size(), 2.5);
    const Septa found = septa(lobules, grid, even);
    EXPECT_NEAR(found.central, 2.5, 1e-12);
    EXPECT_NEAR(found.portal, 2.5, 1e-12);
}

TEST_F(SeptaTest, SheetFromVeinToVeinIsFoundAsThatAlone) {
    const auto density = sheet(
        grid, 8.0, [&](const Vec3& p) { return to_line(lobules.box, p, lobules.centre(0), lobules.centre(1)) < 20.0; });
    const Septa found = septa(lobules, grid, density);
    EXPECT_NEAR(found.central, 8.0, 1e-12);
    EXPECT_NEAR(found.portal, 1.0, 1e-12);
}

TEST_F(SeptaTest, SheetsAlongEdgesJoinPortalTractsAlone) {
    const auto density = sheet(grid, 8.0, [&](const Vec3& p) {
        double nearest = HUGE_VAL;
        for (int i = 0; i < lobules.count(); ++i)
            for (int k = 0; k < 6; ++k)
                nearest = std::min(nearest,
                                   to_line(lobules.box, p, lobules.corner_of(i, k), lobules.corner_of(i, (k + 1) % 6)));
        return nearest < 20.0;
    });
    const Septa found = septa(lobules, grid, density);
    EXPECT_NEAR(found.portal, 8.0, 1e-12);
    EXPECT_NEAR(found.central, 1.0, 1e-12);
}

TEST_F(SeptaTest, ASheetThroughACornerWithoutATractJoinsVeinsAlone) {
    for (const double tracts : {1.5, 1.0}) {
        lobules.tracts = tracts;
        ASSERT_FALSE(lobules.has_tract(0, 3));
        const Vec3 corner = lobules.corner_of(0, 3);
        const auto density = sheet(grid, 8.0, [&](const Vec3& p) {
            return std::min(to_line(lobules.box, p, lobules.centre(0), corner),
                            to_line(lobules.box, p, corner, lobules.centre(1))) < 20.0;
        });
        const Septa found = septa(lobules, grid, density);
        EXPECT_NEAR(found.central, 8.0, 1e-12) << tracts;
        EXPECT_NEAR(found.portal, 1.0, 1e-12) << tracts;
    }
}

TEST_F(SeptaTest, PortalTractsAreNeighboursAlongEdgesOrAcrossALobule) {
    for (const double tracts : {1.5, 1.0}) {
        lobules.tracts = tracts;
        const int next = tracts == 1.0 ? 2 : 1;
        const auto density = sheet(grid, 8.0, [&](const Vec3& p) {
            double nearest = HUGE_VAL;
            for (int i = 0; i < lobules.count(); ++i)
                for (int k = 0; k < 6; ++k)
                    if (lobules.has_tract(i, k) && lobules.has_tract(i, (k + next) % 6))
                        nearest = std::min(nearest, to_line(lobules.box, p, lobules.corner_of(i, k),
                                                            lobules.corner_of(i, (k + next) % 6)));
            return nearest < 20.0;
        });
        const Septa found = septa(lobules, grid, density);
        EXPECT_NEAR(found.portal, 8.0, 1e-12) << tracts;
        EXPECT_NEAR(found.central, 1.0, 1e-12) << tracts;
    }
}

TEST_F(SeptaTest, ABreakInTheSheetIsItsThinnestPlace) {
    const auto density = sheet(grid, 8.0, [&](const Vec3& p) {
        const double along = std::abs(lobules.box.from_to(lobules.centre(0), p).x);
        return to_line(lobules.box, p, lobules.centre(0), lobules.centre(1)) < 20.0 && (along < 150.0 || along > 190.0);
    });
    EXPECT_NEAR(septa(lobules, grid, density).central, 1.0, 1e-12);
}

}  // namespace
}  // namespace lobule
