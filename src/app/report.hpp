// The report of a run: the case and its variants compared with evidence, tables and page in the run folder.
#pragma once

#include <filesystem>
#include <optional>

#include "io/band.hpp"
#include "io/expectations.hpp"
#include "simulate.hpp"

namespace lobule::app {

/// expect.toml beside the scenario, or every probe against time when there is none. Throws SpecError with every problem.
io::Expectations expectations_of(const io::Project& project, const Model& model,
                                 const std::filesystem::path& scenario_folder);

/// Runs the case and its variants, and its band where `band` is given; writes the comparison and report.html. None when one of them
/// stopped it.
std::optional<std::filesystem::path> report_run(const io::Project& project, const Case& ready, double until,
                                                const io::Expectations& expectations,
                                                const std::filesystem::path& run_folder,
                                                const io::VariantProgress& progress, const io::BandProgress& band,
                                                const SimulationOptions& how);

}  // namespace lobule::app
