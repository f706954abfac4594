#include "engine/rest.hpp"

#include <fmt/format.h>
#include <Eigen/Sparse>
#include <Eigen/SparseLU>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/closures.hpp"
#include "start_values.hpp"
#include "zones/invariants.hpp"
#include "zones/linearisation.hpp"
#include "zones/system.hpp"

namespace lobule {

namespace {

/// A sparse linear system, equilibrated before it is solved.
class SparseSystem {
public:
    explicit SparseSystem(Eigen::Index size) : right_(Eigen::VectorXd::Zero(size)) {}
    void add(Eigen::Index row, Eigen::Index column, double value) { entries_.emplace_back(row, column, value); }
    double& right(Eigen::Index row) { return right_(row); }

    /// Rows, then columns, are scaled to a largest entry of 1: unknowns of cells, picograms and 1/h differ by 1e12.
    Eigen::VectorXd solve() {
        const Eigen::Index size = right_.size();
        Eigen::SparseMatrix<double> matrix(size, size);
        matrix.setFromTriplets(entries_.begin(), entries_.end());
        using Entry = Eigen::SparseMatrix<double>::InnerIterator;
        const auto inverse = [](double largest) { return largest > 0.0 ? 1.0 / largest : 1.0; };
        Eigen::VectorXd rows = Eigen::VectorXd::Zero(size), columns = Eigen::VectorXd::Zero(size);
        for (Eigen::Index j = 0; j < size; ++j)
            for (Entry e(matrix, j); e; ++e) rows(e.row()) = std::max(rows(e.row()), std::abs(e.value()));
        rows = rows.unaryExpr(inverse);
        for (Eigen::Index j = 0; j < size; ++j)
            for (Entry e(matrix, j); e; ++e) columns(j) = std::max(columns(j), std::abs(e.valueRef() *= rows(e.row())));
        columns = columns.unaryExpr(inverse);
        for (Eigen::Index j = 0; j < size; ++j)
            for (Entry e(matrix, j); e; ++e) e.valueRef() *= columns(j);
        matrix.makeCompressed();
        const Eigen::SparseLU<Eigen::SparseMatrix<double>> factors(matrix);
        if (factors.info() != Eigen::Success) return Eigen::VectorXd::Constant(size, std::nan(""));
        return factors.solve(right_.cwiseProduct(rows)).cwiseProduct(columns);
    }

private:
    std::vector<Eigen::Triplet<double, Eigen::Index>> entries_;
    Eigen::VectorXd right_;
};

/// The steady state with its balanced parameters.
class RestSolver {
public:
    RestSolver(const Model& model, RestState& rest)
        : model_(model),
          rest_(rest),
          index_{model.zones, static_cast<std::int32_t>(model.zone_states.size())},
          start_(model, rest.parameters),
          system_(model, model.rest, bind_parameters(model, rest.parameters, rest.closures)) {
        for (const BalanceUnknown& unknown : model.unknowns) {
            parameters_.push_back(unknown.parameter);
            std::vector<double> target = unknown.population >= 0 ? start_.population(unknown.target, unknown.population)
                                         : unknown.in_body       ? std::vector<double>{start_.one(unknown.target)}
                                                                 : start_.zones(unknown.target);
            targets_.push_back(std::move(target));
        }
        linearisation_.emplace(model, model.rest, system_, parameters_);
        hold_tallies();
    }

    /// A long first pseudo-time step is nearly Newton's; when that fails, shorter ones follow the liver's own way to rest.
    void solve() {
        check_balance_acts();
        const RestState start = rest_;
        std::string failure;
        for (const double first_step : {1e4, 1e2, 1.0, 1e-2}) {
            rest_ = start;
            write_parameters();
            failure = march(first_step);
            if (failure.empty()) return;
        }
        throw SpecError(model_.spec.where, "the rest state of the untouched liver could not be found: " + failure);
    }

    /// Balanced values must be positive, populations without balance must rest near their start.
    void check() const {
        std::vector<Problem> problems;
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const ParameterInfo& info = model_.parameters[static_cast<std::size_t>(parameters_[k])];
            const std::vector<double>& lanes = rest_.parameters.lanes[static_cast<std::size_t>(parameters_[k])];
            const std::size_t count = info.extent == Extent::lanes ? lanes.size() : 1;
            for (std::size_t z = 0; z < count; ++z) {
                const double value = info.extent == Extent::lanes
                                         ? lanes[z]
                                         : rest_.parameters.ones[static_cast<std::size_t>(parameters_[k])];
                if (value > 0.0 || targets_[k][std::min(z, targets_[k].size() - 1)] == 0.0) continue;
                problems.push_back(
                    {info.where,
                     fmt::format("balance: {} has no positive solution ({:.4g} in zone {})", info.name, value, z + 1),
                     {}});
            }
        }
        check_tallies(problems);
        for (std::size_t p = 0; p < model_.populations.size(); ++p)
            check_population(static_cast<std::int32_t>(p), problems);
        for (std::size_t i = 0; i < rest_.values.size(); ++i)
            if (rest_.values[i] < -1e-6 * rest_.scales[i])
                problems.push_back(
                    {where_of(i),
                     fmt::format("rest state: {} would be negative ({:.4g})", value_name(model_, i), rest_.values[i]),
                     {}});
        if (!problems.empty()) throw SpecError(std::move(problems));
    }

private:
    static constexpr int k_most = 200;

    /// The part that declares a value of State: cells know theirs, the rest is at the scenario.
    Where where_of(std::size_t i) const {
        const std::size_t entry = i / static_cast<std::size_t>(index_.zones);
        if (entry >= model_.zone_states.size() || model_.zone_states[entry].population < 0) return model_.spec.where;
        return model_.populations[static_cast<std::size_t>(model_.zone_states[entry].population)].where;
    }

    /// A balanced parameter that no rate reads cannot keep anything.
    void check_balance_acts() {
        std::vector<Problem> problems;
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const ParameterInfo& info = model_.parameters[static_cast<std::size_t>(parameters_[k])];
            const std::int32_t first = linearisation_->parameter_column(k);
            const std::int32_t count = info.extent == Extent::lanes ? index_.zones : 1;
            const auto& entries = linearisation_->entries();
            if (std::none_of(entries.begin(), entries.end(), [&](const Linearisation::Entry& e) {
                    return e.column >= first && e.column < first + count;
                }))
                problems.push_back(
                    {info.where, fmt::format("balance: {} changes nothing that it must keep", info.name), {}});
            for (const double target : targets_[k])
                if (target < 0.0)
                    problems.push_back(
                        {info.where,
                         fmt::format("balance: {} must keep a negative number ({:.6g})", info.name, target),
                         {}});
        }
        if (!problems.empty()) throw SpecError(std::move(problems));
    }

    /// Pseudo-transient continuation with growing steps. Returns "" or what went wrong.
    std::string march(double step) {
        std::vector<double> rates(system_.size());
        double best = std::numeric_limits<double>::infinity();
        for (rest_.iterations = 1; rest_.iterations <= k_most; ++rest_.iterations) {
            newton_step(step);
            // Not below a millionth of the start: what dies out settles at nothing.
            const std::vector<double> sizes = typical_sizes(model_, rest_.values);
            for (std::size_t i = 0; i < sizes.size(); ++i)
                rest_.scales[i] = std::max(sizes[i], 1e-6 * first_scales_[i]);
            write_parameters();
            rest_.residual = residual_of(rates);
            if (!std::isfinite(rest_.residual)) {
                const auto bad = std::find_if(rates.begin(), rates.end(), [](double v) { return !std::isfinite(v); });
                const auto index = static_cast<std::size_t>(bad - rates.begin());
                return fmt::format("the rate of {} has no finite value (iteration {})",
                                   index < rates.size() ? value_name(model_, index) : "the state", rest_.iterations);
            }
            const bool settled =
                step > 1e9 && (rest_.residual < 1e-12 || (best < 1e-9 && rest_.residual >= 0.5 * best));
            if (settled) return {};  // as far as rounding lets it
            best = std::min(best, rest_.residual);
            step = std::min(step * 4.0, 1e13);
        }
        std::size_t worst = 0;
        for (std::size_t i = 0; i < rates.size(); ++i)
            if (std::abs(rates[i] / rest_.scales[i]) > std::abs(rates[worst] / rest_.scales[worst])) worst = i;
        return fmt::format("{} still changes by {:.3g} of its size an hour", value_name(model_, worst),
                           rates[worst] / rest_.scales[worst]);
    }

    /// Tallies and values that only events change are not solved for.
    void hold_tallies() {
        held_.assign(system_.size(), false);
        for (std::int32_t e = 0; e < index_.zone_entries; ++e) {
            const StateInfo& info = model_.zone_states[static_cast<std::size_t>(e)];
            if (info.accumulates || info.constant)
                for (std::int32_t z = 0; z < index_.zones; ++z)
                    held_[static_cast<std::size_t>(index_.zone(e, z))] = true;
        }
        for (std::size_t b = 0; b < model_.body_states.size(); ++b)
            if (model_.body_states[b].accumulates || model_.body_states[b].constant)
                held_[static_cast<std::size_t>(index_.body(static_cast<std::int32_t>(b)))] = true;
    }

    void write_parameters() {
        Inputs& inputs = system_.binding().inputs();
        for (const std::int32_t index : parameters_) {
            const ParameterInfo& info = model_.parameters[static_cast<std::size_t>(index)];
            if (info.extent == Extent::one)
                inputs.ones[static_cast<std::size_t>(info.slot)] =
                    rest_.parameters.ones[static_cast<std::size_t>(index)];
            else
                inputs.lanes.set(static_cast<std::size_t>(info.slot),
                                 rest_.parameters.lanes[static_cast<std::size_t>(index)]);
        }
    }

    double residual_of(std::vector<double>& rates) {
        system_.rates(0.0, rest_.values.data(), rates.data());
        double largest = 0.0;
        for (std::size_t i = 0; i < rates.size(); ++i) {
            if (held_[i]) rates[i] = 0.0;
            const double relative = std::abs(rates[i]) / rest_.scales[i];
            if (!(relative <= largest)) largest = relative;
        }
        return largest;
    }

    /// One implicit Euler step of length `step` with the balance conditions as constraints; a Newton step as step grows.
    void newton_step(double step) {
        linearisation_->evaluate(0.0, rest_.values.data(), system_.binding());
        std::vector<double> rates(system_.size());
        system_.rates(0.0, rest_.values.data(), rates.data());
        const auto n = static_cast<Eigen::Index>(linearisation_->size());
        SparseSystem system(linearisation_->columns());
        // Rows and columns in units of their typical size, so that cells and picograms weigh alike.
        const auto row_scale = [&](Eigen::Index i) {
            return i < n ? 1.0 / rest_.scales[static_cast<std::size_t>(i)] : 1.0;
        };
        const auto column_scale = [&](Eigen::Index j) {
            return j < n ? rest_.scales[static_cast<std::size_t>(j)] : 1.0;
        };
        for (const Linearisation::Entry& e : linearisation_->entries()) {
            if (e.row < n && held_[static_cast<std::size_t>(e.row)]) continue;
            const double sign = e.row < n ? -1.0 : 1.0;  // rows of dy/dt: 1/step - J; rows of sums: I - T, -W
            system.add(e.row, e.column, sign * e.value * row_scale(e.row) * column_scale(e.column));
        }
        for (Eigen::Index i = 0; i < n; ++i) {
            const bool held = held_[static_cast<std::size_t>(i)];
            system.add(i, i, held ? 1.0 : 1.0 / step);
            system.right(i) = held ? 0.0 : rates[static_cast<std::size_t>(i)] * row_scale(i);
        }
        for (Eigen::Index i = n; i < linearisation_->bordered_size(); ++i) system.add(i, i, 1.0);
        add_conditions(system);
        const Eigen::VectorXd change = system.solve();
        for (Eigen::Index i = 0; i < n; ++i) rest_.values[static_cast<std::size_t>(i)] += change(i) * column_scale(i);
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const auto p = static_cast<std::size_t>(parameters_[k]);
            const Eigen::Index first = linearisation_->parameter_column(k);
            if (model_.parameters[p].extent == Extent::one)
                rest_.parameters.ones[p] += change(first);
            else
                for (std::size_t z = 0; z < rest_.parameters.lanes[p].size(); ++z)
                    rest_.parameters.lanes[p][z] += change(first + static_cast<Eigen::Index>(z));
        }
    }

    /// The rows of the balance conditions: what is kept equals its start.
    void add_conditions(SparseSystem& system) const {
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const BalanceUnknown& unknown = model_.unknowns[k];
            const Eigen::Index first = linearisation_->parameter_column(k);
            const bool lanes = model_.parameters[static_cast<std::size_t>(parameters_[k])].extent == Extent::lanes;
            for (std::int32_t z = 0; z < (lanes ? index_.zones : 1); ++z) {
                const Eigen::Index row = first + z;
                const double target = targets_[k][static_cast<std::size_t>(z)];
                if (target == 0.0) {  // nobody there: the parameter has no meaning and stays 0
                    system.add(row, row, 1.0);
                    continue;
                }
                double sum = 0.0;
                for (const std::int32_t e : unknown.counts) {
                    const auto i = static_cast<std::size_t>(unknown.in_body ? index_.body(e) : index_.zone(e, z));
                    system.add(row, static_cast<Eigen::Index>(i), rest_.scales[i] / target);
                    sum += rest_.values[i];
                }
                system.right(row) = (target - sum) / target;
            }
        }
    }

    /// A variable that only ever grows never rests: its steps only make its relative rate look small.
    void check_tallies(std::vector<Problem>& problems) const {
        const std::vector<double> declared = typical_sizes(model_, start_values(model_, start_));
        for (std::size_t i = 0; i < rest_.values.size(); ++i)
            if (std::abs(rest_.values[i]) > 1e6 * declared[i])
                problems.push_back(
                    {where_of(i),
                     fmt::format("the untouched liver: {} never comes to rest; a tally needs accumulates = true",
                                 value_name(model_, i)),
                     {}});
    }

    void check_population(std::int32_t p, std::vector<Problem>& problems) const {
        const Population& population = model_.populations[static_cast<std::size_t>(p)];
        if (population.start_total < 0) return;
        const std::vector<double> wanted = start_.population(population.start_total, p);
        for (std::int32_t z = 0; z < index_.places(population); ++z) {
            double sum = 0.0;
            for (const Population::Substate& sub : population.substates)
                sum += rest_.values[index_.of(population, sub.count, z)];
            const double target = wanted[static_cast<std::size_t>(z)];
            if (std::abs(sum - target) <= 0.01 * std::abs(target) + 1e-9) continue;
            const std::string zone = population.in_body ? std::string() : fmt::format(" in zone {}", z + 1);
            problems.push_back({population.where,
                                fmt::format("the untouched liver: {} starts at {:.6g}{} but rests at {:.6g}; "
                                            "give it a balanced parameter",
                                            population.name, target, zone, sum),
                                {}});
        }
    }

    const Model& model_;
    RestState& rest_;
    const std::vector<double> first_scales_ = rest_.scales;
    StateIndex index_;
    StartValues start_;
    ZoneSystem system_;
    std::vector<std::int32_t> parameters_;
    std::vector<std::vector<double>> targets_;
    std::optional<Linearisation> linearisation_;
    std::vector<bool> held_;
};

void freeze_rest(const Model& model, RestState& rest) {
    InputBinding binding(model, bind_parameters(model, rest.parameters, rest.closures));
    std::vector<ExprId> outputs;
    for (const RestValue& value : model.rest_values) outputs.push_back(value.at_rest);
    const Program program(model.rest.graph, outputs);
    ProgramWorkspace workspace;
    program.evaluate(binding.bind(0.0, rest.values.data()), workspace);
    const auto zones = static_cast<std::size_t>(model.zones);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const double* value = program.result(workspace, i);
        rest.frozen_ones.push_back(*value);
        std::vector<double> lanes(zones, *value);
        if (program.extent(i) == Extent::lanes) lanes.assign(value, value + zones);
        rest.frozen_lanes.push_back(std::move(lanes));
    }
}

}  // namespace

RestState solve_rest(const Model& model) { return solve_rest(model, derive_closures(model)); }

RestState solve_rest(const Model& model, Closures closures) {
    RestState rest;
    rest.closures = std::move(closures);
    rest.parameters = default_parameters(model);
    rest.values = start_values(model, StartValues(model, rest.parameters));
    rest.scales = typical_sizes(model, rest.values);
    if (model.balanced) {
        RestSolver solver(model, rest);
        solver.solve();
        solver.check();
        freeze_rest(model, rest);
    }
    Invariants(model, make_inputs(model, rest, rest.parameters))
        .check(0.0, rest.values.data(), "on the untouched liver");
    return rest;
}

Inputs make_inputs(const Model& model, const RestState& rest, const Parameters& parameters) {
    Inputs inputs = bind_parameters(model, parameters, rest.closures);
    for (std::size_t i = 0; i < model.rest_values.size(); ++i) {
        const RestValue& value = model.rest_values[i];
        if (value.extent == Extent::one)
            inputs.ones[static_cast<std::size_t>(value.slot)] = rest.frozen_ones[i];
        else
            inputs.lanes.set(static_cast<std::size_t>(value.slot), rest.frozen_lanes[i]);
    }
    return inputs;
}

State start_state(const Model& model, const RestState& rest, const Parameters& parameters) {
    const StateIndex index{model.zones, static_cast<std::int32_t>(model.zone_states.size())};
    State state{0.0, rest.values, std::vector<std::uint32_t>(model.run.events.size(), 0)};
    const StartValues before(model, rest.parameters);
    const StartValues after(model, parameters);
    const std::vector<double> start_before = start_values(model, before);
    const std::vector<double> start_after = start_values(model, after);
    for (std::size_t p = 0; p < model.populations.size(); ++p) {
        const Population& population = model.populations[p];
        if (population.start_total < 0) continue;
        const auto from = before.population(population.start_total, static_cast<std::int32_t>(p));
        const auto to = after.population(population.start_total, static_cast<std::int32_t>(p));
        for (std::int32_t z = 0; z < index.places(population); ++z) {
            const auto zone = static_cast<std::size_t>(z);
            if (from[zone] == to[zone]) continue;
            for (const Population::Substate& sub : population.substates) {
                const auto scale = [&](std::int32_t e) {
                    const std::size_t i = index.of(population, e, z);
                    state.values[i] = from[zone] > 0.0 ? state.values[i] * (to[zone] / from[zone]) : start_after[i];
                };
                scale(sub.count);
                for (const std::int32_t total : sub.totals) scale(total);
            }
        }
    }
    const auto move = [&](const StateInfo& info, std::size_t i) {
        if (info.kind != StateInfo::Kind::variable && info.kind != StateInfo::Kind::lobule_count) return;
        if (start_before[i] != start_after[i]) state.values[i] = start_after[i];
    };
    for (std::int32_t e = 0; e < index.zone_entries; ++e)
        for (std::int32_t z = 0; z < index.zones; ++z)
            move(model.zone_states[static_cast<std::size_t>(e)], static_cast<std::size_t>(index.zone(e, z)));
    for (std::size_t b = 0; b < model.body_states.size(); ++b)
        move(model.body_states[b], static_cast<std::size_t>(index.body(static_cast<std::int32_t>(b))));
    return state;
}

}  // namespace lobule
