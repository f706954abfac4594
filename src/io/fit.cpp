// What a fit compares: the calibration part of expect.toml, run and turned into terms.
#include "io/fit.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "base/hash.hpp"
#include "io/parallel.hpp"

namespace lobule::io {

namespace {

/// How far a curve must reach for a measure [h].
double reach(const Measure& m, double until) {
    if (m.kind == "value_at" || m.kind == "fold") return std::min(until, m.at);
    return std::min(until, m.until);  // the others may look at all of it
}

/// The end of the longest look at a variant, one sample further, so that what follows an event there is seen.
double reach_of(const Expectations& list, const std::string& variant, const Spec& spec, double until) {
    double last = -1.0;
    for (const SeriesSpec& s : list.series)
        if (s.variant == variant)
            for (const study::Point& p : s.points) last = std::max(last, p.time);
    const auto looks = [&](const FeatureSpec& f) {
        return f.variant == variant || f.contrast.against == (variant.empty() ? "case" : variant);
    };
    for (const FeatureSpec& f : list.features)
        if (looks(f)) last = std::max(last, reach(f.measure, until));
    return last < 0.0 ? 0.0 : std::min(until, last + spec.output);
}

/// A spread of 0 says that none was seen, not that the number is exact.
double sound_deviation(double deviation, double value) {
    if (deviation > 0.0) return deviation;
    return value != 0.0 ? study::k_default_error * std::abs(value) : 1.0;
}

bool fitted(const std::string& name, const std::string& role, const std::vector<std::string>& names) {
    return role == "calibrate" && (names.empty() || std::find(names.begin(), names.end(), name) != names.end());
}

}  // namespace

study::FitPlan FitProblem::plan(int threads) const {
    study::FitPlan out;
    out.parameters = box_of(parameters);
    for (const VariedParameter& p : parameters) out.present.push_back(p.present);
    out.starts = starts;
    out.evaluations = evaluations;
    out.seed = seed;
    out.prior = prior;
    out.threads = threads;
    return out;
}

Expectations calibration_of(const Expectations& all, const std::vector<std::string>& names, const Spec& spec,
                            double until) {
    Expectations out;
    for (const SeriesSpec& s : all.series)
        if (fitted(s.name, s.role, names)) out.series.push_back(s);
    for (const FeatureSpec& f : all.features)
        if (fitted(f.name, f.role, names) && f.low && f.high) out.features.push_back(f);
    for (VariantSpec v : all.variants) {
        v.duration = reach_of(out, v.name, spec, v.duration.value_or(until));
        if (*v.duration > 0.0) out.variants.push_back(std::move(v));
    }
    return out;
}

double calibration_until(const Expectations& calibration, const Spec& spec, double until) {
    return reach_of(calibration, "", spec, until);
}

std::vector<Results> run_cases(const std::vector<VariedCase>& cases, const std::vector<VariedParameter>& parameters,
                               std::span<const double> values, const std::function<bool()>& stop, int threads) {
    struct Run {
        std::size_t of;  // case
        VariantSpec spec;
    };
    std::vector<Run> runs;
    std::vector<Parameters> settings;
    std::vector<double> until;
    for (std::size_t c = 0; c < cases.size(); ++c) {
        settings.push_back(varied_parameters(cases[c], parameters, values));
        until.push_back(calibration_until(cases[c].expectations, cases[c].model->spec, cases[c].until));
        for (VariantSpec& spec : runs_of(*cases[c].model, cases[c].expectations)) runs.push_back({c, std::move(spec)});
    }
    std::vector<VariantResult> made(runs.size());
    std::atomic<std::size_t> failed{runs.size()};  // the first that did
    const std::function<bool()> asked = [&] { return stop && stop(); };
    in_parallel(runs.size(), threads, [&](std::size_t k) {
        const Run& run = runs[k];
        const VariedCase& one = cases[run.of];
        made[k].spec = run.spec;
        made[k].curves.values.resize(one.model->run.probes.size());
        if (run.spec.name.empty() && !(until[run.of] > 0.0)) return;  // nothing looks at the case itself
        if (k > failed || asked()) return;
        made[k] =
            run_variant(one.model, one.rest, settings[run.of], until[run.of], run.spec, asked, varied_options(one));
        if (made[k].failure.empty()) return;
        for (std::size_t first = failed; k < first && !failed.compare_exchange_weak(first, k);) {}
    });
    const bool complete = !asked();
    std::vector<Results> out;
    std::size_t k = 0;
    for (const VariedCase& one : cases) {
        std::vector<VariantResult> own;
        while (k < runs.size() && runs[k].of == out.size()) own.push_back(std::move(made[k++]));
        out.push_back(compare_runs(*one.model, one.expectations, std::move(own)));
        out.back().complete = complete;
    }
    return out;
}

study::Evaluation evaluate(const std::vector<VariedCase>& cases, const std::vector<VariedParameter>& parameters,
                           std::span<const double> values, const std::function<bool()>& stop, int threads) {
    return terms_of(run_cases(cases, parameters, values, stop, threads));
}

study::Evaluation terms_of(const std::vector<Results>& all) {
    study::Evaluation out;
    std::vector<std::string> sources;
    std::size_t group = 0;
    for (const Results& results : all) {
        if (!results.complete) return {{}, {}, true};
        for (const VariantResult& variant : results.variants)
            if (!variant.failure.empty()) return {{}, variant.failure, false};
        for (const SeriesResult& series : results.series) {
            int source = -1;
            if (!series.offset) {  // one effect a study is enough
                const auto at = std::find(sources.begin(), sources.end(), series.sources);
                source = static_cast<int>(at - sources.begin());
                if (at == sources.end()) sources.push_back(series.sources);
            }
            for (const PointResult& p : series.points) {
                const double sd = sound_deviation(p.deviation, p.observed.value);
                out.terms.push_back(
                    {p.observed.value, p.predicted.value_or(p.observed.value + k_unreached * sd), sd, group, source});
            }
            ++group;
        }
        for (const FeatureResult& f : results.features) {
            const double middle = 0.5 * (*f.low + *f.high);
            const double half = sound_deviation(0.5 * (*f.high - *f.low), middle);
            out.terms.push_back({middle, f.predicted.value_or(middle + k_unreached * half), half, group++, -1});
        }
    }
    return out;
}

std::string fit_hash(const FitProblem& problem, const std::vector<VariedCase>& cases) {
    Hasher hasher;
    for (const VariedCase& one : cases) {
        hasher.add(one.model->hash);
        hasher.add(one.base.ones);
        for (const auto& lanes : one.base.lanes) hasher.add(lanes);
        hasher.add(one.until);
        for (const VariantSpec& v : one.expectations.variants) {
            hasher.add(v.name);
            hasher.add(*v.duration);
            for (const SettingSpec& s : v.settings) {
                hasher.add(s.name);
                hasher.add(s.value.value);
            }
        }
        for (const SeriesSpec& s : one.expectations.series) {
            hasher.add(s.name);
            hasher.add(s.variant);
            hasher.add(std::uint64_t{s.probe});
            hasher.add(std::uint64_t{s.study_effect});
            for (const study::Point& p : s.points)
                for (const double v : {p.time, p.value, study::standard_deviation(p, s.default_error)}) hasher.add(v);
        }
        for (const FeatureSpec& f : one.expectations.features) {
            for (const std::string& text : {f.name, f.variant, f.measure.kind, f.contrast.against}) hasher.add(text);
            hasher.add(std::uint64_t{f.measure.probe});
            for (const double v : {*f.low, *f.high, f.measure.at, f.measure.from, f.measure.until, f.measure.level})
                hasher.add(v);
        }
    }
    for (const VariedParameter& p : problem.parameters) {
        hasher.add(p.bounded.name);
        for (const double v : {p.bounded.low, p.bounded.high, p.present}) hasher.add(v);
        hasher.add(static_cast<std::uint64_t>(p.bounded.scale));
    }
    for (const std::size_t number : {problem.starts, problem.evaluations}) hasher.add(std::uint64_t{number});
    hasher.add(problem.seed);
    hasher.add(problem.prior);
    return hasher.hex();
}

}  // namespace lobule::io
