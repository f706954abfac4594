// What a finished or stopped run left in its folder, read back for whoever looks at several runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/report.hpp"

namespace lobule::io {

/// A line of [resolved.parameters]. `value` is the text with its unit; values of zones are joined by " / ".
struct ResolvedParameter {
    std::string name, value, source, origin;
    bool set() const { return origin == "scenario" || origin == "command line"; }  // and not declared by a part
};

struct RunResult {
    std::filesystem::path folder;  // as it was named
    std::string scenario, resolution, status, state_hash, model_hash;
    std::uint64_t seed = 0;
    double time = 0.0;      // [h] of the last state
    double until = 0.0;     // [h] that was asked
    double interval = 0.0;  // [h] of the samples
    double wall_seconds = 0.0;
    std::string command, program;  // program: name, version, commit, compiler, build
    std::string started;
    std::vector<std::pair<std::string, std::string>>
        settings;                            // keys of [scenario] in the resolved scenario, without `about`, `parts`
    std::vector<std::string> parts, events;  // an event is one text
    std::vector<ResolvedParameter> parameters;
    std::vector<ReportProbe> probes;  // `about` is empty where nothing in the folder tells it
    Curves curves;
    std::optional<ReportData> evidence;  // none: the folder holds no comparison with evidence

    const ResolvedParameter* parameter(std::string_view name) const;
};

/// Throws SpecError, one problem, when the folder is missing (with the nearest name beside it), is no run folder, holds
/// no samples, or a file in it was cut short or edited.
RunResult read_run(const std::filesystem::path& folder);

}  // namespace lobule::io
