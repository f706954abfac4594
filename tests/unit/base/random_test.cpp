#include "base/random.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

namespace lobule {
namespace {

using Block = std::array<std::uint64_t, 4>;

// The zero vector of Random123's kat_vectors for threefry4x64 with 20 rounds (the others have counter words that are 0
// in every address), and one of our own, which fixes the order of the words.
TEST(Random, KnownAnswers) {
    EXPECT_EQ(random_block({}),
              (Block{0x09218ebde6c85537, 0x55941f5266d86105, 0x4bd25e16282434dc, 0xee29ec846bd2e40b}));
    const Address address{.seed = 1, .patient = 2, .stream = 3, .entity = 4, .step = 5, .index = 6};
    EXPECT_EQ(random_block(address),
              (Block{0x6b74ac145e807577, 0x9a7f7e26b6b2f354, 0x131d8a33452e9755, 0xdfc66ffe8632f114}));
    EXPECT_EQ(random_uniform(address), 0x1.add2b0517a01ep-2);
    EXPECT_EQ(random_normal(address), -0x1.9ecaf83f4841fp-3);
}

TEST(Random, EveryWordOfTheAddressMatters) {
    const Address zero;
    std::set<Block> blocks{random_block(zero)};
    for (std::uint64_t Address::*word :
         {&Address::seed, &Address::patient, &Address::stream, &Address::entity, &Address::step, &Address::index}) {
        for (const int bit : {0, 31, 32, 63}) {
            Address address = zero;
            address.*word = std::uint64_t{1} << bit;
            EXPECT_TRUE(blocks.insert(random_block(address)).second);
        }
    }
    EXPECT_EQ(blocks.size(), 25U);
}

TEST(Random, StreamsAreFixedByTheirNames) {
    static_assert(stream_id("") == 14695981039346656037ULL);
    static_assert(stream_id("a") == 0xaf63dc4c8601ec8cULL);  // FNV-1a, published test vector
    static_assert(stream_id("foobar") == 0x85944171f73967e8ULL);
}

TEST(Random, UniformIsOpenAndFlat) {
    constexpr int n = 200'000;
    double sum = 0.0, squares = 0.0, low = 1.0, high = 0.0;
    for (std::uint64_t i = 0; i < n; ++i) {
        const double u = random_uniform({.seed = 5, .index = i});
        low = std::min(low, u), high = std::max(high, u), sum += u, squares += u * u;
    }
    EXPECT_GT(low, 0.0);
    EXPECT_LT(high, 1.0);
    EXPECT_NEAR(sum / n, 1.0 / 2.0, 5.0 * 0.2887 / std::sqrt(n));
    EXPECT_NEAR(squares / n, 1.0 / 3.0, 5.0 * 0.2981 / std::sqrt(n));
}

TEST(Random, NormalHasItsMomentsAndItsInverse) {
    constexpr int n = 200'000;
    double sum = 0.0, squares = 0.0, fourths = 0.0, worst = 0.0;
    for (std::uint64_t i = 0; i < n; ++i) {
        const Address address{.seed = 6, .index = i};
        const double z = random_normal(address), u = random_uniform(address);
        sum += z, squares += z * z, fourths += z * z * z * z;
        // The distribution function of the draw is the uniform number it came from; compared in the nearer tail.
        const double p = std::min(u, 1.0 - u);
        worst = std::max(worst, std::abs(0.5 * std::erfc(std::abs(z) / std::sqrt(2.0)) - p) / p);
    }
    EXPECT_NEAR(sum / n, 0.0, 5.0 / std::sqrt(n));
    EXPECT_NEAR(squares / n, 1.0, 5.0 * std::sqrt(2.0 / n));
    EXPECT_NEAR(fourths / n, 3.0, 5.0 * std::sqrt(96.0 / n));
    EXPECT_LT(worst, 1e-13);
}

}  // namespace
}  // namespace lobule
