#include "tissue/growth.hpp"

#include <gtest/gtest.h>

#include <set>

namespace lobule {
namespace {

VesselNetwork stretched(VesselNetwork n, Lobules& l, double factor) {
    for (Vec3& p : n.position) p = p * factor;
    l.box.lengths = l.box.lengths * factor;
    l.portal_radius *= factor, l.central_radius *= factor;
    return n;
}

double total(const VesselNetwork& n, const Lobules& l) { return measure(n, l).total.length_density * l.box.volume(); }

void expect_whole(const VesselNetwork& n) {
    const std::vector<std::int32_t> degree = degrees_of(n);
    for (std::size_t i = 0; i < n.node_count(); ++i) EXPECT_GE(degree[i], n.kind[i] == NodeKind::inner ? 2 : 1);
    EXPECT_EQ(std::set<std::uint64_t>(n.id.begin(), n.id.end()).size(), n.edge_count());
}

TEST(Growth, RestoresAStretchedNetwork) {
    Lobules l = Lobules::regular(200.0, 60.0);
    const VesselNetwork before = generate(l, {}, 4);
    const NetworkMeasures was = measure(before, l);
    VesselNetwork n = stretched(before, l, 1.44);
    const double have = total(n, l), want = was.total.length_density * l.box.volume();
    EXPECT_NEAR(want / have, 1.44 * 1.44, 1e-9);
    const double added = sprout(n, l, {.segment_length = was.total.segment_length}, {}, want - have, 1, 0);
    const NetworkMeasures now = measure(n, l);
    EXPECT_NEAR((total(n, l) - have) / added, 1.0, 1e-6);
    EXPECT_NEAR(now.total.length_density / was.total.length_density, 1.0, 0.02);
    EXPECT_NEAR(now.total.segment_length / was.total.segment_length, 1.0, 0.15);
    EXPECT_LT(now.mean_degree, 3.1);
    EXPECT_EQ(now.components, 1u);
    expect_whole(n);
    const double inflow = 0.033 * 3600.0 * l.box.volume();
    const Flow f = solve_flow(n, l.box, {.inflow = inflow});
    EXPECT_EQ(f.cut_off, 0u);
    // Edges that were there keep their names.
    for (std::size_t e = 0; e < before.edge_count(); ++e) EXPECT_EQ(n.id[e], before.id[e]);
}

TEST(Growth, InSmallStepsAsWell) {
    Lobules l = Lobules::regular(150.0, 60.0);
    VesselNetwork n = generate(l, {}, 4);
    const NetworkMeasures was = measure(n, l);
    double debt = 0.0;
    for (std::uint64_t step = 0; step < 12; ++step) {
        n = stretched(n, l, std::exp(std::log(1.44) / 12.0));
        debt = was.total.length_density * l.box.volume() - total(n, l);
        sprout(n, l, {.segment_length = was.total.segment_length}, {}, debt, 1, step);
    }
    const NetworkMeasures now = measure(n, l);
    EXPECT_NEAR(now.total.length_density / was.total.length_density, 1.0, 0.02);
    EXPECT_NEAR(now.total.segment_length / was.total.segment_length, 1.0, 0.15);
    expect_whole(n);
}

TEST(Growth, GoesWhereItIsWanted) {
    Lobules l = Lobules::regular(200.0, 60.0);
    VesselNetwork n = stretched(generate(l, {}, 4), l, 1.2);
    std::vector<double> demand(n.edge_count());
    for (std::size_t e = 0; e < n.edge_count(); ++e)
        demand[e] = l.position(n.point_on(l.box, e, 0.5)) < 0.5 ? 1.0 : 0.0;
    const NetworkMeasures was = measure(n, l);
    EXPECT_GT(sprout(n, l, {}, demand, 0.2 * total(n, l), 1, 0), 0.0);
    const NetworkMeasures now = measure(n, l);
    EXPECT_GT(now.thirds[0].length_density, 1.2 * was.thirds[0].length_density);
    EXPECT_NEAR(now.thirds[2].length_density, was.thirds[2].length_density, 0.02 * was.thirds[2].length_density);
}

TEST(Growth, PruningTakesTheLeastFlowAndCutsNothingOff) {
    Lobules l = Lobules::regular(200.0, 60.0);
    VesselNetwork n = generate(l, {}, 4);
    const double inflow = 0.033 * 3600.0 * l.box.volume();
    const Flow before = solve_flow(n, l.box, {.inflow = inflow, .inlet_resistance = 1e-9});
    const double have = total(n, l);
    const double removed = prune(n, l.box, before, 0.15 * have);
    EXPECT_NEAR(removed / have, 0.15, 0.005);
    EXPECT_NEAR((have - total(n, l)) / removed, 1.0, 1e-9);
    expect_whole(n);
    EXPECT_EQ(measure(n, l).components, 1u);
    const Flow after = solve_flow(n, l.box, {.inflow = inflow, .inlet_resistance = 1e-9});
    EXPECT_EQ(after.cut_off, 0u);
    EXPECT_GT(after.portal_pressure, before.portal_pressure);
    EXPECT_LT(after.portal_pressure, 1.3 * before.portal_pressure);
    // However much is asked for, blood gets through.
    Flow f = after;
    for (int k = 0; k < 3; ++k) {
        prune(n, l.box, f, have);
        f = solve_flow(n, l.box, {.inflow = inflow, .inlet_resistance = 1e-9});
        EXPECT_EQ(f.cut_off, 0u);
    }
    EXPECT_LT(total(n, l), 0.8 * have);
}

TEST(Growth, PruningTakesEndsWithoutFlowFirst) {
    Lobules l = Lobules::regular(200.0, 60.0);
    VesselNetwork n;
    n.add_node({100, 100, 30}, NodeKind::inlet), n.add_node({130, 100, 30}, NodeKind::inner);
    n.add_node({160, 100, 30}, NodeKind::outlet), n.add_node({130, 120, 30}, NodeKind::inner);
    n.add_edge(0, 1, 4.0), n.add_edge(1, 3, 4.0), n.add_edge(1, 2, 4.0);
    const Flow f = solve_flow(n, l.box, {.inflow = 1e6});
    EXPECT_NEAR(prune(n, l.box, f, 1000.0), 20.0, 1e-9);
    EXPECT_EQ(n.id, (std::vector<std::uint64_t>{0, 2}));
    EXPECT_EQ(n.node_count(), 3u);
}

}  // namespace
}  // namespace lobule
