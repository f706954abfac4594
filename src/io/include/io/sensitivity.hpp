// Which parameters move which results: study.toml, what it runs, and what is written.
//
// [study]        about, scenario, method, samples, seed
// [[parameter]]  name, between, scale
// [[output]]     name and the keys of a measure, as in a [[feature]] of expect.toml
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "io/json.hpp"
#include "io/varied.hpp"
#include "study/sensitivity.hpp"

namespace lobule::io {

struct SensitivityOutput {
    std::string name;
    Measure measure;
};

struct SensitivityStudy {
    enum class Method : std::uint8_t { morris, sobol } method = Method::morris;
    std::string name, about, scenario;
    Where scenario_where;
    std::filesystem::path file;
    std::vector<VariedParameter> parameters;
    std::vector<SensitivityOutput> outputs;
    std::size_t samples = 10;  // trajectories, or rows of A
    std::uint64_t seed = 1;

    std::vector<std::vector<double>> design() const;  // points of the unit cube
};

/// The words of study.toml; docs derive from this list.
const std::vector<Word>& sensitivity_words();

/// Throw SpecError with every problem. The body needs the model of the scenario that the head names.
SensitivityStudy read_study_head(const std::filesystem::path& file, const Node& root);
void read_study_body(SensitivityStudy& study, const Node& root, const std::vector<VariedCase>& cases);

/// Outputs of one point, in the order of the study.
struct StudyPoint {
    std::size_t index = 0;
    std::vector<double> outputs;  // not a number where the run failed or the curve never gets there
    std::string failure;          // why the run failed
    bool stopped = false;
};
StudyPoint run_point(const SensitivityStudy& study, const VariedCase& subject, std::size_t index,
                     const std::vector<double>& unit, const std::function<bool()>& stop);

/// Of everything that decides the result.
std::string study_hash(const SensitivityStudy& study, const VariedCase& subject);

Json to_json(const StudyPoint& point);
StudyPoint study_point_from(const Json& json);

struct SensitivityResult {
    SensitivityStudy study;
    std::string hash;
    std::vector<StudyPoint> points;                       // in the order of the design
    std::vector<std::vector<study::MorrisIndex>> morris;  // by output and parameter; empty for another method
    std::vector<std::vector<study::SobolIndex>> sobol;
    std::size_t failed() const;
};
/// Indices of the points.
void finish_study(SensitivityResult& result);

Json sensitivity_json(const SensitivityResult& result);
std::string indices_csv(const SensitivityResult& result);
std::string points_csv(const SensitivityResult& result);
/// The whole page: no request leaves it.
std::string sensitivity_html(const SensitivityResult& result,
                             const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace lobule::io
