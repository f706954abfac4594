#include "report.hpp"

#include <fmt/format.h>

#include "app/verbs.hpp"
#include "io/evidence.hpp"
#include "io/report.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

io::Expectations expectations_of(const io::Project& project, const Model& model, const fs::path& scenario_folder) {
    const fs::path file = scenario_folder / "expect.toml";
    if (!fs::exists(file)) return {};  // the page then shows every probe against time
    std::vector<Problem> problems;
    io::Expectations expectations =
        io::read_expectations(io::read_toml(file), scenario_folder, io::read_evidence(project), model, problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    return expectations;
}

std::optional<fs::path> report_run(const io::Project& project, const Case& ready, double until,
                                   const io::Expectations& expectations, const fs::path& run_folder,
                                   const io::VariantProgress& progress, const SimulationOptions& how) {
    const Parameters parameters = ready.parameters();
    io::Results results = io::run_expectations(ready.model, ready.rest, parameters, until, expectations, progress, how);
    if (!results.complete) return std::nullopt;
    io::write_report_tables(run_folder, io::make_report(*ready.model, parameters, ready.settings, expectations,
                                                        std::move(results), io::read_references(project)));
    return io::write_report(run_folder);
}

int report(const io::Project&, const std::string& folder) {
    fmt::print("{}\n", io::write_report(folder).string());
    return 0;
}

}  // namespace lobule::app
