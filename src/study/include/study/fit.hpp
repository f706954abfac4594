// Least squares over bounded parameters from many start points, and what the data say about the result.
//
// The sum that is made small is  S = (N/G) sum over G groups of (1/n_g) sum over its n_g terms of ((observed - f predicted)/sd)^2
// + sum over sources of ((f - 1)/prior)^2,  N terms in all, so that each group (a series, a feature) counts equally however many points it has
// and S is as large as a chi-square of N terms. f is the effect of a source: 1 where it has none, else the factor that makes S smallest, in
// closed form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "study/box.hpp"

namespace lobule::study {

/// One comparison of a number with its observation.
struct Term {
    double observed = 0.0, predicted = 0.0;
    double deviation = 1.0;  // standard deviation of the observation
    std::size_t group = 0;
    int source = -1;  // whose effect scales the prediction; -1: none
};

/// What a set of parameters gives. `failure` is the cause in words where it gives nothing; `stopped`: the caller was asked to end.
struct Evaluation {
    std::vector<Term> terms;
    std::string failure;
    bool stopped = false;
};
/// Called from several threads at once, with values of the parameters in their own units.
using Objective = std::function<Evaluation(std::span<const double>)>;

/// S of a failed evaluation: finite, and worse than any that a model reaches.
inline constexpr double k_failed_cost = 1e9;
/// A residual counts as this much at most: one term that explodes must not hide what the others say.
inline constexpr double k_largest_residual = 1e3;

/// Residuals whose squares sum to S, those of the effects last, and the effects f by source.
struct Residuals {
    std::vector<double> values;
    std::map<int, double> effects;
    double sum() const;
};
/// `prior`: standard deviation of an effect around 1; 0: no effects.
Residuals residuals(const Evaluation& evaluation, double prior);
double cost(const Evaluation& evaluation, double prior);

struct FitPlan {
    std::vector<Bounded> parameters;
    std::vector<double> present;    // where the first start begins; within the bounds or moved there
    std::size_t starts = 8;         // the others are a Latin hypercube
    std::size_t evaluations = 200;  // of one start
    std::uint64_t seed = 1;
    double prior = 0.0;       // of the effects of sources
    double tolerance = 1e-4;  // a start ends when its steps are below this share of the ranges
    int threads = 1;          // change no bit
};

/// How often what failed, by cause: numbers out of its text, so that the same failure at another time is the same cause.
using Failures = std::map<std::string, std::size_t>;
std::string cause_of(const std::string& text);

struct StartResult {
    std::size_t index = 0;
    std::vector<double> from, best;  // values
    double first = k_failed_cost, cost = k_failed_cost;
    std::size_t evaluations = 0;
    Failures failures;
    std::string end;  // why it ended
};

/// Where start `index` begins [values].
std::vector<std::vector<double>> start_points(const FitPlan& plan);
/// One start: BOBYQA (Powell 2009; NLopt), or Sbplx for one parameter, in the unit cube. None when the objective was stopped.
std::optional<StartResult> run_start(const Objective& objective, const FitPlan& plan, std::size_t index,
                                     const std::vector<double>& from);
/// Every start whose index is not among `done`, in parallel; `closed` is called with each, one at a time, in any order. False when
/// stopped. Results are to be read in the order of starts.
bool run_starts(const Objective& objective, const FitPlan& plan, const std::vector<std::size_t>& done,
                const std::function<void(const StartResult&)>& closed);

/// Directions whose singular value is below this share of the largest, and parameters whose column is below it of the longest, are not told
/// by the data.
inline constexpr double k_told = 1e-6;
/// A standard error above this share of the range says less than the range itself: the standard deviation of a number that lies anywhere
/// in it, 1/sqrt(12).
inline constexpr double k_blunt_error = 0.28867513459481287;
/// Estimates whose correlation is beyond this are told together only: were one known, the error of the other would be less than half of it,
/// sqrt(1 - 0.9^2).
inline constexpr double k_tied = 0.9;

/// The data around a point: the Jacobian J of the residuals by central differences, in units of the ranges (on the scale of each), and
/// (J'J)^-1, which is twice the inverse of the Gauss-Newton Hessian of S, as the covariance of the estimates (Seber, Wild, Nonlinear
/// Regression, 1989, 2.1.2). Where a run on one side fails, the difference is to the point itself.
struct LocalShape {
    std::vector<std::vector<double>>
        correlations;            // of the estimates; 1 on the diagonal, NaN where one of both is not told
    std::vector<double> errors;  // standard error as a share of the range; infinite where not told
    std::vector<double> moved;   // length of the column of J: change of the residuals over the range
    std::vector<bool> blocked;   // runs on both sides fail: no derivative, held where it is and left out of J
    /// For each, the others that it is told together with only: of one direction that the data do not tell, or correlated beyond k_tied.
    std::vector<std::vector<std::size_t>> tied;
    std::vector<double> weakest;  // the direction of the unit cube that the data tell least, of length 1
    double condition = 0.0;       // largest over smallest singular value of the Jacobian
    std::size_t residuals = 0, evaluations = 0, failed = 0;
    Failures failures{};
};
/// None when stopped.
std::optional<LocalShape> local_shape(const Objective& objective, const FitPlan& plan, std::span<const double> best);

/// S along one parameter, all others fitted anew at each point.
struct ProfilePoint {
    double value = 0.0, cost = 0.0;
};
struct Profile {
    std::size_t parameter = 0;
    std::vector<ProfilePoint> points;  // by value; the optimum is among them
    std::optional<double> low, high;   // where S rises by k_profile_rise; none: it does not within the bounds
    std::optional<double> low_failed, high_failed;  // where no run ends before S has risen: that side goes no further
    bool lower_found = false;                       // a point lies well below the optimum: the starts missed it
    std::size_t evaluations = 0;
    Failures failures{};
};
/// 95 % of chi-square with one degree of freedom.
inline constexpr double k_profile_rise = 3.841458820694124;
/// `steps` points on either side, denser near the optimum; a side ends once S has risen twice as far. None when stopped.
std::optional<Profile> run_profile(const Objective& objective, const FitPlan& plan, std::span<const double> best,
                                   double best_cost, std::size_t parameter, std::size_t steps = 5);

/// How a side of a profile ends: S rises by k_profile_rise; it does not up to the bound; the optimum lies at the bound; runs fail before it
/// does.
enum class ProfileEnd : std::uint8_t { closed, flat, at_bound, failed };
ProfileEnd low_end(const Profile& profile, const Bounded& parameter, double best);
ProfileEnd high_end(const Profile& profile, const Bounded& parameter, double best);
/// By how much S rises from its lowest point to the end of a side.
double low_rise(const Profile& profile);
double high_rise(const Profile& profile);

/// Profiles of several parameters in parallel, as run_starts() does starts.
bool run_profiles(const Objective& objective, const FitPlan& plan, std::span<const double> best, double best_cost,
                  const std::vector<std::size_t>& parameters, const std::function<void(const Profile&)>& closed);

/// Which bound a value lies at, within a thousandth of the range: -1, 0 (none) or 1.
int at_bound(const Bounded& parameter, double value);

}  // namespace lobule::study
