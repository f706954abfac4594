// What `lobule bench` measures with: kernels timed in turns, rows of results, and the three forms they are printed in.
#pragma once

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
};

struct Effort {
    int rounds = 60;       // of which the best and the median are taken
    double batch = 200e3;  // [ns] about as long is one round of one kernel
};

/// Times the kernels in turns, so that a disturbance of the machine meets all of them: only their ratios are to be
/// compared. Each is run before the clock starts. `rounds` and the work of each must be above zero.
std::vector<Timing> time_kernels(std::span<const Kernel> kernels, const Effort& effort);

/// One line of results. Times are [ns] for one operation and lane.
struct Row {
    std::string group, name;
    std::size_t lanes = 0;
    std::size_t operations = 0;  // of one evaluation, for one lane
    Timing timing;
    double reference = 0.0;          // the plain loop with the same operation, timed in turns with it
    std::optional<double> limit;     // what the machine's units can do at best, timed likewise
    std::optional<double> target{};  // what is asked for

    double ratio() const { return timing.best / reference; }
    std::optional<bool> met() const { return target ? std::optional(timing.best <= *target) : std::nullopt; }
};

/// What a group gets from the command line.
struct Request {
    io::Project project;
    Effort effort;
    std::function<bool(const std::string&)> wanted;  // by the name of a row
};

/// A subject of measurement: one file in src/app/bench, listed in src/app/bench/groups.cpp.
struct Group {
    std::string name, about;
    std::vector<Row> (*measure)(const Request& request);
};
const std::vector<Group>& groups();

/// "*" stands for any characters, everything else for itself; a pattern without "*" is looked for within the name.
bool matches(const std::string& pattern, const std::string& name);

/// Which machine and which build: CPU, cores, vectors, compiler, flags.
io::Json machine();

std::string text_table(std::span<const Row> rows);
std::string csv_table(std::span<const Row> rows);
io::Json json_table(std::span<const Row> rows);

}  // namespace lobule::app::speed
