// What describes a run beside its numbers: the resolved scenario and provenance.json.
#pragma once

#include <filesystem>
#include <string>

#include "io/json.hpp"
#include "io/run_folder.hpp"

namespace lobule::io {

/// Of everything that decides the course of a run: laws, values, what was frozen at rest, the start.
std::string run_hash(const RunSubject& subject);

/// The scenario with every default filled in and every parameter with its final value, unit, source and origin, as TOML.
std::string resolved_scenario(const RunRequest& request, const RunSubject& subject);

/// "2026-11-21T23:10:05Z"
std::string time_stamp();

/// The record of a run. `sessions`: one entry for each process that worked on it.
Json provenance(const RunRequest& request, const RunSubject& subject, const Json& sessions);
/// One of those entries; `ending` is null while the run goes on.
Json session(const RunRequest& request, const std::string& started, double from, const RunEnding* ending);

RunRequest request_from(const Json& provenance);

}  // namespace lobule::io
