#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "comparison_page.hpp"
#include "html.hpp"
#include "panel.hpp"
#include "text.hpp"

namespace lobule::io::report {

namespace {

/// An observed mean with the series that it belongs to.
struct Observed {
    const EvidenceSeries* series;
    const EvidencePoint* point;
};

std::vector<Observed> observed_of(const Comparison& c, const ProbeComparison& probe) {
    std::vector<Observed> out;
    for (const EvidenceSeries& series : c.series)
        if (series.probe == probe.probe.name && series.unit == probe.probe.unit)
            for (const EvidencePoint& point : series.rows) out.push_back({&series, &point});
    return out;
}

/// Where the panel ends: the case's own figure decides, unless a difference is largest beyond it.
double end_of(const ProbeComparison& probe) {
    double end = 0.0, largest_at = 0.0;
    for (const auto& curve : probe.curves)
        if (curve) end = std::max(end, curve->mean.times.back());
    for (const auto& difference : probe.differences)
        if (difference) largest_at = std::max(largest_at, difference->largest_at);
    return probe.until > 0.0 && probe.until >= largest_at ? std::min(end, probe.until) : end;
}

/// A number of the ensemble at its own rows, as a curve that can be cut.
study::Curve along(const study::Ensemble& ensemble, const std::vector<double>& values) {
    return {ensemble.mean.times, values};
}

std::string description(const Comparison& c, const ProbeComparison& probe, std::size_t points) {
    std::string out = fmt::format("{} against time", words(probe.probe.name));
    for (std::size_t g = 0; g < c.groups.size(); ++g)
        if (probe.curves[g]) out += (g == 0 ? " for " : ", ") + c.groups[g].label;
    if (points > 0) out += fmt::format("; {} observed means", points);
    return out + ".";
}

std::string drawing(const Comparison& c, const ProbeComparison& probe, const std::vector<Observed>& observed,
                    Plot::Size size) {
    const double end = end_of(probe);
    Range range;
    std::vector<Observed> shown;
    for (const Observed& o : observed)
        if (o.point->observed.time >= 0.0 && o.point->observed.time <= end) shown.push_back(o);
    for (const Observed& o : shown) {
        range.add(o.point->observed.value + o.point->deviation);
        range.add(std::max(o.point->observed.value - o.point->deviation, std::min(o.point->observed.value, 0.0)));
    }
    struct Drawn {
        study::Curve mean, low, high;
    };
    std::vector<Drawn> drawn(c.groups.size());
    for (std::size_t g = 0; g < c.groups.size(); ++g) {
        if (!probe.curves[g]) continue;
        const study::Ensemble& e = *probe.curves[g];
        const auto cut = [&](const std::vector<double>& values) {
            return study::window(along(e, values), std::max(0.0, e.mean.times.front()), end);
        };
        drawn[g] = {cut(e.mean.values), cut(e.low), cut(e.high)};
        range.add(drawn[g].low);
        range.add(drawn[g].high);
    }
    Plot plot(size, time_axis(end), value_axis(range, probe.probe), heading_of(probe.probe),
              description(c, probe, shown.size()));
    for (std::size_t g = c.groups.size(); g-- > 0;) {  // the first on top
        const Drawn& d = drawn[g];
        if (c.groups[g].runs.size() > 1) plot.ribbon(d.mean.times, d.low.values, d.high.values, group_css(g));
    }
    for (std::size_t g = c.groups.size(); g-- > 0;)
        plot.curve(drawn[g].mean.times, drawn[g].mean.values, group_css(g), c.groups[g].tag, true);
    for (const Observed& o : shown)
        plot.point(o.point->observed.time, o.point->observed.value, o.point->deviation, "observed",
                   fmt::format("{} {} at {}: {} ± {}", o.series->name, o.point->id, duration(o.point->observed.time),
                               number(o.point->observed.value), number(o.point->deviation, 2)));
    return plot.svg();
}

std::string numbers_below(const Comparison& c, const ProbeComparison& probe) {
    std::string rows;
    for (std::size_t g = 0; g < c.groups.size(); ++g) {
        const auto& d = probe.differences[g];
        if (!d) continue;
        rows += "<tr><th scope=\"row\">" + group_mark(c, g) + "</th>";
        rows += d->largest == 0.0 ? "<td colspan=\"5\">no difference</td>"
                                  : numeric(signed_number(d->largest)) + numeric(duration(d->largest_at)) +
                                        numeric(percent(d->relative)) + numeric(signed_number(d->at_end)) +
                                        numeric(number(d->rms, 2));
        rows += "</tr>";
    }
    if (rows.empty()) return {};
    return "<table class=\"below\"><thead><tr><td></td><th class=\"n\" scope=\"col\">largest</th><th class=\"n\" "
           "scope=\"col\">at</th><th class=\"n\" scope=\"col\">relative</th><th class=\"n\" scope=\"col\">at "
           "end</th><th "
           "class=\"n\" scope=\"col\">RMS</th></tr></thead><tbody>" +
           rows + "</tbody></table>";
}

std::string observed_note(const std::vector<Observed>& observed) {
    std::vector<const EvidenceSeries*> series;
    bool own_settings = false, effect = false;
    for (const Observed& o : observed) {
        if (std::find(series.begin(), series.end(), o.series) == series.end()) series.push_back(o.series);
        own_settings = own_settings || !o.series->variant.empty();
        effect = effect || o.series->study_effect;
    }
    std::string out =
        fmt::format("Circles: published means with one standard deviation ({}).",
                    series.size() == 1 ? escape(series.front()->name) : fmt::format("{} series", series.size()));
    if (own_settings)
        out +=
            " Their animals have settings of their own, which the curves do not: see Evidence for like against like.";
    if (effect) out += " Effects of single studies are not taken off.";
    return "<p>" + out + "</p>";
}

}  // namespace

std::string comparison_figures(const Comparison& c) {
    std::string out, panels, name;
    bool any_figure = false;
    const auto close = [&] {
        if (panels.empty()) return;
        out += "<div class=\"group\">";
        if (!name.empty()) out += "<h3>" + escape(name) + "</h3>";
        out += panels + "</div>";
        panels.clear();
    };
    bool open_grid = false;
    const auto end_grid = [&] {
        if (open_grid) panels += "</div>";
        open_grid = false;
    };
    for (const ProbeComparison& probe : c.probes) {
        any_figure = any_figure || !probe.figure.empty();
        const std::string figure = probe.figure.empty() && any_figure ? "Other probes" : probe.figure;
        if (figure != name) {
            end_grid();
            close();
            name = figure;
        }
        const std::vector<Observed> observed = observed_of(c, probe);
        const std::string small = drawing(c, probe, observed, k_small);
        if (observed.empty()) {
            if (!open_grid) panels += "<div class=\"multiples\">";
            open_grid = true;
            panels += panel(heading_of(probe.probe), numbers_below(c, probe), small);
        } else {  // points need room
            end_grid();
            panels += "<div class=\"one\">" +
                      panel(heading_of(probe.probe), numbers_below(c, probe) + observed_note(observed),
                            wide_and_narrow(drawing(c, probe, observed, k_wide), small), "wide") +
                      "</div>";
        }
    }
    end_grid();
    close();
    return out;
}

}  // namespace lobule::io::report
