// From a model and its results to the plain tables of a report.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "io/report.hpp"

namespace lobule::io {

namespace {

std::string_view kind_name(SourceKind kind) {
    switch (kind) {
        case SourceKind::sourced: return "sourced";
        case SourceKind::derived: return "derived";
        case SourceKind::fitted: return "fitted";
        case SourceKind::balance: return "balance";
        case SourceKind::assumed: break;
    }
    return "assumed";
}

/// The declared unit when it fits, else that of the dimension: a balanced parameter may be declared without one.
Unit display_unit(const ParameterInfo& info) {
    try {
        if (Unit unit = parse_unit(info.unit); unit.dimension == info.dimension) return unit;
    } catch (const UnitError&) {
        // shown in inside units
    }
    return {1.0, info.dimension, to_string(info.dimension)};
}

ReportParameter parameter_row(const ParameterInfo& info, double one, const std::vector<double>& lanes) {
    const Unit unit = display_unit(info);
    const auto shown = [&](double value) {
        return info.choices.empty() ? fmt::format("{:.4g}", value / unit.factor) : info.choice(value);
    };
    ReportParameter row;
    row.name = info.name;
    row.unit = unit.text.empty() ? "1" : unit.text;
    row.source = info.source;
    row.kind = kind_name(source_kind(info.source));
    row.set_by = info.set_by;
    row.about = info.about;
    if (info.extent == Extent::one)
        row.value = shown(one);
    else
        for (const double value : lanes) row.value += (row.value.empty() ? "" : " / ") + shown(value);
    if (info.range) {
        row.low = shown(info.range->first);
        row.high = shown(info.range->second);
    }
    return row;
}

}  // namespace

const ReportProbe* ReportData::probe(std::string_view name) const {
    const auto found = std::find_if(probes.begin(), probes.end(), [&](const ReportProbe& p) { return p.name == name; });
    return found == probes.end() ? nullptr : &*found;
}

const VariantResult* ReportData::variant(std::string_view name) const {
    const auto found = std::find_if(results.variants.begin(), results.variants.end(),
                                    [&](const VariantResult& v) { return v.spec.name == name; });
    return found == results.variants.end() ? nullptr : &*found;
}

ReportData make_report(const Model& model, const Parameters& values, const std::vector<SettingSpec>& command_settings,
                       const Expectations& expectations, Results results, const std::vector<Reference>& references) {
    ReportData report;
    report.scenario = model.spec.name;
    report.about = model.spec.about;
    report.title = expectations.title;
    if (report.title.empty()) {
        report.title = model.spec.name;
        std::replace(report.title.begin(), report.title.end(), '_', ' ');
    }
    report.summary = expectations.summary;
    for (const ModelProbe& probe : model.run.probes)
        report.probes.push_back({probe.name, probe.unit.empty() ? "1" : probe.unit, probe.about});
    report.figures = figures_of(expectations, model.run.probes);

    std::set<std::string> cited;
    const auto cite = [&](const std::string& keys) {
        for (const std::string& key : split(keys, ' ')) cited.insert(key);
    };
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        const ParameterInfo& info = model.parameters[i];
        report.parameters.push_back(parameter_row(info, values.ones[i], values.lanes[i]));
        for (const SettingSpec& setting : command_settings)
            if (setting.name == info.name) report.parameters.back().set_by = "command line";
        cite(info.source);
    }
    for (const SeriesResult& series : results.series) cite(series.sources + ' ' + series.against);
    for (const FeatureResult& feature : results.features) cite(feature.sources);
    for (const Reference& reference : references)
        if (cited.count(reference.key) != 0) report.references.push_back(reference);
    report.results = std::move(results);
    return report;
}

}  // namespace lobule::io
