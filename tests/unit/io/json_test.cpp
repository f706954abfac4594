#include "io/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.hpp"

namespace lobule::io {
namespace {

TEST(Json, KeepsOrderAndExactNumbers) {
    Json json;
    json.set("z", 0.1)
        .set("a", std::numeric_limits<std::uint64_t>::max())
        .set("list", Json::array({"x", "y"}))
        .set("none", Json());
    EXPECT_EQ(json.dump(), R"({"z":0.1,"a":18446744073709551615,"list":["x","y"],"none":null})");
    const Json back = Json::parse(json.dump(true), "text");
    EXPECT_EQ(back.dump(), json.dump());
    EXPECT_EQ(back["z"].number(0.0), 0.1);
    EXPECT_EQ(back["a"].whole(0), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(back["list"].items().size(), 2U);
    EXPECT_EQ(back["absent"]["deeper"].text("fallback"), "fallback");
}

TEST(Json, WhatHasNoTextIsNull) {
    EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).dump(), "null");
    EXPECT_NO_THROW(Json("\xff is no UTF-8").dump());
}

TEST(Json, ACutFileIsNamed) {
    try {
        Json::parse("{\"a\": 1", "folder/file.json");
        FAIL();
    } catch (const SpecError& error) {
        EXPECT_THAT(to_string(error.problems().front()), testing::HasSubstr("folder/file.json"));
    }
}

}  // namespace
}  // namespace lobule::io
