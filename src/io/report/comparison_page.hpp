// The parts of the comparison page. Each returns the HTML of one section, empty when it has nothing to show.
#pragma once

#include <string>

#include "io/comparison.hpp"

namespace lobule::io::report {

/// Class of a group's curves: a colour, and dashes once the colours are used up.
std::string group_css(std::size_t group);
/// A piece of a group's line and its tag.
std::string group_mark(const Comparison& comparison, std::size_t group);
std::string signed_number(double value);
/// "14 %"; "from 0" where the first run is 0 throughout.
std::string percent(const std::optional<double>& share);

/// One panel a probe: curves overlaid, observed means on top, the differences below.
std::string comparison_figures(const Comparison& comparison);

std::string legend(const Comparison& comparison);
std::string differing_table(const Comparison& comparison);
std::string difference_table(const Comparison& comparison);
std::string spread_tables(const Comparison& comparison);
std::string evidence_tables(const Comparison& comparison);
std::string run_table(const Comparison& comparison);

}  // namespace lobule::io::report
