// What the readers of expect.toml and reproduce.toml share: tables checked by their words, names with the nearest
// right one, quantities, and the measure of a curve. Each fault is appended with its place, and reading goes on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/expectations.hpp"

namespace lobule::io {

/// The keys of a measure: of [[feature]], [[check]] and [[rows]].
const std::vector<Key>& measure_keys();

class TableReader {
protected:
    TableReader(const Model& model, const std::vector<Word>& words, std::vector<Problem>& problems);

    void fault(const Node& node, std::string what, std::string nearest = {});
    /// Every name at the top is a word of this file.
    void check_top(const Node& root, std::string_view file);
    bool sound(const Node& node, std::string_view word);
    template <class Read>
    void for_each(const Node& root, std::string_view word, Read read) {
        const Node* list = root.find(word);
        if (list == nullptr) return;
        if (list->kind != Node::Kind::array)
            return fault(*list, "write `[[" + std::string(word) + "]]`: there may be several");
        for (const Node& item : list->items)
            if (sound(item, word)) read(item);
    }
    static std::string text(const Node& node, std::string_view key);
    static std::vector<const Node*> list(const Node& node, std::string_view key);
    std::optional<std::size_t> position(const Node& node, const std::vector<std::string>& names, std::string_view what);
    std::string choice(const Node& node, std::string_view key, const std::vector<std::string>& names,
                       std::string fallback);
    std::optional<std::size_t> probe(const Node& node, std::string_view key);
    /// Whether only what was set, such as a dose of 0, leaves parts out: what names them is passed over.
    bool left_out_by_settings() const;
    /// Whether a name is that of a probe which is not there because its part is left out. Noted as a fault where the scenario itself
    /// leaves it out: what is compared with it would never be.
    bool is_absent_probe(const Node& node);
    std::optional<Quantity> quantity(const Node& node);
    /// A value in units of `factor`.
    std::optional<double> value(const Node& node, const Dimension& dimension, double factor);
    std::optional<double> value(const Node& node, std::string_view key, const Dimension& dimension, double factor);
    std::optional<double> time(const Node& node, std::string_view key);
    /// The unit of observed numbers: the key `unit`, else the printed one.
    std::optional<Unit> observed_unit(const Node& node, const std::string& printed);
    /// part.parameter -> quantity or choice, of a run with other settings. `written` gains the setting as written.
    void setting(const std::string& name, const Node& given, std::vector<SettingSpec>& out, std::string& written);
    /// A fault where a run with these settings has other parts: this file's runs share one model.
    void need_same_parts(const std::vector<SettingSpec>& settings);
    /// The measure that these keys say; none when something in it is wrong. `default_at` stands for a key `at` that is
    /// not there.
    std::optional<Measure> read_measure_keys(const Node& node, std::optional<double> default_at = std::nullopt);

    const Model& model_;
    const std::vector<Word>& words_;
    std::vector<Problem>& problems_;
    std::vector<std::string> probe_names_, parameter_names_;
    Dimension result_dimension_;  // of the last measure read
    double result_factor_ = 1.0;  // inside units of its unit
};

}  // namespace lobule::io
