// A Spec: what is asked of one run. Plain data, from TOML, Python or the command line.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/part.hpp"

namespace lobule {

struct SettingSpec {
    std::string name;  // part.parameter
    Quantity value;
    Where where;
    std::string choice{};  // a name instead of a quantity, which the parameter must know
};

struct Spec {
    std::string name;
    std::string about;
    std::string species;
    Where species_where;
    std::vector<std::string> parts;  // names of parts and sets
    std::vector<Where> parts_where;
    double duration = 0.0;  // [h]
    double output = 1.0;    // [h] interval of the written series
    double epoch =
        168.0;  // [h] the solver restarts on this grid, so that a resumed run repeats a whole one bit for bit
    int zones = 3;
    double relative_tolerance = 1e-6;
    double step = 0.25;   // [h] of agents
    double sample = 1.0;  // agents for each cell of one lobule
    // Cells in space: a periodic box of columns x rows rectangles, each of two hexagonal lobules.
    int columns = 1, rows = 1;
    bool in_space = false;     // zones are places of a tissue, which is as large as its cells make it
    double thickness = 100.0;  // [um]
    double voxel = 25.0;       // [um]
    double tracts = 2.0;       // portal tracts per lobule: 2, 1.5 or 1
    std::uint64_t seed = 1;
    std::vector<SettingSpec> settings;
    std::vector<SettingSpec> variant;  // of a variant: they say which parts are left out, and nothing else
    bool whole = false;                // no part is left out, whatever it `needs`: to check its laws
    std::vector<EventSpec> events;
    Where where;
};

/// Interprets scenario.toml; faults are appended.
Spec read_scenario(const std::string& name, const Node& root, std::vector<Problem>& problems);

/// A quantity, or a name. Throws UnitError.
SettingSpec setting_of(std::string name, std::string_view text, const Where& where);

/// Reads "part.parameter=0.1 1/h" as given on a command line. Throws SpecError.
SettingSpec read_setting(const std::string& text);

}  // namespace lobule
