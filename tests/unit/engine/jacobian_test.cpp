// The bordered Newton matrix, its sums eliminated, against central differences of dy/dt.
#include <Eigen/Dense>
#include <cmath>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "model_text.hpp"
#include "zones/linearisation.hpp"

namespace lobule::test {
namespace {

Eigen::MatrixXd analytic(const Linearisation& linearisation) {
    const Eigen::Index n = linearisation.size(), all = linearisation.bordered_size(), sums = all - n;
    Eigen::MatrixXd m = Eigen::MatrixXd::Zero(all, all);
    for (const Linearisation::Entry& e : linearisation.entries()) m(e.row, e.column) += e.value;
    if (sums == 0) return m;
    const Eigen::MatrixXd border = Eigen::MatrixXd::Identity(sums, sums) + m.bottomRightCorner(sums, sums);
    return m.topLeftCorner(n, n) - m.topRightCorner(n, sums) * border.partialPivLu().solve(m.bottomLeftCorner(sums, n));
}

/// Entries that differ, each in units of its row's and column's typical size; "" when none does.
std::string differences(const Model& model, const Laws& laws, const Inputs& inputs, const std::vector<double>& y,
                        const std::vector<double>& scales) {
    ZoneSystem system(model, laws, inputs);
    Linearisation linearisation(model, laws, system);
    constexpr double k_time = 5.0;
    linearisation.evaluate(k_time, y.data(), system.binding());
    const Eigen::MatrixXd jacobian = analytic(linearisation);
    const std::size_t n = y.size();
    std::string out;
    int found = 0;
    for (std::size_t j = 0; j < n; ++j) {
        std::vector<double> moved = y, high(n), low(n);
        const double h = 1e-6 * std::max(std::abs(y[j]), 1e-3 * scales[j]);
        moved[j] = y[j] + h;
        system.rates(k_time, moved.data(), high.data());
        moved[j] = y[j] - h;
        system.rates(k_time, moved.data(), low.data());
        for (std::size_t i = 0; i < n; ++i) {
            const double exact = jacobian(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
            const double differenced = (high[i] - low[i]) / (2.0 * h);
            const double rounding = 1e-13 * (std::abs(high[i]) + scales[i]) / h;
            if (std::abs(exact - differenced) <= 2e-5 * (std::abs(exact) + std::abs(differenced)) + 100.0 * rounding)
                continue;
            if (++found <= 5)
                out += value_name(model, i) + " by " + value_name(model, j) + ": " +
                       std::to_string(exact * scales[j] / scales[i]) + ", by differences " +
                       std::to_string(differenced * scales[j] / scales[i]) + "\n";
        }
    }
    return out;
}

/// A state around `y` with every value there and no two zones alike.
std::vector<double> shaken(const std::vector<double>& y, const std::vector<double>& scales, std::uint64_t seed) {
    std::vector<double> out = y;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double factor = 0.3 + 1.4 * random_uniform({.seed = seed, .index = i});
        out[i] = factor * (std::abs(y[i]) > 1e-6 * scales[i] ? y[i] : 0.05 * scales[i]);
    }
    return out;
}

TEST(Jacobian, OfTheShippedPartsInRandomStates) {
    for (const int zones : {1, 2, 3, 7}) {
        const Bench bench(rat_case(zones, true));
        for (const std::uint64_t seed : {1U, 2U, 3U}) {
            const std::vector<double> y = shaken(bench.start.values, bench.rest.scales, seed);
            EXPECT_EQ(differences(*bench.model, bench.model->run, bench.inputs, y, bench.rest.scales), "")
                << zones << " zones, " << seed;
            EXPECT_EQ(differences(*bench.model, bench.model->rest, bench.inputs, y, bench.rest.scales), "")
                << "at rest, " << zones << " zones, " << seed;
        }
    }
}

TEST(Jacobian, ThroughoutARun) {
    Bench bench(rat_case(3, true));
    bench.run(72.0, 8.0);
    for (const Recorder::Sample& sample : bench.recorder.samples)
        EXPECT_EQ(differences(*bench.model, bench.model->run, bench.inputs, shaken(sample.values, bench.rest.scales, 9),
                              bench.rest.scales),
                  "")
            << "at " << sample.time << " h";
}

TEST(Jacobian, OfATissueOfOneState) {
    for (const int zones : {1, 2, 5}) {
        const Bench bench(
            {{"t", tissue_text("0.2 1/h")},
             {"a", cell_head("plate") + "[states]\nhere = { start = \"600 cell\", source = \"assumed\" }\n"}},
            "zones = " + std::to_string(zones) + "\n");
        const std::vector<double> y = shaken(bench.start.values, bench.rest.scales, 4);
        EXPECT_EQ(differences(*bench.model, bench.model->run, bench.inputs, y, bench.rest.scales), "") << zones;
    }
}

/// Every word of the language in one small liver.
Parts all_words() {
    std::string tissue = tissue_text("0.2 1/h");
    tissue.insert(tissue.find("[parameters]"), "radius = \"way\"\n");
    tissue += "way = { value = \"300 um\", source = \"derived:test\", about = \"radius\" }\n";
    return {{"t", tissue},
            {"body", R"t(
                [body]
                about = "blood"
                [compartments]
                plasma = "room"
                [[flow]]
                from = "plasma"
                to = "lobule"
                rate = "flow"
                [[flow]]
                from = "lobule"
                to = "plasma"
                rate = "flow"
                [parameters]
                room = { value = "10 ml", source = "derived:test", about = "volume" }
                flow = { value = "60 ml/h", source = "derived:test", about = "flow" })t"},
            {"ill", R"t(
                [injury]
                about = "strikes"
                [parameters]
                often = { value = "0.1 1/h", source = "derived:test", about = "rate" }
                [variables]
                worn = { start = "0.5", rate = "often * (1 - worn * lobule.volume / rest(lobule.volume))" }
                [[hazard]]
                name = "blow"
                rate = "often * worn^2"
                set = { worn = "0" }
                [[degradation]]
                matrix = "gel"
                rate = "often * worn * hunter.load")t"},
            {"s", R"t(
                [signal]
                about = "s"
                scale = "fast"
                start = { value = "1 ng/ml", source = "derived:test" }
                in = ["plasma"]
                [parameters]
                loss = { value = "3 1/h", source = "derived:test", about = "loss" }
                [[decay]]
                place = "tissue"
                rate = "loss / (1 + s / rest(s))"
                [[decay]]
                place = "plasma"
                rate = "loss"
                [[reaction]]
                place = "tissue"
                from = "s"
                rate = "loss * s * gel / (gel + rest(gel))")t"},
            {"gel", R"t(
                [matrix]
                about = "gel"
                start = { value = "2 ng/ml", source = "derived:test" }
                crosslinked = { value = "0.4", source = "derived:test" }
                [parameters]
                loss = { value = "0.1 1/h", source = "derived:test", about = "loss" }
                [[degradation]]
                pool = "fresh"
                rate = "loss * hunter / (hunter + prey)"
                [[crosslinking]]
                rate = "loss * hill(gel.fresh, rest(gel.fresh), 2)"
                back = "loss * hill(gel.prey, rest(gel.prey), 1)")t"},
            {"blood_cell", cell_head("blood") + R"t(
                compartment = "plasma"
                [states]
                young = { start = "1e5 cell", source = "assumed", stages = 2, advance = "k" }
                old = {}
                [attributes]
                load = { start = "2", source = "assumed" }
                [crowding]
                places = "room"
                [parameters]
                k = { value = "0.05 1/h", source = "derived:test", about = "rate" }
                out = { value = "1e-6 ng/h/cell", source = "derived:test", about = "output" }
                room = { value = "2e5 cell", source = "derived:test", about = "places" }
                renewal = { unit = "1/h", source = "balance", about = "division" }
                [[change]]
                attribute = "load"
                state = "all"
                rate = "k * (1 + s / rest(s) - load)"
                [[secretion]]
                state = "all"
                signal = "s"
                rate = "out * load"
                [[transition]]
                from = "young"
                to = "old"
                rate = "k"
                [[death]]
                state = "old"
                kind = "lost"
                rate = "k * (1 + crowding^2)"
                [[division]]
                state = "all"
                at_stage = "all"
                to = "young"
                rate = "renewal / (1 + crowding)"
                [[growth]]
                state = "all"
                rate = "k"
                target = "volume * (1 + load_total / (load_total + room))")t"},
            {"prey", cell_head("plate") + R"t(
                binucleate = { value = "0.2", source = "derived:test" }
                [states]
                here = { start = "9e4 cell", source = "assumed" }
                marked = {}
                [parameters]
                k = { value = "0.02 1/h", source = "derived:test", about = "rate" }
                out = { value = "1e-11 ng/h/cell", source = "derived:test", about = "output" }
                renewal = { unit = "1/h", source = "balance", about = "division" }
                two = { unit = "1/h", source = "balance", keeps = "prey.binucleate", about = "death" }
                [crowding]
                places = "(prey + hunter) / 2 * zone.volume / zone.rest_volume"
                shared_with = ["hunter.free"]
                [[death]]
                state = "all"
                class = "binucleate"
                kind = "lost"
                rate = "two"
                [[death]]
                state = "all"
                class = "mononucleate"
                kind = "lost"
                rate = "k * crowding"
                [[transition]]
                from = "marked"
                to = { here = "0.6", "hunter.free" = "0.1", "blood_cell.old" = "0.1", "dead:lost" = "0.2" }
                rate = "k"
                [[division]]
                state = "here"
                to = "here"
                rate = "renewal / crowding"
                binucleation = "0.3"
                [[growth]]
                state = "all"
                rate = "k"
                target = "volume"
                [[deposition]]
                state = "all"
                matrix = "gel"
                rate = "out * (1 + s / rest(s))")t"},
            {"hunter", cell_head("disse") + R"t(
                [states]
                free = { start = "9e3 cell", source = "assumed" }
                stuck = {}
                [attributes]
                load = { start = "1", source = "assumed" }
                grade = { start = "1.2", classes = 3, range = ["0", "3"], source = "assumed" }
                [parameters]
                k = { value = "0.03 1/h", source = "derived:test", about = "rate" }
                kk = { value = "1e-6 1/h/cell", source = "derived:test", about = "rate" }
                far = { value = "1e6 um^3", source = "derived:test", about = "reach" }
                out = { value = "1e-11 ng/h/cell", source = "derived:test", about = "output" }
                u = { value = "20 um/h", source = "derived:test", about = "speed" }
                renewal = { unit = "1/h", source = "balance", about = "division" }
                [[recruitment]]
                from = "blood_cell.old"
                to = "free"
                rate = "0.2 * k * (1 + zone.position) * s / rest(s)"
                [[death]]
                state = "all"
                kind = "lost"
                rate = "k * (1 + grade)"
                [[division]]
                state = "free"
                to = "free"
                rate = "renewal"
                [[growth]]
                state = "all"
                rate = "k"
                target = "volume * (1 + grade)"
                [[change]]
                attribute = "load"
                state = "all"
                rate = "k * (2 * s / rest(s) - load)"
                [[change]]
                attribute = "grade"
                state = "all"
                rate = "k * (1.5 * s / rest(s) - grade)"
                [[uptake]]
                state = "stuck"
                signal = "s"
                rate = "out * load * s / rest(s)"
                [[deposition]]
                state = "all"
                matrix = "gel"
                rate = "out * (1 + load * grade)"
                [[encounter]]
                with = "prey.here"
                when = "free"
                rate = "kk * grade"
                reach = "far"
                gives = { stuck = "0.4", free = "0.6" }
                partner_gives = "marked"
                [[adhesion]]
                on = "prey"
                state = "free"
                to = "stuck"
                rate = "kk"
                reach = "far"
                release = "k * gel / rest(gel)"
                [[migration]]
                state = "all"
                toward = "prey.here"
                speed = "u * grade")t"}};
}

TEST(Jacobian, OfEveryWord) {
    for (const int zones : {1, 2, 3, 7}) {
        const Bench bench(all_words(), "zones = " + std::to_string(zones) + "\n");
        for (const std::uint64_t seed : {1U, 2U}) {
            const std::vector<double> y = shaken(bench.start.values, bench.rest.scales, seed);
            EXPECT_EQ(differences(*bench.model, bench.model->run, bench.inputs, y, bench.rest.scales), "")
                << zones << " zones, " << seed;
            EXPECT_EQ(differences(*bench.model, bench.model->rest, bench.inputs, y, bench.rest.scales), "")
                << "at rest, " << zones << " zones, " << seed;
        }
    }
}

// Newton works with it: a stiff reversible reaction, 1e6 times faster than what it follows, costs few steps.
TEST(Jacobian, CarriesAStiffModel) {
    Bench bench({{"a", cell_head("lumen") + R"t(
        [states]
        one = { start = "100 cell", source = "assumed" }
        two = {}
        [parameters]
        fast = { value = "1e6 1/h", source = "derived:test", about = "fast" }
        slow = { value = "0.01 1/h", source = "derived:test", about = "slow" }
        [[transition]]
        from = "one"
        to = "two"
        rate = "fast"
        [[transition]]
        from = "two"
        to = "one"
        rate = "3 * fast"
        [[death]]
        state = "two"
        kind = "apoptosis"
        rate = "slow")t"}},
                "zones = 1\n");
    const Outcome outcome = bench.run(100.0, 100.0);
    EXPECT_NEAR(bench.cells(outcome.last, "a"), 100.0 * std::exp(-0.25), 1e-3);
    EXPECT_LT(outcome.statistics.steps, 500);
    EXPECT_GT(outcome.statistics.steps, 5);
}

}  // namespace
}  // namespace lobule::test
