// Variants that leave parts out: a model of their own, beside the case in one comparison.
#include <cmath>

#include <gtest/gtest.h>

#include "io/expectations.hpp"
#include "io/project.hpp"

namespace lobule::io {
namespace {

Catalogue parts() {
    const std::pair<const char*, const char*> texts[] = {{"tank", R"t(
        [body]
        about = "a tank"
        [parameters]
        k = { value = "0.1 1/h", source = "derived:test", about = "a" }
        [variables]
        x = { start = "8 pg", rate = "-k * x" }
        [probe]
        x = { law = "x", unit = "pg", about = "x" }
        )t"},
                                                         {"pump", R"t(
        [therapy]
        about = "a pump"
        needs = "pump.dose"
        [parameters]
        dose = { value = "3", source = "derived:test", about = "a" }
        hour = { value = "1 h", source = "derived:test", about = "a" }
        [variables]
        wear = { start = "0", rate = "dose / hour" }
        [[effect]]
        on = "tank.k"
        factor = "dose"
        [probe]
        wear = { law = "wear", unit = "1", about = "a" }
        )t"}};
    Catalogue out;
    std::vector<Problem> problems;
    for (const auto& [name, text] : texts) out.add(read_part(name, parse_toml(text, name), problems));
    EXPECT_TRUE(problems.empty());
    return out;
}

Spec spec_of(const std::vector<std::string>& names) {
    Spec spec;
    spec.parts = names;
    spec.duration = 10.0;
    spec.zones = 1;
    return spec;
}

/// The case and a variant without the pump; what else was changed is changed in both.
Results run_both(double k) {
    const auto model = compile(spec_of({"pump", "tank"}), parts());
    const RestState rest = solve_rest(*model);
    Expectations expectations;
    expectations.variants.push_back({"untreated", "", "", "check", "", {read_setting("pump.dose=0")}, {}});
    give_other_parts(expectations.variants, *model, [&](const std::vector<SettingSpec>& settings) {
        Spec spec = model->spec;
        spec.variant = settings;
        OtherParts other;
        other.model = compile(spec, parts());
        other.rest = solve_rest(*other.model);
        other.start = set_parameters(*other.model, other.rest.parameters, spec.settings);
        other.ode = compile_ode(other.model);
        return other;
    });
    EXPECT_NE(expectations.variants[0].other, nullptr);
    const Quantity rate{k, parse_unit("1/h").dimension};
    return run_expectations(model, rest, set_parameters(*model, rest.parameters, {{"tank.k", rate, {}}}), 10.0,
                            expectations);
}

TEST(OtherParts, AVariantIsTheCaseWithoutThem) {
    const Results results = run_both(0.2);
    ASSERT_EQ(results.variants.size(), 2U);
    const Curves &with = results.variants[0].curves, &without = results.variants[1].curves;
    EXPECT_NEAR(with.of(0).values.back(), 30.0, 1e-4);  // pump.wear, in the order of parts
    EXPECT_NEAR(with.of(1).values.back(), 8.0 * std::exp(-6.0), 1e-4);
    EXPECT_TRUE(without.of(0).values.empty());

    const auto tank = compile(spec_of({"tank"}), parts());
    const RestState rest = solve_rest(*tank);
    const Results alone = run_expectations(
        tank, rest, set_parameters(*tank, rest.parameters, {read_setting("tank.k=0.2 1/h")}), 10.0, {});
    EXPECT_EQ(without.times, alone.variants[0].curves.times);
    EXPECT_EQ(without.values[1], alone.variants[0].curves.values[0]);  // to the last bit
}

TEST(OtherParts, NoNumberIsReadFromAProbeThatIsNotThere) {
    const Results results = run_both(0.1);
    Measure wear;
    wear.kind = "maximum";
    EXPECT_TRUE(read_measure(wear, results.variants[0].curves));
    EXPECT_FALSE(read_measure(wear, results.variants[1].curves));
    EXPECT_FALSE(read_ratio(wear, results.variants[0].curves, results.variants[1].curves));
    Measure over;
    over.kind = "final";
    over.probe = 1;
    over.over = 0;
    EXPECT_TRUE(read_measure(over, results.variants[0].curves));
    EXPECT_FALSE(read_measure(over, results.variants[1].curves));
}

}  // namespace
}  // namespace lobule::io
