// Golden values: named numbers with unit and tolerance in a CSV file under tests/golden. A test computes them again and
// compares; with LOBULE_UPDATE_GOLDEN=1 in the environment it writes what it computed instead (look at the difference
// before keeping it). A value has its tolerance from the file; a new one starts at 1e-4.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace lobule::test {

class Golden {
public:
    /// tests/golden/<name>.csv with the columns name, value, unit, relative_tolerance, absolute_tolerance.
    explicit Golden(const std::string& name);
    /// A value computed by the test.
    void add(const std::string& name, double value, const std::string& unit);
    /// One line for each value that differs, is missing or is no longer computed; "" when all agree. Writes the file when asked to.
    std::string compare() const;

private:
    struct Value {
        std::string name;
        double value;
        std::string unit, relative, absolute;
    };
    std::string file_;
    std::vector<Value> kept_, found_;
};

}  // namespace lobule::test
