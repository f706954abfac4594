#include "engine/rest.hpp"

#include <Eigen/Dense>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "zones/linearisation.hpp"
#include "zones/system.hpp"

namespace lobule {

namespace {

/// 0 periportal, 1 central, at the middle of the zone.
double zone_position(const Model& model, std::size_t z) { return (static_cast<double>(z) + 0.5) / model.zones; }

/// Values of start-program expressions, by parameter values.
class StartValues {
public:
    StartValues(const Model& model, const Parameters& parameters) : model_(model), zones_(static_cast<std::size_t>(model.zones)) {
        ones_.assign(static_cast<std::size_t>(model.one_inputs), 0.0);
        lanes_.assign(static_cast<std::size_t>(model.lane_inputs), std::vector<double>(zones_, 0.0));
        for (std::size_t i = 0; i < model.parameters.size(); ++i) {
            const ParameterInfo& p = model.parameters[i];
            if (p.extent == Extent::one) ones_[static_cast<std::size_t>(p.slot)] = parameters.ones[i];
            else lanes_[static_cast<std::size_t>(p.slot)] = parameters.lanes[i];
        }
        for (std::size_t z = 0; z < zones_; ++z) lanes_[static_cast<std::size_t>(model.position_slot)][z] = zone_position(model, z);
        for (const auto& column : lanes_) columns_.push_back(column.data());
    }

    /// One value per zone; a one-value expression is repeated.
    std::vector<double> zones(ExprId id) const {
        const std::vector<double> out = raw(id);
        return out.size() == zones_ ? out : std::vector<double>(zones_, out.front());
    }
    double one(ExprId id) const { return raw(id).front(); }

    /// Numbers by zone of a population: as the law says, or moved between zones by its profile.
    std::vector<double> population(ExprId id, std::int32_t population) const {
        std::vector<double> out = zones(id);
        const std::vector<double>& profile = model_.populations[static_cast<std::size_t>(population)].profile;
        if (profile.empty()) return out;
        const double total = std::accumulate(out.begin(), out.end(), 0.0);
        for (std::size_t z = 0; z < zones_; ++z) out[z] = total * profile[z];
        return out;
    }

private:
    std::vector<double> raw(ExprId id) const {
        const Program program(model_.start_graph, std::vector<ExprId>{id});
        ProgramWorkspace workspace;
        program.evaluate({ones_, columns_, zones_}, workspace);
        const double* value = program.result(workspace, 0);
        return {value, value + (program.extent(0) == Extent::lanes ? zones_ : 1)};
    }

    const Model& model_;
    std::size_t zones_;
    std::vector<double> ones_;
    std::vector<std::vector<double>> lanes_;
    std::vector<const double*> columns_;
};

std::vector<double> start_values(const Model& model, const StartValues& start) {
    const StateIndex index{model.zones, static_cast<std::int32_t>(model.zone_states.size())};
    std::vector<double> y(model.state_size(), 0.0);
    for (std::int32_t e = 0; e < index.zone_entries; ++e) {
        const StateInfo& info = model.zone_states[static_cast<std::size_t>(e)];
        if (info.start < 0) continue;
        const std::vector<double> values =
            info.population >= 0 ? start.population(info.start, info.population) : start.zones(info.start);
        for (std::int32_t z = 0; z < index.zones; ++z) y[static_cast<std::size_t>(index.zone(e, z))] = values[static_cast<std::size_t>(z)];
    }
    for (std::size_t b = 0; b < model.body_states.size(); ++b)
        if (model.body_states[b].start >= 0)
            y[static_cast<std::size_t>(index.body(static_cast<std::int32_t>(b)))] = start.one(model.body_states[b].start);
    return y;
}

/// Typical sizes: cells by their population, volumes by theirs, the rest by their value.
std::vector<double> typical_sizes(const Model& model, const std::vector<double>& y) {
    const StateIndex index{model.zones, static_cast<std::int32_t>(model.zone_states.size())};
    std::vector<double> scales(y.size(), 0.0);
    const auto at = [&](std::int32_t e, std::int32_t z) { return std::abs(y[static_cast<std::size_t>(index.zone(e, z))]); };
    double largest_count = 1.0;
    for (const Population& p : model.populations) {
        double cells = 0.0, volume = 0.0;
        for (const Population::Substate& sub : p.substates)
            for (std::int32_t z = 0; z < index.zones; ++z) cells += at(sub.count, z), volume += at(sub.volume, z);
        cells /= index.zones;
        volume /= index.zones;
        largest_count = std::max(largest_count, cells);
        for (const Population::Substate& sub : p.substates)
            for (std::int32_t z = 0; z < index.zones; ++z) {
                scales[static_cast<std::size_t>(index.zone(sub.count, z))] = cells > 0.0 ? cells : 1.0;
                scales[static_cast<std::size_t>(index.zone(sub.volume, z))] = volume > 0.0 ? volume : 1e3;
            }
    }
    const Dimension cell = Dimension::of(Dimension::cell);
    for (std::int32_t e = 0; e < index.zone_entries; ++e) {
        const StateInfo& info = model.zone_states[static_cast<std::size_t>(e)];
        if (info.population >= 0) continue;
        double mean = 0.0;
        for (std::int32_t z = 0; z < index.zones; ++z) mean += at(e, z) / index.zones;
        if (!(mean > 0.0)) mean = info.dimension == cell ? largest_count : 1.0;
        for (std::int32_t z = 0; z < index.zones; ++z) scales[static_cast<std::size_t>(index.zone(e, z))] = mean;
    }
    for (std::size_t b = 0; b < model.body_states.size(); ++b) {
        const auto i = static_cast<std::size_t>(index.body(static_cast<std::int32_t>(b)));
        scales[i] = y[i] != 0.0 ? std::abs(y[i]) : model.body_states[b].dimension == cell ? largest_count : 1.0;
    }
    return scales;
}

Inputs bind_parameters(const Model& model, const Parameters& parameters) {
    Inputs inputs;
    inputs.ones.assign(static_cast<std::size_t>(model.one_inputs), 0.0);
    inputs.lanes.assign(static_cast<std::size_t>(model.lane_inputs), {});
    const auto zones = static_cast<std::size_t>(model.zones);
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        const ParameterInfo& p = model.parameters[i];
        if (p.extent == Extent::one) inputs.ones[static_cast<std::size_t>(p.slot)] = parameters.ones[i];
        else inputs.lanes[static_cast<std::size_t>(p.slot)] = parameters.lanes[i];
    }
    auto& position = inputs.lanes[static_cast<std::size_t>(model.position_slot)];
    for (std::size_t z = 0; z < zones; ++z) position.push_back(zone_position(model, z));
    for (std::size_t s = model.zone_states.size(); s < inputs.lanes.size(); ++s)
        if (inputs.lanes[s].empty()) inputs.lanes[s].assign(zones, 0.0);
    return inputs;
}

/// The steady state with its balanced parameters.
class RestSolver {
public:
    RestSolver(const Model& model, RestState& rest)
        : model_(model), rest_(rest), index_{model.zones, static_cast<std::int32_t>(model.zone_states.size())},
          start_(model, rest.parameters), system_(model, model.rest, bind_parameters(model, rest.parameters)) {
        for (const BalanceUnknown& unknown : model.unknowns) {
            parameters_.push_back(unknown.parameter);
            std::vector<double> target = unknown.population >= 0 ? start_.population(unknown.target, unknown.population)
                                                                 : std::vector<double>{start_.one(unknown.target)};
            targets_.push_back(std::move(target));
        }
        linearisation_.emplace(model, model.rest, system_, parameters_);
        hold_tallies();
    }

    /// A long first pseudo-time step is nearly Newton's; when that fails, shorter ones follow the liver's own way to rest.
    void solve() {
        const RestState start = rest_;
        std::string failure;
        for (const double first_step : {1e4, 1e2, 1.0, 1e-2}) {
            rest_ = start;
            write_parameters();
            failure = march(first_step);
            if (failure.empty()) return;
        }
        throw RunError("the rest state of the untouched liver could not be found: " + failure);
    }

    /// Balanced values must be positive, populations without balance must rest near their start.
    void check() const {
        std::vector<Problem> problems;
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const ParameterInfo& info = model_.parameters[static_cast<std::size_t>(parameters_[k])];
            const std::vector<double>& lanes = rest_.parameters.lanes[static_cast<std::size_t>(parameters_[k])];
            const std::size_t count = info.extent == Extent::lanes ? lanes.size() : 1;
            for (std::size_t z = 0; z < count; ++z) {
                const double value = info.extent == Extent::lanes ? lanes[z] : rest_.parameters.ones[static_cast<std::size_t>(parameters_[k])];
                if (value > 0.0 || targets_[k][std::min(z, targets_[k].size() - 1)] == 0.0) continue;
                problems.push_back({{}, fmt::format("balance: {} has no positive solution ({:.4g} in zone {})", info.name, value, z + 1), {}});
            }
        }
        for (std::size_t p = 0; p < model_.populations.size(); ++p) check_population(static_cast<std::int32_t>(p), problems);
        for (std::size_t i = 0; i < rest_.values.size(); ++i)
            if (rest_.values[i] < -1e-6 * rest_.scales[i])
                problems.push_back({{}, fmt::format("rest state: {} would be negative ({:.4g})", value_name(model_, i), rest_.values[i]), {}});
        if (!problems.empty()) throw SpecError(std::move(problems));
    }

private:
    static constexpr int k_most = 200;

    /// Pseudo-transient continuation with growing steps. Returns "" or what went wrong.
    std::string march(double step) {
        std::vector<double> rates(system_.size());
        double best = std::numeric_limits<double>::infinity();
        for (rest_.iterations = 1; rest_.iterations <= k_most; ++rest_.iterations) {
            newton_step(step);
            rest_.scales = typical_sizes(model_, rest_.values);
            write_parameters();
            rest_.residual = residual_of(rates);
            if (!std::isfinite(rest_.residual)) {
                const auto bad = std::find_if(rates.begin(), rates.end(), [](double v) { return !std::isfinite(v); });
                const auto index = static_cast<std::size_t>(bad - rates.begin());
                return fmt::format("the rate of {} has no finite value (iteration {})",
                                   index < rates.size() ? value_name(model_, index) : "the state", rest_.iterations);
            }
            const bool settled = step > 1e9 && (rest_.residual < 1e-12 || (best < 1e-9 && rest_.residual >= 0.5 * best));
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
                for (std::int32_t z = 0; z < index_.zones; ++z) held_[static_cast<std::size_t>(index_.zone(e, z))] = true;
        }
        for (std::size_t b = 0; b < model_.body_states.size(); ++b)
            if (model_.body_states[b].accumulates || model_.body_states[b].constant)
                held_[static_cast<std::size_t>(index_.body(static_cast<std::int32_t>(b)))] = true;
    }

    void write_parameters() {
        Inputs& inputs = system_.binding().inputs();
        for (const std::int32_t index : parameters_) {
            const ParameterInfo& info = model_.parameters[static_cast<std::size_t>(index)];
            if (info.extent == Extent::one) inputs.ones[static_cast<std::size_t>(info.slot)] = rest_.parameters.ones[static_cast<std::size_t>(index)];
            else inputs.lanes[static_cast<std::size_t>(info.slot)] = rest_.parameters.lanes[static_cast<std::size_t>(index)];
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
        const Eigen::Index n = linearisation_->size();
        const Eigen::Index bordered = linearisation_->bordered_size();
        const Eigen::Index unknowns = linearisation_->columns();
        Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(unknowns, unknowns);
        Eigen::VectorXd right = Eigen::VectorXd::Zero(unknowns);
        // Rows and columns in units of their typical size, so that cells and picograms weigh alike.
        const auto row_scale = [&](Eigen::Index i) { return i < n ? 1.0 / rest_.scales[static_cast<std::size_t>(i)] : 1.0; };
        const auto column_scale = [&](Eigen::Index j) { return j < n ? rest_.scales[static_cast<std::size_t>(j)] : 1.0; };
        for (const Linearisation::Entry& e : linearisation_->entries()) {
            if (e.row < n && held_[static_cast<std::size_t>(e.row)]) continue;
            const double sign = e.row < n ? -1.0 : 1.0;  // rows of dy/dt: 1/step - J; rows of sums: I - T, -W
            matrix(e.row, e.column) += sign * e.value * row_scale(e.row) * column_scale(e.column);
        }
        for (Eigen::Index i = 0; i < n; ++i) {
            const bool held = held_[static_cast<std::size_t>(i)];
            matrix(i, i) += held ? 1.0 : 1.0 / step;
            right(i) = held ? 0.0 : rates[static_cast<std::size_t>(i)] * row_scale(i);
        }
        for (Eigen::Index i = n; i < bordered; ++i) matrix(i, i) += 1.0;
        add_conditions(matrix, right);
        const Eigen::VectorXd columns = equilibrate(matrix, right);
        const Eigen::VectorXd change = matrix.partialPivLu().solve(right).cwiseProduct(columns);
        for (Eigen::Index i = 0; i < n; ++i) rest_.values[static_cast<std::size_t>(i)] += change(i) * column_scale(i);
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const auto p = static_cast<std::size_t>(parameters_[k]);
            const Eigen::Index first = linearisation_->parameter_column(k);
            if (model_.parameters[p].extent == Extent::one) rest_.parameters.ones[p] += change(first);
            else
                for (std::size_t z = 0; z < rest_.parameters.lanes[p].size(); ++z)
                    rest_.parameters.lanes[p][z] += change(first + static_cast<Eigen::Index>(z));
        }
    }

    /// The rows of the balance conditions: what is kept equals its start.
    void add_conditions(Eigen::MatrixXd& matrix, Eigen::VectorXd& right) const {
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const BalanceUnknown& unknown = model_.unknowns[k];
            const Eigen::Index first = linearisation_->parameter_column(k);
            if (unknown.body_entry >= 0) {
                const auto i = static_cast<std::size_t>(index_.body(unknown.body_entry));
                matrix(first, static_cast<Eigen::Index>(i)) = 1.0;
                right(first) = (targets_[k][0] - rest_.values[i]) / rest_.scales[i];
                continue;
            }
            const bool lanes = model_.parameters[static_cast<std::size_t>(parameters_[k])].extent == Extent::lanes;
            for (std::int32_t z = 0; z < (lanes ? index_.zones : 1); ++z) {
                const Eigen::Index row = first + z;
                const double target = targets_[k][static_cast<std::size_t>(z)];
                if (target == 0.0) {  // nobody there: the parameter has no meaning and stays 0
                    matrix(row, row) = 1.0;
                    continue;
                }
                double sum = 0.0;
                for (const std::int32_t e : unknown.counts) {
                    const auto i = static_cast<std::size_t>(index_.zone(e, z));
                    matrix(row, static_cast<Eigen::Index>(i)) = rest_.scales[i] / target;
                    sum += rest_.values[i];
                }
                right(row) = (target - sum) / target;
            }
        }
    }

    /// Rows, then columns, scaled to a largest entry of 1. Returns what the solution must be multiplied by.
    static Eigen::VectorXd equilibrate(Eigen::MatrixXd& matrix, Eigen::VectorXd& right) {
        const auto inverse = [](double largest) { return largest > 0.0 ? 1.0 / largest : 1.0; };
        for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
            const double factor = inverse(matrix.row(i).cwiseAbs().maxCoeff());
            matrix.row(i) *= factor;
            right(i) *= factor;
        }
        Eigen::VectorXd columns(matrix.cols());
        for (Eigen::Index j = 0; j < matrix.cols(); ++j) {
            columns(j) = inverse(matrix.col(j).cwiseAbs().maxCoeff());
            matrix.col(j) *= columns(j);
        }
        return columns;
    }

    void check_population(std::int32_t p, std::vector<Problem>& problems) const {
        const Population& population = model_.populations[static_cast<std::size_t>(p)];
        if (population.start_total < 0) return;
        const std::vector<double> wanted = start_.population(population.start_total, p);
        for (std::int32_t z = 0; z < index_.zones; ++z) {
            double sum = 0.0;
            for (const Population::Substate& sub : population.substates) sum += rest_.values[static_cast<std::size_t>(index_.zone(sub.count, z))];
            const double target = wanted[static_cast<std::size_t>(z)];
            if (std::abs(sum - target) <= 0.01 * std::abs(target) + 1e-9) continue;
            problems.push_back({{}, fmt::format("the untouched liver: {} starts at {:.6g} in zone {} but rests at {:.6g}; "
                                                "give it a balanced parameter", population.name, target, z + 1, sum), {}});
        }
    }

    const Model& model_;
    RestState& rest_;
    StateIndex index_;
    StartValues start_;
    ZoneSystem system_;
    std::vector<std::int32_t> parameters_;
    std::vector<std::vector<double>> targets_;
    std::optional<Linearisation> linearisation_;
    std::vector<bool> held_;
};

void freeze_rest(const Model& model, RestState& rest) {
    InputBinding binding(model, bind_parameters(model, rest.parameters));
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

void check_invariants(const Model& model, const RestState& rest) {
    if (model.run.invariants.empty()) return;
    InputBinding binding(model, make_inputs(model, rest, rest.parameters));
    std::vector<ExprId> outputs;
    for (const Invariant& invariant : model.run.invariants) outputs.push_back(invariant.value);
    const Program program(model.run.graph, outputs);
    ProgramWorkspace workspace;
    program.evaluate(binding.bind(0.0, rest.values.data()), workspace);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::size_t lanes = program.extent(i) == Extent::lanes ? static_cast<std::size_t>(model.zones) : 1;
        for (std::size_t z = 0; z < lanes; ++z) {
            const double value = program.result(workspace, i)[z];
            const Invariant& invariant = model.run.invariants[i];
            if (!(std::abs(value - invariant.expected) <= 1e-9))
                throw SpecError(invariant.where, fmt::format("{}: {:.10g} instead of {:.10g} on the untouched liver",
                                                             invariant.what, value, invariant.expected));
        }
    }
}

}  // namespace

RestState solve_rest(const Model& model) {
    RestState rest;
    rest.parameters = default_parameters(model);
    rest.values = start_values(model, StartValues(model, rest.parameters));
    rest.scales = typical_sizes(model, rest.values);
    if (model.balanced) {
        RestSolver solver(model, rest);
        solver.solve();
        solver.check();
        freeze_rest(model, rest);
    }
    check_invariants(model, rest);
    return rest;
}

Inputs make_inputs(const Model& model, const RestState& rest, const Parameters& parameters) {
    Inputs inputs = bind_parameters(model, parameters);
    for (std::size_t i = 0; i < model.rest_values.size(); ++i) {
        const RestValue& value = model.rest_values[i];
        if (value.extent == Extent::one) inputs.ones[static_cast<std::size_t>(value.slot)] = rest.frozen_ones[i];
        else inputs.lanes[static_cast<std::size_t>(value.slot)] = rest.frozen_lanes[i];
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
        for (std::int32_t z = 0; z < index.zones; ++z) {
            const auto zone = static_cast<std::size_t>(z);
            if (from[zone] == to[zone]) continue;
            for (const Population::Substate& sub : population.substates)
                for (const std::int32_t e : {sub.count, sub.volume}) {
                    const auto i = static_cast<std::size_t>(index.zone(e, z));
                    state.values[i] = from[zone] > 0.0 ? state.values[i] * (to[zone] / from[zone]) : start_after[i];
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
