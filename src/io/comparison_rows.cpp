#include "comparison_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include "report/text.hpp"

namespace lobule::io {

namespace {

/// A value and its unit with as many digits as people read: "0.30000000000000004 1/h" is "0.3 1/h". Other text stays.
std::string shortened(const std::string& text, int digits = 4) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return text;
    const std::string rest(end, text.data() + text.size());
    if (!rest.empty() && rest.front() != ' ') return text;
    return report::number(value, digits) + rest;
}

constexpr std::string_view k_between_zones = " / ";

/// Values of zones are told by the first and the last, periportal and pericentral.
std::string zones_shortened(const std::string& text, int digits) {
    const auto first = text.find(k_between_zones), last = text.rfind(k_between_zones);
    if (first == std::string::npos) return shortened(text, digits);
    const std::string from = shortened(text.substr(0, first), digits),
                      to = shortened(text.substr(last + k_between_zones.size()), digits);
    return from == to ? from : from.substr(0, from.find(' ')) + " … " + to;
}

std::string time_text(double hours) {
    return hours >= 72.0 && std::fmod(hours, 24.0) == 0.0 ? fmt::format("{} d", hours / 24.0)
                                                          : fmt::format("{:.6g} h", hours);
}

std::string setting_value(const RunResult& run, const std::string& name) {
    for (const auto& [key, value] : run.settings)
        if (key == name) return value;
    return {};
}

bool has(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// Names in the order in which the runs bring them.
template <class Names>
std::vector<std::string> every(const Comparison& c, Names names) {
    std::vector<std::string> out;
    for (const RunResult& run : c.runs)
        for (const std::string& name : names(run))
            if (!has(out, name)) out.push_back(name);
    return out;
}

std::vector<std::string> parameter_names(const RunResult& run) {
    std::vector<std::string> out;
    for (const ResolvedParameter& parameter : run.parameters) out.push_back(parameter.name);
    return out;
}

const RunResult& first_run(const Comparison& c, const RunGroup& group) { return c.runs[group.runs.front()]; }

std::vector<study::Trait> traits(const Comparison& c, const RunResult& run, const std::vector<std::string>& set) {
    std::vector<study::Trait> out;
    out.push_back({"resolution", run.resolution});
    if (const std::string species = setting_value(run, "species"); !species.empty())
        out.push_back({"species", species});
    for (const std::string& part : every(c, [](const RunResult& r) { return r.parts; })) {
        // A part that belongs to another scenario tells nothing about runs of this one.
        const bool known = std::any_of(c.runs.begin(), c.runs.end(), [&](const RunResult& other) {
            return other.scenario == run.scenario && has(other.parts, part);
        });
        if (known) out.push_back({"part " + part, (has(run.parts, part) ? "with " : "without ") + part});
    }
    for (const std::string& name : set)
        if (const ResolvedParameter* parameter = run.parameter(name))
            out.push_back({name, name + ' ' + zones_shortened(parameter->value, 4)});
    out.push_back({"zones", setting_value(run, "zones") + " zones"});
    return out;
}

}  // namespace

std::string setting_of(const RunResult& run) {
    std::string out = run.scenario + '\n' + run.resolution + '\n' + run.model_hash + '\n' + run.program;
    for (const auto& [name, value] : run.settings)
        if (name != "output") out += '\n' + name + '=' + value;
    for (const std::string& part : run.parts) out += '\n' + part;
    for (const std::string& event : run.events) out += '\n' + event;
    for (const ResolvedParameter& parameter : run.parameters) out += '\n' + parameter.name + '=' + parameter.value;
    return out;
}

std::vector<study::RunTraits> traits_of(const Comparison& c) {
    const std::vector<std::string> set = every(c, [](const RunResult& run) {
        std::vector<std::string> names;
        for (const ResolvedParameter& parameter : run.parameters)
            if (parameter.set()) names.push_back(parameter.name);
        return names;
    });
    std::vector<study::RunTraits> out;
    for (const RunGroup& group : c.groups) {
        const RunResult& run = first_run(c, group);
        study::RunTraits one{report::words(run.scenario), traits(c, run, set), {}};
        one.last_resort = {{"until", "to " + report::duration(run.time)},
                           {"seed", fmt::format("seed {}", run.seed)},
                           {"interval", "every " + time_text(run.interval)},
                           {"program", run.program},
                           {"folder", run.folder.lexically_normal().string()}};
        out.push_back(std::move(one));
    }
    return out;
}

std::string letter_name(std::size_t index) {
    std::string out(1, static_cast<char>('A' + index % 26));
    if (index >= 26) out += std::to_string(index / 26 + 1);
    return out;
}

// ---- what differs -----------------------------------------------------------------------------------------------------

namespace {

/// The values of one thing over the groups: those of its replicates side by side where they are not the same.
std::vector<std::string> values_of(const Comparison& c, const std::function<std::string(const RunResult&)>& read) {
    std::vector<std::string> out;
    for (const RunGroup& group : c.groups) {
        std::vector<std::string> own;
        for (const std::size_t r : group.runs)
            if (const std::string value = read(c.runs[r]); !has(own, value)) own.push_back(value);
        std::string text;
        for (const std::string& value : own) text += (text.empty() ? "" : ", ") + value;
        out.push_back(text);
    }
    return out;
}

bool all_equal(const std::vector<std::string>& values) {
    return std::all_of(values.begin(), values.end(), [&](const std::string& value) { return value == values.front(); });
}

/// As short as still shows the difference.
std::vector<std::string> readable(const std::vector<std::string>& values) {
    for (const int digits : {4, 8}) {
        std::vector<std::string> out;
        for (const std::string& value : values) out.push_back(zones_shortened(value, digits));
        if (!all_equal(out)) return out;
    }
    return values;
}

std::string kind_of(const Comparison& c, const std::string& name) {
    bool balanced = false;
    for (const RunResult& run : c.runs)
        if (const ResolvedParameter* parameter = run.parameter(name)) {
            if (parameter->set()) return "setting";
            balanced = balanced || parameter->source == "balance";
        }
    return balanced ? "balance" : "parameter";
}

}  // namespace

void find_differing(Comparison& c) {
    const auto add = [&](const std::string& name, const std::string& kind, std::size_t& equal, const auto& read) {
        const std::vector<std::string> values = values_of(c, read);
        if (all_equal(values))
            ++equal;
        else
            c.differing.push_back({name, kind, readable(values)});
    };
    std::size_t& same = c.equal_settings;
    add("scenario", "run", same, [](const RunResult& run) { return run.scenario; });
    add("resolution", "run", same, [](const RunResult& run) { return run.resolution; });
    add("seed", "run", same, [](const RunResult& run) { return std::to_string(run.seed); });
    add("ended", "run", same, [](const RunResult& run) { return run.status; });
    add("simulated to", "run", same, [](const RunResult& run) { return time_text(run.time); });
    add("program", "run", same, [](const RunResult& run) { return run.program; });
    for (const std::string& part : every(c, [](const RunResult& run) { return run.parts; }))
        add("part " + part, "scenario", same,
            [&](const RunResult& run) { return std::string(has(run.parts, part) ? "yes" : "no"); });
    const auto names = every(c, [](const RunResult& run) {
        std::vector<std::string> out;
        for (const auto& [name, value] : run.settings) out.push_back(name);
        return out;
    });
    for (const std::string& name : names)
        add(name, "scenario", same, [&](const RunResult& run) { return setting_value(run, name); });
    std::size_t events = 0;
    for (const RunResult& run : c.runs) events = std::max(events, run.events.size());
    for (std::size_t i = 0; i < events; ++i)
        add(fmt::format("event {}", i + 1), "scenario", same,
            [&](const RunResult& run) { return i < run.events.size() ? run.events[i] : std::string(); });
    for (const std::string& name : every(c, parameter_names))
        add(name, kind_of(c, name), c.equal_parameters, [&](const RunResult& run) {
            const ResolvedParameter* parameter = run.parameter(name);
            return parameter == nullptr ? std::string() : parameter->value;
        });
    // What was set before what follows from it.
    const auto weight = [](const DifferingRow& row) {
        constexpr std::string_view k_order[] = {"run", "scenario", "setting", "parameter", "balance"};
        return std::find(std::begin(k_order), std::end(k_order), row.kind) - std::begin(k_order);
    };
    std::stable_sort(c.differing.begin(), c.differing.end(),
                     [&](const DifferingRow& a, const DifferingRow& b) { return weight(a) < weight(b); });
}

// ---- evidence ---------------------------------------------------------------------------------------------------------

namespace {

GroupNumber mean_of(const std::vector<double>& values) {
    if (values.empty()) return {};
    double sum = 0.0, squares = 0.0;
    for (const double value : values) sum += value;
    const auto n = static_cast<double>(values.size());
    const double mean = values.size() == 1 ? values.front() : sum / n;
    for (const double value : values) squares += (value - mean) * (value - mean);
    return {mean, values.size() > 1 ? std::optional(std::sqrt(squares / (n - 1.0))) : std::nullopt};
}

/// Over the runs of each group that hold the record; `read` gives a number or none.
template <class Record, class Read>
std::vector<GroupNumber> numbers(const Comparison& c, const std::vector<const Record*>& by_run, Read read) {
    std::vector<GroupNumber> out;
    for (const RunGroup& group : c.groups) {
        std::vector<double> values;
        for (const std::size_t r : group.runs)
            if (by_run[r] != nullptr)
                if (const std::optional<double> value = read(*by_run[r])) values.push_back(*value);
        out.push_back(mean_of(values));
    }
    return out;
}

/// The same series or feature in every run of the scenario, by run.
template <class Record>
std::vector<const Record*> in_all_runs(const Comparison& c, const std::string& scenario, const Record& wanted,
                                       std::vector<Record> Results::*list) {
    std::vector<const Record*> out(c.runs.size(), nullptr);
    for (std::size_t r = 0; r < c.runs.size(); ++r) {
        if (!c.runs[r].evidence || c.runs[r].scenario != scenario) continue;
        for (const Record& record : c.runs[r].evidence->results.*list)
            if (record.name == wanted.name && record.variant == wanted.variant && record.probe == wanted.probe)
                out[r] = &record;
    }
    return out;
}

std::string variant_label(const ReportData& report, const std::string& name) {
    const VariantResult* variant = name.empty() ? nullptr : report.variant(name);
    return variant == nullptr ? name : variant->spec.label;
}

/// Calls `use` with each record once: those of the first run of a scenario, then what only later ones have.
template <class Record, class Use>
void each_record(const Comparison& c, std::vector<Record> Results::*list, Use use) {
    for (std::size_t r = 0; r < c.runs.size(); ++r) {
        if (!c.runs[r].evidence) continue;
        for (const Record& record : c.runs[r].evidence->results.*list) {
            const std::vector<const Record*> all = in_all_runs(c, c.runs[r].scenario, record, list);
            const auto first = std::find_if(all.begin(), all.end(), [](const Record* one) { return one != nullptr; });
            if (*first == &record) use(c.runs[r], record, all);
        }
    }
}

EvidencePoint point_of(const Comparison& c, const PointResult& point, const std::vector<const SeriesResult*>& all) {
    const auto predicted = [&](const SeriesResult& series) -> std::optional<double> {
        for (const PointResult& own : series.points)
            if (own.id == point.id && own.observed.time == point.observed.time) return own.predicted;
        return std::nullopt;
    };
    return {point.id, point.observed, point.deviation, numbers(c, all, predicted)};
}

}  // namespace

void compare_evidence(Comparison& c) {
    each_record(c, &Results::series, [&](const RunResult& run, const SeriesResult& s, const auto& all) {
        using Number = std::optional<double>;
        EvidenceSeries out{run.scenario,
                           s.name,
                           variant_label(*run.evidence, s.variant),
                           s.role,
                           s.probe,
                           s.unit,
                           s.sources,
                           s.note,
                           s.offset.has_value(),
                           {},
                           {},
                           {},
                           {}};
        const auto when_compared = [](const SeriesResult& one, double value) {
            return one.misfit.points > 0 ? Number(value) : Number();
        };
        out.points =
            numbers(c, all, [](const SeriesResult& o) { return Number(static_cast<double>(o.misfit.points)); });
        out.rmse = numbers(c, all, [&](const SeriesResult& o) { return when_compared(o, o.misfit.rmse); });
        out.chi_square = numbers(c, all, [&](const SeriesResult& o) { return when_compared(o, o.misfit.chi_square); });
        for (const PointResult& point : s.points) out.rows.push_back(point_of(c, point, all));
        c.series.push_back(std::move(out));
    });
    each_record(c, &Results::features, [&](const RunResult& run, const FeatureResult& f, const auto& all) {
        EvidenceFeature out{run.scenario, f.name, variant_label(*run.evidence, f.variant),
                            f.role,       f.unit, f.observed,
                            f.basis,      f.note, f.ids,
                            f.sources,    f.low,  f.high,
                            {},           {}};
        out.predicted = numbers(c, all, [](const FeatureResult& one) { return one.predicted; });
        for (const RunGroup& group : c.groups) {
            std::vector<std::string> verdicts;
            for (const std::size_t r : group.runs)
                if (all[r] != nullptr && !has(verdicts, all[r]->verdict)) verdicts.push_back(all[r]->verdict);
            // Replicates that fall on both sides of a border are no verdict.
            out.verdicts.push_back(verdicts.size() == 1 ? verdicts.front() : std::string());
        }
        c.features.push_back(std::move(out));
    });
}

}  // namespace lobule::io
