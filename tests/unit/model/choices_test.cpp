// Parameters that are one of several names, and parts that are left out of a model.
#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string k_route =
    "[therapy]\nabout = \"a\"\n[parameters]\nroute = { choices = [\"artery\", \"portal_vein\", \"spleen\"], value = "
    "\"portal_vein\", source = \"assumed\", about = \"where\" }\n"
    "dose = { value = \"5 pg\", range = [\"1 pg\", \"9 pg\"], source = \"assumed\", about = \"how much\" }\n";

/// The route, another part with more tables, and a probe of `law`.
Parts routed(const std::string& law, const std::string& more = {}) {
    return {{"infusion", k_route},
            {"other", "[body]\nabout = \"b\"\n[variables]\nx = { start = \"1\", rate = \"0 / hour\" }\n" +
                          parameters({{"hour", "1 h"}}) + more + "[probe]\nread = { law = \"" + law +
                          "\", unit = \"1\", about = \"r\" }\n"}};
}

std::string told(const Parts& parts, const std::string& tail = {}, const std::vector<std::string>& settings = {}) {
    return problems_of([&] {
        std::vector<SettingSpec> read;
        for (const std::string& text : settings) read.push_back(read_setting(text));
        compile(spec(scenario_text(parts, "zones = 1\n", tail)), catalogue(parts), read);
    });
}

double read(const Parts& parts, const std::vector<std::string>& settings = {}, const std::string& tail = {}) {
    Bench bench(parts, "zones = 1\n", tail, settings);
    bench.run(1.0);
    return bench.at(1.0, "other.read");
}

TEST(Choices, AreOneOrZeroInLaws) {
    EXPECT_DOUBLE_EQ(read(routed("chosen(infusion.route, portal_vein)")), 1.0);
    EXPECT_DOUBLE_EQ(read(routed("chosen(infusion.route, artery)")), 0.0);
    const Parts both = routed("10 * chosen(infusion.route, spleen) + piecewise(3, chosen(infusion.route, artery), 4)");
    EXPECT_DOUBLE_EQ(read(both), 4.0);
    EXPECT_DOUBLE_EQ(read(both, {"infusion.route=spleen"}), 14.0);
    EXPECT_DOUBLE_EQ(read(both, {"infusion.route = artery"}, "[set]\n\"infusion.route\" = \"spleen\"\n"), 3.0);
}

TEST(Choices, OfAChoiceThatIsCalledLikeAPart) {
    // `other` is a part; as a choice it is a name alone.
    Parts parts = routed("chosen(infusion.route, other)");
    parts[0].second.replace(parts[0].second.find("spleen"), 6, "other");
    EXPECT_DOUBLE_EQ(read(parts, {"infusion.route=other"}), 1.0);
}

TEST(Choices, AreOverriddenByASpecies) {
    const auto species = [](const std::string& value) {
        return "[species]\nabout = \"s\"\n[override]\n\"infusion.route\" = { value = \"" + value +
               "\", source = \"assumed\" }\n";
    };
    Parts parts = routed("chosen(infusion.route, spleen)");
    parts.emplace_back("mouse", species("spleen"));
    EXPECT_DOUBLE_EQ(read(parts), 1.0);
    parts.back().second = species("spleeen");
    EXPECT_TRUE(has(told(parts), "has no choice `spleeen` (nearest: spleen)")) << told(parts);
}

TEST(Choices, ThatAreNoneAreTold) {
    const auto of = [](const std::string& law) { return told(routed(law)); };
    EXPECT_TRUE(has(of("chosen(infusion.route, portal_vien)"), "has no choice 'portal_vien' (nearest: portal_vein)"));
    EXPECT_TRUE(has(of("chosen(infusion.rute, artery)"), "unknown name 'infusion.rute' (nearest: infusion.route)"));
    EXPECT_TRUE(has(of("chosen(x, artery)"), "'x' is no parameter with `choices`"));
    EXPECT_TRUE(has(of("chosen(infusion.route, 2)"), "takes a parameter and the name"));
    EXPECT_TRUE(has(of("infusion.route + 1"), "is no number but one of several names"));
    const auto set = [](const std::string& value) { return told(routed("x"), {}, {"infusion." + value}); };
    EXPECT_TRUE(has(set("route=portal_vien"), "has no choice `portal_vien` (nearest: portal_vein)"));
    EXPECT_TRUE(has(set("route=2"), "is a name, not a quantity: one of artery, portal_vein, spleen"));
    EXPECT_TRUE(has(set("dose=artery"), "a quantity must start with a number"));
    EXPECT_TRUE(
        has(told(routed("x", "[[effect]]\non = \"infusion.route\"\nfactor = \"2\"\n")), "no effect can change"));
}

/// A therapy that needs its dose, and a part with `text` that reads it.
Parts needing(const std::string& needs, const std::string& text = {}) {
    Parts parts = routed("x", text);
    parts[0].second.insert(parts[0].second.find("[parameters]"), "needs = \"" + needs + "\"\n");
    return parts;
}

TEST(Needs, WhatIsNeededMustBeANumber) {
    EXPECT_EQ(told(needing("infusion.dose")), "");
    EXPECT_TRUE(has(told(needing("infusion.dse")), "no parameter is called `infusion.dse` (nearest: infusion.dose)"));
    EXPECT_TRUE(has(told(needing("infusion.route")), "one of several names and never 0"));
}

TEST(Needs, SettingsOfAPartThatIsLeftOutDoNothingButMustBeSound) {
    const std::string none = "infusion.dose=0 pg";
    EXPECT_EQ(told(needing("infusion.dose"), {}, {none, "infusion.route=artery"}), "");
    EXPECT_TRUE(has(told(needing("infusion.dose"), {}, {none, "infusion.route=arteri"}), "has no choice"));
    EXPECT_TRUE(has(told(needing("infusion.dose"), {}, {none, "infusion.rout=artery"}), "no parameter of this model"));
    EXPECT_TRUE(has(told(needing("infusion.dose"), {}, {"infusion.dose=0 h"}), "must have the dimension"));
    // The last setting decides.
    const auto model = [&](const std::vector<SettingSpec>& settings) {
        const Parts parts = needing("infusion.dose");
        return compile(spec(scenario_text(parts, "zones = 1\n")), catalogue(parts), settings);
    };
    EXPECT_EQ(model({read_setting(none)})->part_names, std::vector<std::string>{"other"});
    EXPECT_EQ(model({read_setting(none), read_setting("infusion.dose=2 pg")})->part_names.size(), 2U);
}

TEST(Needs, WhoReadsAPartThatIsLeftOutIsToldWhy) {
    const std::string reads = "[define]\ny = \"infusion.dose\"\n";
    EXPECT_EQ(told(needing("infusion.dose", reads)), "");
    const std::string why = "`infusion` is left out, since `infusion.dose` is 0";
    EXPECT_TRUE(has(told(needing("infusion.dose", reads), {}, {"infusion.dose=0 pg"}), why));
    const std::string effect = "[[effect]]\non = \"infusion.dose\"\nfactor = \"2\"\n";
    EXPECT_TRUE(has(told(needing("infusion.dose", effect), {}, {"infusion.dose=0 pg"}), why));
    EXPECT_EQ(told(needing("infusion.dose", effect + "optional = true\n"), {}, {"infusion.dose=0 pg"}), "");
}

TEST(Needs, AVariantMayHaveOtherParts) {
    const Parts parts = needing("infusion.dose");
    const auto model = compile(spec(scenario_text(parts, "zones = 1\n")), catalogue(parts));
    EXPECT_TRUE(model->other_parts({read_setting("infusion.dose=0 pg")}));
    EXPECT_FALSE(model->other_parts({read_setting("infusion.dose=2 pg")}));
    EXPECT_FALSE(model->other_parts({read_setting("other.hour=0 h")}));
}

}  // namespace
}  // namespace lobule::test
