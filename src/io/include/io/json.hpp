// JSON as a plain tree: what the program writes (provenance, the index of segments, --json) and reads back of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lobule::io {

class Json {
public:
    using Array = std::vector<Json>;
    using Object = std::vector<std::pair<std::string, Json>>;  // in the order written

    Json() = default;  // null
    Json(bool value) : value_(value) {}
    Json(double value) : value_(value) {}  // not finite: printed as null
    Json(int value) : value_(std::int64_t{value}) {}
    Json(long value) : value_(std::int64_t{value}) {}
    Json(std::uint64_t value) : value_(value) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(std::string_view value) : value_(std::string(value)) {}
    Json(const char* value) : value_(std::string(value)) {}
    Json(Array items) : value_(std::move(items)) {}
    Json(Object members) : value_(std::move(members)) {}

    static Json array(const std::vector<std::string>& texts) { return Array(texts.begin(), texts.end()); }

    /// Throws SpecError, with `name` in the message.
    static Json parse(const std::string& text, const std::string& name);
    /// On one line, or indented. Numbers are read back exactly.
    std::string dump(bool indented = false) const;

    /// Adds a member to an object (or to null, which becomes one).
    Json& set(std::string key, Json value);
    /// Adds an item to an array (or to null, which becomes one).
    Json& push(Json item);

    /// A member, or null when there is none.
    const Json& operator[](std::string_view key) const;
    const Array& items() const;  // empty when this is no array
    /// The value, or the fallback when it is of another kind.
    std::string text(std::string_view fallback = {}) const;
    double number(double fallback) const;
    bool boolean(bool fallback) const;
    std::uint64_t whole(std::uint64_t fallback) const;
    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }

private:
    friend struct JsonConversion;
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value_;
};

}  // namespace lobule::io
