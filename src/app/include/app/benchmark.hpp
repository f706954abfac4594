// What `lobule bench` measures with: kernels timed in turns, rows of results, and the three forms they are printed in.
#pragma once

#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/json.hpp"
#include "io/project.hpp"

namespace lobule::app::speed {

/// Something to time. `work` is how many units (operations times lanes) one call does.
struct Kernel {
    std::function<void()> run;
    double work = 1.0;
};

/// [ns] for one unit of work. The best round is the least disturbed one; the median says how much the rest was.
struct Timing {
    double best = 0.0;
    double median = 0.0;
    /// [1e9/s] of the same rounds.
    Timing rate() const { return {1.0 / best, 1.0 / median}; }
};

struct Effort {
    int rounds = 60;       // of which the best and the median are taken
    double batch = 200e3;  // [ns] about as long is one round of one kernel
};

/// Times the kernels in turns, so that a disturbance of the machine meets all of them: only their ratios are to be
/// compared. Each is run before the clock starts. `rounds` and the work of each must be above zero.
std::vector<Timing> time_kernels(std::span<const Kernel> kernels, const Effort& effort);

/// One line of results, of whatever unit: times, of which less is better, or speeds.
struct Row {
    std::string group, name;
    std::size_t size = 0;        // lanes, cells, voxels or bytes; 0: of no size
    int threads = 0;             // 0: does not use them
    std::size_t operations = 0;  // of one evaluation of a law, for one lane
    std::string unit = "ns";
    bool more_is_better = false;
    Timing timing;
    std::optional<double> bytes{};      // held for each cell or voxel
    std::optional<double> reference{};  // what it is compared with, timed in the same process
    std::optional<double> limit{};      // what the machine can do at best, timed likewise
    std::string bound{};
    std::optional<double> target{};  // what is asked for

    std::optional<double> ratio() const { return reference ? std::optional(timing.best / *reference) : std::nullopt; }
    /// 1: as good as the machine allows.
    std::optional<double> share() const {
        if (!limit) return std::nullopt;
        return more_is_better ? timing.best / *limit : *limit / timing.best;
    }
    std::optional<bool> met() const {
        if (!target) return std::nullopt;
        return more_is_better ? timing.best >= *target : timing.best <= *target;
    }
};

/// A result of the work that was timed, against what it must be.
struct Check {
    std::string group, name;
    double got = 0.0, wanted = 0.0, within = 0.0;
    bool right() const { return std::abs(got - wanted) <= within; }  // not if it is no number
};

struct Results {
    std::vector<Row> rows;
    std::vector<Check> checks;
};

/// What a group gets from the command line.
struct Request {
    io::Project project;
    Effort effort;
    bool quick = false;                              // small work only
    std::function<bool(const std::string&)> wanted;  // by the name of a row
};

/// A subject of measurement: one file in src/app/bench, listed in src/app/bench/groups.cpp.
struct Group {
    std::string name, about;
    Results (*measure)(const Request& request);
};
const std::vector<Group>& groups();

/// "*" stands for any characters, everything else for itself; a pattern without "*" is looked for within the name.
bool matches(const std::string& pattern, const std::string& name);

/// Which machine and which build: CPU, cores, vectors, compiler, flags.
io::Json machine();

std::string text_table(std::span<const Row> rows);
std::string csv_table(std::span<const Row> rows);
io::Json json_table(std::span<const Row> rows);
std::string text_checks(std::span<const Check> checks);
io::Json json_checks(std::span<const Check> checks);

}  // namespace lobule::app::speed
