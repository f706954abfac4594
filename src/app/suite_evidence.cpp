// The suite "evidence": shipped cases against the rows of evidence/ that their expect.toml cites.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report.hpp"
#include "simulate.hpp"
#include "validate.hpp"

namespace lobule::app {

io::EvidenceTable evidence_suite(const SuiteRequest& request) {
    io::EvidenceTable out;
    std::set<std::string> fitted;
    for (const std::string& name : io::scenario_names(request.project)) {
        if (!request.selection.touches("evidence/" + name)) continue;
        const std::filesystem::path file = io::find_scenario(request.project, name);
        std::vector<Problem> problems;
        const Spec spec = io::read_scenario_file(file, problems);
        if (!problems.empty()) throw SpecError(std::move(problems));
        const Case ready = prepare(request.project, file.parent_path(), spec, {});
        io::Expectations wanted = expectations_of(request.project, *ready.model, file.parent_path());
        if (wanted.series.empty() && wanted.features.empty()) continue;
        // Runs that nothing is compared with need not be made.
        std::set<std::string> needed;
        for (const io::SeriesSpec& series : wanted.series) needed.insert(series.variant);
        for (const io::FeatureSpec& feature : wanted.features) {
            needed.insert(feature.variant);
            needed.insert(feature.contrast.against);  // `case` is no variant
        }
        std::erase_if(wanted.variants, [&](const io::VariantSpec& v) { return !needed.contains(v.name); });
        wanted.checks.clear();
        const SimulationOptions how = simulation_options(*ready.model, ready.rest, Resolution::zones);
        const io::Results results =
            io::run_expectations(ready.model, ready.rest, ready.parameters(), spec.duration, wanted, {}, how);
        io::EvidenceCase one = io::evidence_case(name, wanted, results);
        std::erase_if(one.comparisons, [&](const io::EvidenceComparison& row) {
            const std::string path = "evidence/" + name + "/";
            return !request.selection.covers(path + row.ids.substr(0, row.ids.find(' ')));
        });
        if (one.comparisons.empty()) continue;
        for (const ParameterInfo& parameter : ready.model->parameters)
            if (parameter.source.starts_with("fit:")) fitted.insert(parameter.name);
        out.cases.push_back(std::move(one));
    }
    out.fitted.assign(fitted.begin(), fitted.end());
    return out;
}

}  // namespace lobule::app
