#include "model_text.hpp"

#include <cmath>
#include <cstdlib>
#include <functional>
#include <stdexcept>

#include "io/project.hpp"

namespace lobule::test {

namespace {

void throw_if_any(std::vector<Problem> problems) {
    if (!problems.empty()) throw SpecError(std::move(problems));
}

}  // namespace

std::string cell_head(const std::string& place) {
    return "[cell]\nabout = \"a cell\"\nplace = \"" + place +
           "\"\nvolume = { value = \"1000 um^3\", source = \"derived:test\" }\n";
}

std::string parameters(const std::vector<std::pair<std::string, std::string>>& values) {
    std::string out = "[parameters]\n";
    for (const auto& [name, value] : values)
        out += name + " = { value = \"" + value + "\", source = \"derived:test\", about = \"a number\" }\n";
    return out;
}

std::string tissue_text(const std::string& displacement, const std::string& count) {
    return "[tissue]\nabout = \"tissue\"\nvolume = \"size\"\ncount = \"lobules\"\nfluid = \"space\"\n"
           "displacement = \"pressing\"\n" +
           parameters({{"size", "1e8 um^3"}, {"lobules", count}, {"space", "0.1"}, {"pressing", displacement}});
}

Catalogue catalogue(const Parts& parts) {
    std::vector<Problem> problems;
    Catalogue out;
    for (const auto& [name, text] : parts) {
        Part part = read_part(name, io::parse_toml(text, name + ".toml"), problems);
        if (problems.empty()) out.add(std::move(part));
    }
    throw_if_any(std::move(problems));
    return out;
}

Catalogue shipped_catalogue() {
    std::vector<Problem> problems;
    Catalogue out = io::read_catalogue({LOBULE_TEST_HOME}, {}, problems);
    throw_if_any(std::move(problems));
    return out;
}

std::string scenario_text(const Parts& parts, const std::string& head, const std::string& tail) {
    std::string names, species;
    for (const auto& [name, text] : parts) {
        if (text.find("[species]") != std::string::npos)
            species = "species = \"" + name + "\"\n";
        else
            names += (names.empty() ? "\"" : ", \"") + name + "\"";
    }
    std::string out = "[scenario]\nabout = \"a test\"\nparts = [" + names + "]\n" + species;
    if (head.find("duration") == std::string::npos) out += "duration = \"100 h\"\n";
    return out + head + "\n" + tail;
}

Spec spec(const std::string& scenario) {
    std::vector<Problem> problems;
    Spec out = read_scenario("case", io::parse_toml(scenario, "scenario.toml"), problems);
    throw_if_any(std::move(problems));
    return out;
}

std::shared_ptr<const Model> compiled(const Parts& parts, const std::string& head, const std::string& tail) {
    return compile(spec(scenario_text(parts, head, tail)), catalogue(parts));
}

std::shared_ptr<const Model> rat_case(int zones, bool resected, double relative_tolerance, const std::string& tail) {
    std::string parts = "\"normal_liver\"";
    if (resected) parts += ", \"resection\"";
    Spec out = spec("[scenario]\nabout = \"rat\"\nspecies = \"rat\"\nduration = \"14 d\"\nparts = [" + parts +
                    "]\nzones = " + std::to_string(zones) + "\n" + tail);
    out.relative_tolerance = relative_tolerance;
    return compile(out, shipped_catalogue());
}

void Recorder::sample(double time, std::span<const double> probes, std::span<const double> values) {
    samples.push_back({time, {probes.begin(), probes.end()}, {values.begin(), values.end()}});
}

void Recorder::restart_point(const State& state) { restarts.push_back(state); }

void Recorder::event(double time, const ModelEvent&) { event_times.push_back(time); }

const Recorder::Sample& Recorder::before(double time) const {
    for (const Sample& sample : samples)
        if (sample.time == time) return sample;
    throw std::out_of_range("no sample at " + std::to_string(time) + " h");
}

const Recorder::Sample& Recorder::after(double time) const {
    for (auto it = samples.rbegin(); it != samples.rend(); ++it)
        if (it->time == time) return *it;
    throw std::out_of_range("no sample at " + std::to_string(time) + " h");
}

Bench::Bench(std::shared_ptr<const Model> m, const std::vector<std::string>& settings)
    : model(std::move(m)), rest(solve_rest(*model)) {
    std::vector<SettingSpec> read;
    for (const std::string& text : settings) read.push_back(read_setting(text));
    parameters = set_parameters(*model, set_parameters(*model, rest.parameters, model->spec.settings), read);
    inputs = make_inputs(*model, rest, parameters);
    start = start_state(*model, rest, parameters);
}

Bench::Bench(const Parts& parts, const std::string& head, const std::string& tail,
             const std::vector<std::string>& settings)
    : Bench(compiled(parts, head, tail), settings) {}

Outcome Bench::run(double until, double output) {
    recorder = {};
    return run(start, until, output, recorder, false);
}

Outcome Bench::run(const State& from, double until, double output, Sink& sink, bool resumed) const {
    return Simulation(model, inputs, rest.scales, from).run(until, output, sink, resumed);
}

SimulationOptions Bench::agents(std::uint64_t seed) const {
    SimulationOptions options = simulation_options(*model, rest, Resolution::mixed);
    options.seed = seed;
    return options;
}

Outcome Bench::run_agents(double until, double output, Sink& sink, const SimulationOptions& options) const {
    return Simulation(model, inputs, rest.scales, start, options).run(until, output, sink);
}

std::size_t Bench::probe(std::string_view name) const {
    for (std::size_t p = 0; p < model->run.probes.size(); ++p)
        if (model->run.probes[p].name == name) return p;
    throw std::out_of_range("no probe " + std::string(name));
}

std::size_t Bench::entry(std::string_view value) const {
    for (std::size_t i = 0; i < model->state_size(); ++i)
        if (value_name(*model, i) == value) return i;
    throw std::out_of_range("no value " + std::string(value));
}

std::size_t Bench::zone_entry(std::string_view name, int zone) const {
    return entry(std::string(name) + " zone " + std::to_string(zone));
}

namespace {

double sum(const Model& model, const State& state, std::string_view name,
           const std::function<std::int32_t(const Population::Substate&)>& member) {
    double total = 0.0;
    const auto zones = static_cast<std::size_t>(model.zones);
    for (const Population& population : model.populations)
        if (population.name == name)
            for (const Population::Substate& substate : population.substates) {
                const auto entry = static_cast<std::size_t>(member(substate));
                if (population.in_body) total += state.values[model.zone_states.size() * zones + entry];
                for (std::size_t z = 0; z < zones && !population.in_body; ++z) total += state.values[entry * zones + z];
            }
    return total;
}

}  // namespace

double Bench::cells(const State& state, std::string_view population) const {
    return sum(*model, state, population, [](const Population::Substate& s) { return s.count; });
}

double Bench::volume(const State& state, std::string_view population) const {
    return sum(*model, state, population, [](const Population::Substate& s) { return s.totals[0]; });
}

}  // namespace lobule::test
