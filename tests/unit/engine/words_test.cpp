// What each word of cells and matrix does in zones, against closed forms and integrations written by hand.
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

const std::string k_cell = cell_head("lumen");
const std::string k_tight = "relative_tolerance = \"1e-10\"\n";
/// What happens from 0 h on to a liver that stands still.
const std::string k_switch = R"t(
    [injury]
    about = "switches on"
    [parameters]
    hour = { value = "1 h", source = "derived:test", about = "an hour" }
    [variables]
    on = { start = "0", rate = "0 / hour" }
    [[event]]
    at = "0 h"
    set = { on = "1" })t";

/// Classical Runge-Kutta steps of a system written by hand.
template <std::size_t N, class F>
std::array<double, N> by_hand(std::array<double, N> y, double end, F&& f) {
    constexpr int k_steps = 4000;
    const double h = end / k_steps;
    const auto moved = [](std::array<double, N> a, const std::array<double, N>& d, double by) {
        for (std::size_t i = 0; i < N; ++i) a[i] += by * d[i];
        return a;
    };
    for (int i = 0; i < k_steps; ++i) {
        const auto a = f(y), b = f(moved(y, a, 0.5 * h)), c = f(moved(y, b, 0.5 * h)), d = f(moved(y, c, h));
        for (std::size_t j = 0; j < N; ++j) y[j] += h / 6.0 * (a[j] + 2.0 * b[j] + 2.0 * c[j] + d[j]);
    }
    return y;
}

TEST(Words, ContinuousAttributesMoveAndGoAlong) {
    Bench bench({{"a", k_cell + R"t(
        [states]
        here = { start = "100 cell", source = "assumed" }
        there = {}
        [attributes]
        x = { start = "2 pg/cell", source = "assumed" }
        [parameters]
        go = { value = "0.2 1/h", source = "derived:test", about = "go" }
        back = { value = "0.05 1/h", source = "derived:test", about = "back" }
        die = { value = "0.1 1/h", source = "derived:test", about = "death" }
        load = { value = "1 pg/h/cell", source = "derived:test", about = "load" }
        drop = { value = "0.3 1/h", source = "derived:test", about = "loss" }
        [[transition]]
        from = "here"
        to = { there = "0.8", "dead:lost" = "0.2" }
        rate = "go"
        [[transition]]
        from = "there"
        to = "here"
        rate = "back"
        [[death]]
        state = "there"
        kind = "apoptosis"
        rate = "die"
        [[change]]
        attribute = "x"
        state = "here"
        rate = "load"
        [[change]]
        attribute = "x"
        state = "all"
        rate = "-drop * x"
        [probe]
        mean = { law = "zone_sum(x)", unit = "pg/cell", about = "mean" }
        total = { law = "zone_sum(a.x_total)", unit = "pg", about = "sum" })t"}},
                k_tight + "zones = 1\n");
    bench.run(12.0);
    const auto y = by_hand<4>({100.0, 0.0, 200.0, 0.0}, 12.0, [](const std::array<double, 4>& s) {
        return std::array<double, 4>{-0.2 * s[0] + 0.05 * s[1], 0.16 * s[0] - 0.15 * s[1],
                                     -0.2 * s[2] + 0.05 * s[3] + s[0] - 0.3 * s[2],
                                     0.16 * s[2] - 0.15 * s[3] - 0.3 * s[3]};
    });
    EXPECT_NEAR(bench.at(12.0, "a.total"), y[2] + y[3], 1e-6);
    EXPECT_NEAR(bench.at(12.0, "a.mean"), (y[2] + y[3]) / (y[0] + y[1]), 1e-8);
}

TEST(Words, DaughtersHalveOrCopyAnAttribute) {
    for (const std::string how : {"split", "copy"}) {
        for (const std::string classes : {"", ", classes = 4, range = [\"0\", \"4\"]"}) {
            Bench bench({{"a", k_cell + R"t(
                [states]
                mother = { start = "100 cell", source = "assumed" }
                daughter = {}
                [attributes]
                x = { start = "3", source = "assumed", division = ")t" +
                                   how + "\"" + classes + " }\n" + parameters({{"k", "0.2 1/h"}}) + R"t(
                [[division]]
                state = "mother"
                to = "daughter"
                rate = "k"
                [probe]
                total = { law = "zone_sum(a.x_total)", unit = "cell", about = "sum" }
                mean = { law = "zone_mean(a.x)", unit = "1", about = "mean" })t"}},
                        k_tight + "zones = 1\n");
            const State end = bench.run(7.0).last;
            const double divided = 100.0 * (1.0 - std::exp(-0.2 * 7.0));
            EXPECT_NEAR(bench.cells(end, "a"), 100.0 + divided, 1e-7) << how << classes;
            EXPECT_NEAR(bench.volume(end, "a"), 1e5, 1e-5) << how << classes;
            if (how == "split") {
                EXPECT_NEAR(bench.at(7.0, "a.total"), 300.0, 1e-6) << classes;
            } else {
                EXPECT_NEAR(bench.at(7.0, "a.mean"), 3.0, 1e-9) << classes;
            }
        }
    }
}

TEST(Words, ClassesAreHoppedAsAPoissonProcess) {
    Bench bench({{"a", k_cell + R"t(
        [states]
        here = { start = "100 cell", source = "assumed" }
        [attributes]
        x = { start = "2.5", classes = 8, range = ["0", "8"], source = "assumed" }
        [parameters]
        k = { value = "0.5 1/h", source = "derived:test", about = "speed" }
        [[change]]
        attribute = "x"
        state = "all"
        rate = "k"
        [probe]
        mean = { law = "zone_mean(a.x)", unit = "1", about = "mean" })t"}},
                k_tight + "zones = 1\n");
    const State end = bench.run(2.0).last;
    double poisson = std::exp(-1.0), left = 1.0, mean = 0.0;
    for (int k = 0; k < 5; ++k) {
        const std::string name = "a.here.x." + std::to_string(3 + k);
        EXPECT_NEAR(end.values[bench.zone_entry(name, 1)], 100.0 * poisson, 1e-6) << name;
        left -= poisson;
        mean += poisson * (2.5 + k);
        poisson /= k + 1;
    }
    EXPECT_NEAR(end.values[bench.zone_entry("a.here.x.8", 1)], 100.0 * left, 1e-6);  // nobody leaves the last one
    EXPECT_NEAR(bench.at(2.0, "a.mean"), mean + 7.5 * left, 1e-8);
}

TEST(Words, AMeanOverNobodyIsZero) {
    Bench bench({{"a", k_cell + R"t(
        [states]
        here = { start = "0 cell" }
        [attributes]
        x = { start = "3", source = "assumed" }
        [probe]
        mean = { law = "zone_mean(a.x)", unit = "1", about = "mean" }
        size = { law = "zone_mean(a.size)", unit = "um^3/cell", about = "mean" })t"}});
    bench.run(1.0);
    EXPECT_EQ(bench.at(1.0, "a.mean"), 0.0);
    EXPECT_EQ(bench.at(1.0, "a.size"), 0.0);
}

const std::string k_pairs = R"t(
    [states]
    alive = { start = "100 cell", source = "assumed" }
    tired = {}
    [parameters]
    k = { value = "0.004 1/h/cell", source = "derived:test", about = "meeting" }
    [[encounter]]
    with = "b"
    when = "alive"
    rate = "k"
    name = "met"
    gives = { tired = "0.25", "dead:spent" = "0.75" }
    partner_gives = "dead:killed"
    [variables]
    pairs = { start = "0 cell", rate = "met", accumulates = true })t";
const std::string k_prey = k_cell + "[states]\nhere = { start = \"60 cell\", source = \"assumed\" }\n";

TEST(Words, EncountersAreMassAction) {
    Bench bench({{"a", k_cell + k_pairs}, {"b", k_prey}}, k_tight + "zones = 1\n");
    const State end = bench.run(5.0).last;
    const double ratio = 0.6 * std::exp(-40.0 * 0.004 * 5.0);
    const double left = 40.0 / (1.0 - ratio);  // of 100 against 60
    EXPECT_NEAR(end.values[bench.zone_entry("a.alive", 1)], left, 1e-7);
    EXPECT_NEAR(bench.cells(end, "b"), left - 40.0, 1e-7);
    EXPECT_NEAR(end.values[bench.zone_entry("a.tired", 1)], 0.25 * (100.0 - left), 1e-7);
    EXPECT_NEAR(end.values[bench.zone_entry("a.pairs", 1)], 100.0 - left, 1e-7);
}

// Twice the zones, half the cells in each: with `reach` the same pairs meet.
TEST(Words, ReachDoesNotLookAtZones) {
    std::array<double, 2> left{};
    for (const int zones : {1, 4}) {
        Bench bench({{"t", tissue_text()},
                     {"s", k_switch},
                     {"a", k_cell + R"t(
                        [states]
                        alive = { start = "100 cell", source = "assumed" }
                        tired = {}
                        [parameters]
                        k = { value = "0.04 1/h/cell", source = "derived:test", about = "meeting" }
                        far = { value = "1e7 um^3", source = "derived:test", about = "reach" }
                        [[encounter]]
                        with = "b.here"
                        when = "alive"
                        rate = "k * s.on"
                        reach = "far"
                        gives = "tired"
                        partner_gives = "done")t"},
                     {"b", k_prey + "done = {}\n"}},
                    k_tight + "zones = " + std::to_string(zones) + "\n");
        const State end = bench.run(5.0).last;
        EXPECT_NEAR(bench.cells(end, "a"), 100.0, 1e-9);
        for (int z = 1; z <= zones; ++z) left[zones == 4] += end.values[bench.zone_entry("a.alive", z)];
    }
    EXPECT_NEAR(left[0], left[1], 1e-6);
    EXPECT_NEAR(left[0], 40.0 / (1.0 - 0.6 * std::exp(-40.0 * 0.004 * 5.0)), 1e-6);
}

TEST(Words, AdhesionHoldsAndLetsGo) {
    Bench bench({{"a", k_cell + R"t(
        [states]
        free = { start = "100 cell", source = "assumed" }
        stuck = {}
        [parameters]
        k = { value = "0.005 1/h/cell", source = "derived:test", about = "grip" }
        off = { value = "0.1 1/h", source = "derived:test", about = "release" }
        [[adhesion]]
        on = "b"
        state = "free"
        to = "stuck"
        rate = "k"
        release = "off")t"},
                 {"b", k_prey}},
                k_tight + "zones = 1\n");
    const State end = bench.run(4.0).last;
    EXPECT_NEAR(end.values[bench.zone_entry("a.stuck", 1)], 75.0 * (1.0 - std::exp(-0.4 * 4.0)), 1e-7);
    EXPECT_NEAR(bench.cells(end, "b"), 60.0, 0.0);
    EXPECT_TRUE(bench.model->populations[0].substates[1].held);
    EXPECT_FALSE(bench.model->populations[0].substates[0].held);
}

const std::string k_blood = cell_head("blood") + R"t(
    [states]
    there = { start = "1e5 cell", source = "assumed" })t";
const std::string k_settlers = R"t(
    [states]
    settled = { start = "30 cell", source = "assumed" }
    [attributes]
    x = { start = "4", source = "assumed" }
    [parameters]
    r = { value = "0.02 1/h", source = "derived:test", about = "entry" }
    [[recruitment]]
    from = "blood_cell"
    to = "settled"
    rate = "r * s.on * (1 + zone.position)"
    name = "entering"
    [variables]
    entered = { start = "0 cell", rate = "entering", accumulates = true })t";

// m lobules: what the blood loses, all lobules together gain, also when m changes on the way.
TEST(Words, RecruitmentIsBetweenTheBodyAndAllLobules) {
    for (const int zones : {1, 3}) {
        Bench bench({{"t", tissue_text()}, {"s", k_switch}, {"blood_cell", k_blood}, {"a", k_cell + k_settlers}},
                    k_tight + "zones = " + std::to_string(zones) + "\n",
                    "[[event]]\nat = \"3 h\"\nset = { \"lobule.count\" = \"lobule.count / 4\" }\n");
        Recorder& seen = bench.recorder;
        const State end = bench.run(8.0).last;
        const double rate = 0.02 * 1.5 * zones;  // over zones, whose mean position is a half
        EXPECT_NEAR(bench.cells(end, "blood_cell") / (1e5 * std::exp(-rate * 8.0)), 1.0, 1e-8);
        const auto blood = [&](const Recorder::Sample& s) { return bench.cells({s.time, s.values, {}}, "blood_cell"); };
        const auto tissue = [&](const Recorder::Sample& s) { return bench.cells({s.time, s.values, {}}, "a"); };
        const Recorder::Sample &start = seen.after(0.0), &cut = seen.before(3.0), &last = seen.after(8.0);
        EXPECT_NEAR(1000.0 * (tissue(cut) - tissue(start)), blood(start) - blood(cut), 1e-4);
        EXPECT_NEAR(250.0 * (tissue(last) - tissue(cut)), blood(cut) - blood(last), 1e-4);
        double entered = 0.0, carried = 0.0;
        for (int z = 1; z <= zones; ++z) {
            entered += end.values[bench.zone_entry("a.entered", z)];
            carried += end.values[bench.zone_entry("a.settled.x", z)];
        }
        EXPECT_NEAR(entered, blood(start) - blood(last), 1e-4);
        EXPECT_NEAR(carried, 4.0 * bench.cells(end, "a"), 1e-6);
    }
}

TEST(Words, CellsOfTissueGoToBlood) {
    Bench bench({{"t", tissue_text()}, {"s", k_switch}, {"blood_cell", k_blood}, {"a", k_cell + R"t(
                    [states]
                    here = { start = "30 cell", source = "assumed" }
                    [parameters]
                    k = { value = "0.1 1/h", source = "derived:test", about = "leaving" }
                    [[transition]]
                    from = "here"
                    to = { "blood_cell.there" = "0.5", "a.here" = "0.5" }
                    rate = "k * s.on")t"}},
                k_tight + "zones = 3\n");
    const State end = bench.run(8.0).last;
    const double left = 30.0 * std::exp(-0.05 * 8.0);
    EXPECT_NEAR(bench.cells(end, "a"), left, 1e-6);
    EXPECT_NEAR(bench.cells(end, "blood_cell"), 1e5 + 1000.0 * (30.0 - left), 1e-3);
    EXPECT_NEAR(bench.volume(end, "blood_cell"), 1000.0 * bench.cells(end, "blood_cell"), 1.0);
}

TEST(Words, MigrationGoesUpALevel) {
    std::string tissue = tissue_text();
    tissue.insert(tissue.find("[parameters]"), "radius = \"way\"\n");
    tissue += "way = { value = \"300 um\", source = \"derived:test\", about = \"radius\" }\n";
    for (const int zones : {2, 3}) {
        Bench bench({{"t", tissue},
                     {"s", k_switch},
                     {"wall", cell_head("plate") + "[states]\nhere = { start = \"9e4 cell\", source = \"assumed\" }\n"},
                     {"a", k_cell + R"t(
                        [states]
                        here = { start = "60 cell", source = "assumed" }
                        [parameters]
                        u = { value = "15 um/h", source = "derived:test", about = "speed" }
                        [[migration]]
                        state = "all"
                        toward = "zone.position"
                        speed = "u * s.on")t"}},
                    k_tight + "zones = " + std::to_string(zones) + "\n");
        const State end = bench.run(6.0).last;
        const double pace = 15.0 / (300.0 / zones);
        const double first = pace * (zones == 2 ? 0.5 : 0.5), second = pace * 0.25;  // positions 1/4 3/4; 1/6 1/2 5/6
        const double here = end.values[bench.zone_entry("a.here", 1)];
        EXPECT_NEAR(here, 60.0 / zones * std::exp(-first * 6.0), 1e-7);
        if (zones == 3) {
            const auto y = by_hand<2>({20.0, 20.0}, 6.0, [&](const std::array<double, 2>& s) {
                return std::array<double, 2>{-first * s[0], first * s[0] - second * s[1]};
            });
            EXPECT_NEAR(end.values[bench.zone_entry("a.here", 2)], y[1], 1e-7);
        }
        EXPECT_NEAR(bench.cells(end, "a"), 60.0, 1e-9);
        EXPECT_NEAR(bench.volume(end, "a"), 60e3, 1e-6);
    }
}

const std::string k_matrix = R"t(
    [matrix]
    about = "matrix"
    start = { value = "2 ng/ml", source = "derived:test" }
    crosslinked = { value = "0.5", source = "derived:test" }
    [parameters]
    loss = { unit = "1/h", source = "balance", about = "loss" }
    link = { value = "0.1 1/h", source = "derived:test", about = "linking" }
    loose = { value = "0.05 1/h", source = "derived:test", about = "loosening" }
    [[degradation]]
    pool = "fresh"
    rate = "loss"
    [[crosslinking]]
    rate = "link"
    back = "loose"
    [probe]
    level = { law = "zone_mean(gel)", unit = "ng/ml", about = "all" }
    parts = { law = "zone_mean(gel.fresh + gel.crosslinked - gel)", unit = "ng/ml", about = "nothing" }
    origins = { law = "zone_mean(gel.a + gel.b - gel)", unit = "ng/ml", about = "nothing" })t";

std::string weaver(const std::string& output) {
    return k_cell + R"t(
        [states]
        here = { start = "30 cell", source = "assumed" }
        [attributes]
        x = { start = "2", source = "assumed" }
        [parameters]
        out = { value = ")t" +
           output + R"t( pg/h/cell", source = "derived:test", about = "laid" }
        [[deposition]]
        state = "all"
        matrix = "gel"
        rate = "out * (1 + x) * (1 + 2 * s.on)")t";
}

TEST(Words, MatrixRestsAtItsStartAndMovesBetweenPools) {
    for (const int zones : {1, 3}) {
        Bench bench(
            {{"t", tissue_text()}, {"s", k_switch}, {"gel", k_matrix}, {"a", weaver("1e-5")}, {"b", weaver("3e-5")}},
            k_tight + "zones = " + std::to_string(zones) + "\n");
        // 2 ng/ml of 1e8 um^3 is 0.2 pg, of which a third is fresh: loosening is half of linking.
        const double whole = 0.2, fresh = whole / 3.0, made = 30.0 * 4e-5 * 3.0;
        const double loss = made / fresh;
        EXPECT_NEAR(bench.rest.parameters.lanes[bench.model->parameter("gel.loss") - bench.model->parameters.data()][0],
                    loss, 1e-9 * loss);
        double at_rest = 0.0;
        for (const std::string pool : {"fresh", "crosslinked"})
            for (const std::string origin : {"a", "b"})
                for (int z = 1; z <= zones; ++z)
                    at_rest += bench.start.values[bench.zone_entry("gel." + pool + "." + origin, z)];
        EXPECT_NEAR(at_rest, whole, 1e-9);
        const State end = bench.run(30.0).last;
        const auto y = by_hand<2>({fresh, 2.0 * fresh}, 30.0, [&](const std::array<double, 2>& s) {
            const double flux = 0.1 * s[0] - 0.05 * s[1];
            return std::array<double, 2>{3.0 * made - loss * s[0] - flux, flux};
        });
        EXPECT_NEAR(bench.at(30.0, "gel.level"), 10.0 * (y[0] + y[1]), 1e-6);
        EXPECT_NEAR(bench.at(30.0, "gel.parts"), 0.0, 1e-12);
        EXPECT_NEAR(bench.at(30.0, "gel.origins"), 0.0, 1e-12);
        double of_b = 0.0;
        for (int z = 1; z <= zones; ++z)
            of_b +=
                end.values[bench.zone_entry("gel.fresh.b", z)] + end.values[bench.zone_entry("gel.crosslinked.b", z)];
        EXPECT_NEAR(of_b, 0.75 * (y[0] + y[1]), 1e-7);
    }
}

TEST(Words, BloodRestsByItsBalance) {
    Bench bench({{"t", tissue_text()},
                 {"wall", cell_head("plate") + "[states]\nhere = { start = \"9e4 cell\", source = \"assumed\" }\n"},
                 {"m", cell_head("blood") + R"t(
                    [states]
                    young = { start = "1000 cell", source = "assumed" }
                    old = {}
                    [crowding]
                    places = "room"
                    [parameters]
                    room = { value = "2000 cell", source = "derived:test", about = "places" }
                    life = { value = "10 h", source = "derived:test", about = "life" }
                    renewal = { unit = "1/h", source = "balance", about = "division" }
                    [[transition]]
                    from = "young"
                    to = "old"
                    rate = "1 / life"
                    [[death]]
                    state = "old"
                    kind = "apoptosis"
                    rate = "1 / life"
                    [[division]]
                    state = "young"
                    to = "young"
                    rate = "renewal / crowding"
                    [[growth]]
                    state = "all"
                    rate = "1 / life"
                    target = "volume"
                    [probe]
                    full = { law = "m.crowding", unit = "1", about = "crowding" })t"}},
                k_tight);
    bench.run(400.0, 100.0);
    EXPECT_NEAR(bench.at(400.0, "m.full"), 0.5, 1e-8);
    // Of 1000 cells those that are young are as many as die: 500 each; renewal / 0.5 = 1 / life.
    EXPECT_NEAR(bench.start.values[bench.entry("m.young")], 500.0, 1e-5);
    EXPECT_NEAR(bench.rest.parameters.ones[bench.model->parameter("m.renewal") - bench.model->parameters.data()], 0.05,
                1e-9);
}

}  // namespace
}  // namespace lobule::test
