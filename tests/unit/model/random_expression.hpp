// Random expressions for property tests, and one evaluation of an expression.
#pragma once

#include <array>
#include <vector>

#include <rapidcheck.h>

#include "model/program.hpp"

namespace lobule {

inline double evaluate_one(const ExpressionGraph& graph, ExprId id, const std::vector<double>& ones) {
    const Program program(graph, std::array{id});
    ProgramWorkspace workspace;
    program.evaluate({.ones = ones, .lane_columns = {}, .lanes = 1}, workspace);
    return *program.result(workspace, 0);
}

inline rc::Gen<double> random_number(double low, double high) {
    return rc::gen::map(rc::gen::inRange(0, 1001), [=](int i) { return low + (high - low) * i / 1000.0; });
}

enum class Smooth : bool { no, yes };

/// An expression of `ones` one-value and `lanes` lane inputs, `depth` operations deep. Smooth ones keep away from kinks, poles
/// and the edges of domains where their inputs lie in (0.1, 4).
inline rc::Gen<ExprId> random_expression(ExpressionGraph& graph, int ones, int lanes, int depth, Smooth smooth) {
    return rc::gen::exec([&graph, ones, lanes, depth, smooth]() -> ExprId {
        const auto below = [&] { return *random_expression(graph, ones, lanes, depth - 1, smooth); };
        if (depth == 0 || *rc::gen::inRange(0, 6) == 0) {
            const int leaf = *rc::gen::inRange(0, ones + lanes + 1);
            if (leaf < ones) return graph.input(leaf, Extent::one);
            if (leaf < ones + lanes) return graph.input(leaf - ones, Extent::lanes);
            return graph.constant(*random_number(0.5, 3.0));
        }
        // exp(tanh(f)): positive and bounded, a safe base, divisor or argument.
        const auto positive = [&] { return graph.unary(Op::exp, graph.unary(Op::tanh, below())); };
        switch (*rc::gen::inRange(0, smooth == Smooth::yes ? 13 : 20)) {
            case 0: return graph.binary(Op::add, below(), below());
            case 1: return graph.binary(Op::sub, below(), below());
            case 2: return graph.binary(Op::mul, below(), below());
            case 3: return graph.binary(Op::div, below(), positive());
            case 4: return graph.unary(Op::neg, below());
            case 5: return graph.power_int(positive(), *rc::gen::inRange(-4, 9));
            case 6: return graph.binary(Op::pow, positive(), graph.unary(Op::tanh, below()));
            case 7: return graph.unary(Op::sqrt, positive());
            case 8: return graph.unary(Op::ln, positive());
            case 9: return graph.unary(Op::log10, positive());
            case 10: return graph.unary(Op::tanh, below());
            case 11: return graph.hill(positive(), positive(), graph.constant(*rc::gen::inRange(1, 6)));
            case 12: return graph.hill(positive(), positive(), positive());
            case 13: return graph.unary(Op::abs, below());
            case 14: return graph.binary(Op::min, below(), below());
            case 15: return graph.binary(Op::max, below(), below());
            case 16: return graph.select(graph.binary(Op::less, below(), below()), below(), below());
            case 17:
                return graph.binary(Op::logical_or, graph.binary(Op::less_equal, below(), below()),
                                    graph.unary(Op::logical_not, below()));
            case 18: return graph.binary(Op::logical_and, graph.binary(Op::equal, below(), below()), below());
            default: {
                const ExprId summed = below();
                return graph[summed].extent == Extent::lanes ? summed : graph.unary(Op::neg, summed);
            }
        }
    });
}

}  // namespace lobule
