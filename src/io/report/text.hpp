// Text of a page: escaping and numbers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lobule::io::report {

/// Safe between tags and inside quoted attributes. Bytes that XML forbids become U+FFFD.
std::string escape(std::string_view text);
/// Three significant digits by default, thousands apart, a true minus; "1.2 × 10⁻⁷" beyond six orders; "–" for no number.
std::string number(double value, int digits = 3);
std::string number(const std::optional<double>& value, int digits = 3);
/// A coordinate: two decimals at most.
std::string coordinate(double value);
/// "plasma_il6" -> "plasma il6"
std::string words(std::string_view name);
/// A time as people say it: "36 h", "9 d".
std::string duration(double hours);
/// "pg/ml" as written, "" for "1".
std::string unit_text(std::string_view unit);

}  // namespace lobule::io::report
