#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "engine/simulation.hpp"
#include "io/expectations.hpp"

namespace lobule::io {

namespace {

class CurveSink : public Sink {
public:
    /// Curves by the probes of `wanted`, of a run along `model`.
    CurveSink(Curves& curves, const Model& wanted, const Model& model, const std::function<bool()>& stop)
        : curves_(curves), stop_(stop) {
        curves_.values.resize(wanted.run.probes.size());
        for (const ModelProbe& probe : wanted.run.probes) {
            const auto& there = model.run.probes;
            const auto found =
                std::find_if(there.begin(), there.end(), [&](const auto& p) { return p.name == probe.name; });
            from_.push_back(found == there.end() ? k_absent : static_cast<std::size_t>(found - there.begin()));
        }
    }
    void sample(double time, std::span<const double> probes, std::span<const double>) override {
        curves_.times.push_back(time);
        for (std::size_t i = 0; i < from_.size(); ++i)
            curves_.values[i].push_back(from_[i] == k_absent ? NAN : probes[from_[i]]);
    }
    void restart_point(const State&) override {}
    bool progress(double) override { return stop_(); }

private:
    static constexpr std::size_t k_absent = static_cast<std::size_t>(-1);
    Curves& curves_;
    const std::function<bool()>& stop_;
    std::vector<std::size_t> from_;  // by wanted probe
};

/// The values of a run that has other parts: what was changed after rest is changed there too.
Parameters carried_over(const Model& model, const RestState& rest, const Parameters& base, const OtherParts& other) {
    Parameters out = other.start;
    for (std::size_t i = 0; i < other.model->parameters.size(); ++i) {
        const ParameterInfo* same = model.parameter(other.model->parameters[i].name);
        if (same == nullptr) continue;
        const auto k = static_cast<std::size_t>(same - model.parameters.data());
        if (base.ones[k] != rest.parameters.ones[k]) out.ones[i] = base.ones[k];
        if (base.lanes[k] != rest.parameters.lanes[k]) out.lanes[i] = base.lanes[k];
    }
    return out;
}

/// Long runs are sampled more sparsely: 2000 samples draw any curve of a page.
double interval(const Spec& spec, double duration) {
    const double factor = std::ceil(duration / (2000.0 * spec.output));
    return spec.output * std::max(1.0, factor);
}

const VariantResult* find(const std::vector<VariantResult>& variants, const std::string& name) {
    const auto found =
        std::find_if(variants.begin(), variants.end(), [&](const VariantResult& v) { return v.spec.name == name; });
    return found == variants.end() ? nullptr : &*found;
}

std::string join(const std::vector<std::string>& items) { return fmt::format("{}", fmt::join(items, " ")); }

SeriesResult compare(const SeriesSpec& spec, const Model& model, const Curves& curves) {
    const ModelProbe& probe = model.run.probes[spec.probe];
    SeriesResult out{spec.name,          spec.variant, spec.role, probe.name, probe.unit, spec.note, spec.against,
                     join(spec.sources), {},           {},        {},         {},         {}};
    const study::Curve curve = curves.of(spec.probe);
    std::vector<study::Point> reached;
    std::vector<double> predicted, published;
    for (std::size_t i = 0; i < spec.points.size(); ++i) {
        const study::Point& point = spec.points[i];
        PointResult result{spec.ids[i],
                           point,
                           study::standard_deviation(point, spec.default_error),
                           study::value_at(curve, point.time),
                           {}};
        if (i < spec.against_values.size()) result.published = spec.against_values[i];
        if (result.predicted) {
            reached.push_back(point);
            predicted.push_back(*result.predicted);
            if (result.published) published.push_back(*result.published);
        }
        out.points.push_back(result);
    }
    out.misfit = study::misfit(predicted, reached, spec.default_error);
    if (!published.empty() && published.size() == reached.size())
        out.published = study::misfit(published, reached, spec.default_error);
    if (spec.study_effect) {
        out.without_effect = out.misfit;
        out.offset = study::best_offset(predicted, reached, spec.default_error);
        for (double& value : predicted) value += *out.offset;
        for (PointResult& point : out.points)
            if (point.predicted) *point.predicted += *out.offset;
        out.misfit = study::misfit(predicted, reached, spec.default_error);
    }
    return out;
}

/// The number of a run, or its ratio to that of another one. No ratio where one of the two broke off.
template <class Spec>
std::optional<double> number_of(const Spec& spec, const VariantResult& run, const VariantResult* other) {
    if (spec.contrast.against.empty()) return read_measure(spec.measure, run.curves);
    if (other == nullptr || !run.failure.empty() || !other->failure.empty()) return std::nullopt;
    return read_ratio(spec.measure, run.curves, other->curves);
}

bool shows_sign(const Contrast& contrast, const std::optional<double>& ratio) {
    return ratio && study::sign_of(*ratio, contrast.margin) == contrast.sign;
}

FeatureResult judge(const FeatureSpec& spec, const Model& model, const VariantResult& run, const VariantResult* other) {
    const ModelProbe& probe = model.run.probes[spec.measure.probe];
    FeatureResult out{spec.name,
                      spec.variant,
                      spec.role,
                      probe.name,
                      spec.measure.kind,
                      spec.measure.unit,
                      spec.observed,
                      spec.basis,
                      spec.note,
                      join(spec.ids),
                      join(spec.sources),
                      spec.low,
                      spec.high,
                      number_of(spec, run, other),
                      {},
                      spec.contrast};
    if (spec.contrast.sign)
        out.verdict = !out.predicted ? "unreached" : shows_sign(spec.contrast, out.predicted) ? "agrees" : "disagrees";
    else if (!spec.low || !spec.high)
        out.verdict = "words";
    else if (!out.predicted)
        out.verdict = "unreached";
    else
        out.verdict = *out.predicted >= *spec.low && *out.predicted <= *spec.high ? "inside" : "outside";
    return out;
}

CheckResult assert_band(const CheckSpec& spec, const Model& model, const VariantResult& run,
                        const VariantResult* other) {
    CheckResult out{spec.name,
                    spec.variant,
                    model.run.probes[spec.measure.probe].name,
                    spec.measure.kind,
                    spec.measure.unit,
                    spec.reason,
                    spec.low,
                    spec.high,
                    number_of(spec, run, other),
                    false,
                    spec.contrast};
    out.passed = spec.contrast.sign
                     ? shows_sign(spec.contrast, out.value)
                     : out.value && spec.low && spec.high && *out.value >= *spec.low && *out.value <= *spec.high;
    return out;
}

std::optional<double> measure_one(const Measure& m, const study::Curve& curve) {
    const auto time_of = [](const std::optional<study::Extreme>& e) {
        return e ? std::optional(e->time) : std::nullopt;
    };
    const auto value_of = [](const std::optional<study::Extreme>& e) {
        return e ? std::optional(e->value) : std::nullopt;
    };
    if (curve.times.empty()) return std::nullopt;
    if (m.kind == "maximum") return value_of(study::maximum(curve));
    if (m.kind == "minimum") return value_of(study::minimum(curve));
    if (m.kind == "time_of_maximum") return time_of(study::maximum(curve));
    if (m.kind == "time_of_minimum") return time_of(study::minimum(curve));
    if (m.kind == "first_above") return study::first_above(curve, m.level);
    if (m.kind == "first_below") return study::first_below(curve, m.level);
    if (m.kind == "final") return curve.values.back();
    const auto at = study::value_at(curve, m.at);
    if (m.kind == "value_at" || !at) return at;
    return curve.values.front() != 0.0 ? std::optional(*at / curve.values.front()) : std::nullopt;  // fold
}

}  // namespace

study::Curve Curves::of(std::size_t probe) const {
    const std::vector<double>& all = values.at(probe);
    if (!all.empty() && std::isnan(all.front()) && std::isnan(all.back())) return {};
    return {times, all};
}

void give_other_parts(std::vector<VariantSpec>& variants, const Model& model,
                      const std::function<OtherParts(const std::vector<SettingSpec>&)>& make) {
    // Variants that lack the same parts share a model: their other settings come when they run.
    std::map<std::vector<bool>, std::shared_ptr<const OtherParts>> made;
    for (VariantSpec& variant : variants) {
        if (variant.other != nullptr || !model.other_parts(variant.settings)) continue;
        std::vector<bool> lacks;
        for (const Need& need : model.needs) {
            double value = need.value;
            for (const SettingSpec& setting : variant.settings)
                if (setting.name == need.parameter) value = setting.value.value;
            lacks.push_back(value == 0.0);
        }
        auto& other = made[lacks];
        if (other == nullptr) other = std::make_shared<const OtherParts>(make(variant.settings));
        variant.other = other;
    }
}

std::optional<double> read_measure(const Measure& m, const Curves& curves) {
    const auto part = [&](const study::Curve& curve) {
        return study::window(curve, m.from, std::min(m.until, curves.times.empty() ? m.from : curves.times.back()));
    };
    study::Curve curve = curves.of(m.probe);
    if (m.over)
        for (std::size_t i = 0; i < curve.values.size(); ++i) curve.values[i] /= curves.values[*m.over][i];
    auto result = measure_one(m, part(curve));
    if (m.behind) {
        const auto first = measure_one(m, part(curves.of(*m.behind)));
        if (!first || !result) return std::nullopt;
        *result -= *first;
    }
    if (result && !std::isfinite(*result)) return std::nullopt;
    if (result) *result *= m.factor;
    return result;
}

std::optional<double> read_ratio(const Measure& m, const Curves& curves, const Curves& other) {
    Measure plain = m;
    plain.factor = 1.0;  // cancels: what is left of it belongs to the ratio
    const auto above = read_measure(plain, curves), below = read_measure(plain, other);
    if (!above || !below || !(*below > 0.0)) return std::nullopt;
    return *above / *below * m.factor;
}

std::string contrast_text(const Contrast& c) {
    if (c.against.empty()) return {};
    std::string of = c.against == "case" ? "the case" : c.against;
    std::replace(of.begin(), of.end(), '_', ' ');
    if (!c.sign) return "over " + of;
    if (*c.sign == study::Sign::same) return fmt::format("within {:g} % of {}", 100.0 * c.margin, of);
    return *c.sign == study::Sign::more ? fmt::format("above {:g} times {}", 1.0 + c.margin, of)
                                        : fmt::format("below {:g} times {}", 1.0 - c.margin, of);
}

VariantResult run_variant(const std::shared_ptr<const Model>& model, const RestState& rest, const Parameters& base,
                          double until, const VariantSpec& spec, const std::function<bool()>& stop,
                          const SimulationOptions& how) {
    VariantResult out{spec, {}, {}};
    LOBULE_ASSERT(spec.other != nullptr || !model->other_parts(spec.settings), spec.name);
    const std::shared_ptr<const Model>& own = spec.other ? spec.other->model : model;
    const RestState& own_rest = spec.other ? spec.other->rest : rest;
    SimulationOptions reading = how;
    if (spec.other) reading.ode = spec.other->ode;
    CurveSink sink(out.curves, *model, *own, stop);
    const Parameters parameters =
        set_parameters(*own, spec.other ? carried_over(*model, rest, base, *spec.other) : base, spec.settings);
    const double duration = spec.duration.value_or(until);
    try {
        Simulation simulation(own, make_inputs(*own, own_rest, parameters), own_rest.scales,
                              start_state(*own, own_rest, parameters), reading);
        simulation.run(duration, interval(model->spec, duration), sink);
    } catch (const RunError& error) {
        out.failure = error.what();
    }
    return out;
}

std::vector<VariantSpec> runs_of(const Model& model, const Expectations& expectations) {
    std::vector<VariantSpec> out(1);
    out[0].about = model.spec.about;
    out[0].label = "this case";
    out.insert(out.end(), expectations.variants.begin(), expectations.variants.end());
    return out;
}

Results compare_runs(const Model& model, const Expectations& expectations, std::vector<VariantResult> runs) {
    Results out;
    out.variants = std::move(runs);
    const auto with = [&](const auto& list, auto& results, auto compare_one) {
        for (const auto& spec : list)
            if (const VariantResult* variant = find(out.variants, spec.variant))
                results.push_back(compare_one(spec, *variant));
    };
    const auto other = [&](const Contrast& c) { return find(out.variants, c.against == "case" ? "" : c.against); };
    with(expectations.series, out.series,
         [&](const SeriesSpec& spec, const VariantResult& run) { return compare(spec, model, run.curves); });
    with(expectations.features, out.features, [&](const FeatureSpec& spec, const VariantResult& run) {
        return judge(spec, model, run, other(spec.contrast));
    });
    with(expectations.checks, out.checks, [&](const CheckSpec& spec, const VariantResult& run) {
        return assert_band(spec, model, run, other(spec.contrast));
    });
    return out;
}

Results run_expectations(const std::shared_ptr<const Model>& model, const RestState& rest, const Parameters& parameters,
                         double until, const Expectations& expectations, const VariantProgress& progress,
                         const SimulationOptions& how, const Curves* done) {
    const std::vector<VariantSpec> specs = runs_of(*model, expectations);
    SimulationOptions shared = how;
    if (shared.ode == nullptr && specs.size() > 1) shared.ode = compile_ode(model);
    std::vector<VariantResult> runs;
    bool complete = true;
    for (std::size_t i = 0; i < specs.size() && complete; ++i) {
        // Asked again at every step, so that a long variant can be stopped too.
        const std::function<bool()> stop = [&] { return progress && progress(i, specs.size(), specs[i].name); };
        VariantResult variant{};
        if (i == 0 && done != nullptr)
            variant = {specs[i], *done, {}};
        else if (!stop())
            variant = run_variant(model, rest, parameters, until, specs[i], stop, shared);
        complete = !stop();
        if (complete) runs.push_back(std::move(variant));
    }
    Results out = compare_runs(*model, expectations, std::move(runs));
    out.complete = complete;
    return out;
}

}  // namespace lobule::io
