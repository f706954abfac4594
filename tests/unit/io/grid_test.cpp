// All combinations of settings: runs that are the same are made once, therapies that nothing is given of are left out, and the picture.
#include "io/grid.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../../src/io/report/colour_scale.hpp"
#include "../../../src/io/report/heat_map.hpp"
#include "../../support/page_text.hpp"

namespace lobule::io {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* k_tank = R"t(
[body]
about = "a tank"
[parameters]
k = { value = "0.1 1/h", range = ["0.05 1/h", "0.2 1/h"], source = "assumed", about = "Leak." }
[variables]
x = { start = "8 pg", rate = "-k * x" }
[probe]
x = { law = "x", unit = "pg", about = "Level." }
)t";
constexpr const char* k_drug = R"t(
[therapy]
about = "a drug that slows the leak"
needs = "drug.dose"
[parameters]
dose = { value = "1", range = ["0", "9"], source = "assumed", about = "a" }
route = { choices = ["vein", "artery"], value = "vein", source = "assumed", about = "a" }
hour = { value = "1 h", source = "derived:test", about = "a" }
[variables]
wear = { start = "0", rate = "dose / hour" }
[[effect]]
on = "tank.k"
factor = "1 / (1 + dose * piecewise(2, chosen(route, artery), 1))"
)t";

struct Drug {
    Catalogue parts{};
    VariedCase subject{};
    GridStudy study{};
    std::string faults{};

    explicit Drug(const std::string& text) {
        std::vector<Problem> problems;
        Spec spec;
        for (const auto& [name, part] : {std::pair("tank", k_tank), std::pair("drug", k_drug)}) {
            parts.add(read_part(name, parse_toml(part, name), problems));
            spec.parts.emplace_back(name);
        }
        for (const Problem& p : problems) ADD_FAILURE() << to_string(p);
        spec.duration = subject.until = 10.0;
        spec.zones = 1;
        subject.model = compile(spec, parts);
        subject.rest = solve_rest(*subject.model);
        subject.base = subject.rest.parameters;
        subject.ode = compile_ode(subject.model);
        try {
            const Node root = parse_toml(text, "grid.toml");
            study = read_grid_head("x/grid.toml", root);
            read_grid_body(study, root, subject, [&](const std::vector<SettingSpec>& settings) {
                Spec changed = spec;
                changed.variant = settings;
                OtherParts other;
                other.model = compile(changed, parts);
                other.rest = solve_rest(*other.model);
                other.start = other.rest.parameters;
                other.ode = compile_ode(other.model);
                return other;
            });
        } catch (const SpecError& error) {
            for (const Problem& p : error.problems()) faults += to_string(p) + "\n";
        }
    }
    GridResult run() const {
        GridResult out{study, grid_hash(study, subject), {}};
        for (std::size_t i = 0; i < study.runs.size(); ++i) out.runs.push_back(run_grid(study, subject, i, {}));
        return out;
    }
};

const std::string k_head = "[grid]\nabout = \"x\"\nscenario = \".\"\n";
const std::string k_axes = R"t(
[[axis]]
label = "Route"
parameter = "drug.route"
values = ["vein", "artery"]
[[axis]]
label = "Dose"
parameter = "drug.dose"
values = ["0", "1", "3"]
[[axis]]
label = "Leak"
parameter = "tank.k"
values = ["0.1 1/h", "0.2 1/h"]
)t";
const std::string k_outcome = R"t(
[[outcome]]
name = "Left"
better = "more"
against = { "drug.dose" = "0" }
as = "ratio"
probe = "tank.x"
kind = "final"
)t";

TEST(Grid, RunsThatAreTheSameAreMadeOnce) {
    const Drug drug(k_head + k_axes + k_outcome);
    ASSERT_EQ(drug.faults, "");
    EXPECT_EQ(drug.study.cells.size(), 12U);
    // With a dose: 2 routes x 2 doses x 2 leaks; without one the route is no setting of the model: 2 leaks, which serve as baselines too.
    EXPECT_EQ(drug.study.runs.size(), 10U);
    const GridResult result = drug.run();
    for (std::size_t cell = 0; cell < 12; ++cell) {
        const auto at = drug.study.place(cell);
        const double route = at[0] == 1 ? 2.0 : 1.0, dose = std::vector<double>{0, 1, 3}[at[1]],
                     leak = at[2] == 1 ? 0.2 : 0.1;
        const double expected = std::exp(10 * leak * (1 - 1 / (1 + dose * route)));
        ASSERT_TRUE(result.value(0, cell));
        EXPECT_NEAR(*result.value(0, cell), expected, 2e-4 * expected) << drug.study.text(cell);
    }
    const auto ranking = result.ranking(0);
    ASSERT_EQ(ranking.size(), 12U);
    EXPECT_EQ(drug.study.text(ranking.front()), "Route: artery, Dose: 3, Leak: 0.2 1/h");
    EXPECT_EQ(drug.study.set_options(ranking.front()),
              "--set drug.route=artery --set drug.dose=3 --set 'tank.k=0.2 1/h'");
}

TEST(Grid, ADifferenceHasTheUnitOfItsProbe) {
    std::string outcome = k_outcome;
    outcome.replace(outcome.find("as = \"ratio\""), 12, "unit = \"fg\"");
    const Drug drug(k_head + k_axes + outcome);
    ASSERT_EQ(drug.faults, "");
    const GridResult result = drug.run();
    const double with = 8000 * std::exp(-10 * 0.1 / 2), without = 8000 * std::exp(-1.0);
    EXPECT_NEAR(*result.value(0, 2), with - without, 1.0);  // vein, dose 1, leak 0.1 1/h
    EXPECT_EQ(result.study.outcomes[0].unit, "fg");
    EXPECT_NEAR(*result.value(0, 0), 0.0, 1e-9);
}

TEST(Grid, FailedCellsAndBaselinesHaveNoNumberAndAReason) {
    const Drug drug(k_head + k_axes + k_outcome);
    GridResult result = drug.run();
    const std::size_t baseline = drug.study.baselines[0][2];
    result.runs[baseline].failure = "broke";
    result.runs[baseline].values = {NAN};
    EXPECT_FALSE(result.value(0, 2));
    EXPECT_EQ(result.failure(0, 2), "its baseline: broke");
    EXPECT_EQ(result.failure(0, 0), "broke");
    EXPECT_EQ(result.ranking(0).size(), 6U) << "the other leak has a baseline of its own";
    const std::string html = grid_html(result, {});
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_THAT(html, HasSubstr("6 hatched"));
    EXPECT_THAT(html, HasSubstr("url(#hatch0)"));
    EXPECT_THAT(html, HasSubstr("failed, its baseline: broke"));
    EXPECT_THAT(grid_csv(result), HasSubstr("artery,1,0.1 1/h,,"));
}

TEST(Grid, RunsReadBack) {
    const GridRun run{3, {1.5, NAN}, "it broke", false};
    const GridRun back = grid_run_from(Json::parse(to_json(run).dump(), "x"));
    EXPECT_EQ(back.index, 3U);
    EXPECT_EQ(back.values[0], 1.5);
    EXPECT_TRUE(std::isnan(back.values[1]));
    EXPECT_EQ(back.failure, "it broke");
}

TEST(Grid, RefusesWhatIsWrong) {
    const auto faults = [](const std::string& text) { return Drug(k_head + text).faults; };
    EXPECT_THAT(faults(k_outcome), HasSubstr("write `[[axis]]`"));
    EXPECT_THAT(faults(k_axes), HasSubstr("write `[[outcome]]`"));
    const auto axis = [&](const std::string& parameter, const std::string& values) {
        return faults("[[axis]]\nlabel = \"a\"\nparameter = \"" + parameter + "\"\nvalues = " + values + "\n" +
                      k_outcome);
    };
    EXPECT_EQ(axis("drug.dose", "[\"1\"]"), "");
    EXPECT_THAT(axis("drug.does", "[\"1\"]"), HasSubstr("(nearest: drug.dose)"));
    EXPECT_THAT(axis("drug.dose", "[\"1 h\"]"), HasSubstr("has the dimension h, not 1"));
    EXPECT_THAT(axis("drug.route", "[\"veim\"]"), HasSubstr("has no choice `veim` (nearest: vein)"));
    EXPECT_THAT(axis("drug.dose", "[\"1\", \"1\"]"), HasSubstr("is given twice"));
    EXPECT_THAT(axis("drug.dose", "[\"1\"]\nnames = [\"a\", \"b\"]"), HasSubstr("2 names for 1 values"));
    EXPECT_THAT(faults(k_axes + k_axes + k_outcome), HasSubstr("has an axis already"));
    EXPECT_THAT(faults(k_axes + k_outcome + "at = \"1 h\"\n"), HasSubstr("`final` has no `at`"));
    std::string outcome = k_outcome;
    outcome.erase(outcome.find("against"), 32);
    EXPECT_THAT(faults(k_axes + outcome), HasSubstr("only what is set `against` a baseline"));
    EXPECT_THAT(faults(k_axes + k_outcome + "level = \"1\"\n"), HasSubstr("`final` has no `level`"));
}

TEST(HeatMap, StepsOfColourLookEqualAndBothEndsAreToldApart) {
    using report::diverging_lab, report::diverging_rgb;
    const auto distance = [](const auto& a, const auto& b) {
        return std::sqrt(std::pow(a[0] - b[0], 2) + std::pow(a[1] - b[1], 2) + std::pow(a[2] - b[2], 2));
    };
    for (double t = -1.0; t < 0.95; t += 0.1)
        EXPECT_NEAR(distance(diverging_lab(t), diverging_lab(t + 0.1)), 0.048, 0.002) << t;
    for (double t = -1.0; t <= 1.0; t += 0.05)
        for (const double c : diverging_rgb(t)) {
            EXPECT_GE(c, 0.0) << "no colour of a screen at " << t;
            EXPECT_LE(c, 1.0) << t;
        }
    // As seen without green or red cones (Machado, Oliveira, Fernandes 2009, severity 1).
    const double deutan[3][3] = {
        {0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}};
    const double protan[3][3] = {
        {0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}};
    for (const auto& eye : {deutan, protan}) {
        const auto seen = [&](double t) {
            const auto c = diverging_rgb(t);
            std::array<double, 3> out{};
            for (int i = 0; i < 3; ++i)
                for (int j = 0; j < 3; ++j) out[i] += eye[i][j] * c[j];
            return out;
        };
        EXPECT_GT(distance(seen(-1), seen(1)), 0.25);
        EXPECT_GT(distance(seen(-0.5), seen(0.5)), 0.2);
    }
    EXPECT_EQ(report::diverging(0.0), "#f3f3f3");
    EXPECT_TRUE(report::is_dark(1.0));
    EXPECT_FALSE(report::is_dark(0.2));
}

TEST(HeatMap, NestsFourAxesAndLeavesOutNumbersThatDoNotFit) {
    report::HeatMap map;
    map.title = "a <b>";
    for (const char* label : {"one", "two", "three", "four"}) map.axes.push_back({label, {"first & last", "b", "c"}});
    map.cells.resize(81);
    for (std::size_t i = 0; i < 81; ++i) map.cells[i].value = 0.123456 * static_cast<double>(i);
    map.cells[5] = {{}, 0.0, true, false, "it failed"};
    map.cells[80].best = true;
    std::string svg = report::heat_map(map, "h");
    EXPECT_EQ(ill_formed("<html><body>" + svg + "</body></html>"), "");
    EXPECT_THAT(svg, HasSubstr(">9.88<"));
    EXPECT_THAT(svg, HasSubstr(">×<"));
    EXPECT_THAT(svg, HasSubstr("first &amp; last"));
    map.axes[0].names.assign(30, "x");
    map.cells.assign(30 * 27, {1.23456, 0.5, false, false, ""});
    svg = report::heat_map(map, "h");
    EXPECT_THAT(svg, Not(HasSubstr(">1.23<"))) << "a field of 22 px has no room";
}

TEST(HeatMap, ASlantedNameBeginsWithinThePicture) {
    report::HeatMap map;
    const std::string name(40, 'm');
    map.axes = {{"what", {name, "b"}}};
    map.cells.assign(2, {1.0, 0.0, false, false, ""});
    const std::string svg = report::heat_map(map, "h");
    const auto at = svg.find("rotate(-40 ");
    ASSERT_NE(at, std::string::npos);
    const double end = std::stod(svg.substr(at + 11));
    EXPECT_GT(end - 40 * 6.3 * std::cos(40 * 3.14159 / 180), 0.0);
    map.axes[0].names[0] = "mesenchymal cells";
    EXPECT_THAT(report::heat_map(map, "h"), Not(HasSubstr("rotate(-40"))) << "a field grows where there is room";
}

}  // namespace
}  // namespace lobule::io
