#include "study/labels.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace lobule::study {
namespace {

using Labels = std::vector<std::string>;

RunTraits run(const std::string& scenario, std::vector<Trait> traits, const std::string& folder) {
    return {scenario, std::move(traits), {{"folder", folder}}};
}

TEST(Labels, OneThingThatDiffersIsTheLabel) {
    const std::vector<RunTraits> runs{run("x", {{"rate", "rate 1"}, {"zones", "3 zones"}}, "a"),
                                      run("x", {{"rate", "rate 1"}, {"zones", "7 zones"}}, "b")};
    EXPECT_EQ(run_labels(runs), (Labels{"3 zones", "7 zones"}));
}

TEST(Labels, SeveralThingsAreToldWhereARunDiffersFromMost) {
    const std::vector<RunTraits> runs{run("x", {{"rate", "rate 1"}, {"zones", "3 zones"}}, "a"),
                                      run("x", {{"rate", "rate 2"}, {"zones", "3 zones"}}, "b"),
                                      run("x", {{"rate", "rate 1"}, {"zones", "7 zones"}}, "c"),
                                      run("x", {{"rate", "rate 2"}, {"zones", "7 zones"}}, "d")};
    EXPECT_EQ(run_labels(runs), (Labels{"base", "rate 2", "7 zones", "rate 2, 7 zones"}));
}

TEST(Labels, AtMostThree) {
    std::vector<Trait> one, two;
    for (const char* name : {"a", "b", "c", "d", "e"}) {
        one.push_back({name, std::string(name) + " 1"});
        two.push_back({name, std::string(name) + " 2"});
    }
    EXPECT_EQ(run_labels(std::vector<RunTraits>{run("x", one, "f"), run("x", two, "g")}),
              (Labels{"base", "a 2, b 2, c 2 and 2 more"}));
}

TEST(Labels, SeveralScenariosCarryTheirNames) {
    const std::vector<RunTraits> runs{run("one", {{"zones", "3 zones"}}, "a"), run("two", {{"zones", "3 zones"}}, "b"),
                                      run("two", {{"zones", "7 zones"}}, "c")};
    EXPECT_EQ(run_labels(runs), (Labels{"one", "two, 3 zones", "two, 7 zones"}));
}

TEST(Labels, EqualOnesTakeTheLastResort) {
    RunTraits a{"x", {}, {{"seed", "seed 1"}, {"folder", "a"}}}, b{"x", {}, {{"seed", "seed 2"}, {"folder", "b"}}};
    EXPECT_EQ(run_labels(std::vector<RunTraits>{a, b}), (Labels{"seed 1", "seed 2"}));
    b.last_resort[0].text = "seed 1";
    EXPECT_EQ(run_labels(std::vector<RunTraits>{a, b}), (Labels{"a", "b"}));
    EXPECT_EQ(run_labels(std::vector<RunTraits>{a}), (Labels{"x"}));
}

RC_GTEST_PROP(Labels, AreUniqueWhenFoldersAre, (const std::vector<std::vector<bool>>& choices)) {
    std::vector<RunTraits> runs;
    for (std::size_t i = 0; i < std::min<std::size_t>(choices.size(), 12); ++i) {
        std::vector<Trait> traits;
        for (std::size_t t = 1; t < std::min<std::size_t>(choices[i].size(), 12); ++t) {
            const std::string name(1, static_cast<char>('a' + t));
            traits.push_back({name, name + (choices[i][t] ? " 1" : " 2")});
        }
        runs.push_back(run(!choices[i].empty() && choices[i][0] ? "x" : "y", traits, "folder " + std::to_string(i)));
    }
    const Labels labels = run_labels(runs);
    RC_ASSERT(std::set<std::string>(labels.begin(), labels.end()).size() == runs.size());
}

TEST(Labels, LettersAreNotBytes) { EXPECT_EQ(letters("χ² µm"), 5U); }

}  // namespace
}  // namespace lobule::study
