// What each operation means for one value: shared by constant folding and by the compiled program, so that both give
// the same bits. Function objects, which templates inline; without branches, where the compiler is to use vectors.
#pragma once

#include "base/math.hpp"

namespace lobule::operations {

inline constexpr auto truth = [](bool value) { return value ? 1.0 : 0.0; };
inline constexpr auto min = [](double a, double b) { return b < a ? b : a; };
inline constexpr auto max = [](double a, double b) { return a < b ? b : a; };
inline constexpr auto less = [](double a, double b) { return truth(a < b); };
inline constexpr auto less_equal = [](double a, double b) { return truth(a <= b); };
inline constexpr auto equal = [](double a, double b) { return truth(a == b); };
inline constexpr auto logical_not = [](double a) { return truth(a == 0.0); };
// & and | on truth values: && and || would branch.
inline constexpr auto logical_and = [](double a, double b) { return truth((a != 0.0) & (b != 0.0)); };
inline constexpr auto logical_or = [](double a, double b) { return truth((a != 0.0) | (b != 0.0)); };
inline constexpr auto select = [](double condition, double a, double b) { return condition != 0.0 ? a : b; };

/// hill from p = (x/k)^n. The ratio keeps concentrations of 1e-12 to high powers from underflowing; a p cut at 1e300
/// gives 1 instead of infinity/infinity, and a NaN passes.
inline constexpr auto hill_of_power = [](double p) {
    const double bounded = p > 1e300 ? 1e300 : p;
    return bounded / (1.0 + bounded);
};
/// A negative x, which a solver may try, counts as 0 where its power would not be a number.
inline constexpr auto hill_base = [](double x, double k) { return max(x / k, 0.0); };

inline double hill(double x, double k, int n) { return hill_of_power(math::pow_int(x / k, n)); }
inline double hill(double x, double k, double n) { return hill_of_power(math::pow(hill_base(x, k), n)); }

}  // namespace lobule::operations
