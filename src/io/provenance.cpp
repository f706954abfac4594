#include "provenance.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <thread>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "engine/state.hpp"
#include "io/version.hpp"

namespace lobule::io {

namespace {

/// The value after `key` and a separator in a system file such as /proc/cpuinfo; empty when there is none.
std::string system_value(const char* file, std::string_view key, char separator) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const auto at = line.find(separator);
        if (at == std::string::npos || trim(std::string_view(line).substr(0, at)) != key) continue;
        std::string_view value = trim(std::string_view(line).substr(at + 1));
        if (value.size() > 1 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        return std::string(value);
    }
    return {};
}

Json host() {
    utsname system{};
    uname(&system);
    return Json::Object{{"cpu", system_value("/proc/cpuinfo", "model name", ':')},
                        {"cores", static_cast<std::uint64_t>(std::thread::hardware_concurrency())},
                        {"os", system_value("/etc/os-release", "PRETTY_NAME", '=')},
                        {"kernel", fmt::format("{} {} {}", system.sysname, system.release, system.machine)}};
}

Json program() {
    const Version& v = version();
    return Json::Object{{"name", "lobule"},       {"version", v.number}, {"commit", v.commit},
                        {"compiler", v.compiler}, {"flags", v.flags},    {"build_type", v.build_type}};
}

Json solver(const SolverStatistics& s) {
    return Json::Object{{"steps", s.steps},
                        {"rate_evaluations", s.rate_evaluations},
                        {"jacobians", s.jacobians},
                        {"factorisations", s.factorisations},
                        {"error_failures", s.error_failures},
                        {"convergence_failures", s.convergence_failures},
                        {"restarts", s.restarts}};
}

std::string_view status_text(const RunEnding* ending) {
    if (ending == nullptr) return "running";
    switch (ending->status) {
        case RunEnding::Status::finished: return "finished";
        case RunEnding::Status::stopped: return "stopped";
        case RunEnding::Status::failed: break;
    }
    return "failed";
}

}  // namespace

std::string run_hash(const RunSubject& subject) {
    Hasher hasher;
    hasher.add(subject.model.hash);
    hasher.add(subject.inputs.ones);
    for (std::size_t s = 0; s < subject.inputs.lanes.size(); ++s) hasher.add(subject.inputs.lanes[s]);
    hasher.add(state_hash(subject.start));
    if (!subject.reading.empty()) hasher.add(subject.reading);
    return hasher.hex();
}

std::string time_stamp() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

Json session(const RunRequest& request, const std::string& started, double from, const RunEnding* ending) {
    Json json = Json::Object{{"status", status_text(ending)}, {"command_line", Json::array(request.command_line)}};
    json.set("folder", std::filesystem::current_path().string());
    json.set("started", started).set("from_h", from);
    if (ending == nullptr) return json;
    json.set("ended", time_stamp()).set("to_h", ending->last.time).set("wall_seconds", ending->wall_seconds);
    json.set("exit_status", ending->exit_status);
    if (!ending->message.empty()) json.set("message", ending->message);
    json.set("last_state", state_hash(ending->last)).set("solver", solver(ending->statistics));
    return json;
}

Json provenance(const RunRequest& request, const RunSubject& subject, const Json& sessions) {
    const Json& last = sessions.items().back();
    double seconds = 0.0;
    for (const Json& one : sessions.items()) seconds += one["wall_seconds"].number(0.0);
    Json json = Json::Object{
        {"format", "lobule.run"}, {"version", 1}, {"status", last["status"]}, {"scenario", request.scenario}};
    json.set("seed", request.seed).set("resolution", request.resolution).set("model_hash", subject.model.hash);
    json.set("time_h", last["to_h"]).set("state_hash", last["last_state"]).set("exit_status", last["exit_status"]);
    json.set("wall_seconds", seconds).set("started", sessions.items().front()["started"]).set("ended", last["ended"]);
    json.set("command_line", Json::array(request.command_line)).set("solver", last["solver"]);
    json.set("program", program()).set("host", host());
    json.set("request", Json::Object{{"scenario_file", request.scenario_file.string()},
                                     {"settings", Json::array(request.settings)},
                                     {"until_h", request.until},
                                     {"output_h", request.output},
                                     {"step_h", request.step},
                                     {"sample", request.sample}});
    json.set("sessions", sessions);
    return json;
}

RunRequest request_from(const Json& provenance) {
    const Json& asked = provenance["request"];
    RunRequest request;
    request.scenario = provenance["scenario"].text();
    request.scenario_file = asked["scenario_file"].text();
    for (const Json& setting : asked["settings"].items()) request.settings.push_back(setting.text());
    request.resolution = provenance["resolution"].text("zones");
    request.seed = provenance["seed"].whole(1);
    request.until = asked["until_h"].number(0.0);
    request.output = asked["output_h"].number(0.0);
    request.step = asked["step_h"].number(0.0);
    request.sample = asked["sample"].number(0.0);
    return request;
}

}  // namespace lobule::io
