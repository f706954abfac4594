#include "model/expression.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <optional>

#include "base/assert.hpp"
#include "base/error.hpp"
#include "base/math.hpp"
#include "operations.hpp"

namespace lobule {
namespace {

// Below this a logarithm is cut off inside derivatives, where it is always multiplied by a power that vanishes with it.
constexpr double k_tiny = 1e-300;
constexpr double k_ln10 = 2.302585092994045684;

std::uint64_t mix(std::uint64_t h, std::uint64_t word) {
    h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
    return h ^ (h >> 29);
}

std::uint64_t hash_of(const Expression& e) {
    std::uint64_t h = mix(static_cast<std::uint64_t>(e.op), static_cast<std::uint64_t>(e.extent));
    h = mix(h, static_cast<std::uint32_t>(e.integer));
    h = mix(h, std::bit_cast<std::uint64_t>(e.constant));
    for (const ExprId operand : {e.a, e.b, e.c}) h = mix(h, static_cast<std::uint32_t>(operand));
    return h;
}

// Constants compare by bits, so that -0.0 and NaN keep their own nodes.
bool same(const Expression& x, const Expression& y) {
    return x.op == y.op && x.extent == y.extent && x.integer == y.integer && x.a == y.a && x.b == y.b && x.c == y.c &&
           std::bit_cast<std::uint64_t>(x.constant) == std::bit_cast<std::uint64_t>(y.constant);
}

std::optional<int> whole_number(double value, int limit) {
    if (!(std::abs(value) <= limit) || value != std::trunc(value)) return std::nullopt;
    return static_cast<int>(value);
}

double fold(Op op, double a, double b) {
    switch (op) {
        case Op::add: return a + b;
        case Op::sub: return a - b;
        case Op::mul: return a * b;
        case Op::div: return a / b;
        case Op::neg: return -a;
        case Op::pow: return math::pow(a, b);
        case Op::sqrt: return std::sqrt(a);
        case Op::exp: return math::exp(a);
        case Op::ln: return math::ln(a);
        case Op::log10: return math::log10(a);
        case Op::tanh: return math::tanh(a);
        case Op::abs: return std::abs(a);
        case Op::min: return operations::min(a, b);
        case Op::max: return operations::max(a, b);
        case Op::less: return operations::less(a, b);
        case Op::less_equal: return operations::less_equal(a, b);
        case Op::equal: return operations::equal(a, b);
        case Op::logical_and: return operations::logical_and(a, b);
        case Op::logical_or: return operations::logical_or(a, b);
        case Op::logical_not: return operations::logical_not(a);
        default: throw Bug("fold: not a unary or binary operation");
    }
}

bool is_unary(Op op) {
    switch (op) {
        case Op::neg:
        case Op::sqrt:
        case Op::exp:
        case Op::ln:
        case Op::log10:
        case Op::tanh:
        case Op::abs:
        case Op::logical_not: return true;
        default: return false;
    }
}

// Where derivatives stop: the engine chains through these once instead of every law chaining through what they hold.
bool cuts(Op op) { return op == Op::lane_sum || op == Op::mark || op == Op::next || op == Op::previous; }

// Equal bits with operands swapped, NaN payloads apart.
bool commutes(Op op) {
    return op == Op::add || op == Op::mul || op == Op::equal || op == Op::logical_and || op == Op::logical_or;
}

}  // namespace

ExprId ExpressionGraph::add_node(const Expression& node) {
    Expression added = node;
    if (node.op != Op::input && node.op != Op::lane_sum) {
        for (const ExprId operand : {node.a, node.b, node.c}) {
            LOBULE_ASSERT(operand < static_cast<ExprId>(nodes_.size()), operand, nodes_.size());
            if (operand >= 0 && (*this)[operand].extent == Extent::lanes) added.extent = Extent::lanes;
        }
    }
    const std::uint64_t key = hash_of(added);
    const auto [first, last] = index_.equal_range(key);
    for (auto it = first; it != last; ++it)
        if (same((*this)[it->second], added)) return it->second;
    const auto id = static_cast<ExprId>(nodes_.size());
    nodes_.push_back(added);
    index_.emplace(key, id);
    return id;
}

ExprId ExpressionGraph::like(const Expression& node, ExprId a, ExprId b, ExprId c) {
    switch (node.op) {
        case Op::constant: return constant(node.constant);
        case Op::input: return input(node.integer, node.extent);
        case Op::power_int: return power_int(a, node.integer);
        case Op::hill: return hill(a, b, c);
        case Op::select: return select(a, b, c);
        case Op::lane_sum: return lane_sum(a);
        case Op::mark: return mark(a);
        case Op::next:
        case Op::previous: return neighbour(node.op, a);
        default: return is_unary(node.op) ? unary(node.op, a) : binary(node.op, a, b);
    }
}

bool ExpressionGraph::is_cut(ExprId id) const { return cuts((*this)[id].op); }

bool ExpressionGraph::is_constant(ExprId id, double value) const {
    const Expression& e = (*this)[id];
    return e.op == Op::constant && e.constant == value;
}

ExprId ExpressionGraph::constant(double value) { return add_node({.op = Op::constant, .constant = value}); }

ExprId ExpressionGraph::input(std::int32_t slot, Extent extent) {
    return add_node({.op = Op::input, .extent = extent, .integer = slot});
}

ExprId ExpressionGraph::unary(Op op, ExprId a) {
    if (op == Op::lane_sum) return lane_sum(a);
    if (!is_unary(op)) throw Bug("unary: not a unary operation");
    const Expression operand = (*this)[a];
    if (operand.op == Op::constant) return constant(fold(op, operand.constant, 0.0));
    if (op == Op::neg && operand.op == Op::neg) return operand.a;
    return add_node({.op = op, .a = a});
}

ExprId ExpressionGraph::binary(Op op, ExprId a, ExprId b) {
    const Expression left = (*this)[a];
    const Expression right = (*this)[b];
    if (left.op == Op::constant && right.op == Op::constant) return constant(fold(op, left.constant, right.constant));
    switch (op) {
        case Op::add:
            if (is_constant(a, 0.0)) return b;
            if (is_constant(b, 0.0)) return a;
            break;
        case Op::sub:
            if (is_constant(b, 0.0)) return a;
            if (is_constant(a, 0.0)) return unary(Op::neg, b);
            break;
        case Op::mul:
            if (is_constant(a, 0.0) || is_constant(b, 0.0)) return constant(0.0);
            if (is_constant(a, 1.0)) return b;
            if (is_constant(b, 1.0)) return a;
            if (is_constant(a, -1.0)) return unary(Op::neg, b);
            if (is_constant(b, -1.0)) return unary(Op::neg, a);
            break;
        case Op::div:
            if (is_constant(a, 0.0)) return a;
            if (is_constant(b, 1.0)) return a;
            break;
        case Op::pow:
            if (right.op == Op::constant) {
                if (const auto n = whole_number(right.constant, 1024)) return power_int(a, *n);
                if (right.constant == 0.5) return unary(Op::sqrt, a);
            }
            break;
        case Op::min:
        case Op::max:
            if (a == b) return a;
            break;
        case Op::less:
        case Op::less_equal:
        case Op::equal:
        case Op::logical_and:
        case Op::logical_or: break;
        default: throw Bug("binary: not a binary operation");
    }
    if (commutes(op) && b < a) std::swap(a, b);
    return add_node({.op = op, .a = a, .b = b});
}

ExprId ExpressionGraph::power_int(ExprId a, int n) {
    if (n == 0) return constant(1.0);
    if (n == 1) return a;
    const Expression base = (*this)[a];
    if (base.op == Op::constant) return constant(math::pow_int(base.constant, n));
    return add_node({.op = Op::power_int, .integer = n, .a = a});
}

// A whole n is kept in `integer`: the program then multiplies instead of calling pow.
ExprId ExpressionGraph::hill(ExprId x, ExprId k, ExprId n) {
    const Expression half = (*this)[x], scale = (*this)[k], steepness = (*this)[n];
    std::int32_t whole = 0;
    if (steepness.op == Op::constant) {
        if (is_constant(n, 0.0)) return constant(0.5);
        whole = whole_number(steepness.constant, 64).value_or(0);
        if (half.op == Op::constant && scale.op == Op::constant)
            return constant(whole != 0 ? operations::hill(half.constant, scale.constant, whole)
                                       : operations::hill(half.constant, scale.constant, steepness.constant));
    }
    return add_node({.op = Op::hill, .integer = whole, .a = x, .b = k, .c = n});
}

ExprId ExpressionGraph::select(ExprId condition, ExprId a, ExprId b) {
    if (a == b) return a;
    const Expression known = (*this)[condition];
    if (known.op == Op::constant) return known.constant != 0.0 ? a : b;
    return add_node({.op = Op::select, .a = condition, .b = a, .c = b});
}

ExprId ExpressionGraph::lane_sum(ExprId a) {
    if ((*this)[a].extent == Extent::one)
        throw Bug("lane_sum of a one-value expression: multiply it by the lane count");
    return add_node({.op = Op::lane_sum, .a = a});
}

ExprId ExpressionGraph::mark(ExprId a) {
    const Op op = (*this)[a].op;
    if (op == Op::constant || op == Op::input || op == Op::lane_sum || op == Op::mark) return a;  // a leaf already
    return add_node({.op = Op::mark, .a = a});
}

ExprId ExpressionGraph::neighbour(Op op, ExprId a) {
    LOBULE_ASSERT(op == Op::next || op == Op::previous);
    return (*this)[a].extent == Extent::one ? a : add_node({.op = op, .a = a});
}

std::vector<ExprId> ExpressionGraph::leaves(ExprId f) const {
    std::vector<ExprId> found;
    std::vector<bool> wanted(static_cast<std::size_t>(f) + 1);  // operands have smaller ids
    wanted.back() = true;
    for (ExprId id = f; id >= 0; --id) {
        if (!wanted[static_cast<std::size_t>(id)]) continue;
        const Expression& e = (*this)[id];
        if (e.op == Op::input || cuts(e.op)) {
            found.push_back(id);
            continue;
        }
        for (const ExprId operand : {e.a, e.b, e.c})
            if (operand >= 0) wanted[static_cast<std::size_t>(operand)] = true;
    }
    std::reverse(found.begin(), found.end());
    return found;
}

ExprId ExpressionGraph::derivative(ExprId f, ExprId leaf) {
    const auto key = [leaf](ExprId id) {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(id)) << 32 | static_cast<std::uint32_t>(leaf);
    };
    const ExprId zero = constant(0.0);
    if (f < leaf) return zero;  // operands have smaller ids: what was made before the leaf does not hold it
    if (const auto known = derivative_memo_.find(key(f)); known != derivative_memo_.end()) return known->second;
    // Operands before results, without recursion: a law may be a chain of thousands of terms.
    std::vector<ExprId> order;
    std::vector<bool> wanted(static_cast<std::size_t>(f) + 1);
    wanted.back() = true;
    for (ExprId id = f; id >= leaf; --id) {
        if (!wanted[static_cast<std::size_t>(id)] || derivative_memo_.contains(key(id))) continue;
        order.push_back(id);
        const Expression& e = (*this)[id];
        if (id == leaf || cuts(e.op)) continue;
        for (const ExprId operand : {e.a, e.b, e.c})
            if (operand >= 0) wanted[static_cast<std::size_t>(operand)] = true;
    }
    for (auto id = order.rbegin(); id != order.rend(); ++id) {
        const Expression e = (*this)[*id];
        const auto of = [&](ExprId operand) { return operand < leaf ? zero : derivative_memo_.at(key(operand)); };
        ExprId result = zero;
        if (*id == leaf)
            result = constant(1.0);
        else if (!cuts(e.op) && e.op != Op::constant && e.op != Op::input)
            result = chain_rule(*id, of(e.a), of(e.b), of(e.c));
        derivative_memo_.emplace(key(*id), result);
    }
    return derivative_memo_.at(key(f));
}

// The derivative of one operation, given those of its operands. Zero operands vanish by the simplifications of mul and
// add.
ExprId ExpressionGraph::chain_rule(ExprId f, ExprId da, ExprId db, ExprId dc) {
    const Expression e = (*this)[f];  // a copy: the graph grows below
    const ExprId zero = constant(0.0);
    if (da == zero && db == zero && dc == zero) return zero;
    const auto add = [this](ExprId x, ExprId y) { return binary(Op::add, x, y); };
    const auto sub = [this](ExprId x, ExprId y) { return binary(Op::sub, x, y); };
    const auto mul = [this](ExprId x, ExprId y) { return binary(Op::mul, x, y); };
    const auto div = [this](ExprId x, ExprId y) { return binary(Op::div, x, y); };
    const auto number = [this](double value) { return constant(value); };
    const auto safe_ln = [&](ExprId x) { return unary(Op::ln, binary(Op::max, x, number(k_tiny))); };

    switch (e.op) {
        case Op::add: return add(da, db);
        case Op::sub: return sub(da, db);
        case Op::mul: return add(mul(da, e.b), mul(e.a, db));
        case Op::div: return sub(div(da, e.b), mul(div(f, e.b), db));
        case Op::neg: return unary(Op::neg, da);
        case Op::power_int: return mul(mul(number(e.integer), power_int(e.a, e.integer - 1)), da);
        case Op::pow:
            return add(da == zero ? zero : mul(mul(e.b, binary(Op::pow, e.a, sub(e.b, number(1.0)))), da),
                       db == zero ? zero : mul(mul(f, safe_ln(e.a)), db));
        case Op::sqrt: return div(da, mul(number(2.0), f));
        case Op::exp: return mul(f, da);
        case Op::ln: return div(da, e.a);
        case Op::log10: return div(da, mul(number(k_ln10), e.a));
        case Op::tanh: return mul(sub(number(1.0), mul(f, f)), da);
        case Op::abs: return select(binary(Op::less, e.a, zero), unary(Op::neg, da), da);
        case Op::min: return select(binary(Op::less, e.b, e.a), db, da);
        case Op::max: return select(binary(Op::less, e.a, e.b), db, da);
        case Op::select: return select(e.a, db, dc);
        case Op::hill: {
            // With r = x/k and p = r^n: hill = p/(1+p), d/dx = n r^(n-1)/k/(1+p)^2, d/dk = -n p/k/(1+p)^2 and
            // d/dn = p ln(r)/(1+p)^2. No division by x: finite at x = 0 for n >= 1.
            ExprId r = div(e.a, e.b);
            if (e.integer == 0) r = binary(Op::max, r, zero);  // as in the evaluation of hill
            const auto power = [&](int less) {
                return e.integer != 0 ? power_int(r, e.integer - less) : binary(Op::pow, r, sub(e.c, number(less)));
            };
            const ExprId p = power(0);
            const ExprId q = add(number(1.0), p);
            const auto over_q2 = [&](ExprId x) { return div(div(x, q), q); };  // p*p may overflow where p/q does not
            const ExprId slope = div(e.c, e.b);
            ExprId sum = zero;
            if (da != zero) sum = add(sum, mul(mul(slope, over_q2(power(1))), da));
            if (db != zero) sum = sub(sum, mul(mul(slope, over_q2(p)), db));
            if (dc != zero) sum = add(sum, mul(mul(over_q2(p), safe_ln(r)), dc));
            return sum;
        }
        case Op::less:
        case Op::less_equal:
        case Op::equal:
        case Op::logical_and:
        case Op::logical_or:
        case Op::logical_not: return zero;
        case Op::constant:
        case Op::input:
        case Op::lane_sum:
        case Op::mark:
        case Op::next:
        case Op::previous: break;
    }
    throw Bug("chain_rule: not an operation");
}

}  // namespace lobule
