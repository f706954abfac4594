#include "simulate.hpp"

namespace lobule::app {

namespace {

/// A scenario that lies beside the project's own biology/ has no parts of its own.
std::filesystem::path own_parts(const io::Project& project, const std::filesystem::path& beside) {
    std::error_code error;
    return std::filesystem::equivalent(beside / "biology", project.biology(), error) ? std::filesystem::path() : beside;
}

}  // namespace

Parameters Case::parameters(const std::vector<SettingSpec>& more) const {
    Parameters values = set_parameters(*model, rest.parameters, model->spec.settings);
    values = set_parameters(*model, std::move(values), settings);
    return set_parameters(*model, std::move(values), more);
}

Case prepare(const io::Project& project, const std::filesystem::path& beside, const Spec& spec,
             std::vector<SettingSpec> settings) {
    std::vector<Problem> problems;
    const Catalogue catalogue = io::read_catalogue(project, own_parts(project, beside), problems);
    Case ready;
    try {
        ready.model = compile(spec, catalogue, settings);
    } catch (const SpecError& error) {
        // A part left out for its faults is the likely cause of what is missing: those first.
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
        throw SpecError(std::move(problems));
    }
    ready.settings = std::move(settings);
    ready.rest = solve_rest(*ready.model);
    return ready;
}

Simulation start_simulation(const Case& ready, const Parameters& parameters, const SimulationOptions& options) {
    return {ready.model, make_inputs(*ready.model, ready.rest, parameters), ready.rest.scales,
            start_state(*ready.model, ready.rest, parameters), options};
}

}  // namespace lobule::app
