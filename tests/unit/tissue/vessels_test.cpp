#include "tissue/vessels.hpp"

#include <gtest/gtest.h>

#include "base/math.hpp"

namespace lobule {
namespace {

constexpr double k_pi = 3.14159265358979323846;

/// Reached from the nodes of one kind.
std::vector<bool> reached_from(const VesselNetwork& n, NodeKind kind) {
    std::vector<std::vector<std::size_t>> at(n.node_count());
    for (std::size_t e = 0; e < n.edge_count(); ++e) {
        at[static_cast<std::size_t>(n.a[e])].push_back(static_cast<std::size_t>(n.b[e]));
        at[static_cast<std::size_t>(n.b[e])].push_back(static_cast<std::size_t>(n.a[e]));
    }
    std::vector<bool> reached(n.node_count(), false);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < n.node_count(); ++i)
        if (n.kind[i] == kind) reached[i] = true, open.push_back(i);
    while (!open.empty()) {
        const std::size_t i = open.back();
        open.pop_back();
        for (const std::size_t j : at[i])
            if (!reached[j]) reached[j] = true, open.push_back(j);
    }
    return reached;
}

TEST(Vessels, MeasuresOfARingWithTwoArms) {
    // inlet - branch, two ways of two edges each, branch - outlet
    Lobules l = Lobules::regular(284.0, 100.0);
    VesselNetwork n;
    const auto in = n.add_node({100, 100, 50}, NodeKind::inlet), x = n.add_node({110, 100, 50}, NodeKind::inner);
    const auto up = n.add_node({120, 110, 50}, NodeKind::inner), down = n.add_node({120, 90, 50}, NodeKind::inner);
    const auto y = n.add_node({130, 100, 50}, NodeKind::inner), out = n.add_node({140, 100, 50}, NodeKind::outlet);
    for (const auto& [a, b] : {std::pair{in, x}, {x, up}, {y, up}, {x, down}, {down, y}, {y, out}})
        n.add_edge(a, b, 4.0);
    const Segments s = segments_of(n);
    EXPECT_EQ(s.size(), 4u);
    EXPECT_EQ(s.steps.size(), 6u);
    const NetworkMeasures m = measure(n, l);
    const double volume = l.box.volume(), all = 20.0 + 40.0 * std::sqrt(2.0);
    EXPECT_NEAR(m.total.length_density * volume, all, 1e-9);
    EXPECT_NEAR(m.total.lumen_fraction * volume, k_pi * 16.0 * all, 1e-9);
    EXPECT_NEAR(m.total.wall_density * volume, 2.0 * k_pi * 4.0 * all, 1e-9);
    EXPECT_NEAR(m.total.segment_length, all / 4.0, 1e-9);
    EXPECT_NEAR(m.total.tortuosity, all / 60.0, 1e-9);
    EXPECT_NEAR(m.total.branch_density * volume, 2e9, 1e-3);
    EXPECT_NEAR(m.loop_density * volume, 1e9, 1e-3);
    EXPECT_EQ(m.components, 1u);
    EXPECT_DOUBLE_EQ(m.mean_degree, 3.0);
    double parts = 0.0;
    for (const VesselMeasures& t : m.thirds) parts += t.length_density * t.volume;
    EXPECT_NEAR(parts, all, 1e-9);
}

TEST(Vessels, ARingAloneIsOneSegment) {
    VesselNetwork n;
    for (const double x : {0.0, 10.0, 20.0}) n.add_node({x, x * x / 20.0, 0.0}, NodeKind::inner);
    n.add_edge(0, 1, 4.0), n.add_edge(2, 1, 4.0), n.add_edge(2, 0, 4.0);
    const Segments s = segments_of(n);
    ASSERT_EQ(s.size(), 1u);
    EXPECT_EQ(s.steps.size(), 3u);
    EXPECT_EQ(s.from[0], s.to[0]);
}

TEST(Vessels, RemovedEdgesTakeTheirNodesAndNoOtherEdgeLosesItsName) {
    VesselNetwork n;
    for (int i = 0; i < 4; ++i) n.add_node({10.0 * i, 0, 0}, NodeKind::inner);
    n.add_edge(0, 1, 1.0), n.add_edge(1, 2, 2.0), n.add_edge(2, 3, 3.0);
    remove_edges(n, {1, 0, 0});
    EXPECT_EQ(n.node_count(), 3u);
    EXPECT_EQ(n.id, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(n.a, (std::vector<std::int32_t>{0, 1}));
    EXPECT_DOUBLE_EQ(n.position[0].x, 10.0);
    EXPECT_EQ(n.next_id, 3u);
}

struct Case {
    double radius, thickness;
    int n, m;
    std::uint64_t seed;
    double segment_length, lumen;
    double tracts = 2.0;
};

class Generated : public testing::TestWithParam<Case> {};

TEST_P(Generated, MeetsWhatWasAskedFor) {
    const Case& c = GetParam();
    Lobules l = Lobules::regular(c.radius, c.thickness, c.n, c.m);
    l.tracts = c.tracts;
    SinusoidSpec spec;
    spec.segment_length = c.segment_length;
    spec.lumen_fraction = c.lumen;
    const VesselNetwork n = generate(l, spec, c.seed);
    const NetworkMeasures m = measure(n, l);
    EXPECT_NEAR(m.total.lumen_fraction / c.lumen, 1.0, 0.02);
    EXPECT_NEAR(m.total.segment_length / c.segment_length, 1.0, 0.04);
    EXPECT_NEAR(m.total.mean_radius, 4.25, 0.15);
    EXPECT_GT(m.total.radial, 0.40);
    EXPECT_LT(m.mean_degree, 3.1);
    EXPECT_EQ(m.components, 1u);
    EXPECT_LT(m.thirds[0].mean_radius, m.thirds[2].mean_radius);
    EXPECT_GT(m.thirds[0].tortuosity, m.thirds[2].tortuosity);

    const std::vector<std::int32_t> degree = degrees_of(n);
    for (std::size_t i = 0; i < n.node_count(); ++i) {
        const bool inner = n.kind[i] == NodeKind::inner;
        EXPECT_TRUE(inner ? degree[i] >= 2 : degree[i] == 1);
    }
    const auto in = reached_from(n, NodeKind::inlet), out = reached_from(n, NodeKind::outlet);
    for (std::size_t i = 0; i < n.node_count(); ++i) EXPECT_TRUE(in[i] && out[i]);
    // Septal venules begin at tracts and end before the middle of an edge: no blood enters around a corner without a tract.
    for (std::size_t i = 0; i < n.node_count(); ++i)
        if (n.kind[i] == NodeKind::inlet) {
            EXPECT_LT(l.to_portal_axis(n.position[i]), 0.5 * c.radius);
        }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Generated,
                         testing::Values(Case{284, 100, 1, 1, 1, 20.1, 0.106}, Case{284, 100, 1, 1, 2, 23.9, 0.106},
                                         Case{150, 40, 1, 1, 3, 20.1, 0.106}, Case{500, 40, 1, 1, 4, 20.1, 0.106},
                                         Case{200, 120, 2, 1, 5, 23.9, 0.153}, Case{200, 60, 2, 3, 6, 20.1, 0.106},
                                         Case{284, 100, 1, 1, 7, 23.9, 0.106, 1.5},
                                         Case{284, 100, 1, 1, 8, 23.9, 0.106, 1.0},
                                         Case{200, 60, 2, 3, 9, 20.1, 0.106, 1.5}));

TEST(Vessels, TheSameSeedGivesTheSameNetworkAndAnotherOneAnother) {
    const Lobules l = Lobules::regular(200.0, 50.0);
    EXPECT_EQ(generate(l, {}, 1), generate(l, {}, 1));
    EXPECT_NE(generate(l, {}, 1), generate(l, {}, 2));
}

}  // namespace
}  // namespace lobule
