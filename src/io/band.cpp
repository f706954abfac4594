#include "io/band.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include <fmt/format.h>

#include "base/random.hpp"
#include "base/text.hpp"
#include "io/parallel.hpp"
#include "io/project.hpp"
#include "io/varied.hpp"
#include "study/band.hpp"
#include "table_reader.hpp"

namespace lobule::io {

namespace {

constexpr double k_most_runs = 10000.0;

bool has(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

class Reader : private TableReader {
public:
    Reader(const Model& model, std::vector<Problem>& problems) : TableReader(model, expectation_words(), problems) {}

    std::optional<BandSpec> read(const Node& root, const std::vector<VariantSpec>& variants) {
        const Node& node = *root.find("band");
        if (!sound(node, "band")) return std::nullopt;
        const auto before = problems_.size();
        BandSpec out;
        out.about = text(node, "about");
        const auto add = [&](const Node& name, const Node* between) {
            if (std::any_of(out.inputs.begin(), out.inputs.end(), [&](const auto& i) { return i.name == name.text; }))
                fault(name, "`" + name.text + "` is given twice");
            if (auto input = drawable(name, between)) out.inputs.push_back(*input);
        };
        for (const Node* name : list(node, "parameters")) add(*name, nullptr);
        for_each(root, "input", [&](const Node& input) { add(*input.find("name"), input.find("between")); });
        if (list(node, "parameters").empty() && root.find("input") == nullptr)
            fault(node, "names nothing that is drawn: give `parameters`, or `[[input]]` with ranges of its own");
        std::vector<std::string> known;
        for (const VariantSpec& variant : variants) known.push_back(variant.name);
        for (const Node* name : list(node, "variants")) {
            if (has(out.variants, name->text)) fault(*name, "`" + name->text + "` is given twice");
            if (position(*name, known, "variant")) out.variants.push_back(name->text);
        }
        if (const Node* runs = node.find("runs")) {
            if (runs->real < 2.0 || runs->real > k_most_runs)
                fault(*runs, fmt::format("must be a whole number from 2 to {:.0f}", k_most_runs));
            else
                out.runs = static_cast<std::size_t>(runs->real);
        }
        if (const Node* seed = node.find("seed")) {
            if (seed->real < 0.0)
                fault(*seed, "a seed is not negative");
            else
                out.seed = static_cast<std::uint64_t>(seed->real);
        }
        if (const auto share = value(node, "share", {}, 1.0)) {
            out.share = *share;
            if (!(*share > 0.0 && *share < 1.0)) fault(*node.find("share"), "a share lies between 0 and 1");
        }
        return problems_.size() == before ? std::optional(out) : std::nullopt;
    }

private:
    std::optional<BandSpec::Input> drawable(const Node& node, const Node* between) {
        const std::string& name = node.text;
        const auto refuse = [&](const std::string& why, const std::string& nearest = {}) {
            fault(node, why, nearest);
            return std::nullopt;
        };
        const ParameterInfo* info = model_.parameter(name);
        if (const std::string why = model_.why_absent(name); info == nullptr && !why.empty()) {
            if (left_out_by_settings()) return std::nullopt;
            return refuse(why);
        }
        if (info == nullptr)
            return refuse("no parameter `" + name + "` in this model", nearest_name(name, parameter_names_));
        if (!info->choices.empty())
            return refuse("`" + name + "` is one of several names, not a number: it can be set, not drawn");
        if (source_kind(info->source) == SourceKind::balance || info->extent != Extent::one)
            return refuse("`" + name + "` is balanced: it follows from the untouched liver and is not drawn");
        BandSpec::Input out{name, 0.0, 0.0};
        if (between != nullptr) {
            const auto low = value(between->items[0], info->dimension, 1.0),
                       high = value(between->items[1], info->dimension, 1.0);
            if (!low || !high) return std::nullopt;
            out.low = *low, out.high = *high;
        } else {
            if (!info->range) return refuse("`" + name + "` declares no range: give one, `[[input]]` with `between`");
            out.low = info->range->first, out.high = info->range->second;
        }
        if (!(out.low < out.high))
            return refuse(between != nullptr ? "the lower bound is not below the upper one"
                                             : "the range of `" + name + "` is one value: there is nothing to draw");
        if (!(out.low > 0.0) &&
            std::any_of(model_.needs.begin(), model_.needs.end(), [&](const Need& n) { return n.parameter == name; }))
            return refuse("at 0 of `" + name +
                          "` the model has other parts: give a range above 0, `[[input]]` with `between`");
        return out;
    }
};

double present(const Model& model, const Parameters& parameters, const ParameterInfo& info) {
    return parameters.ones[static_cast<std::size_t>(&info - model.parameters.data())];
}

std::string range_text(const VariedParameter& p) {
    const std::string unit = p.unit.empty() || p.unit == "1" ? "" : " " + p.unit;
    return fmt::format("{:g}{} to {:g}{}", p.written(p.bounded.low), unit, p.written(p.bounded.high), unit);
}

/// Probes that a figure draws for a run, and how far.
struct Wanted {
    std::string variant;
    std::size_t probe = 0;
    double until = 0.0;  // [h] 0: to the end
};

std::vector<Wanted> drawn_curves(const Model& model, const Expectations& expectations,
                                 const std::vector<VariantSpec>& specs) {
    std::vector<Wanted> out;
    for (const FigureSpec& figure : figures_of(expectations, model.run.probes))
        for (const VariantSpec& spec : specs) {
            if (!has(figure.variants, spec.name)) continue;
            for (const std::string& name : figure.probes)
                for (std::size_t p = 0; p < model.run.probes.size(); ++p) {
                    if (model.run.probes[p].name != name) continue;
                    const auto before = std::find_if(out.begin(), out.end(), [&](const Wanted& w) {
                        return w.variant == spec.name && w.probe == p;
                    });
                    if (before == out.end())
                        out.push_back({spec.name, p, figure.until});
                    else if (before->until > 0.0)
                        before->until = figure.until > 0.0 ? std::max(before->until, figure.until) : 0.0;
                }
        }
    return out;
}

/// The runs of one draw: the case, then the variants. What a variant sets is what it is about, and stands above the draw.
std::vector<VariantSpec> runs_of_draw(const Model& model, const Expectations& expectations,
                                      const BandRequest& request) {
    std::vector<VariantSpec> out;
    std::vector<std::string> names{request.itself};
    names.insert(names.end(), expectations.band->variants.begin(), expectations.band->variants.end());
    const std::vector<VariantSpec> all = runs_of(model, expectations);
    for (const std::string& name : names)
        for (const VariantSpec& spec : all)
            if (spec.name == name) out.push_back(spec);
    return out;
}

/// What is kept of a run: a curve for each probe that something reads.
struct Kept {
    Curves curves;
    std::string failure;
};

/// Lets go of curves that nothing reads: hundreds of runs are held at once.
void keep_only(const std::vector<bool>& read, Curves& curves) {
    for (std::size_t p = 0; p < curves.values.size(); ++p)
        if (!read[p]) curves.values[p] = {};
}

std::vector<bool> read_probes_of(const Model& model, const Expectations& expectations,
                                 const std::vector<Wanted>& curves) {
    std::vector<bool> out(model.run.probes.size());
    for (const Wanted& w : curves) out[w.probe] = true;
    for (const FeatureSpec& f : expectations.features)
        for (const std::size_t p :
             {f.measure.probe, f.measure.over.value_or(f.measure.probe), f.measure.behind.value_or(f.measure.probe)})
            out[p] = true;
    return out;
}

std::vector<BandFeature> features_over(const Expectations& expectations, const std::vector<VariantSpec>& specs,
                                       const std::vector<Kept>& kept, std::size_t runs, double share) {
    std::vector<BandFeature> out;
    const auto column = [&](const std::string& name) {
        const auto found =
            std::find_if(specs.begin(), specs.end(), [&](const VariantSpec& s) { return s.name == name; });
        return found == specs.end() ? std::optional<std::size_t>()
                                    : std::optional(static_cast<std::size_t>(found - specs.begin()));
    };
    for (const FeatureSpec& feature : expectations.features) {
        const std::string& against = feature.contrast.against;
        const auto own = column(feature.variant), other = column(against == "case" ? "" : against);
        if (!own || (!against.empty() && !other)) continue;
        std::vector<double> values;
        for (std::size_t run = 0; run < runs; ++run) {
            const Kept& a = kept[run * specs.size() + *own];
            const Kept* b = against.empty() ? nullptr : &kept[run * specs.size() + *other];
            if (!a.failure.empty() || (b != nullptr && !b->failure.empty())) continue;
            const auto value = b == nullptr ? read_measure(feature.measure, a.curves)
                                            : read_ratio(feature.measure, a.curves, b->curves);
            if (value) values.push_back(*value);
        }
        if (values.empty()) continue;
        const study::Spread s = study::spread(values, share);
        out.push_back({feature.name, feature.variant, feature.measure.unit, values.size(), s.low, s.median, s.high});
    }
    return out;
}

}  // namespace

std::size_t Band::failed(const std::string& variant) const {
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const BandRun& r) { return r.variant == variant && !r.failure.empty(); }));
}

std::optional<BandSpec> read_band(const Node& root, const Model& model, const std::vector<VariantSpec>& variants,
                                  std::vector<Problem>& problems) {
    return Reader(model, problems).read(root, variants);
}

std::vector<FigureSpec> figures_of(const Expectations& expectations, const std::vector<ModelProbe>& probes) {
    if (!expectations.figures.empty()) return expectations.figures;
    FigureSpec all{"Course", "course", {}, {}, {std::string()}, 0.0, 0.0};
    for (const ModelProbe& probe : probes) all.probes.push_back(probe.name);
    return {all};
}

std::optional<Band> run_band(const std::shared_ptr<const Model>& model, const RestState& rest,
                             const Parameters& parameters, const Expectations& expectations, const BandRequest& request,
                             const SimulationOptions& how, const BandProgress& progress) {
    const BandSpec& spec = *expectations.band;
    Band out{spec.about, spec.runs, spec.share, spec.seed, {}, {}, {}, {}, {}};
    std::vector<VariedParameter> inputs;
    for (const BandSpec::Input& input : spec.inputs) {
        const ParameterInfo& info = *model->parameter(input.name);
        inputs.push_back(declared_parameter(info, present(*model, parameters, info)));
        VariedParameter& p = inputs.back();
        p.bounded.low = input.low, p.bounded.high = input.high;
        p.bounded.scale = study::usual_scale(input.low, input.high);
        out.inputs.push_back({input.name, p.unit, range_text(p),
                              p.bounded.scale == study::Scale::logarithmic ? "log" : "linear",
                              has(request.held, input.name) ? "command line" : ""});
    }
    if (std::all_of(out.inputs.begin(), out.inputs.end(),
                    [](const BandInput& i) { return !i.held.empty(); })) {  // every run would be the case
        out.runs = 0;
        return out;
    }
    const std::vector<VariantSpec> specs = runs_of_draw(*model, expectations, request);
    const std::vector<Wanted> curves = drawn_curves(*model, expectations, specs);
    std::vector<std::size_t> probes;
    for (const Wanted& w : curves)
        if (std::find(probes.begin(), probes.end(), w.probe) == probes.end()) probes.push_back(w.probe);
    for (const std::size_t p : probes)
        out.probes.push_back(fmt::format("{} [{}]", model->run.probes[p].name,
                                         model->run.probes[p].unit.empty() ? "1" : model->run.probes[p].unit));

    // A column of the hypercube for each input, held or not: holding one moves no draw of the others.
    const auto cube = study::latin_hypercube(spec.runs, inputs.size(), spec.seed, stream_id("band"));
    std::vector<std::vector<double>> values;
    for (const std::vector<double>& point : cube) {
        values.push_back(study::from_unit(box_of(inputs), point));
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (!out.inputs[i].held.empty()) values.back()[i] = inputs[i].present;
    }
    SimulationOptions one = how;
    one.threads = 1;
    one.most_steps = k_most_steps_varied;
    if (one.ode == nullptr) one.ode = compile_ode(model);
    const std::vector<bool> read = read_probes_of(*model, expectations, curves);
    std::vector<Kept> kept(spec.runs * specs.size());
    std::atomic<std::size_t> done{0};
    std::atomic<bool> stopped{false};
    in_parallel(kept.size(), request.threads, [&](std::size_t i) {
        const std::function<bool()> stop = [&] {
            if (progress && progress(done, kept.size())) stopped = true;
            return stopped.load();
        };
        if (stop()) return;
        std::vector<SettingSpec> settings;
        for (std::size_t k = 0; k < inputs.size(); ++k)
            if (out.inputs[k].held.empty())
                settings.push_back({inputs[k].bounded.name, {values[i / specs.size()][k], inputs[k].dimension}, {}});
        VariantResult run = run_variant(model, rest, set_parameters(*model, parameters, settings), request.until,
                                        specs[i % specs.size()], stop, one);
        keep_only(read, run.curves);
        kept[i] = {std::move(run.curves), std::move(run.failure)};
        ++done;
    });
    if (stopped) return std::nullopt;

    for (std::size_t i = 0; i < kept.size(); ++i) {
        BandRun run{i / specs.size() + 1, specs[i % specs.size()].name, kept[i].failure, {}, {}};
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            double value = values[i / specs.size()][k];
            for (const SettingSpec& set : specs[i % specs.size()].settings)
                if (set.name == inputs[k].bounded.name) value = set.value.value;
            run.inputs.push_back(inputs[k].written(value));
        }
        for (const std::size_t p : probes) {
            const study::Curve curve = kept[i].curves.of(p);
            const bool there = run.failure.empty() && !curve.values.empty() && std::isfinite(curve.values.back());
            run.ends.push_back(there ? std::optional(curve.values.back()) : std::nullopt);
        }
        out.all.push_back(std::move(run));
    }
    for (const Wanted& w : curves) {
        std::vector<study::Curve> runs;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            if (specs[i % specs.size()].name != w.variant || !kept[i].failure.empty()) continue;
            study::Curve curve = kept[i].curves.of(w.probe);
            if (!curve.times.empty() && w.until > 0.0)
                curve = study::window(curve, curve.times.front(), std::min(w.until, curve.times.back()));
            runs.push_back(std::move(curve));
        }
        const study::CurveBand band = study::curve_band(runs, spec.share);
        for (std::size_t t = 0; t < band.times.size(); ++t)
            out.lines.push_back(
                {w.variant, model->run.probes[w.probe].name, band.times[t], band.low[t], band.median[t], band.high[t]});
    }
    out.features = features_over(expectations, specs, kept, spec.runs, spec.share);
    return out;
}

std::string band_runs_csv(const Band& band) {
    std::string out = "run,variant,failure";
    for (const BandInput& input : band.inputs)
        out += "," + csv_field(fmt::format("{} [{}]", input.name, input.unit.empty() ? "1" : input.unit));
    for (const std::string& probe : band.probes) out += "," + csv_field(probe);
    out += '\n';
    for (const BandRun& run : band.all) {
        out += fmt::format("{},{},{}", run.run, csv_field(run.variant), csv_field(run.failure));
        for (const double value : run.inputs) out += fmt::format(",{}", value);
        for (const auto& end : run.ends) out += end ? fmt::format(",{}", *end) : ",";
        out += '\n';
    }
    return out;
}

}  // namespace lobule::io
