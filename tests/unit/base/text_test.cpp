#include "base/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lobule {
namespace {

using Names = std::vector<std::string>;

TEST(Text, NearestName) {
    const Names names{"hepatocyte", "kupffer", "plasma", "hgf"};
    EXPECT_EQ(nearest_name("hepatocite", names), "hepatocyte");
    EXPECT_EQ(nearest_name("plamsa", names), "plasma");  // a swap costs 1
    EXPECT_EQ(nearest_name("hgg", names), "hgf");
    EXPECT_EQ(nearest_name("kupffer", names), "kupffer");
    EXPECT_EQ(nearest_name("time", names), "");
    EXPECT_EQ(nearest_name("x", Names{}), "");
}

TEST(Text, NearestNameThreshold) {
    EXPECT_EQ(nearest_name("abcdef", Names{"abcdxy"}), "abcdxy");  // 2 of 6
    EXPECT_EQ(nearest_name("abcdef", Names{"abcxyz"}), "");        // 3 of 6
    EXPECT_EQ(nearest_name("ab", Names{"ac"}), "ac");              // at least 1
    EXPECT_EQ(nearest_name("ab", Names{"ac", "ad"}), "ac");        // the first of a tie
}

TEST(Text, Split) {
    EXPECT_EQ(split("a.b..c", '.'), (Names{"a", "b", "", "c"}));
    EXPECT_EQ(split("", '.'), (Names{""}));
    EXPECT_EQ(split("a.", '.'), (Names{"a", ""}));
}

TEST(Text, Trim) {
    EXPECT_EQ(trim(" \t a b \r\n"), "a b");
    EXPECT_EQ(trim("  "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Text, SnakeCase) {
    for (const char* good : {"a", "k_il6", "tgf_beta"}) EXPECT_TRUE(is_snake_case(good)) << good;
    for (const char* bad : {"", "A", "_a", "6il", "a.b", "a-b", "a b", "\u00b5"})
        EXPECT_FALSE(is_snake_case(bad)) << bad;
}

RC_GTEST_PROP(Text, JoinUndoesSplit, (const std::string& text)) {
    std::string joined;
    for (const std::string& part : split(text, ',')) joined += part + ',';
    RC_ASSERT(joined == text + ',');
}

RC_GTEST_PROP(Text, ANameIsItsOwnNearest, (const std::string& name)) {
    RC_ASSERT(nearest_name(name, Names{name}) == name);
}

}  // namespace
}  // namespace lobule
