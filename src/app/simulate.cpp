#include "simulate.hpp"

#include <cstdlib>

#include "io/closures.hpp"

namespace lobule::app {

namespace {

/// A scenario that lies beside the project's own biology/ has no parts of its own.
std::filesystem::path own_parts(const io::Project& project, const std::filesystem::path& beside) {
    std::error_code error;
    return std::filesystem::equivalent(beside / "biology", project.biology(), error) ? std::filesystem::path() : beside;
}

/// Where what is derived from tissue is kept between runs: beside the builds of read-only checkouts.
std::filesystem::path kept() {
    const auto variable = [](const char* name) -> std::filesystem::path {
        const char* value = std::getenv(name);
        return value == nullptr ? "" : value;
    };
    const std::filesystem::path cache = variable("XDG_CACHE_HOME"), home = variable("HOME");
    if (cache.is_absolute()) return cache / "lobule" / "closures";
    return home.is_absolute() ? home / ".cache" / "lobule" / "closures" : std::filesystem::path();
}

}  // namespace

RestState rest_of(const Model& model) { return solve_rest(model, io::keep_closures(model, kept())); }

Parameters Case::parameters(const std::vector<SettingSpec>& more) const {
    Parameters values = set_parameters(*model, rest.parameters, model->spec.settings);
    values = set_parameters(*model, std::move(values), settings);
    return set_parameters(*model, std::move(values), more);
}

Case prepare(const io::Project& project, const std::filesystem::path& beside, const Spec& spec,
             std::vector<SettingSpec> settings) {
    std::vector<Problem> problems;
    Case ready;
    ready.catalogue = io::read_catalogue(project, own_parts(project, beside), problems);
    try {
        ready.model = compile(spec, ready.catalogue, settings);
    } catch (const SpecError& error) {
        // A part left out for its faults is the likely cause of what is missing: those first.
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
        throw SpecError(std::move(problems));
    }
    ready.settings = std::move(settings);
    ready.rest = rest_of(*ready.model);
    return ready;
}

io::OtherParts other_parts_of(const Case& ready, const std::vector<SettingSpec>& settings) {
    Spec spec = ready.model->spec;
    spec.variant = settings;
    io::OtherParts other;
    other.model = compile(spec, ready.catalogue, ready.settings);
    other.rest = rest_of(*other.model);
    other.start = set_parameters(*other.model, other.rest.parameters, spec.settings);
    other.start = set_parameters(*other.model, std::move(other.start), ready.settings);
    other.ode = compile_ode(other.model);
    return other;
}

void give_other_parts(std::vector<io::VariantSpec>& variants, const Case& ready) {
    io::give_other_parts(variants, *ready.model,
                         [&](const std::vector<SettingSpec>& settings) { return other_parts_of(ready, settings); });
}

Run start_run(const Case& ready, const Parameters& parameters, SimulationOptions options) {
    check_sizes(*ready.model, ready.rest.parameters, parameters);
    if (options.resolution != Resolution::cells) {
        const Inputs inputs = make_inputs(*ready.model, ready.rest, parameters);
        return {ready.model,
                inputs,
                options,
                {ready.model, inputs, ready.rest.scales, start_state(*ready.model, ready.rest, parameters), options}};
    }
    const TissuePlan plan = plan_tissue(*ready.model, ready.rest.parameters);
    Spec spec = ready.model->spec;
    spec.zones = static_cast<int>(plan.grid.size());
    spec.in_space = true;
    TissueCase tissue =
        start_tissue(*ready.model, ready.rest, parameters, compile(spec, ready.catalogue, ready.settings), plan,
                     {options.seed, options.patient}, options.threads);
    options.tissue = std::make_shared<const TissuePlan>(std::move(tissue.plan));
    return {tissue.model, tissue.inputs, options, {tissue.model, tissue.inputs, {}, std::move(tissue.start), options}};
}

std::vector<double> Run::by_zone(const Case& ready, std::span<const double> values) const {
    if (options.tissue == nullptr) return {values.begin(), values.end()};
    return values_by_zone(*ready.model, *model, *options.tissue, values);
}

}  // namespace lobule::app
