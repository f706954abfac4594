// Rate laws in SBML Level 3 infix (read by libSBML), checked for dimension and scope, compiled into an ExpressionGraph.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "model/expression.hpp"

namespace lobule {

/// A law as the user wrote it. `where.column` is the column before its first character: the opening quote of a TOML
/// string, 0 for a bare text. A Problem's column then points at the mistake (in a text of several lines, at the start
/// only).
struct LawText {
    std::string text;
    Where where;
};

/// A compiled value with its dimension. `any_dimension` marks a literal 0, which fits every dimension.
struct Typed {
    ExprId id = -1;
    Dimension dimension;
    bool any_dimension = false;
};

/// A user function: lambda(x, y, body). Checked for dimension at each call. The body sees its arguments only, pi,
/// exponentiale and other functions.
struct Function {
    std::vector<std::string> arguments;
    LawText body;
};

/// What names mean where a law is compiled.
struct LawScope {
    /// The value of a (dotted) name, or nothing when unknown. May throw SpecError (a cycle, a body law that reads a
    /// zone value bare).
    std::function<std::optional<Typed>(std::string_view name)> resolve;
    /// Every name that resolve would know, for the nearest right name.
    std::function<std::vector<std::string>()> names;
    /// The choices of a parameter by its (dotted) name; null: it is none, or has none.
    std::function<const std::vector<std::string>*(std::string_view name)> choices;
    /// Why a name has no meaning here, where that is known; else empty.
    std::function<std::string(std::string_view name)> why_absent;
    /// User functions visible here, by name.
    const std::map<std::string, Function, std::less<>>* functions = nullptr;
    /// rest(x): x with every name at its frozen value on the untouched liver, by this. Absent where rest() has no meaning.
    std::function<std::optional<Typed>(std::string_view name)> resolve_rest;
    /// The number of lanes as a one-value expression, for zone_mean.
    std::optional<ExprId> lane_count;
    /// Extent::one: the law is a body law, and a lane value outside zone_sum/zone_mean is an error.
    Extent extent = Extent::lanes;
};

/// Compiles one law. Throws SpecError with one problem whose column points into the text where that is known:
/// syntax; unknown name or function (nearest); wrong number of arguments; adding unlike dimensions; exp of a dimension;
/// a non-constant power of a dimensional base; zone value in a body law ("wrap it in zone_sum() or zone_mean()").
///
/// Functions: + - * / ^ unary minus, < <= > >= == != && || !, exp ln log10 sqrt abs tanh min max pow hill(x,k,n)
/// piecewise(a, condition, b), chosen(parameter, name), zone_sum, zone_mean, rest(x), pi, exponentiale. SBML reads `log` as log10: `log` is
/// refused ("use ln or log10"). Numbers are dimensionless; "2x" and numbers with units ("2 h") are refused. Names are
/// mapped to numbered ones before libSBML reads them, so that no name (dotted, `time`, `Inf`, `avogadro`) collides with
/// its own words. -x^2 is -(x^2), and a^b^c is a^(b^c). piecewise takes more pieces too: piecewise(a, condition, b,
/// condition, otherwise). A function's body sees its arguments only.
Typed compile_law(ExpressionGraph& graph, const LawText& law, const LawScope& scope);

/// Reads "lambda(x, y, body)". Throws SpecError.
Function parse_function(const LawText& law);

/// Names a law mentions (dotted, in order of first mention), without functions, pi and exponentiale; with those inside
/// rest(). The name of a choice is none. Throws SpecError on syntax.
std::vector<std::string> law_names(const LawText& law);

/// `pi` and `exponentiale`, which hide a name spelled alike: nothing should be named so.
bool is_law_constant(std::string_view name);
/// The functions that every law may call.
const std::vector<std::string>& law_functions();

}  // namespace lobule
