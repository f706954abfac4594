// The words of the language, declared once: what each table may hold. The parser, its checks, `lobule show` and the
// reference pages in docs/language all derive from this list.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/node.hpp"

namespace lobule {

enum class ValueType : std::uint8_t {
    text,      // a string
    law,       // a string in SBML L3 infix
    quantity,  // a string with a unit: "4 min"
    start,     // a quantity, a law, or "109 per 1000 hepatocyte"
    integer,
    boolean,
    names,    // a string or an array of strings
    shares,   // a name, or a table name -> law
    laws,     // a table name -> law
    sourced,  // a table with value, source and the other keys of the word `parameter`
    range,    // an array of two quantities
    table,    // a table of entries, each with its own word
};

struct Key {
    std::string_view name;
    ValueType type;
    bool required;
    std::string_view about;
};

/// A word is a table of the language. `entries` tables (parameters, states, ...) hold named entries of this word.
struct Word {
    enum class Form : std::uint8_t { table, entries, array };  // [cell] / [states] name = {...} / [[transition]]
    std::string_view name;
    Form form;
    std::string_view kinds;  // part kinds that may use it, separated by spaces; "all"
    std::string_view about;
    std::vector<Key> keys;
    std::string_view short_key = {};  // entries: a bare string stands for this key
};

const std::vector<Word>& words();
const Word* find_word(std::string_view name);

/// The reference of one word as Markdown: what docs/language/<word>.md must contain.
std::string word_reference(const Word& word);

/// Checks the keys and value types of one table against its word; appends a problem for each fault.
void check_table(const Node& table, const Word& word, std::vector<Problem>& problems);

}  // namespace lobule
