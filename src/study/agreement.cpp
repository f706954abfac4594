#include "study/agreement.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "base/random.hpp"

namespace lobule::study {

namespace {

/// In standard errors: one observable in 16000 is further off by chance.
constexpr double k_limit = 4.0;
/// A slope of the scatter this near to -1/2 agrees however many replicates there are: at low N terms of higher order count.
constexpr double k_slope_tolerance = 0.06;
/// A bias counts as seen from here, in standard errors.
constexpr double k_seen = 3.0;
/// Relative to the size of a value: below this a difference or a scatter is that of the solvers (the ODE within a step of
/// agents is followed to 1e-4).
constexpr double k_solver_error = 2e-4;
/// Scatter of less than so many agents is that of rounding the start to whole ones, and falls as 1/N.
constexpr double k_rounding = 1.5;

struct Fit {
    Eigen::VectorXd values, errors;
    double chi_square = 0.0;
    Eigen::Index freedom = 0;
};

/// Weighted least squares of y on columns.
Fit fit(const std::vector<std::vector<double>>& columns, const std::vector<Estimate>& y) {
    const auto rows = static_cast<Eigen::Index>(y.size()), unknowns = static_cast<Eigen::Index>(columns.size());
    Eigen::MatrixXd a(rows, unknowns);
    Eigen::VectorXd b(rows);
    for (Eigen::Index i = 0; i < rows; ++i) {
        const Estimate& e = y[static_cast<std::size_t>(i)];
        for (Eigen::Index j = 0; j < unknowns; ++j)
            a(i, j) = columns[static_cast<std::size_t>(j)][static_cast<std::size_t>(i)] / e.error;
        b(i) = e.value / e.error;
    }
    Fit out;
    out.values = a.colPivHouseholderQr().solve(b);
    const Eigen::MatrixXd covariance = (a.transpose() * a).inverse();
    out.errors = covariance.diagonal().cwiseMax(0.0).cwiseSqrt();
    out.chi_square = (a * out.values - b).squaredNorm();
    out.freedom = rows - unknowns;
    return out;
}

/// Wilson and Hilferty's normal deviate of a chi-square.
double deviate(double chi_square, Eigen::Index freedom) {
    if (freedom <= 0) return 0.0;
    const double k = static_cast<double>(freedom), w = 2.0 / (9.0 * k);
    return (std::cbrt(chi_square / k) - (1.0 - w)) / std::sqrt(w);
}

LevelSummary summarise(LevelSummary level, double reference, const std::vector<double>& values) {
    const auto n = static_cast<double>(values.size());
    level.replicates = values.size();
    double sum = 0.0;
    for (const double v : values) sum += v;
    level.mean = sum / n;
    double second = 0.0, fourth = 0.0;
    for (const double v : values) {
        const double d = (v - level.mean) * (v - level.mean);
        second += d;
        fourth += d * d;
    }
    level.sd = values.size() > 1 ? std::sqrt(second / (n - 1.0)) : 0.0;
    level.bias = {level.mean - reference, level.sd / std::sqrt(n)};
    const double kurtosis = second > 0.0 ? fourth * n / (second * second) : 3.0;
    level.log_sd_error = std::sqrt(std::max(kurtosis - 1.0, 0.1) / (4.0 * n));
    return level;
}

}  // namespace

void judge(AgreementRow& row, const std::vector<std::vector<double>>& values) {
    for (std::size_t l = 0; l < row.levels.size(); ++l)
        row.levels[l] = summarise(row.levels[l], row.reference, values[l]);
    std::vector<double> one, log_n, inverse, inverse_square;
    std::vector<Estimate> log_sd, bias;
    for (const LevelSummary& level : row.levels) {
        if (!(level.sd > row.floor) || !std::isfinite(level.sd)) continue;
        const double agents = level.sample * row.population * level.sd / std::max(std::abs(level.mean), row.floor);
        if (row.population > 0.0 && agents < k_rounding) continue;
        one.push_back(1.0);
        log_n.push_back(std::log(level.agents));
        inverse.push_back(1.0 / level.agents);
        inverse_square.push_back(inverse.back() * inverse.back());
        log_sd.push_back({std::log(level.sd), level.log_sd_error});
        // What the two solvers leave between them is no bias of the reading.
        bias.push_back({level.bias.value, std::hypot(level.bias.error, row.floor)});
    }
    row.verdict = Verdict::silent;
    if (bias.size() < 4) {
        // Nothing varies but by rounding and by the solvers: then the two must be equal up to that.
        const LevelSummary& most = row.levels.back();
        const double agents = most.sample * row.population;  // too few at the lower levels say nothing
        const double rounding = agents > 0.0 ? k_rounding / agents * std::abs(most.mean) : 0.0;
        if (std::abs(most.bias.value) > 10.0 * row.floor + k_limit * most.bias.error + rounding)
            row.verdict = Verdict::disagrees;
        return;
    }
    const Fit scatter = fit({one, log_n}, log_sd);
    row.scatter_slope = {scatter.values(1), scatter.errors(1)};
    const Fit plain = fit({inverse, inverse_square}, bias);
    row.first = {plain.values(0), plain.errors(0)};
    row.second = plain.values(1);
    row.misfit = deviate(plain.chi_square, plain.freedom);
    const Fit with_rest = fit({one, inverse, inverse_square}, bias);
    row.remaining = {with_rest.values(0), with_rest.errors(0)};
    std::vector<double> seen_one, seen_log_n;
    std::vector<Estimate> seen;
    for (std::size_t i = 0; i < bias.size(); ++i)
        if (std::abs(bias[i].value) > k_seen * bias[i].error) {
            seen_one.push_back(1.0);
            seen_log_n.push_back(log_n[i]);
            seen.push_back({std::log(std::abs(bias[i].value)), bias[i].error / std::abs(bias[i].value)});
        }
    if (seen.size() >= 3) {
        const Fit slope = fit({seen_one, seen_log_n}, seen);
        row.bias_slope = {slope.values(1), slope.errors(1)};
    }
    const double off = std::abs(row.scatter_slope->value + 0.5);
    const bool scatter_agrees = off < k_slope_tolerance || off < k_limit * row.scatter_slope->error;
    const bool bias_agrees = row.misfit < k_limit && std::abs(row.remaining.value) < k_limit * row.remaining.error;
    row.verdict = scatter_agrees && bias_agrees ? Verdict::agrees : Verdict::disagrees;
}

std::vector<Observable> observables(const Model& model) {
    const auto zones = static_cast<std::size_t>(model.zones);
    const std::size_t zone_values = model.zone_states.size() * zones;
    std::vector<Observable> out;
    const auto add_entry = [&](Observable& o, bool in_body, std::int32_t entry) {
        const auto e = static_cast<std::size_t>(entry);
        if (in_body)
            o.values.push_back(zone_values + e);
        else
            for (std::size_t z = 0; z < zones; ++z) o.values.push_back(e * zones + z);
    };
    for (std::size_t p = 0; p < model.populations.size(); ++p) {
        const Population& population = model.populations[p];
        const auto index = static_cast<std::int32_t>(p);
        Observable all{population.name, population.name, "cell", {}, index};
        for (const Population::Substate& sub : population.substates) add_entry(all, population.in_body, sub.count);
        out.push_back(std::move(all));
        for (std::size_t s = 0; s < population.substates.size(); ++s) {
            const std::string& state = population.substates[s].state;
            const std::string name = population.name + " in " + state;
            if (s > 0 && population.substates[s - 1].state == state) {
                add_entry(out.back(), population.in_body, population.substates[s].count);
                continue;
            }
            out.push_back({population.name, name, "cell", {}, index});
            add_entry(out.back(), population.in_body, population.substates[s].count);
        }
        for (std::size_t q = 0; q < population.quantities.size(); ++q) {
            const CellQuantity& quantity = population.quantities[q];
            Observable total{population.name,
                             quantity.name + " of " + population.name,
                             to_string(quantity.dimension * Dimension::of(Dimension::cell)),
                             {},
                             index};
            for (const Population::Substate& sub : population.substates)
                add_entry(total, population.in_body, sub.totals[q]);
            out.push_back(std::move(total));
        }
    }
    const auto others = [&](const std::vector<StateInfo>& states, bool in_body) {
        for (std::size_t e = 0; e < states.size(); ++e) {
            const StateInfo& info = states[e];
            if (info.population >= 0 || info.constant || info.kind == StateInfo::Kind::lobule_count) continue;
            Observable o{info.name.substr(0, info.name.find('.')), info.name, to_string(info.dimension), {}, -1};
            add_entry(o, in_body, static_cast<std::int32_t>(e));
            out.push_back(std::move(o));
        }
    };
    others(model.zone_states, false);
    others(model.body_states, true);
    return out;
}

namespace {

class Quiet : public Sink {
public:
    explicit Quiet(const std::atomic<bool>& stop) : stop_(stop) {}
    void sample(double, std::span<const double>, std::span<const double>) override {}
    void restart_point(const State&) override {}
    bool progress(double) override { return stop_; }

private:
    const std::atomic<bool>& stop_;
};

std::vector<double> read(const std::vector<Observable>& what, const State& state) {
    std::vector<double> out;
    for (const Observable& o : what) {
        double sum = 0.0;
        for (const std::size_t i : o.values) sum += state.values[i];
        out.push_back(sum);
    }
    return out;
}

}  // namespace

AgreementResult run_agreement(const std::shared_ptr<const Model>& model, const RestState& rest,
                              const Parameters& parameters, const AgreementPlan& plan,
                              const std::function<bool(double)>& progress) {
    AgreementResult out;
    const std::vector<Observable> what = observables(*model);
    const std::size_t rows = what.size() + plan.probes.size();
    const Inputs inputs = make_inputs(*model, rest, parameters);
    const State start = start_state(*model, rest, parameters);
    std::atomic<bool> stop = false;
    {
        Quiet sink(stop);
        Simulation zones(model, inputs, rest.scales, start);
        const State last = zones.run(plan.at, plan.at, sink).last;
        out.reference = read(what, last);
        const std::vector<double> probes = read_probes(*model, inputs, last);
        for (const std::size_t p : plan.probes) out.reference.push_back(probes[p]);
    }
    SimulationOptions scenario = simulation_options(*model, rest, Resolution::mixed);
    scenario.in_body.clear();   // with finer agents of rare cells the error would not fall as 1 / agents
    std::vector<double> sizes;  // of populations, in agents for a sample of 1
    for (const Population& population : model->populations) {
        sizes.push_back(0.0);
        for (const Observable& o : what)
            if (o.name == population.name)
                for (const std::size_t i : o.values)
                    sizes.back() += start.values[i] / (population.in_body ? scenario.lobules : 1.0);
        out.total += sizes.back();
    }
    if (!(out.total > 0.0)) {
        out.failure = "the model has no cells at the start";
        return out;
    }
    struct Task {
        std::size_t level, replicate;
    };
    std::vector<Task> tasks;
    for (std::size_t l = 0; l < plan.agents.size(); ++l) {
        Replicates level;
        level.agents = plan.agents[l];
        level.sample = plan.agents[l] / out.total;
        level.step = plan.step * std::sqrt(plan.agents.front() / plan.agents[l]);
        level.values.assign(rows, std::vector<double>(plan.replicates, 0.0));
        out.levels.push_back(std::move(level));
        for (std::size_t r = 0; r < plan.replicates; ++r) tasks.push_back({l, r});
    }
    std::mutex failing;
    std::atomic<std::size_t> done = 0;
#pragma omp parallel num_threads(plan.threads)
    {
        // One simulation for each level and thread: compiled once, started again for every replicate.
        std::size_t current = plan.agents.size();
        std::unique_ptr<Simulation> simulation;
#pragma omp for schedule(dynamic, 4)
        for (std::size_t t = 0; t < tasks.size(); ++t) {
            if (stop) continue;
            const auto [l, r] = tasks[t];
            Replicates& level = out.levels[l];
            const std::uint64_t seed = random_block({plan.seed, 0, stream_id("agreement"), l, r, 0})[0];
            try {
                if (l != current) {
                    SimulationOptions options = scenario;
                    options.sample = level.sample;
                    options.step = level.step;
                    options.seed = seed;
                    simulation = std::make_unique<Simulation>(model, inputs, rest.scales, start, options);
                    current = l;
                } else {
                    simulation->reset(start, seed);
                }
                Quiet sink(stop);
                const Outcome outcome = simulation->run(plan.at, plan.at, sink);
                std::vector<double> values = read(what, outcome.last);
                if (!plan.probes.empty()) {
                    const std::vector<double> probes = read_probes(*model, inputs, outcome.last);
                    for (const std::size_t p : plan.probes) values.push_back(probes[p]);
                }
                for (std::size_t o = 0; o < values.size(); ++o) level.values[o][r] = values[o];
            } catch (const std::exception& error) {
                const std::lock_guard lock(failing);
                if (out.failure.empty()) out.failure = error.what();
                stop = true;
            }
            const std::size_t finished = ++done;
            if (progress) {
                const std::lock_guard lock(failing);
                if (progress(static_cast<double>(finished) / static_cast<double>(tasks.size()))) {
                    stop = true;
                    out.complete = false;
                }
            }
        }
    }
    if (stop) return out;
    for (std::size_t o = 0; o < rows; ++o) {
        AgreementRow row;
        if (o < what.size()) {
            row.part = what[o].part;
            row.name = what[o].name;
            row.unit = what[o].unit;
            for (const std::size_t i : what[o].values) row.floor += k_solver_error * 1e-2 * rest.scales[i];
            if (what[o].population >= 0) row.population = sizes[static_cast<std::size_t>(what[o].population)];
        } else {
            const ModelProbe& probe = model->run.probes[plan.probes[o - what.size()]];
            row.part = "probe";
            row.name = probe.name;
            row.unit = probe.unit;
        }
        row.reference = out.reference[o];
        row.floor += k_solver_error * std::abs(row.reference);
        std::vector<std::vector<double>> values;
        for (const Replicates& level : out.levels) {
            row.levels.push_back({level.agents, level.sample, level.step, 0, 0.0, 0.0, {}, 0.0});
            values.push_back(level.values[o]);
        }
        judge(row, values);
        out.rows.push_back(std::move(row));
    }
    return out;
}

Share share_of(std::size_t hits, std::size_t all) {
    constexpr double z = 1.959963984540054;
    const auto n = static_cast<double>(all), p = static_cast<double>(hits) / n;
    const double middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    const double half = z / (1.0 + z * z / n) * std::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
    return {p, std::max(middle - half, 0.0), std::min(middle + half, 1.0)};
}

double distribution_distance(std::vector<double> a, std::vector<double> b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    double largest = 0.0;
    std::size_t i = 0, j = 0;
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    while (i < a.size() && j < b.size()) {
        const double at = std::min(a[i], b[j]);
        while (i < a.size() && a[i] <= at) ++i;
        while (j < b.size() && b[j] <= at) ++j;
        largest = std::max(largest, std::abs(static_cast<double>(i) / n - static_cast<double>(j) / m));
    }
    return largest / (1.6276 * std::sqrt((n + m) / (n * m)));
}

}  // namespace lobule::study
