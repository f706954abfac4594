// What fits and sensitivity analyses share: parameters between bounds, and the cases that they are changed in.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "engine/rest.hpp"
#include "io/expectations.hpp"
#include "io/project.hpp"
#include "study/box.hpp"

namespace lobule::io {

/// A case that is run with changed parameters. They act as --set does: the untouched liver stays the one that was solved.
struct VariedCase {
    std::string name;
    std::filesystem::path file;  // scenario.toml
    std::shared_ptr<const Model> model;
    std::shared_ptr<const CompiledOde> ode;  // of the model: the same for every run
    RestState rest;
    Parameters base;     // of the unchanged case
    double until = 0.0;  // [h]
    Expectations expectations;
};

/// How its runs are made: with the compiled ODE, and no more steps than a run that goes anywhere needs. Of shipped cases none makes more
/// than some 500 steps between two restarts; one that crawled for ten minutes at 200 000 of them stood for a whole fit.
inline constexpr long k_most_steps_varied = 5000;
SimulationOptions varied_options(const VariedCase& subject);

/// A parameter that is changed; its values and bounds are in inside units.
struct VariedParameter {
    study::Bounded bounded;
    std::string unit, about;
    double factor = 1.0;   // inside units of one unit
    double present = 0.0;  // in the case; of several zones the first
    Dimension dimension;

    double written(double value) const { return value / factor; }
    /// "0.37 1/h", read back as the value to the last digit or nearly.
    std::string text(double value) const;
    /// "--set 'part.parameter=0.37 1/h'"
    std::string set_option(double value) const;
};
/// A parameter as its part declares it: unit, and the range as bounds, on a logarithmic scale where they are a factor of 10 or more apart
/// and above 0. Without a range the bounds mean nothing.
VariedParameter declared_parameter(const ParameterInfo& info, double present);
std::vector<study::Bounded> box_of(const std::vector<VariedParameter>& parameters);

/// The word [[parameter]] of problem.toml and study.toml.
Word varied_word(std::string_view used_in);
/// Its entries, against the models of all cases: a name must be in one of them. Faults are appended.
std::vector<VariedParameter> read_varied(const Node& root, const std::vector<VariedCase>& cases,
                                         std::vector<Problem>& problems);

/// How far a case must run for these numbers [h]: no further than any of them looks.
double reach_of(const std::vector<Measure>& measures, const VariedCase& subject);
/// Everything of a measure that decides its number.
void add_measure(Hasher& hasher, const Measure& measure);

/// The parameters of a case with these values; a parameter that it lacks is left out.
Parameters varied_parameters(const VariedCase& subject, const std::vector<VariedParameter>& parameters,
                             std::span<const double> values);

/// A problem or study: a .toml file, a folder with `file`, or NAME of a shipped one in `shipped`. Throws SpecError.
std::filesystem::path find_varied(const std::filesystem::path& shipped, const std::string& name,
                                  const std::string& file);
/// A scenario named in such a file: beside it first, then as everywhere. Throws SpecError at `where`.
std::filesystem::path find_scenario_of(const Project& project, const std::filesystem::path& file,
                                       const std::string& name, const Where& where);

}  // namespace lobule::io
