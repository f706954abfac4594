// The first shipped case as cells in space, whole: what a step of all its parts costs, and what it holds in memory.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

#include "../simulate.hpp"
#include "groups.hpp"

namespace lobule::app::speed {

namespace {

/// [bytes] of the process in memory.
double resident() {
    malloc_trim(0);
    std::ifstream file("/proc/self/statm");
    double all = 0.0, pages = 0.0;
    file >> all >> pages;
    return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// Most of it since the last forget_peak(); where the kernel keeps no such mark, of the whole process (Linux, proc(5)).
double peak_resident() {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("VmHWM:")) return 1024.0 * std::stod(line.substr(6));
    return resident();
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

/// Takes the time of each step, and the most memory in any, and stops after some.
class StepClock : public Sink {
public:
    explicit StepClock(int steps) : steps_(steps) {}
    void sample(double, std::span<const double>, std::span<const double>) override {}
    void restart_point(const State& state) override {
        cells = 0;
        for (const Agents& agents : state.agents) cells += agents.size();
    }
    bool progress(double) override {
        const Clock::time_point now = Clock::now();
        if (begun_)
            times.push_back(std::chrono::duration<double>(now - last_).count());
        else
            forget_peak();
        begun_ = true;
        last_ = now;
        peak = peak_resident();
        return static_cast<int>(times.size()) > steps_;
    }
    std::size_t cells = 0;
    double peak = 0.0;          // [bytes]
    std::vector<double> times;  // [s]; the first step finds nothing in the caches

private:
    using Clock = std::chrono::steady_clock;
    int steps_;
    bool begun_ = false;
    Clock::time_point last_;
};

}  // namespace

Results whole_case(const Request& request) {
    Results results;
    if (!request.wanted("steps")) return results;
    const std::vector<std::string> scenarios = io::scenario_names(request.project);
    if (scenarios.empty()) return results;
    std::vector<Problem> problems;
    const std::filesystem::path file = io::find_scenario(request.project, scenarios.front());
    Spec spec = io::read_scenario_file(file, problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    for (const int side : {1, 2, 4, 12}) {  // boxes of side x side rectangles
        if (request.quick && side > 1) continue;
        for (const int threads : thread_counts()) {
            if (side > 2 && threads != thread_counts().back()) continue;  // its start takes minutes
            const int steps = request.quick || side > 4 ? 4 : 12;
            spec.columns = spec.rows = side;
            const Case ready = prepare(request.project, file.parent_path(), spec, {});
            SimulationOptions options = simulation_options(*ready.model, ready.rest, Resolution::cells);
            options.threads = threads;
            const double before = resident();
            Run run = start_run(ready, ready.parameters(), options);
            StepClock clock(steps);
            run.simulation.run(options.step * (steps + 3), options.step * (steps + 3), clock, false);
            if (clock.times.size() < 2) continue;
            std::sort(clock.times.begin() + 1, clock.times.end());
            const auto cells = static_cast<double>(clock.cells);
            Row row;
            row.group = "whole_case";
            row.name = "steps";
            row.size = clock.cells;
            row.threads = threads;
            row.unit = "cells/s";
            row.more_is_better = true;
            row.timing = {cells / clock.times[1], cells / clock.times[clock.times.size() / 2]};
            row.bytes = (clock.peak - before) / cells;
            results.rows.push_back(std::move(row));
        }
    }
    return results;
}

}  // namespace lobule::app::speed
