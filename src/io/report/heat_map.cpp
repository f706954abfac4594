#include "heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "colour_scale.hpp"
#include "text.hpp"

namespace lobule::io::report {

namespace {

constexpr double k_letter = 6.3;                                       // mean width of a letter of 11 px [px]
constexpr double k_page = 1056.0;                                      // width that a page has for it [px]
constexpr double k_height = 28.0;                                      // of a cell
constexpr double k_narrow = 22.0, k_broad = 76.0, k_broadest = 132.0;  // widths of a cell
constexpr double k_between = 18.0;                                     // panels
constexpr double k_line = 15.0;

double width_of(std::string_view text) {
    std::size_t letters = 0;  // not bytes
    for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
    return k_letter * static_cast<double>(letters);
}

double widest(const std::vector<std::string>& names) {
    double out = 0.0;
    for (const std::string& name : names) out = std::max(out, width_of(name));
    return out;
}

std::string text(double x, double y, std::string_view anchor, std::string_view css, std::string_view words,
                 std::string_view more = {}) {
    return fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>", css, coordinate(x),
                       coordinate(y), anchor, more, escape(words));
}

/// Numbers of all cells with as many digits as fit, in the end as many places as the largest has; empty where not even these do.
std::vector<std::string> numbers(const HeatMap& map, double width) {
    double largest = 0.0;
    for (const HeatMap::Cell& cell : map.cells) largest = std::max(largest, std::abs(cell.value.value_or(0.0)));
    const auto fitting = [&](int digits, double place) -> std::vector<std::string> {
        std::vector<std::string> out;
        double most = 0.0;
        for (const HeatMap::Cell& cell : map.cells) {
            const double value = cell.value.value_or(0.0);
            const double shown = place > 0.0 ? place * std::round(value / place) : value;
            out.push_back(cell.value ? number(shown, digits) : cell.failed ? "×" : "");
            most = std::max(most, width_of(out.back()));
        }
        return most + 5.0 <= width ? out : std::vector<std::string>();
    };
    for (const int digits : {3, 2})
        if (std::vector<std::string> out = fitting(digits, 0.0); !out.empty()) return out;
    if (!(largest > 0.0) || !std::isfinite(largest)) return {};
    return fitting(2, std::pow(10.0, std::floor(std::log10(largest)) - 1.0));
}

/// Where everything lies.
struct Layout {
    std::size_t n[4] = {1, 1, 1, 1};
    double outer = 0.0;  // names of the fourth axis
    double left = 0.0;   // they, and names of the second
    double top = 0.0;
    double cell = 0.0;   // width
    double below = 0.0;  // names of the first axis, under each panel of the last row
    bool slanted = false;

    explicit Layout(const HeatMap& map) {
        for (std::size_t a = 0; a < map.axes.size(); ++a) n[a] = map.axes[a].names.size();
        if (map.axes.size() > 3) outer = std::max(widest(map.axes[3].names), width_of(map.axes[3].label)) + 16.0;
        if (map.axes.size() > 1) left = std::max(widest(map.axes[1].names), width_of(map.axes[1].label)) + 12.0;
        left += outer;
        top = map.axes.size() > 2 ? 2.0 * k_line + 8.0 : map.axes.size() > 1 ? k_line + 6.0 : 6.0;
        const double room = k_page - left - k_between * static_cast<double>(n[2] - 1);
        const double named = std::min(widest(map.axes[0].names) + 7.0, k_broadest);
        cell = std::clamp(room / static_cast<double>(n[0] * n[2]), k_narrow, std::max(k_broad, named));
        // A name above its panel must not reach into the next.
        if (map.axes.size() > 2)
            cell = std::max(cell, (widest(map.axes[2].names) + 6.0 - k_between) / static_cast<double>(n[0]));
        slanted = widest(map.axes[0].names) + 6.0 > cell;
        // A slanted name ends below its field and begins to the left of it.
        if (slanted) left = std::max(left, 0.77 * width_of(map.axes[0].names.front()) + 8.0 - 0.5 * cell);
        below = slanted ? 0.64 * widest(map.axes[0].names) + 16.0 : k_line + 4.0;
    }
    double panel_x(std::size_t i) const {
        return left + static_cast<double>(i) * (static_cast<double>(n[0]) * cell + k_between);
    }
    double panel_y(std::size_t i) const {
        return top + static_cast<double>(i) * (static_cast<double>(n[1]) * k_height + k_between);
    }
    double bottom() const { return panel_y(n[3] - 1) + static_cast<double>(n[1]) * k_height; }
    double width() const {
        const double slant = slanted ? 8.0 : 0.0;
        return panel_x(n[2] - 1) + static_cast<double>(n[0]) * cell + slant + 4.0;
    }
    double height() const { return bottom() + below + k_line + 6.0; }
};

std::string names_of_axes(const HeatMap& map, const Layout& at) {
    std::string out;
    const auto& axes = map.axes;
    for (std::size_t p = 0; p < at.n[2]; ++p) {
        if (axes.size() > 2) out += text(at.panel_x(p), at.top - 8.0, "start", "name strong", axes[2].names[p]);
        for (std::size_t i = 0; i < at.n[0]; ++i) {
            const double x = at.panel_x(p) + (static_cast<double>(i) + 0.5) * at.cell;
            if (at.slanted) {
                const double y = at.bottom() + 12.0;
                out += text(x + 4.0, y, "end", "name", axes[0].names[i],
                            fmt::format(" transform=\"rotate(-40 {} {})\"", coordinate(x + 4.0), coordinate(y)));
            } else {
                out += text(x, at.bottom() + k_line, "middle", "name", axes[0].names[i]);
            }
        }
    }
    out += text(at.left, at.height() - 6.0, "start", "axis-label", axes[0].label + " →");
    if (axes.size() > 2) out += text(at.left, 11.0, "start", "axis-label", axes[2].label + " →");
    for (std::size_t q = 0; q < at.n[3]; ++q) {
        if (axes.size() > 3)
            out += text(0.0, at.panel_y(q) + 0.5 * k_height + 4.0, "start", "name strong", axes[3].names[q]);
        for (std::size_t j = 0; j < at.n[1] && axes.size() > 1; ++j)
            out += text(at.left - 7.0, at.panel_y(q) + (static_cast<double>(j) + 0.5) * k_height + 4.0, "end", "name",
                        axes[1].names[j]);
    }
    if (axes.size() > 1) out += text(at.left - 7.0, at.top - 8.0, "end", "axis-label", axes[1].label + " ↓");
    if (axes.size() > 3) out += text(0.0, at.top - 8.0, "start", "axis-label", axes[3].label + " ↓");
    return out;
}

}  // namespace

const std::string_view k_heat_map_style = R"css(
.heat{display:block;max-width:none}.heat text{font-size:11px;fill:var(--ink)}.heat .axis-label{fill:var(--soft)}.heat .strong{font-weight:600}
.heat rect{stroke:var(--paper);stroke-width:1.5}.heat rect.best{fill:none;stroke:var(--ink);stroke-width:2.5}
.heat .in{font-variant-numeric:tabular-nums}.heat .in.light{fill:#fff}.heat .in.dark{fill:#1a1c1f}
.heat .hatch{stroke:var(--soft);stroke-width:1.2}.heat .ground{fill:var(--wash);stroke:none}
.shades{display:flex;align-items:flex-start;gap:14px;font-size:12px;margin:0 0 10px;font-family:inherit}
.shades svg{width:320px;height:34px}.shades text{font-size:11px;fill:var(--ink)}
)css";

std::string heat_map(const HeatMap& map, const std::string& id) {
    const Layout at(map);
    const std::vector<std::string> inside = numbers(map, at.cell);
    std::string out = fmt::format(
        "<div class=\"scroll\"><svg class=\"heat\" role=\"img\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">"
        "<title>{2}</title><desc>{3}</desc><defs><pattern id=\"{4}\" width=\"6\" height=\"6\" "
        "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect class=\"ground\" width=\"6\" "
        "height=\"6\"/><line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"/></pattern></defs>",
        coordinate(at.width()), coordinate(at.height()), escape(map.title), escape(map.description), id);
    std::string best;
    for (std::size_t c = 0; c < map.cells.size(); ++c) {
        const HeatMap::Cell& cell = map.cells[c];
        const std::size_t i = c % at.n[0], j = c / at.n[0] % at.n[1], p = c / (at.n[0] * at.n[1]) % at.n[2],
                          q = c / (at.n[0] * at.n[1] * at.n[2]);
        const double x = at.panel_x(p) + static_cast<double>(i) * at.cell,
                     y = at.panel_y(q) + static_cast<double>(j) * k_height;
        const auto box = [&](std::string_view more, std::string_view within) {
            return fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}>{}</rect>", coordinate(x),
                               coordinate(y), coordinate(at.cell), coordinate(k_height), more, within);
        };
        const std::string fill = cell.value ? diverging(cell.shade) : "url(#" + id + ")";
        out += box("fill=\"" + fill + "\"", "<title>" + escape(cell.tip) + "</title>");
        if (!inside.empty() && !inside[c].empty())
            out += text(x + 0.5 * at.cell, y + 0.5 * k_height + 4.0, "middle",
                        cell.value ? (is_dark(cell.shade) ? "in light" : "in dark") : "in", inside[c],
                        " pointer-events=\"none\"");
        if (cell.best) best = box("class=\"best\" pointer-events=\"none\"", {});
    }
    return out + best + names_of_axes(map, at) + "</svg></div>";
}

std::string shade_scale(double from, const std::string& low, const std::string& middle, const std::string& high) {
    constexpr int k_steps = 40;
    constexpr double k_width = 300.0;
    std::string out = "<svg viewBox=\"0 0 320 34\" aria-hidden=\"true\">";
    for (int i = 0; i < k_steps; ++i) {
        const double t = from + (1.0 - from) * (i + 0.5) / k_steps;
        out += fmt::format("<rect x=\"{}\" y=\"2\" width=\"{}\" height=\"12\" fill=\"{}\"/>",
                           coordinate(10.0 + i * k_width / k_steps), coordinate(k_width / k_steps + 0.3), diverging(t));
    }
    out += text(10.0, 28.0, "start", "", low) + text(10.0 + k_width, 28.0, "end", "", high);
    if (!middle.empty()) out += text(10.0 - from / (1.0 - from) * k_width, 28.0, "middle", "", middle);
    return out + "</svg>";
}

}  // namespace lobule::io::report
