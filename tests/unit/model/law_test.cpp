#include "model/law.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "random_expression.hpp"

namespace lobule {
namespace {

constexpr double k_rest_value = 100.0;

class Law : public testing::Test {
protected:
    Law() {
        scope.resolve = [this](std::string_view name) -> std::optional<Typed> {
            const auto found = known.find(name);
            return found == known.end() ? std::nullopt : std::optional(found->second);
        };
        scope.names = [this] {
            std::vector<std::string> all;
            for (const auto& [name, typed] : known) all.push_back(name);
            return all;
        };
        scope.resolve_rest = [this](std::string_view name) -> std::optional<Typed> {
            const auto found = known.find(name);
            if (found == known.end()) return std::nullopt;
            return Typed{graph.constant(k_rest_value), found->second.dimension};
        };
        scope.functions = &functions;
        scope.lane_count = define("zone_count", "1", 3.0).id;
        define("a", "1", 2.0);
        define("b", "1", 3.0);
        define("c", "1", 5.0);
        define("half_life", "h", 4.0);
        define("time", "h", 7.0);
        define("length", "um", 1.5);
        define("mass", "pg", 6.0);
        define("plasma.hgf", "pg/um^3", 0.25);
        define("hepatocyte.g1_time", "h", 10.0);
        define_lanes("zone.volume", "um^3");
        define_lanes("position", "1");
    }

    Typed define(const std::string& name, const char* unit, double value) {
        ones.push_back(value);
        return known[name] = {graph.input(static_cast<std::int32_t>(ones.size()) - 1, Extent::one),
                              parse_unit(unit).dimension};
    }
    void define_lanes(const std::string& name, const char* unit) {
        known[name] = {graph.input(lane_inputs++, Extent::lanes), parse_unit(unit).dimension};
    }
    void define_function(const std::string& name, const std::string& text) {
        functions[name] = parse_function({text, {"part.toml", 20, 4, name}});
    }

    Typed compile(const std::string& text) { return compile_law(graph, {text, {"part.toml", 9, 10, "rate"}}, scope); }
    std::string dimension(const std::string& text) { return to_string(compile(text).dimension); }
    // Lane inputs are the column 1, 2, 4.
    double value(const std::string& text) {
        const Program program(graph, std::array{compile(text).id});
        const std::array column{1.0, 2.0, 4.0};
        const std::vector<const double*> columns(static_cast<std::size_t>(lane_inputs), column.data());
        ProgramWorkspace workspace;
        program.evaluate({ones, columns, column.size()}, workspace);
        return *program.result(workspace, 0);
    }
    // "column: what (nearest)"; the law starts after column 10, so the column less 11 is the offset in the text.
    template <class Work>
    static std::string error_of(Work work) {
        try {
            work();
        } catch (const SpecError& error) {
            const Problem& problem = error.problems().front();
            EXPECT_EQ(problem.where.file, "part.toml");
            return std::to_string(problem.where.column - 11) + ": " + problem.what +
                   (problem.nearest.empty() ? "" : " (" + problem.nearest + ")");
        }
        return "no error";
    }
    std::string error(const std::string& text) {
        return error_of([&] { compile(text); });
    }

    ExpressionGraph graph;
    std::map<std::string, Typed, std::less<>> known;
    std::map<std::string, Function, std::less<>> functions;
    std::vector<double> ones;
    std::int32_t lane_inputs = 0;
    LawScope scope;
};

TEST_F(Law, Arithmetic) {
    EXPECT_EQ(value("a + b * c"), 17.0);
    EXPECT_EQ(value("(a + b) * c"), 25.0);
    EXPECT_EQ(value("c - b - a"), 0.0);
    EXPECT_EQ(value("c / b / a"), 5.0 / 3.0 / 2.0);
    EXPECT_EQ(value("-a^2"), -4.0);
    EXPECT_EQ(value("2^-a"), 0.25);
    EXPECT_EQ(value("2^b^a"), 512.0);
    EXPECT_EQ(value("a * -b"), -6.0);
    EXPECT_EQ(value("a - -b"), 5.0);
    EXPECT_EQ(value(" 1.5e1+.5 "), 15.5);
    EXPECT_EQ(value("2E-1"), 0.2);
    EXPECT_EQ(value("0.1"), 0.1);  // the nearest double, whatever libSBML would make of it
    EXPECT_EQ(value("a + b + c + 1"), 11.0);
    EXPECT_EQ(value("a * b * c * 2"), 60.0);
}

TEST_F(Law, Logic) {
    EXPECT_EQ(value("a < b"), 1.0);
    EXPECT_EQ(value("a > b"), 0.0);
    EXPECT_EQ(value("a >= 2"), 1.0);
    EXPECT_EQ(value("a <= 1"), 0.0);
    EXPECT_EQ(value("a == 2"), 1.0);
    EXPECT_EQ(value("a != 2"), 0.0);
    EXPECT_EQ(value("a < b && b < c"), 1.0);
    EXPECT_EQ(value("a > b || b > c"), 0.0);
    EXPECT_EQ(value("!(a > b)"), 1.0);
    EXPECT_EQ(value("a > b && b > c || a < c"), 1.0);
    EXPECT_EQ(value("(a < b) == (b < c)"), 1.0);
    EXPECT_EQ(value("max(a < b, b < c)"), 1.0);
}

TEST_F(Law, Functions) {
    EXPECT_DOUBLE_EQ(value("exp(a)"), std::exp(2.0));
    EXPECT_DOUBLE_EQ(value("ln(a)"), std::log(2.0));
    EXPECT_DOUBLE_EQ(value("log10(1000)"), 3.0);
    EXPECT_DOUBLE_EQ(value("tanh(a)"), std::tanh(2.0));
    EXPECT_EQ(value("sqrt(a * 8)"), 4.0);
    EXPECT_EQ(value("abs(a - c)"), 3.0);
    EXPECT_EQ(value("min(c, a, b)"), 2.0);
    EXPECT_EQ(value("max(a, c)"), 5.0);
    EXPECT_EQ(value("pow(a, 3)"), 8.0);
    EXPECT_EQ(value("hill(a, 2, 4)"), 0.5);
    EXPECT_EQ(value("piecewise(a, b < c, 7)"), 2.0);
    EXPECT_EQ(value("piecewise(a, b > c, 7)"), 7.0);
    EXPECT_EQ(value("piecewise(1, a > b, 2, b < c, 3)"), 2.0);
    EXPECT_EQ(value("pi"), 3.14159265358979323846);
    EXPECT_EQ(value("exponentiale"), 2.71828182845904523536);
}

TEST_F(Law, DottedNames) {
    EXPECT_EQ(value("time"), 7.0);
    EXPECT_EQ(value("plasma.hgf * 2"), 0.5);
    EXPECT_EQ(value("hepatocyte.g1_time/a"), 5.0);
}

// libSBML would take these as its own words.
TEST_F(Law, NamesThatLibsbmlReserves) {
    double next = 1.0;
    for (const char* name : {"Pi",         "PI",       "TIME",     "inf",  "Inf",   "infinity", "nan",    "NaN",
                             "notanumber", "avogadro", "Avogadro", "true", "false", "e",        "q0",     "q1",
                             "sin",        "delay",    "log",      "ceil", "and",   "or",       "not",    "xor",
                             "rateOf",     "quotient", "gamma",    "beta", "h",     "x.time",   "time.pi"}) {
        define(name, "1", next);
        EXPECT_EQ(value(std::string(name) + " + 0"), next) << name;
        EXPECT_EQ(value(std::string("a*") + name), 2.0 * next) << name;
        next += 1.0;
    }
}

TEST_F(Law, Dimensions) {
    EXPECT_EQ(dimension("mass / length^3"), "pg/um^3");
    EXPECT_EQ(dimension("plasma.hgf + mass / length^3"), "pg/um^3");
    EXPECT_EQ(dimension("ln(2) / half_life"), "1/h");
    EXPECT_EQ(dimension("sqrt(length)"), "um^(1/2)");
    EXPECT_EQ(dimension("pow(length, 1 / 3)"), "um^(1/3)");
    EXPECT_EQ(dimension("length^0.333333333333"), "um^(1/3)");
    EXPECT_EQ(dimension("length^-2"), "1/um^2");
    EXPECT_EQ(dimension("length^0"), "1");
    EXPECT_EQ(dimension("abs(-length)"), "um");
    EXPECT_EQ(dimension("min(length, 0)"), "um");
    EXPECT_EQ(dimension("max(0, length)"), "um");
    EXPECT_EQ(dimension("piecewise(0, a < b, length)"), "um");
    EXPECT_EQ(dimension("half_life < hepatocyte.g1_time"), "1");
    EXPECT_EQ(dimension("hill(length, 2 * length, a)"), "1");
    EXPECT_EQ(dimension("exp(-time / half_life)"), "1");
    EXPECT_EQ(dimension("zone_sum(zone.volume)"), "um^3");
    EXPECT_EQ(dimension("rest(length) * a"), "um");
    EXPECT_EQ(dimension("a^b"), "1");
}

TEST_F(Law, ZeroFitsEveryDimension) {
    EXPECT_TRUE(compile("0").any_dimension);
    EXPECT_TRUE(compile("-0.0").any_dimension);
    EXPECT_TRUE(compile("max(0, 0)").any_dimension);
    EXPECT_FALSE(compile("0 + length").any_dimension);
    EXPECT_FALSE(compile("0 * length").any_dimension);
    EXPECT_FALSE(compile("1").any_dimension);
    EXPECT_EQ(dimension("0 + length"), "um");
    EXPECT_EQ(dimension("length > 0"), "1");
}

TEST_F(Law, DimensionMistakes) {
    EXPECT_EQ(error("length + half_life"), "9: cannot add um and h");
    EXPECT_EQ(error("length - 1"), "9: cannot subtract um and 1");
    EXPECT_EQ(error("a + b + length"), "8: cannot add 1 and um");
    EXPECT_EQ(error("length < half_life"), "9: cannot compare um and h");
    EXPECT_EQ(error("max(length, half_life)"), "12: cannot compare um and h");
    EXPECT_EQ(error("hill(length, half_life, 2)"), "13: cannot compare um and h");
    EXPECT_EQ(error("hill(a, b, length)"), "11: the exponent of hill must be dimensionless, not um");
    EXPECT_EQ(error("piecewise(length, a < b, half_life)"), "25: cannot choose between um and h");
    EXPECT_EQ(error("piecewise(a, length, b)"), "13: a condition must be dimensionless, not um");
    EXPECT_EQ(error("length && a"), "0: a condition must be dimensionless, not um");
    EXPECT_EQ(error("a || length"), "5: a condition must be dimensionless, not um");
    EXPECT_EQ(error("!length"), "1: a condition must be dimensionless, not um");
    EXPECT_EQ(error("exp(length)"), "4: the argument of exp must be dimensionless, not um");
    EXPECT_EQ(error("1 + ln(half_life)"), "7: the argument of ln must be dimensionless, not h");
    EXPECT_EQ(error("log10(mass)"), "6: the argument of log10 must be dimensionless, not pg");
    EXPECT_EQ(error("tanh(plasma.hgf)"), "5: the argument of tanh must be dimensionless, not pg/um^3");
    EXPECT_EQ(error("a^length"), "2: an exponent must be dimensionless, not um");
    EXPECT_EQ(error("length^a"), "7: the exponent of a value in um must be a constant number");
    EXPECT_EQ(error("pow(length, a)"), "12: the exponent of a value in um must be a constant number");
    EXPECT_EQ(error("length^0.3"), "7: a value in um cannot take this power: its exponents would not be sixths");
    EXPECT_EQ(error("length^(1/6)^2"), "8: a value in um cannot take this power: its exponents would not be sixths");
    EXPECT_EQ(error("length^1e9"), "7: a value in um cannot take this power: its exponents would not be sixths");
    EXPECT_EQ(error("length^99999"), "7: an exponent of the unit is out of range");
    EXPECT_EQ(error("length^5000 * length^5000"), "14: an exponent of the unit is out of range");
    EXPECT_EQ(error("sqrt(length^(1/6))"), "5: the root of um^(1/6) has no exact exponents");
    EXPECT_EQ(error("a / 0"), "4: division by zero");
}

TEST_F(Law, UnknownNames) {
    EXPECT_EQ(error("a + plasma.hfg"), "4: unknown name 'plasma.hfg' (plasma.hgf)");
    EXPECT_EQ(error("half_lif"), "0: unknown name 'half_lif' (half_life)");
    EXPECT_EQ(error("quux_quux"), "0: unknown name 'quux_quux'");
    EXPECT_EQ(error("a * exp"), "4: 'exp' is a function: write exp(...)");
    EXPECT_EQ(error("foobar(a)"), "0: unknown function 'foobar'");
    EXPECT_EQ(error("a + hil(a, b, 2)"), "4: unknown function 'hil' (hill)");
    EXPECT_EQ(error("a + log(b)"), "4: 'log' is ambiguous: use ln or log10");
    EXPECT_EQ(error("half_life(a)"), "0: unknown function 'half_life'");
}

TEST_F(Law, WrongNumbersOfArguments) {
    EXPECT_EQ(error("exp()"), "0: 'exp' has the wrong number of arguments: write exp(x)");
    EXPECT_EQ(error("a + hill(a, b)"), "4: 'hill' has the wrong number of arguments: write hill(x, k, n)");
    EXPECT_EQ(error("min(a)"), "0: 'min' has the wrong number of arguments: write min(a, b)");
    EXPECT_EQ(error("piecewise(a, b)"),
              "0: 'piecewise' has the wrong number of arguments: write piecewise(a, condition, b)");
    EXPECT_EQ(error("piecewise(a, b, c, a)"),
              "0: piecewise needs a last value for 'otherwise': write piecewise(a, condition, b)");
    for (const std::string& name : law_functions()) EXPECT_NE(error(name + "()"), "no error") << name;
}

TEST_F(Law, Syntax) {
    EXPECT_EQ(error(""), "0: the law is empty");
    EXPECT_EQ(error("  "), "0: the law is empty");
    EXPECT_EQ(error("a +"), "3: the law ends too early");
    EXPECT_EQ(error("a + * b"), "4: unexpected '*'");
    EXPECT_EQ(error("plasma.hgf * / b"), "13: unexpected '/'");
    EXPECT_EQ(error("* a"), "0: unexpected '*'");
    EXPECT_EQ(error("a, b"), "1: unexpected ','");
    EXPECT_EQ(error("min(a,,b)"), "6: unexpected ','");
    EXPECT_EQ(error("()"), "1: unexpected ')'");
    EXPECT_EQ(error("(a + b"), "0: this '(' is never closed");
    EXPECT_EQ(error("a + b)"), "5: this ')' was never opened");
    EXPECT_EQ(
        error("2x"),
        "1: a number in a law has no unit, and a product needs '*': write 2 * x, or make a parameter with a unit");
    EXPECT_EQ(
        error("2 h"),
        "2: a number in a law has no unit, and a product needs '*': write 2 * h, or make a parameter with a unit");
    EXPECT_EQ(error("a b"), "2: an operator is missing between 'a' and 'b'");
    EXPECT_EQ(error("a 2"), "2: an operator is missing between 'a' and '2'");
    EXPECT_EQ(error("(a)(b)"), "3: an operator is missing between ')' and '('");
    EXPECT_EQ(error("2(b)"), "1: an operator is missing between '2' and '('");
    EXPECT_EQ(error("1.2.3"), "0: '1.2.' is not a number");
    EXPECT_EQ(error("1e400"), "0: the number is too large or too small");
    EXPECT_EQ(error("a = b"), "2: a comparison is written '=='");
    EXPECT_EQ(error("a & b"), "2: 'and' is written '&&'");
    EXPECT_EQ(error("a | b"), "2: 'or' is written '||'");
    EXPECT_EQ(error("a % b"), "2: unexpected character '%'");
    EXPECT_EQ(error("a..b"), "1: unexpected character '.'");
    EXPECT_EQ(error("a ; b"), "2: unexpected character ';'");
    EXPECT_EQ(error("2 * \u00b5"), "4: unexpected non-ASCII character");
    EXPECT_EQ(error("a < b < c"), "6: comparisons cannot be chained: write a < b && b < c");
    EXPECT_EQ(error("a < b == c"), "6: comparisons cannot be chained: write a < b && b < c");
}

TEST_F(Law, BodyLawsNeedASum) {
    scope.extent = Extent::one;
    constexpr const char* wrap = " has a value per zone and this law one for the body: wrap ";
    EXPECT_EQ(error("1 + position"), std::string("4: 'position'") + wrap + "it in zone_sum() or zone_mean()");
    EXPECT_EQ(graph[compile("zone_sum(zone.volume)").id].extent, Extent::one);
    EXPECT_EQ(value("zone_sum(zone.volume * position)"), 21.0);
    EXPECT_DOUBLE_EQ(value("zone_mean(position)"), 7.0 / 3.0);
    EXPECT_EQ(value("zone_sum(a)"), 6.0);  // one value for each of three zones
    EXPECT_EQ(value("zone_mean(a)"), 2.0);
    define_function("twice", "lambda(x, 2 * x)");
    EXPECT_EQ(value("zone_sum(twice(position))"), 14.0);
    EXPECT_EQ(error("twice(position)"), std::string("6: 'position'") + wrap + "it in zone_sum() or zone_mean()");
    scope.resolve_rest = scope.resolve;
    EXPECT_EQ(error("rest(position)"), std::string("5: 'position'") + wrap + "it in zone_sum() or zone_mean()");
    scope.extent = Extent::lanes;
    EXPECT_EQ(graph[compile("position / zone_sum(position)").id].extent, Extent::lanes);
}

TEST_F(Law, WithoutZonesOrRest) {
    scope.lane_count = std::nullopt;
    scope.resolve_rest = nullptr;
    EXPECT_EQ(error("a + zone_mean(position)"), "4: 'zone_mean' has no meaning here: there are no zones");
    EXPECT_EQ(error("zone_sum(a)"), "0: 'zone_sum' has no meaning here: there are no zones");
    EXPECT_EQ(error("rest(a)"), "0: rest() has no meaning here");
}

TEST_F(Law, Rest) {
    EXPECT_EQ(value("a / rest(a)"), 2.0 / k_rest_value);
    EXPECT_EQ(value("rest(plasma.hgf) * 2"), 2.0 * k_rest_value);
    EXPECT_EQ(value("rest(a + b / pi * pi)"), 2.0 * k_rest_value);
    EXPECT_EQ(value("rest(2) * a"), 4.0);
    EXPECT_EQ(error("rest(a / rest(b))"), "9: rest() inside rest() says nothing more");
    EXPECT_EQ(error("rest(half_lif)"), "5: unknown name 'half_lif' (half_life)");
}

TEST_F(Law, UserFunctions) {
    define_function("relative", "lambda(x, y, x / (x + y))");
    define_function("double_relative", "lambda(u, 2 * relative(u, u * pi / pi))");
    EXPECT_EQ(value("relative(a, b)"), 0.4);
    EXPECT_EQ(value("double_relative(a) + relative(1, 3)"), 1.25);
    EXPECT_EQ(dimension("relative(length, 2 * length)"), "1");
    EXPECT_EQ(error("a + relative(a)"), "4: 'relative' takes 2 arguments, not 1");
    EXPECT_EQ(error("relativ(a, b)"), "0: unknown function 'relativ' (relative)");
    EXPECT_EQ(error("relative"), "0: 'relative' is a function: write relative(...)");
    // The place is that of y in the body: the text starts after column 4.
    EXPECT_EQ(error("b * relative(a, length)"),
              "16: cannot add 1 and um (in a call from part.toml:9:15: rate: 'b * relative(a, length)')");
}

TEST_F(Law, FunctionsOfFunctionsReportTheOuterCall) {
    define_function("inner", "lambda(x, exp(x))");
    define_function("outer", "lambda(x, inner(x))");
    EXPECT_EQ(
        error("outer(length)"),
        "8: the argument of exp must be dimensionless, not um (in a call from part.toml:9:11: rate: 'outer(length)')");
    define_function("loop", "lambda(x, pool(x))");
    define_function("pool", "lambda(x, loop(x))");
    EXPECT_EQ(error("loop(a)"), "4: the function 'loop' calls itself (in a call from part.toml:9:11: rate: 'loop(a)')");
    define_function("rested", "lambda(x, rest(x))");
    EXPECT_EQ(error("rested(a)"),
              "4: rest() cannot be used inside a function (in a call from part.toml:9:11: rate: 'rested(a)')");
    functions["free"] = {{"alpha"}, {"alpha + beta", {"part.toml", 1, 10, ""}}};
    EXPECT_EQ(error("free(a)"),
              "8: 'beta' is not an argument of the function 'free' (in a call from part.toml:9:11: rate: 'free(a)')");
}

TEST_F(Law, ParseFunction) {
    const Function f = parse_function({"lambda(x, y, x / min(x, y))", {"part.toml", 3, 10, "relative"}});
    EXPECT_EQ(f.arguments, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(f.body.text, "x / min(x, y)");
    EXPECT_EQ(f.body.where.column, 23);
    EXPECT_EQ(parse_function({" lambda ( x , x ) ", {}}).body.text, "x ");
    EXPECT_EQ(parse_function({"lambda(x, 2)", {}}).body.text, "2");
}

TEST_F(Law, ParseFunctionMistakes) {
    const auto error_in = [](const char* text) {
        return error_of([&] { parse_function({text, {"part.toml", 9, 10, ""}}); });
    };
    constexpr const char* form = "a function is written lambda(x, y, law of x and y)";
    for (const char* text : {"x + y", "lambda", "lambda(x)", "lambda()", "lambda(x + y)", "f(x, x)"})
        EXPECT_EQ(error_in(text), std::string("0: ") + form) << text;
    EXPECT_EQ(error_in("lambda(x, x) + 1"), std::string("11: ") + form);
    EXPECT_EQ(error_in("lambda(x, 2 * x, 3)"), std::string("15: ") + form);
    EXPECT_EQ(error_in("lambda(x, x, x)"), "10: the argument 'x' is named twice");
    EXPECT_EQ(error_in("lambda(a.b, 2)"), "7: 'a.b' cannot be the name of an argument");
    EXPECT_EQ(error_in("lambda(pi, 2)"), "7: 'pi' cannot be the name of an argument");
    EXPECT_EQ(error_in("lambda(xa, xb + 1)"), "11: 'xb' is not an argument of the function (xa)");
    EXPECT_EQ(error_in("lambda(x, x + * 2)"), "14: unexpected '*'");
    EXPECT_EQ(error_in("lambda(x, )"), std::string("0: ") + form);
    EXPECT_EQ(error_in(""), "0: the law is empty");
}

TEST_F(Law, Names) {
    const auto names = [](const char* text) { return law_names({text, {}}); };
    EXPECT_EQ(names("b * plasma.hgf + exp(a / b) + time"), (std::vector<std::string>{"b", "plasma.hgf", "a", "time"}));
    EXPECT_EQ(names("2 * pi * exponentiale"), std::vector<std::string>{});
    EXPECT_EQ(names("a > b"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(names("rest(x.y) + zone_mean(z)"), (std::vector<std::string>{"x.y", "z"}));
    EXPECT_THROW(names("a +"), SpecError);
    EXPECT_TRUE(is_law_constant("pi"));
    EXPECT_FALSE(is_law_constant("time"));
}

TEST_F(Law, ResolveMayThrow) {
    scope.resolve = [](std::string_view) -> std::optional<Typed> {
        throw SpecError({"other.toml", 1, 1, ""}, "a cycle");
    };
    EXPECT_THROW(compile("a"), SpecError);
    scope.resolve = nullptr;
    scope.names = nullptr;
    EXPECT_EQ(error("a"), "0: unknown name 'a'");
}

TEST_F(Law, PlacesInTextsOfSeveralLines) {
    try {
        compile("a +\n quux");
        FAIL();
    } catch (const SpecError& error) {
        EXPECT_EQ(error.problems().front().where.line, 9);
        EXPECT_EQ(error.problems().front().where.column, 10);  // the start of the text is all that is known
    }
}

TEST_F(Law, DeepNesting) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '(') + 'a' + std::string(depth, ')'); };
    EXPECT_EQ(value(nested(200)), 2.0);
    EXPECT_EQ(error(nested(201)), "200: more than 200 parentheses inside each other");
    EXPECT_EQ(value(std::string(4001, '-') + "a"), -2.0);
}

TEST_F(Law, HugeLaw) {
    std::string sum = "a";
    for (int i = 1; i < 2500; ++i) sum += " + b";
    EXPECT_EQ(value(sum), 2.0 + 2499 * 3.0);
    EXPECT_EQ(error(sum + " + b"), "10000: the law has more than 5000 symbols: split it with [define]");
    std::string tower = "a";
    for (int i = 1; i < 2000; ++i) tower += "^b";
    EXPECT_TRUE(std::isinf(value(tower)));
    std::string alternating = "a";
    for (int i = 0; i < 1200; ++i) alternating += "+b*c";
    EXPECT_EQ(value(alternating), 2.0 + 1200 * 15.0);
}

// Whatever is written, the answer is a law or a SpecError with a place in the text.
RC_GTEST_FIXTURE_PROP(Law, AnyTextIsReadOrRefused, ()) {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "a", "b ", "position", "length", "plasma.hgf", "2", "0.5 ", "+", "-", "*", "/", "^", "(", ")", ",", "<",
        ">=", "==", "!=", "&&", "||", "!", "exp(", "hill(", "min(", "piecewise(", "zone_sum(", "rest(", "lambda(", ".",
        "1e", "time", "\xc2\xb5"));
    std::string text;
    for (const std::string& piece : pieces) text += piece;
    try {
        compile(text);
    } catch (const SpecError& error) {
        const int offset = error.problems().front().where.column - 11;
        RC_ASSERT(offset >= 0);
        RC_ASSERT(offset <= static_cast<int>(text.size()));
    }
}

}  // namespace
}  // namespace lobule
