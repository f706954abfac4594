// Cells against what can be worked out on paper: decay, stages, branching, division, growth.
#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

const std::string k_cell = cell_head("lumen");
const std::string k_tight = "relative_tolerance = \"1e-10\"\n";

TEST(Kinetics, ExponentialDecay) {
    Bench bench({{"a", k_cell + R"t(
        [states]
        here = { start = "300 cell", source = "assumed" }
        [parameters]
        k = { value = "0.03 1/h", source = "derived:test", about = "death" }
        [[death]]
        state = "all"
        kind = "apoptosis"
        rate = "k"
        [probe]
        n = { law = "zone_sum(a)", unit = "cell", about = "cells" })t"}},
                k_tight + "zones = 3\n");
    bench.run(100.0);
    for (const double t : {1.0, 10.0, 100.0})
        EXPECT_NEAR(bench.at(t, "a.n") / (300.0 * std::exp(-0.03 * t)), 1.0, 1e-7);
}

// n stages hopped at n / mean: the time in the state is gamma distributed, with mean `mean` and variance mean^2 / n.
TEST(Kinetics, StagesAreAGammaDistribution) {
    for (const int n : {1, 2, 5, 12}) {
        const std::string staged =
            n == 1 ? "waiting = { start = \"1000 cell\", source = \"assumed\" }\n"
                   : "waiting = { start = \"1000 cell\", source = \"assumed\", stages = " + std::to_string(n) +
                         ", advance = \"" + std::to_string(n) + " / mean\" }\n";
        Bench bench({{"a", k_cell + "[states]\n" + staged + "gone = {}\n" + parameters({{"mean", "10 h"}}) +
                               "[[transition]]\nfrom = \"waiting\"\nto = \"gone\"\nrate = \"" + std::to_string(n) +
                               " / mean\"\n" + R"t(
            [variables]
            first  = { start = "0 cell*h", scale = "1 cell*h", rate = "a.waiting", scope = "zone" }
            second = { start = "0 cell*h^2", scale = "1 cell*h^2", rate = "2 * time * a.waiting", scope = "zone" })t"}},
                    k_tight + "zones = 1\n");
        const State end = bench.run(1000.0, 1000.0).last;
        // E[T] and E[T^2] are integrals of the share that still waits.
        const double mean = end.values[bench.zone_entry("a.first", 1)] / 1000.0;
        const double square = end.values[bench.zone_entry("a.second", 1)] / 1000.0;
        EXPECT_NEAR(mean, 10.0, 1e-6) << n;
        EXPECT_NEAR(square - mean * mean, 100.0 / n, 1e-4) << n;
        EXPECT_NEAR(bench.cells(end, "a"), 1000.0, 1e-6) << n;
    }
}

TEST(Kinetics, ExitsShareTheLeavers) {
    Bench bench({{"a", k_cell + R"t(
        [states]
        here  = { start = "100 cell", source = "assumed", stages = 3, advance = "3 * k" }
        left  = {}
        right = {}
        [parameters]
        k = { value = "0.5 1/h", source = "derived:test", about = "speed" }
        p = { value = "0.3", source = "derived:test", about = "share" }
        [[transition]]
        from = "here"
        to = { left = "p", right = "0.9 - p", "dead:apoptosis" = "0.1" }
        rate = "3 * k")t"}},
                k_tight + "zones = 1\n");
    const State end = bench.run(200.0, 200.0).last;
    EXPECT_NEAR(end.values[bench.zone_entry("a.left", 1)], 30.0, 1e-6);
    EXPECT_NEAR(end.values[bench.zone_entry("a.right", 1)], 60.0, 1e-6);
    EXPECT_NEAR(bench.cells(end, "a"), 90.0, 1e-6);
    EXPECT_NEAR(bench.volume(end, "a"), 90.0e3, 1e-3);
}

TEST(Kinetics, AStageRangeLeavesThoseStagesOnly) {
    Bench bench({{"a", k_cell + R"t(
        [states]
        here = { start = "100 cell", source = "assumed", stages = 4, advance = "k" }
        gone = {}
        [parameters]
        k = { value = "1 1/h", source = "derived:test", about = "speed" }
        [[transition]]
        from = "here"
        to = "gone"
        at_stage = "2-3"
        rate = "k")t"}},
                k_tight + "zones = 1\n");
    const State end = bench.run(400.0, 400.0).last;
    // Half of stage 2 and half of stage 3 leave; the rest ends in stage 4, which has no exit.
    EXPECT_NEAR(end.values[bench.zone_entry("a.gone", 1)], 75.0, 1e-6);
    EXPECT_NEAR(end.values[bench.zone_entry("a.here.4", 1)], 25.0, 1e-6);
    EXPECT_NEAR(end.values[bench.zone_entry("a.here.1", 1)], 0.0, 1e-6);
}

TEST(Kinetics, DivisionDoublesCellsAndKeepsVolume) {
    Bench bench({{"a", k_cell + R"t(
        [states]
        here = { start = "100 cell", source = "assumed" }
        [parameters]
        k = { value = "0.05 1/h", source = "derived:test", about = "birth" }
        [[division]]
        state = "here"
        to = "here"
        rate = "k")t"}},
                k_tight + "zones = 3\n");
    const double doubling = std::log(2.0) / 0.05;
    const State end = bench.run(2.0 * doubling, 1.0).last;
    EXPECT_NEAR(bench.cells(end, "a") / bench.cells(bench.start, "a"), 4.0, 1e-7);
    EXPECT_NEAR(bench.volume(end, "a") / bench.volume(bench.start, "a"), 1.0, 1e-9);
}

// With birth b (share q without cytokinesis) and death d of two nuclear classes: m' = b m ((1 - 2 q) + ...) has a stable share.
TEST(Kinetics, BinucleationSettlesAtItsShare) {
    Bench bench({{"a", R"t(
        [cell]
        about = "a cell"
        place = "plate"
        volume = { value = "1000 um^3", source = "derived:test" }
        binucleate = { value = "0.1", source = "derived:test" }
        [states]
        here = { start = "100 cell", source = "assumed" }
        [parameters]
        b = { value = "0.1 1/h", source = "derived:test", about = "birth" }
        q = { value = "0.2", source = "derived:test", about = "share without cytokinesis" }
        [[division]]
        state = "here"
        to = "here"
        binucleation = "q"
        rate = "b")t"}},
                k_tight + "zones = 1\n");
    EXPECT_NEAR(bench.start.values[bench.zone_entry("a.here.binucleate", 1)], 10.0, 1e-9);
    const State end = bench.run(300.0, 300.0).last;
    // m' = b ((1 - 2 q) m + 2 x), x' = b (q m - x): the leading eigenvector, then x / (m + x).
    const double q = 0.2, trace = -2.0 * q, determinant = -(1.0 - 2.0 * q) - 2.0 * q;
    const double lambda = trace / 2.0 + std::sqrt(trace * trace / 4.0 - determinant);
    const double ratio = q / (lambda + 1.0);  // x over m
    const double m = end.values[bench.zone_entry("a.here.mononucleate", 1)];
    const double x = end.values[bench.zone_entry("a.here.binucleate", 1)];
    EXPECT_NEAR(x / m / ratio, 1.0, 1e-6);
    EXPECT_NEAR(bench.volume(end, "a") / bench.volume(bench.start, "a"), 1.0, 1e-7);
}

TEST(Kinetics, VolumeRelaxesToItsTarget) {
    Bench bench({{"a", k_cell + R"t(
        [states]
        here = { start = "50 cell", source = "assumed" }
        [parameters]
        k = { value = "0.1 1/h", source = "derived:test", about = "speed" }
        [[growth]]
        state = "all"
        rate = "k"
        target = "3 * volume"
        [[growth]]
        state = "all"
        rate = "k"
        target = "volume"
        [probe]
        size = { law = "zone_mean(a.size)", unit = "um^3/cell", about = "size" })t"}},
                k_tight + "zones = 2\n");
    bench.run(100.0);
    for (const double t : {1.0, 7.0, 40.0})
        EXPECT_NEAR(bench.at(t, "a.size"), 2000.0 - 1000.0 * std::exp(-0.2 * t), 1e-4);
}

TEST(Kinetics, AStartQuantityCountsTheWholeLobule) {
    const Parts parts{{"a", k_cell + "[states]\nhere = { start = \"120 cell\", source = \"assumed\" }\n"},
                      {"b", k_cell + "[states]\nhere = { start = \"50 per 1000 a\", source = \"assumed\" }\n"}};
    for (const int zones : {1, 3, 8}) {
        const Bench bench(parts, "zones = " + std::to_string(zones) + "\n");
        EXPECT_NEAR(bench.cells(bench.start, "a"), 120.0, 1e-9) << zones;
        EXPECT_NEAR(bench.cells(bench.start, "b"), 6.0, 1e-9) << zones;
    }
}

TEST(Kinetics, AProfileIsIntegratedOverTheZones) {
    const Parts parts{{"a", k_cell + R"t(profile = { value = [0.5, 0.3, 0.2], source = "derived:test" }
        [states]
        here = { start = "100 cell", source = "assumed" })t"}};
    const auto numbers = [&](int zones) {
        const Bench bench(parts, "zones = " + std::to_string(zones) + "\n");
        std::vector<double> out;
        for (int z = 1; z <= zones; ++z) out.push_back(bench.start.values[bench.zone_entry("a.here", z)]);
        return out;
    };
    EXPECT_NEAR(numbers(1)[0], 100.0, 1e-9);
    EXPECT_NEAR(numbers(2)[0], 65.0, 1e-9);
    EXPECT_NEAR(numbers(3)[1], 30.0, 1e-9);
    EXPECT_NEAR(numbers(6)[5], 10.0, 1e-9);
}

// Any cell without birth and death: states, stages, branches, hazards drawn at random. Nothing appears, nothing is lost.
RC_GTEST_PROP(Kinetics, NumbersAndVolumesAreKeptWithoutBirthAndDeath, ()) {
    const int states = *rc::gen::inRange(1, 6);
    const auto name = [](int s) { return "s" + std::to_string(s); };
    const auto number = [](int low, int high) { return std::to_string(*rc::gen::inRange(low, high) * 0.01); };
    std::string text = k_cell + "[states]\n";
    for (int s = 0; s < states; ++s) {
        const int stages = *rc::gen::inRange(1, 6);
        text +=
            name(s) + " = { start = \"" + std::to_string(*rc::gen::inRange(0, 1000)) + " cell\", source = \"assumed\"";
        if (stages > 1) text += ", stages = " + std::to_string(stages) + ", advance = \"" + number(1, 500) + " * k\"";
        text += " }\n";
    }
    text += parameters({{"k", "1 1/h"}});
    for (int t = *rc::gen::inRange(0, 8); t > 0; --t) {
        const int from = *rc::gen::inRange(0, states), a = *rc::gen::inRange(0, states),
                  b = *rc::gen::inRange(0, states);
        const std::string p = number(0, 101);
        const std::string stage = *rc::gen::arbitrary<bool>() ? "at_stage = \"all\"\n" : "";
        text += "[[transition]]\nfrom = \"" + name(from) + "\"\n" + stage + "rate = \"" + number(1, 500) + " * k\"\n";
        text += a == b ? "to = \"" + name(a) + "\"\n"
                       : "to = { " + name(a) + " = \"" + p + "\", " + name(b) + " = \"1 - " + p + "\" }\n";
    }
    Bench bench({{"a", text}}, "zones = " + std::to_string(*rc::gen::inRange(1, 5)) + "\n");
    const double cells = bench.cells(bench.start, "a");
    const State end = bench.run(50.0, 50.0).last;
    RC_ASSERT(std::abs(bench.cells(end, "a") - cells) <= 1e-9 * cells);
    RC_ASSERT(std::abs(bench.volume(end, "a") - 1000.0 * cells) <= 1e-6 * cells);
}

}  // namespace
}  // namespace lobule::test
