#include "app/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lobule::app {
namespace {

using testing::HasSubstr;

TEST(Progress, TimesAsAReaderLikesThem) {
    EXPECT_EQ(time_text(0.0), "0 h");
    EXPECT_EQ(time_text(0.5), "30 min");
    EXPECT_EQ(time_text(36.0), "1.5 d");
    EXPECT_EQ(time_text(12.25), "12.25 h");
}

TEST(Progress, TellsTheShareAndTheTimeLeft) {
    const ProgressLine line{"case", 84.0, 336.0, 0.25, 10.0};
    EXPECT_DOUBLE_EQ(line.seconds_left(), 30.0);
    EXPECT_EQ(line.plain(), "case: 25 %, 3.5 d of 14 d, 0:30 left");
    EXPECT_THAT(line.json(), HasSubstr(R"("share":0.25)"));
}

TEST(Progress, CountsWhereItIsToldOfWhat) {
    const ProgressLine line{"fit", 30.0, 120.0, 0.25, 10.0, "runs"};
    EXPECT_EQ(line.plain(), "fit: 25 %, 30 of 120 runs, 0:30 left");
    EXPECT_THAT(line.json(), HasSubstr(R"("done":30.0,"of":120.0,"unit":"runs","share":0.25)"));
    EXPECT_THAT(line.bar(80), HasSubstr("30 of 120 runs"));
}

TEST(Progress, ABarFitsItsTerminalAndKeepsItsWidth) {
    for (const std::size_t width : {1, 10, 30, 45, 60, 80, 200}) {
        const std::string first = ProgressLine{"case", 0.0, 336.0, 0.0, 1.0}.bar(width);
        const std::string last = ProgressLine{"case", 336.0, 336.0, 1.0, 10.0}.bar(width);
        EXPECT_LT(first.size(), std::max<std::size_t>(width, 2)) << first;
        EXPECT_EQ(first.size(), last.size()) << first << '\n' << last;
    }
    EXPECT_THAT((ProgressLine{"case", 168.0, 336.0, 0.5, 1.0}.bar(80)), HasSubstr("####"));
}

}  // namespace
}  // namespace lobule::app
