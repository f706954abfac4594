#include "tissue/flow.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace lobule {
namespace {

constexpr double k_pi = 3.14159265358979323846;
const Box k_box{{1000.0, 1000.0, 1000.0}};

/// Resistance of a tube [mmHg h/um^3], written out once more: 8 mu L / (pi r^4) in Pa s/m^3.
double tube(double path_um, double radius_um, double viscosity_mpas) {
    const double si = 8.0 * viscosity_mpas * 1e-3 * path_um * 1e-6 / (k_pi * std::pow(radius_um * 1e-6, 4));
    return si / 133.322387415 / 3600.0 * 1e-18;
}

double largest_imbalance(const VesselNetwork& n, const Flow& f) {
    std::vector<double> sum(n.node_count(), 0.0);
    for (std::size_t e = 0; e < n.edge_count(); ++e) {
        sum[static_cast<std::size_t>(n.a[e])] += f.flow[e];
        sum[static_cast<std::size_t>(n.b[e])] -= f.flow[e];
    }
    double largest = 0.0;
    for (std::size_t i = 0; i < sum.size(); ++i) largest = std::max(largest, std::fabs(sum[i] - f.source[i]));
    return largest;
}

TEST(Flow, ATubeObeysPoiseuille) {
    VesselNetwork n;
    n.add_node({100, 500, 500}, NodeKind::inlet);
    n.add_node({160, 580, 500}, NodeKind::inner);  // a bend: 100 um and 50 um
    n.add_node({160, 580, 550}, NodeKind::outlet);
    n.add_edge(0, 1, 4.0), n.add_edge(2, 1, 5.0);
    const double q = 1e7;
    const Flow f = solve_flow(n, k_box, {.inflow = q, .viscosity = 2.5, .central_pressure = 4.0});
    EXPECT_NEAR(f.portal_pressure, 4.0 + q * (tube(100, 4, 2.5) + tube(50, 5, 2.5)), 1e-11);
    EXPECT_NEAR(f.pressure[1], 4.0 + q * tube(50, 5, 2.5), 1e-11);
    EXPECT_DOUBLE_EQ(f.flow[0], q);
    EXPECT_DOUBLE_EQ(f.flow[1], -q);  // it runs from the outlet to the bend
    EXPECT_DOUBLE_EQ(f.source[0], q);
    EXPECT_DOUBLE_EQ(f.source[2], -q);
    EXPECT_NEAR(f.blood_volume, k_pi * (16.0 * 100 + 25.0 * 50), 1e-8);
}

TEST(Flow, ParallelVesselsShareByTheFourthPowerOfTheRadius) {
    VesselNetwork n;
    for (const double y : {100.0, 200.0}) {
        n.add_node({100, y, 500}, NodeKind::inlet);
        n.add_node({200, y, 500}, NodeKind::outlet);
    }
    n.add_edge(0, 1, 3.0), n.add_edge(2, 3, 6.0);
    const Flow f = solve_flow(n, k_box, {.inflow = 17e6});
    EXPECT_NEAR(f.flow[0], 1e6, 1e-5);
    EXPECT_NEAR(f.flow[1], 16e6, 1e-5);
    // With resistances of the ends each way is a series of three.
    const double in = 2e-7, out = 1e-7, r1 = tube(100, 3, 3) + in + out, r2 = tube(100, 6, 3) + in + out;
    const Flow g = solve_flow(n, k_box, {.inflow = 17e6, .inlet_resistance = in, .outlet_resistance = out});
    EXPECT_NEAR(g.flow[0], 17e6 * r2 / (r1 + r2), 1e-4);
    EXPECT_NEAR(g.portal_pressure, 17e6 * r1 * r2 / (r1 + r2), 1e-9);
    EXPECT_NEAR(g.portal_pressure - g.pressure[0], in * g.flow[0], 1e-9);
    EXPECT_NEAR(g.pressure[1], out * g.flow[0], 1e-9);
}

TEST(Flow, ARadialLadderHasTheSumOfItsRings) {
    // Rings of equally many vessels side by side; cross links inside a ring join equal pressures and carry nothing.
    constexpr int k_ways = 6, k_rings = 5;
    VesselNetwork n;
    const auto node = [&](int ring, int way) {
        return n.add_node({100.0 + 20.0 * ring, 100.0 + 30.0 * way, 500}, ring == 0         ? NodeKind::inlet
                                                                          : ring == k_rings ? NodeKind::outlet
                                                                                            : NodeKind::inner);
    };
    for (int ring = 0; ring <= k_rings; ++ring)
        for (int way = 0; way < k_ways; ++way) node(ring, way);
    double expected = 0.0;
    std::vector<std::int32_t> cross;
    for (int ring = 0; ring < k_rings; ++ring) {
        const double radius = 3.5 + 0.3 * ring;
        for (int way = 0; way < k_ways; ++way) {
            n.add_edge(ring * k_ways + way, (ring + 1) * k_ways + way, radius);
            if (ring > 0 && way > 0) cross.push_back(n.add_edge(ring * k_ways + way - 1, ring * k_ways + way, 4.0));
        }
        expected += tube(20, radius, 3.0) / k_ways;
    }
    const Flow f = solve_flow(n, k_box, {.inflow = 6e6});
    EXPECT_NEAR(f.portal_pressure / (6e6 * expected), 1.0, 1e-10);
    for (const std::int32_t e : cross) EXPECT_NEAR(f.flow[static_cast<std::size_t>(e)], 0.0, 1e-3);
    EXPECT_LT(largest_imbalance(n, f), 1e-7);
}

TEST(Flow, WhatIsCutOffIsStillAndSpoilsNothing) {
    VesselNetwork n;
    n.add_node({100, 100, 500}, NodeKind::inlet), n.add_node({200, 100, 500}, NodeKind::outlet);
    n.add_node({100, 200, 500}, NodeKind::inlet), n.add_node({200, 200, 500}, NodeKind::inner);   // no outlet
    n.add_node({100, 300, 500}, NodeKind::outlet), n.add_node({200, 300, 500}, NodeKind::inner);  // no inlet
    n.add_node({100, 400, 500}, NodeKind::inner), n.add_node({200, 400, 500}, NodeKind::inner);   // neither
    n.add_node({150, 150, 500}, NodeKind::inner);                                                 // no vessel at all
    for (int i = 0; i < 8; i += 2) n.add_edge(i, i + 1, 4.0);
    for (const double resistance : {0.0, 1e-7}) {
        const Flow f = solve_flow(n, k_box, {.inflow = 1e6, .inlet_resistance = resistance, .central_pressure = 5.0});
        EXPECT_NEAR(f.flow[0], 1e6, 1e-6);
        for (int e = 1; e < 4; ++e) EXPECT_EQ(f.flow[static_cast<std::size_t>(e)], 0.0);
        EXPECT_EQ(f.cut_off, 7u);
        EXPECT_DOUBLE_EQ(f.pressure[2], f.portal_pressure);
        EXPECT_DOUBLE_EQ(f.pressure[4], 5.0);
    }
}

TEST(Flow, NoWayOutIsAnErrorOnlyWhereBloodComesIn) {
    VesselNetwork n;
    n.add_node({100, 100, 500}, NodeKind::inlet), n.add_node({200, 100, 500}, NodeKind::inner);
    n.add_edge(0, 1, 4.0);
    try {
        solve_flow(n, k_box, {.inflow = 1e6});
        FAIL();
    } catch (const RunError& error) {
        EXPECT_STREQ(error.what(), "blood flows into the tissue, but no vessel leads from an inlet to an outlet");
    }
    const Flow f = solve_flow(n, k_box, {.inflow = 0.0, .central_pressure = 3.0});
    EXPECT_DOUBLE_EQ(f.pressure[0], 3.0);
    EXPECT_EQ(f.cut_off, 2u);
}

TEST(Flow, VesselsThatGiveWayAgreeWithTheirPressure) {
    VesselNetwork n;
    n.add_node({100, 500, 500}, NodeKind::inlet), n.add_node({200, 500, 500}, NodeKind::outlet);
    n.add_edge(0, 1, 4.0);
    for (const double compliance : {0.02, 0.2, 1.0}) {
        const FlowDrive spec{
            .inflow = 5e7, .viscosity = 3, .central_pressure = 5, .compliance = compliance, .rest_pressure = 5};
        const Flow f = solve_flow(n, k_box, spec);
        // p = q R0 / (1 + c p / 2)^4 over the central pressure, by bisection
        double low = 0.0, high = 100.0;
        for (int k = 0; k < 100; ++k) {
            const double p = 0.5 * (low + high), wide = 1.0 + compliance * 0.5 * p;
            (p < 5e7 * tube(100, 4.0 * wide, 3.0) ? low : high) = p;
        }
        EXPECT_NEAR(f.portal_pressure - 5.0, low, 1e-7 * low) << compliance;
        EXPECT_NEAR(f.radius[0], 4.0 * (1.0 + compliance * 0.5 * low), 1e-7);
        EXPECT_GT(f.radius_iterations, 2);
        EXPECT_LT(f.radius_iterations, 60);
    }
}

class RatLobule : public testing::Test {
protected:
    // 2 ml/min/g of tissue: 0.033 /s
    Lobules l = Lobules::regular(284.0, 100.0);
    VesselNetwork n = generate(l, {}, 1);
    double inflow = 0.033 * 3600.0 * l.box.volume();
    std::pair<double, double> terminals() const {
        double in = 0.0, out = 0.0;
        for (const NodeKind k : n.kind) in += k == NodeKind::inlet, out += k == NodeKind::outlet;
        return {in, out};
    }
    FlowDrive spec(double viscosity) const {
        const auto [in, out] = terminals();
        // Rabbit: portal vein 7.7, terminal portal venule 5.7, terminal hepatic venule 4.7 mmHg.
        return {.inflow = inflow,
                .viscosity = viscosity,
                .inlet_resistance = 2.0 * in / inflow,
                .outlet_resistance = 0.0,
                .central_pressure = 4.7};
    }
};

TEST_F(RatLobule, VesselsThatGiveWayAllAlikeDivideTheBloodAsBefore) {
    // Flow is -g d/dx (1 + c p)^5 / 5c in each: Kirchhoff's laws are linear in that bracket, so shares of flow do not change.
    FlowDrive rigid{.inflow = inflow, .viscosity = 3.0, .central_pressure = 4.0}, soft = rigid;
    soft.compliance = 1.0;
    soft.rest_pressure = 4.0;
    const Flow a = solve_flow(n, l.box, rigid), b = solve_flow(n, l.box, soft);
    EXPECT_LT(b.portal_pressure - 4.0, 0.7 * (a.portal_pressure - 4.0));  // they do give way
    double most = 0.0, apart = 0.0;
    for (std::size_t e = 0; e < a.flow.size(); ++e) {
        most = std::max(most, std::fabs(a.flow[e]));
        apart = std::max(apart, std::fabs(a.flow[e] - b.flow[e]));
    }
    EXPECT_LT(apart, 1e-3 * most);
}

TEST_F(RatLobule, BloodIsConservedAtEveryNode) {
    const Flow f = solve_flow(n, l.box, spec(3.0));
    EXPECT_LT(largest_imbalance(n, f), 1e-12 * inflow);
    double in = 0.0, out = 0.0;
    for (const double s : f.source) (s > 0.0 ? in : out) += s;
    EXPECT_NEAR(in / inflow, 1.0, 1e-12);
    EXPECT_NEAR(out / inflow, -1.0, 1e-12);
    for (std::size_t i = 0; i < n.node_count(); ++i) EXPECT_TRUE(n.kind[i] != NodeKind::inlet || f.source[i] > 0.0);
    for (std::size_t e = 0; e < n.edge_count(); ++e) {  // flow is what pressure and resistance make it
        const double drop = f.pressure[static_cast<std::size_t>(n.a[e])] - f.pressure[static_cast<std::size_t>(n.b[e])];
        EXPECT_NEAR(f.flow[e] * tube(n.edge_length(l.box, e), n.radius[e], 3.0), drop, 1e-7);
    }
    EXPECT_EQ(f.cut_off, 0u);
}

TEST_F(RatLobule, TheGradientAndTheVelocityArePublishedOnes) {
    const Flow f = solve_flow(n, l.box, spec(3.0));
    const auto [in, out] = terminals();
    double inlets = 0.0;
    for (std::size_t i = 0; i < n.node_count(); ++i)
        if (n.kind[i] == NodeKind::inlet) inlets += f.pressure[i] / in;
    EXPECT_GT(inlets - 4.7, 0.3);  // below about 1 mmHg at an apparent viscosity of a few mPa s
    EXPECT_LT(inlets - 4.7, 1.0);
    double velocity = 0.0, path = 0.0;
    for (std::size_t e = 0; e < n.edge_count(); ++e) {
        const double d = n.edge_length(l.box, e);
        velocity += std::fabs(f.flow[e]) / (k_pi * n.radius[e] * n.radius[e]) / 3600.0 * d;
        path += d;
    }
    EXPECT_GT(velocity / path, 60.0);
    EXPECT_LT(velocity / path, 500.0);
    // Without compliance all drops go by viscosity.
    const Flow g = solve_flow(n, l.box, spec(6.0));
    double thicker = 0.0;
    for (std::size_t i = 0; i < n.node_count(); ++i)
        if (n.kind[i] == NodeKind::inlet) thicker += g.pressure[i] / in;
    EXPECT_NEAR((thicker - 4.7) / (inlets - 4.7), 2.0, 0.05);
}

TEST_F(RatLobule, AGuessSavesIterationsAndChangesNoResult) {
    const Flow f = solve_flow(n, l.box, spec(3.0));
    const Flow again = solve_flow(n, l.box, spec(3.0), f.pressure);
    EXPECT_LT(again.solver_iterations, f.solver_iterations / 4);
    EXPECT_NEAR(again.portal_pressure, f.portal_pressure, 1e-8);
    FlowDrive soft = spec(3.0);
    soft.compliance = 0.05, soft.rest_pressure = 5.0;
    const Flow wide = solve_flow(n, l.box, soft);
    EXPECT_LT(wide.radius_iterations, 30);
    EXPECT_LT(largest_imbalance(n, wide), 1e-12 * inflow);
}

}  // namespace
}  // namespace lobule
