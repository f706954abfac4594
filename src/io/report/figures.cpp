#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "page.hpp"
#include "panel.hpp"
#include "svg.hpp"
#include "text.hpp"

namespace lobule::io::report {

namespace {

std::size_t index_of(const ReportData& report, std::string_view probe) {
    return static_cast<std::size_t>(report.probe(probe) - report.probes.data());
}

std::string series_caption(const SeriesResult& s) {
    std::string out = fmt::format("RMSE {} over {} points", number(s.misfit.rmse, 3), s.misfit.points);
    if (s.published)
        out += fmt::format("; <i class=\"key published\"></i>{} {}", escape(s.against), number(s.published->rmse, 3));
    if (s.offset) out += fmt::format("; points drawn without the study effect of {}", number(*s.offset, 2));
    return out;
}

/// The part of a prediction that a series is drawn with.
study::Curve predicted_curve(const ReportData& report, const SeriesResult& s, double until) {
    const VariantResult* variant = report.variant(s.variant);
    if (variant == nullptr || report.probe(s.probe) == nullptr) return {};
    return study::window(variant->curves.of(index_of(report, s.probe)), 0.0, until);
}

/// Where a point is drawn: at its value without the study effect, so that the line is the model's alone.
double drawn_value(const SeriesResult& s, const PointResult& p) { return p.observed.value - s.offset.value_or(0.0); }

/// Series of one probe share their axes, so that panels can be compared by eye.
struct SharedAxes {
    double until = 0.0;
    Range range;
    SharedAxes(const ReportData& report, const std::string& probe) {
        const auto each = [&](auto use) {
            for (const SeriesResult& s : report.results.series)
                if (s.probe == probe) use(s);
        };
        each([this](const SeriesResult& s) {
            for (const PointResult& p : s.points) until = std::max(until, 1.04 * p.observed.time);
        });
        each([&, this](const SeriesResult& s) {
            for (const PointResult& p : s.points) {
                const double value = drawn_value(s, p);
                range.add(value + p.deviation);
                range.add(std::max(value - p.deviation, std::min(value, 0.0)));
            }
            range.add(predicted_curve(report, s, until));
        });
    }
};

std::string series_panel(const ReportData& report, const SeriesResult& s) {
    const ReportProbe* probe = report.probe(s.probe);
    if (probe == nullptr || s.points.empty()) return {};
    const SharedAxes shared(report, s.probe);
    const study::Curve curve = predicted_curve(report, s, shared.until);
    if (curve.times.empty()) return {};

    const std::string title = s.name + ": " + heading_of(*probe);
    Plot plot(k_small, time_axis(shared.until), value_axis(shared.range, *probe), title,
              fmt::format("{} observed means with standard deviations over the predicted curve; RMSE {}.",
                          s.points.size(), number(s.misfit.rmse)));
    plot.curve(curve.times, curve.values, "c0", "predicted", false);
    std::vector<double> times, published;
    for (const PointResult& p : s.points)
        if (p.published) {
            times.push_back(p.observed.time);
            published.push_back(*p.published);
        }
    plot.curve(times, published, "published", s.against, false);
    for (const PointResult& p : s.points)
        plot.point(p.observed.time, drawn_value(s, p), p.deviation, "observed",
                   fmt::format("{} at {}: {} ± {}{}", p.id, duration(p.observed.time), number(p.observed.value),
                               number(p.deviation, 2), p.observed.n > 0 ? fmt::format(", n = {}", p.observed.n) : ""));
    std::string caption = series_caption(s);
    if (!s.note.empty()) caption += ". " + escape(s.note);
    return panel(s.name, caption, plot.svg());
}

/// A part of a curve, its times counted from the start of the part.
study::Curve part_of(const study::Curve& curve, double from, double end) {
    if (curve.times.empty()) return {};  // a probe of a part that this run has not
    study::Curve out = study::window(curve, std::max(from, curve.times.front()), end);
    for (double& time : out.times) time -= from;
    return out;
}

BandCurve part_of(const BandCurve& band, double from, double end) {
    const study::Curve low = part_of(study::Curve{band.times, band.low}, from, end),
                       high = part_of(study::Curve{band.times, band.high}, from, end);
    return {low.times, low.values, high.values};
}

/// What the ribbons of a panel are.
std::string figure_caption(const ReportData& report, const FigureSpec& figure, const std::string& probe) {
    std::vector<std::string> banded;
    for (const std::string& name : figure.variants)
        if (band_of(report, name, probe)) banded.push_back(name);
    if (banded.empty()) return {};
    return "<i class=\"key ribbon-key\"></i>" + escape(band_legend(*report.band, banded)) +
           (banded.size() > 1 ? ", filled for one curve, dashed edges for the others" : "");
}

std::string figure_panel(const ReportData& report, const FigureSpec& figure, const ReportProbe& probe,
                         Plot::Size size) {
    struct Drawn {
        const VariantResult* variant;
        study::Curve curve;
        std::optional<BandCurve> band;
    };
    std::vector<Drawn> drawn;
    Range range;
    double until = 0.0;
    for (const std::string& name : figure.variants) {
        const VariantResult* variant = report.variant(name);
        if (variant == nullptr || variant->curves.times.empty()) continue;
        const double end =
            figure.until > 0.0 ? std::min(figure.until, variant->curves.times.back()) : variant->curves.times.back();
        if (!(figure.from < end)) continue;  // this run ended before
        until = std::max(until, end);
        study::Curve curve = part_of(variant->curves.of(index_of(report, probe.name)), figure.from, end);
        drawn.push_back({variant, std::move(curve), band_of(report, name, probe.name)});
        range.add(drawn.back().curve);
        if (auto& band = drawn.back().band) {
            band = part_of(*band, figure.from, end);
            for (const auto* side : {&band->low, &band->high})
                for (const double value : *side) range.add(value);
        }
    }
    if (drawn.empty()) return {};
    const bool overlay = drawn.size() > 1;
    std::string description = fmt::format("Predicted {} against time", words(probe.name));
    if (overlay)
        for (const Drawn& d : drawn) description += (&d == drawn.data() ? " for " : ", ") + d.variant->spec.label;
    Plot plot(size, time_axis(until - figure.from, figure.from), value_axis(range, probe),
              figure.name + ": " + heading_of(probe), description + ".");
    const auto colour_of = [&](std::size_t i) {
        if (drawn[i].variant->spec.name.empty()) return colour(0);
        const auto others =
            static_cast<std::size_t>(std::count_if(drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(i),
                                                   [](const Drawn& d) { return !d.variant->spec.name.empty(); }));
        return colour(1 + others % (k_colours - 1));
    };
    const auto first_band = std::find_if(drawn.begin(), drawn.end(), [](const Drawn& d) { return d.band.has_value(); });
    for (std::size_t i = drawn.size(); i-- > 0;) {  // the first on top
        const auto& [variant, curve, band] = drawn[i];
        // Colours laid over each other are grey: one is filled, of the others the edges are drawn.
        if (band)
            plot.ribbon(band->times, band->low, band->high, colour_of(i) + (&drawn[i] == &*first_band ? "" : " open"));
        plot.curve(curve.times, curve.values, colour_of(i), overlay ? variant->spec.label : words(probe.name), overlay);
    }
    return plot.svg();
}

std::string figure_html(const ReportData& report, const FigureSpec& figure) {
    std::string panels;
    const bool single = figure.probes.size() == 1 && figure.variants.size() > 1;
    for (const std::string& name : figure.probes) {
        const ReportProbe* probe = report.probe(name);
        if (probe == nullptr) continue;
        const std::string small = figure_panel(report, figure, *probe, k_small);
        if (small.empty()) continue;
        if (single)  // two drawings: text keeps its size on a narrow screen
            panels += panel(heading_of(*probe), figure_caption(report, figure, name),
                            wide_and_narrow(figure_panel(report, figure, *probe, k_wide), small), "wide");
        else
            panels += panel(heading_of(*probe), figure_caption(report, figure, name), small);
    }
    if (panels.empty()) return {};
    return fmt::format("<div class=\"group\"><h3>{}</h3>{}<div class=\"{}\">{}</div></div>", escape(figure.name),
                       figure.note.empty() ? "" : "<p class=\"note\">" + escape(figure.note) + "</p>",
                       single ? "one" : "multiples", panels);
}

}  // namespace

std::string series_panels(const ReportData& report, std::string_view role) {
    std::string panels;
    for (const SeriesResult& series : report.results.series)
        if (series.role == role) panels += series_panel(report, series);
    return panels.empty() ? panels : "<div class=\"multiples\">" + panels + "</div>";
}

std::string figures(const ReportData& report, std::string_view section) {
    std::string out;
    for (const FigureSpec& figure : report.figures)
        if (figure.section == section) out += figure_html(report, figure);
    return out;
}

}  // namespace lobule::io::report
