// What therapies need of the language: cells that enter blood by an event, choices, and parts that are left out when nothing is given.
#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

/// Three portions at 0, 2 and 4 h into one state, and one at 1 h into the other.
Parts infused(const std::string& dose, bool tissue) {
    Parts parts{{"graft", cell_head("blood") + "[states]\nfresh = { about = \"a\" }\nsettled = { about = \"b\" }\n" +
                              parameters({{"dose", dose}}) + R"t(
        [[event]]
        at = "0 h"
        every = "2 h"
        until = "4 h"
        set = { "graft.fresh" = "graft.fresh + dose" }
        [[event]]
        at = "1 h"
        set = { "graft.settled" = "dose / 2" }
        [probe]
        fresh = { law = "graft.fresh", unit = "cell", about = "a" }
        settled = { law = "graft.settled", unit = "cell", about = "b" }
        size = { law = "graft.size", unit = "um^3/cell", about = "mean volume" }
        )t"}};
    if (tissue) parts.emplace_back("tissue", tissue_text());
    return parts;
}

void expect_portions(const Bench& bench, double dose, double agent) {
    for (const auto& [time, portions] : {std::pair{0.0, 1.0}, {1.0, 1.0}, {2.0, 2.0}, {4.0, 3.0}, {6.0, 3.0}})
        EXPECT_NEAR(bench.at(time, "graft.fresh"), portions * dose, agent) << time << " h";
    EXPECT_NEAR(bench.at(6.0, "graft.settled"), 0.5 * dose, agent);
    EXPECT_NEAR(bench.at(6.0, "graft.size"), 1000.0, 1e-9);
}

TEST(Infusion, EntersBloodInZones) {
    Bench bench(infused("1e5 cell", true));
    const State end = bench.run(6.0).last;
    expect_portions(bench, 1e5, 1e-6);
    EXPECT_NEAR(bench.volume(end, "graft") / bench.cells(end, "graft"), 1000.0, 1e-9);
}

TEST(Infusion, EntersBloodAsAgents) {
    Bench alone(infused("100 cell", false), "zones = 1\n");
    const State end = alone.run_agents(6.0, 1.0, alone.recorder, alone.agents()).last;
    expect_portions(alone, 100.0, 0.0);
    EXPECT_EQ(end.agents[0].size(), 350U);

    Bench liver(infused("1e5 cell", true));  // of 1000 lobules: an agent stands for so many cells
    liver.run_agents(6.0, 1.0, liver.recorder, liver.agents());
    expect_portions(liver, 1e5, 1000.0);
}

/// A drug that decays in blood, and a therapy of three parts that go together.
const Parts k_case{{"drug", "[body]\nabout = \"a drug\"\n" + parameters({{"k", "0.1 1/h"}}) + R"t(
    [variables]
    x = { start = "8 pg", rate = "-k * x" }
    [probe]
    x = { law = "x", unit = "pg", about = "x" }
    )t"},
                   {"worker", cell_head("lumen") + "[states]\nhere = { start = \"100 cell\", source = \"assumed\" }\n" +
                                  parameters({{"rate", "0.05 1/h"}}) +
                                  "[[death]]\nstate = \"all\"\nkind = \"apoptosis\"\nrate = \"rate\"\n"}};
const Parts k_therapy{
    {"infusion", "[therapy]\nabout = \"a dose\"\nneeds = \"infusion.dose\"\n" +
                     parameters({{"dose", "50 cell"}, {"strength", "2"}}) +
                     "route = { choices = [\"artery\", \"vein\"], value = \"artery\", source = \"assumed\", about = "
                     "\"where\" }\n[[effect]]\non = \"drug.k\"\nfactor = \"1 + strength * chosen(route, vein)\"\n"},
    {"graft", cell_head("blood") + "needs = \"infusion.dose\"\n[states]\nhere = { about = \"a\" }\n" +
                  "[[event]]\nat = \"0 h\"\nset = { \"graft.here\" = \"infusion.dose\" }\n"},
    {"after",
     "[probes]\nabout = \"readings\"\nneeds = \"graft.volume\"\n"
     "[probe]\ngrafts = { law = \"graft\", unit = \"cell\", about = \"a\" }\n"}};

Parts treated() {
    Parts all = k_case;
    all.insert(all.end(), k_therapy.begin(), k_therapy.end());
    return all;
}

std::shared_ptr<const Model> treated_model(const std::vector<std::string>& settings, const std::string& tail = {}) {
    std::vector<SettingSpec> read;
    for (const std::string& text : settings) read.push_back(read_setting(text));
    return compile(spec(scenario_text(treated(), "zones = 1\n", tail)), catalogue(treated()), read);
}

TEST(Needs, ATherapyOfNothingIsTheUntreatedRun) {
    Bench untreated(k_case, "zones = 1\n");
    const auto expect_same = [&](std::shared_ptr<const Model> model) {
        EXPECT_EQ(model->hash, untreated.model->hash);
        Bench none(std::move(model));
        EXPECT_EQ(state_hash(none.run(24.0).last), state_hash(untreated.run(24.0).last));
        ASSERT_EQ(none.recorder.samples.size(), untreated.recorder.samples.size());
        for (std::size_t s = 0; s < none.recorder.samples.size(); ++s)
            EXPECT_EQ(none.recorder.samples[s].probes, untreated.recorder.samples[s].probes);
        EXPECT_EQ(state_hash(none.run_agents(24.0, 1.0, none.recorder, none.agents()).last),
                  state_hash(untreated.run_agents(24.0, 1.0, untreated.recorder, untreated.agents()).last));
    };
    expect_same(treated_model({"infusion.dose=0 cell"}));
    expect_same(treated_model({}, "[set]\n\"infusion.dose\" = \"0 cell\"\n\"infusion.route\" = \"vein\"\n"));

    Bench given(treated_model({}));
    EXPECT_NE(state_hash(given.run(24.0).last), state_hash(untreated.run(24.0).last));
    EXPECT_DOUBLE_EQ(given.at(24.0, "grafts"), 50.0);
}

TEST(Choices, AreReadByLawsAndSetByName) {
    const auto left = [](const std::vector<std::string>& settings) {
        Bench bench(treated(), "zones = 1\nrelative_tolerance = \"1e-9\"\n", {}, settings);
        bench.run(10.0, 10.0);
        return bench.at(10.0, "drug.x");
    };
    EXPECT_NEAR(left({}), 8.0 * std::exp(-1.0), 1e-6);
    EXPECT_NEAR(left({"infusion.route=vein"}), 8.0 * std::exp(-3.0), 1e-6);
}

}  // namespace
}  // namespace lobule::test
