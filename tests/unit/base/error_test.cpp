#include "base/error.hpp"

#include <gtest/gtest.h>

namespace lobule {
namespace {

TEST(Error, ProblemIsOneLine) {
    const Where where{"rat.toml", 3, 7, "cell.volume"};
    EXPECT_EQ(to_string({where, "unknown unit 'Mg'", "mg"}),
              "rat.toml:3:7: cell.volume: unknown unit 'Mg' (nearest: mg)");
    EXPECT_EQ(to_string({where, "is empty", ""}), "rat.toml:3:7: cell.volume: is empty");
}

TEST(Error, UnknownPlacesAreLeftOut) {
    EXPECT_EQ(to_string({{}, "is empty", ""}), "is empty");
    EXPECT_EQ(to_string({{"rat.toml", 0, 4, ""}, "is empty", ""}), "rat.toml: is empty");
    EXPECT_EQ(to_string({{"rat.toml", 3, 0, ""}, "is empty", ""}), "rat.toml:3: is empty");
    EXPECT_EQ(to_string({{"", 0, 0, "cell"}, "is empty", ""}), "cell: is empty");
    EXPECT_EQ(to_string({{"", 2, 5, ""}, "is empty", ""}), "2:5: is empty");
}

TEST(Error, SpecErrorCarriesEveryProblem) {
    const SpecError error({{{"a", 1, 1, ""}, "first", ""}, {{"a", 2, 1, ""}, "second", "third"}});
    EXPECT_STREQ(error.what(), "a:1:1: first\na:2:1: second (nearest: third)");
    ASSERT_EQ(error.problems().size(), 2U);
    EXPECT_EQ(error.problems()[1].nearest, "third");
    EXPECT_STREQ(SpecError({"a", 1, 2, "k"}, "bad", "good").what(), "a:1:2: k: bad (nearest: good)");
}

}  // namespace
}  // namespace lobule
