// Models for tests, written as the user writes them: TOML text of parts and of a scenario.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/simulation.hpp"

namespace lobule::test {

/// (name, TOML text) of each part.
using Parts = std::vector<std::pair<std::string, std::string>>;

/// "[cell]" with a place and a volume of 1000 um^3 a cell.
std::string cell_head(const std::string& place);
/// "[parameters]" with these values.
std::string parameters(const std::vector<std::pair<std::string, std::string>>& values);
/// A [tissue] of one lobule of 1e8 um^3 with `count` lobules, a tenth of it fluid.
std::string tissue_text(const std::string& displacement = "0 1/h", const std::string& count = "1000");

/// Reads the parts; throws SpecError with every fault.
Catalogue catalogue(const Parts& parts);
/// The parts and sets, species and injuries that ship with the program.
Catalogue shipped_catalogue();

/// A scenario of all these parts (a species among them is the species). `head` holds more keys of [scenario], `tail` more
/// tables.
std::string scenario_text(const Parts& parts, const std::string& head = {}, const std::string& tail = {});
Spec spec(const std::string& scenario);

std::shared_ptr<const Model> compiled(const Parts& parts, const std::string& head = {}, const std::string& tail = {});
/// The shipped rat case of two-thirds resection.
std::shared_ptr<const Model> rat_case(int zones, bool resected, double relative_tolerance = 1e-6,
                                      const std::string& tail = {});

/// Everything a run says.
struct Recorder : Sink {
    struct Sample {
        double time;
        std::vector<double> probes, values;
    };
    std::vector<Sample> samples;
    std::vector<State> restarts;
    std::vector<double> event_times;
    double stop_after = HUGE_VAL;  // progress() asks to stop from this time on

    void sample(double time, std::span<const double> probes, std::span<const double> values) override;
    void restart_point(const State& state) override;
    void event(double time, const ModelEvent& event) override;
    bool progress(double time) override { return time >= stop_after; }

    /// Times at which probe or value was sampled: first and last sample of a time.
    const Sample& before(double time) const;
    const Sample& after(double time) const;
};

/// A model at rest, ready to run as often as wanted.
class Bench {
public:
    explicit Bench(std::shared_ptr<const Model> model, const std::vector<std::string>& settings = {});
    Bench(const Parts& parts, const std::string& head = {}, const std::string& tail = {},
          const std::vector<std::string>& settings = {});

    Outcome run(double until, double output = 1.0);
    Outcome run(const State& start, double until, double output, Sink& sink, bool resumed) const;
    /// With agents, from the start.
    Outcome run_agents(double until, double output, Sink& sink, const SimulationOptions& options) const;
    /// As the scenario says, with agents.
    SimulationOptions agents(std::uint64_t seed = 1) const;

    std::size_t probe(std::string_view name) const;
    /// A probe, by name, at the last sample of a time.
    double at(double time, std::string_view probe_name) const { return recorder.after(time).probes[probe(probe_name)]; }
    std::size_t entry(std::string_view value) const;  // index of a value_name()
    std::size_t zone_entry(std::string_view name, int zone) const;
    /// Sums over substates and zones (of the body, for cells of blood and marrow).
    double cells(const State& state, std::string_view population) const;
    double volume(const State& state, std::string_view population) const;

    std::shared_ptr<const Model> model;
    RestState rest;
    Parameters parameters;
    Inputs inputs;
    State start;
    Recorder recorder;  // of the last run(until)
};

/// What a call throws, as lines of text; "" when it throws nothing.
template <class F>
std::string problems_of(F&& f) {
    try {
        f();
    } catch (const SpecError& error) {
        std::string out;
        for (const Problem& problem : error.problems()) out += to_string(problem) + "\n";
        return out;
    }
    return {};
}

}  // namespace lobule::test
