// The suite "evidence": shipped cases against the rows of evidence/ that their expect.toml cites.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "io/parallel.hpp"
#include "report.hpp"
#include "simulate.hpp"
#include "validate.hpp"
#include "varied.hpp"

namespace lobule::app {

namespace {

/// A case whose runs are made one by one, on whatever thread is free.
struct Job {
    std::string name;
    Case ready;
    Parameters parameters;
    SimulationOptions how;
    io::Expectations wanted;
    std::vector<io::VariantSpec> specs;
    std::vector<io::VariantResult> runs;
    std::atomic<std::size_t> left{0};
    std::once_flag compiled;
    io::EvidenceCase result;

    void make(std::size_t k) {
        std::call_once(compiled, [&] { how.ode = compile_ode(ready.model); });
        runs[k] = io::run_variant(
            ready.model, ready.rest, parameters, ready.model->spec.duration, specs[k], [] { return false; }, how);
    }
};

std::unique_ptr<Job> job_of(const io::Project& project, const Selection& selection, const std::string& name) {
    const std::filesystem::path file = io::find_scenario(project, name);
    std::vector<Problem> problems;
    const Spec spec = io::read_scenario_file(file, problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    auto job = std::make_unique<Job>();
    job->name = name;
    job->ready = prepare(project, file.parent_path(), spec, {});
    const Model& model = *job->ready.model;
    job->parameters = job->ready.parameters();
    job->how = simulation_options(model, job->ready.rest, Resolution::zones);
    io::Expectations& wanted = job->wanted = expectations_of(project, model, file.parent_path());
    // Neither predictions nor what --only leaves out is in the table: runs that nothing is compared with need not be made.
    const auto asked = [&](const std::string& id) { return selection.covers("evidence/" + name + "/" + id); };
    std::erase_if(wanted.series,
                  [&](const io::SeriesSpec& s) { return std::none_of(s.ids.begin(), s.ids.end(), asked); });
    std::erase_if(wanted.features, [&](const io::FeatureSpec& f) {
        return f.role == "prediction" || f.ids.empty() || !asked(f.ids.front());
    });
    if (wanted.series.empty() && wanted.features.empty()) return nullptr;
    std::set<std::string> needed;
    for (const io::SeriesSpec& series : wanted.series) needed.insert(series.variant);
    for (const io::FeatureSpec& feature : wanted.features) {
        needed.insert(feature.variant);
        needed.insert(feature.contrast.against);  // `case` is no variant
    }
    std::erase_if(wanted.variants, [&](const io::VariantSpec& v) { return !needed.contains(v.name); });
    wanted.checks.clear();
    give_other_parts(wanted.variants, job->ready);
    job->specs = io::runs_of(model, wanted);
    job->runs.resize(job->specs.size());
    job->left = job->specs.size();
    return job;
}

}  // namespace

io::EvidenceTable evidence_suite(const SuiteRequest& request) {
    std::vector<std::unique_ptr<Job>> jobs;
    for (const std::string& name : io::scenario_names(request.project))
        if (request.selection.touches("evidence/" + name))
            if (auto job = job_of(request.project, request.selection, name)) jobs.push_back(std::move(job));
    struct Piece {
        Job* job;
        std::size_t which;
        double duration;
    };
    std::vector<Piece> runs;
    for (const auto& job : jobs)
        for (std::size_t k = 0; k < job->specs.size(); ++k)
            runs.push_back({job.get(), k, job->specs[k].duration.value_or(job->ready.model->spec.duration)});
    // The longest first, so that no thread is left with one at the end.
    std::stable_sort(runs.begin(), runs.end(), [](const Piece& a, const Piece& b) { return a.duration > b.duration; });
    io::in_parallel(runs.size(), thread_count(request.options.threads), [&](std::size_t r) {
        Job& job = *runs[r].job;
        job.make(runs[r].which);
        if (--job.left > 0) return;
        job.result = io::evidence_case(job.name, job.wanted,
                                       io::compare_runs(*job.ready.model, job.wanted, std::move(job.runs)));
        const std::string path = "evidence/" + job.name;
        std::erase_if(job.result.comparisons, [&](const io::EvidenceComparison& row) {
            return !request.selection.covers(path + "/" + row.ids.substr(0, row.ids.find(' ')));
        });
        request.ended(path, fmt::format("{} rows, {} runs", job.result.comparisons.size(), job.specs.size()));
    });
    io::EvidenceTable out;
    std::set<std::string> fitted;
    for (const auto& job : jobs) {
        if (job->result.comparisons.empty()) continue;
        for (const ParameterInfo& parameter : job->ready.model->parameters)
            if (parameter.source.starts_with("fit:")) fitted.insert(parameter.name);
        out.cases.push_back(std::move(job->result));
    }
    out.fitted.assign(fitted.begin(), fitted.end());
    return out;
}

}  // namespace lobule::app
