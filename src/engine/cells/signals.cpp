#include "signals.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <utility>

#include "base/assert.hpp"
#include "base/math.hpp"

namespace lobule {

namespace {

template <class T>
T& at(std::vector<T>& values, std::int32_t i) {
    return values[static_cast<std::size_t>(i)];
}

/// A sum as what is added and what is taken away.
std::pair<ExprId, ExprId> sides(ExpressionGraph& graph, ExprId sum) {
    const Expression e = graph[sum];
    const bool adds = e.op == Op::add;
    if (adds || e.op == Op::sub) {
        const auto [a_plus, a_minus] = sides(graph, e.a);
        const auto [b_plus, b_minus] = sides(graph, e.b);
        return {graph.binary(Op::add, a_plus, adds ? b_plus : b_minus),
                graph.binary(Op::add, a_minus, adds ? b_minus : b_plus)};
    }
    if (e.op == Op::neg) {
        const auto [plus, minus] = sides(graph, e.a);
        return {minus, plus};
    }
    return {sum, graph.constant(0.0)};
}

bool is_bound(const Laws& laws, std::int32_t signal) {
    return std::any_of(laws.contents.begin(), laws.contents.end(),
                       [&](const BloodContent& c) { return c.signal == signal && c.bound; });
}

bool is_tally(const Laws& laws, std::size_t entry, bool in_body) {
    return std::any_of(laws.tallies.begin(), laws.tallies.end(), [&](const Tally& t) {
        return t.in_body == in_body && t.entry == static_cast<std::int32_t>(entry);
    });
}

}  // namespace

/// Rates of the signals in a place, and what blood carries of them from there, as functions of their concentrations.
class TissueSignals::Local : public Reactions, public Carriage {
public:
    Local(const Model& model, const Laws& laws, PlaceLaws& places, double lobules)
        : model_(model), places_(places), lobules_(lobules) {
        ExpressionGraph& graph = places.graph();
        std::vector<ExprId> outputs;
        std::vector<ExprId> rates;
        for (const SignalInfo& s : model.signals) {
            rates.push_back(places.take(laws.zone_rates[static_cast<std::size_t>(s.entry)]));
            const auto [made, taken] = sides(graph, rates.back());
            outputs.push_back(made);
            outputs.push_back(taken);
        }
        for (std::size_t s = 0; s < model.signals.size(); ++s)
            for (std::size_t t = 0; t < model.signals.size(); ++t) {
                const ExprId amount = graph.input(model.signals[t].entry, Extent::lanes);
                const ExprId slope = graph.derivative(rates[s], amount);
                if (graph.is_constant(slope, 0.0)) continue;
                pairs_.emplace_back(static_cast<int>(s), static_cast<int>(t));
                outputs.push_back(slope);
            }
        program_ = places.program(outputs);
        std::vector<ExprId> contents;
        for (const SignalInfo& s : model.signals)
            for (const BloodContent& c : laws.contents) {
                if (c.signal != s.entry || !c.bound) continue;
                contents.push_back(places.take(c.content));
                contents.push_back(graph.derivative(contents.back(), graph.input(s.entry, Extent::lanes)));
            }
        content_program_ = places.program(contents);
        bound_ = contents.size() / 2;
    }

    void set_fluid(const double* fluid) { fluid_ = fluid; }
    std::span<const std::pair<int, int>> pairs() const override { return pairs_; }

    void evaluate(std::size_t first, std::size_t count, const double* const* c, double* const* made,
                  double* const* taken, double* const* slope) const override {
        const std::size_t signals = model_.signals.size();
        for_blocks(program_, first, count, c, [&](std::size_t begin, std::size_t n, const auto& lane) {
            const std::size_t done = begin - first;
            for (std::size_t s = 0; s < signals; ++s)
                for (std::size_t i = 0; i < n; ++i) {
                    const double plus = lobules_ * lane(2 * s, i), minus = lobules_ * lane(2 * s + 1, i);
                    made[s][done + i] = std::max(plus, 0.0) - std::min(minus, 0.0);
                    taken[s][done + i] = std::max(minus, 0.0) - std::min(plus, 0.0);
                }
            for (std::size_t k = 0; k < pairs_.size(); ++k)
                for (std::size_t i = 0; i < n; ++i) slope[k][done + i] = lane(2 * signals + k, i) * fluid_[begin + i];
        });
    }

    void evaluate(std::size_t first, std::size_t count, const double* const* c, double* const* content,
                  double* const* slope) const override {
        for_blocks(content_program_, first, count, c, [&](std::size_t begin, std::size_t n, const auto& lane) {
            for (std::size_t k = 0; k < bound_; ++k)
                for (std::size_t i = 0; i < n; ++i) {
                    content[k][begin - first + i] = lane(2 * k, i);
                    slope[k][begin - first + i] = lane(2 * k + 1, i) * fluid_[begin + i] / lobules_;
                }
        });
    }

private:
    /// use(begin, n, lane) for blocks of places; lane(o, i): output o of the i-th.
    template <class Use>
    void for_blocks(const Program& program, std::size_t first, std::size_t count, const double* const* c,
                    const Use& use) const {
        // Laws read amounts of one lobule; the solver has concentrations, and the whole box.
        const std::size_t signals = model_.signals.size();
        thread_local ProgramWorkspace workspace;
        thread_local std::vector<double> amounts;
        thread_local std::vector<const double*> columns;
        for (std::size_t done = 0; done < count; done += PlaceLaws::k_block) {
            const std::size_t begin = first + done, n = std::min(PlaceLaws::k_block, count - done);
            amounts.resize(signals * n);
            columns.assign(model_.zone_states.size(), nullptr);
            for (std::size_t s = 0; s < signals; ++s) {
                double* amount = &amounts[s * n];
                for (std::size_t i = 0; i < n; ++i) amount[i] = c[s][done + i] * fluid_[begin + i] / lobules_;
                columns[static_cast<std::size_t>(model_.signals[s].entry)] = amount;
            }
            places_.evaluate(program, begin, n, workspace, columns);
            use(begin, n, [&](std::size_t o, std::size_t i) {
                return program.result(workspace, o)[program.extent(o) == Extent::lanes ? i : 0];
            });
        }
    }

    const Model& model_;
    PlaceLaws& places_;
    double lobules_;
    const double* fluid_ = nullptr;
    std::vector<std::pair<int, int>> pairs_;
    Program program_, content_program_;
    std::size_t bound_ = 0;
};

/// The body over one step, given what leaves the tissue: its entries, and what comes in.
class TissueSignals::Circulation : public Body {
public:
    Circulation(const Model& model, const Laws& laws, PlaceLaws& places, double lobules) : places_(places) {
        ExpressionGraph& graph = places.graph();
        const std::size_t bodies = model.body_states.size();
        std::vector<ExprId> rates;
        for (const ExprId rate : laws.body_rates) rates.push_back(places.take(rate));
        const auto change = [&](std::int32_t entry, Op op, ExprId flux) {
            at(rates, entry) = graph.binary(op, at(rates, entry), flux);
        };
        for (const Transfer& t : laws.transfers) {
            if (t.route != Transfer::Route::body) continue;
            change(t.from, Op::sub, places.take(t.flux));
            change(t.to, Op::add, places.take(t.flux));
        }
        const ExprId zero = graph.constant(0.0);
        ExprId into = zero, out_of = zero;  // volume flows
        for (const Perfusion& p : laws.perfusions) {
            ExprId& total = p.inward ? into : out_of;
            total = graph.binary(Op::add, total, places.take(p.rate));
        }
        // The number of lobules is a body entry: what leaves the box times that over the lobules of the box is the liver's.
        ExprId count = graph.constant(1.0);
        for (std::size_t b = 0; b < bodies; ++b)
            if (model.body_states[b].kind == StateInfo::Kind::lobule_count)
                count = graph.input(model.body_slot(b), Extent::one);
        const ExprId scale = graph.binary(Op::div, count, graph.constant(lobules));
        inflow_ = graph.binary(Op::div, into, scale);
        for (const SignalInfo& signal : model.signals) {
            ExprId arriving = zero, leaving = -1;
            for (const Perfusion& p : laws.perfusions)
                for (const Perfusion::Carried& c : p.carried) {
                    if (c.signal != signal.entry) continue;
                    if (leaving < 0) leaving = places.extra();
                    const ExprId rate = places.take(p.rate);
                    if (p.inward) {
                        const ExprId flux = graph.binary(Op::mul, rate, places.take(c.content));
                        arriving = graph.binary(Op::add, arriving, flux);
                        change(c.in_compartment, Op::sub, flux);
                    } else {
                        const ExprId share = graph.binary(Op::div, rate, out_of);
                        const ExprId whole = graph.binary(Op::mul, leaving, scale);
                        change(c.in_compartment, Op::add, graph.binary(Op::mul, share, whole));
                    }
                }
            ExprId entering = leaving < 0 ? ExprId{-1} : graph.binary(Op::div, arriving, into);
            for (const BloodContent& c : laws.contents)
                if (c.signal == signal.entry && c.entering >= 0) {  // from beyond the model, where it goes as well
                    entering = places.take(c.entering);
                    leaving = places.extra();
                }
            carried_.push_back(leaving >= 0);
            if (leaving < 0) continue;
            out_.push_back(leaving);
            blood_.push_back(entering);
        }
        for (std::size_t b = 0; b < bodies; ++b) {
            if (model.body_states[b].population >= 0 || model.body_states[b].constant || is_tally(laws, b, true))
                continue;  // cells move by themselves, and what they do is counted
            unknown_.push_back(b);
            steady_.push_back(model.body_states[b].kind == StateInfo::Kind::signal);
        }
        // f, df/dm, df/dout, then b, db/dm.
        std::vector<ExprId> outputs;
        const auto by_body = [&](ExprId f) {
            for (const std::size_t b : unknown_)
                outputs.push_back(graph.derivative(f, graph.input(model.body_slot(b), Extent::one)));
        };
        for (const std::size_t b : unknown_) outputs.push_back(rates[b]);
        for (const std::size_t b : unknown_) by_body(rates[b]);
        for (const std::size_t b : unknown_)
            for (const ExprId o : out_) outputs.push_back(graph.derivative(rates[b], o));
        for (const ExprId b : blood_) outputs.push_back(b);
        for (const ExprId b : blood_) by_body(b);
        program_ = places.program(outputs);
    }

    bool carries(std::size_t signal) const { return carried_[signal]; }
    ExprId inflow() const { return inflow_; }
    std::size_t signals() const { return blood_.size(); }
    std::size_t unknowns() const { return unknown_.size(); }

    /// Begins a step from the body values `m` (all entries).
    void begin(const double* m, double step) {
        per_step_ = std::isinf(step) ? 0.0 : 1.0 / step;
        old_.clear();
        for (const std::size_t b : unknown_) old_.push_back(m[b]);
        now_ = old_;
    }
    /// What comes in at the current values.
    void blood(std::span<double> b) {
        put(now_);
        places_.evaluate(program_, 0, 1, workspace_);
        for (std::size_t s = 0; s < signals(); ++s) b[s] = value(blood_at() + s);
    }
    /// The values at the end of the step.
    void finish(double* m) const {
        for (std::size_t i = 0; i < unknown_.size(); ++i) m[unknown_[i]] = now_[i];
    }

    void evaluate(std::span<const double> b, std::span<const double> out, std::span<double> g, std::span<double> dg_db,
                  std::span<double> dg_dout) const override {
        const std::size_t n = unknowns(), m = signals();
        for (std::size_t s = 0; s < m; ++s) places_.set_extra(out_[s], out[s]);
        const Factors factors = solve();
        for (std::size_t s = 0; s < m; ++s) {
            g[s] = b[s] - value(blood_at() + s);
            for (std::size_t t = 0; t < m; ++t) dg_db[s * m + t] = s == t ? 1.0 : 0.0;
        }
        // (1/h - df/dm) dm = df/dout dout, and db = (db/dm) dm.
        for (std::size_t t = 0; t < m; ++t) {
            Eigen::VectorXd column(static_cast<Eigen::Index>(n));
            for (std::size_t i = 0; i < n; ++i)
                column[static_cast<Eigen::Index>(i)] = free(i) ? value(out_slope_at() + i * m + t) : 0.0;
            if (n > 0) column = factors.solve(column).eval();
            for (std::size_t s = 0; s < m; ++s) {
                double sum = 0.0;
                for (std::size_t i = 0; i < n; ++i)
                    sum += value(blood_slope_at() + s * n + i) * column[static_cast<Eigen::Index>(i)];
                dg_dout[s * m + t] = -sum;
            }
        }
    }

private:
    static constexpr int k_most_iterations = 50;
    static constexpr double k_tolerance = 1e-13, k_nothing = 1e-300;
    using Factors = Eigen::PartialPivLU<Eigen::MatrixXd>;

    double value(std::size_t output) const { return *program_.result(workspace_, output); }
    std::size_t slope_at() const { return unknowns(); }
    std::size_t out_slope_at() const { return slope_at() + unknowns() * unknowns(); }
    std::size_t blood_at() const { return out_slope_at() + unknowns() * signals(); }
    std::size_t blood_slope_at() const { return blood_at() + signals(); }
    /// Whether an entry changes in this step: a steady state is asked of signals alone.
    bool free(std::size_t i) const { return per_step_ > 0.0 || steady_[i]; }

    void put(const std::vector<double>& m) const {
        for (std::size_t i = 0; i < unknown_.size(); ++i) places_.body(unknown_[i]) = m[i];
    }

    /// Newton's method for (m - old) / h = f(m, out); gives the factors of its last iteration.
    Factors solve() const {
        const std::size_t n = unknowns();
        const auto size = static_cast<Eigen::Index>(n);
        Factors factors(size);
        Eigen::MatrixXd jacobian(size, size);
        Eigen::VectorXd residual(size);
        for (int iteration = 0; iteration < k_most_iterations; ++iteration) {
            put(now_);
            places_.evaluate(program_, 0, 1, workspace_);
            double worst = 0.0;
            for (std::size_t i = 0; i < n; ++i) {
                const auto row = static_cast<Eigen::Index>(i);
                for (std::size_t k = 0; k < n; ++k) {
                    const double slope = free(i) ? value(slope_at() + i * n + k) : 0.0;
                    jacobian(row, static_cast<Eigen::Index>(k)) = (i == k ? (free(i) ? per_step_ : 1.0) : 0.0) - slope;
                }
                residual[row] = free(i) ? value(i) - per_step_ * (now_[i] - old_[i]) : 0.0;
            }
            if (n == 0) break;
            factors.compute(jacobian);
            residual = factors.solve(residual).eval();
            for (std::size_t i = 0; i < n; ++i) {
                const double step = residual[static_cast<Eigen::Index>(i)];
                now_[i] += step;
                worst = std::max(worst, std::abs(step) / (std::abs(now_[i]) + k_nothing));
            }
            if (worst < k_tolerance) break;
        }
        put(now_);
        places_.evaluate(program_, 0, 1, workspace_);
        return factors;
    }

    PlaceLaws& places_;
    ExprId inflow_ = -1;
    std::vector<bool> carried_;         // by signal
    std::vector<ExprId> out_, blood_;   // by carried signal
    std::vector<std::size_t> unknown_;  // body entries
    std::vector<bool> steady_;
    Program program_;
    mutable ProgramWorkspace workspace_;
    mutable std::vector<double> now_;
    std::vector<double> old_;
    double per_step_ = 0.0;
};

TissueSignals::TissueSignals(const Model& model, const Laws& laws, const Inputs& inputs, double lobules)
    : model_(model), lobules_(lobules), laws_(model, laws, inputs) {
    circulation_ = std::make_unique<Circulation>(model, laws, laws_, lobules);
    local_ = std::make_unique<Local>(model, laws, laws_, lobules);
    for (std::size_t s = 0; s < model.signals.size(); ++s) {
        const SignalInfo& info = model.signals[s];
        const double diffusion =
            info.diffusion < 0
                ? 0.0
                : laws_.inputs()
                      .ones[static_cast<std::size_t>(model.parameters[static_cast<std::size_t>(info.diffusion)].slot)];
        signals_.push_back({model.zone_states[static_cast<std::size_t>(info.entry)].name, diffusion,
                            circulation_->carries(s) ? 1.0 : 0.0, info.slow, is_bound(laws, info.entry)});
    }
    const std::vector<ExprId> fluid{laws_.take(laws.fluid)}, inflow{circulation_->inflow()};
    fluid_program_ = laws_.program(fluid);
    inflow_program_ = laws_.program(inflow);
    std::vector<ExprId> outputs;
    for (std::size_t e = 0; e < model.zone_states.size(); ++e) {
        const StateInfo& info = model.zone_states[e];
        if (info.population >= 0 || info.kind == StateInfo::Kind::signal || is_tally(laws, e, false)) continue;
        const ExprId rate = laws_.take(laws.zone_rates[e]);
        if (laws_.graph().is_constant(rate, 0.0)) continue;
        const ExprId own = laws_.graph().input(static_cast<std::int32_t>(e), Extent::lanes);
        variables_.push_back({static_cast<std::int32_t>(e), outputs.size(), outputs.size() + 1});
        outputs.push_back(rate);
        outputs.push_back(laws_.graph().derivative(rate, own));
    }
    variable_program_ = laws_.program(outputs);
}

TissueSignals::~TissueSignals() = default;

void TissueSignals::set_space(const Grid& grid, Perfused perfused) {
    LOBULE_ASSERT(grid.size() == laws_.places(), grid.size(), laws_.places());
    grid_ = grid;
    perfused_ = std::move(perfused);
}

FieldReport TissueSignals::advance(std::vector<double>& values, double time, double step, int threads) {
    const std::size_t places = laws_.places(), signals = signals_.size();
    const bool steady = std::isinf(step);
    laws_.prepare(time, values, threads);
    ProgramWorkspace workspace;
    FieldReport report;
    double* body = values.data() + model_.zone_states.size() * places;
    if (signals > 0) {
        fluid_.resize(places);
        for (std::size_t first = 0; first < places; first += PlaceLaws::k_block) {
            const std::size_t count = std::min(PlaceLaws::k_block, places - first);
            laws_.evaluate(fluid_program_, first, count, workspace);
            const double* fluid = fluid_program_.result(workspace, 0);
            const bool lanes = fluid_program_.extent(0) == Extent::lanes;
            for (std::size_t i = 0; i < count; ++i) fluid_[first + i] = lobules_ * fluid[lanes ? i : 0];
        }
        Medium medium{grid_, fluid_, perfused_.flow, perfused_.inflow, perfused_.outflow};
        const double inflow = laws_.one(inflow_program_, 0, workspace);
        for (auto* part : {&medium.flow.x, &medium.flow.y, &medium.flow.z, &medium.inflow, &medium.outflow})
            for (double& q : *part) q *= inflow;
        now_.resize(signals * places);
        for (std::size_t s = 0; s < signals; ++s) {
            const double* amount = values.data() + static_cast<std::size_t>(model_.signals[s].entry) * places;
            for (std::size_t v = 0; v < places; ++v)
                now_[s * places + v] = fluid_[v] > 0.0 ? lobules_ * amount[v] / fluid_[v] : 0.0;
        }
        old_ = now_;
        blood_.assign(signals, 0.0);
        local_->set_fluid(fluid_.data());
        circulation_->begin(body, step);
        std::vector<double> blood(circulation_->signals());
        circulation_->blood(blood);
        for (std::size_t s = 0, k = 0; s < signals; ++s)
            if (circulation_->carries(s)) blood_[s] = blood[k++];
        FieldProblem problem;
        problem.reactions = local_.get();
        problem.body = circulation_->signals() > 0 ? circulation_.get() : nullptr;
        problem.carriage = local_.get();
        problem.per_step = steady ? 0.0 : 1.0 / step;
        problem.old = old_;
        FieldControl control;
        control.threads = threads;
        Fields fields(medium, signals_);
        report = fields.solve(now_, blood_, problem, control);
        for (std::size_t s = 0; s < signals; ++s) {
            double* amount = values.data() + static_cast<std::size_t>(model_.signals[s].entry) * places;
            for (std::size_t v = 0; v < places; ++v) amount[v] = now_[s * places + v] * fluid_[v] / lobules_;
        }
    }
    circulation_->finish(body);
    if (!steady) local_step(values, step, threads);
    return report;
}

/// y' = f(y) of each place with f' = df/dy: y + h f (exp(h f') - 1) / (h f').
void TissueSignals::local_step(std::vector<double>& values, double step, int threads) {
    if (variables_.empty()) return;
    const std::size_t places = laws_.places(), blocks = (places + PlaceLaws::k_block - 1) / PlaceLaws::k_block;
    // In a copy: a law may read the variable of another.
    std::vector<double> next(variables_.size() * places);
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        ProgramWorkspace workspace;
#pragma omp for schedule(static)
        for (std::size_t b = 0; b < blocks; ++b) {
            const std::size_t first = b * PlaceLaws::k_block, count = std::min(PlaceLaws::k_block, places - first);
            laws_.evaluate(variable_program_, first, count, workspace);
            const auto lane = [&](std::size_t o, std::size_t i) {
                return variable_program_.result(workspace, o)[variable_program_.extent(o) == Extent::lanes ? i : 0];
            };
            for (std::size_t k = 0; k < variables_.size(); ++k) {
                const double* y = values.data() + static_cast<std::size_t>(variables_[k].entry) * places + first;
                for (std::size_t i = 0; i < count; ++i) {
                    const double f = lane(variables_[k].rate, i), z = step * lane(variables_[k].slope, i);
                    const double gain = std::abs(z) < 1e-6 ? 1.0 + 0.5 * z : (math::exp(z) - 1.0) / z;
                    next[k * places + first + i] = y[i] + step * f * gain;
                }
            }
        }
    }
    for (std::size_t k = 0; k < variables_.size(); ++k)
        std::copy_n(
            next.begin() + static_cast<std::ptrdiff_t>(k * places), places,
            values.begin() + static_cast<std::ptrdiff_t>(variables_[k].entry) * static_cast<std::ptrdiff_t>(places));
}

}  // namespace lobule
