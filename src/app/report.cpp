#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/verbs.hpp"
#include "io/evidence.hpp"
#include "io/report.hpp"
#include "io/run_result.hpp"

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

namespace {

/// The case in zones beside the case in cells: in each figure of it, each of its features and checks.
io::Expectations beside_zones(io::Expectations expectations, const Model& model) {
    const std::string name = io::k_zones_variant;
    expectations.variants.push_back({name, "zones", "The same case in zones.", "prediction", "", {}, {}});
    if (expectations.figures.empty()) {
        io::FigureSpec all{"Readings", "course", "", {}, {""}};
        for (const ModelProbe& probe : model.run.probes) all.probes.push_back(probe.name);
        expectations.figures.push_back(std::move(all));
    }
    for (io::FigureSpec& figure : expectations.figures)
        if (std::find(figure.variants.begin(), figure.variants.end(), "") != figure.variants.end())
            figure.variants.push_back(name);
    // Variants run in zones: what is set against one of them is the case in zones.
    const auto of_zones = [&](auto& spec) {
        if constexpr (requires { spec.contrast; }) {
            if (spec.contrast.against.empty()) return false;
            if (spec.contrast.against == "case") spec.contrast.against = name;
            if (spec.variant.empty()) spec.variant = name;
            return true;
        }
        return false;
    };
    const auto double_up = [&](auto& list) {
        const auto own = list;
        list.clear();
        for (const auto& spec : own) {
            list.push_back(spec);
            if (of_zones(list.back()) || !spec.variant.empty()) continue;
            list.push_back(spec);
            list.back().variant = name;
            list.back().name += io::k_zones_mark;
        }
    };
    double_up(expectations.series);
    double_up(expectations.features);
    double_up(expectations.checks);
    return expectations;
}

}  // namespace

std::optional<fs::path> report_run(const io::Project& project, const Case& ready, double until,
                                   const io::Expectations& expectations, const fs::path& run_folder,
                                   const io::VariantProgress& progress, const io::BandProgress& band,
                                   const SimulationOptions& how) {
    const Parameters parameters = ready.parameters();
    const bool cells = how.resolution == Resolution::cells;
    io::Expectations shown = cells ? beside_zones(expectations, *ready.model) : expectations;
    give_other_parts(shown.variants, ready);
    std::optional<io::Curves> done;
    SimulationOptions reading = how;
    if (cells) {  // its variants run in zones: a tissue for each would take hours
        done = io::read_run(run_folder).curves;
        reading = simulation_options(*ready.model, ready.rest, Resolution::zones);
    }
    io::Results results = io::run_expectations(ready.model, ready.rest, parameters, until, shown, progress, reading,
                                               done ? &*done : nullptr);
    if (!results.complete) return std::nullopt;
    std::optional<io::Band> drawn;
    if (shown.band && band) {
        io::BandRequest request{cells ? io::k_zones_variant : "", {}, until, how.threads};
        for (const SettingSpec& setting : ready.settings) request.held.push_back(setting.name);
        drawn = io::run_band(ready.model, ready.rest, parameters, shown, request, reading, band);
        if (!drawn) return std::nullopt;
    }
    std::vector<io::GapRow> gap;
    if (cells)
        for (const io::VariantResult& variant : results.variants)
            if (variant.spec.name == io::k_zones_variant)
                gap = io::gap_of_readings(expectations, ready.model->run.probes, *done, variant.curves);
    io::ReportData page = io::make_report(*ready.model, parameters, ready.settings, shown, std::move(results),
                                          io::read_references(project));
    page.gap = std::move(gap);
    page.band = std::move(drawn);
    io::write_report_tables(run_folder, page);
    return io::write_report(run_folder);
}

int report(const io::Project&, const std::string& folder) {
    fmt::print("{}\n", io::write_report(folder).string());
    return 0;
}

}  // namespace lobule::app
