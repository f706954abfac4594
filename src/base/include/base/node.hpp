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
    Kind kind = Kind::table;
    Where where;
    std::string text;                                   // Kind::text
    double real = 0.0;                                  // Kind::real and integer
    bool boolean = false;                               // Kind::boolean
    std::vector<Node> items;                            // Kind::array
    std::vector<std::pair<std::string, Node>> members;  // Kind::table, in file order

    const Node* find(std::string_view key) const {
        for (const auto& [name, node] : members)
            if (name == key) return &node;
        return nullptr;
    }
};

}  // namespace lobule
