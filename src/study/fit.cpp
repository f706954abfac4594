#include "study/fit.hpp"

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>

#include "base/assert.hpp"
#include "base/random.hpp"

namespace lobule::study {

namespace {

constexpr double k_first_step = 0.15;  // of BOBYQA, as a share of the ranges

/// One run of the optimiser: counts, remembers the best point, and lets no exception through the C library.
struct Search {
    const Objective& objective;
    const FitPlan& plan;
    std::vector<double> full;         // unit coordinates; those that are held stay
    std::vector<std::size_t> free{};  // which the optimiser moves
    std::vector<double> best{};       // unit coordinates of all
    double cost = std::numeric_limits<double>::infinity();
    double first = k_failed_cost;
    std::size_t evaluations = 0;
    Failures failures{};
    bool stopped = false;
    std::exception_ptr thrown{};
    nlopt_opt optimiser = nullptr;

    double at(const double* x) {
        for (std::size_t k = 0; k < free.size(); ++k) full[free[k]] = x[k];
        const Evaluation evaluation = objective(from_unit(plan.parameters, full));
        if (evaluation.stopped) {
            stopped = true;
            return k_failed_cost;
        }
        if (!evaluation.failure.empty()) ++failures[cause_of(evaluation.failure)];
        const double value = study::cost(evaluation, plan.prior);
        if (evaluations++ == 0) first = value;
        if (value < cost) {
            cost = value;
            best = full;
        }
        return value;
    }

    static double call(unsigned, const double* x, double*, void* data) {
        auto& self = *static_cast<Search*>(data);
        if (self.stopped) return k_failed_cost;
        double value = k_failed_cost;
        try {
            value = self.at(x);
        } catch (...) {
            self.thrown = std::current_exception();
            self.stopped = true;
        }
        if (self.stopped) nlopt_force_stop(self.optimiser);
        return value;
    }

    /// Why it ended, in words.
    std::string run(std::size_t most, double first_step) {
        if (free.empty()) {
            at(nullptr);
            return "nothing to move";
        }
        const auto n = static_cast<unsigned>(free.size());
        // BOBYQA needs two parameters; neither method draws random numbers or calls functions that differ between CPUs.
        const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> owner(
            nlopt_create(n == 1 ? NLOPT_LN_SBPLX : NLOPT_LN_BOBYQA, n), nlopt_destroy);
        optimiser = owner.get();
        LOBULE_ASSERT(optimiser != nullptr, n);
        nlopt_set_min_objective(optimiser, &Search::call, this);
        nlopt_set_lower_bounds1(optimiser, 0.0);
        nlopt_set_upper_bounds1(optimiser, 1.0);
        nlopt_set_xtol_abs1(optimiser, plan.tolerance);
        nlopt_set_ftol_rel(optimiser, 1e-6);
        nlopt_set_initial_step1(optimiser, first_step);
        nlopt_set_maxeval(optimiser, static_cast<int>(most));
        std::vector<double> x(n);
        for (std::size_t k = 0; k < free.size(); ++k) x[k] = full[free[k]];
        double value = 0.0;
        const nlopt_result result = nlopt_optimize(optimiser, x.data(), &value);
        optimiser = nullptr;
        if (thrown) std::rethrow_exception(thrown);
        switch (result) {
            case NLOPT_FTOL_REACHED: return "converged: S no longer falls";
            case NLOPT_XTOL_REACHED: return "converged: steps are small";
            case NLOPT_SUCCESS: return "converged";
            case NLOPT_MAXEVAL_REACHED: return "evaluations used up";
            case NLOPT_ROUNDOFF_LIMITED: return "rounding errors";
            default: return "the optimiser gave up";
        }
    }
};

/// Each piece of work by itself; what it gives is closed one at a time. False when one gives nothing: it was stopped.
template <class Work, class Closed>
bool in_parallel(const std::vector<std::size_t>& pieces, int threads, const Work& work, const Closed& closed) {
    bool stopped = false;
    std::exception_ptr thrown;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (std::size_t k = 0; k < pieces.size(); ++k) {
        bool ends = false;
#pragma omp critical(lobule_fit)
        ends = stopped;
        if (ends) continue;
        decltype(work(0)) result;
        std::exception_ptr failure;
        try {
            result = work(pieces[k]);
        } catch (...) {
            failure = std::current_exception();
        }
#pragma omp critical(lobule_fit)
        {
            if (result && !stopped) try {
                    closed(*result);
                } catch (...) {
                    failure = std::current_exception();
                }
            if (failure) thrown = failure;
            stopped = stopped || !result || failure;
        }
    }
    if (thrown) std::rethrow_exception(thrown);
    return !stopped;
}

}  // namespace

std::string cause_of(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (!digit) {
            out += text[i];
            continue;
        }
        while (i + 1 < text.size() && std::string_view("0123456789.e+-").find(text[i + 1]) != std::string_view::npos)
            ++i;
        out += '#';
    }
    return out;
}

double Residuals::sum() const {
    double total = 0.0;
    for (const double r : values) total += r * r;
    return total;
}

Residuals residuals(const Evaluation& evaluation, double prior) {
    Residuals out;
    std::map<std::size_t, std::size_t> sizes;
    for (const Term& term : evaluation.terms) ++sizes[term.group];
    struct Sums {
        double up = 0.0, down = 0.0;
    };
    std::map<int, Sums> sums;
    const double share =
        static_cast<double>(evaluation.terms.size()) / static_cast<double>(std::max<std::size_t>(1, sizes.size()));
    const auto weight = [&](const Term& term) { return share / static_cast<double>(sizes[term.group]); };
    if (prior > 0.0)
        for (const Term& term : evaluation.terms) {
            if (term.source < 0) continue;
            const double w = weight(term) / (term.deviation * term.deviation);
            sums[term.source].up += w * term.predicted * (term.observed - term.predicted);
            sums[term.source].down += w * term.predicted * term.predicted;
        }
    for (const auto& [source, s] : sums) out.effects[source] = 1.0 + s.up / (s.down + 1.0 / (prior * prior));
    for (const Term& term : evaluation.terms) {
        const auto effect = out.effects.find(term.source);
        const double f = effect == out.effects.end() ? 1.0 : effect->second;
        double r = (term.observed - f * term.predicted) / term.deviation;
        r = std::isfinite(r) ? std::clamp(r, -k_largest_residual, k_largest_residual) : k_largest_residual;
        out.values.push_back(std::sqrt(weight(term)) * r);
    }
    for (const auto& [source, f] : out.effects) out.values.push_back((f - 1.0) / prior);
    return out;
}

double cost(const Evaluation& evaluation, double prior) {
    return evaluation.failure.empty() && !evaluation.stopped ? residuals(evaluation, prior).sum() : k_failed_cost;
}

std::vector<std::vector<double>> start_points(const FitPlan& plan) {
    const std::size_t spread = plan.starts > 0 ? plan.starts - 1 : 0;
    std::vector<std::vector<double>> out;
    if (plan.starts > 0) out.push_back(from_unit(plan.parameters, to_unit(plan.parameters, plan.present)));
    for (const auto& point : latin_hypercube(spread, plan.parameters.size(), plan.seed, stream_id("fit starts")))
        out.push_back(from_unit(plan.parameters, point));
    return out;
}

std::optional<StartResult> run_start(const Objective& objective, const FitPlan& plan, std::size_t index,
                                     const std::vector<double>& from) {
    Search search{objective, plan, to_unit(plan.parameters, from)};
    for (std::size_t i = 0; i < plan.parameters.size(); ++i) search.free.push_back(i);
    const std::string end = search.run(plan.evaluations, k_first_step);
    if (search.stopped) return std::nullopt;
    StartResult out{index, from, from, search.first, k_failed_cost, search.evaluations, search.failures, end};
    if (!search.best.empty() && search.cost < k_failed_cost) {
        out.best = from_unit(plan.parameters, search.best);
        out.cost = search.cost;
    }
    return out;
}

bool run_starts(const Objective& objective, const FitPlan& plan, const std::vector<std::size_t>& done,
                const std::function<void(const StartResult&)>& closed) {
    const auto points = start_points(plan);
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (std::find(done.begin(), done.end(), i) == done.end()) left.push_back(i);
    return in_parallel(
        left, plan.threads, [&](std::size_t i) { return run_start(objective, plan, i, points[i]); }, closed);
}

bool run_profiles(const Objective& objective, const FitPlan& plan, std::span<const double> best, double best_cost,
                  const std::vector<std::size_t>& parameters, const std::function<void(const Profile&)>& closed) {
    return in_parallel(
        parameters, plan.threads, [&](std::size_t i) { return run_profile(objective, plan, best, best_cost, i); },
        closed);
}

std::optional<Profile> run_profile(const Objective& objective, const FitPlan& plan, std::span<const double> best,
                                   double best_cost, std::size_t parameter, std::size_t steps) {
    const std::vector<double> optimum = to_unit(plan.parameters, best);
    const Bounded& bounded = plan.parameters[parameter];
    Profile out;
    out.parameter = parameter;
    out.points.push_back({best[parameter], best_cost});
    double lowest = best_cost;
    for (const double end : {0.0, 1.0}) {
        std::vector<double> warm = optimum;
        for (std::size_t j = 1; j <= steps && end != optimum[parameter]; ++j) {
            const double share = static_cast<double>(j) / static_cast<double>(steps);
            Search search{objective, plan, warm};
            search.full[parameter] = optimum[parameter] + (end - optimum[parameter]) * share * share;
            for (std::size_t i = 0; i < plan.parameters.size(); ++i)
                if (i != parameter) search.free.push_back(i);
            const double value = bounded.from_unit(search.full[parameter]);
            search.run(std::max(10 * search.free.size(), plan.evaluations / 4), 0.3 * k_first_step);
            if (search.stopped) return std::nullopt;
            out.evaluations += search.evaluations;
            for (const auto& [cause, count] : search.failures) out.failures[cause] += count;
            const double reached = std::min(search.cost, k_failed_cost);
            out.points.push_back({value, reached});
            lowest = std::min(lowest, reached);
            if (!search.best.empty()) warm = search.best;
            if (reached > lowest + 2.0 * k_profile_rise) break;
        }
    }
    std::sort(out.points.begin(), out.points.end(),
              [](const ProfilePoint& a, const ProfilePoint& b) { return a.value < b.value; });
    out.lower_found = lowest < best_cost - 0.01 * std::max(best_cost, k_profile_rise);
    const double level = lowest + k_profile_rise;
    // The first crossing outwards from the lowest point. Between points the root of the rise is taken as linear on the parameter's own
    // scale: exact where S is a parabola.
    const auto at = static_cast<std::size_t>(
        std::min_element(out.points.begin(), out.points.end(),
                         [](const ProfilePoint& a, const ProfilePoint& b) { return a.cost < b.cost; }) -
        out.points.begin());
    const auto crossing = [&](const ProfilePoint& inside, const ProfilePoint& outside) {
        const double before = std::sqrt(inside.cost - lowest), after = std::sqrt(outside.cost - lowest);
        const double share = (std::sqrt(k_profile_rise) - before) / (after - before);
        const double a = bounded.to_unit(inside.value), b = bounded.to_unit(outside.value);
        return bounded.from_unit(a + share * (b - a));
    };
    // A run that fails says nothing about S: no crossing lies before it.
    const auto outwards = [&](std::size_t inside, std::size_t outside, std::optional<double>& end,
                              std::optional<double>& failed) {
        const ProfilePoint &a = out.points[inside], &b = out.points[outside];
        if (b.cost >= k_failed_cost)
            failed = b.value;
        else if (b.cost >= level)
            end = crossing(a, b);
    };
    for (std::size_t i = at; i > 0 && !out.low && !out.low_failed; --i) outwards(i, i - 1, out.low, out.low_failed);
    for (std::size_t i = at; i + 1 < out.points.size() && !out.high && !out.high_failed; ++i)
        outwards(i, i + 1, out.high, out.high_failed);
    return out;
}

int at_bound(const Bounded& parameter, double value) {
    const double u = parameter.to_unit(value);
    return u < 1e-3 ? -1 : u > 1.0 - 1e-3 ? 1 : 0;
}

}  // namespace lobule::study
