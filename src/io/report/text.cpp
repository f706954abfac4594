#include "text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lobule::io::report {

namespace {

std::string superscript(int exponent) {
    static constexpr std::string_view k_digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    std::string out = exponent < 0 ? "⁻" : "";
    for (const char c : std::to_string(std::abs(exponent))) out += k_digits[c - '0'];
    return out;
}

void trim_zeros(std::string& text) {
    if (text.find('.') == std::string::npos) return;
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
}

}  // namespace

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            case '\n':
            case '\t': out += c; break;
            default:
                out +=
                    static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? std::string("\xEF\xBF\xBD") : std::string(1, c);
        }
    }
    return out;
}

std::string number(double value, int digits) {
    if (!std::isfinite(value)) return "–";
    if (value == 0.0) return "0";
    const double size = std::abs(value);
    const std::string sign = value < 0.0 ? "−" : "";
    // The exponent after rounding: 999.9 to three digits is 1000.
    const std::string rounded = fmt::format("{:.{}e}", size, digits - 1);
    const auto at = rounded.find('e');
    const int exponent = std::stoi(rounded.substr(at + 1));
    if (exponent < -4 || exponent > 6) {
        std::string mantissa = rounded.substr(0, at);
        trim_zeros(mantissa);
        return fmt::format("{}{} × 10{}", sign, mantissa, superscript(exponent));
    }
    std::string text = fmt::format("{:.{}f}", std::stod(rounded), std::max(0, digits - 1 - exponent));
    trim_zeros(text);
    const auto point = std::min(text.find('.'), text.size());
    if (point > 4)
        for (std::size_t i = point; i > 3; i -= 3)
            if (i - 3 > 0) text.insert(i - 3, "\u202F");
    return sign + text;
}

std::string number(const std::optional<double>& value, int digits) { return value ? number(*value, digits) : "–"; }

std::string coordinate(double value) {
    std::string text = fmt::format("{:.2f}", value);
    trim_zeros(text);
    return text == "-0" ? "0" : text;
}

std::string words(std::string_view name) {
    std::string out(name);
    std::replace(out.begin(), out.end(), '_', ' ');
    return out;
}

std::string duration(double hours) {
    const bool days = std::abs(hours) >= 72.0;
    return number(days ? hours / 24.0 : hours) + (days ? " d" : " h");
}

std::string unit_text(std::string_view unit) { return unit == "1" ? std::string() : std::string(unit); }

}  // namespace lobule::io::report
