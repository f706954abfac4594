// Panels of heat maps: up to four axes nested, the first two within a panel, the next two across and down over panels.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lobule::io::report {

struct HeatMap {
    struct Axis {
        std::string label;
        std::vector<std::string> names;
    };
    struct Cell {
        std::optional<double> value;
        double shade = 0.0;   // -1 to 1: of the diverging scale
        bool failed = false;  // without a value: its run failed, else there is no such number
        bool best = false;
        std::string tip;
    };
    std::string title, description;
    std::vector<Axis> axes;   // one to four
    std::vector<Cell> cells;  // the first axis moves fastest
};

/// One drawing as inline SVG of its own width, in a box that scrolls sideways where it is wider than the page. Numbers stand in the cells
/// where all of them fit.
std::string heat_map(const HeatMap& map, const std::string& id);

/// The scale below it: from the shade -1 to 1, or from 0, with the numbers that these mean.
std::string shade_scale(double from, const std::string& low, const std::string& middle, const std::string& high);

extern const std::string_view k_heat_map_style;

}  // namespace lobule::io::report
