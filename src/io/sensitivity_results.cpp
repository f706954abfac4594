// What a sensitivity analysis leaves: lines of the file it goes on from, tables, and result.json.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/sensitivity.hpp"
#include "io/version.hpp"

namespace lobule::io {

Json to_json(const StudyPoint& point) {
    Json outputs = Json::Array{};
    for (const double v : point.outputs) outputs.push(v);
    Json out = Json::Object{{"point", std::uint64_t{point.index}}, {"outputs", outputs}};
    if (!point.failure.empty()) out.set("failure", point.failure);
    return out;
}

StudyPoint study_point_from(const Json& json) {
    StudyPoint out;
    out.index = json["point"].whole(0);
    for (const Json& item : json["outputs"].items()) out.outputs.push_back(item.number(NAN));
    out.failure = json["failure"].text();
    return out;
}

std::size_t SensitivityResult::failed() const {
    return static_cast<std::size_t>(
        std::count_if(points.begin(), points.end(), [](const StudyPoint& p) { return !p.failure.empty(); }));
}

void finish_study(SensitivityResult& result) {
    const SensitivityStudy& s = result.study;
    const auto design = s.design();
    for (std::size_t o = 0; o < s.outputs.size(); ++o) {
        std::vector<double> values;
        for (const StudyPoint& p : result.points) values.push_back(p.outputs.at(o));
        if (s.method == SensitivityStudy::Method::morris)
            result.morris.push_back(study::morris_indices(design, values, s.parameters.size(), s.seed));
        else
            result.sobol.push_back(study::sobol_indices(values, s.parameters.size(), s.seed));
    }
}

std::string indices_csv(const SensitivityResult& result) {
    const SensitivityStudy& s = result.study;
    std::string out = "output,unit,parameter,index,value,low,high,used\n";
    const auto line = [&](std::size_t o, std::size_t p, std::string_view index, std::string_view unit,
                          const study::Interval& v, std::size_t used, bool interval) {
        out += fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(s.outputs[o].name), csv_field(unit),
                           csv_field(s.parameters[p].bounded.name), index, v.value,
                           interval ? fmt::format("{}", v.low) : "", interval ? fmt::format("{}", v.high) : "", used);
    };
    for (std::size_t o = 0; o < s.outputs.size(); ++o)
        for (std::size_t p = 0; p < s.parameters.size(); ++p) {
            const std::string& unit = s.outputs[o].measure.unit;
            if (!result.morris.empty()) {
                const study::MorrisIndex& m = result.morris[o][p];
                line(o, p, "mu_star", unit, m.mu_star, m.effects, true);
                line(o, p, "mu", unit, {m.mu, 0.0, 0.0}, m.effects, false);
                line(o, p, "sigma", unit, {m.sigma, 0.0, 0.0}, m.effects, false);
            } else {
                const study::SobolIndex& m = result.sobol[o][p];
                line(o, p, "first", "1", m.first, m.rows, true);
                line(o, p, "total", "1", m.total, m.rows, true);
            }
        }
    return out;
}

std::string points_csv(const SensitivityResult& result) {
    const SensitivityStudy& s = result.study;
    std::string out = "point";
    for (const VariedParameter& p : s.parameters)
        out += "," + csv_field(fmt::format("{} [{}]", p.bounded.name, p.unit));
    for (const SensitivityOutput& o : s.outputs) out += "," + csv_field(fmt::format("{} [{}]", o.name, o.measure.unit));
    out += ",failure\n";
    const auto design = s.design();
    for (const StudyPoint& point : result.points) {
        out += std::to_string(point.index);
        const auto values = study::from_unit(box_of(s.parameters), design.at(point.index));
        for (std::size_t p = 0; p < values.size(); ++p) out += fmt::format(",{}", s.parameters[p].written(values[p]));
        for (const double v : point.outputs) out += std::isfinite(v) ? fmt::format(",{}", v) : ",";
        out += "," + csv_field(point.failure) + "\n";
    }
    return out;
}

Json sensitivity_json(const SensitivityResult& result) {
    const Version& v = version();
    const SensitivityStudy& s = result.study;
    Json outputs = Json::Object{};
    for (std::size_t o = 0; o < s.outputs.size(); ++o) {
        Json one = Json::Object{};
        for (std::size_t p = 0; p < s.parameters.size(); ++p)
            one.set(s.parameters[p].bounded.name,
                    result.morris.empty() ? Json(Json::Object{{"first", result.sobol[o][p].first.value},
                                                              {"total", result.sobol[o][p].total.value}})
                                          : Json(Json::Object{{"mu_star", result.morris[o][p].mu_star.value},
                                                              {"mu", result.morris[o][p].mu},
                                                              {"sigma", result.morris[o][p].sigma}}));
        outputs.set(s.outputs[o].name, one);
    }
    Json out = Json::Object{{"format", "lobule.sensitivity"}, {"version", 1}, {"study", s.name}};
    out.set("scenario", s.scenario).set("hash", result.hash);
    out.set("program", Json::Object{{"version", v.number}, {"commit", v.commit}});
    out.set("method", s.method == SensitivityStudy::Method::morris ? "morris" : "sobol");
    out.set("samples", std::uint64_t{s.samples}).set("seed", s.seed);
    out.set("runs", std::uint64_t{result.points.size()}).set("failed", std::uint64_t{result.failed()});
    return out.set("outputs", outputs);
}

}  // namespace lobule::io
