// The verbs of the command line. Each returns an exit code: 0 done, 1 the run failed, 2 the input is wrong, 6 the report is not complete, 75 stopped at a
// checkpoint, 130/143 interrupted. Errors travel as exceptions and are printed once, by main.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/project.hpp"

namespace lobule::app {

enum class ProgressMode : std::uint8_t { automatic, plain, json, none };

struct RunOptions {
    std::string scenario;
    std::string output;  // -o; empty: runs/<scenario>-<n> below the current folder
    std::string resolution = "zones";
    bool resolution_given = false;  // on the command line
    std::optional<std::uint64_t> seed;
    int threads = 0;                    // 0: all cores
    std::string step;                   // --step, quantity; empty: the scenario's
    std::optional<double> sample;       // --sample
    std::string until;                  // quantity, empty: the scenario's duration
    std::string interval;               // --every, quantity; empty: the scenario's
    std::vector<std::string> settings;  // --set
    std::string resume;                 // --resume DIR
    bool force = false;
    bool report = true;  // --no-report: the run alone, no comparison and no page
    bool band = true;    // --no-band: the page without runs over declared ranges
    bool quiet = false;
    ProgressMode progress = ProgressMode::automatic;
    bool json = false;  // one JSON document on stdout instead of text
    std::vector<std::string> command_line;
};

struct AgreeOptions {
    std::vector<std::string> scenarios;  // empty: every shipped case with cells
    std::string output;                  // -o; empty: agreement
    std::optional<std::uint64_t> seed;
    int replicates = 0;  // 0: as agreement.toml says
    int threads = 0;     // 0: all cores
    bool force = false, quiet = false;
    ProgressMode progress = ProgressMode::automatic;
    std::vector<std::string> command_line;
};

struct FitOptions {
    std::string problem;  // name, folder or file; may be empty with resume
    std::string output;   // -o; empty: fit-<problem>
    std::string resume;   // folder to go on with
    double keep = 1.0;    // [s] evaluations that took longer are kept for resume
    int starts = 0;       // 0: as the problem says
    int threads = 0;      // 0: all cores
    bool force = false, quiet = false;
    ProgressMode progress = ProgressMode::automatic;
    std::vector<std::string> command_line;
};

struct SensitivityOptions {
    std::string study;   // name, folder or file; may be empty with resume
    std::string output;  // -o; empty: sensitivity-<study>
    std::string resume;  // folder to go on with
    int samples = 0;     // 0: as the study says
    int threads = 0;     // 0: all cores
    bool force = false, quiet = false;
    ProgressMode progress = ProgressMode::automatic;
    std::vector<std::string> command_line;
};

struct GridOptions {
    std::string study;   // name, folder or file; may be empty with resume
    std::string output;  // -o; empty: grid-<study>
    std::string resume;  // folder to go on with
    int threads = 0;     // 0: all cores
    bool force = false, quiet = false;
    ProgressMode progress = ProgressMode::automatic;
    std::vector<std::string> command_line;
};

struct BenchOptions {
    bool quick = false;
    std::string only;    // pattern for group/name; empty: all
    std::string output;  // -o FILE.csv
    bool json = false;
};

struct CompareOptions {
    std::vector<std::string> folders;
    std::string output;               // -o; empty: comparison.html beside the first folder
    std::vector<std::string> labels;  // --label, one for each run or group of replicates
    bool force = false;
    bool json = false;  // one JSON document on stdout instead of text
};

struct ValidateOptions {
    std::string resolution = "zones";
    std::string only;    // --only; empty: everything
    std::string output;  // -o; empty: validation, or validation-2 and so on below the current folder
    bool force = false;
    int threads = 0;   // 0: all cores
    bool all = false;  // --all: a line for every comparison
    bool quiet = false;
    std::vector<std::string> command_line;
};

int run(const io::Project& project, const RunOptions& options);
/// 0 when everything lies within its declared tolerance, 6 when something does not.
int validate(const io::Project& project, const ValidateOptions& options);
int check(const io::Project& project, const std::vector<std::string>& files);
int list(const io::Project& project, const std::string& what);
int show(const io::Project& project, const std::string& name, const std::string& scenario);
int report(const io::Project& project, const std::string& folder);
int agree(const io::Project& project, const AgreeOptions& options);
int fit(const io::Project& project, const FitOptions& options);
int sensitivity(const io::Project& project, const SensitivityOptions& options);
int grid(const io::Project& project, const GridOptions& options);
int bench(const io::Project& project, const BenchOptions& options);
int compare(const CompareOptions& options);

}  // namespace lobule::app
