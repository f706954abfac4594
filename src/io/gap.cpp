// The gap between readings: what a case gives in cells, and in zones.
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "io/report.hpp"

namespace lobule::io {

namespace {

constexpr double k_near = 0.05;                                 // of the scale: what counts as 0
constexpr double k_time_scale = 20.0;                           // [h]
constexpr double k_days[] = {24.0, 72.0, 168.0};                // [h] when probes of figures are read
constexpr double k_least_apart = 1.0;                           // [h] from these to the end of the run
constexpr double k_never = std::numeric_limits<double>::max();  // size, where only one reading gets there

bool is_time(const Measure& m) { return m.kind.starts_with("time_of_") || m.kind.starts_with("first_"); }

double largest(const Curves& curves, const Measure& m) {
    double out = 0.0;
    for (std::size_t i = 0; i < curves.times.size(); ++i) {
        double value = curves.values[m.probe][i];
        if (m.over) value /= curves.values[*m.over][i];
        if (std::isfinite(value)) out = std::max(out, std::abs(value * m.factor));
    }
    return out;
}

struct Reader {
    const std::vector<ModelProbe>& probes;
    const Curves &cells, &zones;
    std::vector<GapRow> rows{};
    std::vector<std::tuple<bool, std::size_t, std::string, std::size_t, std::size_t, double, double, double, double>>
        taken{};

    void add(const std::string& from, const std::string& name, const Measure& m, std::optional<double> at) {
        constexpr std::size_t k_none = std::numeric_limits<std::size_t>::max();
        const auto key = std::tuple(at.has_value(), m.probe, m.kind, m.over.value_or(k_none), m.behind.value_or(k_none),
                                    m.at, m.from, m.until, m.level);
        if (std::find(taken.begin(), taken.end(), key) != taken.end()) return;
        taken.push_back(key);
        GapRow row{
            from, name, probes[m.probe].name, m.kind, m.unit, at, read_measure(m, cells), read_measure(m, zones), {},
            {},   0.0};
        if (!row.cells && !row.zones) return;
        if (row.cells && row.zones) {
            row.difference = *row.cells - *row.zones;
            const double scale = is_time(m)         ? k_time_scale * m.factor
                                 : m.kind == "fold" ? 1.0
                                                    : std::max(largest(cells, m), largest(zones, m));
            const double size = std::abs(*row.zones);
            if (size > k_near * scale) row.relative = *row.difference / size;
            row.size = row.relative ? std::abs(*row.relative) : scale > 0.0 ? std::abs(*row.difference) / scale : 0.0;
        } else {
            row.size = k_never;
        }
        rows.push_back(std::move(row));
    }
};

}  // namespace

std::vector<GapRow> gap_of_readings(const Expectations& expectations, const std::vector<ModelProbe>& probes,
                                    const Curves& cells, const Curves& zones) {
    Reader reader{probes, cells, zones};
    if (cells.times.empty() || zones.times.empty()) return {};
    for (const FeatureSpec& feature : expectations.features)
        if (feature.variant.empty() && feature.contrast.against.empty())
            reader.add("feature", feature.name, feature.measure, {});
    for (const CheckSpec& check : expectations.checks)
        if (check.variant.empty() && check.contrast.against.empty()) reader.add("check", check.name, check.measure, {});
    const double end = std::min(cells.times.back(), zones.times.back());
    std::vector<double> times;
    for (const double day : k_days)
        if (day < end - k_least_apart) times.push_back(day);
    times.push_back(end);
    for (const FigureSpec& figure : expectations.figures) {
        const auto& variants = figure.variants;
        if (!variants.empty() && std::find(variants.begin(), variants.end(), "") == variants.end()) continue;
        for (const std::string& name : figure.probes) {
            const auto probe =
                std::find_if(probes.begin(), probes.end(), [&](const auto& p) { return p.name == name; });
            if (probe == probes.end()) continue;
            for (const double time : times) {
                Measure measure;
                measure.kind = "value_at";
                measure.probe = static_cast<std::size_t>(probe - probes.begin());
                measure.at = time;
                measure.unit = probe->unit.empty() ? "1" : probe->unit;
                reader.add("figure", name, measure, time);
            }
        }
    }
    std::stable_sort(reader.rows.begin(), reader.rows.end(),
                     [](const GapRow& a, const GapRow& b) { return a.size > b.size; });
    return std::move(reader.rows);
}

}  // namespace lobule::io
