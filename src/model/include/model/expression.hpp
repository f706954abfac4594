// Rate laws as a hash-consed expression graph: built once, differentiated symbolically, linearised into a Program.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace lobule {

using ExprId = std::int32_t;

/// How many values an expression has: one (the body, a patient) or one per lane (zones of a lobule, cells of a batch).
enum class Extent : std::uint8_t { one, lanes };

enum class Op : std::uint8_t {
    constant,
    input,
    add,
    sub,
    mul,
    div,
    neg,
    power_int,
    pow,
    sqrt,
    exp,
    ln,
    log10,
    tanh,
    abs,
    min,
    max,
    hill,  // hill(x, k, n) = x^n / (k^n + x^n); with n not whole, x below 0 counts as 0
    less,
    less_equal,
    equal,  // 1.0 or 0.0
    logical_and,
    logical_or,
    logical_not,
    select,    // select(condition, a, b): a where condition is not 0. Both sides are evaluated.
    lane_sum,  // one value: the sum over lanes in lane order
    mark,      // the value itself; a leaf for derivatives, so that a large sum is differentiated once
    next,      // the value of the next zone; of the last zone its own
    previous,  // the value of the zone before; of the first zone its own
};

struct Expression {
    Op op = Op::constant;
    Extent extent = Extent::one;
    std::int32_t integer = 0;  // input: its slot; power_int: the exponent
    double constant = 0.0;
    ExprId a = -1, b = -1, c = -1;
};

/// An append-only graph of expressions. Equal expressions get equal ids. Constants fold; x+0, x*1, x*0, x/1, x^1
/// simplify; pow with a whole constant exponent becomes power_int; hill with a whole constant n uses power_int inside
/// its evaluation.
class ExpressionGraph {
public:
    ExprId constant(double value);
    /// A value given at evaluation. Slots count separately for one-value and lane inputs.
    ExprId input(std::int32_t slot, Extent extent);
    ExprId unary(Op op, ExprId a);
    ExprId binary(Op op, ExprId a, ExprId b);
    ExprId power_int(ExprId a, int n);
    ExprId hill(ExprId x, ExprId k, ExprId n);
    ExprId select(ExprId condition, ExprId a, ExprId b);
    /// Sum over lanes; of a one-value expression it is lanes x value, which needs the lane count: refused (Bug).
    ExprId lane_sum(ExprId a);
    /// The same value as a leaf of its own: laws that use it depend on one thing, not on all that it is made of.
    ExprId mark(ExprId a);

    /// The value of the neighbouring zone (Op::next or Op::previous); of a one-value expression that value. For lanes that
    /// are zones: cells of a batch have no order.
    ExprId neighbour(Op op, ExprId a);

    /// A node of another graph with operands of this one.
    ExprId like(const Expression& node, ExprId a, ExprId b, ExprId c);

    /// d f / d leaf, where leaf is an input or a cut (lane_sum, mark, next, previous), and every cut met inside f is itself
    /// a leaf (never looked into). min/max/abs/select take the derivative of the active branch; comparisons have
    /// derivative 0.
    ExprId derivative(ExprId f, ExprId leaf);
    /// Leaves (inputs and cuts, as ids, ascending) that f depends on without looking into cuts. Of a cut itself: that
    /// alone; ask for its operand's leaves to go on.
    std::vector<ExprId> leaves(ExprId f) const;

    const Expression& operator[](ExprId id) const { return nodes_[static_cast<std::size_t>(id)]; }
    std::size_t size() const noexcept { return nodes_.size(); }
    bool is_constant(ExprId id, double value) const;
    /// lane_sum, mark, next, previous: where derivatives stop.
    bool is_cut(ExprId id) const;

private:
    ExprId add_node(const Expression& node);
    ExprId chain_rule(ExprId f, ExprId da, ExprId db, ExprId dc);
    std::vector<Expression> nodes_;
    std::unordered_multimap<std::uint64_t, ExprId> index_;
    std::unordered_map<std::uint64_t, ExprId> derivative_memo_;
};

}  // namespace lobule
