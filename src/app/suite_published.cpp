// The suite "published": the models under biology/published against the rows of evidence/reproduction.csv.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/parallel.hpp"
#include "simulate.hpp"
#include "validate.hpp"
#include "varied.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

class CurveSink : public Sink {
public:
    CurveSink(io::Curves& curves, std::size_t probes) : curves_(curves) { curves_.values.resize(probes); }
    void sample(double time, std::span<const double> probes, std::span<const double>) override {
        curves_.times.push_back(time);
        for (std::size_t i = 0; i < probes.size(); ++i) curves_.values[i].push_back(probes[i]);
    }
    void restart_point(const State&) override {}

private:
    io::Curves& curves_;
};

/// Every run of the suite is made here.
io::RunCurves run_once(const Case& ready, const std::vector<SettingSpec>& settings, double until, double output,
                       Resolution resolution, int threads) {
    io::RunCurves out;
    CurveSink sink(out.curves, ready.model->run.probes.size());
    try {
        SimulationOptions how = simulation_options(*ready.model, ready.rest, resolution);
        how.threads = threads;
        start_run(ready, ready.parameters(settings), how).simulation.run(until, output, sink);
    } catch (const SolverFailure& failure) {
        out.failure = failure.what();
        out.failed_at = failure.time();
    } catch (const RunError& error) {
        out.failure = error.what();
        out.failed_at = out.curves.times.empty() ? 0.0 : out.curves.times.back();
    }
    return out;
}

}  // namespace

io::Reproduction reproduction_of(const io::Project& project, const Model& model, const fs::path& folder) {
    std::vector<Problem> problems;
    io::Reproduction out = io::read_reproduction(io::read_toml(folder / "reproduce.toml"),
                                                 io::read_published_rows(project), model, problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    return out;
}

io::SuiteResult published_suite(const SuiteRequest& request) {
    io::SuiteResult out{
        "published",
        "Published models",
        "Models of other groups, written in the language of the program, against their own numbers. "
        "Tolerances were declared before a row was compared, with the reason. A row is published where its number "
        "was printed or deposited by the authors, derived where it follows from such numbers, and "
        "computed where one other implementation of the same equations gave it: a mismatch there is a "
        "question to both sides.",
        {}};
    const Resolution resolution = request.options.resolution == "mixed" ? Resolution::mixed : Resolution::zones;
    struct Job {
        std::string path;
        Case ready;
        io::Reproduction wanted;
    };
    std::vector<Job> jobs;
    for (const std::string& name : io::published_names(request.project)) {
        const std::string path = "published/" + name;
        const fs::path folder = request.project.published() / name;
        if (!request.selection.touches(path) || !fs::exists(folder / "reproduce.toml")) continue;
        std::vector<Problem> problems;
        const Spec spec = io::read_scenario_file(folder / "scenario.toml", problems);
        if (!problems.empty()) throw SpecError(std::move(problems));
        Case ready = prepare(request.project, folder, spec, {});
        io::Reproduction wanted = reproduction_of(request.project, *ready.model, folder);
        jobs.push_back({path, std::move(ready), std::move(wanted)});
    }
    const int threads = thread_count(request.options.threads);
    const int inside = std::max(1, threads / std::max(1, static_cast<int>(jobs.size())));
    out.models.resize(jobs.size());
    io::in_parallel(jobs.size(), threads, [&](std::size_t j) {
        const Job& job = jobs[j];
        out.models[j] = io::run_reproduction(
            job.wanted, *job.ready.model,
            [&](const std::vector<SettingSpec>& settings, double until, double output) {
                return run_once(job.ready, settings, until, output, resolution, inside);
            },
            [&](const std::string& row) { return request.selection.covers(job.path + "/" + row); });
        const io::ValidationCount all = io::count(out.models[j]);
        request.ended(job.path, fmt::format("{} rows, {} inside", all.rows, all.rows_inside));
    });
    return out;
}

}  // namespace lobule::app
