// `lobule agree`: agents against the ODE for shipped or given cases, a table, a page and a verdict.
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "app/progress.hpp"
#include "app/verbs.hpp"
#include "io/agreement.hpp"
#include "io/files.hpp"
#include "io/version.hpp"
#include "signals.hpp"
#include "simulate.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

constexpr int k_disagrees = 6;
constexpr int k_stopped = 75;

struct Subject {
    std::string scenario;
    Case ready;
    std::vector<io::AgreementLook> looks;
};

Subject subject(const io::Project& project, const std::string& name) {
    const fs::path file = fs::absolute(io::find_scenario(project, name)).lexically_normal();
    std::vector<Problem> problems;
    Spec spec = io::read_scenario_file(file, problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    Subject out{spec.name, prepare(project, file.parent_path(), spec, {}), {}};
    const Model& model = *out.ready.model;
    const fs::path looks = file.parent_path() / "agreement.toml";
    if (fs::exists(looks)) out.looks = io::read_agreement(io::read_toml(looks), model, problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    if (out.looks.empty()) out.looks.push_back(io::usual_look(model));
    return out;
}

/// Shipped cases and published models that have cells.
std::vector<std::string> shipped(const io::Project& project) {
    std::vector<std::string> names = io::scenario_names(project);
    const std::vector<std::string> published = io::published_names(project);
    names.insert(names.end(), published.begin(), published.end());
    return names;
}

struct MeanSlope {
    double sum = 0.0, weight = 0.0;
    std::size_t count = 0;
    void add(const std::optional<study::Estimate>& slope) {
        if (!slope) return;
        const double w = 1.0 / (slope->error * slope->error);
        sum += w * slope->value;
        weight += w;
        ++count;
    }
    double value() const { return sum / weight; }
};

void print_outcomes(const io::LookResult& look) {
    fmt::print("all or none, ODE {:.4g}; {}\n", look.reference,
               look.agrees() ? "distributions agree" : "DISTRIBUTIONS DIFFER");
    for (const io::OutcomeLevel& level : look.outcomes)
        fmt::print("  {:>6g} agents: {:.1f} % end above (95 % {:.1f} to {:.1f}), step against half of it {:.2f}\n",
                   level.agents, 100.0 * level.share.value, 100.0 * level.share.low, 100.0 * level.share.high,
                   level.distance);
}

void print_look(const io::LookResult& look) {
    fmt::print("{} ({}): ", look.scenario, look.look.name);
    if (!look.result.failure.empty()) {
        fmt::print("FAILED: {}\n", look.result.failure);
        return;
    }
    if (!look.outcomes.empty()) return print_outcomes(look);
    MeanSlope scatter, bias;
    for (const study::AgreementRow& row : look.result.rows) {
        scatter.add(row.scatter_slope);
        bias.add(row.bias_slope);
    }
    fmt::print("{} observables agree, {} disagree, {} do not vary; {:.1f} s\n", look.count(study::Verdict::agrees),
               look.count(study::Verdict::disagrees), look.count(study::Verdict::silent), look.seconds);
    if (scatter.count > 0) fmt::print("  slope of scatter, mean {:.3f} (-0.5)", scatter.value());
    if (bias.count > 0)
        fmt::print("; slope of bias, mean {:.2f} (-1) over {} observables where it is seen", bias.value(), bias.count);
    fmt::print("\n");
    for (const study::AgreementRow& row : look.result.rows)
        if (row.verdict == study::Verdict::disagrees)
            fmt::print(
                "  DISAGREES {}: ODE {:.6g}, left at N -> infinity {:.3g} +- {:.2g}, misfit {:.1f}, slope of scatter "
                "{:.2f}\n",
                row.name, row.reference, row.remaining.value, row.remaining.error, row.misfit,
                row.scatter_slope ? row.scatter_slope->value : 0.0);
}

}  // namespace

int agree(const io::Project& project, const AgreeOptions& options) {
    const fs::path folder = options.output.empty() ? fs::path("agreement") : fs::path(options.output);
    if (!options.force && fs::exists(folder / "agreement.html"))
        throw SpecError(Where{folder.string(), 0, 0, {}},
                        "holds an agreement page already: --force overwrites it, -o names another folder");
    std::vector<Subject> subjects;
    for (const std::string& name : options.scenarios.empty() ? shipped(project) : options.scenarios) {
        subjects.push_back(subject(project, name));
        if (!subjects.back().ready.model->populations.empty()) continue;
        if (!options.scenarios.empty()) throw SpecError(Where{name, 0, 0, {}}, "has no cells that could be agents");
        subjects.pop_back();
    }
    const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    std::vector<io::LookResult> results;
    const StopSignals signals;
    for (const Subject& s : subjects)
        for (io::AgreementLook look : s.looks) {
            look.plan.threads = options.threads > 0 ? options.threads : cores;
            if (options.seed) look.plan.seed = *options.seed;
            if (options.replicates > 0) look.plan.replicates = static_cast<std::size_t>(options.replicates);
            Progress progress(options.quiet ? ProgressMode::none : options.progress, s.scenario + " " + look.name, 0.0,
                              1.0);
            results.push_back(
                io::run_look(s.scenario, s.ready.model, s.ready.rest, s.ready.parameters(), look, [&](double share) {
                    progress.update(share);
                    return signals.received() != 0;
                }));
            progress.finish();
            if (!results.back().result.complete) {
                fmt::print(stderr, "lobule: stopped; nothing is written\n");
                return k_stopped;
            }
            if (!options.quiet) print_look(results.back());
        }
    io::create_folder(folder);
    io::write_file(folder / "agreement.csv", io::agreement_csv(results));
    std::string command;
    for (const std::string& word : options.command_line) command += (command.empty() ? "" : " ") + io::shell_word(word);
    io::write_file(folder / "agreement.html",
                   io::agreement_html(results, {{"Command", command}, {"Program", io::version_text()}}));
    const auto agreeing = static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(), [](const io::LookResult& r) { return r.agrees(); }));
    if (!options.quiet)
        fmt::print("{} of {} looks agree\ntable       {}\npage        {}\n", agreeing, results.size(),
                   (folder / "agreement.csv").string(), (folder / "agreement.html").string());
    return agreeing == results.size() ? 0 : k_disagrees;
}

}  // namespace lobule::app
