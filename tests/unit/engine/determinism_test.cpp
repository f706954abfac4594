// The same bits whatever is read out, wherever a run is cut, and whatever else runs in the process.
#include <thread>

#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

/// A liver with every kind of restart: epochs of a day, a dose every 30 h and a root event.
std::shared_ptr<const Model> restless() {
    return rat_case(3, true, 1e-6, R"t(epoch = "1 d"
        [[event]]
        at = "10 h"
        every = "30 h"
        set = { "plasma.il6" = "plasma.il6 * 1.5" }
        [[event]]
        when = "liver.reserve > 0.5"
        set = { "plasma.hgf" = "plasma.hgf * 2" })t");
}

constexpr double k_until = 150.0;

TEST(Determinism, OutputIntervalsChangeNothing) {
    Bench bench(restless());
    const State whole = bench.run(k_until, 1.0).last;
    ASSERT_GE(bench.recorder.event_times.size(), 7U);  // surgery, 10, 40, 70, 100, 130 h, and the root
    for (const double output : {0.01, 0.37, 50.0, 1e4})
        EXPECT_EQ(state_hash(bench.run(k_until, output).last), state_hash(whole));
}

TEST(Determinism, AStoppedRunResumesAtAnyRestartPoint) {
    Bench bench(restless());
    const State whole = bench.run(k_until, 0.5).last;
    const Recorder complete = bench.recorder;
    ASSERT_GE(complete.restarts.size(), 13U);
    for (const State& from : complete.restarts) {
        Recorder rest;
        const State end = bench.run(from, k_until, 0.5, rest, true).last;
        EXPECT_EQ(state_hash(end), state_hash(whole))
            << "from " << from.time << " h: " << first_difference(*bench.model, end, whole);
        // It writes exactly the samples that were not written before that point.
        std::size_t later = 0;
        for (const Recorder::Sample& sample : complete.samples) later += sample.time > from.time ? 1 : 0;
        EXPECT_EQ(rest.samples.size(), later) << "from " << from.time << " h";
    }
}

TEST(Determinism, PiecesByRequestedTimeEqualTheWhole) {
    Bench bench(restless());
    const State whole = bench.run(k_until).last;
    State from = bench.start;
    bool resumed = false;
    for (const double until : {0.0, 3.3, 24.0, 24.1, 55.5, 100.0, k_until}) {
        Recorder piece;
        const Outcome outcome = bench.run(from, until, 1.0, piece, resumed);
        EXPECT_EQ(outcome.last.time, until);
        from = outcome.restart_point();
        resumed = true;
        if (until == k_until) {
            EXPECT_EQ(state_hash(outcome.last), state_hash(whole));
        }
    }
}

TEST(Determinism, ARequestToStopEndsAtTheLastRestartPoint) {
    Bench bench(restless());
    const State whole = bench.run(k_until).last;
    Recorder stopping;
    stopping.stop_after = 60.0;
    const Outcome stopped = bench.run(bench.start, k_until, 1.0, stopping, false);
    EXPECT_EQ(stopped.end, Outcome::End::stopped);
    EXPECT_LE(stopped.restart_point().time, 60.0);
    EXPECT_EQ(state_hash(stopped.last), state_hash(stopped.restart_point()));
    Recorder rest;
    EXPECT_EQ(state_hash(bench.run(stopped.restart_point(), k_until, 1.0, rest, true).last), state_hash(whole));
}

TEST(Determinism, TwoSimulationsShareAProcess) {
    const Bench a(restless()), b(rat_case(2, true));
    Recorder sink;
    const std::string alone_a = state_hash(a.run(a.start, 100.0, 1.0, sink, false).last);
    const std::string alone_b = state_hash(b.run(b.start, 100.0, 1.0, sink, false).last);

    // Interleaved: each goes on from its last restart point in turn.
    State at_a = a.start, at_b = b.start;
    Outcome out_a, out_b;
    for (const double until : {10.0, 30.0, 72.0, 100.0}) {
        out_a = a.run(at_a, until, 1.0, sink, at_a.time > 0.0);
        out_b = b.run(at_b, until, 1.0, sink, at_b.time > 0.0);
        at_a = out_a.restart_point();
        at_b = out_b.restart_point();
    }
    EXPECT_EQ(state_hash(out_a.last), alone_a);
    EXPECT_EQ(state_hash(out_b.last), alone_b);

    // At once, sharing one Model.
    std::string hashes[3];
    const auto work = [&](const Bench& bench, std::string& out) {
        Recorder own;
        out = state_hash(bench.run(bench.start, 100.0, 1.0, own, false).last);
    };
    std::thread first(work, std::cref(a), std::ref(hashes[0]));
    std::thread second(work, std::cref(a), std::ref(hashes[1]));
    work(b, hashes[2]);
    first.join();
    second.join();
    EXPECT_EQ(hashes[0], alone_a);
    EXPECT_EQ(hashes[1], alone_a);
    EXPECT_EQ(hashes[2], alone_b);
}

// What is compiled once serves runs with other parameters, at once too, and both readings.
TEST(Determinism, RunsThatShareTheCompiledOdeAreTheSame) {
    const Bench bench(restless());
    SimulationOptions shared;
    shared.ode = compile_ode(bench.model);
    const auto hash = [&](double growing, SimulationOptions how) {
        const SettingSpec setting{"hepatocyte.growing", parse_quantity(std::to_string(growing) + " 1/h"), {}};
        const Parameters parameters = set_parameters(*bench.model, bench.parameters, {setting});
        Simulation simulation(bench.model, make_inputs(*bench.model, bench.rest, parameters), bench.rest.scales,
                              start_state(*bench.model, bench.rest, parameters), how);
        Recorder sink;
        return state_hash(simulation.run(60.0, 1.0, sink).last);
    };
    const std::string slow = hash(0.05, {}), fast = hash(0.1, {});
    EXPECT_NE(slow, fast);
    std::string at_once;
    std::thread other([&] { at_once = hash(0.05, shared); });
    EXPECT_EQ(hash(0.1, shared), fast);
    other.join();
    EXPECT_EQ(at_once, slow);
    SimulationOptions agents = bench.agents();
    agents.sample = 0.05;
    const std::string alone = hash(0.1, agents);
    agents.ode = shared.ode;
    EXPECT_EQ(hash(0.1, agents), alone);
}

TEST(Determinism, AFirstDifferenceIsNamed) {
    Bench bench(rat_case(2, false));
    State other = bench.start;
    EXPECT_EQ(first_difference(*bench.model, bench.start, other), "");
    other.values[bench.zone_entry("kupffer.resting", 2)] += 1.0;
    EXPECT_NE(first_difference(*bench.model, bench.start, other).find("kupffer.resting zone 2"), std::string::npos);
    EXPECT_NE(state_hash(bench.start), state_hash(other));
}

// What changes a result must change the model's name, or a run could be resumed under other laws.
TEST(Determinism, TheModelHashSeesTheSchedule) {
    const auto hash = [](const std::string& tail) { return rat_case(1, true, 1e-6, tail)->hash; };
    const std::string event = "[[event]]\nat = \"24 h\"\nset = { \"plasma.il6\" = \"plasma.il6 * 2\" }\n";
    std::string later = event, other = event;
    later.replace(later.find("24"), 2, "48");
    other.replace(other.find("plasma.il6"), 10, "plasma.hgf");
    EXPECT_EQ(hash(event), hash(event));
    EXPECT_NE(hash(event), hash(later));
    EXPECT_NE(hash(event), hash(other));
    EXPECT_NE(hash(event), hash(event + event));
}

}  // namespace
}  // namespace lobule::test
