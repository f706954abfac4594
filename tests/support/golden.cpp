#include "golden.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "io/project.hpp"

namespace lobule::test {

Golden::Golden(const std::string& name) : file_(LOBULE_TEST_HOME "/tests/golden/" + name + ".csv") {
    if (!std::filesystem::exists(file_)) return;
    const io::Table table = io::read_csv(file_);
    const std::size_t value = table.column("value"), unit = table.column("unit"), name_at = table.column("name");
    const std::size_t relative = table.column("relative_tolerance"), absolute = table.column("absolute_tolerance");
    for (const auto& row : table.rows)
        kept_.push_back({row[name_at], std::stod(row[value]), row[unit], row[relative], row[absolute]});
}

void Golden::add(const std::string& name, double value, const std::string& unit) {
    Value found{name, value, unit, "1e-4", "0"};
    for (const Value& kept : kept_)
        if (kept.name == name) found.relative = kept.relative, found.absolute = kept.absolute;
    found_.push_back(std::move(found));
}

std::string Golden::compare() const {
    const char* update = std::getenv("LOBULE_UPDATE_GOLDEN");
    if (update != nullptr && std::string(update) == "1") {
        std::ofstream out(file_);
        out << "name,value,unit,relative_tolerance,absolute_tolerance\n";
        for (const Value& v : found_)
            out << fmt::format("{},{:.9g},{},{},{}\n", v.name, v.value, v.unit, v.relative, v.absolute);
        return out ? "" : "could not write " + file_ + "\n";
    }
    const auto find = [](const std::vector<Value>& in, const std::string& name) -> const Value* {
        for (const Value& v : in)
            if (v.name == name) return &v;
        return nullptr;
    };
    std::string out;
    for (const Value& now : found_) {
        const Value* kept = find(kept_, now.name);
        if (kept == nullptr) {
            out += now.name + ": not in the file\n";
            continue;
        }
        const double allowed = std::stod(kept->relative) * std::abs(kept->value) + std::stod(kept->absolute);
        if (!(std::abs(now.value - kept->value) <= allowed) || now.unit != kept->unit)
            out += fmt::format("{}: {:.9g} {} against {:.9g} {} (allowed {:.2g})\n", now.name, now.value, now.unit,
                               kept->value, kept->unit, allowed);
    }
    for (const Value& kept : kept_)
        if (find(found_, kept.name) == nullptr) out += kept.name + ": no longer computed\n";
    if (!out.empty()) out += "(if this is meant: LOBULE_UPDATE_GOLDEN=1 rewrites " + file_ + ")\n";
    return out;
}

}  // namespace lobule::test
