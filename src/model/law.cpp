#include "model/law.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/text.hpp"
#include "law_tree.hpp"

namespace lobule {
namespace {

constexpr double k_pi = 3.14159265358979323846;
constexpr double k_e = 2.71828182845904523536;

struct Builtin {
    std::string_view name;
    std::size_t fewest;
    std::size_t most;
    std::string_view form;
};
constexpr std::size_t k_any = static_cast<std::size_t>(-1);
constexpr std::array k_builtins{
    Builtin{"exp", 1, 1, "exp(x)"},
    Builtin{"ln", 1, 1, "ln(x)"},
    Builtin{"log10", 1, 1, "log10(x)"},
    Builtin{"tanh", 1, 1, "tanh(x)"},
    Builtin{"sqrt", 1, 1, "sqrt(x)"},
    Builtin{"abs", 1, 1, "abs(x)"},
    Builtin{"min", 2, k_any, "min(a, b)"},
    Builtin{"max", 2, k_any, "max(a, b)"},
    Builtin{"pow", 2, 2, "pow(x, n)"},
    Builtin{"hill", 3, 3, "hill(x, k, n)"},
    Builtin{"piecewise", 3, k_any, "piecewise(a, condition, b)"},
    Builtin{"chosen", 2, 2, "chosen(parameter, name)"},
    Builtin{"zone_sum", 1, 1, "zone_sum(x)"},
    Builtin{"zone_mean", 1, 1, "zone_mean(x)"},
    Builtin{"rest", 1, 1, "rest(value)"},
};

const Builtin* find_builtin(std::string_view name) {
    const auto found =
        std::find_if(k_builtins.begin(), k_builtins.end(), [&](const Builtin& b) { return b.name == name; });
    return found == k_builtins.end() ? nullptr : &*found;
}

class Compiler {
public:
    Compiler(ExpressionGraph& graph, const LawText& law, const LawScope& scope)
        : graph_(graph), scope_(scope), law_(&law) {}

    Typed compile(const LawNode& node) {
        switch (node.kind) {
            case LawNode::Kind::number: return {graph_.constant(node.value), {}, node.value == 0.0};
            case LawNode::Kind::name: return name(node);
            case LawNode::Kind::call: return call(node);
            case LawNode::Kind::operation: return operation(node);
        }
        throw Bug("compile: no such kind of node");
    }

private:
    using Arguments = std::map<std::string, Typed, std::less<>>;

    [[noreturn]] void fail_at(const LawNode& node, std::string what, std::string nearest = {}) const {
        fail(*law_, node.offset, std::move(what), std::move(nearest));
    }

    // Dimension arithmetic fails on exponents beyond its range; that is a mistake in the law, at `node`.
    template <class Work>
    auto dimension(const LawNode& node, Work work) const {
        try {
            return work();
        } catch (const UnitError& error) {
            fail_at(node, error.what());
        }
    }

    Typed dimensionless(ExprId id) const { return {id, {}, false}; }

    Typed name(const LawNode& node) {
        if (node.name == "pi") return dimensionless(graph_.constant(k_pi));
        if (node.name == "exponentiale") return dimensionless(graph_.constant(k_e));
        if (arguments_ != nullptr) {
            if (const auto found = arguments_->find(node.name); found != arguments_->end()) return found->second;
            std::vector<std::string> known;
            for (const auto& [argument, value] : *arguments_) known.push_back(argument);
            fail_at(node, in_quotes(node.name) + " is not an argument of the function " + in_quotes(active_.back()),
                    nearest_name(node.name, known));
        }
        if (choices_of(node.name) != nullptr)
            fail_at(node, in_quotes(node.name) + " is no number but one of several names: write chosen(" + node.name +
                              ", name), which is 1 or 0");
        const std::optional<Typed> value = value_of(node.name);
        if (!value) unknown(node);
        if (scope_.extent == Extent::one && sums_ == 0 && graph_[value->id].extent == Extent::lanes)
            fail_at(node,
                    in_quotes(node.name) +
                        " has a value per zone and this law one for the body: wrap it in zone_sum() or zone_mean()");
        return *value;
    }

    std::optional<Typed> value_of(const std::string& name) const {
        const auto& resolve = resting_ ? scope_.resolve_rest : scope_.resolve;
        return resolve ? resolve(name) : std::nullopt;
    }

    const std::vector<std::string>* choices_of(const std::string& name) const {
        return scope_.choices ? scope_.choices(name) : nullptr;
    }

    /// 1 where the parameter has this choice, else 0. Both operands are names: neither is a value of its own.
    Typed chosen(const LawNode& node) {
        if (arguments_ != nullptr) fail_at(node, "chosen() cannot be used inside a function");
        const LawNode &parameter = node.operands[0], &wanted = node.operands[1];
        for (const LawNode& operand : node.operands)
            if (operand.kind != LawNode::Kind::name)
                fail_at(operand, "chosen() takes a parameter and the name of one of its choices");
        const std::vector<std::string>* choices = choices_of(parameter.name);
        const std::optional<Typed> value = value_of(parameter.name);
        if (!value) unknown(parameter);
        if (choices == nullptr) fail_at(parameter, in_quotes(parameter.name) + " is no parameter with `choices`");
        const auto found = std::find(choices->begin(), choices->end(), wanted.name);
        if (found == choices->end())
            fail_at(wanted, in_quotes(parameter.name) + " has no choice " + in_quotes(wanted.name),
                    nearest_name(wanted.name, *choices));
        const auto number = static_cast<double>(found - choices->begin());
        return dimensionless(graph_.binary(Op::equal, value->id, graph_.constant(number)));
    }

    [[noreturn]] void unknown(const LawNode& node) const {
        if (scope_.why_absent)
            if (const std::string why = scope_.why_absent(node.name); !why.empty())
                fail_at(node, in_quotes(node.name) + " has no value here: " + why);
        const bool function = find_builtin(node.name) != nullptr ||
                              (scope_.functions != nullptr && scope_.functions->contains(node.name));
        if (function) fail_at(node, in_quotes(node.name) + " is a function: write " + node.name + "(...)");
        const std::vector<std::string> known = scope_.names ? scope_.names() : std::vector<std::string>();
        if (std::find(known.begin(), known.end(), node.name) != known.end())
            fail_at(node, in_quotes(node.name) +
                              " has no value here: laws of the start read parameters and start values only");
        fail_at(node, "unknown name " + in_quotes(node.name), nearest_name(node.name, known));
    }

    // Both values in the dimension that `doing` needs to be common: "cannot add um and h".
    Dimension common(const LawNode& node, const char* doing, const Typed& a, const Typed& b) const {
        if (a.any_dimension) return b.dimension;
        if (!b.any_dimension && a.dimension != b.dimension)
            fail_at(node,
                    std::string("cannot ") + doing + ' ' + to_string(a.dimension) + " and " + to_string(b.dimension));
        return a.dimension;
    }

    void need_dimensionless(const LawNode& node, const std::string& what, const Typed& value) const {
        if (!value.any_dimension && !value.dimension.dimensionless())
            fail_at(node, what + " must be dimensionless, not " + to_string(value.dimension));
    }

    Typed combine(const LawNode& node, Op op, const char* doing, const Typed& a, const Typed& b) {
        return {graph_.binary(op, a.id, b.id), common(node, doing, a, b), a.any_dimension && b.any_dimension};
    }

    Typed operation(const LawNode& node) {
        Typed result = compile(node.operands.front());
        if (node.op == Op::neg) return {graph_.unary(Op::neg, result.id), result.dimension, result.any_dimension};
        if (node.op == Op::logical_not) {
            need_dimensionless(node.operands.front(), "a condition", result);
            return dimensionless(graph_.unary(Op::logical_not, result.id));
        }
        // libSBML gives a + b + c as one node: from left to right.
        for (std::size_t i = 1; i < node.operands.size(); ++i)
            result = operate(node, node.operands[i], result, compile(node.operands[i]));
        return result;
    }

    Typed operate(const LawNode& node, const LawNode& right, const Typed& a, const Typed& b) {
        switch (node.op) {
            case Op::add: return combine(right, Op::add, "add", a, b);
            case Op::sub: return combine(right, Op::sub, "subtract", a, b);
            case Op::mul:
                return {graph_.binary(Op::mul, a.id, b.id),
                        dimension(right, [&] { return a.dimension * b.dimension; })};
            case Op::div:
                if (graph_.is_constant(b.id, 0.0)) fail_at(right, "division by zero");
                return {graph_.binary(Op::div, a.id, b.id),
                        dimension(right, [&] { return a.dimension / b.dimension; })};
            case Op::pow: return power(right, a, b);
            case Op::less:
            case Op::less_equal:
            case Op::equal: {
                common(right, "compare", a, b);
                const ExprId id = graph_.binary(node.op, a.id, b.id);
                return dimensionless(node.negated ? graph_.unary(Op::logical_not, id) : id);
            }
            case Op::logical_and:
            case Op::logical_or:
                need_dimensionless(node, "a condition", a);
                need_dimensionless(right, "a condition", b);
                return dimensionless(graph_.binary(node.op, a.id, b.id));
            default: throw Bug("operate: no such operator");
        }
    }

    Typed power(const LawNode& exponent_node, const Typed& base, const Typed& exponent) {
        need_dimensionless(exponent_node, "an exponent", exponent);
        const ExprId id = graph_.binary(Op::pow, base.id, exponent.id);
        if (base.dimension.dimensionless()) return dimensionless(id);
        if (graph_[exponent.id].op != Op::constant)
            fail_at(exponent_node,
                    "the exponent of a value in " + to_string(base.dimension) + " must be a constant number");
        // Sixths, so that 1/3 written as a rounded number is a cube root.
        const double sixths = graph_[exponent.id].constant * 6.0;
        const double whole = std::nearbyint(sixths);
        if (!(std::abs(sixths - whole) < 1e-9) || std::abs(whole) > 1e6)
            fail_at(exponent_node, "a value in " + to_string(base.dimension) +
                                       " cannot take this power: its exponents would not be sixths");
        return {id,
                dimension(exponent_node, [&] { return lobule::power(base.dimension, static_cast<int>(whole), 6); })};
    }

    Typed call(const LawNode& node) {
        if (const Builtin* builtin = find_builtin(node.name)) return call_builtin(node, *builtin);
        if (scope_.functions != nullptr)
            if (const auto found = scope_.functions->find(node.name); found != scope_.functions->end())
                return call_function(node, found->second);
        if (node.name == "log") fail_at(node, "'log' is ambiguous: use ln or log10");
        std::vector<std::string> known = law_functions();
        if (scope_.functions != nullptr)
            for (const auto& [name, function] : *scope_.functions) known.push_back(name);
        fail_at(node, "unknown function " + in_quotes(node.name), nearest_name(node.name, known));
    }

    Typed call_function(const LawNode& node, const Function& function) {
        if (std::find(active_.begin(), active_.end(), node.name) != active_.end())
            fail_at(node, "the function " + in_quotes(node.name) + " calls itself");
        if (node.operands.size() != function.arguments.size())
            fail_at(node, in_quotes(node.name) + " takes " + std::to_string(function.arguments.size()) +
                              " arguments, not " + std::to_string(node.operands.size()));
        Arguments arguments;
        for (std::size_t i = 0; i < node.operands.size(); ++i)
            arguments.emplace(function.arguments[i], compile(node.operands[i]));
        const LawNode body = parse_law(function.body);
        // A mistake inside the body is reported there, with the outermost call that led to it.
        const LawText* const outer_law = std::exchange(law_, &function.body);
        const Arguments* const outer_arguments = std::exchange(arguments_, &arguments);
        active_.push_back(node.name);
        Typed result;
        try {
            result = compile(body);
        } catch (const SpecError& error) {
            if (outer_arguments != nullptr) throw;
            Problem problem = error.problems().front();
            problem.what += " (in a call from " +
                            to_string({place_in(*outer_law, node.offset), in_quotes(outer_law->text), {}}) + ')';
            throw SpecError(std::vector<Problem>{problem});
        }
        active_.pop_back();
        arguments_ = outer_arguments;
        law_ = outer_law;
        return result;
    }

    Typed call_builtin(const LawNode& node, const Builtin& builtin) {
        const std::size_t count = node.operands.size();
        if (count < builtin.fewest || count > builtin.most)
            fail_at(node,
                    in_quotes(node.name) + " has the wrong number of arguments: write " + std::string(builtin.form));
        if (builtin.name == "rest") return rest(node);
        if (builtin.name == "chosen") return chosen(node);
        if (builtin.name == "zone_sum" || builtin.name == "zone_mean") return over_zones(node);
        if (builtin.name == "piecewise") return piecewise(node);

        std::vector<Typed> x;
        for (const LawNode& operand : node.operands) x.push_back(compile(operand));
        if (builtin.name == "exp") return function_of_number(node, Op::exp, x[0]);
        if (builtin.name == "ln") return function_of_number(node, Op::ln, x[0]);
        if (builtin.name == "log10") return function_of_number(node, Op::log10, x[0]);
        if (builtin.name == "tanh") return function_of_number(node, Op::tanh, x[0]);
        if (builtin.name == "abs") return {graph_.unary(Op::abs, x[0].id), x[0].dimension, x[0].any_dimension};
        if (builtin.name == "sqrt")
            return {graph_.unary(Op::sqrt, x[0].id),
                    dimension(node.operands[0], [&] { return lobule::power(x[0].dimension, 1, 2); }),
                    x[0].any_dimension};
        if (builtin.name == "pow") return power(node.operands[1], x[0], x[1]);
        if (builtin.name == "hill") {
            common(node.operands[1], "compare", x[0], x[1]);
            need_dimensionless(node.operands[2], "the exponent of hill", x[2]);
            return dimensionless(graph_.hill(x[0].id, x[1].id, x[2].id));
        }
        if (builtin.name != "min" && builtin.name != "max") throw Bug("call_builtin: a function without a meaning");
        Typed result = x[0];
        for (std::size_t i = 1; i < count; ++i)
            result = combine(node.operands[i], builtin.name == "min" ? Op::min : Op::max, "compare", result, x[i]);
        return result;
    }

    Typed function_of_number(const LawNode& node, Op op, const Typed& x) {
        need_dimensionless(node.operands[0], "the argument of " + node.name, x);
        return dimensionless(graph_.unary(op, x.id));
    }

    // piecewise(a, condition, b, condition, otherwise), built from its end.
    Typed piecewise(const LawNode& node) {
        if (node.operands.size() % 2 == 0)
            fail_at(node, "piecewise needs a last value for 'otherwise': write piecewise(a, condition, b)");
        std::vector<Typed> x;
        for (const LawNode& operand : node.operands) x.push_back(compile(operand));
        Typed result = x.back();
        for (std::size_t i = x.size() - 1; i >= 2; i -= 2) {
            const Typed& value = x[i - 2];
            need_dimensionless(node.operands[i - 1], "a condition", x[i - 1]);
            const Dimension both = common(node.operands[i], "choose between", value, result);
            result = {graph_.select(x[i - 1].id, value.id, result.id), both,
                      value.any_dimension && result.any_dimension};
        }
        return result;
    }

    Typed over_zones(const LawNode& node) {
        ++sums_;
        Typed x = compile(node.operands[0]);
        --sums_;
        const bool mean = node.name == "zone_mean";
        const bool lanes = graph_[x.id].extent == Extent::lanes;
        if (mean && !lanes) return x;
        if ((mean || !lanes) && !scope_.lane_count)
            fail_at(node, in_quotes(node.name) + " has no meaning here: there are no zones");
        if (lanes) x.id = graph_.lane_sum(x.id);
        if (mean) x.id = graph_.binary(Op::div, x.id, *scope_.lane_count);
        if (!lanes) x.id = graph_.binary(Op::mul, x.id, *scope_.lane_count);
        return x;
    }

    // Every name inside has its value on the untouched liver, so the whole has its own.
    Typed rest(const LawNode& node) {
        if (!scope_.resolve_rest) fail_at(node, "rest() has no meaning here");
        if (arguments_ != nullptr) fail_at(node, "rest() cannot be used inside a function");
        if (resting_) fail_at(node, "rest() inside rest() says nothing more");
        resting_ = true;
        const Typed value = compile(node.operands[0]);
        resting_ = false;
        return value;
    }

    ExpressionGraph& graph_;
    const LawScope& scope_;
    const LawText* law_;                    // the text that node offsets refer to: the law or a function's body
    const Arguments* arguments_ = nullptr;  // inside a function
    std::vector<std::string> active_;       // functions being compiled, outermost first
    int sums_ = 0;                          // depth of zone_sum and zone_mean
    bool resting_ = false;                  // inside rest()
};

}  // namespace

Typed compile_law(ExpressionGraph& graph, const LawText& law, const LawScope& scope) {
    const LawNode root = parse_law(law);
    return Compiler(graph, law, scope).compile(root);
}

bool is_law_constant(std::string_view name) { return name == "pi" || name == "exponentiale"; }

const std::vector<std::string>& law_functions() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Builtin& builtin : k_builtins) all.emplace_back(builtin.name);
        return all;
    }();
    return names;
}

}  // namespace lobule
