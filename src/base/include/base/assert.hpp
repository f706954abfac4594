// LOBULE_ASSERT(condition, operands...): a broken invariant throws Bug with the operands' names and values.
// On in dev, audit, asan and tsan builds (LOBULE_AUDIT); costs nothing in release.
#pragma once

#include <sstream>
#include <string>

#include "base/error.hpp"

namespace lobule::detail {

template <class... T>
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line, const char* names,
                                   const T&... values) {
    std::ostringstream text;
    text.precision(17);
    text << file << ':' << line << ": assertion failed: " << condition;
    if constexpr (sizeof...(T) > 0) {
        text << " with (" << names << ") = (";
        const char* separator = "";
        ((text << separator << values, separator = ", "), ...);
        text << ')';
    }
    throw Bug(text.str());
}

}  // namespace lobule::detail

#ifdef LOBULE_AUDIT
#define LOBULE_ASSERT(condition, ...)                                                    \
    do {                                                                                 \
        if (!(condition))                                                                \
            ::lobule::detail::assertion_failed(#condition, __FILE__, __LINE__,           \
                                               #__VA_ARGS__ __VA_OPT__(, ) __VA_ARGS__); \
    } while (false)
#else
#define LOBULE_ASSERT(condition, ...) static_cast<void>(0)
#endif
