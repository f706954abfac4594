// What a fit leaves: lines of the file it goes on from, tables, and result.json.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "io/fit.hpp"
#include "io/version.hpp"

namespace lobule::io {

namespace {

Json numbers(const std::vector<double>& values) {
    Json out = Json::Array{};
    for (const double v : values) out.push(v);
    return out;
}

std::vector<double> numbers_from(const Json& json) {
    std::vector<double> out;
    for (const Json& item : json.items()) out.push_back(item.number(NAN));
    return out;
}

Json counts(const study::Failures& failures) {
    Json out = Json::Array{};
    for (const auto& [cause, count] : failures)
        out.push(Json::Object{{"cause", cause}, {"count", std::uint64_t{count}}});
    return out;
}

study::Failures counts_from(const Json& json) {
    study::Failures out;
    for (const Json& item : json.items()) out[item["cause"].text()] = item["count"].whole(0);
    return out;
}

void add(study::Failures& to, const study::Failures& more) {
    for (const auto& [cause, count] : more) to[cause] += count;
}

Json optional_json(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::optional<double> optional_from(const Json& json) {
    return json.is_null() ? std::nullopt : std::optional(json.number(0.0));
}

std::string optional_number(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : ""; }

}  // namespace

Json to_json(const study::StartResult& start) {
    return Json::Object{{"start", std::uint64_t{start.index}},
                        {"from", numbers(start.from)},
                        {"best", numbers(start.best)},
                        {"first", start.first},
                        {"cost", start.cost},
                        {"evaluations", std::uint64_t{start.evaluations}},
                        {"failures", counts(start.failures)},
                        {"end", start.end}};
}

study::StartResult start_from(const Json& json) {
    study::StartResult out;
    out.index = json["start"].whole(0);
    out.from = numbers_from(json["from"]);
    out.best = numbers_from(json["best"]);
    out.first = json["first"].number(study::k_failed_cost);
    out.cost = json["cost"].number(study::k_failed_cost);
    out.evaluations = json["evaluations"].whole(0);
    out.failures = counts_from(json["failures"]);
    out.end = json["end"].text();
    return out;
}

Json to_json(std::span<const double> values, const study::Evaluation& evaluation) {
    Json terms = Json::Array{};
    for (const study::Term& t : evaluation.terms)
        terms.push(Json::Array{t.observed, t.predicted, t.deviation, std::uint64_t{t.group}, t.source});
    return Json::Object{
        {"point", numbers({values.begin(), values.end()})}, {"terms", terms}, {"failure", evaluation.failure}};
}

std::pair<std::vector<double>, study::Evaluation> evaluation_from(const Json& json) {
    study::Evaluation out;
    out.failure = json["failure"].text();
    for (const Json& item : json["terms"].items()) {
        const Json::Array& t = item.items();
        if (t.size() != 5) continue;
        out.terms.push_back({t[0].number(0.0), t[1].number(0.0), t[2].number(1.0),
                             static_cast<std::size_t>(t[3].whole(0)), static_cast<int>(t[4].number(-1.0))});
    }
    return {numbers_from(json["point"]), std::move(out)};
}

Json to_json(const study::Profile& profile) {
    Json points = Json::Array{};
    for (const study::ProfilePoint& p : profile.points) points.push(numbers({p.value, p.cost}));
    Json out = Json::Object{{"profile", std::uint64_t{profile.parameter}}, {"points", points}};
    out.set("low", optional_json(profile.low)).set("high", optional_json(profile.high));
    out.set("low_failed", optional_json(profile.low_failed)).set("high_failed", optional_json(profile.high_failed));
    out.set("lower_found", profile.lower_found).set("evaluations", std::uint64_t{profile.evaluations});
    return out.set("failures", counts(profile.failures));
}

study::Profile profile_from(const Json& json) {
    study::Profile out;
    out.parameter = json["profile"].whole(0);
    for (const Json& item : json["points"].items()) {
        const std::vector<double> pair = numbers_from(item);
        if (pair.size() == 2) out.points.push_back({pair[0], pair[1]});
    }
    out.low = optional_from(json["low"]);
    out.high = optional_from(json["high"]);
    out.low_failed = optional_from(json["low_failed"]);
    out.high_failed = optional_from(json["high_failed"]);
    out.lower_found = json["lower_found"].boolean(false);
    out.evaluations = json["evaluations"].whole(0);
    out.failures = counts_from(json["failures"]);
    return out;
}

const study::Profile* FitResult::profile(std::size_t parameter) const {
    for (const study::Profile& p : profiles)
        if (p.parameter == parameter) return &p;
    return nullptr;
}

std::size_t FitPhase::failed() const {
    std::size_t out = 0;
    for (const auto& [cause, count] : failures) out += count;
    return out;
}

std::vector<FitPhase> FitResult::phases() const {
    std::vector<FitPhase> out{{"search"}, {"jacobian"}, {"profiles"}};
    const auto take = [](FitPhase& phase, std::size_t evaluations, const study::Failures& failures) {
        phase.evaluations += evaluations;
        add(phase.failures, failures);
    };
    for (const study::StartResult& s : starts) take(out[0], s.evaluations, s.failures);
    if (shape) take(out[1], shape->evaluations, shape->failures);
    for (const study::Profile& p : profiles) take(out[2], p.evaluations, p.failures);
    return out;
}

study::Failures FitResult::failures() const {
    study::Failures out;
    for (const FitPhase& phase : phases()) add(out, phase.failures);
    return out;
}

std::size_t FitResult::evaluations() const {
    std::size_t out = 0;
    for (const FitPhase& phase : phases()) out += phase.evaluations;
    return out;
}

void finish_fit(FitResult& result, const std::vector<VariedCase>& cases, int threads) {
    const std::vector<double>& best = result.winner().best;
    std::vector<std::string> sources;
    result.results = run_cases(cases, result.problem.parameters, best, {}, threads);
    for (const Results& results : result.results)
        for (const SeriesResult& s : results.series)
            if (!s.offset && std::find(sources.begin(), sources.end(), s.sources) == sources.end())
                sources.push_back(s.sources);
    const study::Evaluation evaluation = terms_of(result.results);
    for (const auto& [source, effect] : study::residuals(evaluation, result.problem.prior).effects)
        result.effects[sources.at(static_cast<std::size_t>(source))] = effect;
}

Json fit_json(const FitResult& result) {
    const Version& v = version();
    const study::StartResult& winner = result.winner();
    Json parameters = Json::Object{};
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i) {
        const VariedParameter& p = result.problem.parameters[i];
        Json one =
            Json::Object{{"value", p.written(winner.best[i])}, {"unit", p.unit},
                         {"present", p.written(p.present)},    {"low", p.written(p.bounded.low)},
                         {"high", p.written(p.bounded.high)},  {"at_bound", study::at_bound(p.bounded, winner.best[i])},
                         {"set", p.set_option(winner.best[i])}};
        if (result.shape && std::isfinite(result.shape->errors[i]))
            one.set("error_share_of_range", result.shape->errors[i]);
        if (const std::string why = not_determined(result, i); !why.empty()) one.set("not_determined", why);
        parameters.set(p.bounded.name, one);
    }
    Json effects = Json::Object{};
    for (const auto& [source, effect] : result.effects) effects.set(source, effect);
    Json out = Json::Object{{"format", "lobule.fit"}, {"version", 1}, {"problem", result.problem.name}};
    out.set("scenarios", Json::array(result.problem.scenarios)).set("hash", result.hash);
    out.set("program", Json::Object{{"version", v.number}, {"commit", v.commit}});
    out.set("seed", result.problem.seed).set("starts", std::uint64_t{result.starts.size()});
    out.set("evaluations", std::uint64_t{result.evaluations()}).set("best_start", std::uint64_t{winner.index});
    out.set("cost", winner.cost).set("cost_of_present_values", result.starts.front().first);
    out.set("parameters", parameters).set("study_effects", effects).set("failures", counts(result.failures()));
    Json phases = Json::Object{};
    for (const FitPhase& phase : result.phases())
        phases.set(phase.name, Json::Object{{"evaluations", std::uint64_t{phase.evaluations}},
                                            {"failed", std::uint64_t{phase.failed()}},
                                            {"failures", counts(phase.failures)}});
    out.set("phases", phases);
    if (result.shape) {
        Json names = Json::Array{}, rows = Json::Array{};
        for (const std::size_t i : result.problem.correlations) {
            names.push(result.problem.parameters[i].bounded.name);
            Json row = Json::Array{};
            for (const std::size_t j : result.problem.correlations) row.push(result.shape->correlations[i][j]);
            rows.push(row);
        }
        out.set("correlated", names).set("correlations", rows).set("condition", result.shape->condition);
    }
    return out;
}

std::string starts_csv(const FitResult& result) {
    std::string out = "start,cost,first_cost,evaluations,failed,end";
    for (const VariedParameter& p : result.problem.parameters)
        out += "," + csv_field(fmt::format("from {} [{}]", p.bounded.name, p.unit)) + "," +
               csv_field(fmt::format("{} [{}]", p.bounded.name, p.unit));
    out += "\n";
    for (const study::StartResult& s : result.starts) {
        std::size_t failed = 0;
        for (const auto& [cause, count] : s.failures) failed += count;
        out += fmt::format("{},{},{},{},{},{}", s.index, s.cost, s.first, s.evaluations, failed, csv_field(s.end));
        for (std::size_t i = 0; i < result.problem.parameters.size(); ++i) {
            const VariedParameter& p = result.problem.parameters[i];
            out += fmt::format(",{},{}", p.written(s.from[i]), p.written(s.best[i]));
        }
        out += "\n";
    }
    return out;
}

std::string parameters_csv(const FitResult& result) {
    std::string out =
        "parameter,unit,value,present,low,high,scale,at_bound,profile_low,profile_high,error_share_of_range,"
        "error_low,error_high,not_determined\n";
    for (std::size_t i = 0; i < result.problem.parameters.size(); ++i) {
        const VariedParameter& p = result.problem.parameters[i];
        const double value = result.winner().best[i];
        const int bound = study::at_bound(p.bounded, value);
        const study::Profile* profile = result.profile(i);
        const auto written = [&](const std::optional<double>& v) {
            return v ? fmt::format("{}", p.written(*v)) : std::string();
        };
        out += fmt::format(
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(p.bounded.name), csv_field(p.unit),
            p.written(value), p.written(p.present), p.written(p.bounded.low), p.written(p.bounded.high),
            p.bounded.scale == study::Scale::linear ? "linear" : "log",
            bound < 0   ? "low"
            : bound > 0 ? "high"
                        : "",
            profile != nullptr ? written(profile->low) : "", profile != nullptr ? written(profile->high) : "",
            result.shape && std::isfinite(result.shape->errors[i]) ? fmt::format("{}", result.shape->errors[i]) : "",
            written(error_end(result, i, -1.0)), written(error_end(result, i, 1.0)),
            csv_field(not_determined(result, i)));
    }
    return out;
}

std::string correlations_csv(const FitResult& result) {
    std::string out = "parameter";
    for (const std::size_t i : result.problem.correlations)
        out += "," + csv_field(result.problem.parameters[i].bounded.name);
    out += "\n";
    for (const std::size_t i : result.problem.correlations) {
        out += csv_field(result.problem.parameters[i].bounded.name);
        for (const std::size_t j : result.problem.correlations) {
            const double r = result.shape ? result.shape->correlations[i][j] : NAN;
            out += std::isfinite(r) ? fmt::format(",{}", r) : std::string(",");
        }
        out += "\n";
    }
    return out;
}

std::string residuals_csv(const FitResult& result, const std::vector<VariedCase>& cases) {
    std::string out = "scenario,kind,name,variant,probe,row,time_h,unit,observed,deviation,predicted,effect,residual\n";
    for (std::size_t c = 0; c < result.results.size(); ++c) {
        const std::string scenario = csv_field(cases[c].name);
        for (const SeriesResult& s : result.results[c].series) {
            const auto known = result.effects.find(s.sources);
            const double effect = s.offset || known == result.effects.end() ? 1.0 : known->second;
            for (const PointResult& p : s.points)
                out += fmt::format(
                    "{},series,{},{},{},{},{},{},{},{},{},{},{}\n", scenario, csv_field(s.name), s.variant, s.probe,
                    p.id, p.observed.time, csv_field(s.unit), p.observed.value, p.deviation,
                    optional_number(p.predicted), effect,
                    p.predicted ? fmt::format("{}", (p.observed.value - effect * *p.predicted) / p.deviation) : "");
        }
        for (const FeatureResult& f : result.results[c].features) {
            const double middle = 0.5 * (*f.low + *f.high), half = 0.5 * (*f.high - *f.low);
            out += fmt::format("{},feature,{},{},{},{},,{},{},{},{},1,{}\n", scenario, csv_field(f.name), f.variant,
                               f.probe, csv_field(f.ids), csv_field(f.unit), middle, half, optional_number(f.predicted),
                               f.predicted && half > 0.0 ? fmt::format("{}", (middle - *f.predicted) / half) : "");
        }
    }
    return out;
}

std::string profiles_csv(const FitResult& result) {
    std::string out = "parameter,unit,value,cost\n";
    for (const study::Profile& profile : result.profiles) {
        const VariedParameter& p = result.problem.parameters[profile.parameter];
        for (const study::ProfilePoint& point : profile.points)
            out += fmt::format("{},{},{},{}\n", csv_field(p.bounded.name), csv_field(p.unit), p.written(point.value),
                               point.cost);
    }
    return out;
}

}  // namespace lobule::io
