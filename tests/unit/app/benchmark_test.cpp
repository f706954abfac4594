#include "app/benchmark.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lobule::app::speed {
namespace {

using testing::HasSubstr;

constexpr Effort k_short{.rounds = 3, .batch = 2e3};

TEST(Benchmark, TimesEveryKernelAndRunsEachInEveryRound) {
    long first = 0, second = 0;
    const std::vector<Kernel> kernels{{[&] { ++first; }, 1.0}, {[&] { ++second; }, 1000.0}};
    const std::vector<Timing> timings = time_kernels(kernels, k_short);
    ASSERT_EQ(timings.size(), 2U);
    for (const Timing& timing : timings) {
        EXPECT_GT(timing.best, 0.0);
        EXPECT_GE(timing.median, timing.best);
    }
    EXPECT_GT(first, k_short.rounds);
    EXPECT_GT(second, k_short.rounds);
}

TEST(Benchmark, ThereIsNothingToTime) { EXPECT_TRUE(time_kernels({}, k_short).empty()); }

TEST(Benchmark, PatternsFitWithinNamesOrWithStars) {
    EXPECT_TRUE(matches("hill", "hill_2"));
    EXPECT_TRUE(matches("_2", "hill_2"));
    EXPECT_FALSE(matches("pow", "hill_2"));
    EXPECT_TRUE(matches("hill*", "hill_2"));
    EXPECT_TRUE(matches("*", "hill_2"));
    EXPECT_TRUE(matches("*l*2", "hill_2_2"));
    EXPECT_FALSE(matches("ill*", "hill_2"));
    EXPECT_FALSE(matches("*l", "hill_2"));
}

Row row() {
    Row made;
    made.group = "group";
    made.name = "name";
    made.size = 3;
    made.operations = 5;
    made.timing = {2.0, 2.5};
    made.reference = 4.0;
    return made;
}

TEST(Benchmark, ARowKnowsItsRatioAndItsTarget) {
    Row with_target = row();
    EXPECT_DOUBLE_EQ(*with_target.ratio(), 0.5);
    EXPECT_FALSE(with_target.met().has_value());
    with_target.target = 1.0;
    EXPECT_EQ(with_target.met(), false);
    with_target.target = 2.0;
    EXPECT_EQ(with_target.met(), true);
}

TEST(Benchmark, OfASpeedMoreIsBetter) {
    Row time = row(), speed = row();
    speed.more_is_better = true;
    EXPECT_FALSE(time.share().has_value());
    time.limit = 0.5;
    speed.limit = 8.0;
    EXPECT_DOUBLE_EQ(*time.share(), 0.25);
    EXPECT_DOUBLE_EQ(*speed.share(), 0.25);
    time.target = speed.target = 2.5;
    EXPECT_EQ(time.met(), true);
    EXPECT_EQ(speed.met(), false);
    EXPECT_DOUBLE_EQ(speed.timing.rate().median, 0.4);
}

TEST(Benchmark, ACheckIsRightWithinItsBounds) {
    Check check{"group", "sum", 2.05, 2.0, 0.1};
    EXPECT_TRUE(check.right());
    EXPECT_EQ(text_checks({&check, 1}), "check: sum: 2.05, is 2 within 0.1\n");
    for (const double got : {2.2, 1.8, std::nan("")}) {
        check.got = got;
        EXPECT_FALSE(check.right());
        EXPECT_THAT(text_checks({&check, 1}), HasSubstr("WRONG"));
    }
    EXPECT_FALSE(json_checks({&check, 1}).items()[0]["right"].boolean(true));
}

// The quicker groups: tests/cli/bench.py has all. No time is asserted.
TEST(Benchmark, GroupsMeasureWhatIsWantedAndCheckIt) {
    const auto named = [](const char* name) {
        return Request{.project = {},
                       .effort = {.rounds = 1, .batch = 1e3},
                       .quick = true,
                       .wanted = [name](const std::string& row) { return row == name; }};
    };
    std::map<std::string, const char*> of_group{{"signals", "warm"}, {"machine", "mul"}};
    for (const Group& group : groups()) {
        if (!of_group.contains(group.name)) continue;
        const Results results = group.measure(named(of_group[group.name]));
        EXPECT_FALSE(results.rows.empty()) << group.name;
        EXPECT_EQ(results.checks.empty(), group.name == "machine");
        for (const Check& check : results.checks) EXPECT_TRUE(check.right()) << check.name << ' ' << check.got;
        for (const Row& row : results.rows) {
            EXPECT_EQ(row.group, group.name);
            EXPECT_GT(row.timing.best, 0.0);
        }
    }
}

TEST(Benchmark, TheThreeFormsSayTheSame) {
    std::vector<Row> rows{row(), row()};
    rows[1].name = "longer_name";
    rows[1].limit = 0.5;
    rows[1].target = 3.0;
    rows[1].bound = "div";
    EXPECT_EQ(csv_table(rows),
              "group,name,size,threads,operations,best,median,unit,bytes,reference,ratio,limit,share,bound,target,met\n"
              "group,name,3,,5,2,2.5,ns,,4,0.5,,,,,\n"
              "group,longer_name,3,,5,2,2.5,ns,,4,0.5,0.5,0.25,div,3,yes\n");
    const io::Json json = json_table(rows);
    ASSERT_EQ(json.items().size(), 2U);
    EXPECT_EQ(json.items()[1]["best"].number(0.0), 2.0);
    EXPECT_TRUE(json.items()[0]["met"].is_null());
    EXPECT_TRUE(json.items()[1]["met"].boolean(false));
    const std::string text = text_table(rows);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
    EXPECT_THAT(text, HasSubstr("longer_name     3     2     2.5    ns"));
    EXPECT_THAT(text, testing::Not(HasSubstr("threads")));  // a column with nothing in it
    EXPECT_THAT(text, testing::Not(HasSubstr(" \n")));
}

TEST(Benchmark, TheMachineIsNamed) {
    const io::Json facts = machine();
    for (const char* key : {"cpu", "vectors", "compiler", "flags", "build_type"})
        EXPECT_NE(facts[key].text(), "") << key;
    EXPECT_GT(facts["cores"].whole(0), 0U);
}

TEST(Benchmark, GroupsHaveNamesOfTheirOwn) {
    std::vector<std::string> names;
    for (const Group& group : groups()) names.push_back(group.name);
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
    EXPECT_FALSE(names.empty());
}

}  // namespace
}  // namespace lobule::app::speed
