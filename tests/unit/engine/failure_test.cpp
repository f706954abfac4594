// Laws that cannot be followed: one clear record with the time and the state, never a hang.
#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

Parts body(const std::string& variables, const std::string& more = {}) {
    return {{"drug", "[body]\nabout = \"a drug\"\n" +
                         parameters({{"k", "1 1/h"}, {"one", "1 pg"}, {"hour", "1 h"}, {"four", "4 h"}}) +
                         "[variables]\n" + variables + more}};
}

SolverFailure failure_of(const Parts& parts, const std::string& head = {}) {
    Bench bench(parts, head);
    try {
        bench.run(50.0);
    } catch (const SolverFailure& failure) {
        return failure;
    }
    throw std::logic_error("nothing failed");
}

TEST(Failure, ALawThatTakesWhatIsNotThere) {
    const Parts parts{{"a", cell_head("lumen") + R"t(
        [states]
        here = { start = "100 cell", source = "assumed" }
        gone = {}
        [parameters]
        k = { value = "10 1/h", source = "derived:test", about = "pace" }
        [[transition]]
        from = "here"
        to = "gone"
        rate = "k * a / a.here")t"}};
    const SolverFailure failure = failure_of(parts, "zones = 2\n");
    EXPECT_NEAR(failure.time(), 0.1, 0.01);  // 10 of 100 cells an hour for each of all 100
    EXPECT_EQ(failure.worst().substr(0, 6), "a.here");
    EXPECT_NE(std::string(failure.what()).find("a law takes away what is not there"), std::string::npos);
}

TEST(Failure, ASignalTakenUpFasterThanItIsThere) {
    const Parts parts{{"t", tissue_text()}, {"s", R"t(
        [signal]
        about = "a signal"
        scale = "fast"
        start = { value = "1 ng/ml", source = "assumed", range = ["0 ng/ml", "2 ng/ml"] }
        in = []
        [parameters]
        grab = { value = "0.1 ng/ml/h", source = "derived:test", about = "taken whatever is there" }
        [[reaction]]
        place = "tissue"
        from = "s"
        rate = "grab")t"}};
    const SolverFailure failure = failure_of(parts, "zones = 1\n");
    EXPECT_NEAR(failure.time(), 10.0, 0.5);
    EXPECT_EQ(failure.worst(), "s zone 1");
}

// Both would read what is there before, so that one of two doses would be lost.
TEST(Failure, TwoEventsThatSetOneThingAtOneTime) {
    const std::string two =
        "[[event]]\nat = \"four\"\nset = { \"x\" = \"x + one\" }\n"
        "[[event]]\nat = \"hour\"\nevery = \"hour\"\nset = { \"x\" = \"x + one\" }\n";
    const SolverFailure failure =
        failure_of(body("x = { start = \"0 pg\", scale = \"1 pg\", rate = \"0 * k * x\" }\n", two));
    EXPECT_DOUBLE_EQ(failure.time(), 4.0);
    EXPECT_EQ(failure.worst(), "drug.x");
    EXPECT_NE(std::string(failure.what()).find("two events set drug.x"), std::string::npos) << failure.what();
}

// Of a large dose that is gone the error of the method is left in plasma, of either sign.
TEST(Failure, WhatIsLeftOfALargeDoseIsNone) {
    const Spec scenario = spec(
        "[scenario]\nabout = \"overdose\"\nspecies = \"mouse\"\nduration = \"7 d\"\nzones = 3\n"
        "relative_tolerance = \"1e-4\"\nparts = [\"whole_liver\", \"acetaminophen_overdose\", \"acetaminophen\", "
        "\"napqi\", \"glutathione\", \"napqi_adduct\", \"n_acetylcysteine\", \"toxin_probes\"]\n");
    Bench bench(compile(scenario, shipped_catalogue()), {"acetaminophen_overdose.dose=820 mg/kg"});
    EXPECT_NO_THROW(bench.run(168.0));
}

TEST(Failure, AModelInWhichNothingChanges) {
    const Parts parts{{"sheet", "[body]\nabout = \"a sheet\"\n" + parameters({{"number", "2"}}) +
                                    "[probe]\ntwice = { law = \"2 * number\", unit = \"1\", about = \"twice\" }\n"}};
    try {
        Bench(parts).run(1.0);
        FAIL() << "it ran";
    } catch (const RunError& error) {
        EXPECT_NE(std::string(error.what()).find("nothing in this model changes"), std::string::npos) << error.what();
    }
}

TEST(Failure, AVariableMayHaveEitherSign) {
    Bench bench(body("x = { start = \"1 pg\", rate = \"-k * one\" }\n"));
    EXPECT_NEAR(bench.run(5.0).last.values[bench.entry("drug.x")], -4.0, 1e-5);
}

TEST(Failure, ARateWithoutAValueFromTheStart) {
    const SolverFailure failure = failure_of(body(R"t(
        x = { start = "1 pg", rate = "-k * x" }
        y = { start = "1 pg", rate = "k * one * sqrt(-x / one)" })t"));
    EXPECT_EQ(failure.time(), 0.0);
    EXPECT_EQ(failure.worst(), "drug.y");
}

TEST(Failure, ARateThatLosesItsValueOnTheWay) {
    const SolverFailure failure = failure_of(body(R"t(
        x = { start = "1 pg", rate = "-k * x" }
        y = { start = "1 pg", rate = "k * one * sqrt((four - time) / hour)" })t"));
    EXPECT_NEAR(failure.time(), 4.0, 0.01);
    EXPECT_EQ(failure.worst(), "drug.y");
}

TEST(Failure, ABlowUpInFiniteTime) {
    const SolverFailure failure = failure_of(body("x = { start = \"1 pg\", rate = \"k * x^2 / one\" }\n"));
    EXPECT_NEAR(failure.time(), 1.0, 1e-3);
    EXPECT_EQ(failure.worst(), "drug.x");
}

// A relay chatters: the steps shrink without end. The run ends all the same.
TEST(Failure, AChatteringLawEnds) {
    Bench bench(body("x = { start = \"1 pg\", rate = \"piecewise(-k * one, x > 0.3 * one, k * one)\" }\n"),
                "relative_tolerance = \"1e-9\"\n");
    try {
        EXPECT_NEAR(bench.run(50.0, 50.0).last.values[bench.entry("drug.x")], 0.3, 1e-4);
    } catch (const SolverFailure& failure) {
        EXPECT_EQ(failure.worst(), "drug.x");
    }
    EXPECT_LE(bench.recorder.samples.size(), 3U);
}

TEST(Failure, AnEventThatSetsNoNumber) {
    Bench bench(body("x = { start = \"1 pg\", rate = \"0 * k * x\" }\n",
                     "[[event]]\nat = \"2 h\"\nset = { x = \"one * sqrt(-x / one)\" }\n"));
    EXPECT_THROW(bench.run(5.0), SolverFailure);
}

// Shares that add up to 1 on the untouched liver and not later would make or lose cells.
TEST(Failure, SharesThatStopAddingUp) {
    Bench bench({{"a", cell_head("lumen") + R"t(
        [states]
        here = { start = "100 cell", source = "assumed" }
        one = {}
        two = {}
        [parameters]
        k = { value = "0.1 1/h", source = "derived:test", about = "pace" }
        late = { value = "30 h", source = "derived:test", about = "when" }
        [[transition]]
        from = "here"
        to = { one = "0.5", two = "piecewise(0.5, time < late, 0.6)" }
        rate = "k")t"}},
                "epoch = \"24 h\"\n");
    const std::string told = problems_of([&] { bench.run(100.0); });
    EXPECT_NE(told.find("a.toml:"), std::string::npos) << told;
    EXPECT_NE(told.find("must add up to 1: 1.1 instead of 1 at 30 h"), std::string::npos) << told;
}

TEST(Failure, ARunMayBeGivenFewerSteps) {
    const Bench bench(rat_case(2, true));
    SimulationOptions how;
    const auto run = [&] {
        Simulation simulation(bench.model, bench.inputs, bench.rest.scales, bench.start, how);
        Recorder sink;
        return simulation.run(48.0, 1.0, sink).statistics.steps;
    };
    const long needed = run();
    ASSERT_GT(needed, 50);
    how.most_steps = needed;
    EXPECT_EQ(run(), needed);
    how.most_steps = needed / 4;
    EXPECT_THROW(run(), SolverFailure);
}

}  // namespace
}  // namespace lobule::test
