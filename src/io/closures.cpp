#include "io/closures.hpp"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "io/files.hpp"

namespace lobule::io {

namespace {

constexpr std::string_view k_head = "closures of lobule, 1";

std::string hash_of(const Closures& closures) {
    Hasher hasher;
    hasher.add(closures.key);
    for (const auto& values : closures.values) hasher.add(std::span<const double>(values));
    return hasher.hex();
}

bool read_number(const std::string& text, double& value) {
    const bool negative = text.starts_with('-');
    const std::string digits = negative ? text.substr(1) : text;
    if (!digits.starts_with("0x")) return false;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data() + 2, end, value, std::chars_format::hex);
    if (negative) value = -value;
    return error == std::errc() && stop == end;
}

}  // namespace

std::string closures_text(const Model& model, const Closures& closures) {
    std::string out = fmt::format("{}\n{}\n", k_head, closures.key);
    for (std::size_t i = 0; i < closures.values.size(); ++i) {
        out += model.closures[i].name;
        for (const double value : closures.values[i]) out += fmt::format(" {:a}", value);
        out += '\n';
    }
    return out + hash_of(closures) + '\n';
}

Closures read_closures(const Model& model, const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    Closures out;
    if (!std::getline(lines, line) || line != k_head) return {};
    if (!std::getline(lines, out.key) || out.key != closure_key(model)) return {};
    for (const ClosureInfo& closure : model.closures) {
        std::string name, number;
        if (!std::getline(lines, line)) return {};
        std::istringstream words(line);
        words >> name;
        std::vector<double> values;
        while (words >> number)
            if (!read_number(number, values.emplace_back())) return {};
        const std::size_t wanted = closure.extent() == Extent::one ? 1 : static_cast<std::size_t>(model.zones);
        if (name != closure.name || values.size() != wanted) return {};
        out.values.push_back(std::move(values));
    }
    if (!std::getline(lines, line) || line != hash_of(out)) return {};
    return out;
}

Closures keep_closures(const Model& model, const std::filesystem::path& folder) {
    if (model.closures.empty() || folder.empty()) return derive_closures(model);
    const std::filesystem::path file = folder / (closure_key(model) + ".txt");
    std::error_code missing;
    if (std::filesystem::is_regular_file(file, missing)) {
        try {
            Closures kept = read_closures(model, read_bytes(file));
            if (!kept.key.empty()) return kept;
        } catch (const RunError&) {}  // it cannot be read: derived again
    }
    Closures derived = derive_closures(model);
    try {
        create_folder(folder);
        write_file(file, closures_text(model, derived));
    } catch (const RunError&) {}  // they are not kept
    return derived;
}

}  // namespace lobule::io
