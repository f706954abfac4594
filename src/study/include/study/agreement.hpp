// Two readings of one model set against each other: many runs of agents against the ODE, for samples of several sizes.
//
// By the law of large numbers the scatter of runs falls as N^-1/2, and by the system-size expansion (van Kampen, Can. J.
// Phys. 39 (1961) 551) the mean of many runs differs from the ODE by b/N + d/N^2 + ...: what is left as N grows is a fault
// of one of the readings, or the error of the step, which shrinks with N^-1/2 squared.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/simulation.hpp"

namespace lobule::study {

/// A number with its standard error.
struct Estimate {
    double value = 0.0, error = 0.0;
};

/// Replicates of one size of sample, for one observable.
struct LevelSummary {
    double agents = 0.0;  // expected at the start: N
    double sample = 0.0;  // agents for each cell
    double step = 0.0;    // [h]
    std::size_t replicates = 0;
    double mean = 0.0, sd = 0.0;
    Estimate bias;              // mean - reference
    double log_sd_error = 0.0;  // of ln(sd), from the kurtosis of the replicates
};

enum class Verdict : std::uint8_t { agrees, disagrees, silent };  // silent: nothing varies

struct AgreementRow {
    std::string part, name;  // "hepatocyte", "hepatocyte in s"
    std::string unit;        // inside units
    double reference = 0.0;  // of the ODE
    double floor = 0.0;      // a difference or scatter below this is that of the solvers
    // For cells: how many agents their population has at the start in a sample of one agent a cell; 0 for the rest.
    double population = 0.0;
    std::vector<LevelSummary> levels;
    std::optional<Estimate> scatter_slope;  // d ln sd / d ln N, -1/2 expected
    std::optional<Estimate> bias_slope;     // d ln |bias| / d ln N, -1 expected; where bias is seen on three levels
    Estimate first;                         // b of bias = b/N + d/N^2
    double second = 0.0;                    // d of it
    double fitted(double inverse) const { return (first.value + second * inverse) * inverse; }
    Estimate remaining;   // c of bias = c + b/N + d/N^2
    double misfit = 0.0;  // chi-square of bias = b/N + d/N^2 as a standard normal deviate
    Verdict verdict = Verdict::silent;
};

/// Fills the statistics of a row from its levels' replicates. `values`: by level and replicate.
void judge(AgreementRow& row, const std::vector<std::vector<double>>& values);

/// A number read off a state.
struct Observable {
    std::string part, name, unit;
    std::vector<std::size_t> values;  // whose sum it is
    std::int32_t population = -1;     // whose cells
};
/// Every population, each of its states, its volume and attributes, and every signal, matrix and variable of a model.
std::vector<Observable> observables(const Model& model);

struct AgreementPlan {
    double at = 48.0;                                    // [h] when readings are compared
    std::vector<double> agents{50, 100, 200, 400, 800};  // expected at the start, rising
    double step = 0.25;                                  // [h] with the fewest agents; it falls as N^-1/2
    std::size_t replicates = 200;
    std::vector<std::size_t> probes;  // of the model, read beside the observables
    std::uint64_t seed = 1;
    int threads = 1;
};

struct Replicates {
    double agents = 0.0, sample = 0.0, step = 0.0;
    std::vector<std::vector<double>> values;  // by row (observables, then probes) and replicate
};

struct AgreementResult {
    std::vector<AgreementRow> rows;
    std::vector<Replicates> levels;
    std::vector<double> reference;  // by row
    double total = 0.0;             // cells of one lobule at the start
    bool complete = true;           // false: stopped by the callback
    std::string failure;            // of a run; the rows are then empty
};

/// Runs the ODE once and `replicates` samples of each size, replicate r of level l with a seed of its own drawn at
/// (seed, l, r). `progress` is called now and then with the share done; true stops.
AgreementResult run_agreement(const std::shared_ptr<const Model>& model, const RestState& rest,
                              const Parameters& parameters, const AgreementPlan& plan,
                              const std::function<bool(double)>& progress = {});

/// Share of outcomes with its 95 % interval (Wilson).
struct Share {
    double value = 0.0, low = 0.0, high = 0.0;
};
Share share_of(std::size_t hits, std::size_t all);
/// The largest distance of two empirical distributions over its critical value at the 1 % level (Kolmogorov, Smirnov): below
/// 1 they are not told apart.
double distribution_distance(std::vector<double> a, std::vector<double> b);

}  // namespace lobule::study
