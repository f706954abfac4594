// A run folder: everything one run leaves behind, safe against a full disk, a kill and a power cut.
//
//   scenario.toml            the scenario as it was read
//   scenario.resolved.toml   the same with every default filled in and every parameter with its value and origin
//   segments/000001.h5 ...   samples, closed at restart points; segments/index.jsonl lists those that are whole
//   checkpoints/000001.h5    the last two restart points
//   run.h5 summary.csv       all samples, written when the run ends
//   comparison/ variants/    what the report compares, and report.html
//   provenance.json          which program, host, command and input made this, and the final state_hash
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/simulation.hpp"
#include "model/model.hpp"

namespace lobule::io {

/// What a run was asked: enough to ask it again.
struct RunRequest {
    std::string scenario;                 // name
    std::filesystem::path scenario_file;  // absolute; parts may lie beside it
    std::string scenario_text;
    std::vector<std::string> settings;  // as given to --set
    std::string resolution = "zones";
    std::uint64_t seed = 1;
    double step = 0.0, sample = 0.0;  // of agents: [h], agents per cell; 0 in zones
    double until = 0.0;               // [h]
    double output = 1.0;              // [h]
    std::vector<std::string> command_line;
};

/// The request of an existing run folder. Throws SpecError when the folder holds no run that can go on.
RunRequest read_request(const std::filesystem::path& folder);

/// Throws SpecError when a run may not be written to `folder`: it holds a run and `force` is not given, or other files.
void refuse_taken(const std::filesystem::path& folder, bool force);

/// The compiled request: what the folder's files are about.
struct RunSubject {
    const Model& model;
    const Parameters& parameters;
    const Inputs& inputs;
    const State& start;
    std::string reading{};         // what decides the course of the run beside the model: seed and step, where they do
    const Model* along = nullptr;  // the model of places that states of a tissue are laid out by
};

struct RunEnding {
    enum class Status { finished, stopped, failed } status = Status::failed;
    int exit_status = 1;
    std::string message;  // of a failure
    State last;
    SolverStatistics statistics;
    double wall_seconds = 0.0;  // of this process
};

class RunFolder {
public:
    /// Starts a new run. With `force`, removes what an earlier run left in the folder, and nothing else.
    static RunFolder create(const std::filesystem::path& folder, bool force, const RunRequest& request,
                            const RunSubject& subject);
    /// Opens a run to go on from resumed_at(): samples after it are dropped. Throws SpecError when the files make another model now
    /// (with the first thing that differs), or when no checkpoint can be read.
    static RunFolder resume(const std::filesystem::path& folder, const RunRequest& request, const RunSubject& subject);
    ~RunFolder();

    /// Where a run goes on after resume(); its caller may move it out.
    State& resumed_at();
    void sample(double time, std::span<const double> probes, std::span<const double> values);
    /// Samples so far are whole. They go to the disk at once when the last ones did so `seconds_between_segments` ago, and `state`
    /// with them; it is not kept.
    void restart_point(const State& state);
    /// Writes what is left, the last restart point, run.h5, summary.csv and provenance.json.
    void close(const RunEnding& ending, const State& restart_point);

    static constexpr double k_seconds_between_segments = 0.25;
    double seconds_between_segments = k_seconds_between_segments;

private:
    struct Impl;
    explicit RunFolder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace lobule::io
