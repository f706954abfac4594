// compile(): parts are chosen, values composed by effects, scopes checked, and every fault told at once.
#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

Parts probing(const std::string& law, const std::string& unit, Parts more = {}) {
    more.emplace_back("seen", "[probes]\nabout = \"readings\"\n[probe]\nvalue = { law = \"" + law + "\", unit = \"" +
                                  unit + "\", about = \"value\" }\n");
    return more;
}

double value(const Parts& parts, const std::string& head = {}, const std::vector<std::string>& settings = {}) {
    const Bench bench(parts, head, {}, settings);
    return read_probes(*bench.model, bench.inputs, bench.start).at(bench.probe("value"));
}

std::string told(const Parts& parts, const std::string& head = {}, const std::string& tail = {}) {
    return problems_of([&] { compiled(parts, head, tail); });
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string body(const std::string& text) { return "[body]\nabout = \"a body\"\n" + text; }
std::string injury(const std::string& text) { return "[injury]\nabout = \"an injury\"\n" + text; }
std::string cell(const std::string& text) {
    return cell_head("lumen") + "[states]\nhere = { start = \"10 cell\", source = \"assumed\" }\n" + text;
}

TEST(Effects, AddFirstThenMultiplyInOrderOfPartNames) {
    const Parts more{
        {"base", body(parameters({{"x", "10 1"}}) + "[define]\ny = \"2 * x\"\n")},
        {"b_second",
         injury("[[effect]]\non = \"base.x\"\nfactor = \"3\"\n[[effect]]\non = \"base.y\"\nadds = \"base.x\"\n")},
        {"a_first",
         injury("[[effect]]\non = \"base.x\"\nadds = \"5\"\n[[effect]]\non = \"base.x\"\nfactor = \"2\"\n")}};
    // x = (10 + 5) * 2 * 3 = 90; y = 2 x + x = 270.
    EXPECT_DOUBLE_EQ(value(probing("base.x", "1", more)), 90.0);
    EXPECT_DOUBLE_EQ(value(probing("base.y", "1", more)), 270.0);
    const auto model = compiled(probing("base.y", "1", more));
    bool shown = false;
    for (const auto& [name, law] : model->final_laws)
        if (name == "base.x") {
            shown = true;
            EXPECT_LT(law.find("{a_first}"), law.find("{b_second}")) << law;
        }
    EXPECT_TRUE(shown);
}

TEST(Effects, OnOnePartLeaveTheNamesakeOfAnotherAlone) {
    const Parts more{{"one", body(parameters({{"x", "1 1"}}))},
                     {"two", body(parameters({{"x", "1 1"}}))},
                     {"harm", injury("[[effect]]\non = \"one.x\"\nfactor = \"7\"\n")}};
    EXPECT_DOUBLE_EQ(value(probing("10 * one.x + two.x", "1", more)), 71.0);
}

TEST(Effects, TargetsMustExistUnlessOptional) {
    const std::string optional = "[[effect]]\non = \"absent.x\"\nfactor = \"7\"\noptional = true\n";
    EXPECT_EQ(told({{"harm", injury(optional)}}), "");
    EXPECT_TRUE(has(told({{"harm", injury("[[effect]]\non = \"absent.x\"\nfactor = \"7\"\n")}}),
                    "no part of this model is called `absent`"));
    const std::string misspelt =
        told({{"base", body(parameters({{"speed", "1 1"}}))},
              {"harm", injury("[[effect]]\non = \"base.sped\"\nfactor = \"7\"\noptional = true\n")}});
    EXPECT_TRUE(has(misspelt, "harm.toml:4:")) << misspelt;
    EXPECT_TRUE(has(misspelt, "base.speed")) << misspelt;  // the nearest right name; optional forgives no misspelling
}

TEST(OptionalProcesses, AreLeftOutWithThePartTheyConcern) {
    const std::string eater = cell(
        "[[transition]]\nfrom = \"here\"\nto = \"other.here\"\nrate = \"fast\"\nname = \"leaving\"\noptional = true\n"
        "[[death]]\nstate = \"all\"\nkind = \"apoptosis\"\nrate = \"fast\"\nname = \"dying\"\n" +
        parameters({{"fast", "0.5 1/h"}}));
    const Parts known = probing("zone_sum(eater.leaving)", "cell/h", {{"eater", eater}, {"other", cell("")}});
    EXPECT_DOUBLE_EQ(value(known), 5.0);
    const Catalogue both = catalogue(known);
    const auto of = [&](const Parts& parts) { return compile(spec(scenario_text(parts)), both, {}); };
    const auto hazards = [](const Model& model) { return model.run.hops.size(); };
    EXPECT_EQ(hazards(*of({{"eater", eater}})) + 1, hazards(*of({{"eater", eater}, {"other", cell("")}})));
    // Nothing is left to read where the process is not, and a name that no part has stays an error.
    EXPECT_TRUE(has(problems_of([&] {
                        of(probing("zone_sum(eater.leaving)", "cell/h", {{"eater", eater}}));
                    }),
                    "leaving"));
    std::string misspelt = eater;
    misspelt.replace(misspelt.find("other.here"), 10, "othre.here");
    EXPECT_TRUE(has(told({{"eater", misspelt}, {"other", cell("")}}), "othre"));
    EXPECT_TRUE(has(told({{"eater", misspelt}}), "othre"));
}

TEST(Effects, MustFitTheTarget) {
    const Parts base{{"base", body(parameters({{"x", "1 1/h"}}))}};
    Parts wrong = base;
    wrong.push_back({"harm", injury("[[effect]]\non = \"base.x\"\nadds = \"2\"\n")});
    EXPECT_TRUE(has(told(wrong), "`adds` to base.x must have the dimension 1/h"));
    wrong.back().second = injury("[[effect]]\non = \"base.x\"\nfactor = \"base.x\"\n");
    const std::string circle = told(wrong);
    EXPECT_TRUE(has(circle, "circle") || has(circle, "dimension")) << circle;
}

TEST(Effects, ReadTheTargetsPlace) {
    // An effect of an injury (a body part) on a zone value sees the zone.
    const Parts more{{"t", tissue_text()},
                     {"a", cell(parameters({{"x", "1 1"}}))},
                     {"harm", injury("[[effect]]\non = \"a.x\"\nfactor = \"1 + zone.position\"\n")}};
    EXPECT_NEAR(value(probing("zone_sum(a.x)", "1", more), "zones = 2\n"), 1.25 + 1.75, 1e-12);
}

TEST(Cycles, OfDefinesAreNamed) {
    const std::string text = told({{"base", body("[define]\na = \"2 * b\"\nb = \"c + 1\"\nc = \"a\"\n")}});
    EXPECT_TRUE(has(text, "values depend on each other in a circle")) << text;
    EXPECT_TRUE(has(text, "base.a -> base.b -> base.c -> base.a")) << text;
}

TEST(Cycles, ThroughEffectsAreNamed) {
    const std::string text = told({{"base", body(parameters({{"x", "1 1"}}) + "[define]\ny = \"2 * x\"\n")},
                                   {"harm", injury("[[effect]]\non = \"base.x\"\nfactor = \"base.y\"\n")}});
    EXPECT_TRUE(has(text, "circle")) << text;
}

TEST(Cycles, OfOneValueWithItself) {
    EXPECT_TRUE(has(told({{"base", body("[define]\na = \"a + 1\"\n")}}), "base.a -> base.a"));
}

TEST(Scopes, ABodyLawMustSumZones) {
    const Parts more{{"t", tissue_text()}, {"a", cell("")}};
    EXPECT_TRUE(has(told(probing("a", "cell", more)), "zone_sum"));
    EXPECT_NEAR(value(probing("zone_sum(a)", "cell", more), "zones = 3\n"), 10.0, 1e-12);
    EXPECT_NEAR(value(probing("zone_mean(a)", "cell", more), "zones = 5\n"), 2.0, 1e-12);
    EXPECT_NEAR(value(probing("zone_sum(zone.rest_volume)", "um^3", more), "zones = 7\n"), 1e8, 1e-6);
    EXPECT_NEAR(value(probing("lobule.count * lobule.volume", "um^3", more), "zones = 4\n"), 1e11, 1e-3);
}

TEST(Scopes, AZoneDefineInABodyPart) {
    const Parts more{
        {"t", tissue_text()},
        {"base",
         body("[define]\nplace = { law = \"zone.position\", scope = \"zone\" }\nwhole = \"zone_sum(place)\"\n")},
        {"a", cell("")}};
    EXPECT_NEAR(value(probing("base.whole", "1", more), "zones = 4\n"), 2.0, 1e-12);
    Parts wrong = more;
    wrong[1].second = body("[define]\nplace = \"zone.position\"\n");
    EXPECT_TRUE(has(told(wrong), "zone_sum"));
}

TEST(Rest, OfAValueIsFrozen) {
    const Parts more{{"t", tissue_text()}, {"a", cell(parameters({{"n", "10 cell"}}))}};
    Parts parts = probing("zone_sum(a) / rest(zone_sum(a))", "1", more);
    parts.push_back({"harm", injury("[[event]]\nat = \"1 h\"\nset = { a = \"0.25 * a\" }\n")});
    Bench bench(parts);
    bench.run(2.0);
    EXPECT_NEAR(bench.recorder.before(1.0).probes[0], 1.0, 1e-12);
    EXPECT_NEAR(bench.at(2.0, "value"), 0.25, 1e-12);
}

TEST(Problems, AreAllToldAtOnceInOrder) {
    const std::string text =
        told({{"one", body(parameters({{"k", "1 1/h"}}) + "[define]\na = \"k + 1\"\nb = \"exp(k)\"\nc = \"2 * kk\"\n")},
              {"two", cell("[[death]]\nstate = \"all\"\nkind = \"apoptosis\"\nrate = \"3\"\n[[secretion]]\nstate = "
                           "\"here\"\nsignal = "
                           "\"hgf\"\nrate = \"1\"\n")}},
             {}, "[set]\n\"one.kay\" = \"2 1/h\"\n");
    // The setting is found before laws are compiled; alone, the laws tell all of theirs.
    EXPECT_TRUE(has(text, "scenario.toml:")) << text;
    EXPECT_TRUE(has(text, "one.k")) << text;
    const std::string laws =
        told({{"one", body(parameters({{"k", "1 1/h"}}) + "[define]\na = \"k + 1\"\nb = \"exp(k)\"\nc = \"2 * kk\"\n")},
              {"two", cell("[[death]]\nstate = \"all\"\nkind = \"apoptosis\"\nrate = \"3\"\n[[secretion]]\nstate = "
                           "\"here\"\nsignal = "
                           "\"hgf\"\nrate = \"1\"\n")}});
    EXPECT_TRUE(has(laws, "one.toml:6:")) << laws;
    EXPECT_TRUE(has(laws, "one.toml:7:")) << laws;
    EXPECT_TRUE(has(laws, "one.toml:8:")) << laws;
    EXPECT_TRUE(has(laws, "`rate` of a death must have the dimension 1/h")) << laws;
    EXPECT_TRUE(has(laws, "no signal of this model is called `hgf`")) << laws;
    EXPECT_LT(laws.find("one.toml:6:"), laws.find("one.toml:7:"));
    EXPECT_LT(laws.find("one.toml:8:"), laws.find("two.toml:"));
}

TEST(Problems, OfAFaultyValueAreToldOnce) {
    const std::string text = told({{"one", body("[define]\na = \"2 * nothing\"\nb = \"a + 1\"\nc = \"a + b\"\n")}});
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_TRUE(has(text, "one.toml:4:")) << text;
}

TEST(Parts, AreChosenByNamesAndSets) {
    const Catalogue all = catalogue({{"base", body(parameters({{"x", "1 1"}}))},
                                     {"inner", "[set]\nabout = \"a set\"\nparts = [\"base\"]\n"},
                                     {"outer", "[set]\nabout = \"a set\"\nparts = [\"inner\", \"base\"]\n"},
                                     {"loop", "[set]\nabout = \"a set\"\nparts = [\"loop\"]\n"},
                                     {"unused", body(parameters({{"x", "2 1"}}))},
                                     {"rat", "[species]\nabout = \"rat\"\n"}});
    const auto names = [&](const std::string& parts) {
        return compile(spec("[scenario]\nabout = \"x\"\nduration = \"1 h\"\nparts = " + parts), all)->part_names;
    };
    EXPECT_EQ(names("[\"outer\"]"), (std::vector<std::string>{"base"}));
    EXPECT_TRUE(has(problems_of([&] { names("[\"loop\"]"); }), "contains itself"));
    EXPECT_TRUE(has(problems_of([&] { names("[\"bse\"]"); }), "base"));
    EXPECT_TRUE(has(problems_of([&] { names("[\"rat\"]"); }), "name it as `species`"));
}

TEST(Parts, OfAnotherFileChangeNothing) {
    const Parts base = probing("zone_sum(a)", "cell", {{"t", tissue_text()}, {"a", cell("")}});
    Catalogue some = catalogue(base);
    Parts all_parts = base;
    all_parts.push_back({"z", injury("[[event]]\nat = \"0 h\"\nset = { a = \"0 * a\" }\n")});
    const Catalogue all = catalogue(all_parts);
    const Spec asked = spec(scenario_text(base));
    EXPECT_EQ(compile(asked, some)->hash, compile(asked, all)->hash);
}

TEST(Species, OverridesAndLaterSettings) {
    const Parts more{{"base", body(parameters({{"x", "1 1/h"}}))},
                     {"rat", "[species]\nabout = \"rat\"\n" + parameters({{"size", "3 um"}}) +
                                 "[override]\n\"base.x\" = { value = \"5 1/h\", source = \"derived:test\" }\n"}};
    const Parts parts = probing("base.x", "1/h", more);
    EXPECT_DOUBLE_EQ(value(parts), 5.0);
    EXPECT_DOUBLE_EQ(value(parts, {}, {"base.x=7 1/h"}), 7.0);
    EXPECT_DOUBLE_EQ(value(probing("species.size", "um", more)), 3.0);
    const auto model = compiled(parts);
    EXPECT_EQ(model->parameter("base.x")->set_by, "species rat");
    Parts wrong = parts;
    wrong[1].second.replace(wrong[1].second.find("5 1/h"), 5, "5 um");
    EXPECT_TRUE(has(told(wrong), "must have the dimension 1/h"));
}

TEST(Names, OfTheLanguageCannotNameParts) {
    EXPECT_TRUE(has(told({{"zone", body("")}}), "cannot name a part"));
    EXPECT_TRUE(has(told({{"base", body("[define]\ntime = \"1\"\n")}}), "`time` is a name of the language"));
    EXPECT_TRUE(has(told({{"base", body(parameters({{"x", "1 1"}}) + "[define]\nx = \"1\"\n")}}), "declared twice"));
}

TEST(Events, OfAModelAreChecked) {
    const auto event = [](const std::string& text) {
        return told({{"t", tissue_text()}, {"a", cell("[[event]]\n" + text)}});
    };
    EXPECT_EQ(event("at = \"2 h\"\nset = { \"lobule.count\" = \"lobule.count / 2\", a = \"a / 2\" }\n"), "");
    EXPECT_TRUE(has(event("at = \"2 h\"\nset = { \"lobule.cont\" = \"1\" }\n"), "lobule.count"));
    EXPECT_TRUE(has(event("at = \"2 um\"\nset = { a = \"a / 2\" }\n"), "`at` must have the dimension h"));
    EXPECT_TRUE(has(event("at = \"2 h\"\nset = { a = \"2\" }\n"), "must have the dimension cell"));
    EXPECT_TRUE(has(event("when = \"1\"\nset = { a = \"a / 2\" }\n"), "one comparison"));
    EXPECT_TRUE(has(event("when = \"a > 0\"\nset = { a = \"a / 2\" }\n"), "zone_sum"));
}

}  // namespace
}  // namespace lobule::test
