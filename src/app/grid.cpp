// `lobule grid`: the outcome of a case over all combinations of chosen settings.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "io/parallel.hpp"
#include "io/version.hpp"
#include "varied.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

constexpr WorkKind k_kind{"grid", "grid", "studies", "grid.toml", "lobule.grid"};

void print_summary(const io::GridResult& result, const fs::path& folder) {
    const io::GridStudy& s = result.study;
    fmt::print("{}: {} combinations, {} runs, {} failed\n", s.name, s.cells.size(), s.runs.size(), result.failed());
    for (std::size_t o = 0; o < s.outcomes.size(); ++o) {
        const io::GridOutcome& outcome = s.outcomes[o];
        const auto ranking = result.ranking(o);
        fmt::print("{} [{}]{}\n", outcome.name, outcome.unit,
                   outcome.baseline.empty() ? "" : " against " + outcome.baseline);
        if (ranking.empty()) {
            fmt::print("  no combination has this number\n");
            continue;
        }
        fmt::print("  best   {:.4g}  {}\n", *result.value(o, ranking.front()), s.text(ranking.front()));
        fmt::print("  worst  {:.4g}  {}\n", *result.value(o, ranking.back()), s.text(ranking.back()));
        if (ranking.size() < s.cells.size()) fmt::print("  {} without\n", s.cells.size() - ranking.size());
    }
    fmt::print("folder      {}\npage        {}\n", folder.string(), (folder / "grid.html").string());
}

/// Every run that is not done yet, each on the disk before it counts. False when stopped.
bool run_all(const io::GridStudy& study, const io::VariedCase& subject, int threads, WorkFolder& folder, Watch& watch,
             std::vector<std::optional<io::GridRun>>& runs) {
    std::mutex mutex;
    io::in_parallel(runs.size(), threads, [&](std::size_t i) {
        if (runs[i] || watch.stop()) return;
        io::GridRun run = io::run_grid(study, subject, i, [&] { return watch.stop(); });
        if (run.stopped) return;
        const std::lock_guard lock(mutex);
        folder.append(io::to_json(run));
        runs[i] = std::move(run);
        watch.tick();
    });
    return std::all_of(runs.begin(), runs.end(), [](const auto& run) { return run.has_value(); });
}

}  // namespace

int grid(const io::Project& project, const GridOptions& options) {
    const std::string started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    Work work = find_work(project, k_kind, options.study, options.resume);
    std::optional<WorkFolder>& folder = work.folder;
    const fs::path& file = work.file;
    std::vector<io::VariedCase> cases;
    io::GridResult result;
    result.study = open_grid(project, file, cases);
    const io::GridStudy& study = result.study;
    result.hash = io::grid_hash(study, cases.front());
    if (folder) {
        folder->must_be(result.hash);
    } else {
        io::Json head = io::Json::Object{{"format", k_kind.format}, {"version", 1}, {"hash", result.hash}};
        head.set("file", fs::absolute(file).lexically_normal().string());
        const fs::path where = options.output.empty() ? fs::path("grid-" + study.name) : fs::path(options.output);
        folder = WorkFolder::create(where, head, options.force);
    }
    std::vector<std::optional<io::GridRun>> runs(study.runs.size());
    std::size_t left = runs.size();
    for (const io::Json& line : folder->done()) {
        io::GridRun run = io::grid_run_from(line);
        if (run.index >= runs.size() || runs[run.index] || run.values.size() != study.outcomes.size()) continue;
        --left;
        runs[run.index] = std::move(run);
    }
    const bool silent = options.quiet && options.progress == ProgressMode::automatic;
    Watch watch(silent ? ProgressMode::none : options.progress, study.name, static_cast<double>(left));
    const bool complete = run_all(study, cases.front(), thread_count(options.threads), *folder, watch, runs);
    watch.finish();
    write_facts(*folder, options.command_line, started);
    if (!complete) {
        const auto kept = std::count_if(runs.begin(), runs.end(), [](const auto& r) { return r.has_value(); });
        return say_stopped(project, k_kind, *folder, static_cast<std::size_t>(kept), runs.size(), "runs");
    }
    for (auto& run : runs) result.runs.push_back(std::move(*run));
    const fs::path& where = folder->folder();
    io::write_file(where / "result.json", io::grid_json(result).dump(true) + "\n");
    io::write_file(where / "grid.csv", io::grid_csv(result));
    io::write_file(where / "grid.html", io::grid_html(result, {{"Grid", study.name},
                                                               {"Case", cases.front().name},
                                                               {"Program", io::version_text()},
                                                               {"Hash of model and settings", result.hash}}));
    if (!options.quiet) print_summary(result, where);
    return 0;
}

}  // namespace lobule::app
