// One run of a compiled model: for `run` with its folder, and for whoever needs another run of the same case.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "engine/simulation.hpp"
#include "engine/tissue.hpp"
#include "io/expectations.hpp"
#include "io/project.hpp"

namespace lobule::app {

/// A scenario ready to run: compiled, with its rest state solved.
struct Case {
    std::shared_ptr<const Model> model;
    RestState rest;
    std::vector<SettingSpec> settings;  // of the command line; the scenario's own are in the model's Spec
    Catalogue catalogue;

    /// The values of a run: as declared and balanced, then the scenario's settings, the command line's, and `more` (a variant's).
    Parameters parameters(const std::vector<SettingSpec>& more = {}) const;
};

/// The model of a variant that has other parts than the case. Throws SpecError.
io::OtherParts other_parts_of(const Case& ready, const std::vector<SettingSpec>& settings);
/// Models of their own for the variants that have other parts than the case. Throws SpecError.
void give_other_parts(std::vector<io::VariantSpec>& variants, const Case& ready);

/// The untouched liver, with closures kept from earlier runs.
RestState rest_of(const Model& model);

/// Compiles a scenario whose own parts may lie in the folder `beside`. Throws SpecError with every problem; faults of parts that the
/// scenario does not use are no concern of it.
Case prepare(const io::Project& project, const std::filesystem::path& beside, const Spec& spec,
             std::vector<SettingSpec> settings);

/// A run of the case, at its start. What it samples has the layout of the case's model, at any resolution.
struct Run {
    std::shared_ptr<const Model> model;  // that it moves along: in tissue its zones are places
    Inputs inputs;
    SimulationOptions options;
    Simulation simulation;

    /// Values of a State of the run by the zones of the case.
    std::vector<double> by_zone(const Case& ready, std::span<const double> values) const;
};
Run start_run(const Case& ready, const Parameters& parameters, SimulationOptions options);

}  // namespace lobule::app
