// One panel of a page: a probe against time, with its heading, axes and colours.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "io/report.hpp"
#include "svg.hpp"

namespace lobule::io::report {

inline constexpr Plot::Size k_small{340.0, 230.0};
inline constexpr Plot::Size k_wide{760.0, 340.0};
inline constexpr std::size_t k_colours = 8;

struct Range {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    void add(double value);  // nothing where it is not finite
    void add(const study::Curve& curve);
};

/// What the probe is, in words.
std::string heading_of(const ReportProbe& probe);
Axis value_axis(const Range& range, const ReportProbe& probe);
/// `caption` is HTML.
std::string panel(const std::string& heading, const std::string& caption, const std::string& svg,
                  std::string_view css = "");
/// Two drawings of one panel, so that text keeps its size on a narrow screen.
std::string wide_and_narrow(const std::string& wide, const std::string& narrow);

/// A colour belongs to one run or variant wherever it is drawn: the first has the first.
std::string colour(std::size_t i);

}  // namespace lobule::io::report
