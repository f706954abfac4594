// All numbers of a comparison in one long table, for whoever draws or tests with them.
#include <fmt/format.h>

#include "io/comparison.hpp"
#include "io/project.hpp"

namespace lobule::io {

namespace {

class Rows {
public:
    void add(std::string_view what, const std::string& name, const std::string& run, const std::string& against,
             std::string_view statistic, const std::optional<double>& value, const std::string& unit) {
        if (!value) return;
        // The shortest text that reads back to the same bits.
        text_ += fmt::format("{},{},{},{},{},{},{}\n", what, csv_field(name), csv_field(run), csv_field(against),
                             statistic, *value, csv_field(unit));
    }
    const std::string& text() const { return text_; }

private:
    std::string text_ = "what,name,run,against,statistic,value,unit\n";
};

void add_group(Rows& rows, std::string_view what, const std::string& name, const std::string& run,
               std::string_view statistic, const GroupNumber& number, const std::string& unit) {
    rows.add(what, name, run, {}, statistic, number.value, unit);
    rows.add(what, name, run, {}, fmt::format("{}_sd", statistic), number.sd, unit);
}

void add_probe(Rows& rows, const Comparison& c, const ProbeComparison& probe) {
    const auto& [name, unit, about] = probe.probe;
    for (std::size_t g = 0; g < c.groups.size(); ++g) {
        if (!probe.curves[g]) continue;
        const std::string& run = c.groups[g].label;
        const study::Ensemble& e = *probe.curves[g];
        const auto highest = study::maximum(e.mean), lowest = study::minimum(e.mean);
        const auto own = [&](std::string_view statistic, double value, const std::string& in) {
            rows.add("probe", name, run, {}, statistic, value, in);
        };
        own("at_end", e.mean.values.back(), unit);
        own("maximum", highest->value, unit);
        own("time_of_maximum", highest->time, "h");
        own("minimum", lowest->value, unit);
        own("time_of_minimum", lowest->time, "h");
        if (e.size > 1) {
            own("replicates", static_cast<double>(e.size), "1");
            own("at_end_sd", e.sd.back(), unit);
            const study::Extreme widest = *study::maximum({e.mean.times, e.sd});
            own("largest_sd", widest.value, unit);
            own("time_of_largest_sd", widest.time, "h");
        }
        const auto& d = probe.differences[g];
        if (!d) continue;
        const auto differs = [&](std::string_view statistic, const std::optional<double>& value,
                                 const std::string& in) {
            rows.add("probe", name, run, c.groups.front().label, statistic, value, in);
        };
        differs("common_from", d->from, "h");
        differs("common_to", d->to, "h");
        differs("largest_difference", d->largest, unit);
        differs("time_of_largest_difference", d->largest_at, "h");
        differs("relative_difference", d->relative, "1");
        differs("difference_at_end", d->at_end, unit);
        differs("rms_difference", d->rms, unit);
    }
}

}  // namespace

std::string comparison_csv(const Comparison& c) {
    Rows rows;
    for (const ProbeComparison& probe : c.probes) add_probe(rows, c, probe);
    const auto full_name = [&](const std::string& scenario, const std::string& name) {
        return c.several_scenarios() ? scenario + ": " + name : name;
    };
    for (const EvidenceSeries& s : c.series) {
        const std::string name = full_name(s.scenario, s.name);
        for (std::size_t g = 0; g < c.groups.size(); ++g) {
            const std::string& run = c.groups[g].label;
            add_group(rows, "series", name, run, "points", {s.points[g].value, std::nullopt}, "1");
            add_group(rows, "series", name, run, "rmse", s.rmse[g], s.unit);
            add_group(rows, "series", name, run, "chi_square", s.chi_square[g], "1");
        }
        for (const EvidencePoint& p : s.rows)
            for (std::size_t g = 0; g < c.groups.size(); ++g) {
                const std::string &run = c.groups[g].label, row = name + ", " + p.id;
                if (!p.predicted[g].value) continue;
                rows.add("point", row, run, {}, "time", p.observed.time, "h");
                rows.add("point", row, run, {}, "observed", p.observed.value, s.unit);
                rows.add("point", row, run, {}, "deviation", p.deviation, s.unit);
                add_group(rows, "point", row, run, "predicted", p.predicted[g], s.unit);
                rows.add("point", row, run, {}, "z", z_score(p.predicted[g].value, p.observed.value, p.deviation), "1");
            }
    }
    for (const EvidenceFeature& f : c.features)
        for (std::size_t g = 0; g < c.groups.size(); ++g) {
            const std::string &run = c.groups[g].label, name = full_name(f.scenario, f.name);
            if (!f.predicted[g].value) continue;
            rows.add("feature", name, run, {}, "low", f.low, f.unit);
            rows.add("feature", name, run, {}, "high", f.high, f.unit);
            add_group(rows, "feature", name, run, "predicted", f.predicted[g], f.unit);
            rows.add("feature", name, run, {}, "z", z_score(f, f.predicted[g].value), "1");
        }
    return rows.text();
}

}  // namespace lobule::io
