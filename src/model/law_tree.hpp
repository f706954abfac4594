// A law as a tree with a place in the text for every leaf: what libSBML's parser gives, without libSBML.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/law.hpp"

namespace lobule {

struct LawNode {
    enum class Kind : std::uint8_t { number, name, call, operation };
    Kind kind = Kind::number;
    Op op = Op::constant;    // Kind::operation, with one operand or more
    bool negated = false;    // Kind::operation: != is `equal`, negated
    double value = 0.0;      // Kind::number
    std::string name;        // Kind::name and call
    std::size_t offset = 0;  // of its first leaf in the text
    std::vector<LawNode> operands;
};

/// Throws SpecError.
LawNode parse_law(const LawText& law);

/// The mistake `what` at a byte of the law.
[[noreturn]] void fail(const LawText& law, std::size_t offset, std::string what, std::string nearest = {});

/// Where a byte of the law lies. law.where.column is the column before the text: the opening quote in a TOML file, 0 in
/// a bare text. In a text of several lines only the start is known.
Where place_in(const LawText& law, std::size_t offset);

inline std::string in_quotes(std::string_view text) { return '\'' + std::string(text) + '\''; }

}  // namespace lobule
