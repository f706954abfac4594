#include "io/evidence_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "io/files.hpp"
#include "io/project.hpp"
#include "study/baseline.hpp"

namespace lobule::io {

namespace {

constexpr double k_deviations = 2.0;  // to each side count as agreement

bool is_compared(const std::string& role) { return role == "calibrate" || role == "check"; }

std::string number(const std::optional<double>& value) { return value ? fmt::format("{:.6g}", *value) : ""; }

/// What a point of a series and a feature have in common.
template <class Result>
EvidenceComparison row_of(const Result& result, const EvidenceCase& of) {
    EvidenceComparison row;
    row.scenario = of.scenario;
    row.variant = result.variant;
    row.role = result.role;
    row.name = result.name;
    row.quantity = result.probe;
    row.unit = result.unit;
    row.sources = result.sources;
    return row;
}

void around(double centre, double deviation, EvidenceComparison& row) {
    row.centre = centre;
    row.deviation = deviation;
    row.low = centre - k_deviations * deviation;
    row.high = centre + k_deviations * deviation;
}

void add_series(const SeriesSpec& spec, const SeriesResult& series, EvidenceCase& to) {
    const std::vector<double> forecasts = study::left_out_forecasts(spec.points, spec.default_error);
    for (std::size_t i = 0; i < series.points.size(); ++i) {
        const PointResult& point = series.points[i];
        EvidenceComparison row = row_of(series, to);
        row.ids = point.id;
        row.kind = "point";
        row.hours = point.observed.time;
        row.observed = fmt::format("{:.4g} ± {:.3g}", point.observed.value, point.deviation);
        around(point.observed.value, point.deviation, row);
        row.predicted = point.predicted;
        if (i < forecasts.size()) row.baseline = forecasts[i];
        to.comparisons.push_back(std::move(row));
    }
}

void add_feature(const FeatureSpec& spec, const FeatureResult& feature, EvidenceCase& to) {
    if (!feature.contrast.sign && (!feature.low || !feature.high)) {
        ++to.words;
        return;
    }
    EvidenceComparison row = row_of(feature, to);
    row.ids = feature.ids;
    row.kind = feature.kind;
    row.observed = feature.observed;
    row.predicted = feature.predicted;
    row.contrast = feature.contrast;
    if (feature.contrast.sign) {
        row.observed += " (" + contrast_text(feature.contrast) + ")";
        to.comparisons.push_back(std::move(row));
        return;
    }
    around(0.5 * (*feature.low + *feature.high), 0.5 * (*feature.high - *feature.low), row);
    if (spec.hard_band) {
        row.deviation.reset();
        row.low = feature.low;
        row.high = feature.high;
    }
    to.comparisons.push_back(std::move(row));
}

}  // namespace

std::optional<double> EvidenceComparison::z() const {
    if (!predicted || !centre || !deviation || !(*deviation > 0.0)) return std::nullopt;
    return (*predicted - *centre) / *deviation;
}

std::optional<double> EvidenceComparison::fold() const {
    const bool time = kind.starts_with("time_of") || kind.starts_with("first_");
    if (time || !predicted || !centre || !(*predicted > 0.0) || !(*centre > 0.0)) return std::nullopt;
    return std::max(*predicted / *centre, *centre / *predicted);
}

std::optional<double> EvidenceScore::fold_error() const {
    if (folds == 0) return std::nullopt;
    return math::exp(log_fold / static_cast<double>(folds));
}

EvidenceScore score(const EvidenceTable& table, const std::string& role, const std::string& scenario) {
    EvidenceScore out;
    for (const EvidenceCase& one : table.cases) {
        if (!scenario.empty() && one.scenario != scenario) continue;
        for (const EvidenceComparison& row : one.comparisons) {
            if (row.role != role) continue;
            if (row.contrast.sign) {
                ++out.signs;
                out.signs_agree += row.agrees() ? 1 : 0;
                continue;
            }
            ++out.rows;
            out.agree += row.agrees() ? 1 : 0;
            out.unreached += row.predicted ? 0 : 1;
            if (const auto fold = row.fold()) {
                ++out.folds;
                out.log_fold += math::ln(*fold);
            }
            if (!row.baseline) continue;
            ++out.with_baseline;
            out.model_agrees_there += row.agrees() ? 1 : 0;
            out.baseline_agrees += row.baseline_agrees() ? 1 : 0;
        }
    }
    return out;
}

EvidenceCase evidence_case(const std::string& scenario, const Expectations& expectations, const Results& results) {
    EvidenceCase out;
    out.scenario = scenario;
    out.title = expectations.title;
    for (const VariantResult& variant : results.variants)
        if (!variant.failure.empty())
            out.failures.push_back((variant.spec.name.empty() ? scenario : variant.spec.name) + ": " + variant.failure);
    const auto spec_of = [](const auto& specs, const auto& result) -> const auto& {
        return *std::find_if(specs.begin(), specs.end(), [&](const auto& spec) {
            return spec.name == result.name && spec.variant == result.variant;
        });
    };
    for (const SeriesResult& series : results.series)
        if (is_compared(series.role)) add_series(spec_of(expectations.series, series), series, out);
    for (const FeatureResult& feature : results.features)
        if (is_compared(feature.role)) add_feature(spec_of(expectations.features, feature), feature, out);
    return out;
}

void write_evidence_csv(const std::filesystem::path& file, const EvidenceTable& table) {
    std::string text =
        "scenario,variant,role,rows,name,probe,kind,time_h,unit,observed,centre,deviation,low,high,predicted,z,fold,"
        "agrees,"
        "baseline,baseline_agrees,against,sign,sources\n";
    const auto truth = [](bool value) { return value ? "true" : "false"; };
    for (const EvidenceCase& one : table.cases)
        for (const EvidenceComparison& row : one.comparisons)
            text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", row.scenario,
                                row.variant, row.role, csv_field(row.ids), csv_field(row.name), row.quantity, row.kind,
                                number(row.hours), row.unit, csv_field(row.observed), number(row.centre),
                                number(row.deviation), number(row.low), number(row.high), number(row.predicted),
                                number(row.z()), number(row.fold()), truth(row.agrees()), number(row.baseline),
                                row.baseline ? truth(row.baseline_agrees()) : "", row.contrast.against,
                                row.contrast.sign ? study::to_string(*row.contrast.sign) : "", csv_field(row.sources));
    write_file(file, text);
}

}  // namespace lobule::io
