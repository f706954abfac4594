#include "base/hash.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lobule {
namespace {

TEST(Hash, KnownAnswer) {
    EXPECT_EQ(Hasher().hex(), "99aa06d3014798d86001c324468d497f");  // XXH3-128 of nothing, seed 0
}

TEST(Hash, NegativeZeroCountsAsZero) {
    Hasher a, b;
    a.add(0.0);
    b.add(-0.0);
    EXPECT_EQ(a.hex(), b.hex());
}

TEST(Hash, OneBitMatters) {
    Hasher a, b;
    a.add(1.0);
    b.add(1.0 + 0x1p-52);
    EXPECT_NE(a.hex(), b.hex());
}

TEST(Hash, TextsDoNotRunTogether) {
    Hasher a, b;
    a.add("ab");
    a.add("c");
    b.add("a");
    b.add("bc");
    EXPECT_NE(a.hex(), b.hex());
}

TEST(Hash, HexMayBeReadOnTheWay) {
    Hasher a, b;
    a.add(std::uint64_t{1});
    EXPECT_EQ(a.hex().size(), 32U);
    EXPECT_EQ(a.hex(), a.hex());
    a.add(2.0);
    b.add(std::uint64_t{1});
    b.add(2.0);
    EXPECT_EQ(a.hex(), b.hex());
}

// A State is added piece by piece: the pieces do not matter, only the sequence of values.
RC_GTEST_PROP(Hash, PiecesDoNotMatter, (const std::vector<double>& values)) {
    Hasher whole, pieces;
    whole.add(values);
    const std::size_t cut = values.empty() ? 0 : *rc::gen::inRange<std::size_t>(0, values.size());
    pieces.add(std::span(values).first(cut));
    for (const double value : std::span(values).subspan(cut)) pieces.add(value);
    RC_ASSERT(whole.hex() == pieces.hex());
}

}  // namespace
}  // namespace lobule
