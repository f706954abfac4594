// Zones of a lobule: blood that passes through them, signals it carries, and cells that growth displaces.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

std::string signal(const std::string& body, const std::string& carried = "\"plasma\"") {
    return "[signal]\nabout = \"a signal\"\nscale = \"fast\"\nin = [" + carried +
           "]\nstart = { value = \"1 ng/ml\", source = \"assumed\", range = [\"0 ng/ml\", \"2 ng/ml\"] }\n" + body;
}

/// Plasma of `volume` and a flow through all lobules.
std::string blood(const std::string& volume, const std::string& flow) {
    return "[body]\nabout = \"blood\"\n" + parameters({{"space", volume}, {"pumped", flow}}) + R"t(
        [compartments]
        plasma = { volume = "space", source = "assumed" }
        [[flow]]
        from = "plasma"
        to = "lobule"
        rate = "pumped"
        [[flow]]
        from = "lobule"
        to = "plasma"
        rate = "pumped")t";
}

std::string zones(int n) { return "relative_tolerance = \"1e-9\"\nzones = " + std::to_string(n) + "\n"; }

double total_amount(const Bench& bench, const State& state, const std::string& name) {
    double sum = 0.0;
    const double lobules = state.values[bench.entry("lobule.count")];
    for (int z = 1; z <= bench.model->zones; ++z) sum += lobules * state.values[bench.zone_entry(name, z)];
    return sum + state.values[bench.entry("plasma." + name)];
}

// One zone and plasma: two compartments. The difference of concentrations decays at q (1/v + 1/w), the sum stays.
TEST(Blood, TwoCompartmentsRelaxAtTheirEigenvalue) {
    const double v = 1000 * 1e7, w = 2e10, q = 1e9;  // um^3, um^3/h
    Bench bench({{"t", tissue_text()}, {"b", blood("2e10 um^3", "1e9 um^3/h")}, {"s", signal("")}}, zones(1),
                "[[event]]\nat = \"0 h\"\nset = { \"plasma.s\" = \"3 * plasma.s\" }\n");
    const auto s = bench.entry("plasma.s");
    bench.run(60.0);
    const double c0 = 3e-9, low = 1e-9;  // pg/um^3: 3 and 1 ng/ml
    const double mean = (low * v + c0 * w) / (v + w);
    for (const double t : {1.0, 10.0, 60.0})
        EXPECT_NEAR(bench.recorder.after(t).values[s] / w, mean + (c0 - mean) * std::exp(-q * (1.0 / v + 1.0 / w) * t),
                    1e-8 * c0);
}

TEST(Blood, FlowsMoveAndKeepAmounts) {
    for (const int n : {1, 2, 5, 12}) {
        Bench bench({{"t", tissue_text()}, {"b", blood("2e10 um^3", "3e9 um^3/h")}, {"s", signal("")}}, zones(n),
                    "[[event]]\nat = \"1 h\"\nset = { \"plasma.s\" = \"5 * plasma.s\" }\n");
        bench.run(100.0, 0.5);
        State before{1.0, bench.recorder.after(1.0).values, {}}, after{100.0, bench.recorder.after(100.0).values, {}};
        EXPECT_NEAR(total_amount(bench, after, "s") / total_amount(bench, before, "s"), 1.0, 1e-9) << n;
    }
}

// Uptake k from the fluid f of each of n zones under flow q: the concentration falls by q / (q + k f) a zone.
TEST(Blood, ASteadyProfileFallsByTheSameShareInEachZone) {
    for (const int n : {1, 3, 8}) {
        const Parts parts{{"t", tissue_text()},
                          {"b", blood("2e10 um^3", "1e10 um^3/h")},
                          {"s", signal(parameters({{"k", "2 1/h"}, {"made", "5e4 pg/h"}}) + R"t(
            [[decay]]
            place = "tissue"
            rate = "k"
            [[source]]
            place = "plasma"
            rate = "made")t")}};
        Bench bench(parts, zones(n));
        const State end = bench.run(500.0, 500.0).last;
        const double fluid = 1e7 / n, flow = 1e7;  // per lobule
        double expected = end.values[bench.entry("plasma.s")] / 2e10;
        for (int z = 1; z <= n; ++z) {
            expected *= flow / (flow + 2.0 * fluid);
            EXPECT_NEAR(end.values[bench.zone_entry("s", z)] / fluid / expected, 1.0, 1e-6) << z << " of " << n;
        }
        // All that is made is taken away in tissue.
        double lost = 0.0;
        for (int z = 1; z <= n; ++z) lost += 2.0 * 1000.0 * end.values[bench.zone_entry("s", z)];
        EXPECT_NEAR(lost / 5e4, 1.0, 1e-6) << n;
    }
}

TEST(Blood, AFlowThatDoesNotComeBackIsAnError) {
    std::string leaking = blood("2e10 um^3", "1e9 um^3/h");
    leaking.replace(leaking.rfind("\"pumped\""), 8, "\"0.9 * pumped\"");
    const std::string told = problems_of([&] { Bench({{"t", tissue_text()}, {"b", leaking}, {"s", signal("")}}); });
    EXPECT_NE(told.find("must leave it"), std::string::npos) << told;
}

TEST(Blood, AReactionTurnsOneSignalIntoAnother) {
    const Parts parts{{"t", tissue_text()},
                      {"p", signal("", "")},
                      {"l", signal(parameters({{"k", "0.3 1/h"}}) + R"t(
            [[reaction]]
            place = "tissue"
            from = "l"
            to = "p"
            rate = "k * l")t",
                                   "")}};
    Bench bench(parts, zones(2));
    const State end = bench.run(10.0, 10.0).last;
    for (int z = 1; z <= 2; ++z) {
        const double latent = end.values[bench.zone_entry("l", z)], active = end.values[bench.zone_entry("p", z)];
        const double whole =
            bench.start.values[bench.zone_entry("l", z)] + bench.start.values[bench.zone_entry("p", z)];
        EXPECT_NEAR((latent + active) / whole, 1.0, 1e-9);
        EXPECT_NEAR(latent / bench.start.values[bench.zone_entry("l", z)], std::exp(-3.0), 1e-8);
    }
}

/// Cells that neither divide nor die, set to other numbers by an event: what moves them is displacement alone.
Parts displaced(const std::string& first, const std::string& change, const std::string& others = "") {
    return {{"t", tissue_text("0.2 1/h")},
            {"a", cell_head("plate") + "[states]\nhere = { start = \"" + first +
                      "\", source = \"assumed\" }\nthere = {}\n" +
                      R"t([parameters]
        few = { value = "100 cell", source = "derived:test", about = "a number" }
        [[event]]
        at = "0 h"
        set = { "a.here" = ")t" +
                      change + "\" }\n"},
            {"b", cell_head("lumen") +
                      "displaced = false\n[states]\nhere = { start = \"90 cell\", source = \"assumed\" }\n" + others}};
}

std::vector<double> by_zone(const Bench& bench, const State& state, const std::string& name) {
    std::vector<double> out;
    for (int z = 1; z <= bench.model->zones; ++z) out.push_back(state.values[bench.zone_entry(name, z)]);
    return out;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

TEST(Displacement, EvensOutAndKeepsEveryCell) {
    for (int n = 1; n <= 12; ++n) {
        Bench bench(displaced("600 cell", "few * (0.1 + zone.position)"), zones(n));
        const State end = bench.run(2000.0, 1.0).last;
        const auto at_first = bench.recorder.after(0.0).values;
        const State jumped{0.0, at_first, {}};
        const std::vector<double> cells = by_zone(bench, end, "a.here");
        EXPECT_NEAR(sum(cells) / sum(by_zone(bench, jumped, "a.here")), 1.0, 1e-9) << n;
        EXPECT_NEAR(bench.volume(end, "a") / bench.volume(jumped, "a"), 1.0, 1e-9) << n;
        for (const double c : cells) EXPECT_NEAR(c / (sum(cells) / n), 1.0, 1e-4) << n;
        EXPECT_EQ(by_zone(bench, end, "b.here"), by_zone(bench, jumped, "b.here")) << n;  // it is not displaced
    }
}

TEST(Displacement, RefillsAnEmptiedZone) {
    Bench bench(displaced("600 cell", "few * piecewise(0, zone.position < 0.34, 2)"), zones(3));
    bench.run(1000.0, 1.0);
    const auto first = bench.zone_entry("a.here", 1);
    EXPECT_EQ(bench.recorder.after(0.0).values[first], 0.0);
    EXPECT_GT(bench.recorder.after(1.0).values[first], 1.0);
    EXPECT_NEAR(bench.recorder.after(1000.0).values[first], 400.0 / 3.0, 0.1);
}

TEST(Displacement, HoldsStillWhenNothingIsLeft) {
    Parts parts = displaced("600 cell", "0 * few");
    parts.pop_back();
    Bench bench(parts, zones(3));
    const State end = bench.run(100.0).last;
    EXPECT_EQ(bench.cells(end, "a"), 0.0);
}

// The lobule evens out at about the same pace however finely it is cut: half-way times of n zones near that of three.
TEST(Displacement, GoesAtThePaceOfTheLobuleNotOfTheZones) {
    const auto portal_excess = [](int n) {
        Bench bench(
            displaced("600 cell",
                      "few * piecewise(12, zone.position < 0.5, 0) / rest(zone.rest_volume) * lobule.rest_volume / 6"),
            zones(n));
        bench.run(10.0);
        const State at{10.0, bench.recorder.after(10.0).values, {}};
        const std::vector<double> cells = by_zone(bench, at, "a.here");
        return std::accumulate(cells.begin(), cells.begin() + n / 2, 0.0) / sum(cells) - 0.5;
    };
    const double coarse = portal_excess(4), fine = portal_excess(12);
    EXPECT_GT(coarse, 0.02);
    EXPECT_NEAR(fine / coarse, 1.0, 0.35);
}

RC_GTEST_PROP(Displacement, NeverLosesACell, ()) {
    const int n = *rc::gen::inRange(1, 13);
    const std::string a = std::to_string(*rc::gen::inRange(0, 30) * 0.1),
                      b = std::to_string(*rc::gen::inRange(1, 30) * 0.1);
    Bench bench(displaced("600 cell", "few * (" + b + " + (" + a + " - " + b + ") * zone.position)"), zones(n));
    const State end = bench.run(30.0, 30.0).last;
    const State jumped{0.0, bench.recorder.after(0.0).values, {}};
    RC_ASSERT(std::abs(bench.cells(end, "a") / bench.cells(jumped, "a") - 1.0) < 1e-9);
    RC_ASSERT(std::abs(bench.volume(end, "a") / bench.volume(jumped, "a") - 1.0) < 1e-9);
}

TEST(Tissue, OfOneStateOfOneCellTypeRuns) {
    Bench bench(
        {{"t", tissue_text("0.2 1/h")},
         {"a", cell_head("plate") + "[states]\nhere = { start = \"600 cell\", source = \"assumed\" }\n[[event]]\nat = "
                                    "\"0 h\"\nset = { a = \"a * zone.position\" }\n"}},
        zones(3));
    const State end = bench.run(500.0, 1.0).last;
    EXPECT_NEAR(bench.cells(end, "a"), 300.0, 1e-6);
    EXPECT_NEAR(end.values[bench.zone_entry("a.here", 1)], 100.0, 0.1);
}

}  // namespace
}  // namespace lobule::test
