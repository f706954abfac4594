// `lobule fit`: parameters that bring cases nearest to their calibration rows, from many start points.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <map>
#include <mutex>

#include "io/evidence.hpp"
#include "io/version.hpp"
#include "varied.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

constexpr WorkKind k_kind{"fit", "problem", "fits", "problem.toml", "lobule.fit"};

void print_summary(const io::FitResult& result, const fs::path& folder) {
    const study::StartResult& winner = result.winner();
    fmt::print("{}: S {:.6g}, from {:.6g} with the present values; start {} of {}; {} evaluations\n",
               result.problem.name, winner.cost, result.starts.front().first, winner.index, result.starts.size(),
               result.evaluations());
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i) {
        const io::VariedParameter& p = result.problem.parameters[i];
        fmt::print("{}{}\n", p.set_option(winner.best[i]),
                   study::at_bound(p.bounded, winner.best[i]) != 0 ? "   # at its bound" : "");
    }
    for (const study::Profile& profile : result.profiles)
        if (profile.lower_found)
            fmt::print("the profile of {} found a lower S: use more starts\n",
                       result.problem.parameters[profile.parameter].bounded.name);
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i)
        if (const std::string why = io::not_determined(result, i); !why.empty())
            fmt::print("not determined: {}: {}\n", result.problem.parameters[i].bounded.name, why);
    const std::vector<io::FitPhase> phases = result.phases();
    for (const auto& [cause, count] : result.failures()) {
        std::string by;
        for (const io::FitPhase& phase : phases)
            if (const auto found = phase.failures.find(cause); found != phase.failures.end())
                by += fmt::format("{}{} {}", by.empty() ? "" : ", ", phase.name, found->second);
        fmt::print("{} runs failed ({}): {}\n", count, by, cause);
    }
    fmt::print("folder      {}\npage        {}\n", folder.string(), (folder / "fit.html").string());
}

void write_all(const io::Project& project, const io::FitResult& result, const std::vector<io::VariedCase>& cases,
               const fs::path& folder) {
    io::write_file(folder / "result.json", io::fit_json(result).dump(true) + "\n");
    io::write_file(folder / "starts.csv", io::starts_csv(result));
    io::write_file(folder / "parameters.csv", io::parameters_csv(result));
    io::write_file(folder / "residuals.csv", io::residuals_csv(result, cases));
    io::write_file(folder / "profiles.csv", io::profiles_csv(result));
    io::write_file(folder / "correlations.csv", io::correlations_csv(result));
    io::write_file(folder / "fit.html", io::fit_html(result, cases, io::read_references(project),
                                                     {{"Problem", result.problem.name},
                                                      {"Program", io::version_text()},
                                                      {"Seed", std::to_string(result.problem.seed)},
                                                      {"Hash of models, rows and options", result.hash}}));
}

/// Evaluations that took long, kept so that a stop loses none of them: a search that begins again is the same bit for bit, so it
/// asks for them again.
class KeptPoints {
public:
    KeptPoints(WorkFolder& folder, double least_seconds) : folder_(folder), least_seconds_(least_seconds) {
        for (const io::Json& line : folder.done())
            if (!line["point"].is_null()) known_.insert(io::evaluation_from(line));
    }
    template <class Evaluate>
    study::Evaluation of(std::span<const double> values, Evaluate&& evaluate) {
        std::vector<double> point(values.begin(), values.end());
        {
            const std::lock_guard lock(mutex_);
            if (const auto found = known_.find(point); found != known_.end()) return found->second;
        }
        const auto begin = std::chrono::steady_clock::now();
        study::Evaluation out = evaluate();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        const bool exact = std::all_of(out.terms.begin(), out.terms.end(), [](const study::Term& t) {
            return std::isfinite(t.predicted);
        });  // JSON has no other
        if (took.count() >= least_seconds_ && !out.stopped && exact) {
            const std::lock_guard lock(mutex_);
            folder_.append(io::to_json(values, out));
            known_.emplace(std::move(point), out);
        }
        return out;
    }
    /// A start or profile that ended.
    void append(const io::Json& line) {
        const std::lock_guard lock(mutex_);
        folder_.append(line);
    }

private:
    WorkFolder& folder_;
    double least_seconds_;
    std::mutex mutex_;
    std::map<std::vector<double>, study::Evaluation> known_;
};

}  // namespace

int fit(const io::Project& project, const FitOptions& options) {
    const std::string started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    Work work = find_work(project, k_kind, options.problem, options.resume);
    std::optional<WorkFolder>& folder = work.folder;
    const fs::path& file = work.file;
    std::vector<io::VariedCase> cases;
    io::FitResult result;
    result.problem = open_fit(project, file, cases);
    io::FitProblem& problem = result.problem;
    if (options.starts > 0)
        problem.starts = static_cast<std::size_t>(options.starts);
    else if (folder)
        problem.starts = folder->head()["starts"].whole(problem.starts);
    result.hash = io::fit_hash(problem, cases);
    if (folder) {
        folder->must_be(result.hash);
    } else {
        io::Json head = io::Json::Object{{"format", k_kind.format}, {"version", 1}, {"hash", result.hash}};
        head.set("file", fs::absolute(file).lexically_normal().string()).set("seed", problem.seed);
        head.set("starts", std::uint64_t{problem.starts});
        const fs::path where = options.output.empty() ? fs::path("fit-" + problem.name) : fs::path(options.output);
        folder = WorkFolder::create(where, head, options.force);
    }

    const int threads = thread_count(options.threads);
    const study::FitPlan plan = problem.plan(threads);
    std::vector<std::size_t> done;
    for (const io::Json& line : folder->done())
        if (!line["start"].is_null()) {
            result.starts.push_back(io::start_from(line));
            done.push_back(result.starts.back().index);
        } else if (!line["profile"].is_null()) {
            result.profiles.push_back(io::profile_from(line));
        }
    const bool silent = options.quiet && options.progress == ProgressMode::automatic;
    const std::size_t left = problem.starts - std::min(problem.starts, done.size());
    const std::size_t of_all = problem.parameters.size();
    Watch watch(
        silent ? ProgressMode::none : options.progress, problem.name,
        static_cast<double>(left * problem.evaluations + 2 * of_all +
                            problem.profile.size() * 10 * std::max(10 * (of_all - 1), problem.evaluations / 4)));
    // Threads that the points of a stage leave over are for the cases and variants of each point.
    int inside = 1;
    const auto share_out = [&](std::size_t points) {
        const int outside = std::max(1, static_cast<int>(std::min(points, static_cast<std::size_t>(threads))));
        inside = (threads + outside - 1) / outside;
    };
    KeptPoints kept(*folder, options.keep);
    const study::Objective objective = [&](std::span<const double> values) {
        study::Evaluation out = kept.of(values, [&] {
            return io::evaluate(
                cases, problem.parameters, values, [&] { return watch.stop(); }, inside);
        });
        watch.tick();
        return out;
    };
    const auto stopped = [&] {
        watch.finish();
        write_facts(*folder, options.command_line, started);
        return say_stopped(project, k_kind, *folder, result.starts.size(), problem.starts, "starts");
    };
    share_out(left);
    if (!study::run_starts(objective, plan, done, [&](const study::StartResult& start) {
            kept.append(io::to_json(start));
            result.starts.push_back(start);
        }))
        return stopped();
    std::sort(result.starts.begin(), result.starts.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
    for (std::size_t i = 0; i < result.starts.size(); ++i)
        if (result.starts[i].cost < result.winner().cost) result.best = i;
    if (result.winner().cost >= study::k_failed_cost) {
        watch.finish();
        std::string causes;
        for (const auto& [cause, count] : result.failures()) causes += fmt::format("; {} times: {}", count, cause);
        throw RunError("no start of the fit reached a run that ends" + causes);
    }
    share_out(2 * problem.parameters.size());
    result.shape = study::local_shape(objective, plan, result.winner().best);
    if (!result.shape) return stopped();
    std::vector<std::size_t> profiled;
    for (const std::size_t parameter : problem.profile)
        if (result.profile(parameter) == nullptr) profiled.push_back(parameter);
    share_out(profiled.size());
    if (!study::run_profiles(objective, plan, result.winner().best, result.winner().cost, profiled,
                             [&](const study::Profile& profile) {
                                 kept.append(io::to_json(profile));
                                 result.profiles.push_back(profile);
                             }))
        return stopped();
    std::sort(result.profiles.begin(), result.profiles.end(),
              [](const auto& a, const auto& b) { return a.parameter < b.parameter; });
    watch.finish();
    io::finish_fit(result, cases, threads);
    write_all(project, result, cases, folder->folder());
    write_facts(*folder, options.command_line, started);
    if (!options.quiet) print_summary(result, folder->folder());
    return 0;
}

}  // namespace lobule::app
