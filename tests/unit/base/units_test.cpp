#include "base/units.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lobule {
namespace {

using enum Dimension::Base;

Dimension dimension(int length_, int time_, int mass_, int amount_ = 0, int cell_ = 0, int temperature_ = 0) {
    Dimension d;
    const std::array whole{length_, time_, mass_, amount_, cell_, temperature_};
    for (std::size_t i = 0; i < whole.size(); ++i) d.sixths[i] = static_cast<std::int16_t>(6 * whole[i]);
    return d;
}

void expect_unit(const char* text, double factor, const Dimension& expected) {
    const Unit unit = parse_unit(text);
    EXPECT_DOUBLE_EQ(unit.factor, factor) << text;
    EXPECT_EQ(unit.dimension, expected) << text << " is " << to_string(unit.dimension);
    EXPECT_EQ(unit.text, text);
}

// "what @ offset (nearest)"
template <class Parse>
std::string error_of(Parse parse, std::string_view text) {
    try {
        parse(text);
    } catch (const UnitError& error) {
        return std::string(error.what()) + " @" + std::to_string(error.offset()) +
               (error.nearest().empty() ? "" : " (" + error.nearest() + ")");
    }
    return "no error";
}
std::string unit_error(std::string_view text) { return error_of(parse_unit, text); }
std::string quantity_error(std::string_view text) { return error_of(parse_quantity, text); }

TEST(Units, Table) {
    expect_unit("um", 1.0, dimension(1, 0, 0));
    expect_unit("m", 1e6, dimension(1, 0, 0));
    expect_unit("L", 1e15, dimension(3, 0, 0));
    expect_unit("ml", 1e12, dimension(3, 0, 0));
    expect_unit("mL", 1e12, dimension(3, 0, 0));
    expect_unit("s", 1.0 / 3600, dimension(0, 1, 0));
    expect_unit("ms", 1e-3 / 3600, dimension(0, 1, 0));
    expect_unit("min", 1.0 / 60, dimension(0, 1, 0));
    expect_unit("h", 1.0, dimension(0, 1, 0));
    expect_unit("d", 24.0, dimension(0, 1, 0));
    expect_unit("wk", 168.0, dimension(0, 1, 0));
    expect_unit("yr", 8766.0, dimension(0, 1, 0));
    expect_unit("pg", 1.0, dimension(0, 0, 1));
    expect_unit("kg", 1e15, dimension(0, 0, 1));
    expect_unit("Da", 1.66053906660e-12, dimension(0, 0, 1));
    expect_unit("kDa", 1.66053906660e-9, dimension(0, 0, 1));
    expect_unit("mol", 1e15, dimension(0, 0, 0, 1));
    expect_unit("M", 1.0, dimension(-3, 0, 0, 1));
    expect_unit("pM", 1e-12, dimension(-3, 0, 0, 1));
    expect_unit("mM", 1e-3, dimension(-3, 0, 0, 1));
    expect_unit("U", 6e10, dimension(0, -1, 0, 1));
    expect_unit("mU", 6e7, dimension(0, -1, 0, 1));
    expect_unit("cell", 1.0, dimension(0, 0, 0, 0, 1));
    expect_unit("cells", 1.0, dimension(0, 0, 0, 0, 1));
    expect_unit("K", 1.0, dimension(0, 0, 0, 0, 0, 1));
    expect_unit("N", 1.296e28, dimension(1, -2, 1));
    expect_unit("Pa", 1.296e16, dimension(-1, -2, 1));
    expect_unit("kPa", 1.296e19, dimension(-1, -2, 1));
    expect_unit("bar", 1.296e21, dimension(-1, -2, 1));
    expect_unit("mmHg", 133.322387415 * 1.296e16, dimension(-1, -2, 1));
    expect_unit("J", 1.296e34, dimension(2, -2, 1));
    expect_unit("W", 1.296e34 * 3600, dimension(2, -3, 1));
    expect_unit("%", 0.01, {});
    expect_unit("fold", 1.0, {});
    expect_unit("ppm", 1e-6, {});
    expect_unit("1", 1.0, {});
    expect_unit("", 1.0, {});
}

TEST(Units, EveryKnownUnitIsRead) {
    for (const std::string& name : known_units()) EXPECT_NO_THROW(parse_unit(name)) << name;
}

TEST(Units, DerivedUnitsAgree) {
    const auto equal = [](const char* a, const char* b) {
        EXPECT_DOUBLE_EQ(parse_unit(a).factor, parse_unit(b).factor) << a << " and " << b;
        EXPECT_EQ(parse_unit(a).dimension, parse_unit(b).dimension) << a << " and " << b;
    };
    equal("Pa", "kg/m/s^2");
    equal("N", "Pa*m^2");
    equal("J", "N.m");
    equal("W", "J/s");
    equal("U", "umol/min");
    equal("M", "mol/L");
    equal("L", "dm^3");
    equal("ml", "cm3");
}

TEST(Units, ThreeSpellingsOfMicro) {
    for (const char* text : {"um", "\u00b5m", "\u03bcm"}) EXPECT_EQ(parse_unit(text).factor, 1.0) << text;
    for (const char* text : {"ug", "\u00b5g", "\u03bcg"}) EXPECT_EQ(parse_unit(text).factor, 1e6) << text;
    for (const char* text : {"uM", "\u00b5M", "\u03bcM"}) EXPECT_EQ(parse_unit(text).factor, 1e-6) << text;
}

TEST(Units, Grammar) {
    expect_unit("um^3", 1.0, dimension(3, 0, 0));
    expect_unit("m2", 1e12, dimension(2, 0, 0));
    expect_unit("s-1", 3600.0, dimension(0, -1, 0));
    expect_unit("um^-3", 1.0, dimension(-3, 0, 0));
    expect_unit("1/h", 1.0, dimension(0, -1, 0));
    expect_unit("1 / h", 1.0, dimension(0, -1, 0));
    expect_unit("mg/kg", 1e-6, {});
    expect_unit("mg/kg/h", 1e-6, dimension(0, -1, 0));
    expect_unit("ng/ml", 1e-9, dimension(-3, 0, 1));
    expect_unit("pg/h/cell", 1.0, dimension(0, -1, 1, 0, -1));
    expect_unit("um^3/cell", 1.0, dimension(3, 0, 0, 0, -1));
    expect_unit("pg um", 1.0, dimension(1, 0, 1));
    expect_unit("pg*um", 1.0, dimension(1, 0, 1));
    expect_unit("pg.um", 1.0, dimension(1, 0, 1));
    expect_unit("um^2/s", 3600.0, dimension(2, -1, 0));
    EXPECT_EQ(parse_unit("  mg / kg ").text, "mg / kg");
}

TEST(Units, PowersOfTenAreExact) {
    EXPECT_EQ(parse_unit("mg/kg").factor, 1e-6);
    EXPECT_EQ(parse_unit("ng/ml").factor, 1e-9);
    EXPECT_EQ(parse_unit("pM").factor, 1e-12);
    EXPECT_EQ(parse_unit("mg").factor, 1e9);
}

TEST(Units, UnknownUnits) {
    EXPECT_EQ(unit_error("Kg"), "unknown unit 'Kg' @0 (kg)");
    EXPECT_EQ(unit_error("hr"), "unknown unit 'hr' @0 (h)");
    EXPECT_EQ(unit_error("hours"), "unknown unit 'hours' @0 (h)");
    EXPECT_EQ(unit_error("mg/day"), "unknown unit 'day' @3 (d)");
    EXPECT_EQ(unit_error("a"), "unknown unit 'a' @0 (yr)");
    EXPECT_EQ(unit_error("mcg"), "unknown unit 'mcg' @0 (ug)");
    EXPECT_EQ(unit_error("mmhg"), "unknown unit 'mmhg' @0 (mmHg)");
    EXPECT_EQ(unit_error("celll"), "unknown unit 'celll' @0 (cell)");
    EXPECT_EQ(unit_error("cd"), "unknown unit 'cd' @0");  // not a centi-day
    EXPECT_EQ(unit_error("kcell"), "unknown unit 'kcell' @0 (cell)");
    EXPECT_EQ(unit_error("mmin"), "unknown unit 'mmin' @0 (min)");
    EXPECT_EQ(unit_error("zorkmid"), "unknown unit 'zorkmid' @0");
    EXPECT_EQ(unit_error("\u03a9"), "unknown unit '\u03a9' @0");
}

TEST(Units, RefusedUnits) {
    constexpr const char* iu =
        "IU measures an activity and has no fixed mass: convert it with the specific activity of the preparation";
    EXPECT_EQ(unit_error("IU"), std::string(iu) + " @0");
    EXPECT_EQ(unit_error("1/mIU"), std::string(iu) + " @2");
    EXPECT_EQ(unit_error("mo"), "a month has no fixed length: write d or wk @0");
    EXPECT_EQ(unit_error("months"), "a month has no fixed length: write d or wk @0");
    EXPECT_EQ(unit_error("degC"), "degC has an offset: write kelvin (K) @0");
}

TEST(Units, Syntax) {
    EXPECT_EQ(unit_error("ml/min/100g"), "a number inside a unit is not allowed @7");
    EXPECT_EQ(unit_error("10/h"), "a number inside a unit is not allowed @0");
    EXPECT_EQ(unit_error("1 h"), "after a leading 1 only '/' may follow, as in \"1/h\" @2");
    EXPECT_EQ(unit_error("/h"), "a unit cannot start with '/': write \"1/h\" @0");
    EXPECT_EQ(unit_error("mg/"), "a unit must follow the last sign @2");
    EXPECT_EQ(unit_error("1/"), "a unit must follow the last sign @1");
    EXPECT_EQ(unit_error("mg//h"), "a unit cannot start with '/': write \"1/h\" @3");
    EXPECT_EQ(unit_error("mg(kg)"), "unexpected character '(' in a unit @2");
    EXPECT_EQ(unit_error("ug/kg min"), "ambiguous after '/': write '/' before every divisor @5");
    EXPECT_EQ(unit_error("ug/kg*min"), "ambiguous after '/': write '/' before every divisor @5");
    EXPECT_EQ(unit_error("um^"), "an exponent must be a whole number @3");
    EXPECT_EQ(unit_error("um^x"), "an exponent must be a whole number @3");
    EXPECT_EQ(unit_error("um-"), "an exponent must be a whole number @2");
    EXPECT_EQ(unit_error("um^1.5"), "an exponent must be a whole number @3");
    EXPECT_EQ(unit_error("um^100"), "an exponent may have two digits at most @3");
    EXPECT_EQ(unit_error("um^(1/2"), "a root is written as in \"um^(1/2)\" @7");
    EXPECT_EQ(unit_error("um^(1/0)"), "a root is written as in \"um^(1/2)\" @7");
    EXPECT_EQ(unit_error("mm^(1/2)"), "a root is allowed of um, h, pg, fmol, cell and K only @0");
    EXPECT_EQ(unit_error("um^(1/5)"), "the root of um has no exact exponents @0");
    EXPECT_EQ(unit_error("J^30"), "the unit is too large or too small @0");
}

TEST(Units, Quantities) {
    const auto expect = [](const char* text, double value, const Dimension& d) {
        const Quantity quantity = parse_quantity(text);
        EXPECT_DOUBLE_EQ(quantity.value, value) << text;
        EXPECT_EQ(quantity.dimension, d) << text;
    };
    expect("2.5 mg/kg", 2.5e-6, {});
    expect("1e-3 1/h", 1e-3, dimension(0, -1, 0));
    expect("0.67", 0.67, {});
    expect("  4 min ", 4.0 / 60, dimension(0, 1, 0));
    expect("-3 K", -3.0, dimension(0, 0, 0, 0, 0, 1));
    expect("10min", 1.0 / 6, dimension(0, 1, 0));
    expect("27 %", 0.27, {});
    expect("3400 um^3", 3400.0, dimension(3, 0, 0));
    expect("23 pM", 2.3e-11, dimension(-3, 0, 0, 1));
    expect("0 h", 0.0, dimension(0, 1, 0));
}

TEST(Units, QuantityErrors) {
    constexpr const char* start = "a quantity must start with a number, as in \"2.5 mg/kg\"";
    EXPECT_EQ(quantity_error(""), std::string(start) + " @0");
    EXPECT_EQ(quantity_error("  "), std::string(start) + " @0");
    EXPECT_EQ(quantity_error(" mg"), std::string(start) + " @1");
    EXPECT_EQ(quantity_error("inf h"), "a quantity must be a finite number @0");
    EXPECT_EQ(quantity_error("nan"), "a quantity must be a finite number @0");
    EXPECT_EQ(quantity_error("1e999 h"), "a quantity must be a finite number @0");
    EXPECT_EQ(quantity_error("1/h"), "a unit cannot start with '/': write \"1/h\" @1");
    EXPECT_EQ(quantity_error("1,5 mg"), "unexpected character ',' in a unit @1");
    EXPECT_EQ(quantity_error("2 5 mg"), "a number inside a unit is not allowed @2");
    EXPECT_EQ(quantity_error("2.5 ng/mll"), "unknown unit 'mll' @7 (mol)");
    EXPECT_EQ(quantity_error("109 per 1000 hepatocyte"), "unknown unit 'per' @4");
}

TEST(Units, DimensionText) {
    EXPECT_EQ(to_string(Dimension{}), "1");
    EXPECT_EQ(to_string(parse_unit("Pa").dimension), "pg/um/h^2");
    EXPECT_EQ(to_string(parse_unit("ng/ml").dimension), "pg/um^3");
    EXPECT_EQ(to_string(parse_unit("1/h").dimension), "1/h");
    EXPECT_EQ(to_string(parse_unit("cell um").dimension), "um*cell");
    EXPECT_EQ(to_string(power(Dimension::of(length), 1, 2)), "um^(1/2)");
    EXPECT_EQ(to_string(power(Dimension::of(length), -2, 3)), "1/um^(2/3)");
}

TEST(Units, DimensionArithmetic) {
    const Dimension d = dimension(3, -1, 1, 2, -1, 1);
    EXPECT_EQ(d / d, Dimension{});
    EXPECT_EQ(power(d, 6, 6), d);
    EXPECT_EQ(power(power(d, 1, 2), 2), d);
    EXPECT_EQ(power(d, 0), Dimension{});
    EXPECT_EQ(error_of([&](auto) { power(d, 1, 0); }, ""), "a power with denominator 0 @0");
    EXPECT_EQ(error_of([&](auto) { power(dimension(1, 0, 0), 1, 4); }, ""), "the root of um has no exact exponents @0");
    EXPECT_EQ(error_of([&](auto) { power(d, 1'000'000'000); }, ""), "an exponent of the unit is out of range @0");
    const Dimension large = power(dimension(1, 0, 0), 5000);
    EXPECT_EQ(error_of([&](auto) { large* large; }, ""), "an exponent of the unit is out of range @0");
}

RC_GTEST_PROP(Units, DimensionTextIsReadBack, ()) {
    Dimension d;
    for (std::int16_t& sixths : d.sixths) sixths = *rc::gen::inRange<std::int16_t>(-36, 37);
    const Unit unit = parse_unit(to_string(d));
    RC_ASSERT(unit.dimension == d);
    RC_ASSERT(unit.factor == 1.0);
}

// Whatever is written, the answer is a unit or a UnitError whose offset lies in the text.
RC_GTEST_PROP(Units, AnyTextIsReadOrRefused, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("mkgLhs1/ *.^-(2)%u\xc2\xb5")));
    try {
        const Unit unit = parse_unit(text);
        RC_ASSERT(unit.factor > 0.0);
    } catch (const UnitError& error) {
        RC_ASSERT(error.offset() <= text.size());
    }
}

}  // namespace
}  // namespace lobule
