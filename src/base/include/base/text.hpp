// Small text helpers: nearest names for errors, splitting.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lobule {

/// The candidate with the smallest edit distance (with transpositions) to `name`, or "" when none is near enough
/// (distance over a third of the longer word, at least 1, or candidates empty). Ties go to the first.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

/// True for [a-z][a-z0-9_]*: the only spelling of names in the language.
bool is_snake_case(std::string_view name);

}  // namespace lobule
