#include "io/json.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace lobule::io {

using Library = nlohmann::ordered_json;

struct JsonConversion {
    static Library to(const Json& json) {
        return std::visit(
            [](const auto& value) -> Library {
                using T = std::decay_t<decltype(value)>;
                if constexpr (std::is_same_v<T, std::monostate>) {
                    return nullptr;
                } else if constexpr (std::is_same_v<T, Json::Array>) {
                    Library out = Library::array();
                    for (const Json& item : value) out.push_back(to(item));
                    return out;
                } else if constexpr (std::is_same_v<T, Json::Object>) {
                    Library out = Library::object();
                    for (const auto& [key, member] : value) out[key] = to(member);
                    return out;
                } else {
                    return value;
                }
            },
            json.value_);
    }

    static Json from(const Library& library) {
        switch (library.type()) {
            case Library::value_t::boolean: return library.get<bool>();
            case Library::value_t::number_integer: return library.get<long>();
            case Library::value_t::number_unsigned: return library.get<std::uint64_t>();
            case Library::value_t::number_float: return library.get<double>();
            case Library::value_t::string: return library.get<std::string>();
            case Library::value_t::array: {
                Json::Array items;
                for (const Library& item : library) items.push_back(from(item));
                return items;
            }
            case Library::value_t::object: {
                Json::Object members;
                for (const auto& [key, member] : library.items()) members.emplace_back(key, from(member));
                return members;
            }
            default: return {};
        }
    }
};

Json Json::parse(const std::string& text, const std::string& name) {
    // Without its exceptions: thrown out of a half-built object they free it twice (nlohmann-json 3.11.2, seen under asan).
    const Library library = Library::parse(text, nullptr, false);
    if (library.is_discarded()) throw SpecError(Where{name, 0, 0, {}}, "is no JSON: it was cut short or edited");
    return JsonConversion::from(library);
}

std::string Json::dump(bool indented) const {
    // A file name or an argument may hold bytes that are no UTF-8: they are replaced, never an error.
    return JsonConversion::to(*this).dump(indented ? 2 : -1, ' ', false, Library::error_handler_t::replace);
}

Json& Json::set(std::string key, Json value) {
    if (is_null()) value_ = Object{};
    std::get<Object>(value_).emplace_back(std::move(key), std::move(value));
    return *this;
}

Json& Json::push(Json item) {
    if (is_null()) value_ = Array{};
    std::get<Array>(value_).push_back(std::move(item));
    return *this;
}

const Json& Json::operator[](std::string_view key) const {
    static const Json k_null;
    if (const auto* members = std::get_if<Object>(&value_))
        for (const auto& [name, member] : *members)
            if (name == key) return member;
    return k_null;
}

const Json::Array& Json::items() const {
    static const Array k_none;
    const auto* items = std::get_if<Array>(&value_);
    return items == nullptr ? k_none : *items;
}

std::string Json::text(std::string_view fallback) const {
    const auto* text = std::get_if<std::string>(&value_);
    return text == nullptr ? std::string(fallback) : *text;
}

double Json::number(double fallback) const {
    if (const auto* real = std::get_if<double>(&value_)) return *real;
    if (const auto* whole = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*whole);
    if (const auto* whole = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*whole);
    return fallback;
}

bool Json::boolean(bool fallback) const {
    const auto* flag = std::get_if<bool>(&value_);
    return flag == nullptr ? fallback : *flag;
}

std::uint64_t Json::whole(std::uint64_t fallback) const {
    if (const auto* whole = std::get_if<std::uint64_t>(&value_)) return *whole;
    if (const auto* whole = std::get_if<std::int64_t>(&value_); whole != nullptr && *whole >= 0)
        return static_cast<std::uint64_t>(*whole);
    return fallback;
}

}  // namespace lobule::io
