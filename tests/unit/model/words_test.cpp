// The list of words: the parser, the pages and the checks all come from it.
#include "model/words.hpp"

#include <set>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "model/part.hpp"

namespace lobule {
namespace {

TEST(Words, AreWellFormed) {
    std::set<std::string_view> names;
    for (const Word& word : words()) {
        EXPECT_TRUE(names.insert(word.name).second) << word.name;
        EXPECT_TRUE(is_snake_case(word.name)) << word.name;
        EXPECT_TRUE(word.about.ends_with('.')) << word.name;
        EXPECT_EQ(find_word(word.name), &word);
        std::set<std::string_view> keys;
        for (const Key& key : word.keys) {
            EXPECT_TRUE(keys.insert(key.name).second) << word.name << "." << key.name;
            EXPECT_TRUE(is_snake_case(key.name)) << word.name << "." << key.name;
            EXPECT_FALSE(key.about.empty()) << word.name << "." << key.name;
        }
        if (!word.short_key.empty()) {
            EXPECT_TRUE(keys.contains(word.short_key)) << word.name;
        }
    }
    EXPECT_EQ(find_word("nonsense"), nullptr);
}

TEST(Words, BelongToKindsOfParts) {
    std::set<std::string, std::less<>> kinds{"scenario"};
    for (int k = 0; k <= static_cast<int>(PartKind::set); ++k) kinds.emplace(to_string(static_cast<PartKind>(k)));
    for (const std::string& kind : kinds) {
        const Word* word = find_word(kind);
        ASSERT_NE(word, nullptr) << kind;
        EXPECT_EQ(word->form, Word::Form::table) << kind;
    }
    for (const Word& word : words())
        if (word.kinds != "all") {
            for (const std::string_view kind : split(word.kinds, ' '))
                EXPECT_TRUE(kinds.contains(kind)) << word.name << ": " << kind;
        }
}

TEST(Words, HaveAReferenceThatNamesEveryKey) {
    for (const Word& word : words()) {
        const std::string page = word_reference(word);
        for (const Key& key : word.keys)
            EXPECT_NE(page.find("| `" + std::string(key.name) + "` |"), std::string::npos) << word.name;
    }
}

Node leaf(Node::Kind kind) {
    Node node;
    node.kind = kind;
    return node;
}

TEST(Words, ValuesAreCheckedByType) {
    const Word word{"w",
                    Word::Form::table,
                    "all",
                    "A word.",
                    {{"text", ValueType::text, false, "t"},
                     {"number", ValueType::integer, true, "n"},
                     {"flag", ValueType::boolean, false, "b"},
                     {"range", ValueType::range, false, "r"},
                     {"names", ValueType::names, false, "l"},
                     {"shares", ValueType::shares, false, "s"},
                     {"laws", ValueType::laws, false, "m"}}};
    const auto problems = [&](const std::string& key, Node value) {
        Node table;
        table.members.emplace_back(key, std::move(value));
        if (key != "number") table.members.emplace_back("number", leaf(Node::Kind::integer));
        std::vector<Problem> out;
        check_table(table, word, out);
        return out;
    };
    Node list = leaf(Node::Kind::array);
    list.items = {leaf(Node::Kind::text), leaf(Node::Kind::text)};
    Node laws = leaf(Node::Kind::table);
    laws.members.emplace_back("a", leaf(Node::Kind::text));
    Node wrong_laws = laws;
    wrong_laws.members.emplace_back("b", leaf(Node::Kind::integer));
    EXPECT_EQ(problems("text", leaf(Node::Kind::text)).size(), 0U);
    EXPECT_EQ(problems("text", leaf(Node::Kind::integer)).size(), 1U);
    EXPECT_EQ(problems("number", leaf(Node::Kind::real)).size(), 1U);
    EXPECT_EQ(problems("flag", leaf(Node::Kind::boolean)).size(), 0U);
    EXPECT_EQ(problems("range", list).size(), 0U);
    EXPECT_EQ(problems("range", leaf(Node::Kind::array)).size(), 1U);
    EXPECT_EQ(problems("names", list).size(), 0U);
    EXPECT_EQ(problems("names", laws).size(), 1U);
    EXPECT_EQ(problems("shares", laws).size(), 0U);
    EXPECT_EQ(problems("shares", leaf(Node::Kind::text)).size(), 0U);
    EXPECT_EQ(problems("laws", laws).size(), 0U);
    EXPECT_EQ(problems("laws", wrong_laws).size(), 1U);
    EXPECT_EQ(problems("laws", leaf(Node::Kind::text)).size(), 1U);
    const std::vector<Problem> unknown = problems("txt", leaf(Node::Kind::text));
    ASSERT_EQ(unknown.size(), 1U);
    EXPECT_EQ(unknown[0].nearest, "text");
    std::vector<Problem> missing;
    check_table(leaf(Node::Kind::table), word, missing);
    ASSERT_EQ(missing.size(), 1U);
    EXPECT_NE(missing[0].what.find("lacks the key `number`"), std::string::npos);
}

}  // namespace
}  // namespace lobule
