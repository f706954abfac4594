// Inputs drawn over their ranges, on a tank that can be computed by hand: 8 pg that leak at a rate k, once x 2 beside it.
#include "io/band.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../support/page_text.hpp"
#include "io/project.hpp"
#include "io/report.hpp"

namespace lobule::io {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::pair<const char*, const char*> k_parts[] = {{"tank", R"t(
[body]
about = "a tank"
[parameters]
k = { value = "0.1 1/h", range = ["0.05 1/h", "0.2 1/h"], source = "assumed", about = "Leak." }
width = { value = "1", range = ["0.01", "1"], source = "assumed", about = "Of the hole." }
free = { value = "1", source = "derived:test", about = "Without a range." }
kind = { choices = ["deep", "flat"], value = "deep", source = "assumed", about = "Which." }
[variables]
x = { start = "8 pg", rate = "-k * width * free * x" }
[probe]
x = { law = "x", unit = "pg", about = "Level." }
ratio = { law = "x * width", unit = "pg", about = "Share." }
)t"},
                                                       {"valve", R"t(
[therapy]
about = "a valve"
needs = "valve.open"
[parameters]
open = { value = "3", range = ["1", "9"], source = "assumed", about = "a" }
hour = { value = "1 h", source = "derived:test", about = "a" }
[variables]
wear = { start = "0", rate = "open / hour" }
)t"}};

std::shared_ptr<const Model> model_of_tank() {
    Catalogue parts;
    std::vector<Problem> problems;
    Spec spec;
    for (const auto& [name, text] : k_parts) {
        parts.add(read_part(name, parse_toml(text, name), problems));
        spec.parts.emplace_back(name);
    }
    for (const Problem& p : problems) ADD_FAILURE() << to_string(p);
    spec.duration = 10.0;
    spec.zones = 1;
    return compile(spec, parts);
}

struct Tank {
    std::shared_ptr<const Model> model = model_of_tank();
    RestState rest = solve_rest(*model);
    std::vector<Problem> problems{};
    Expectations expectations{};
    BandRequest request{"", {}, 10.0, 1};

    explicit Tank(const std::string& text) {
        expectations = read_expectations(parse_toml(text, "expect.toml"), "/nowhere", {}, *model, problems);
    }
    std::string faults() const {
        std::string out;
        for (const Problem& p : problems) out += to_string(p) + "\n";
        return out;
    }
    Band run() const {
        return *run_band(model, rest, rest.parameters, expectations, request,
                         simulation_options(*model, rest, Resolution::zones), {});
    }
};

constexpr const char* k_band = R"t(
[variant.half]
about = "Half the hole."
group = "check"
set = { "tank.width" = "0.5" }
[[figure]]
name = "Level"
probes = ["tank.x"]
variants = ["case", "half"]
[[feature]]
name = "Left"
probe = "tank.x"
kind = "final"
role = "prediction"
[[feature]]
name = "Half against the case"
variant = "half"
against = "case"
probe = "tank.x"
kind = "final"
role = "prediction"
[band]
about = "The leak is not known."
parameters = ["tank.k"]
runs = 20
variants = ["half"]
)t";

TEST(Band, DrawsAreStratifiedAndPaired) {
    Tank tank(k_band);
    ASSERT_EQ(tank.faults(), "");
    const Band band = tank.run();
    ASSERT_EQ(band.all.size(), 40U);
    std::vector<double> drawn;
    for (std::size_t i = 0; i < band.all.size(); i += 2) {
        EXPECT_EQ(band.all[i].run, i / 2 + 1);
        EXPECT_EQ(band.all[i].inputs, band.all[i + 1].inputs);
        EXPECT_EQ(band.all[i + 1].variant, "half");
        const double k = band.all[i].inputs.at(0);
        drawn.push_back(k);
        EXPECT_NEAR(*band.all[i].ends.at(0), 8 * std::exp(-10 * k), 1e-4);
        EXPECT_NEAR(*band.all[i + 1].ends.at(0), 8 * std::exp(-5 * k), 1e-4);
    }
    std::sort(drawn.begin(), drawn.end());
    for (std::size_t i = 0; i < drawn.size(); ++i) {  // one in each twentieth of the range
        EXPECT_GE(drawn[i], 0.05 + 0.0075 * static_cast<double>(i));
        EXPECT_LE(drawn[i], 0.05 + 0.0075 * static_cast<double>(i + 1));
    }
    // The band at the end is that of exp(-10 k) at the 5th and the 95th of a hundred draws, within a slice.
    const BandLine& last = *std::find_if(band.lines.rbegin(), band.lines.rend(),
                                         [](const BandLine& line) { return line.variant.empty(); });
    EXPECT_EQ(last.time, 10.0);
    EXPECT_EQ(last.probe, "tank.x");
    EXPECT_NEAR(std::log(8 / last.low) / 10, 0.1925, 0.0075);
    EXPECT_NEAR(std::log(8 / last.high) / 10, 0.0575, 0.0075);
    EXPECT_NEAR(std::log(8 / last.median) / 10, 0.125, 0.0075);
    // Only what a figure draws.
    EXPECT_EQ(band.probes, std::vector<std::string>{"tank.x [pg]"});
    for (const BandLine& line : band.lines) EXPECT_EQ(line.probe, "tank.x");
}

TEST(Band, ARatioIsThatOfTheTwoRunsOfADraw) {
    const Band band = Tank(k_band).run();
    ASSERT_EQ(band.features.size(), 2U);
    const BandFeature& ratio = band.features[1];
    EXPECT_EQ(ratio.runs, 20U);
    // exp(5 k): over unpaired draws it would be far wider.
    EXPECT_NEAR(std::log(ratio.low) / 5, 0.0575, 0.0075);
    EXPECT_NEAR(std::log(ratio.high) / 5, 0.1925, 0.0075);
}

TEST(Band, ThreadsChangeNothing) {
    Tank tank(k_band);
    const std::string one = band_runs_csv(tank.run());
    tank.request.threads = 3;
    EXPECT_EQ(band_runs_csv(tank.run()), one);
}

TEST(Band, TheSeedDecidesTheDraws) {
    Tank tank(k_band);
    const Band one = tank.run();
    tank.expectations.band->seed = 2;
    EXPECT_NE(tank.run().all[0].inputs, one.all[0].inputs);
}

TEST(Band, WhatAVariantSetsStandsAboveTheDraw) {
    std::string text = k_band;
    text.replace(text.find("[\"tank.k\"]"), 10, "[\"tank.k\", \"tank.width\"]");
    Tank tank(text);
    const Band band = tank.run();
    EXPECT_EQ(band.inputs[1].scale, "log");
    EXPECT_EQ(band.inputs[0].scale, "linear");
    for (std::size_t i = 0; i < band.all.size(); i += 2) {
        EXPECT_NEAR(*band.all[i].ends[0], 8 * std::exp(-10 * band.all[i].inputs[0] * band.all[i].inputs[1]), 1e-4);
        EXPECT_NEAR(*band.all[i + 1].ends[0], 8 * std::exp(-5 * band.all[i].inputs[0]), 1e-4) << "half is half";
        EXPECT_EQ(band.all[i + 1].inputs[1], 0.5);
    }
}

TEST(Band, AnInputMayHaveARangeOfTheCasesOwn) {
    std::string text = k_band;
    text.replace(text.find("parameters = [\"tank.k\"]"), 23, "");
    Tank tank(text + "[[input]]\nname = \"tank.k\"\nbetween = [\"0.1 1/h\", \"0.11 1/h\"]\n");
    ASSERT_EQ(tank.faults(), "");
    const Band band = tank.run();
    EXPECT_EQ(band.inputs.at(0).range, "0.1 1/h to 0.11 1/h");
    for (const BandRun& run : band.all) {
        EXPECT_GE(run.inputs[0], 0.1);
        EXPECT_LE(run.inputs[0], 0.11);
    }
}

TEST(Band, WhatTheCommandLineSetIsHeldAndMovesNoOtherDraw) {
    std::string text = k_band;
    text.replace(text.find("[\"tank.k\"]"), 10, "[\"tank.k\", \"tank.width\"]");
    Tank tank(text);
    const Band free = tank.run();
    tank.request.held = {"tank.width"};
    const Band held = tank.run();
    EXPECT_EQ(held.inputs[1].held, "command line");
    for (std::size_t i = 0; i < held.all.size(); ++i) {
        EXPECT_EQ(held.all[i].inputs[0], free.all[i].inputs[0]);
        EXPECT_EQ(held.all[i].inputs[1], i % 2 == 0 ? 1.0 : 0.5);
    }
    EXPECT_NEAR(*held.all[1].ends[0], 8 * std::exp(-5 * held.all[1].inputs[0]), 1e-4) << "the variant keeps its own";
    tank.request.held = {"tank.width", "tank.k"};
    EXPECT_EQ(tank.run().runs, 0U);
    EXPECT_TRUE(tank.run().all.empty());
}

TEST(Band, AStopLeavesNothing) {
    const Tank tank(k_band);
    EXPECT_FALSE(run_band(tank.model, tank.rest, tank.rest.parameters, tank.expectations, tank.request,
                          simulation_options(*tank.model, tank.rest, Resolution::zones),
                          [](std::size_t done, std::size_t) { return done == 3; }));
}

TEST(Band, RefusesWhatCannotBeDrawn) {
    const auto faults = [](const std::string& keys) {
        return Tank("[variant.a]\nabout=\"x\"\ngroup=\"check\"\n[band]\nabout = \"x\"\n" + keys + "\n").faults();
    };
    const auto of = [&](const std::string& name) { return faults("parameters = [\"" + name + "\"]"); };
    EXPECT_EQ(of("tank.k"), "");
    EXPECT_THAT(of("tank.wdth"), HasSubstr("no parameter `tank.wdth` in this model (nearest: tank.width)"));
    EXPECT_THAT(of("tank.free"), HasSubstr("`tank.free` declares no range"));
    EXPECT_THAT(of("tank.kind"), HasSubstr("is one of several names"));
    EXPECT_EQ(of("valve.open"), "") << "its range is above 0";
    EXPECT_THAT(faults("[[input]]\nname = \"valve.open\"\nbetween = [\"0\", \"9\"]"),
                HasSubstr("at 0 of `valve.open` the model has other parts"));
    EXPECT_THAT(faults("[[input]]\nname = \"tank.k\"\nbetween = [\"0.2 1/h\", \"0.1 1/h\"]"),
                HasSubstr("lower bound is not below"));
    EXPECT_THAT(faults("parameters = [\"tank.k\", \"tank.k\"]"), HasSubstr("is given twice"));
    EXPECT_THAT(faults("parameters = []"), HasSubstr("nothing"));
    EXPECT_THAT(faults("parameters = [\"tank.k\"]\nruns = 1"), HasSubstr("from 2 to 10000"));
    EXPECT_THAT(faults("parameters = [\"tank.k\"]\nshare = \"1\""), HasSubstr("between 0 and 1"));
    EXPECT_THAT(faults("parameters = [\"tank.k\"]\nseed = -1"), HasSubstr("not negative"));
    EXPECT_THAT(faults("parameters = [\"tank.k\"]\nvariants = [\"b\"]"), HasSubstr("unknown variant `b`"));
}

TEST(Figure, CountsFromItsStart) {
    std::string text = k_band;
    text.insert(text.find("probes = [\"tank.x\"]"), "from = \"6 h\"\n");
    Tank tank(text);
    ASSERT_EQ(tank.faults(), "");
    Results results = run_expectations(tank.model, tank.rest, tank.rest.parameters, 10.0, tank.expectations);
    for (double& value : results.variants[1].curves.values[0])
        value = std::nan("");  // of a part that the variant has not
    ReportData report = make_report(*tank.model, tank.rest.parameters, {}, tank.expectations, std::move(results), {});
    report.band = tank.run();
    const std::string html = report_html(report);
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_THAT(html, HasSubstr("hours after day 0.25"));
    text.insert(text.find("from = \"6 h\""), "until = \"5 h\"\n");
    EXPECT_THAT(Tank(text).faults(), HasSubstr("ends before it begins"));
}

TEST(Band, ThePageShowsRibbonInputsAndFailures) {
    Tank tank(k_band);
    Band band = tank.run();
    Results results = run_expectations(tank.model, tank.rest, tank.rest.parameters, 10.0, tank.expectations);
    ReportData report = make_report(*tank.model, tank.rest.parameters, {}, tank.expectations, std::move(results), {});
    EXPECT_THAT(report_html(report), Not(HasSubstr("class=\"ribbon")));
    report.band = band;
    std::string html = report_html(report);
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_THAT(html, HasSubstr("class=\"ribbon c0\""));
    EXPECT_THAT(html, HasSubstr("class=\"ribbon c1 open\""));
    EXPECT_THAT(html, HasSubstr("90 % of 20 runs over the declared ranges, filled for one curve"));
    EXPECT_THAT(html, HasSubstr("<h2>Declared inputs</h2>"));
    EXPECT_THAT(html, HasSubstr("0.05 1/h to 0.2 1/h"));
    report.band->all[3].failure = "it <broke>";
    report.band->inputs[0].held = "command line";
    html = report_html(report);
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_THAT(html, HasSubstr("90 % of 19 runs over the declared ranges; 1 failed"));
    EXPECT_THAT(html, HasSubstr("it &lt;broke&gt;"));
    EXPECT_THAT(html, HasSubstr("held: set on the command line"));

    const auto folder = std::filesystem::temp_directory_path() / "lobule_band_test";
    std::filesystem::remove_all(folder);
    write_report_tables(folder, report);
    EXPECT_EQ(report_html(read_report_tables(folder)), html);
    report.band.reset();
    write_report_tables(folder, report);
    EXPECT_FALSE(read_report_tables(folder).band) << "a page without a band has none of an earlier one";
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lobule::io
