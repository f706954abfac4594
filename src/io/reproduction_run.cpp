#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "base/text.hpp"
#include "io/reproduction.hpp"

namespace lobule::io {

namespace {

constexpr double k_second = 1.0 / 3600.0;  // [h] the grid on which exact times are looked for
constexpr std::size_t k_drawn = 400;       // points of a drawn curve

bool on_grid(double time, double step) { return std::abs(time / step - std::round(time / step)) < 1e-6; }

/// Times that are no multiple of `output`, in groups that a common step of theirs samples: interpolating a curve would
/// blur them.
struct Pass {
    std::vector<double> times;
    double step = 0.0, until = 0.0;  // [h]
};
std::vector<Pass> passes(std::vector<double> times, double output) {
    std::vector<Pass> out;
    std::erase_if(times, [&](double t) { return on_grid(t, output); });
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    for (std::size_t i = 0; i < times.size();) {
        Pass pass;
        std::int64_t step = 0;
        for (; i < times.size(); ++i) {
            const auto seconds = std::max<std::int64_t>(1, std::llround(times[i] / k_second));
            const std::int64_t common = std::gcd(step, seconds);
            if (step != 0 && seconds / common > 5000) break;  // a pass of its own, with a longer step
            step = common;
            pass.times.push_back(times[i]);
        }
        pass.step = static_cast<double>(step) * k_second;
        pass.until = pass.times.back();
        out.push_back(std::move(pass));
    }
    return out;
}

/// The curves of one run, and exact values where the samples have none.
class RunReader {
public:
    RunReader(const ReproductionRun& run, const Model& model, const Runner& runner, const std::vector<double>& times)
        : main_(runner(run.settings, run.duration, model.spec.output)) {
        for (const Pass& pass : passes(times, model.spec.output)) {
            if (main_.failed_at && pass.until > *main_.failed_at) continue;
            exact_.emplace_back(pass, runner(run.settings, pass.until, pass.step));
        }
    }
    const RunCurves& main() const { return main_; }
    std::optional<double> read(const Measure& m) const {
        for (const auto& [pass, curves] : exact_)
            if (m.kind == "value_at" && std::find(pass.times.begin(), pass.times.end(), m.at) != pass.times.end())
                return read_measure(m, curves.curves);
        return read_measure(m, main_.curves);
    }

private:
    RunCurves main_;
    std::vector<std::pair<Pass, RunCurves>> exact_;
};

std::optional<double> bisect(const Bisection& b, const Model& model, const Runner& runner, std::string& failure) {
    const auto upper = [&](double x) -> std::optional<bool> {
        std::vector<SettingSpec> settings = b.settings;
        settings.push_back(b.vary);
        settings.back().value.value = x;
        const RunCurves run = runner(settings, b.duration, model.spec.output);
        const auto reading = run.failure.empty() ? read_measure(b.measure, run.curves) : std::nullopt;
        if (!reading) {
            failure = fmt::format("bisection {}: no reading at {:.6g}: {}", b.name, x, run.failure);
            return std::nullopt;
        }
        return *reading > b.above;
    };
    const auto low_side = upper(b.low), high_side = upper(b.high);
    if (!low_side || !high_side) return std::nullopt;
    if (*low_side == *high_side) {
        failure = fmt::format("bisection {}: both ends lie on one side", b.name);
        return std::nullopt;
    }
    double low = b.low, high = b.high;
    while (high - low > b.precision) {
        const double middle = 0.5 * (low + high);
        const auto side = upper(middle);
        if (!side) return std::nullopt;
        (*side == *low_side ? low : high) = middle;
    }
    return 0.5 * (low + high) / parse_unit(b.unit).factor;
}

ValidationRow comparison(const Reproduction& spec, const RowReading& reading) {
    const PublishedRow& row = spec.rows[reading.row];
    ValidationRow c;
    c.row = row.id;
    c.observable = row.observable + (reading.measure.kind.starts_with("time_of_") ? ", when" : "");
    c.reading = reading.measure.kind;
    c.inputs = row.inputs;
    c.time = reading.time;
    c.published = reading.published;
    c.unit = reading.measure.unit;
    c.expected = reading.expected;
    c.low = reading.low;
    c.high = reading.high;
    c.basis = row.basis;
    c.tolerance = reading.tolerance;
    c.reason = reading.reason;
    c.source = row.source;
    c.run = reading.bisected ? spec.bisections[reading.run].name : spec.runs[reading.run].name;
    c.note = reading.note;
    if (reading.draws) c.hours = reading.measure.at;
    return c;
}

/// A negative control has one comparison more: that it fails, and when.
ValidationRow failing(const Reproduction& spec, const RowReading& reading, const RunCurves& curves) {
    const auto& [low, high] = *spec.runs[reading.run].fails;
    ValidationRow c = comparison(spec, reading);
    c.reading = "time_of_failure";
    c.published = "the run fails";
    c.unit = "h";
    c.expected.reset();
    c.computed = curves.failed_at;
    c.low = low;
    c.high = high;
    c.tolerance = fmt::format("{:g} h to {:g} h", low, high);
    c.reason = spec.runs[reading.run].about;
    c.time = "-";
    c.note = curves.failure;
    c.hours.reset();
    return c;
}

ValidationPanel::Line thinned(const std::string& name, const Curves& curves, std::size_t probe, double until) {
    ValidationPanel::Line line{name, {}, {}};
    const auto& times = curves.times;
    const auto end = static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), until) - times.begin());
    const std::size_t step = std::max<std::size_t>(1, end / k_drawn);
    for (std::size_t i = 0; i < end; i += step) {
        line.times.push_back(times[i]);
        line.values.push_back(curves.values[probe][i]);
    }
    return line;
}

/// One panel for each probe that rows give values of at several times; its runs are overlaid.
class Panels {
public:
    Panels(const Reproduction& spec, const Model& model) : spec_(spec), model_(model) {}

    void add(const RowReading& reading, const ValidationRow& c, const RunCurves& run) {
        if (!reading.draws || !reading.expected || reading.measure.factor != 1.0) return;
        Panel& panel = panels_[{spec_.rows[reading.row].observable, reading.measure.probe}];
        if (panel.runs.emplace(reading.run, &run).second) panel.order.push_back(reading.run);
        panel.until = std::max(panel.until, reading.measure.at);
        panel.points.push_back({reading.measure.at, *reading.expected,
                                fmt::format("{} at {}: {}", c.row, c.time, c.published), c.inside()});
    }
    std::vector<ValidationPanel> made() const {
        std::vector<ValidationPanel> out;
        for (const auto& [key, panel] : panels_) {
            if (panel.points.size() < 3) continue;
            ValidationPanel p{key.first, model_.run.probes[key.second].unit, {}, panel.points};
            for (const std::size_t run : panel.order)
                p.lines.push_back(thinned(spec_.runs[run].name, panel.runs.at(run)->curves, key.second, panel.until));
            out.push_back(std::move(p));
        }
        return out;
    }

private:
    struct Panel {
        std::map<std::size_t, const RunCurves*> runs;
        std::vector<std::size_t> order;
        std::vector<ValidationPanel::Point> points;
        double until = 0.0;
    };
    const Reproduction& spec_;
    const Model& model_;
    std::map<std::pair<std::string, std::size_t>, Panel> panels_;
};

}  // namespace

ValidationModel run_reproduction(const Reproduction& spec, const Model& model, const Runner& runner,
                                 const std::function<bool(const std::string&)>& chosen) {
    ValidationModel out;
    out.name = model.spec.name;
    out.about = spec.about;
    const auto wanted = [&](std::size_t row) { return !chosen || chosen(spec.rows[row].id); };
    std::map<std::size_t, std::vector<double>> times;  // by run
    for (const RowReading& reading : spec.readings)
        if (!reading.bisected && wanted(reading.row)) {
            auto& list = times[reading.run];
            if (reading.measure.kind == "value_at") list.push_back(reading.measure.at);
        }
    std::map<std::size_t, RunReader> runs;
    for (const auto& [index, list] : times) {
        const ReproductionRun& run = spec.runs[index];
        const auto& reader = runs.emplace(std::piecewise_construct, std::forward_as_tuple(index),
                                          std::forward_as_tuple(run, model, runner, list))
                                 .first->second;
        if (!run.fails && !reader.main().failure.empty())
            out.failures.push_back((run.name.empty() ? "the scenario" : run.name) + ": " + reader.main().failure);
    }
    std::map<std::size_t, std::optional<double>> thresholds;
    std::vector<bool> failure_shown(spec.runs.size(), false);
    Panels panels(spec, model);
    for (const RowReading& reading : spec.readings) {
        if (!wanted(reading.row)) continue;
        ValidationRow c = comparison(spec, reading);
        if (reading.bisected) {
            auto found = thresholds.find(reading.run);
            if (found == thresholds.end()) {
                std::string failure;
                found =
                    thresholds.emplace(reading.run, bisect(spec.bisections[reading.run], model, runner, failure)).first;
                if (!failure.empty()) out.failures.push_back(failure);
            }
            c.computed = found->second;
            out.comparisons.push_back(std::move(c));
            continue;
        }
        const RunReader& run = runs.at(reading.run);
        c.computed = run.read(reading.measure);
        panels.add(reading, c, run.main());
        out.comparisons.push_back(std::move(c));
        if (spec.runs[reading.run].fails && !failure_shown[reading.run]) {
            failure_shown[reading.run] = true;
            out.comparisons.push_back(failing(spec, reading, run.main()));
        }
    }
    for (const auto& [row, reason] : spec.left_out)
        if (wanted(row)) out.left_out.push_back({spec.rows[row].id, spec.rows[row].observable, reason});
    out.panels = panels.made();
    return out;
}

}  // namespace lobule::io
