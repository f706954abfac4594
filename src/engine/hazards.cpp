#include "hazards.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/simulation.hpp"

namespace lobule {

namespace {

/// What the form of an expression says of its sign, values of State being no lower than 0 where they count something.
enum class Sign { any, not_negative, positive };

/// A solver may let a number of cells or an amount sink below 0 by its tolerance; a hazard read off it sinks with it.
constexpr double k_rounding = 1e-6;

class Signs {
public:
    Signs(const Model& model, const Inputs& inputs) : model_(model), inputs_(inputs) {
        const ExpressionGraph& graph = model.run.graph;
        for (std::size_t i = 0; i < graph.size(); ++i) signs_.push_back(of(graph[static_cast<ExprId>(i)]));
    }
    bool not_negative(ExprId id) const { return signs_[static_cast<std::size_t>(id)] != Sign::any; }

private:
    static Sign of_value(double v) { return v > 0.0 ? Sign::positive : v == 0.0 ? Sign::not_negative : Sign::any; }

    Sign of_input(const Expression& e) const {
        const auto slot = static_cast<std::size_t>(e.integer);
        if (e.extent == Extent::one) {
            if (slot == Model::time_slot) return Sign::not_negative;
            if (slot <= model_.body_states.size())
                return model_.body_states[slot - 1].kind == StateInfo::Kind::variable ? Sign::any : Sign::not_negative;
            return of_value(inputs_.ones[slot]);
        }
        if (slot < model_.zone_states.size())
            return model_.zone_states[slot].kind == StateInfo::Kind::variable ? Sign::any : Sign::not_negative;
        const std::vector<double>& lane = inputs_.lanes[slot];
        return lane.empty() ? Sign::any : of_value(*std::min_element(lane.begin(), lane.end()));
    }

    Sign of(const Expression& e) const {
        const auto sign = [&](ExprId id) { return signs_[static_cast<std::size_t>(id)]; };
        const auto known = [&](ExprId id) { return sign(id) != Sign::any; };
        switch (e.op) {
            case Op::constant: return of_value(e.constant);
            case Op::input: return of_input(e);
            case Op::add:
                if (!known(e.a) || !known(e.b)) return Sign::any;
                return std::max(sign(e.a), sign(e.b));
            case Op::mul:
            case Op::div: return known(e.a) && known(e.b) ? std::min(sign(e.a), sign(e.b)) : Sign::any;
            case Op::power_int:
                if (known(e.a)) return sign(e.a);
                return e.integer % 2 == 0 ? Sign::not_negative : Sign::any;
            case Op::pow: return known(e.a) ? sign(e.a) : Sign::any;
            case Op::exp: return Sign::positive;
            case Op::sqrt:
            case Op::abs:
            case Op::less:
            case Op::less_equal:
            case Op::equal:
            case Op::logical_and:
            case Op::logical_or:
            case Op::logical_not: return Sign::not_negative;
            case Op::hill:
                return (e.integer == 0 || e.integer % 2 == 0 || (known(e.a) && known(e.b))) ? Sign::not_negative
                                                                                            : Sign::any;
            case Op::min: return std::min(sign(e.a), sign(e.b));
            case Op::max: return std::max(sign(e.a), sign(e.b));
            case Op::select: return std::min(sign(e.b), sign(e.c));
            case Op::lane_sum:
            case Op::mark:
            case Op::next:
            case Op::previous: return sign(e.a);
            default: return Sign::any;
        }
    }

    const Model& model_;
    const Inputs& inputs_;
    std::vector<Sign> signs_;
};

}  // namespace

void throw_negative_hazard(const Model&, const Hazard& hazard, double time, double rate, std::size_t zone,
                           bool by_zone) {
    const std::string where = by_zone ? fmt::format(" in zone {}", zone + 1) : std::string();
    throw SolverFailure(
        time, hazard.what,
        fmt::format("{}:{}: at {:.6g} h {} is negative ({:.4g} 1/h{}): no cell can go at a negative rate; "
                    "write max(..., 0), and give a way back a transition of its own",
                    hazard.where.file, hazard.where.line, time, hazard.what, rate, where));
}

HazardGuard::HazardGuard(const Model& model, const Inputs& inputs) : model_(model), binding_(model, inputs) {
    const Signs signs(model, inputs);
    std::vector<ExprId> outputs;
    for (std::size_t h = 0; h < model.run.hazards.size(); ++h)
        if (!signs.not_negative(model.run.hazards[h].value)) {
            watched_.push_back(h);
            outputs.push_back(model.run.hazards[h].value);
        }
    program_ = Program(model.run.graph, outputs);
}

void HazardGuard::check(double time, const double* y) {
    if (watched_.empty()) return;
    program_.evaluate(binding_.bind(time, y), workspace_);
    for (std::size_t h = 0; h < watched_.size(); ++h) {
        const std::size_t lanes = program_.extent(h) == Extent::lanes ? static_cast<std::size_t>(model_.zones) : 1;
        for (std::size_t z = 0; z < lanes; ++z)
            if (const double rate = program_.result(workspace_, h)[z]; rate < -k_rounding)
                throw_negative_hazard(model_, model_.run.hazards[watched_[h]], time, rate, z, lanes > 1);
    }
}

}  // namespace lobule
