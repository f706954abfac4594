#include "rosenbrock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "engine/simulation.hpp"

namespace lobule {

namespace {

constexpr double k_gamma = 0.5;
/// Below this share of the stretch a step has no hope.
constexpr double k_shortest = 1e-10;
constexpr long k_most_steps = 100000;

bool reads_time(const Model& model, const ZoneSystem& system) {
    const ExpressionGraph& graph = model.run.graph;
    std::vector<bool> seen(graph.size(), false);
    std::vector<ExprId> open;
    for (const FluxTerm& term : system.terms()) open.push_back(term.flux);
    while (!open.empty()) {
        const ExprId id = open.back();
        open.pop_back();
        if (id < 0 || seen[static_cast<std::size_t>(id)]) continue;
        seen[static_cast<std::size_t>(id)] = true;
        const Expression& e = graph[id];
        if (e.op == Op::input && e.extent == Extent::one && e.integer == Model::time_slot) return true;
        open.insert(open.end(), {e.a, e.b, e.c});
    }
    return false;
}

}  // namespace

Rosenbrock::Rosenbrock(const Model& model, ZoneSystem& system, Linearisation& linearisation, std::vector<double> scales,
                       double tolerance)
    : model_(model),
      system_(system),
      linearisation_(linearisation),
      matrix_(linearisation),
      scales_(std::move(scales)),
      tolerance_(tolerance),
      timed_(reads_time(model, system)) {
    floors_ = scales_;
    const std::size_t zones = static_cast<std::size_t>(model.zones), zone_values = model.zone_states.size() * zones;
    for (std::size_t v = 0; v < floors_.size(); ++v) {
        const StateInfo& info = v < zone_values ? model.zone_states[v / zones] : model.body_states[v - zone_values];
        if (info.population < 0) floors_[v] *= 1e-3;
    }
    for (auto* v : {&f0_, &slope_, &stage_, &right_, &next_, &k_[0], &k_[1], &k_[2], &k_[3]})
        v->assign(system.size(), 0.0);
}

void Rosenbrock::advance(double from, double to, std::vector<double>& y, const Follower& follower) {
    matrix_.forget();
    double time = from, h = to - from;
    for (long tries = 0; time < to; ++tries) {
        if (tries > k_most_steps || !(h > k_shortest * (to - from))) fail(time, y, h);
        const bool last = time + h >= to - k_shortest * (to - from);
        if (last) h = to - time;
        const double error = try_step(time, h, y);
        // error^(-1/3), by our own functions: the step size is part of the result.
        const double factor = error > 0.0 ? 0.9 * math::exp(-math::ln(error) / 3.0) : 5.0;
        if (error <= 1.0) {
            const double end = last ? to : time + h;
            if (follower) follower(time, end, y, next_);
            time = end;
            y.swap(next_);
            ++steps_;
            h *= std::clamp(factor, 0.2, 5.0);
        } else {
            ++rejected_;
            h *= error < HUGE_VAL ? std::clamp(factor, 0.1, 0.7) : 0.1;  // not a number counts as infinite
        }
    }
}

void Rosenbrock::rates(double time, const std::vector<double>& y, std::vector<double>& out) {
    system_.rates(time, y.data(), out.data());
    ++rate_evaluations_;
}

double Rosenbrock::try_step(double time, double h, const std::vector<double>& y) {
    const std::size_t n = y.size();
    rates(time, y, f0_);
    linearisation_.evaluate(time, y.data(), system_.binding());
    matrix_.assemble(h * k_gamma);
    if (matrix_.factorise() != 0) return HUGE_VAL;
    if (timed_) {
        const double span = 1e-6 * h;
        rates(time + span, y, slope_);
        for (std::size_t i = 0; i < n; ++i) slope_[i] = (slope_[i] - f0_[i]) / span;
    }
    // (I - h g J) K = h g (f + sum c K / h + h g_i f_t)
    const auto solve = [&](int i, const std::vector<double>& f, std::initializer_list<double> c, double g) {
        for (std::size_t v = 0; v < n; ++v) {
            double sum = 0.0;
            std::size_t j = 0;
            for (const double factor : c) sum += factor * k_[j++][v];
            right_[v] = k_gamma * (h * f[v] + sum);
        }
        if (timed_ && g != 0.0)
            for (std::size_t v = 0; v < n; ++v) right_[v] += k_gamma * h * h * g * slope_[v];
        return matrix_.solve(k_[i].data(), right_.data()) == 0;
    };
    bool ok = solve(0, f0_, {}, 0.5) && solve(1, f0_, {4.0}, 1.5);
    if (!ok) return HUGE_VAL;
    for (std::size_t v = 0; v < n; ++v) stage_[v] = y[v] + 2.0 * k_[0][v];
    rates(time + h, stage_, f0_);
    if (!solve(2, f0_, {1.0, -1.0}, 0.0)) return HUGE_VAL;
    for (std::size_t v = 0; v < n; ++v) stage_[v] += k_[2][v];
    rates(time + h, stage_, f0_);
    if (!solve(3, f0_, {1.0, -1.0, -8.0 / 3.0}, 0.0)) return HUGE_VAL;
    double sum = 0.0;
    for (std::size_t v = 0; v < n; ++v) {
        next_[v] = stage_[v] + k_[3][v];
        const double size = std::max(std::abs(y[v]), std::abs(next_[v])) + floors_[v];
        const double error = k_[3][v] / (tolerance_ * size);
        sum += error * error;
    }
    sum = std::sqrt(sum / static_cast<double>(n));
    return std::isfinite(sum) ? sum : HUGE_VAL;
}

void Rosenbrock::fail(double time, const std::vector<double>& y, double h) {
    rates(time, y, f0_);
    std::size_t worst = 0;
    double largest = -1.0;
    for (std::size_t v = 0; v < y.size(); ++v) {
        const double error = std::isfinite(f0_[v]) ? std::abs(k_[3][v]) / scales_[v] : HUGE_VAL;
        if (!(error <= largest)) largest = error, worst = v;
    }
    const std::string name = value_name(model_, worst);
    throw SolverFailure(time, name,
                        fmt::format("the solver gave up at {:.6g} h (step {:.3g} h): {}. Try: a law that jumps or has "
                                    "no value there; a shorter step",
                                    time, h,
                                    std::isfinite(f0_[worst]) ? name + " is the hardest to follow"
                                                              : "the rate of " + name + " has no finite value"));
}

}  // namespace lobule
