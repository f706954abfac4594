#include "panel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "text.hpp"

namespace lobule::io::report {

namespace {

std::string axis_label(const ReportProbe& probe) {
    const std::string unit = unit_text(probe.unit);
    return words(probe.name) + (unit.empty() ? "" : " (" + unit + ")");
}

}  // namespace

void Range::add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
}

void Range::add(const study::Curve& curve) {
    for (const double value : curve.values) add(value);
}

std::string heading_of(const ReportProbe& probe) {
    std::string text = probe.about.empty() ? words(probe.name) : probe.about;
    if (text.back() == '.') text.pop_back();
    return text;
}

Axis value_axis(const Range& range, const ReportProbe& probe) {
    return range.low <= range.high ? round_axis(range.low, range.high, 4, axis_label(probe))
                                   : round_axis(0.0, 1.0, 4, axis_label(probe));
}

std::string panel(const std::string& heading, const std::string& caption, const std::string& svg,
                  std::string_view css) {
    return fmt::format("<figure class=\"{}\"><h4>{}</h4><div class=\"plot\">{}</div>{}</figure>", css, escape(heading),
                       svg, caption.empty() ? "" : "<figcaption>" + caption + "</figcaption>");
}

std::string wide_and_narrow(const std::string& wide, const std::string& narrow) {
    return fmt::format("<div class=\"on-wide\">{}</div><div class=\"on-narrow\">{}</div>", wide, narrow);
}

std::string colour(std::size_t i) { return "c" + std::to_string(i % k_colours); }

}  // namespace lobule::io::report
