// Dimensions, units and quantities: checked at the door, one system inside.
//
// Inside: length um, time h, mass pg, amount fmol, count cell, temperature K. Everything else is derived from these
// (pressure is pg/um/h^2, a concentration pg/um^3 or fmol/um^3). `cell` is a dimension, so "per cell" is never lost.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lobule {

/// Exponents of the base dimensions, in sixths so that square and cube roots stay exact.
struct Dimension {
    enum Base : std::uint8_t { length, time, mass, amount, cell, temperature, base_count };
    std::array<std::int16_t, base_count> sixths{};

    friend bool operator==(const Dimension&, const Dimension&) = default;
    bool dimensionless() const noexcept { return *this == Dimension{}; }
    static Dimension of(Base base) {
        Dimension d;
        d.sixths[base] = 6;
        return d;
    }
};
Dimension operator*(const Dimension& a, const Dimension& b);
Dimension operator/(const Dimension& a, const Dimension& b);
/// `d` to the power p/q. Throws UnitError when a sixth would not stay whole.
Dimension power(const Dimension& d, int p, int q = 1);
/// In inside units, e.g. "pg/um^3/h"; "1" when dimensionless. Parsed back by parse_unit.
std::string to_string(const Dimension& d);

/// A unit as written: value_inside = value * factor.
struct Unit {
    double factor = 1.0;
    Dimension dimension;
    std::string text;
};

struct Quantity {
    double value = 0.0;  // [inside units of dimension]
    Dimension dimension;
};

/// What is wrong with a unit or a quantity, with the byte offset in its text and the nearest known unit.
class UnitError : public std::runtime_error {
public:
    UnitError(const std::string& what, std::size_t offset, std::string nearest = {});
    std::size_t offset() const noexcept { return offset_; }
    const std::string& nearest() const noexcept { return nearest_; }

private:
    std::size_t offset_;
    std::string nearest_;
};

/// Reads a unit: factors joined by `*`, `.`, space or `/`, each with an optional whole exponent (`um^3`, `m2`, `s-1`).
/// "1" and "" are dimensionless; a `1` may only start ("1/h"). After a `/` each further factor needs its own: whether
/// "ug/kg min" divides by min is refused as ambiguous. `%` is 0.01, "fold" is 1. Numbers inside are refused, so
/// "ml/min/100g" is an error. SI prefixes apply to the units that take them (m g mol s L M Pa J W U ...); µ and u are
/// micro. IU is refused: it has no fixed mass. Inside units may carry a root, "um^(1/2)", as to_string writes it.
/// Throws UnitError.
Unit parse_unit(std::string_view text);

/// Reads "2.5 mg/kg", "1e-3 1/h", "0.67"; finite numbers only. Throws UnitError.
Quantity parse_quantity(std::string_view text);

/// Every unit name known without prefix, for documentation and nearest names.
const std::vector<std::string>& known_units();

}  // namespace lobule
