#include "io/h5.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.hpp"

namespace lobule::io::h5 {
namespace {

std::string sample_image() {
    Writer file;
    const std::vector<double> values{0.1, -0.0, std::numeric_limits<double>::denorm_min(), 1e308, 5.0, 6.0};
    file.dataset("/deep/er/table", values, 3);
    file.dataset("/empty", std::vector<double>{});
    file.dataset("/counts", std::vector<std::uint32_t>{1, 4294967295U});
    file.attribute("/deep/er/table", "unit", "pg/ml");
    file.attribute("/", "empty", "");
    file.attribute("/", "big", std::numeric_limits<std::uint64_t>::max());
    file.attribute("/", "time", 1.0 / 3.0);
    return file.image();
}

TEST(H5, GivesBackWhatWasWritten) {
    const Reader reader(sample_image(), "sample");
    EXPECT_EQ(reader.doubles("/deep/er/table"),
              (std::vector<double>{0.1, -0.0, std::numeric_limits<double>::denorm_min(), 1e308, 5.0, 6.0}));
    EXPECT_TRUE(reader.doubles("/empty").empty());
    EXPECT_EQ(reader.whole_numbers("/counts"), (std::vector<std::uint32_t>{1, 4294967295U}));
    EXPECT_EQ(reader.text("/deep/er/table", "unit"), "pg/ml");
    EXPECT_EQ(reader.text("/", "empty"), "");
    EXPECT_EQ(reader.whole("/", "big"), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(reader.number("/", "time"), 1.0 / 3.0);
}

TEST(H5, EqualContentGivesEqualBytes) { EXPECT_EQ(sample_image(), sample_image()); }

TEST(H5, WhatIsMissingIsAnError) {
    const Reader reader(sample_image(), "sample");
    EXPECT_THROW(reader.doubles("/deep/none"), RunError);
    EXPECT_THROW(reader.doubles("/deep"), RunError);
    EXPECT_THROW(reader.text("/", "none"), RunError);
    EXPECT_THROW(reader.text("/", "time"), RunError);
}

TEST(H5, ACutFileIsAnErrorWhereverItWasCut) {
    const std::string image = sample_image();
    for (std::size_t size = 0; size < image.size(); size += 97)
        EXPECT_THROW(Reader(image.substr(0, size), "cut"), RunError) << size;
}

}  // namespace
}  // namespace lobule::io::h5
