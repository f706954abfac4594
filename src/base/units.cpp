#include "base/units.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>

#include "base/text.hpp"

namespace lobule {
namespace {

// A unit is numerator / denominator * 10^ten: powers of ten stay whole until the end, so that "mg/kg" is exactly 1e-6.
struct Scale {
    double numerator = 1.0;
    double denominator = 1.0;
    int ten = 0;
};

struct KnownUnit {
    std::string_view name;
    Scale scale;
    // Whole exponents of length, time, mass, amount, cell, temperature.
    std::array<int, Dimension::base_count> exponents;
    bool prefixes = false;
};

constexpr double k_hour = 3600.0;             // [s]
constexpr double k_pascal = k_hour * k_hour;  // 1 Pa = 1e15 pg / (1e6 um) / s^2 = 1e9 h^2/s^2 pg/um/h^2
constexpr double k_joule_per_second = k_pascal * k_hour;

constexpr std::array k_units{
    KnownUnit{"m", {1, 1, 6}, {1, 0, 0, 0, 0, 0}, true},
    KnownUnit{"L", {1, 1, 15}, {3, 0, 0, 0, 0, 0}, true},
    KnownUnit{"l", {1, 1, 15}, {3, 0, 0, 0, 0, 0}, true},
    KnownUnit{"s", {1, k_hour, 0}, {0, 1, 0, 0, 0, 0}, true},
    KnownUnit{"min", {1, 60, 0}, {0, 1, 0, 0, 0, 0}},
    KnownUnit{"h", {1, 1, 0}, {0, 1, 0, 0, 0, 0}},
    KnownUnit{"d", {24, 1, 0}, {0, 1, 0, 0, 0, 0}},
    KnownUnit{"wk", {168, 1, 0}, {0, 1, 0, 0, 0, 0}},
    KnownUnit{"yr", {8766, 1, 0}, {0, 1, 0, 0, 0, 0}},  // Julian year, 365.25 d
    KnownUnit{"g", {1, 1, 12}, {0, 0, 1, 0, 0, 0}, true},
    KnownUnit{"Da", {1.66053906660, 1, -12}, {0, 0, 1, 0, 0, 0}, true},  // CODATA 2018
    KnownUnit{"mol", {1, 1, 15}, {0, 0, 0, 1, 0, 0}, true},
    KnownUnit{"M", {1, 1, 0}, {-3, 0, 0, 1, 0, 0}, true},   // mol/L
    KnownUnit{"U", {60, 1, 9}, {0, -1, 0, 1, 0, 0}, true},  // enzyme unit, umol/min
    KnownUnit{"cell", {1, 1, 0}, {0, 0, 0, 0, 1, 0}},
    KnownUnit{"cells", {1, 1, 0}, {0, 0, 0, 0, 1, 0}},
    KnownUnit{"K", {1, 1, 0}, {0, 0, 0, 0, 0, 1}, true},
    KnownUnit{"N", {k_pascal, 1, 21}, {1, -2, 1, 0, 0, 0}, true},
    KnownUnit{"Pa", {k_pascal, 1, 9}, {-1, -2, 1, 0, 0, 0}, true},
    KnownUnit{"bar", {k_pascal, 1, 14}, {-1, -2, 1, 0, 0, 0}, true},
    KnownUnit{"mmHg", {133.322387415 * k_pascal, 1, 9}, {-1, -2, 1, 0, 0, 0}},
    KnownUnit{"J", {k_pascal, 1, 27}, {2, -2, 1, 0, 0, 0}, true},
    KnownUnit{"W", {k_joule_per_second, 1, 27}, {2, -3, 1, 0, 0, 0}, true},
    KnownUnit{"fold", {1, 1, 0}, {}},
    KnownUnit{"%", {1, 1, -2}, {}},
    KnownUnit{"ppm", {1, 1, -6}, {}},
};

struct Prefix {
    std::string_view name;
    int ten;
};
constexpr std::array k_prefixes{
    Prefix{"f", -15},     Prefix{"p", -12}, Prefix{"n", -9}, Prefix{"u", -6}, Prefix{"\u00b5", -6},  // micro sign
    Prefix{"\u03bc", -6},                                                                            // Greek mu
    Prefix{"m", -3},      Prefix{"c", -2},  Prefix{"d", -1}, Prefix{"k", 3},  Prefix{"M", 6},       Prefix{"G", 9},
};

struct Advice {
    std::string_view name;
    std::string_view text;
};
// Spellings that are common in papers, with the one that is read here.
constexpr std::array k_synonyms{
    Advice{"sec", "s"},       Advice{"second", "s"},  Advice{"seconds", "s"}, Advice{"minute", "min"},
    Advice{"minutes", "min"}, Advice{"mins", "min"},  Advice{"hr", "h"},      Advice{"hrs", "h"},
    Advice{"hour", "h"},      Advice{"hours", "h"},   Advice{"day", "d"},     Advice{"days", "d"},
    Advice{"week", "wk"},     Advice{"weeks", "wk"},  Advice{"year", "yr"},   Advice{"years", "yr"},
    Advice{"cc", "ml"},       Advice{"mcg", "ug"},    Advice{"gram", "g"},    Advice{"liter", "L"},
    Advice{"litre", "L"},     Advice{"micron", "um"}, Advice{"dalton", "Da"}, Advice{"kelvin", "K"},
    Advice{"percent", "%"},   Advice{"meter", "m"},   Advice{"metre", "m"},   Advice{"a", "yr"},
    Advice{"y", "yr"},        Advice{"torr", "mmHg"},
};
constexpr std::array k_refused{
    Advice{"IU",
           "IU measures an activity and has no fixed mass: convert it with the specific activity of the preparation"},
    Advice{"mo", "a month has no fixed length: write d or wk"},
    Advice{"month", "a month has no fixed length: write d or wk"},
    Advice{"months", "a month has no fixed length: write d or wk"},
    Advice{"degC", "degC has an offset: write kelvin (K)"},
};

template <class Table>
auto find_named(const Table& table, std::string_view name) -> decltype(table.data()) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.name == name; });
    return found == table.end() ? nullptr : &*found;
}

constexpr std::array<std::string_view, Dimension::base_count> k_inside_units{"um", "h", "pg", "fmol", "cell", "K"};

std::int16_t checked_sixths(int sixths) {
    if (sixths > std::numeric_limits<std::int16_t>::max() || sixths < std::numeric_limits<std::int16_t>::min())
        throw UnitError("an exponent of the unit is out of range", 0);
    return static_cast<std::int16_t>(sixths);
}

template <class Combine>
Dimension combine(const Dimension& a, const Dimension& b, Combine combine_sixths) {
    Dimension result;
    for (std::size_t i = 0; i < a.sixths.size(); ++i)
        result.sixths[i] = checked_sixths(combine_sixths(a.sixths[i], b.sixths[i]));
    return result;
}

std::string exponent_text(int sixths) {
    const int divisor = std::gcd(sixths, 6);
    if (divisor == 6) return sixths == 6 ? "" : '^' + std::to_string(sixths / 6);
    return "^(" + std::to_string(sixths / divisor) + '/' + std::to_string(6 / divisor) + ')';
}

// ASCII letters, and the two bytes of either micro: what a unit's name is made of.
bool is_name_byte(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

std::string nearest_unit(std::string_view name) {
    if (const Advice* synonym = find_named(k_synonyms, lower_case(name))) return std::string(synonym->text);
    // Wrong case ("Kg", "ML") is likelier than a wrong letter.
    const std::string lower = lower_case(name);
    for (const KnownUnit& unit : k_units) {
        if (lower == lower_case(unit.name)) return std::string(unit.name);
        if (!unit.prefixes) continue;
        for (const Prefix& prefix : k_prefixes) {
            std::string prefixed = std::string(prefix.name) + std::string(unit.name);
            if (lower == lower_case(prefixed)) return prefixed;
        }
    }
    return name.size() > 2 ? nearest_name(name, known_units()) : std::string();
}

class UnitParser {
public:
    explicit UnitParser(std::string_view text) : text_(text) {}

    Unit parse() {
        Unit unit;
        unit.text = std::string(trim(text_));
        skip_space();
        if (at_end()) return unit;
        if (text_[at_] == '1' && (at_ + 1 == text_.size() || !is_digit(text_[at_ + 1]))) {
            ++at_;
            skip_space();
            if (at_end()) return unit;
            if (text_[at_] != '/') throw UnitError("after a leading 1 only '/' may follow, as in \"1/h\"", at_);
        } else {
            factor(+1);
        }
        while (next_separator()) factor(divide_ ? -1 : +1);
        unit.dimension = dimension_;
        unit.factor = value();
        return unit;
    }

private:
    bool at_end() const { return at_ == text_.size(); }

    bool skip_space() {
        const std::size_t start = at_;
        while (!at_end() && text_[at_] == ' ') ++at_;
        return at_ > start;
    }

    // Moves to the next factor; false at the end of the text.
    bool next_separator() {
        const std::size_t start = at_;
        const bool space = skip_space();
        if (at_end()) return false;
        const char c = text_[at_];
        const bool divide = c == '/';
        if (divide || c == '*' || c == '.') {
            ++at_;
            skip_space();
        } else if (!space) {
            refuse_character();
        }
        // In "ug/kg min" nobody can tell whether min divides: ask.
        if (divide_ && !divide) throw UnitError("ambiguous after '/': write '/' before every divisor", start);
        divide_ = divide;
        if (at_end()) throw UnitError("a unit must follow the last sign", start);
        return true;
    }

    void factor(int sign) {
        const std::size_t start = at_;
        if (text_[at_] == '%') {
            ++at_;
        } else {
            while (!at_end() && is_name_byte(text_[at_])) ++at_;
        }
        if (at_ == start) refuse_character();
        const auto [unit, ten] = look_up(text_.substr(start, at_ - start), start);
        const auto [p, q] = exponent();
        Dimension dimension;
        try {
            for (std::size_t i = 0; i < unit->exponents.size(); ++i)
                dimension.sixths[i] = static_cast<std::int16_t>(6 * unit->exponents[i]);
            dimension = power(dimension, sign * p, q);
            dimension_ = dimension_ * dimension;
        } catch (const UnitError& error) {
            throw UnitError(error.what(), start);
        }
        // Roots appear where to_string() wrote them: on inside units, whose factor is 1.
        const Scale& scale = unit->scale;
        if (q == 1)
            scale_by(scale, ten, sign * p);
        else if (scale.numerator != 1.0 || scale.denominator != 1.0 || scale.ten + ten != 0)
            throw UnitError("a root is allowed of um, h, pg, fmol, cell and K only", start);
    }

    void scale_by(const Scale& scale, int ten, int p) {
        for (int i = 0; i < std::abs(p); ++i) {
            numerator_ *= p > 0 ? scale.numerator : scale.denominator;
            denominator_ *= p > 0 ? scale.denominator : scale.numerator;
        }
        ten_ += (scale.ten + ten) * p;
    }

    struct Found {
        const KnownUnit* unit;
        int ten;
    };
    static Found look_up(std::string_view name, std::size_t offset) {
        // Whole names first: "min" is no milli-inch, "mol", "cell" and "mmHg" carry no prefix.
        if (const KnownUnit* unit = find_named(k_units, name)) return {unit, 0};
        for (const Prefix& prefix : k_prefixes) {
            if (!name.starts_with(prefix.name)) continue;
            const KnownUnit* unit = find_named(k_units, name.substr(prefix.name.size()));
            if (unit != nullptr && unit->prefixes) return {unit, prefix.ten};
        }
        for (const Advice& refused : k_refused) {
            const bool prefixed =
                name.size() > refused.name.size() && name.ends_with(refused.name) && refused.name == "IU";
            if (name == refused.name || prefixed) throw UnitError(std::string(refused.text), offset);
        }
        throw UnitError("unknown unit '" + std::string(name) + '\'', offset, nearest_unit(name));
    }

    // "", "3", "-1", "^3", "^-1" or "^(1/2)".
    std::pair<int, int> exponent() {
        const bool caret = !at_end() && text_[at_] == '^';
        if (caret) ++at_;
        if (caret && !at_end() && text_[at_] == '(') {
            ++at_;
            const std::optional<int> p = integer();
            if (p && take('/')) {
                const std::optional<int> q = integer();
                if (q && *q > 0 && take(')')) return {*p, *q};
            }
            throw UnitError("a root is written as in \"um^(1/2)\"", at_);
        }
        const std::size_t start = at_;
        const std::optional<int> whole = integer();
        if (whole && !at_end() && text_[at_] == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))
            throw UnitError("an exponent must be a whole number", start);
        if (!whole && (caret || (!at_end() && text_[at_] == '-')))
            throw UnitError("an exponent must be a whole number", at_);
        return {whole.value_or(1), 1};
    }

    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    std::optional<int> integer() {
        int value = 0;
        const char* const end = text_.data() + text_.size();
        const auto [after, error] = std::from_chars(text_.data() + at_, end, value);
        if (error == std::errc::invalid_argument) return std::nullopt;
        if (error != std::errc() || std::abs(value) > 99)
            throw UnitError("an exponent may have two digits at most", at_);
        at_ = static_cast<std::size_t>(after - text_.data());
        return value;
    }

    [[noreturn]] void refuse_character() const {
        const char c = text_[at_];
        if (is_digit(c)) throw UnitError("a number inside a unit is not allowed", at_);
        if (c == '/') throw UnitError("a unit cannot start with '/': write \"1/h\"", at_);
        throw UnitError(std::string("unexpected character '") + c + "' in a unit", at_);
    }

    double value() const {
        double power_of_ten = 1.0;  // exact up to 1e22
        for (int i = 0; i < std::abs(ten_); ++i) power_of_ten *= 10.0;
        const double factor =
            ten_ >= 0 ? numerator_ * power_of_ten / denominator_ : numerator_ / (denominator_ * power_of_ten);
        if (!std::isfinite(factor) || factor == 0.0) throw UnitError("the unit is too large or too small", 0);
        return factor;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool divide_ = false;
    Dimension dimension_;
    double numerator_ = 1.0;
    double denominator_ = 1.0;
    int ten_ = 0;
};

}  // namespace

UnitError::UnitError(const std::string& what, std::size_t offset, std::string nearest)
    : std::runtime_error(what), offset_(offset), nearest_(std::move(nearest)) {}

Dimension operator*(const Dimension& a, const Dimension& b) {
    return combine(a, b, [](int x, int y) { return x + y; });
}

Dimension operator/(const Dimension& a, const Dimension& b) {
    return combine(a, b, [](int x, int y) { return x - y; });
}

Dimension power(const Dimension& d, int p, int q) {
    if (q == 0) throw UnitError("a power with denominator 0", 0);
    Dimension result;
    for (std::size_t i = 0; i < d.sixths.size(); ++i) {
        const long long scaled = static_cast<long long>(d.sixths[i]) * p;
        if (scaled % q != 0) throw UnitError("the root of " + to_string(d) + " has no exact exponents", 0);
        const long long limit = std::numeric_limits<std::int16_t>::max();
        result.sixths[i] = checked_sixths(static_cast<int>(std::clamp(scaled / q, -2 * limit, 2 * limit)));
    }
    return result;
}

std::string to_string(const Dimension& d) {
    std::string above, below;
    for (std::size_t i = 0; i < d.sixths.size(); ++i) {
        const int sixths = d.sixths[i];
        if (sixths > 0) above += (above.empty() ? "" : "*") + std::string(k_inside_units[i]) + exponent_text(sixths);
        if (sixths < 0) below += '/' + std::string(k_inside_units[i]) + exponent_text(-sixths);
    }
    return (above.empty() ? "1" : above) + below;
}

Unit parse_unit(std::string_view text) { return UnitParser(text).parse(); }

Quantity parse_quantity(std::string_view text) {
    const std::string_view number = trim(text);
    const auto offset = static_cast<std::size_t>(number.empty() ? 0 : number.data() - text.data());
    double value = 0.0;
    const auto [after, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error == std::errc::invalid_argument)
        throw UnitError("a quantity must start with a number, as in \"2.5 mg/kg\"", offset);
    if (error == std::errc::result_out_of_range || !std::isfinite(value))
        throw UnitError("a quantity must be a finite number", offset);
    const std::size_t unit_start = static_cast<std::size_t>(after - text.data());
    try {
        const Unit unit = parse_unit(text.substr(unit_start));
        if (!std::isfinite(value * unit.factor)) throw UnitError("a quantity must be a finite number", 0);
        return {value * unit.factor, unit.dimension};
    } catch (const UnitError& unit_error) {
        throw UnitError(unit_error.what(), unit_start + unit_error.offset(), unit_error.nearest());
    }
}

const std::vector<std::string>& known_units() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const KnownUnit& unit : k_units) all.emplace_back(unit.name);
        return all;
    }();
    return names;
}

}  // namespace lobule
