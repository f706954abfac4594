// Scheduled and root events: exact times, what they read, and where they meet outputs, epochs and the ends of a run.
#include <cmath>

#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

/// x decays at 0.1 1/h from 8, y stays as it is; `events` follow.
Parts decaying(const std::string& events) {
    return {{"drug",
             "[body]\nabout = \"a drug\"\n" + parameters({{"k", "0.1 1/h"}, {"dose", "5 pg"}, {"when", "10 h"}}) + R"t(
        [variables]
        x = { start = "8 pg", rate = "-k * x" }
        y = { start = "1 pg", rate = "0 * k * y" }
        [probe]
        x = { law = "x", unit = "pg", about = "x" }
        y = { law = "y", unit = "pg", about = "y" }
        )t" + events}};
}

constexpr const char* k_tight = "relative_tolerance = \"1e-9\"\n";

double decayed(double from, double hours) { return from * std::exp(-0.1 * hours); }

TEST(Events, AJumpAtItsExactTime) {
    Bench bench(decaying("[[event]]\nat = \"when\"\nset = { x = \"x + dose\" }\n"), k_tight);
    bench.run(40.0, 0.75);
    const double at_jump = decayed(8.0, 10.0);
    EXPECT_NEAR(bench.recorder.before(10.0).probes[bench.probe("drug.x")], at_jump, 1e-7);
    EXPECT_NEAR(bench.at(10.0, "drug.x"), at_jump + 5.0, 1e-7);
    EXPECT_NEAR(bench.at(40.0, "drug.x"), decayed(at_jump + 5.0, 30.0), 1e-7);
    EXPECT_EQ(bench.recorder.event_times, (std::vector<double>{10.0}));
}

TEST(Events, APulseOfALawIsNotSteppedOver) {
    // An infusion by a law that looks at the clock: a solver with long steps would pass over it.
    const auto infused = [](const std::string& from, const std::string& to) {
        Parts parts{
            {"pump", "[body]\nabout = \"a pump\"\n" + parameters({{"dose", "1 pg/h"}, {"on", from}, {"off", to}}) + R"t(
            [variables]
            x = { start = "0 pg", scale = "1 pg", rate = "piecewise(dose, time >= on && time < off, 0)" }
            [probe]
            x = { law = "x", unit = "pg", about = "x" }
            )t"}};
        Bench bench(parts);
        bench.run(100.0);
        return bench.at(100.0, "pump.x");
    };
    EXPECT_NEAR(infused("10 h", "12 h"), 2.0, 1e-9);
    EXPECT_NEAR(infused("0.5 h", "1 h"), 0.5, 1e-9);
    EXPECT_NEAR(infused("30 h", "30.01 h"), 0.01, 1e-9);
    EXPECT_NEAR(infused("0 h", "99.5 h"), 99.5, 1e-6);
}

TEST(Events, AComparisonOfTimeWithAChangingValueIsRefused) {
    Parts parts{{"pump", R"t(
        [body]
        about = "a pump that looks at the clock and at its content"
        [variables]
        limit = { start = "3 h", rate = "1" }
        x = { start = "1", rate = "piecewise(1, time < limit, 0) / limit" }
        )t"}};
    EXPECT_THROW(Bench(parts).run(10.0), SpecError);
}

TEST(Events, WithoutSetIsALookThatChangesNothing) {
    Bench bench(decaying("[[event]]\nat = \"10.25 h\"\nevery = \"0.5 h\"\nuntil = \"11.25 h\"\n"), k_tight);
    bench.run(40.0, 20.0);
    EXPECT_EQ(bench.recorder.event_times, (std::vector<double>{10.25, 10.75, 11.25}));
    for (const double time : {10.25, 10.75, 11.25, 20.0, 40.0})
        EXPECT_NEAR(bench.at(time, "drug.x"), decayed(8.0, time), 1e-7) << time;
}

TEST(Events, CellsPutWhereOnlyTheSolversErrorIsLeftAreNewcomers) {
    // All die within minutes while each grows tenfold, so that their sum and their volume end as errors of different signs.
    const auto size_after = [](const std::string& dying) {
        Bench bench(
            {{"t", tissue_text()},
             {"graft",
              cell_head("blood") + "[states]\nthere = { start = \"0 cell\", source = \"assumed\" }\n" +
                  parameters({{"k", dying}, {"bag", "1e6 cell"}, {"filling", "10 1/h"}, {"large", "1e4 um^3/cell"}}) +
                  R"t(
            [[death]]
            state = "there"
            kind = "lost"
            rate = "k"
            [[growth]]
            state = "all"
            rate = "filling"
            target = "large"
            [[event]]
            at = "0 h"
            every = "100 h"
            until = "150 h"
            set = { "graft.there" = "graft.there + bag" }
            [probe]
            size = { law = "graft.volume_total / graft", unit = "um^3/cell", about = "size" }
            )t"}},
            "relative_tolerance = \"1e-3\"\n");
        bench.run(101.0);
        return bench.at(100.0, "graft.size");  // just after the event
    };
    EXPECT_DOUBLE_EQ(size_after("500 1/h"), 1000.0);      // nobody was left: newcomers
    EXPECT_NEAR(size_after("0.001 1/h"), 10000.0, 10.0);  // most were: newcomers are as they are
}

TEST(Events, RepeatFromAtByEveryUpToUntil) {
    Bench bench(decaying("[[event]]\nat = \"2 h\"\nevery = \"7 h\"\nuntil = \"16 h\"\nset = { x = \"x + dose\" }\n"),
                k_tight);
    bench.run(60.0);
    EXPECT_EQ(bench.recorder.event_times, (std::vector<double>{2.0, 9.0, 16.0}));
    double x = decayed(8.0, 2.0) + 5.0;
    x = decayed(x, 7.0) + 5.0;
    x = decayed(x, 7.0) + 5.0;
    EXPECT_NEAR(bench.at(16.0, "drug.x"), x, 1e-7);
    EXPECT_NEAR(bench.at(60.0, "drug.x"), decayed(x, 44.0), 1e-7);
}

TEST(Events, ARootIsFoundExactlyAndFiresOnceForEachRise) {
    Bench bench(decaying("[[event]]\nwhen = \"x < 0.25 * dose\"\nset = { x = \"x + dose\" }\n"), k_tight);
    bench.run(60.0, 60.0);
    ASSERT_GE(bench.recorder.event_times.size(), 2U);
    const double first = std::log(8.0 / 1.25) / 0.1, period = std::log(6.25 / 1.25) / 0.1;
    for (std::size_t i = 0; i < bench.recorder.event_times.size(); ++i)
        EXPECT_NEAR(bench.recorder.event_times[i], first + static_cast<double>(i) * period, 1e-6);
}

TEST(Events, AConditionThatIsTrueFromTheStartDoesNotFire) {
    Bench bench(decaying("[[event]]\nwhen = \"x < 2 * dose\"\nset = { y = \"2 * y\" }\n"));
    bench.run(20.0);
    EXPECT_TRUE(bench.recorder.event_times.empty());
}

// The jump itself makes the condition true: there is no crossing for the solver to find.
TEST(Events, AConditionThatAnotherEventMakesTrueFires) {
    Bench bench(decaying(R"t(
        [[event]]
        at = "when"
        set = { x = "x + dose" }
        [[event]]
        when = "x > dose"
        set = { y = "3 * y" })t"));
    bench.run(40.0);
    EXPECT_EQ(bench.recorder.event_times, (std::vector<double>{10.0, 10.0}));
    EXPECT_DOUBLE_EQ(bench.at(10.0, "drug.y"), 3.0);
    EXPECT_DOUBLE_EQ(bench.at(40.0, "drug.y"), 3.0);
}

TEST(Events, ThatSetEachOtherOffWithoutEndAreAnError) {
    Bench bench(decaying(R"t(
        [[event]]
        at = "when"
        set = { y = "3 * y" }
        [[event]]
        when = "y > 2 * dose / 5"
        set = { y = "y / 3" }
        [[event]]
        when = "y < 1.5 * dose / 5"
        set = { y = "y * 3" })t"));
    EXPECT_THROW(bench.run(40.0), RunError);
}

TEST(Events, AtOneTimeReadTheOldState) {
    Bench bench(decaying(R"t(
        [[event]]
        at = "when"
        set = { x = "y" }
        [[event]]
        at = "10 h"
        set = { y = "x" })t"),
                k_tight);
    bench.run(20.0, 5.0);
    EXPECT_NEAR(bench.at(10.0, "drug.x"), 1.0, 1e-9);
    EXPECT_NEAR(bench.at(10.0, "drug.y"), decayed(8.0, 10.0), 1e-7);
    std::size_t samples = 0;
    for (const Recorder::Sample& sample : bench.recorder.samples) samples += sample.time == 10.0 ? 1 : 0;
    EXPECT_EQ(samples, 2U);  // before and after, though 10 h is on the output grid too
}

TEST(Events, AtTheStartOnTheEpochGridAndAtTheEnd) {
    Bench bench(decaying("[[event]]\nat = \"0 h\"\nevery = \"12 h\"\nset = { y = \"2 * y\" }\n"), "epoch = \"12 h\"\n");
    const State end = bench.run(36.0, 6.0).last;
    EXPECT_EQ(bench.recorder.event_times, (std::vector<double>{0.0, 12.0, 24.0, 36.0}));
    EXPECT_DOUBLE_EQ(bench.recorder.before(0.0).probes[bench.probe("drug.y")], 1.0);
    EXPECT_DOUBLE_EQ(bench.at(0.0, "drug.y"), 2.0);
    EXPECT_DOUBLE_EQ(bench.at(36.0, "drug.y"), 16.0);
    EXPECT_DOUBLE_EQ(end.values[bench.entry("drug.y")], 16.0);
}

// Times a rounding error apart must not stall the solver.
TEST(Events, AHairAwayFromTheEpochGrid) {
    Bench bench(decaying("[[event]]\nat = \"0.1 h\"\nevery = \"0.1 h\"\nuntil = \"3 h\"\nset = { y = \"y + dose\" }\n"),
                std::string(k_tight) + "epoch = \"0.3 h\"\n");
    bench.run(5.0, 0.1);
    EXPECT_EQ(bench.recorder.event_times.size(), 30U);
    EXPECT_NEAR(bench.at(5.0, "drug.x"), decayed(8.0, 5.0), 1e-6);
}

TEST(Events, BeforeTheStartAreRefused) {
    EXPECT_THROW(Bench(decaying("[[event]]\nat = \"-3 h\"\nset = { y = \"2 * y\" }\n")).run(5.0), SpecError);
    EXPECT_THROW(Bench(decaying("[[event]]\nat = \"3 h\"\nevery = \"0 h\"\nset = { y = \"2 * y\" }\n")).run(5.0),
                 SpecError);
}

TEST(Events, OfCellsShareANewNumberInProportionAndFillAnEmptyZone) {
    const Parts parts{{"a", cell_head("lumen") + R"t(
        [states]
        one = { start = "30 cell", source = "assumed" }
        two = { start = "60 cell", source = "assumed" }
        [parameters]
        few = { value = "6 cell", source = "derived:test", about = "a few" }
        [[event]]
        at = "1 h"
        set = { a = "a / 3" }
        [[event]]
        at = "2 h"
        set = { "a.two" = "0 * a" }
        [[event]]
        at = "3 h"
        set = { "a.two" = "few" })t"}};
    Bench bench(parts, "zones = 3\n");
    const auto two = bench.zone_entry("a.two", 2);
    bench.run(4.0);
    EXPECT_NEAR(bench.recorder.after(1.0).values[two], 20.0 / 3.0, 1e-12);
    EXPECT_NEAR(bench.recorder.after(1.0).values[bench.zone_entry("a.one", 2)], 10.0 / 3.0, 1e-12);
    EXPECT_DOUBLE_EQ(bench.recorder.after(2.0).values[two], 0.0);
    EXPECT_DOUBLE_EQ(bench.recorder.after(3.0).values[two], 6.0);
    EXPECT_DOUBLE_EQ(bench.recorder.after(3.0).values[bench.zone_entry("a.two.volume", 2)], 6000.0);
}

// Samples: each multiple of the interval once, and the end of the run once.
TEST(Output, IsOnTheGridAndAtTheEnd) {
    for (const double until : {10.0, 10.3, 12.0, 13.0})
        for (const double interval : {0.1, 1.0, 5.0, 100.0}) {
            Bench bench(decaying(""), "epoch = \"12 h\"\n");
            bench.run(until, interval);
            std::vector<double> expected, times;
            for (int k = 0; k * interval < until; ++k) expected.push_back(k * interval);
            expected.push_back(until);
            for (const Recorder::Sample& sample : bench.recorder.samples) times.push_back(sample.time);
            EXPECT_EQ(times, expected) << until << " h by " << interval << " h";
        }
}

}  // namespace
}  // namespace lobule::test
