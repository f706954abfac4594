// Cells as agents: against distributions that can be worked out on paper, and against themselves.
#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "model_text.hpp"
#include "zones/system.hpp"

namespace lobule::test {
namespace {

const std::string k_cell = cell_head("lumen");
const std::string k_hour = "step = \"1 h\"\nzones = 1\n";

struct Nothing : Sink {
    void sample(double, std::span<const double>, std::span<const double>) override {}
    void restart_point(const State&) override {}
};

struct Moments {
    double mean = 0.0, variance = 0.0;
    int runs = 0;
};

/// Of a number read off the last state of runs with different seeds.
template <class F>
Moments moments(const Bench& bench, int runs, double until, F&& number) {
    Simulation simulation(bench.model, bench.inputs, bench.rest.scales, bench.start, bench.agents());
    Nothing sink;
    std::vector<double> all;
    for (int r = 0; r < runs; ++r) {
        simulation.reset(bench.start, static_cast<std::uint64_t>(r) + 1);
        all.push_back(number(simulation.run(until, until, sink).last));
    }
    Moments out{0.0, 0.0, runs};
    for (const double v : all) out.mean += v / runs;
    for (const double v : all) out.variance += (v - out.mean) * (v - out.mean) / (runs - 1);
    return out;
}

/// Within four standard errors; of a variance, that of a nearly normal number.
void expect_moments(const Moments& seen, double mean, double variance) {
    EXPECT_NEAR(seen.mean, mean, 4.0 * std::sqrt(variance / seen.runs));
    EXPECT_NEAR(seen.variance, variance, 4.0 * variance * std::sqrt(2.0 / (seen.runs - 1)));
}

TEST(Agents, DieOneByOne) {
    const Bench bench({{"a", k_cell + "[states]\nhere = { start = \"100 cell\", source = \"assumed\" }\n" +
                                 parameters({{"k", "0.1 1/h"}}) +
                                 "[[death]]\nstate = \"all\"\nkind = \"apoptosis\"\nrate = \"k\"\n"}},
                      k_hour);
    const Moments seen = moments(bench, 150, 8.0, [&](const State& s) { return bench.cells(s, "a"); });
    const double p = std::exp(-0.8);
    expect_moments(seen, 100.0 * p, 100.0 * p * (1.0 - p));
}

// A tally of what cells do counts the cells that do it; its ODE would be off by the scatter of a few.
TEST(Agents, AreCountedAsTheyDie) {
    const Bench bench({{"a", k_cell + R"t(
                        [states]
                        here = { start = "100 cell", source = "assumed" }
                        ill = {}
                        [parameters]
                        k = { value = "0.1 1/h", source = "derived:test", about = "hazard" }
                        [define]
                        all = { law = "sudden + slow", about = "both ways" }
                        [variables]
                        dead = { start = "0 cell", rate = "all", accumulates = true, source = "derived:test" }
                        fallen = { start = "0 cell", rate = "falls", accumulates = true, source = "derived:test" }
                        hours = { start = "0 cell", rate = "k * here", accumulates = true, source = "derived:test" }
                        [[death]]
                        name = "sudden"
                        state = "here"
                        kind = "apoptosis"
                        rate = "k"
                        [[transition]]
                        name = "falls"
                        from = "here"
                        to = "ill"
                        rate = "2 * k"
                        [[death]]
                        name = "slow"
                        state = "ill"
                        kind = "lysis"
                        rate = "3 * k")t"}},
                      k_hour);
    Nothing sink;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const State end = bench.run_agents(8.0, 8.0, sink, bench.agents(seed)).last;
        EXPECT_EQ(end.values[bench.zone_entry("a.dead", 1)] + bench.cells(end, "a"), 100.0);
        const double fallen = end.values[bench.zone_entry("a.fallen", 1)];
        EXPECT_GT(fallen, 30.0);
        EXPECT_EQ(fallen, std::floor(fallen));
    }
}

TEST(Agents, AreBornAndDie) {
    const Bench bench({{"a", k_cell + "[states]\nhere = { start = \"50 cell\", source = \"assumed\" }\n" +
                                 parameters({{"b", "0.15 1/h"}, {"d", "0.05 1/h"}}) + R"t(
                        [[death]]
                        state = "all"
                        kind = "apoptosis"
                        rate = "d"
                        [[division]]
                        state = "here"
                        to = "here"
                        rate = "b")t"}},
                      k_hour);
    const Moments seen = moments(bench, 150, 8.0, [&](const State& s) { return bench.cells(s, "a"); });
    const double grown = std::exp(0.8);
    expect_moments(seen, 50.0 * grown, 50.0 * 2.0 * grown * (grown - 1.0));
}

TEST(Agents, PassStagesAndBranch) {
    const Bench bench({{"a", k_cell + R"t(
                        [states]
                        here = { start = "100 cell", source = "assumed", stages = 3, advance = "k" }
                        left = {}
                        right = {}
                        [parameters]
                        k = { value = "0.5 1/h", source = "derived:test", about = "speed" }
                        [[transition]]
                        from = "here"
                        to = { left = "0.3", right = "0.5", "dead:lost" = "0.2" }
                        rate = "k")t"}},
                      k_hour);
    const std::size_t left = bench.zone_entry("a.left", 1), right = bench.zone_entry("a.right", 1);
    const double x = 0.5 * 5.0, gone = 1.0 - std::exp(-x) * (1.0 + x + 0.5 * x * x);  // three hops by 5 h
    const auto share = [&](double p, std::size_t entry) {
        const Moments seen = moments(bench, 120, 5.0, [&](const State& s) { return s.values[entry]; });
        expect_moments(seen, 100.0 * p * gone, 100.0 * p * gone * (1.0 - p * gone));
    };
    share(0.3, left);
    share(0.5, right);
    const Moments all = moments(bench, 120, 5.0, [&](const State& s) { return bench.cells(s, "a"); });
    expect_moments(all, 100.0 * (1.0 - 0.2 * gone), 100.0 * 0.2 * gone * (1.0 - 0.2 * gone));
}

// Between hops volume and attributes are exact whatever the step; so is the classed process.
TEST(Agents, GrowAndChangeExactly) {
    const Bench bench({{"a", k_cell + R"t(
                        [states]
                        here = { start = "5 cell", source = "assumed" }
                        [attributes]
                        x = { start = "4", source = "assumed" }
                        y = { start = "1", source = "assumed" }
                        [parameters]
                        k = { value = "0.2 1/h", source = "derived:test", about = "speed" }
                        slow = { value = "1e-15 1/h", source = "derived:test", about = "speed" }
                        [[growth]]
                        state = "all"
                        rate = "k"
                        target = "3 * volume"
                        [[change]]
                        attribute = "x"
                        state = "all"
                        rate = "k * (1 - x)"
                        [[change]]
                        attribute = "y"
                        state = "all"
                        rate = "k - slow * y")t"}},
                      "step = \"3 h\"\nzones = 1\n");
    Nothing sink;
    const State end = bench.run_agents(9.0, 9.0, sink, bench.agents()).last;
    ASSERT_EQ(end.agents[0].size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(end.agents[0].quantities[0][i], 3000.0 - 2000.0 * std::exp(-1.8), 1e-9);
        EXPECT_NEAR(end.agents[0].quantities[1][i], 1.0 + 3.0 * std::exp(-1.8), 1e-12);
        EXPECT_NEAR(end.agents[0].quantities[2][i], 2.8, 1e-12);
    }
}

TEST(Agents, SplitOrCopyWhatTheyCarry) {
    const Bench bench({{"a", k_cell + R"t(
                        [states]
                        mother = { start = "40 cell", source = "assumed" }
                        daughter = {}
                        [attributes]
                        x = { start = "4", source = "assumed" }
                        y = { start = "4", division = "copy", source = "assumed" }
                        [parameters]
                        k = { value = "0.2 1/h", source = "derived:test", about = "speed" }
                        [[division]]
                        state = "mother"
                        to = "daughter"
                        rate = "k")t"}},
                      k_hour);
    Nothing sink;
    const State end = bench.run_agents(6.0, 6.0, sink, bench.agents()).last;
    const Agents& cells = end.agents[0];
    ASSERT_GT(cells.size(), 50U);
    double x = 0.0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const bool mother = cells.substates[i] == 0;
        EXPECT_EQ(cells.quantities[0][i], mother ? 1000.0 : 500.0);
        EXPECT_EQ(cells.quantities[1][i], mother ? 4.0 : 2.0);
        EXPECT_EQ(cells.quantities[2][i], 4.0);
        x += cells.quantities[1][i];
    }
    EXPECT_EQ(x, 160.0);
    EXPECT_EQ(std::set<std::uint64_t>(cells.ids.begin(), cells.ids.end()).size(), cells.size());
}

// A little of everything that moves cells about, with signals and blood in between.
Parts crowd() {
    std::string tissue = tissue_text("0.3 1/h");
    tissue.insert(tissue.find("[parameters]"), "radius = \"way\"\n");
    tissue += "way = { value = \"300 um\", source = \"derived:test\", about = \"radius\" }\n";
    return {{"t", tissue},
            {"on", R"t(
                [injury]
                about = "switch"
                [parameters]
                hour = { value = "1 h", source = "derived:test", about = "an hour" }
                [variables]
                x = { start = "0", rate = "0 / hour" }
                [[event]]
                at = "0 h"
                set = { x = "1" })t"},
            {"blood_cell", cell_head("blood") + "[states]\nthere = { start = \"1e6 cell\", source = \"assumed\" }\n"},
            {"prey", cell_head("plate") + R"t(
                [states]
                here = { start = "900 cell", source = "assumed" }
                marked = {}
                [parameters]
                k = { value = "0.05 1/h", source = "derived:test", about = "rate" }
                [[division]]
                state = "here"
                to = "here"
                rate = "k * on.x * (1 + zone.position)"
                [[growth]]
                state = "all"
                rate = "k"
                target = "volume"
                [[death]]
                state = "marked"
                kind = "lost"
                rate = "k * on.x")t"},
            {"hunter", cell_head("lumen") + R"t(
                [states]
                free = { start = "150 cell", source = "assumed" }
                stuck = {}
                [attributes]
                load = { start = "1", source = "assumed" }
                grade = { start = "1", classes = 3, range = ["0", "3"], division = "copy", source = "assumed" }
                [parameters]
                k = { value = "0.05 1/h", source = "derived:test", about = "rate" }
                kk = { value = "1e-3 1/h/cell", source = "derived:test", about = "rate" }
                u = { value = "20 um/h", source = "derived:test", about = "speed" }
                [[recruitment]]
                from = "blood_cell"
                to = "free"
                rate = "0.02 * k * on.x"
                [[transition]]
                from = "free"
                to = { "blood_cell.there" = "0.5", "dead:lost" = "0.5" }
                rate = "k * on.x * grade"
                [[change]]
                attribute = "load"
                state = "all"
                rate = "k * (2 - load) * on.x"
                [[change]]
                attribute = "grade"
                state = "all"
                rate = "k * on.x"
                [[encounter]]
                with = "prey.here"
                when = "free"
                rate = "kk * on.x"
                partner_gives = "marked"
                [[adhesion]]
                on = "prey.marked"
                state = "free"
                to = "stuck"
                rate = "kk * on.x"
                release = "k * on.x"
                [[migration]]
                state = "all"
                toward = "prey.here"
                speed = "u * on.x")t"}};
}

TEST(Agents, SameBitsForAnyThreadsAndAnyStop) {
    const Bench bench(crowd(), "epoch = \"6 h\"\nzones = 3\nsample = \"3\"\n",
                      "[[event]]\nat = \"9 h\"\nset = { \"lobule.count\" = \"lobule.count / 2\", \"prey.here\" = "
                      "\"prey.here * 1.3\" }\n");
    SimulationOptions options = bench.agents(7);
    Recorder whole;
    const State end = bench.run_agents(14.0, 5.0, whole, options).last;
    ASSERT_GT(end.agents[2].size(), 2048U);  // several blocks
    for (const int threads : {2, 3}) {
        options.threads = threads;
        Nothing sink;
        EXPECT_EQ(state_hash(bench.run_agents(14.0, 14.0, sink, options).last), state_hash(end)) << threads;
    }
    for (const State& restart : whole.restarts) {
        if (restart.time >= 14.0) continue;
        Nothing sink;
        Simulation again(bench.model, bench.inputs, bench.rest.scales, restart, options);
        EXPECT_EQ(state_hash(again.run(14.0, 14.0, sink, true).last), state_hash(end)) << restart.time;
    }
    EXPECT_NE(state_hash(end), state_hash(bench.run_agents(14.0, 14.0, whole, bench.agents(8)).last));
}

TEST(Agents, TwoSimulationsDoNotKnowOfEachOther) {
    const Bench bench(crowd(), "epoch = \"6 h\"\nzones = 3\n");
    Nothing sink;
    std::string alone[2];
    for (const std::uint64_t seed : {1U, 2U})
        alone[seed - 1] = state_hash(bench.run_agents(12.0, 12.0, sink, bench.agents(seed)).last);
    Simulation one(bench.model, bench.inputs, bench.rest.scales, bench.start, bench.agents(1));
    Simulation two(bench.model, bench.inputs, bench.rest.scales, bench.start, bench.agents(2));
    State last_one, last_two;
    for (const double until : {3.0, 6.0, 12.0}) {
        last_one = one.run(until, 12.0, sink, until > 3.0).last;
        last_two = two.run(until, 12.0, sink, until > 3.0).last;
    }
    EXPECT_EQ(state_hash(last_one), alone[0]);
    EXPECT_EQ(state_hash(last_two), alone[1]);
    one.reset(bench.start, 2);
    EXPECT_EQ(state_hash(one.run(12.0, 12.0, sink).last), alone[1]);
}

TEST(Agents, AreWholeAndHaveIdsOfTheirOwn) {
    const Bench bench(crowd(), "zones = 3\n");
    Recorder seen;
    const State end = bench.run_agents(30.0, 10.0, seen, bench.agents()).last;
    const StateIndex index{3, static_cast<std::int32_t>(bench.model->zone_states.size())};
    std::set<std::uint64_t> ids;
    std::size_t agents = 0;
    for (std::size_t p = 0; p < end.agents.size(); ++p) {
        const Population& population = bench.model->populations[p];
        double sum = 0.0;
        for (const auto& sub : population.substates)
            for (std::int32_t z = 0; z < (population.in_body ? 1 : 3); ++z)
                sum += end.values[static_cast<std::size_t>(population.in_body ? index.body(sub.count)
                                                                              : index.zone(sub.count, z))];
        EXPECT_NEAR(sum, static_cast<double>(end.agents[p].size()) * (population.in_body ? 1000.0 : 1.0), 1e-6);
        ids.insert(end.agents[p].ids.begin(), end.agents[p].ids.end());
        agents += end.agents[p].size();
    }
    EXPECT_EQ(ids.size(), agents);
}

// Each side of an encounter goes by its own hazard: as many of one as of the other, on average.
TEST(Agents, MeetInEqualNumbersOnAverage) {
    const Bench bench({{"a", k_cell + R"t(
                        [states]
                        alive = { start = "100 cell", source = "assumed" }
                        [parameters]
                        k = { value = "0.002 1/h/cell", source = "derived:test", about = "meeting" }
                        [[encounter]]
                        with = "b"
                        when = "alive"
                        rate = "k"
                        gives = "dead:spent"
                        partner_gives = "dead:killed")t"},
                       {"b", k_cell + "[states]\nhere = { start = \"60 cell\", source = \"assumed\" }\n"}},
                      "step = \"15 min\"\nzones = 1\nsample = \"20\"\n");
    const auto more = [&](const State& s) { return bench.cells(s, "a") - bench.cells(s, "b"); };
    const Moments uneven = moments(bench, 40, 4.0, more);
    EXPECT_NEAR(uneven.mean, 40.0, 4.0 * std::sqrt(uneven.variance / uneven.runs));
    const Moments seen = moments(bench, 40, 4.0, [&](const State& s) { return bench.cells(s, "a"); });
    const double left = 40.0 / (1.0 - 0.6 * std::exp(-40.0 * 0.002 * 4.0));
    EXPECT_NEAR(seen.mean, left, 4.0 * std::sqrt(seen.variance / seen.runs) + 0.05);
}

// A partner that comes back within a step is met again in time: the balance does not depend on the step. A cell that kills may
// be killed in the same step.
TEST(Agents, MeetPartnersThatComeBackSoon) {
    for (const std::string step : {"15 min", "1 h"}) {
        const Bench bench({{"killer", k_cell + R"t(
                            [states]
                            here = { start = "500 cell", source = "assumed" }
                            [parameters]
                            k = { value = "0.002 1/h/cell", source = "derived:test", about = "meeting" }
                            [[encounter]]
                            with = "prey.well"
                            when = "here"
                            rate = "k"
                            partner_gives = "hurt"
                            [[encounter]]
                            with = "killer"
                            when = "here"
                            rate = "0.00001 * k"
                            gives = "dead:fight"
                            partner_gives = "dead:fight")t"},
                           {"prey", k_cell + R"t(
                            [states]
                            well = { start = "1000 cell", source = "assumed" }
                            hurt = {}
                            [parameters]
                            back = { value = "1 1/h", source = "derived:test", about = "return" }
                            [[transition]]
                            from = "hurt"
                            to = "well"
                            rate = "back")t"}},
                          "step = \"" + step + "\"\nzones = 1\nsample = \"4\"\n");
        const Moments well =
            moments(bench, 12, 12.0, [&](const State& s) { return s.values[bench.zone_entry("prey.well", 1)]; });
        EXPECT_NEAR(well.mean, 500.0, 4.0 * std::sqrt(well.variance / well.runs) + 1.0) << step;
    }
}

// What leaves the blood is in the tissue: whole agents, right on average when lobules were lost.
TEST(Agents, CrossBetweenBloodAndTissue) {
    for (const std::string cut : {"1", "0.3"}) {
        const Bench bench({{"t", tissue_text()},
                           {"blood_cell", cell_head("blood") + "[states]\nthere = { start = \"4e5 cell\", source = "
                                                               "\"assumed\" }\n"},
                           {"a", k_cell + R"t(
                            [states]
                            settled = { start = "2 cell", source = "assumed" }
                            [parameters]
                            r = { value = "0.05 1/h", source = "derived:test", about = "entry" }
                            late = { value = "1 h", source = "derived:test", about = "from then on" }
                            [[recruitment]]
                            from = "blood_cell"
                            to = "settled"
                            rate = "piecewise(r, time > late, 0)")t"}},
                          "step = \"30 min\"\nzones = 2\n",
                          "[[event]]\nat = \"30 min\"\nset = { \"lobule.count\" = \"" + cut + " * lobule.count\" }\n");
        const double m = 1000.0 * std::stod(cut);
        const Moments seen = moments(bench, 60, 6.0, [&](const State& s) {
            const double crossed = m * (bench.cells(s, "a") - 2.0), left = 4e5 - bench.cells(s, "blood_cell");
            if (cut == "1") {
                EXPECT_NEAR(crossed, left, 1e-6);
            }
            return crossed;
        });
        const double p = 1.0 - std::exp(-0.1 * 5.0);
        EXPECT_NEAR(seen.mean, 4e5 * p, 4.0 * std::sqrt(seen.variance / seen.runs));
    }
}

TEST(Agents, EventsTakeAndAddWholeCells) {
    const Bench bench({{"a", k_cell + R"t(
                        [states]
                        one = { start = "100 cell", source = "assumed" }
                        two = {}
                        three = {}
                        [[event]]
                        at = "1 h"
                        set = { "a.one" = "a.one / 4" }
                        [[event]]
                        at = "2 h"
                        set = { "a.two" = "a.one * 2", "a.three" = "a.one" }
                        [[event]]
                        at = "2 h"
                        set = { "a.one" = "a.one * 3" })t"}},
                      k_hour);
    Nothing sink;
    const State end = bench.run_agents(3.0, 3.0, sink, bench.agents()).last;
    EXPECT_EQ(end.values[bench.zone_entry("a.one", 1)], 75.0);
    EXPECT_EQ(end.values[bench.zone_entry("a.two", 1)], 50.0);
    EXPECT_EQ(end.values[bench.zone_entry("a.three", 1)], 25.0);
    EXPECT_EQ(bench.volume(end, "a"), 150e3);
    const Agents& cells = end.agents[0];
    EXPECT_EQ(std::set<std::uint64_t>(cells.ids.begin(), cells.ids.end()).size(), 150U);
}

// A signal may undershoot 0 by the error of the solver; hazards that cannot be negative by their form go on.
TEST(Agents, OutliveASignalThatIsGone) {
    const Bench bench(
        {{"b", "[body]\nabout = \"b\"\n[compartments]\nplasma = \"room\"\n" + parameters({{"room", "10 ml"}})},
         {"t", tissue_text()},
         {"s", R"t(
                        [signal]
                        about = "s"
                        scale = "slow"
                        start = { value = "1 ng/ml", source = "derived:test" }
                        in = ["plasma"]
                        [parameters]
                        loss = { value = "90 1/h", source = "derived:test", about = "loss" }
                        on = { value = "1 h", source = "derived:test", about = "from then on" }
                        [[decay]]
                        place = "plasma"
                        rate = "piecewise(loss, time > on, 0)")t"},
         {"a", cell_head("blood") + R"t(
                        compartment = "plasma"
                        [states]
                        here = { start = "1e5 cell", source = "assumed" }
                        [parameters]
                        k = { value = "1e9 ml/ng/h", source = "derived:test", about = "death" }
                        late = { value = "3 h", source = "derived:test", about = "from then on" }
                        [[death]]
                        state = "all"
                        kind = "lost"
                        rate = "piecewise(k * s, time > late, 0)")t"}},
        "step = \"15 min\"\n");
    Nothing sink;
    EXPECT_NO_THROW(bench.run_agents(12.0, 12.0, sink, bench.agents()));
}

TEST(Agents, RefuseANegativeHazard) {
    const Bench bench({{"a", k_cell + R"t(
                        [states]
                        here = { start = "10 cell", source = "assumed" }
                        there = {}
                        [parameters]
                        k = { value = "0.1 1/h", source = "derived:test", about = "rate" }
                        [[transition]]
                        from = "here"
                        to = "there"
                        rate = "k * (1 - k * time)")t"}},
                      k_hour);
    Nothing sink;
    for (const Resolution resolution : {Resolution::zones, Resolution::mixed}) {
        SimulationOptions options = bench.agents();
        options.resolution = resolution;
        try {
            bench.run_agents(20.0, 20.0, sink, options);
            FAIL() << "ran";
        } catch (const SolverFailure& failure) {
            EXPECT_NE(std::string(failure.what()).find("is negative"), std::string::npos) << failure.what();
            EXPECT_NE(std::string(failure.what()).find("a.toml:"), std::string::npos) << failure.what();
        }
    }
}

}  // namespace
}  // namespace lobule::test
