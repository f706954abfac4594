// Reading one part, in pieces: what every piece needs. Private to the model layer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/part.hpp"

namespace lobule {

/// Values of a part's tables; every fault is appended and reading goes on.
class PartTables {
public:
    PartTables(Part& part, std::vector<Problem>& problems) : part_(part), problems_(problems) {}

protected:
    void fault(const Where& where, std::string what, std::string nearest = {});
    static std::string text_of(const Node& table, std::string_view key);
    LawText law(const Node& node);
    LawText law_of(const Node& table, std::string_view key);
    std::optional<Quantity> quantity(const std::string& text, const Where& where);
    std::string source_of(const Node& table, const Where& where);
    /// A head entry such as volume = {value, source}: becomes a parameter named `name`.
    void sourced_parameter(const Node& head, std::string_view key, std::string name, Dimension dimension,
                           double scale = 1.0);
    std::pair<std::vector<std::string>, std::vector<Where>> names_of(const Node& table, std::string_view key);
    StartSpec start_of(const Node& table, std::string_view key);

    Part& part_;
    std::vector<Problem>& problems_;
};

/// The words of a cell part.
class CellReader : PartTables {
public:
    using PartTables::PartTables;
    void read_cell(const Node& head);
    /// `all_states`: no entry of [states] was left out as faulty.
    void read_cell_words(const Node& root, bool all_states);

private:
    void read_diameter(const Node& head, const Dimension& length, const Dimension& volume);
    void read_profile(const Node& head);
    void read_state(const std::string& name, const Node& entry);
    void check_free(const std::string& name, const std::string& what, const Where& where);
    void read_attribute(const std::string& name, const Node& entry);
    void read_crowding(const Node& table);
    std::optional<StageRange> stages_of(const Node& entry, StageRange fallback);
    void read_process(CellProcessSpec::Kind kind, const Node& entry);
    void check_state(const std::string& name, const Where& where);
    void check_stages(const CellProcessSpec& process, const Node& entry);
    void read_targets(CellProcessSpec& process, const Node& to);
    void read_what(CellProcessSpec& process, const Node& entry);

    bool all_states_ = true;
};

}  // namespace lobule
