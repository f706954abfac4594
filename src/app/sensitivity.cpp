// `lobule sensitivity`: which parameters of a case move which of its results.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <exception>

#include "io/version.hpp"
#include "varied.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

constexpr WorkKind k_kind{"sensitivity", "study", "studies", "study.toml", "lobule.sensitivity"};

void print_summary(const io::SensitivityResult& result, const fs::path& folder) {
    const io::SensitivityStudy& s = result.study;
    fmt::print("{}: {} runs, {} failed\n", s.name, result.points.size(), result.failed());
    for (std::size_t o = 0; o < s.outputs.size(); ++o) {
        fmt::print("{} [{}]\n", s.outputs[o].name, s.outputs[o].measure.unit);
        for (std::size_t p = 0; p < s.parameters.size(); ++p)
            if (!result.morris.empty()) {
                const study::MorrisIndex& m = result.morris[o][p];
                fmt::print("  {:<32} mu* {:.4g} ({:.4g} to {:.4g})  sigma {:.4g}\n", s.parameters[p].bounded.name,
                           m.mu_star.value, m.mu_star.low, m.mu_star.high, m.sigma);
            } else {
                const study::SobolIndex& m = result.sobol[o][p];
                fmt::print("  {:<32} first {:.3f} ({:.3f} to {:.3f})  total {:.3f} ({:.3f} to {:.3f})\n",
                           s.parameters[p].bounded.name, m.first.value, m.first.low, m.first.high, m.total.value,
                           m.total.low, m.total.high);
            }
    }
    fmt::print("folder      {}\npage        {}\n", folder.string(), (folder / "sensitivity.html").string());
}

/// Every point that is not done yet, in parallel, each closed before it counts. False when stopped.
bool run_points(const io::SensitivityStudy& study, const io::VariedCase& subject, int threads, WorkFolder& folder,
                Watch& watch, std::vector<std::optional<io::StudyPoint>>& points) {
    const auto design = study.design();
    std::exception_ptr thrown;
    bool stopped = false;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (std::size_t i = 0; i < design.size(); ++i) {
        if (points[i] || watch.stop()) continue;
        try {
            io::StudyPoint point = io::run_point(study, subject, i, design[i], [&] { return watch.stop(); });
            if (point.stopped) continue;
#pragma omp critical(lobule_points)
            {
                folder.append(io::to_json(point));
                points[i] = std::move(point);
            }
            watch.tick();
        } catch (...) {
#pragma omp critical(lobule_thrown)
            thrown = std::current_exception();
        }
    }
    if (thrown) std::rethrow_exception(thrown);
    stopped = std::any_of(points.begin(), points.end(), [](const auto& p) { return !p; });
    return !stopped;
}

}  // namespace

int sensitivity(const io::Project& project, const SensitivityOptions& options) {
    const std::string started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    Work work = find_work(project, k_kind, options.study, options.resume);
    std::optional<WorkFolder>& folder = work.folder;
    const fs::path& file = work.file;
    std::vector<io::VariedCase> cases;
    io::SensitivityResult result;
    result.study = open_study(project, file, cases);
    io::SensitivityStudy& study = result.study;
    if (options.samples > 0)
        study.samples = static_cast<std::size_t>(options.samples);
    else if (folder)
        study.samples = folder->head()["samples"].whole(study.samples);
    result.hash = io::study_hash(study, cases.front());
    if (folder) {
        folder->must_be(result.hash);
    } else {
        io::Json head = io::Json::Object{{"format", k_kind.format}, {"version", 1}, {"hash", result.hash}};
        head.set("file", fs::absolute(file).lexically_normal().string()).set("seed", study.seed);
        head.set("samples", std::uint64_t{study.samples});
        const fs::path where =
            options.output.empty() ? fs::path("sensitivity-" + study.name) : fs::path(options.output);
        folder = WorkFolder::create(where, head, options.force);
    }
    std::vector<std::optional<io::StudyPoint>> points(study.design().size());
    std::size_t left = points.size();
    for (const io::Json& line : folder->done()) {
        io::StudyPoint point = io::study_point_from(line);
        if (point.index >= points.size() || points[point.index]) continue;
        --left;
        points[point.index] = std::move(point);
    }
    const bool silent = options.quiet && options.progress == ProgressMode::automatic;
    Watch watch(silent ? ProgressMode::none : options.progress, study.name, static_cast<double>(left));
    const bool complete = run_points(study, cases.front(), thread_count(options.threads), *folder, watch, points);
    watch.finish();
    write_facts(*folder, options.command_line, started);
    if (!complete) {
        const auto kept = std::count_if(points.begin(), points.end(), [](const auto& p) { return p.has_value(); });
        return say_stopped(project, k_kind, *folder, static_cast<std::size_t>(kept), points.size(), "runs");
    }
    for (auto& point : points) result.points.push_back(std::move(*point));
    io::finish_study(result);
    const fs::path& where = folder->folder();
    io::write_file(where / "result.json", io::sensitivity_json(result).dump(true) + "\n");
    io::write_file(where / "indices.csv", io::indices_csv(result));
    io::write_file(where / "points.csv", io::points_csv(result));
    io::write_file(where / "sensitivity.html",
                   io::sensitivity_html(result, {{"Study", study.name},
                                                 {"Program", io::version_text()},
                                                 {"Seed", std::to_string(study.seed)},
                                                 {"Hash of model, parameters and options", result.hash}}));
    if (!options.quiet) print_summary(result, where);
    return 0;
}

}  // namespace lobule::app
