// The program `lobule`: one place where exceptions become lines and exit codes.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <charconv>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>

#include "app/verbs.hpp"
#include "base/error.hpp"
#include "base/math.hpp"
#include "io/version.hpp"

namespace {

constexpr int k_failed = 1;
constexpr int k_wrong_input = 2;

lobule::io::Project find_project() {
    if (const char* home = std::getenv("LOBULE_HOME"); home != nullptr && *home != '\0') return {home};
    return {std::filesystem::current_path()};
}

int parse_and_run(int argc, char** argv) {
    using namespace lobule;
    const io::Project project = find_project();
    CLI::App program{"Lobule simulates how a liver recovers. Start with: lobule run partial_hepatectomy_rat", "lobule"};
    program.require_subcommand(1);
    program.set_version_flag("-V,--version", io::version_text());
    int code = 0;

    app::RunOptions run;
    for (int i = 0; i < argc; ++i) run.command_line.emplace_back(argv[i]);
    auto* verb = program.add_subcommand("run", "Run a scenario: a shipped case, a folder or a .toml file");
    verb->add_option("scenario", run.scenario, "name, folder or file");
    verb->add_option("-o,--output", run.output, "run folder (default runs/<scenario>)");
    const auto* resolution = verb->add_option("--resolution", run.resolution,
                                              "zones; cells: every cell in space; mixed: cells without space")
                                 ->capture_default_str();
    const CLI::Validator is_seed(
        [](const std::string& text) {
            std::uint64_t seed = 0;
            const auto read = std::from_chars(text.data(), text.data() + text.size(), seed);
            const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
            return whole ? std::string() : text + " is no whole number from 0 to 18446744073709551615";
        },
        "");
    verb->add_option("--seed", run.seed, "seed of the random numbers: a whole number of 64 bits")->check(is_seed);
    verb->add_option("--threads", run.threads,
                     "threads for agents and bands (a run in zones uses one); they change no bit")
        ->check(CLI::Range(1, 1024));
    verb->add_option("--step", run.step, "step of agents, for example 15min (default: the scenario's)");
    verb->add_option("--sample", run.sample, "agents for each cell of one lobule (default: the scenario's, 1)")
        ->check(CLI::Validator(
            [](const std::string& text) {
                double sample = 0.0;  // a range would let through what is no number
                const auto read = std::from_chars(text.data(), text.data() + text.size(), sample);
                const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
                const bool good = whole && sample > 0.0 && sample <= 1e4;
                return good ? std::string() : text + " is not above 0 and at most 10000";
            },
            ""));
    verb->add_option("--until", run.until, "stop at this time, for example 7d");
    verb->add_option("--every", run.interval, "interval of the written series, for example 30min");
    verb->add_option("--set", run.settings, "part.parameter=\"value unit\"; may be repeated")->allow_extra_args(false);
    verb->add_option("--resume", run.resume, "go on from a run folder's last checkpoint");
    verb->add_flag("--force", run.force, "overwrite the run folder");
    bool no_report = false, no_band = false;
    verb->add_flag("--no-report", no_report, "leave out the comparison with evidence and the page");
    verb->add_flag("--no-band", no_band, "leave out the runs over declared ranges: [band] of expect.toml");
    verb->add_flag("--quiet,-q", run.quiet, "no summary");
    verb->add_flag("--json", run.json, "print one JSON document instead of the summary");
    const std::map<std::string, app::ProgressMode> modes{{"auto", app::ProgressMode::automatic},
                                                         {"plain", app::ProgressMode::plain},
                                                         {"json", app::ProgressMode::json},
                                                         {"none", app::ProgressMode::none}};
    verb->add_option("--progress", run.progress, "auto, plain, json or none")
        ->transform(CLI::CheckedTransformer(modes).description("MODE"));
    verb->callback([&] {
        run.report = !no_report;
        run.band = !no_band;
        run.resolution_given = resolution->count() > 0;
        code = app::run(project, run);
    });

    app::ValidateOptions validation;
    validation.command_line = run.command_line;
    verb = program.add_subcommand("validate", "Compare with published numbers: a table and a page");
    verb->add_option("--resolution", validation.resolution,
                     "zones, or mixed: one run of agents, whose scatter counts as deviation")
        ->capture_default_str();
    verb->add_option("--only", validation.only, "suite, suite/model or suite/model/row; * stands for any text");
    verb->add_option("-o,--output", validation.output, "folder (default validation)");
    verb->add_flag("--force", validation.force, "overwrite the folder's table and page");
    verb->add_option("--threads", validation.threads, "threads; they change no number")->check(CLI::Range(1, 1024));
    verb->add_flag("--all", validation.all, "a line for every comparison, not only for those outside");
    verb->add_flag("--quiet,-q", validation.quiet, "only what lies outside");
    verb->callback([&] { code = app::validate(project, validation); });

    std::vector<std::string> files;
    verb = program.add_subcommand("check", "Report every problem in parts and scenarios");
    verb->add_option("files", files, "part files, scenario files or folders; none: everything shipped");
    verb->callback([&] { code = app::check(project, files); });

    std::string what;
    verb = program.add_subcommand("list", "List what exists");
    verb->add_option("what", what,
                     "cells, signals, tissues, bodies, injuries, therapies, species, sets, probe_sets, scenarios, "
                     "published, fits, studies, probes or words");
    verb->callback([&] { code = app::list(project, what); });

    std::string name, scenario;
    verb = program.add_subcommand(
        "show", "Show a part, a scenario, a fit, a study, a grid or a word: laws, parameters, sources");
    verb->add_option("name", name, "name of a part, scenario, fit, study or word")->required();
    verb->add_option("--in", scenario, "scenario whose model gives the final laws and values");
    verb->callback([&] { code = app::show(project, name, scenario); });

    std::string folder;
    verb = program.add_subcommand("report", "Write a run's page again");
    verb->add_option("folder", folder, "run folder")->required();
    verb->callback([&] { code = app::report(project, folder); });

    app::AgreeOptions agree;
    agree.command_line = run.command_line;
    verb = program.add_subcommand("agree", "Agents against the ODE: scatter, bias and verdict on one page");
    verb->add_option("scenarios", agree.scenarios, "names, folders or files; none: every shipped case with cells");
    verb->add_option("-o,--output", agree.output, "folder of the table and the page (default agreement)");
    verb->add_option("--seed", agree.seed, "seed of the replicates: a whole number of 64 bits")->check(is_seed);
    verb->add_option("--replicates", agree.replicates, "runs of each size, instead of what agreement.toml says")
        ->check(CLI::Range(10, 1000000));
    verb->add_option("--threads", agree.threads, "threads; they change no number")->check(CLI::Range(1, 1024));
    verb->add_flag("--force", agree.force, "overwrite the table and the page");
    verb->add_flag("--quiet,-q", agree.quiet, "nothing on the terminal");
    verb->add_option("--progress", agree.progress, "auto, plain, json or none")
        ->transform(CLI::CheckedTransformer(modes).description("MODE"));
    verb->callback([&] { code = app::agree(project, agree); });

    app::FitOptions fit;
    fit.command_line = run.command_line;
    verb = program.add_subcommand("fit", "Fit parameters to calibration rows: problem.toml, from many start points");
    verb->add_option("problem", fit.problem, "name of a shipped problem, folder or .toml file");
    verb->add_option("-o,--output", fit.output, "folder (default fit-<problem>)");
    verb->add_option("--starts", fit.starts, "start points, instead of what problem.toml says")
        ->check(CLI::Range(1, 1000000));
    verb->add_option("--threads", fit.threads, "threads, a start each; they change no bit");
    verb->add_option("--resume", fit.resume, "go on with the starts that a folder lacks");
    verb->add_option("--keep", fit.keep, "evaluations that took more seconds than this are kept for --resume, too")
        ->check(CLI::NonNegativeNumber);
    verb->add_flag("--force", fit.force, "write into a folder that is not empty");
    verb->add_flag("--quiet,-q", fit.quiet, "no summary");
    verb->add_option("--progress", fit.progress, "auto, plain, json or none")
        ->transform(CLI::CheckedTransformer(modes).description("MODE"));
    verb->callback([&] { code = app::fit(project, fit); });

    app::SensitivityOptions sensitivity;
    sensitivity.command_line = run.command_line;
    verb = program.add_subcommand("sensitivity", "Which parameters move which results: study.toml");
    verb->add_option("study", sensitivity.study, "name of a shipped study, folder or .toml file");
    verb->add_option("-o,--output", sensitivity.output, "folder (default sensitivity-<study>)");
    verb->add_option("--samples", sensitivity.samples, "trajectories or rows, instead of what study.toml says")
        ->check(CLI::Range(2, 1000000));
    verb->add_option("--threads", sensitivity.threads, "threads, a run each; they change no bit");
    verb->add_option("--resume", sensitivity.resume, "go on with the runs that a folder lacks");
    verb->add_flag("--force", sensitivity.force, "write into a folder that is not empty");
    verb->add_flag("--quiet,-q", sensitivity.quiet, "no summary");
    verb->add_option("--progress", sensitivity.progress, "auto, plain, json or none")
        ->transform(CLI::CheckedTransformer(modes).description("MODE"));
    verb->callback([&] { code = app::sensitivity(project, sensitivity); });

    app::GridOptions grid;
    grid.command_line = run.command_line;
    verb = program.add_subcommand("grid", "The outcome of a case over all combinations of settings: grid.toml");
    verb->add_option("study", grid.study, "name of a shipped grid, folder or .toml file");
    verb->add_option("-o,--output", grid.output, "folder (default grid-<study>)");
    verb->add_option("--threads", grid.threads, "threads, a run each; they change no bit");
    verb->add_option("--resume", grid.resume, "go on with the runs that a folder lacks");
    verb->add_flag("--force", grid.force, "write into a folder that is not empty");
    verb->add_flag("--quiet,-q", grid.quiet, "no summary");
    verb->add_option("--progress", grid.progress, "auto, plain, json or none")
        ->transform(CLI::CheckedTransformer(modes).description("MODE"));
    verb->callback([&] { code = app::grid(project, grid); });

    app::BenchOptions bench;
    verb = program.add_subcommand("bench", "Measure speed: each time with the plain loop's beside it");
    verb->add_flag("--quick", bench.quick, "a few seconds instead of many; noisier");
    verb->add_option("--only", bench.only, "benchmarks whose group/name fits, for example hill or rate_laws/law*");
    verb->add_flag("--json", bench.json, "print one JSON document instead of the table");
    verb->add_option("-o,--output", bench.output, "write the table to this CSV file too");
    verb->callback([&] { code = app::bench(project, bench); });

    app::CompareOptions compare;
    verb = program.add_subcommand("compare", "Put runs side by side on one page");
    verb->add_option("folders", compare.folders, "run folders; differences are against the first")->required();
    verb->add_option("-o,--output", compare.output, "page (default comparison.html beside the first folder)");
    verb->add_option("--label", compare.labels, "name of a run, in their order; repeated for each")
        ->allow_extra_args(false);
    verb->add_flag("--force", compare.force, "overwrite the page and its table");
    verb->add_flag("--json", compare.json, "print one JSON document instead of the summary");
    verb->callback([&] { code = app::compare(compare); });

    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int cli_code = program.exit(error);
        return cli_code == 0 ? 0 : k_wrong_input;
    }
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    const char* vectors = std::getenv("LOBULE_VECTORS");
    if (vectors != nullptr && std::string_view(vectors) == "narrow") lobule::math::limit_vectors();
    try {
        return parse_and_run(argc, argv);
    } catch (const lobule::SpecError& error) {
        for (const lobule::Problem& problem : error.problems()) fmt::print(stderr, "{}\n", lobule::to_string(problem));
        return k_wrong_input;
    } catch (const lobule::Bug& error) {
        fmt::print(stderr, "lobule: a bug of the program, please report it: {}\n", error.what());
        return k_failed;
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "lobule: out of memory\n");
        return k_failed;
    } catch (const std::exception& error) {
        fmt::print(stderr, "lobule: {}\n", error.what());
        return k_failed;
    }
}
