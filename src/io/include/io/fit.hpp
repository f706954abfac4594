// A fit of parameters to the calibration rows of cases: problem.toml, what it compares, and what is written.
//
// [problem]      about, scenarios, compare, starts, evaluations, seed, study_effect, profile, correlations
// [[parameter]]  name, between, scale
//
// Only series and features whose role is calibrate ever reach an evaluation: calibration_of() drops all others.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/json.hpp"
#include "io/varied.hpp"
#include "study/fit.hpp"

namespace lobule::io {

struct FitProblem {
    std::string name, about;
    std::filesystem::path file;
    std::vector<std::string> scenarios;  // as written
    std::vector<Where> scenarios_where;
    std::vector<VariedParameter> parameters;
    std::vector<std::string> compare;       // names of series and features; empty: all of calibration
    std::vector<std::size_t> profile;       // of the parameters
    std::vector<std::size_t> correlations;  // of the parameters, in the order of the matrix; all where none is named
    std::size_t starts = 8, evaluations = 200;
    std::uint64_t seed = 1;
    double prior = 0.0;  // of the effect of a study on its values; 0: none

    study::FitPlan plan(int threads) const;
};

/// The words of problem.toml; docs derive from this list.
const std::vector<Word>& fit_words();

/// Heads and scenarios of problem.toml: what can be read before there is a model. Throws SpecError with every problem.
FitProblem read_fit_head(const std::filesystem::path& file, const Node& root);
/// The rest, against the models of its cases; cuts their expectations down to what is fitted. Throws SpecError with every problem.
void read_fit_body(FitProblem& problem, const Node& root, std::vector<VariedCase>& cases);

/// Series and features with the role calibrate (all, or those of these names) and the variants that they need, each run no longer than
/// they look. Nothing of any other role is left.
Expectations calibration_of(const Expectations& all, const std::vector<std::string>& names, const Spec& spec,
                            double until);
/// How long the case itself must run for that [h]; 0: it need not.
double calibration_until(const Expectations& calibration, const Spec& spec, double until);

/// A feature that the curve never reaches counts as this many standard deviations.
inline constexpr double k_unreached = 10.0;

/// One run of everything that the cases compare, by case: every case and variant by itself on at most `threads` threads, which change
/// nothing. After a failure those behind it in the order of cases and variants need not be run.
std::vector<Results> run_cases(const std::vector<VariedCase>& cases, const std::vector<VariedParameter>& parameters,
                               std::span<const double> values, const std::function<bool()>& stop, int threads);
study::Evaluation evaluate(const std::vector<VariedCase>& cases, const std::vector<VariedParameter>& parameters,
                           std::span<const double> values, const std::function<bool()>& stop, int threads = 1);
/// The terms of S that these results give.
study::Evaluation terms_of(const std::vector<Results>& results);

/// Of everything that decides the result; the values of rows that are not calibrate are not in it.
std::string fit_hash(const FitProblem& problem, const std::vector<VariedCase>& cases);

// ---- results ---------------------------------------------------------------------------------------------------------

Json to_json(const study::StartResult& start);
study::StartResult start_from(const Json& json);
/// An evaluation that is worth keeping, by the values that it is of.
Json to_json(std::span<const double> values, const study::Evaluation& evaluation);
std::pair<std::vector<double>, study::Evaluation> evaluation_from(const Json& json);
Json to_json(const study::Profile& profile);
study::Profile profile_from(const Json& json);

/// What one part of a fit ran, and what of it failed.
struct FitPhase {
    std::string name;  // "search", "jacobian", "profiles"
    std::size_t evaluations = 0;
    study::Failures failures{};
    std::size_t failed() const;
};

struct FitResult {
    FitProblem problem;
    std::string hash;
    std::vector<study::StartResult> starts;  // in their order
    std::size_t best = 0;                    // the first with the lowest cost
    std::optional<study::LocalShape> shape;
    std::vector<study::Profile> profiles;
    std::map<std::string, double> effects;  // by source
    std::vector<Results> results;           // at the best, by case

    const study::StartResult& winner() const { return starts.at(best); }
    const study::Profile* profile(std::size_t parameter) const;
    std::vector<FitPhase> phases() const;
    study::Failures failures() const;  // of all phases
    std::size_t evaluations() const;
};
/// Why the data do not determine a parameter, in words; empty where they do. A profile is believed before the Jacobian.
std::string not_determined(const FitResult& result, std::size_t parameter);
/// A value one standard error away from the best, on the parameter's scale and perhaps beyond its bounds; none where the error is not told.
std::optional<double> error_end(const FitResult& result, std::size_t parameter, double sign);
/// Runs the cases once more at the best start, for the residuals and the page.
void finish_fit(FitResult& result, const std::vector<VariedCase>& cases, int threads);

Json fit_json(const FitResult& result);
std::string starts_csv(const FitResult& result);
std::string parameters_csv(const FitResult& result);
std::string residuals_csv(const FitResult& result, const std::vector<VariedCase>& cases);
std::string profiles_csv(const FitResult& result);
/// A line and a column for each parameter of the matrix; empty where one of both is not told.
std::string correlations_csv(const FitResult& result);
/// The whole page: no request leaves it.
std::string fit_html(const FitResult& result, const std::vector<VariedCase>& cases,
                     const std::vector<Reference>& references,
                     const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace lobule::io
