// The report of a run: the case and its variants compared with evidence, tables and page in the run folder.
#pragma once

#include <filesystem>
#include <optional>

#include "io/expectations.hpp"
#include "simulate.hpp"

namespace lobule::app {

/// Runs what expect.toml beside the scenario asks for (nothing when there is none), writes the comparison and report.html. None when
/// `progress` stopped it.
std::optional<std::filesystem::path> report_run(const io::Project& project, const Case& ready, double until,
                                                const std::filesystem::path& scenario_folder,
                                                const std::filesystem::path& run_folder,
                                                const io::VariantProgress& progress);

}  // namespace lobule::app
