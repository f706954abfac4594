// Closures kept from run to run: a file for each key. What was kept and what is derived again are the same bits.
#pragma once

#include <filesystem>
#include <string>

#include "engine/closures.hpp"

namespace lobule::io {

/// The closures of a model, from `folder` where it holds them whole, else derived and, if that can be, written there. No fault of
/// the folder is one of the run. An empty path: nothing is kept.
Closures keep_closures(const Model& model, const std::filesystem::path& folder);

/// Doubles in hexadecimal, with a hash at the end.
std::string closures_text(const Model& model, const Closures& closures);
/// The closures in such a text, if it is whole and of this model; else their key is empty.
Closures read_closures(const Model& model, const std::string& text);

}  // namespace lobule::io
