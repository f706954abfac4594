// [[hazard]]: what befalls a patient at random.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

const std::string k_strikes = R"t(
    [injury]
    about = "strikes"
    [parameters]
    often = { value = "0.1 1/h", source = "derived:test", about = "rate" }
    [variables]
    hit = { start = "0", rate = "0 * often" }
    [[hazard]]
    name = "blow"
    rate = "often"
    set = { hit = "hit + 1" })t";

struct Strikes {
    std::vector<double> times;
    State end;
};

Strikes run(const Bench& bench, std::uint64_t seed, double until, Resolution resolution = Resolution::zones) {
    SimulationOptions options = simulation_options(*bench.model, bench.rest, resolution);
    options.seed = seed;
    Recorder seen;
    Simulation simulation(bench.model, bench.inputs, bench.rest.scales, bench.start, options);
    State end = simulation.run(until, until, seen).last;
    return {seen.event_times, std::move(end)};
}

/// The largest distance of the empirical distribution from the exponential, times the root of the number.
double kolmogorov(std::vector<double> waits, double rate) {
    std::sort(waits.begin(), waits.end());
    const auto n = static_cast<double>(waits.size());
    double largest = 0.0;
    for (std::size_t i = 0; i < waits.size(); ++i) {
        const double at = 1.0 - std::exp(-rate * waits[i]);
        largest = std::max({largest, at - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - at});
    }
    return largest * std::sqrt(n);
}

TEST(RandomHazard, WaitsAreExponential) {
    const Bench bench({{"i", k_strikes}}, "epoch = \"1000 d\"\n");
    for (const Resolution resolution : {Resolution::zones, Resolution::mixed}) {
        std::vector<double> first, later;
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            const Strikes s = run(bench, seed, 100.0, resolution);
            for (std::size_t k = 0; k < s.times.size(); ++k)
                (k == 0 ? first : later).push_back(k == 0 ? s.times[0] : s.times[k] - s.times[k - 1]);
            EXPECT_NEAR(s.end.values[bench.entry("i.hit")], static_cast<double>(s.times.size()), 0.0);
            EXPECT_NEAR(s.end.values[bench.entry("i.blow")], 10.0, 1e-4);
        }
        ASSERT_EQ(first.size(), 40U);
        EXPECT_LT(kolmogorov(first, 0.1), 1.63);  // 1 %
        // Waits that reach beyond the end are missing; strikes in all are a Poisson number of mean 10.
        EXPECT_NEAR(static_cast<double>(first.size() + later.size()) / 40.0, 10.0, 4.0 * std::sqrt(10.0 / 40.0));
    }
}

// Whatever the rate does, what builds up between strikes is a standard exponential.
TEST(RandomHazard, FollowsARateThatChanges) {
    std::string text = k_strikes;
    text.replace(text.find("rate = \"often\""), 14, "rate = \"often * (1 + time * often)^2\"");
    const Bench bench({{"i", text}});
    std::vector<double> levels;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const Strikes s = run(bench, seed, 60.0);
        double before = 0.0;
        for (const double t : s.times) {
            const double built = (std::pow(1.0 + 0.1 * t, 3) - 1.0) / 3.0;
            levels.push_back(built - before);
            before = built;
        }
    }
    ASSERT_GT(levels.size(), 500U);
    EXPECT_LT(kolmogorov(levels, 1.0), 1.63);
}

TEST(RandomHazard, AddressesItsDraws) {
    const Bench bench({{"i", k_strikes}});
    const Strikes once = run(bench, 5, 80.0);
    EXPECT_EQ(once.times, run(bench, 5, 80.0).times);
    EXPECT_NE(once.times, run(bench, 6, 80.0).times);
    // Another part, another hazard: none of these draws changes.
    std::string other = k_strikes;
    other.replace(other.find("often = { value = \"0.1"), 22, "often = { value = \"0.3");
    const Bench both({{"h", other}, {"i", k_strikes}});
    std::vector<double> times;
    Recorder seen;
    SimulationOptions options = simulation_options(*both.model, both.rest, Resolution::zones);
    options.seed = 5;
    Simulation simulation(both.model, both.inputs, both.rest.scales, both.start, options);
    simulation.run(80.0, 80.0, seen);
    for (const double t : once.times) {
        const bool found = std::any_of(seen.event_times.begin(), seen.event_times.end(),
                                       [&](double s) { return std::abs(s - t) < 1e-4; });
        EXPECT_TRUE(found) << t;
    }
}

TEST(RandomHazard, GoesOnWhereItWasStopped) {
    const Bench bench({{"i", k_strikes}}, "epoch = \"10 h\"\n");
    for (const Resolution resolution : {Resolution::zones, Resolution::mixed}) {
        SimulationOptions options = simulation_options(*bench.model, bench.rest, resolution);
        options.seed = 3;
        Recorder whole, second;
        Simulation simulation(bench.model, bench.inputs, bench.rest.scales, bench.start, options);
        const State end = simulation.run(80.0, 80.0, whole).last;
        ASSERT_GT(whole.restarts.size(), 9U);
        for (const std::size_t at : {std::size_t{2}, whole.restarts.size() / 2, whole.restarts.size() - 2}) {
            Simulation again(bench.model, bench.inputs, bench.rest.scales, whole.restarts[at], options);
            EXPECT_EQ(state_hash(again.run(80.0, 80.0, second, true).last), state_hash(end)) << at;
        }
    }
}

TEST(RandomHazard, MayNotBeNegative) {
    std::string text = k_strikes;
    text.replace(text.find("rate = \"often\""), 14, "rate = \"often * (1 - time * often)\"");
    Bench bench({{"i", text}});
    try {
        bench.run(50.0);
        FAIL() << "ran";
    } catch (const SolverFailure& failure) {
        EXPECT_NE(std::string(failure.what()).find("the rate of the hazard `blow` is negative"), std::string::npos)
            << failure.what();
        EXPECT_GT(failure.time(), 10.0);
    }
}

}  // namespace
}  // namespace lobule::test
