// The untouched liver: balance finds it, keeps it, and is not solved again.
#include <cmath>

#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

/// Cells that die at `mortality` and are born at a balanced rate, under a niche of `niche` cells a zone.
Parts renewing(const std::string& birth = "renewal * niche / a", const std::string& mortality = "0.01 1/h",
               const std::string& more = {}) {
    return {{"t", tissue_text("0.1 1/h")}, {"a", cell_head("disse") + R"t(
        [states]
        rest  = { start = "present * niche", source = "assumed" }
        cycle = { stages = 4, advance = "4 / cycle_time" }
        [parameters]
        renewal = { unit = "1/h", source = "balance", about = "entry" }
        present = { value = "1", source = "derived:test", about = "share there" }
        niche = { value = "200 cell", source = "derived:test", about = "places" }
        cycle_time = { value = "20 h", source = "derived:test", about = "cycle" }
        mortality = { value = ")t" + mortality + R"t(", source = "derived:test", about = "death" }
        [[transition]]
        from = "rest"
        to = "cycle"
        rate = ")t" + birth + R"t("
        [[division]]
        state = "cycle"
        to = "rest"
        rate = "4 / cycle_time"
        [[death]]
        state = "all"
        kind = "apoptosis"
        rate = "mortality"
        [[growth]]
        state = "all"
        rate = "1 / cycle_time"
        target = "volume"
        [probe]
        cells = { law = "zone_sum(a)", unit = "cell", about = "cells" }
        )t" + more}};
}

std::string zones(int n) { return "zones = " + std::to_string(n) + "\n"; }

TEST(Rest, BalanceSolvesForTheEntryThatKeepsTheNumber) {
    for (const int n : {1, 2, 3, 7}) {
        const Bench bench(renewing(), zones(n));
        EXPECT_LT(bench.rest.residual, 1e-9);
        // All births equal all deaths: u c = m N, with u the exit of the last of four stages.
        const auto& renewal = bench.rest.parameters.lanes[static_cast<std::size_t>(bench.model->unknowns[0].parameter)];
        const double m = 0.01, hop = 0.2, keep = std::pow(hop / (hop + m), 4);
        // rest: 2 e R keep = (e + m) R at steady state, R being what rests, e the entry per resting cell.
        const double entry = m / (2.0 * keep - 1.0);
        double resting = 0.0;
        for (int z = 1; z <= n; ++z) {
            resting = bench.rest.values[bench.zone_entry("a.rest", z)];
            EXPECT_NEAR(renewal[static_cast<std::size_t>(z - 1)] / entry, 1.0, 1e-8) << n;
        }
        EXPECT_NEAR(bench.cells(bench.start, "a"), 200.0 * n, 1e-7) << n;
        EXPECT_LT(resting, 200.0);
    }
}

TEST(Rest, OfTheShippedLiverStandsStillForAYear) {
    for (const int n : {1, 3}) {
        Bench bench(rat_case(n, false));
        EXPECT_LT(bench.rest.residual, 1e-9);
        bench.run(8766.0, 24.0 * 7.0);
        const auto& first = bench.recorder.samples.front().probes;
        for (const Recorder::Sample& sample : bench.recorder.samples)
            for (std::size_t p = 0; p < first.size(); ++p) {
                if (bench.model->run.probes[p].name.starts_with("divisions")) continue;  // tallies
                EXPECT_NEAR(sample.probes[p], first[p], 1e-6 * std::abs(first[p]) + 1e-12)
                    << bench.model->run.probes[p].name << " at " << sample.time << " h, " << n << " zones";
            }
    }
}

TEST(Rest, APopulationComesBackFromEitherSide) {
    for (const char* factor : {"0.5", "2"}) {
        Bench bench(renewing(), zones(2),
                    std::string("[[event]]\nat = \"0 h\"\nset = { a = \"a * ") + factor + "\" }\n");
        bench.run(3000.0, 10.0);
        EXPECT_NEAR(bench.at(0.0, "a.cells"), 400.0 * std::stod(factor), 1e-6);
        EXPECT_NEAR(bench.at(3000.0, "a.cells"), 400.0, 0.05);
    }
}

TEST(Rest, BalanceIsFrozenWhenParametersAreSet) {
    const Bench rest(renewing(), zones(2)),
        changed(renewing(), zones(2), "", {"a.present=0.5", "a.mortality=0.02 1/h"});
    EXPECT_EQ(rest.parameters.lanes, changed.rest.parameters.lanes);
    EXPECT_NEAR(changed.cells(changed.start, "a") / rest.cells(rest.start, "a"), 0.5, 1e-12);
    EXPECT_NEAR(changed.volume(changed.start, "a") / rest.volume(rest.start, "a"), 0.5, 1e-12);
    // Stages keep their shares.
    const std::size_t i = rest.zone_entry("a.cycle.3", 1);
    EXPECT_NEAR(changed.start.values[i] / rest.start.values[i], 0.5, 1e-12);
    // A balanced value itself may be set.
    const Bench without(renewing(), zones(2), "", {"a.renewal=0 1/h"});
    EXPECT_EQ(without.parameters.lanes[static_cast<std::size_t>(without.model->unknowns[0].parameter)],
              (std::vector<double>{0.0, 0.0}));
}

TEST(Rest, APopulationSetToNothingStaysAway) {
    Bench bench(rat_case(3, true), {"kupffer.present=0"});
    const Outcome outcome = bench.run(336.0, 12.0);
    EXPECT_EQ(bench.cells(bench.start, "kupffer"), 0.0);
    EXPECT_NEAR(bench.cells(outcome.last, "kupffer"), 0.0, 1e-6);
    for (const double probe : bench.recorder.samples.back().probes) EXPECT_TRUE(std::isfinite(probe));
}

TEST(Rest, WithoutAPositiveSolutionIsAnError) {
    // Cells come in beside what is balanced, more than die.
    const std::string told = problems_of([] { Bench(renewing("renewal * niche / a + 3 * mortality"), zones(1)); });
    EXPECT_NE(told.find("balance: a.renewal has no positive solution"), std::string::npos) << told;
}

TEST(Rest, ElsewhereThanTheStartIsAnError) {
    Parts parts = renewing();
    parts.push_back({"b", cell_head("lumen") + R"t(
        [states]
        here = { start = "100 cell", source = "assumed" }
        there = {}
        [parameters]
        k = { value = "0.1 1/h", source = "derived:test", about = "pace" }
        wanted = { value = "50 cell", source = "derived:test", about = "number" }
        [[division]]
        state = "here"
        to = "here"
        rate = "k * wanted / b"
        [[death]]
        state = "all"
        kind = "apoptosis"
        rate = "k"
        [[growth]]
        state = "all"
        rate = "k"
        target = "volume")t"});
    const std::string told = problems_of([&] { Bench(parts, zones(1)); });
    EXPECT_NE(told.find("b starts at 100 in zone 1 but rests at 50"), std::string::npos) << told;
}

TEST(Rest, APopulationThatDiesOutIsAnError) {
    Parts parts = renewing();
    parts.push_back({"b", cell_head("lumen") + R"t(
        [states]
        here = { start = "100 cell", source = "assumed" }
        [parameters]
        k = { value = "0.1 1/h", source = "derived:test", about = "pace" }
        [[death]]
        state = "all"
        kind = "apoptosis"
        rate = "k")t"});
    const std::string told = problems_of([&] { Bench(parts, zones(1)); });
    EXPECT_NE(told.find("b starts at 100 in zone 1 but rests at "), std::string::npos) << told;
}

TEST(Rest, AModelThatCannotRestIsARunError) {
    // Deaths of a constant number and no birth: no steady state at all.
    EXPECT_ANY_THROW(Bench(renewing("0 * renewal"), zones(1)));
}

TEST(Rest, FrozenValuesAreThoseOfTheUntouchedLiver) {
    const std::string define = "[define]\nrelative = { law = \"zone_sum(a) / rest(zone_sum(a))\", scope = \"body\" }\n";
    const std::string probe = "relative = { law = \"relative\", unit = \"1\", about = \"against rest\" }\n" + define;
    Bench bench(renewing("renewal * niche / a", "0.01 1/h", probe), zones(3), "", {"a.present=0.25"});
    bench.run(1.0);
    EXPECT_NEAR(bench.at(0.0, "a.relative"), 0.25, 1e-12);
}

TEST(Rest, ABalancedSignalRestsAtItsStart) {
    Parts parts = renewing();
    parts.push_back({"b", R"t(
        [body]
        about = "blood"
        [parameters]
        space = { value = "2e10 um^3", source = "derived:test", about = "plasma" }
        pumped = { value = "1e10 um^3/h", source = "derived:test", about = "flow" }
        [compartments]
        plasma = { volume = "space", source = "assumed" }
        [[flow]]
        from = "plasma"
        to = "lobule"
        rate = "pumped"
        [[flow]]
        from = "lobule"
        to = "plasma"
        rate = "pumped")t"});
    parts.push_back({"s", R"t(
        [signal]
        about = "a signal"
        scale = "fast"
        start = { value = "3 ng/ml", source = "derived:test" }
        in = ["plasma"]
        [parameters]
        output = { unit = "pg/h/cell", source = "balance", about = "made by a cell" }
        loss = { value = "2 1/h", source = "derived:test", about = "clearance" }
        [[decay]]
        place = "plasma"
        rate = "loss")t"});
    parts[1].second += "\n[[secretion]]\nstate = \"all\"\nsignal = \"s\"\nrate = \"s.output\"\n";
    for (const int n : {1, 4}) {
        const Bench bench(parts, zones(n));
        const double plasma = bench.start.values[bench.entry("plasma.s")];
        EXPECT_NEAR(plasma / (3e-9 * 2e10), 1.0, 1e-9) << n;
        const double output = bench.rest.parameters.ones[static_cast<std::size_t>(
            bench.model->unknowns.back().population < 0 ? bench.model->unknowns.back().parameter
                                                        : bench.model->unknowns.front().parameter)];
        EXPECT_NEAR(output * 200.0 * n * 1000.0 / (2.0 * plasma), 1.0, 1e-8)
            << n;  // all that is made is lost in plasma
    }
}

}  // namespace
}  // namespace lobule::test
