#include "model/expression.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error.hpp"
#include "base/math.hpp"
#include "random_expression.hpp"

namespace lobule {
namespace {

class Expressions : public testing::Test {
protected:
    ExpressionGraph graph;
    const ExprId x = graph.input(0, Extent::one);
    const ExprId y = graph.input(1, Extent::one);
    const ExprId zone = graph.input(0, Extent::lanes);

    ExprId number(double value) { return graph.constant(value); }
    double value(ExprId id, double x_value, double y_value) const {
        return evaluate_one(graph, id, {x_value, y_value});
    }
    // By central difference.
    double slope(ExprId id, double x_value, double y_value) const {
        const double h = 1e-6 * std::max(1.0, std::abs(x_value));
        return (value(id, x_value + h, y_value) - value(id, x_value - h, y_value)) / (2.0 * h);
    }
};

TEST_F(Expressions, EqualExpressionsAreOne) {
    EXPECT_EQ(graph.binary(Op::sub, x, y), graph.binary(Op::sub, x, y));
    EXPECT_NE(graph.binary(Op::sub, x, y), graph.binary(Op::sub, y, x));
    EXPECT_EQ(graph.binary(Op::mul, x, y), graph.binary(Op::mul, y, x));
    EXPECT_NE(x, zone);
    EXPECT_EQ(graph.input(0, Extent::one), x);
    EXPECT_EQ(number(2.0), number(2.0));
    EXPECT_NE(number(0.0), number(-0.0));
    EXPECT_EQ(number(std::nan("")), number(std::nan("")));
}

TEST_F(Expressions, ConstantsFold) {
    EXPECT_TRUE(graph.is_constant(graph.binary(Op::add, number(2.0), number(3.0)), 5.0));
    EXPECT_TRUE(graph.is_constant(graph.binary(Op::pow, number(2.0), number(-2.0)), 0.25));
    EXPECT_TRUE(graph.is_constant(graph.unary(Op::exp, number(1.5)), math::exp(1.5)));
    EXPECT_TRUE(graph.is_constant(graph.hill(number(2.0), number(1.0), number(2.0)), 0.8));
    EXPECT_TRUE(graph.is_constant(graph.hill(number(4.0), number(1.0), number(0.5)), 2.0 / 3.0));
    EXPECT_TRUE(graph.is_constant(graph.hill(x, y, number(0.0)), 0.5));
    EXPECT_TRUE(graph.is_constant(graph.binary(Op::less, number(1.0), number(2.0)), 1.0));
    EXPECT_EQ(graph.select(number(1.0), x, y), x);
    EXPECT_EQ(graph.select(number(0.0), x, y), y);
    EXPECT_EQ(graph.select(x, y, y), y);
}

TEST_F(Expressions, NeutralElementsVanish) {
    const ExprId zero = number(0.0), one = number(1.0);
    EXPECT_EQ(graph.binary(Op::add, x, zero), x);
    EXPECT_EQ(graph.binary(Op::add, zero, x), x);
    EXPECT_EQ(graph.binary(Op::sub, x, zero), x);
    EXPECT_EQ(graph.binary(Op::sub, zero, x), graph.unary(Op::neg, x));
    EXPECT_EQ(graph.binary(Op::mul, x, zero), zero);
    EXPECT_EQ(graph.binary(Op::mul, one, x), x);
    EXPECT_EQ(graph.binary(Op::mul, number(-1.0), x), graph.unary(Op::neg, x));
    EXPECT_EQ(graph.binary(Op::div, x, one), x);
    EXPECT_EQ(graph.binary(Op::div, zero, x), zero);
    EXPECT_EQ(graph.unary(Op::neg, graph.unary(Op::neg, x)), x);
    EXPECT_EQ(graph.power_int(x, 1), x);
    EXPECT_EQ(graph.power_int(x, 0), one);
    EXPECT_EQ(graph.binary(Op::pow, x, number(3.0)), graph.power_int(x, 3));
    EXPECT_EQ(graph.binary(Op::pow, x, number(0.5)), graph.unary(Op::sqrt, x));
}

TEST_F(Expressions, ExtentSpreads) {
    EXPECT_EQ(graph[graph.binary(Op::add, x, y)].extent, Extent::one);
    EXPECT_EQ(graph[graph.binary(Op::add, x, zone)].extent, Extent::lanes);
    EXPECT_EQ(graph[graph.select(zone, x, y)].extent, Extent::lanes);
    EXPECT_EQ(graph[graph.lane_sum(zone)].extent, Extent::one);
    EXPECT_THROW(graph.lane_sum(x), Bug);
}

TEST_F(Expressions, MisuseIsABug) {
    EXPECT_THROW(graph.unary(Op::add, x), Bug);
    EXPECT_THROW(graph.binary(Op::exp, x, y), Bug);
}

TEST_F(Expressions, LeavesStopAtLaneSums) {
    const ExprId sum = graph.lane_sum(graph.binary(Op::mul, x, zone));
    const ExprId f = graph.binary(Op::add, graph.binary(Op::mul, sum, y), number(3.0));
    EXPECT_EQ(graph.leaves(f), (std::vector<ExprId>{y, sum}));
    EXPECT_EQ(graph.leaves(sum), (std::vector<ExprId>{sum}));
    EXPECT_EQ(graph.derivative(f, sum), y);
    EXPECT_TRUE(graph.is_constant(graph.derivative(f, x), 0.0));  // x is inside the sum only
    EXPECT_TRUE(graph.is_constant(graph.derivative(sum, sum), 1.0));
}

TEST_F(Expressions, MarksAreLeavesWithTheirValue) {
    const ExprId sum = graph.mark(graph.binary(Op::add, x, y));
    const ExprId f = graph.power_int(sum, 2);
    EXPECT_EQ(graph.leaves(f), std::vector<ExprId>{sum});
    EXPECT_EQ(value(f, 2.0, 3.0), 25.0);
    EXPECT_EQ(value(graph.derivative(f, sum), 2.0, 3.0), 10.0);
    EXPECT_TRUE(graph.is_constant(graph.derivative(f, x), 0.0));
}

TEST_F(Expressions, HillAtZero) {
    for (const double n : {1.0, 2.0, 3.0, 1.5, 2.5}) {
        const ExprId f = graph.hill(x, y, number(n));
        EXPECT_EQ(value(f, 0.0, 3.0), 0.0) << n;
        EXPECT_DOUBLE_EQ(value(f, 3.0, 3.0), 0.5) << n;
        EXPECT_EQ(value(graph.derivative(f, x), 0.0, 2.0), n == 1.0 ? 0.5 : 0.0) << n;
        EXPECT_EQ(value(graph.derivative(f, y), 0.0, 2.0), 0.0) << n;
    }
    const ExprId free = graph.hill(number(0.0), x, y);  // the steepness varies
    EXPECT_EQ(value(graph.derivative(free, y), 1.0, 2.0), 0.0);
}

TEST_F(Expressions, HillDerivatives) {
    const ExprId n = graph.input(1, Extent::one);
    for (const ExprId f : {graph.hill(x, number(2.0), number(3.0)), graph.hill(number(1.5), x, number(3.0)),
                           graph.hill(x, number(2.0), number(1.7)), graph.hill(x, number(2.0), n),
                           graph.hill(number(1.5), x, n), graph.hill(number(1.5), number(2.5), x)})
        for (const double at : {0.3, 1.0, 2.0, 7.5})
            EXPECT_NEAR(value(graph.derivative(f, x), at, 2.3), slope(f, at, 2.3), 1e-8) << at;
}

TEST_F(Expressions, HillKeepsItsRange) {
    const ExprId steep = graph.hill(x, y, number(30.0));  // x^n would underflow
    EXPECT_DOUBLE_EQ(value(steep, 1e-12, 1e-12), 0.5);
    EXPECT_EQ(value(steep, 1e12, 1e-12), 1.0);
    EXPECT_EQ(value(graph.hill(x, y, number(2.5)), -1.0, 2.0), 0.0);
    EXPECT_TRUE(std::isnan(value(steep, std::nan(""), 1.0)));
    EXPECT_TRUE(std::isnan(value(graph.hill(x, y, number(2.5)), std::nan(""), 1.0)));
}

TEST_F(Expressions, DerivativeOfTheActiveBranch) {
    const ExprId square = graph.power_int(x, 2);
    EXPECT_EQ(value(graph.derivative(graph.binary(Op::max, square, y), x), 3.0, 1.0), 6.0);
    EXPECT_EQ(value(graph.derivative(graph.binary(Op::max, square, y), x), 3.0, 10.0), 0.0);
    EXPECT_EQ(value(graph.derivative(graph.binary(Op::min, square, y), x), 3.0, 10.0), 6.0);
    EXPECT_EQ(value(graph.derivative(graph.unary(Op::abs, graph.unary(Op::neg, square)), x), 3.0, 0.0), 6.0);
    const ExprId f = graph.select(graph.binary(Op::less, x, y), square, x);
    EXPECT_EQ(value(graph.derivative(f, x), 3.0, 4.0), 6.0);
    EXPECT_EQ(value(graph.derivative(f, x), 3.0, 2.0), 1.0);
    EXPECT_TRUE(graph.is_constant(graph.derivative(graph.binary(Op::less, x, y), x), 0.0));
}

TEST_F(Expressions, DerivativesShareTheirParts) {
    const ExprId f = graph.unary(Op::exp, graph.binary(Op::mul, x, y));
    const ExprId first = graph.derivative(f, x);
    EXPECT_EQ(first, graph.binary(Op::mul, f, y));
    const std::size_t size = graph.size();
    EXPECT_EQ(graph.derivative(f, x), first);
    EXPECT_EQ(graph.size(), size);
}

// A chain as long as a generated law can be: no recursion may overflow the stack.
TEST_F(Expressions, LongChains) {
    ExprId f = x;
    for (int i = 0; i < 100'000; ++i) f = graph.unary(Op::tanh, graph.binary(Op::add, f, y));
    EXPECT_TRUE(std::isfinite(value(graph.derivative(f, x), 0.1, 0.2)));
    EXPECT_EQ(graph.leaves(f).size(), 2U);
}

RC_GTEST_PROP(ExpressionProperties, DerivativeIsTheFiniteDifference, ()) {
    ExpressionGraph graph;
    const ExprId f = *random_expression(graph, 3, 0, 4, Smooth::yes);
    std::vector<double> at;
    for (int i = 0; i < 3; ++i) at.push_back(*random_number(0.2, 3.0));
    const double centre = evaluate_one(graph, f, at);
    for (int i = 0; i < 3; ++i) {
        const double h = 1e-5;
        std::vector<double> left = at, right = at;
        left[static_cast<std::size_t>(i)] -= h;
        right[static_cast<std::size_t>(i)] += h;
        const double low = evaluate_one(graph, f, left), high = evaluate_one(graph, f, right);
        const double exact = evaluate_one(graph, graph.derivative(f, graph.input(i, Extent::one)), at);
        // The curvature that the difference itself sees bounds its error.
        const double curvature = std::abs(high - 2.0 * centre + low) / h;
        const double scale = std::max({1.0, std::abs(exact), std::abs(centre)});
        if (!(std::abs(centre) < 1e4) || !std::isfinite(curvature) || curvature > 1e-2 * scale) continue;
        RC_LOG() << "d/dx" << i << ' ' << exact << " against " << (high - low) / (2.0 * h) << '\n';
        RC_ASSERT(std::abs(exact - (high - low) / (2.0 * h)) < 1e-5 * scale + curvature * 1e-2);
    }
}

}  // namespace
}  // namespace lobule
