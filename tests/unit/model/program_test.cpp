#include "model/program.hpp"

#include <cmath>
#include <cstring>
#include <functional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error.hpp"
#include "base/math.hpp"
#include "base/random.hpp"
#include "random_expression.hpp"

namespace lobule {
namespace {

struct Batch {
    std::vector<double> ones;
    std::vector<std::vector<double>> columns;

    Batch(std::size_t ones_count, std::size_t columns_count, std::size_t lanes)
        : ones(ones_count), columns(columns_count, std::vector<double>(lanes)) {
        std::uint64_t index = 0;
        const auto draw = [&] { return 0.1 + 3.0 * random_uniform({.seed = 7, .index = index++}); };
        for (double& value : ones) value = draw();
        for (auto& column : columns)
            for (double& value : column) value = draw();
    }

    // Lanes [from, from + lanes) of every output.
    std::vector<std::vector<double>> evaluate(const Program& program, std::size_t from, std::size_t lanes,
                                              ProgramWorkspace& workspace, math::Vectors with = math::vectors()) const {
        std::vector<const double*> pointers;
        for (const auto& column : columns) pointers.push_back(column.data() + from);
        program.evaluate({ones, pointers, lanes}, workspace, with);
        std::vector<std::vector<double>> results;
        for (std::size_t i = 0; i < program.outputs(); ++i) {
            const double* first = program.result(workspace, i);
            results.emplace_back(first, first + (program.extent(i) == Extent::lanes ? lanes : 1));
        }
        return results;
    }
};

bool same_bits(const double* a, const double* b, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
        if (std::memcmp(&a[i], &b[i], sizeof(double)) != 0 && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
    return true;
}

TEST(Program, Empty) {
    ProgramWorkspace workspace;
    const Program program;
    program.evaluate({}, workspace);
    EXPECT_EQ(program.outputs(), 0U);
    EXPECT_EQ(Program(ExpressionGraph(), {}).instructions(), 0U);
}

#ifdef LOBULE_AUDIT
TEST(Program, TooFewInputsAreNoticed) {
    ExpressionGraph graph;
    const Program program(graph, std::vector{graph.input(2, Extent::one)});
    const std::vector<double> ones{1.0, 2.0};
    ProgramWorkspace workspace;
    EXPECT_THROW(program.evaluate({.ones = ones, .lane_columns = {}, .lanes = 1}, workspace), Bug);
}
#endif

TEST(Program, OutputsThatAreInputsOrConstants) {
    ExpressionGraph graph;
    const std::vector<ExprId> outputs{graph.constant(4.0), graph.input(1, Extent::one), graph.input(2, Extent::lanes),
                                      graph.constant(4.0)};
    const Program program(graph, outputs);
    ProgramWorkspace workspace;
    const Batch batch(2, 3, 5);
    const auto results = batch.evaluate(program, 0, 5, workspace);
    EXPECT_EQ(program.instructions(), 0U);
    EXPECT_EQ(results[0], std::vector{4.0});
    EXPECT_EQ(results[1], std::vector{batch.ones[1]});
    EXPECT_EQ(results[2], batch.columns[2]);
    EXPECT_EQ(results[3], std::vector{4.0});
}

// Every operation over every mix of one-value and lane operands against its meaning, over several lengths.
TEST(Program, EveryOperation) {
    using Meaning = std::function<double(double, double, double)>;
    const std::vector<std::pair<Op, Meaning>> binaries{
        {Op::add, [](double a, double b, double) { return a + b; }},
        {Op::sub, [](double a, double b, double) { return a - b; }},
        {Op::mul, [](double a, double b, double) { return a * b; }},
        {Op::div, [](double a, double b, double) { return a / b; }},
        {Op::pow, [](double a, double b, double) { return math::pow(a, b); }},
        {Op::min, [](double a, double b, double) { return std::min(a, b); }},
        {Op::max, [](double a, double b, double) { return std::max(a, b); }},
        {Op::less, [](double a, double b, double) { return a < b; }},
        {Op::less_equal, [](double a, double b, double) { return a <= b; }},
        {Op::equal, [](double a, double b, double) { return a == b; }},
        {Op::logical_and, [](double a, double b, double) { return a != 0 && b != 0; }},
        {Op::logical_or, [](double a, double b, double) { return a != 0 || b != 0; }},
    };
    const std::vector<std::pair<Op, Meaning>> unaries{
        {Op::neg, [](double a, double, double) { return -a; }},
        {Op::sqrt, [](double a, double, double) { return std::sqrt(a); }},
        {Op::exp, [](double a, double, double) { return math::exp(a); }},
        {Op::ln, [](double a, double, double) { return math::ln(a); }},
        {Op::log10, [](double a, double, double) { return math::log10(a); }},
        {Op::tanh, [](double a, double, double) { return math::tanh(a); }},
        {Op::abs, [](double a, double, double) { return std::abs(a); }},
        {Op::logical_not, [](double a, double, double) { return a == 0; }},
    };
    ExpressionGraph graph;
    std::vector<ExprId> outputs;
    std::vector<Meaning> meanings;
    std::vector<std::array<ExprId, 3>> arguments;
    const auto add = [&](ExprId id, const Meaning& meaning, ExprId a, ExprId b, ExprId c) {
        outputs.push_back(id);
        meanings.push_back(meaning);
        arguments.push_back({a, b, c});
    };
    for (int mix = 0; mix < 8; ++mix) {
        const auto operand = [&](int slot) {
            return graph.input(slot, (mix >> slot & 1) != 0 ? Extent::lanes : Extent::one);
        };
        const ExprId a = operand(0), b = operand(1), c = operand(2);
        for (const auto& [op, meaning] : binaries) add(graph.binary(op, a, b), meaning, a, b, c);
        for (const auto& [op, meaning] : unaries) add(graph.unary(op, a), meaning, a, b, c);
        for (int n = -9; n <= 9; ++n) {
            add(
                graph.power_int(a, n), [n](double x, double, double) { return math::pow_int(x, n); }, a, b, c);
            if (n == 0) continue;
            const auto whole = [n](double x, double k, double) {
                return math::pow_int(x / k, n) / (1.0 + math::pow_int(x / k, n));
            };
            add(graph.hill(a, b, graph.constant(n)), whole, a, b, c);
        }
        const auto free = [](double x, double k, double n) {
            return math::pow(x / k, n) / (1.0 + math::pow(x / k, n));
        };
        add(graph.hill(a, b, c), free, a, b, c);
        add(
            graph.hill(a, b, graph.constant(2.5)), [free](double x, double k, double) { return free(x, k, 2.5); }, a, b,
            c);
        add(
            graph.select(graph.binary(Op::less, a, b), b, c),
            [](double x, double y, double z) { return x < y ? y : z; }, a, b, c);
        add(
            graph.select(a, b, c), [](double x, double y, double z) { return x != 0.0 ? y : z; }, a, b, c);
    }
    const Program program(graph, outputs);
    ProgramWorkspace workspace;
    const auto expect_meanings = [&](std::size_t lanes, math::Vectors with) {
        Batch batch(3, 3, lanes);
        batch.columns[0][lanes / 2] = 0.0;
        const auto results = batch.evaluate(program, 0, lanes, workspace, with);
        for (std::size_t i = 0; i < outputs.size(); ++i)
            for (std::size_t lane = 0; lane < results[i].size(); ++lane) {
                std::array<double, 3> value;
                for (std::size_t k = 0; k < 3; ++k)
                    value[k] = graph[arguments[i][k]].extent == Extent::lanes ? batch.columns[k][lane] : batch.ones[k];
                const double expected = meanings[i](value[0], value[1], value[2]);
                const double actual = results[i][lane];
                // Beyond 1e300 hill is 1 where the plain formula is infinity/infinity.
                if (graph[outputs[i]].op == Op::hill && std::isnan(expected)) continue;
                EXPECT_TRUE(same_bits(&expected, &actual, 1))
                    << "output " << i << " lane " << lane << " of " << lanes << ": " << actual << " not " << expected;
            }
    };
    for (const std::size_t lanes : {1U, 2U, 3U, 7U, 8U, 9U, 63U, 64U, 65U, 130U, 300U}) {
        expect_meanings(lanes, math::Vectors::narrow);
        expect_meanings(lanes, math::vectors());
    }
}

// Two operations of one instruction round as two: every pair, with the inner one on either side and of either extent.
TEST(Program, JoinedOperationsHaveTheBitsOfTwo) {
    const auto apply = [](Op op, double x, double y) {
        switch (op) {
            case Op::add: return x + y;
            case Op::sub: return x - y;
            case Op::mul: return x * y;
            default: return x / y;
        }
    };
    constexpr std::array ops{Op::add, Op::sub, Op::mul, Op::div};
    struct Pair {
        Op first, second;
        bool left;
        int mix;
    };
    ExpressionGraph graph;
    std::vector<ExprId> outputs;
    std::vector<Pair> pairs;
    for (const Op first : ops)
        for (const Op second : ops)
            for (const bool left : {true, false})
                for (const int mix : {0, 1, 2, 3, 4, 7}) {
                    const auto operand = [&](int slot) {
                        return graph.input(slot, (mix >> slot & 1) != 0 ? Extent::lanes : Extent::one);
                    };
                    const ExprId a = operand(0), b = operand(1), c = operand(2);
                    const std::size_t before = graph.size();
                    const ExprId inner = graph.binary(first, a, b);
                    const ExprId outer = left ? graph.binary(second, inner, c) : graph.binary(second, c, inner);
                    outputs.push_back(outer);
                    pairs.push_back({first, second, left, mix});
                    if (graph.size() > before + 1) {  // this pair alone, so that nothing else needs the inner one
                        EXPECT_EQ(Program(graph, std::array{outer}).instructions(), mix == 4 ? 2U : 1U);
                    }
                }
    const Batch batch(3, 3, 21);
    ProgramWorkspace workspace;
    for (std::size_t i = 0; i < outputs.size(); ++i)
        for (const math::Vectors with : {math::Vectors::narrow, math::vectors()}) {
            const auto [first, second, left, mix] = pairs[i];
            const auto results = batch.evaluate(Program(graph, std::array{outputs[i]}), 0, 21, workspace, with);
            for (std::size_t lane = 0; lane < results[0].size(); ++lane) {
                const auto value = [&, of = mix](std::size_t slot) {
                    return (of >> slot & 1) != 0 ? batch.columns[slot][lane] : batch.ones[slot];
                };
                const double inner = apply(first, value(0), value(1)), c = value(2);
                const double expected = left ? apply(second, inner, c) : apply(second, c, inner);
                EXPECT_TRUE(same_bits(&expected, &results[0][lane], 1)) << i << ' ' << lane;
            }
        }
}

TEST(Program, LaneSumIsInLaneOrder) {
    ExpressionGraph graph;
    const ExprId column = graph.input(0, Extent::lanes);
    const Program program(graph,
                          std::vector{graph.lane_sum(column), graph.binary(Op::mul, column, graph.lane_sum(column))});
    ProgramWorkspace workspace;
    const Batch batch(0, 1, 37);
    const auto results = batch.evaluate(program, 0, 37, workspace);
    double sum = 0.0;
    for (const double value : batch.columns[0]) sum += value;
    EXPECT_EQ(results[0][0], sum);
    EXPECT_EQ(results[1][36], batch.columns[0][36] * sum);
    EXPECT_EQ(batch.evaluate(program, 0, 0, workspace)[0][0], 0.0);
}

TEST(Program, SharedExpressionsAreComputedOnceAndUnneededOnesNotAtAll) {
    ExpressionGraph graph;
    const ExprId a = graph.input(0, Extent::lanes), b = graph.input(1, Extent::lanes);
    const ExprId shared = graph.binary(Op::mul, a, b);
    graph.unary(Op::exp, shared);
    const Program program(graph, std::vector{graph.unary(Op::tanh, shared), graph.binary(Op::add, shared, shared)});
    EXPECT_EQ(program.instructions(), 3U);
}

TEST(Program, RegistersAreReused) {
    ExpressionGraph graph;
    ExprId f = graph.input(0, Extent::lanes);
    for (int i = 0; i < 1000; ++i) f = graph.unary(Op::tanh, graph.binary(Op::mul, f, f));
    const Program program(graph, std::vector{f});
    ProgramWorkspace workspace;
    Batch(0, 1, 64).evaluate(program, 0, 64, workspace);
    EXPECT_LE(workspace.registers.size(), 2U * 64U);
}

TEST(Program, AWorkspaceServesManyProgramsAndSizes) {
    ExpressionGraph graph;
    const ExprId column = graph.input(0, Extent::lanes);
    const Program small(graph, std::vector{graph.unary(Op::neg, column)});
    const Program large(graph, std::vector{graph.unary(Op::exp, column), graph.unary(Op::tanh, column)});
    ProgramWorkspace workspace;
    const Batch batch(0, 1, 200);
    for (const std::size_t lanes : {200U, 3U, 77U, 200U})
        for (const Program* program : {&small, &large}) {
            ProgramWorkspace fresh;
            EXPECT_EQ(batch.evaluate(*program, 0, lanes, workspace), batch.evaluate(*program, 0, lanes, fresh));
        }
}

// Bit for bit: a lane's value does not depend on the batch around it.
RC_GTEST_PROP(ProgramProperties, LanesDoNotDependOnTheCut, ()) {
    ExpressionGraph graph;
    std::vector<ExprId> outputs;
    for (int i = 0; i < 3; ++i) outputs.push_back(*random_expression(graph, 2, 3, 5, Smooth::no));
    const Program program(graph, outputs);
    const std::size_t lanes = *rc::gen::inRange<std::size_t>(1, 150);
    const std::size_t cut = *rc::gen::inRange<std::size_t>(0, lanes);
    const Batch batch(2, 3, lanes);
    ProgramWorkspace workspace;
    const auto whole = batch.evaluate(program, 0, lanes, workspace);
    const auto left = batch.evaluate(program, 0, cut, workspace);
    const auto right = batch.evaluate(program, cut, lanes - cut, workspace);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (program.extent(i) == Extent::one) {
            RC_ASSERT(same_bits(whole[i].data(), left[i].data(), 1));
        } else {
            RC_ASSERT(same_bits(whole[i].data(), left[i].data(), cut));
            RC_ASSERT(same_bits(whole[i].data() + cut, right[i].data(), lanes - cut));
        }
    }
}

// Bit for bit: the width of the CPU's vectors does not matter, over any length and with sums over lanes.
RC_GTEST_PROP(ProgramProperties, NarrowAndWideVectorsGiveTheSameBits, ()) {
    ExpressionGraph graph;
    std::vector<ExprId> outputs;
    for (int i = 0; i < 4; ++i) outputs.push_back(*random_expression(graph, 2, 3, 5, Smooth::no));
    if (*rc::gen::arbitrary<bool>() && graph[outputs[0]].extent == Extent::lanes)
        outputs.push_back(graph.binary(Op::mul, outputs[1], graph.lane_sum(outputs[0])));
    const Program program(graph, outputs);
    const std::size_t lanes = *rc::gen::inRange<std::size_t>(0, 400);
    const Batch batch(2, 3, lanes);
    ProgramWorkspace workspace;
    const auto narrow = batch.evaluate(program, 0, lanes, workspace, math::Vectors::narrow);
    const auto widest = batch.evaluate(program, 0, lanes, workspace, math::vectors());
    for (std::size_t i = 0; i < outputs.size(); ++i)
        RC_ASSERT(same_bits(narrow[i].data(), widest[i].data(), narrow[i].size()));
}

// Register reuse changes nothing: many outputs at once give the bits of each alone.
RC_GTEST_PROP(ProgramProperties, OutputsDoNotDependOnEachOther, ()) {
    ExpressionGraph graph;
    std::vector<ExprId> outputs;
    for (int i = 0; i < 6; ++i) outputs.push_back(*random_expression(graph, 2, 3, 4, Smooth::no));
    const Batch batch(2, 3, 19);
    ProgramWorkspace workspace;
    const Program program(graph, outputs);
    const auto together = batch.evaluate(program, 0, 19, workspace);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Program alone(graph, std::array{outputs[i]});
        const auto result = batch.evaluate(alone, 0, 19, workspace);
        RC_ASSERT(same_bits(together[i].data(), result[0].data(), result[0].size()));
    }
}

// Folding and evaluation are the same arithmetic.
RC_GTEST_PROP(ProgramProperties, ConstantFoldingHasTheBitsOfEvaluation, ()) {
    const double a = *random_number(-2.0, 4.0), b = *random_number(0.5, 3.0);
    const int choice = *rc::gen::inRange(0, 9);
    const auto build = [choice](ExpressionGraph& graph, ExprId x, ExprId y) {
        constexpr std::array ops{Op::add, Op::div, Op::pow, Op::min, Op::max, Op::less, Op::logical_and};
        if (choice == 7) return graph.hill(x, y, graph.constant(3.0));
        if (choice == 8) return graph.hill(x, y, graph.constant(1.5));
        return graph.binary(ops[static_cast<std::size_t>(choice)], x, y);
    };
    ExpressionGraph graph;
    const ExprId folded = build(graph, graph.constant(a), graph.constant(b));
    RC_ASSERT(graph[folded].op == Op::constant);
    const ExprId free = build(graph, graph.input(0, Extent::one), graph.input(1, Extent::one));
    const double evaluated = evaluate_one(graph, free, {a, b});
    // A whole power is folded by multiplications, a free one is not.
    if (choice == 2 && b == std::trunc(b)) return;
    RC_ASSERT(same_bits(&graph[folded].constant, &evaluated, 1));
}

}  // namespace
}  // namespace lobule
