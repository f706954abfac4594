// Problems of fits, studies of sensitivity and grids, as `lobule list` and `lobule show` tell of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/project.hpp"

namespace lobule::app {

/// problem.toml of the shipped fits, then study.toml and grid.toml of the shipped studies, each by name.
std::vector<std::filesystem::path> shipped_varied(const io::Project& project);
/// "fits" or "studies": a line for each.
void list_varied(const io::Project& project, const std::string& folder);
/// The problem and the study that `name` is: a shipped name (there may be one of each), a folder, a .toml file. Empty: none.
std::vector<std::filesystem::path> varied_called(const io::Project& project, const std::string& name);
/// Cases, what is compared or read, parameters with their present values and bounds. Throws SpecError with every problem.
void show_varied(const io::Project& project, const std::filesystem::path& file);

}  // namespace lobule::app
