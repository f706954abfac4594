// `lobule run`: reads, compiles, simulates into a run folder, and says what came out.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <thread>

#include "app/progress.hpp"
#include "app/verbs.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "io/run_folder.hpp"
#include "io/structure.hpp"
#include "report.hpp"
#include "sections.hpp"
#include "signals.hpp"
#include "simulate.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

constexpr int k_stopped = 75;
constexpr int k_incomplete = 6;
constexpr std::size_t k_probes_shown = 12;

/// The option at fault stands where a file would.
[[noreturn]] void wrong_option(const std::string& option, const std::string& what) {
    throw SpecError(Where{option, 0, 0, {}}, what);
}

double read_time(const std::string& option, const std::string& text, double otherwise) {
    if (text.empty()) return otherwise;
    try {
        const Quantity quantity = parse_quantity(text);
        if (quantity.dimension == Dimension::of(Dimension::time) && quantity.value > 0.0) return quantity.value;
    } catch (const UnitError& error) {
        throw SpecError(Where{option + ' ' + text, 0, 0, {}}, error.what(), error.nearest());
    }
    wrong_option(option + ' ' + text, "must be a time above zero, for example 7d");
}

std::vector<SettingSpec> read_settings(const std::vector<std::string>& texts) {
    std::vector<SettingSpec> settings;
    std::vector<Problem> problems;
    for (const std::string& text : texts) {
        try {
            settings.push_back(read_setting(text));
        } catch (const SpecError& error) {
            problems.insert(problems.end(), error.problems().begin(), error.problems().end());
        }
    }
    if (!problems.empty()) throw SpecError(std::move(problems));
    return settings;
}

/// runs/<scenario>, with -2, -3 ... when earlier runs are there and may not be overwritten.
fs::path default_folder(const std::string& scenario, bool force) {
    const fs::path first = fs::path("runs") / scenario;
    fs::path folder = first;
    std::error_code error;
    for (int n = 2; !force && fs::exists(folder) && !fs::is_empty(folder, error); ++n)
        folder = first.string() + '-' + std::to_string(n);
    return folder;
}

/// What is to be run, and where to.
struct Job {
    fs::path folder;
    io::RunRequest request;
    Spec spec;
    bool resumed = false;
};

Spec checked(Spec spec, std::vector<Problem> problems) {
    if (!problems.empty()) throw SpecError(std::move(problems));
    return spec;
}

Job new_job(const io::Project& project, const RunOptions& options) {
    if (options.scenario.empty()) wrong_option("lobule run", "needs a scenario: a name, a folder or a .toml file");
    Job job;
    job.request.scenario_file = fs::absolute(io::find_scenario(project, options.scenario)).lexically_normal();
    job.request.scenario_text = io::read_text(job.request.scenario_file);
    std::vector<Problem> problems;
    Spec spec = io::read_scenario_file(job.request.scenario_file, problems);
    job.spec = checked(std::move(spec), std::move(problems));
    job.request.scenario = job.spec.name;
    job.request.settings = options.settings;
    job.request.resolution = options.resolution;
    if (options.resolution == "mixed") {
        job.request.step = read_time("--step", options.step, job.spec.step);
        job.request.sample = options.sample.value_or(job.spec.sample);
    } else if (options.resolution == "cells" && !options.sample) {
        job.request.step = read_time("--step", options.step, job.spec.step);
    } else if (!options.step.empty() || options.sample) {
        wrong_option(options.step.empty() ? "--sample" : "--step", "is for agents: add --resolution mixed");
    }
    job.request.seed = options.seed.value_or(job.spec.seed);
    job.request.until = read_time("--until", options.until, job.spec.duration);
    job.request.output = read_time("--every", options.interval, job.spec.output);
    job.folder = options.output.empty() ? default_folder(job.spec.name, options.force) : fs::path(options.output);
    io::refuse_taken(job.folder, options.force);  // before any work
    return job;
}

/// The folder says what the run is. Options given again must say the same, so that a command can be repeated with --resume added.
Job resumed_job(const io::Project& project, const RunOptions& options) {
    Job job{options.resume, io::read_request(options.resume), {}, true};
    const auto keep = [&](bool same, const std::string& option) {
        if (!same)
            wrong_option(option, "differs from the run in " + options.resume + ", which goes on as it was started");
    };
    std::error_code error;
    keep(options.output.empty() || fs::equivalent(options.output, job.folder, error), "-o " + options.output);
    keep(!options.force, "--force");
    keep(options.settings.empty() || options.settings == job.request.settings, "--set");
    keep(!options.seed || *options.seed == job.request.seed, "--seed");
    keep(!options.resolution_given || options.resolution == job.request.resolution, "--resolution");
    keep(read_time("--step", options.step, job.request.step) == job.request.step, "--step");
    keep(options.sample.value_or(job.request.sample) == job.request.sample, "--sample");
    keep(read_time("--every", options.interval, job.request.output) == job.request.output, "--every");
    if (!options.scenario.empty())
        keep(fs::equivalent(io::find_scenario(project, options.scenario), job.request.scenario_file, error),
             options.scenario);
    std::vector<Problem> problems;
    const std::string name = (job.folder / "scenario.toml").string();
    Spec spec = read_scenario(job.request.scenario, io::parse_toml(job.request.scenario_text, name), problems);
    job.spec = checked(std::move(spec), std::move(problems));
    job.request.until = read_time("--until", options.until, std::max(job.spec.duration, job.request.until));
    return job;
}

/// The launcher when there is one: it finds the biology again from any folder.
std::string resume_command(const io::Project& project, const RunOptions& options, const fs::path& folder) {
    std::error_code error;
    std::string program = "lobule";
    if (fs::is_regular_file(project.home / "lobule", error)) {
        const fs::path near = fs::proximate(project.home / "lobule", error);
        program =
            near.string().starts_with("..") ? fs::absolute(project.home / "lobule").string() : "./" + near.string();
    }
    std::string command = fmt::format("{} run --resume {}", io::shell_word(program), io::shell_word(folder.string()));
    if (!options.until.empty()) command += " --until " + io::shell_word(options.until);
    return command;
}

class FolderSink : public Sink {
public:
    using Zones = std::function<std::vector<double>(std::span<const double>)>;
    FolderSink(io::RunFolder& folder, Progress& progress, const StopSignals& signals, Zones by_zone, Sections& sections)
        : folder_(folder), progress_(progress), signals_(signals), by_zone_(std::move(by_zone)), sections_(sections) {}

    void sample(double time, std::span<const double> probes, std::span<const double> values) override {
        folder_.sample(time, probes, by_zone_(values));
    }
    void restart_point(const State& state) override {
        folder_.restart_point(state);
        sections_.restart_point(state);
    }
    bool progress(double time) override {
        progress_.update(time);
        return signals_.received() != 0;
    }

private:
    io::RunFolder& folder_;
    Progress& progress_;
    const StopSignals& signals_;
    Zones by_zone_;
    Sections& sections_;
};

std::string_view status_text(io::RunEnding::Status status) {
    return status == io::RunEnding::Status::finished ? "finished" : "stopped";
}

/// How the model is read in this run.
SimulationOptions reading_of(const io::RunRequest& request, const RunOptions& options, const Case& ready) {
    const bool mixed = request.resolution == "mixed", cells = request.resolution == "cells";
    const Resolution resolution = mixed ? Resolution::mixed : cells ? Resolution::cells : Resolution::zones;
    SimulationOptions how = simulation_options(*ready.model, ready.rest, resolution);
    how.seed = request.seed;
    if (mixed || cells) how.step = request.step;
    if (mixed) how.sample = request.sample;
    const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    how.threads = options.threads > 0 ? options.threads : cores;
    return how;
}

/// What decides the course of a run beside its model and start.
std::string reading_text(const Model& model, const SimulationOptions& how) {
    const auto random = [](const ModelEvent& event) { return event.threshold_slot >= 0; };
    if (how.resolution == Resolution::mixed)
        return fmt::format("mixed, seed {}, step {} h, sample {}", how.seed, how.step, how.sample);
    if (how.resolution == Resolution::cells) return fmt::format("cells, seed {}, step {} h", how.seed, how.step);
    const auto& events = model.run.events;
    return std::any_of(events.begin(), events.end(), random) ? fmt::format("seed {}", how.seed) : std::string();
}

struct Result {
    io::RunEnding ending;
    std::vector<double> probes;
    fs::path report;                          // empty: none was written
    std::vector<io::StructureRow> structure;  // of the tissue: cells in space, and probes
};

void print_json(const Job& job, const Model& model, const Result& result) {
    io::Json probes = io::Json::Object{};
    for (std::size_t p = 0; p < result.probes.size(); ++p)
        probes.set(model.run.probes[p].name,
                   io::Json::Object{{"value", result.probes[p]}, {"unit", model.run.probes[p].unit}});
    io::Json json = io::Json::Object{{"scenario", job.request.scenario}, {"status", status_text(result.ending.status)}};
    json.set("folder", job.folder.string())
        .set("report", result.report.empty() ? io::Json() : io::Json(result.report.string()));
    json.set("time_h", result.ending.last.time).set("state_hash", state_hash(result.ending.last));
    json.set("wall_seconds", result.ending.wall_seconds).set("seed", job.request.seed).set("probes", probes);
    fmt::print("{}\n", json.dump(true));
}

void print_summary(const Job& job, const Model& model, const Result& result) {
    const State& last = result.ending.last;
    fmt::print("{}: {} at {}, in {:.2f} s\n", job.request.scenario, status_text(result.ending.status),
               time_text(last.time), result.ending.wall_seconds);
    const std::size_t shown = std::min(k_probes_shown, result.probes.size());
    std::size_t width = 0;
    for (std::size_t p = 0; p < shown; ++p) width = std::max(width, model.run.probes[p].name.size());
    for (std::size_t p = 0; p < shown; ++p) {
        const std::string& unit = model.run.probes[p].unit;
        fmt::print("  {:<{}}  {:.5g}{}\n", model.run.probes[p].name, width, result.probes[p],
                   unit.empty() || unit == "1" ? "" : ' ' + unit);
    }
    if (shown < result.probes.size()) fmt::print("  and {} more in summary.csv\n", result.probes.size() - shown);
    if (!result.structure.empty()) fmt::print("tissue\n{}", io::structure_table(result.structure));
    fmt::print("folder      {}\n", job.folder.string());
    if (!result.report.empty()) fmt::print("report      {}\n", result.report.string());
    fmt::print("state hash  {}\n", state_hash(last));
}

}  // namespace

int run(const io::Project& project, const RunOptions& options) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    if (options.resolution != "zones" && options.resolution != "mixed" && options.resolution != "cells")
        wrong_option("--resolution " + options.resolution, "there are cells, zones and mixed");
    Job job = options.resume.empty() ? new_job(project, options) : resumed_job(project, options);
    job.request.command_line = options.command_line;

    const Case ready =
        prepare(project, job.request.scenario_file.parent_path(), job.spec, read_settings(job.request.settings));
    const Model& model = *ready.model;
    // Read before the run, so that a mistake there costs nothing.
    io::Expectations expectations;
    expectations = expectations_of(project, model, job.request.scenario_file.parent_path());
    const Parameters parameters = ready.parameters();
    const Inputs inputs = make_inputs(model, ready.rest, parameters);
    Run reading = start_run(ready, parameters, reading_of(job.request, options, ready));
    const SimulationOptions& how = reading.options;
    Simulation& simulation = reading.simulation;

    Result result;
    io::RunEnding& ending = result.ending;
    const std::string command = resume_command(project, options, job.folder);
    {
        const StopSignals signals;
        const io::RunSubject subject{
            model, parameters, inputs, simulation.state(), reading_text(model, how), reading.model.get()};
        io::RunFolder folder = job.resumed ? io::RunFolder::resume(job.folder, job.request, subject)
                                           : io::RunFolder::create(job.folder, options.force, job.request, subject);
        const bool silent = options.quiet && options.progress == ProgressMode::automatic;
        Progress progress(silent ? ProgressMode::none : options.progress, job.request.scenario,
                          job.resumed ? folder.resumed_at().time : 0.0, job.request.until);
        Sections sections(reading, expectations, job.folder, job.resumed);
        FolderSink sink(
            folder, progress, signals, [&](std::span<const double> values) { return reading.by_zone(ready, values); },
            sections);
        const auto close = [&](io::RunEnding::Status status, int exit_status, const State& restart_point) {
            progress.finish();
            ending.status = status;
            ending.exit_status = exit_status;
            ending.wall_seconds = std::chrono::duration<double>(Clock::now() - begin).count();
            folder.close(ending, restart_point);
        };
        Outcome outcome;
        try {
            if (job.resumed) simulation.reset(std::move(folder.resumed_at()), how.seed);
            outcome = simulation.run(job.request.until, job.request.output, sink, job.resumed);
            ending.last = std::move(outcome.last);
            sections.finish(ending.last);
            ending.statistics = outcome.statistics;
            const State& restart_point = outcome.earlier ? *outcome.earlier : ending.last;
            if (outcome.end == Outcome::End::finished)
                close(io::RunEnding::Status::finished, 0, restart_point);
            else
                close(io::RunEnding::Status::stopped, k_stopped, restart_point);
        } catch (const RunError& error) {
            if (outcome.earlier)
                ending.last = std::move(*outcome.earlier);
            else if (ending.last.values.empty())
                ending.last = simulation.state();
            ending.message = error.what();
            try {
                close(io::RunEnding::Status::failed, 1, ending.last);
            } catch (const RunError&) {
                // The disk that failed once may well fail again; the first reason is the one to tell.
            }
            if (dynamic_cast<const SolverFailure*>(&error) != nullptr) throw;
            throw RunError(fmt::format("{}; what was complete is kept, go on with: {}", error.what(), command));
        }
    }
    result.probes = read_probes(*reading.model, reading.inputs, ending.last);
    auto structure = io::probe_readings(*reading.model, result.probes, expectations.structure);
    if (how.tissue != nullptr) {
        auto measured = read_structure(*reading.model, *how.tissue, ending.last);
        structure.insert(structure.begin(), measured.begin(), measured.end());
    }
    if (!structure.empty()) {
        result.structure = io::structure_rows(structure, expectations.structure);
        io::write_file(job.folder / "structure.csv", io::structure_csv(result.structure));
    }

    if (ending.status == io::RunEnding::Status::finished && options.report) {
        const StopSignals signals;
        bool said = options.quiet || options.progress == ProgressMode::none || options.progress == ProgressMode::json;
        const auto next = [&](std::size_t, std::size_t all, const std::string&) {
            if (!said && all > 1) fmt::print(stderr, "comparing with evidence: {} runs\n", all);
            said = true;
            return signals.received() != 0;
        };
        // Asked from several threads: whoever finds it taken leaves the bar as it is.
        std::optional<Progress> bar;
        std::mutex mutex;
        const auto draws = [&](std::size_t done, std::size_t all) {
            if (const std::unique_lock<std::mutex> lock(mutex, std::try_to_lock); lock.owns_lock()) {
                const bool silent = options.quiet && options.progress == ProgressMode::automatic;
                if (!bar)
                    bar.emplace(silent ? ProgressMode::none : options.progress, "band", 0.0, static_cast<double>(all),
                                "runs");
                bar->update(static_cast<double>(done));
            }
            return signals.received() != 0;
        };
        const auto page = report_run(project, ready, job.request.until, expectations, job.folder, next,
                                     options.band ? io::BandProgress(draws) : io::BandProgress(), how);
        if (bar) bar->finish();
        if (page)
            result.report = *page;
        else {
            fmt::print(stderr,
                       "lobule: the run is complete, its report is not; write it with --resume and the folder\n");
            ending.exit_status = k_incomplete;
        }
    }

    if (ending.status == io::RunEnding::Status::stopped)
        fmt::print(stderr, "lobule: stopped; the last checkpoint is at {}. Go on with: {}\n",
                   time_text(ending.last.time), command);
    if (options.json)
        print_json(job, model, result);
    else if (!options.quiet)
        print_summary(job, model, result);
    return ending.exit_status;
}

}  // namespace lobule::app
