// One run of a compiled model: for `run` with its folder, and for whoever needs another run of the same case.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "engine/simulation.hpp"
#include "io/project.hpp"

namespace lobule::app {

/// A scenario ready to run: compiled, with its rest state solved.
struct Case {
    std::shared_ptr<const Model> model;
    RestState rest;
    std::vector<SettingSpec> settings;  // of the command line; the scenario's own are in the model's Spec

    /// The values of a run: as declared and balanced, then the scenario's settings, the command line's, and `more` (a variant's).
    Parameters parameters(const std::vector<SettingSpec>& more = {}) const;
};

/// Compiles a scenario whose own parts may lie in the folder `beside`. Throws SpecError with every problem; faults of parts that the
/// scenario does not use are no concern of it.
Case prepare(const io::Project& project, const std::filesystem::path& beside, const Spec& spec,
             std::vector<SettingSpec> settings);

/// A run of the case, at its start.
Simulation start_simulation(const Case& ready, const Parameters& parameters, const SimulationOptions& options);

}  // namespace lobule::app
