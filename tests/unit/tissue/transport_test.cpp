#include "tissue/transport.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace lobule {
namespace {

constexpr double k_pi = 3.14159265358979323846;
double sum(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

/// Largest part by which a voxel's blood does not balance, over the blood that passes.
double largest_imbalance(const Grid& g, const VesselVoxels& v) {
    double largest = 0.0;
    for (std::int32_t k = 0; k < g.nz; ++k)
        for (std::int32_t j = 0; j < g.ny; ++j)
            for (std::int32_t i = 0; i < g.nx; ++i) {
                const auto at = [&](std::int32_t x, std::int32_t y, std::int32_t z) {
                    return static_cast<std::size_t>(g.number((x + g.nx) % g.nx, (y + g.ny) % g.ny, (z + g.nz) % g.nz));
                };
                const std::size_t here = at(i, j, k);
                // Vessels that run against each other through a face leave little of its flow: so their own counts too.
                double net = v.inflow[here] - v.outflow[here],
                       all = v.inflow[here] + v.outflow[here] + v.mean_flow[here];
                const auto face = [&](double in, double out) {
                    net += in - out;
                    all += std::fabs(in) + std::fabs(out);
                };
                face(v.flow.x[at(i - 1, j, k)], v.flow.x[here]);
                face(v.flow.y[at(i, j - 1, k)], v.flow.y[here]);
                face(v.flow.z[at(i, j, k - 1)], v.flow.z[here]);
                if (all > 0.0) largest = std::max(largest, std::fabs(net) / all);
                EXPECT_TRUE(all > 0.0 || net == 0.0);
            }
    return largest;
}

TEST(Transport, AStraightVesselThroughTheBoundary) {
    const Grid g = Grid::of({{50.0, 30.0, 20.0}}, 10.0);
    VesselNetwork n;
    n.add_node({35, 5, 5}, NodeKind::inlet), n.add_node({12, 5, 5}, NodeKind::outlet);
    n.add_edge(0, 1, 2.0);  // to the nearest image: 27 um, over the end of the box... and no 23 um back
    n.position[1].x = 8.0;
    const Flow f = solve_flow(n, g.box, {.inflow = 60.0});
    const VesselVoxels v = trace_vessels(n, f, g);
    EXPECT_EQ(v.flow.x, [&] {
        std::vector<double> x(g.size(), 0.0);
        x[3] = x[4] = 60.0;
        return x;
    }());
    EXPECT_NEAR(v.length[3], 5.0, 1e-12);
    EXPECT_NEAR(v.length[4], 10.0, 1e-12);
    EXPECT_NEAR(v.length[0], 8.0, 1e-12);
    EXPECT_NEAR(v.lumen[4], k_pi * 4.0 * 10.0, 1e-10);
    EXPECT_NEAR(v.wall[4], 2.0 * k_pi * 2.0 * 10.0, 1e-10);
    EXPECT_NEAR(v.mean_flow[0], 60.0, 1e-12);
    EXPECT_EQ(v.inflow[3], 60.0);
    EXPECT_EQ(v.outflow[0], 60.0);
    EXPECT_EQ(sum(v.flow.y), 0.0);
}

TEST(Transport, BloodBalancesInEveryVoxelAndNothingOfAVesselIsLost) {
    const Lobules l = Lobules::regular(200.0, 45.0);
    const VesselNetwork n = generate(l, {}, 3);
    const double inflow = 0.033 * 3600.0 * l.box.volume();
    const Flow f = solve_flow(n, l.box, {.inflow = inflow, .inlet_resistance = 1e-9, .outlet_resistance = 1e-9});
    const double all = measure(n, l).total.length_density * l.box.volume();
    for (const double edge : {7.3, 15.0, 45.0, 90.0}) {
        const Grid g = Grid::of(l.box, edge);
        const VesselVoxels v = trace_vessels(n, f, g);
        EXPECT_LT(largest_imbalance(g, v), 1e-12) << edge;
        EXPECT_NEAR(sum(v.length) / all, 1.0, 1e-12);
        EXPECT_NEAR(sum(v.lumen) / f.blood_volume, 1.0, 1e-12);
        EXPECT_NEAR(sum(v.inflow) / inflow, 1.0, 1e-12);
        EXPECT_NEAR(sum(v.outflow) / inflow, 1.0, 1e-12);
    }
}

TEST(Transport, EndsOnFacesLoseNoBlood) {
    // Nodes on the planes between voxels, vessels along them and through their edges and corners.
    const Grid g = Grid::of({{80.0, 80.0, 80.0}}, 10.0);
    VesselNetwork n;
    n.add_node({0, 0, 0}, NodeKind::inlet);
    n.add_node({20, 20, 20}, NodeKind::inner), n.add_node({20, 50, 20}, NodeKind::inner);
    n.add_node({0, 70, 20}, NodeKind::inner), n.add_node({70, 70, 70}, NodeKind::outlet);
    n.add_node({30, 30, 30}, NodeKind::outlet);
    for (const auto& [a, b] : {std::pair{0, 1}, {1, 2}, {2, 3}, {3, 4}, {1, 5}}) n.add_edge(a, b, 3.0);
    const VesselVoxels v = trace_vessels(n, solve_flow(n, g.box, {.inflow = 1.0}), g);
    EXPECT_LT(largest_imbalance(g, v), 1e-12);
}

}  // namespace
}  // namespace lobule
