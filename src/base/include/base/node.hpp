// A user's file as plain data with places: what `io` reads and `model` interprets, so that the model needs no file
// format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace lobule {

/// A value of a TOML document with the place it was written.
struct Node {
    enum class Kind : std::uint8_t { text, real, integer, boolean, array, table };
    struct Member;

    Kind kind = Kind::table;
    Where where;
    std::string text;             // Kind::text
    double real = 0.0;            // Kind::real and integer
    bool boolean = false;         // Kind::boolean
    std::vector<Node> items;      // Kind::array
    std::vector<Member> members;  // Kind::table, in file order

    /// The member of that name, or nullptr.
    const Node* find(std::string_view key) const;
};

struct Node::Member {
    std::string first;
    Node second;
    Member(std::string name, Node value) : first(std::move(name)), second(std::move(value)) {}
};

inline const Node* Node::find(std::string_view key) const {
    for (const Member& member : members)
        if (member.first == key) return &member.second;
    return nullptr;
}

}  // namespace lobule
