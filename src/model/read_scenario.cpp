#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <tuple>

#include "base/text.hpp"
#include "model/scenario.hpp"
#include "model/words.hpp"

namespace lobule {

namespace {

class ScenarioReader {
public:
    ScenarioReader(Spec& spec, std::vector<Problem>& problems)
        : spec_(spec), problems_(problems), first_(problems.size()) {}

    void read(const Node& root) {
        const Node* head = root.find("scenario");
        static const std::vector<std::string> k_sections = {"scenario", "set", "event"};
        for (const auto& [name, node] : root.members)
            if (nearest_in(name, k_sections))
                continue;
            else
                problems_.push_back(
                    {node.where, "unknown word `" + name + "` in a scenario", nearest_name(name, k_sections)});
        if (head == nullptr) {
            problems_.push_back({root.where, "a scenario needs the table [scenario]", {}});
            return;
        }
        check_table(*head, *find_word("scenario"), problems_);
        read_head(*head);
        if (const Node* set = root.find("set")) read_settings(*set);
        if (const Node* events = root.find("event")) read_events(*events);
        std::stable_sort(problems_.begin() + static_cast<std::ptrdiff_t>(first_), problems_.end(),
                         [](const Problem& a, const Problem& b) {
                             return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
                         });
    }

private:
    static bool nearest_in(const std::string& name, const std::vector<std::string>& list) {
        for (const std::string& entry : list)
            if (entry == name) return true;
        return false;
    }

    double value(const Node& head, std::string_view key, const Dimension& dimension, double fallback,
                 bool zero_allowed = false) {
        const Node* node = head.find(key);
        if (node == nullptr || node->kind != Node::Kind::text) return fallback;  // check_table has said so
        try {
            const Quantity q = parse_quantity(node->text);
            if (q.dimension != dimension)
                problems_.push_back(
                    {node->where, "`" + std::string(key) + "` must have the dimension " + to_string(dimension), {}});
            else if (!(q.value > 0.0) && !(zero_allowed && q.value == 0.0))
                problems_.push_back({node->where, "`" + std::string(key) + "` must be positive", {}});
            return q.value;
        } catch (const UnitError& error) {
            fault(*node, error);
            return fallback;
        }
    }

    /// Points into the quoted text of `node`.
    void fault(const Node& node, const UnitError& error) {
        Where where = node.where;
        where.column += 1 + static_cast<int>(error.offset());
        problems_.push_back({where, error.what(), error.nearest()});
    }

    void read_head(const Node& head) {
        const Dimension time = Dimension::of(Dimension::time);
        spec_.where = head.where;
        if (const Node* about = head.find("about")) spec_.about = about->text;
        if (const Node* species = head.find("species")) {
            spec_.species = species->text;
            spec_.species_where = species->where;
        }
        if (const Node* parts = head.find("parts")) {
            const bool one = parts->kind == Node::Kind::text;
            for (const Node& item : one ? std::vector<Node>{*parts} : parts->items) {
                spec_.parts.push_back(item.text);
                spec_.parts_where.push_back(item.where);
            }
        }
        spec_.duration = value(head, "duration", time, 0.0);
        spec_.output = value(head, "output", time, 1.0);
        spec_.epoch = value(head, "epoch", time, 168.0);
        spec_.relative_tolerance = value(head, "relative_tolerance", Dimension{}, 1e-6);
        spec_.step = value(head, "step", time, spec_.step);
        spec_.sample = value(head, "sample", Dimension{}, spec_.sample);
        spec_.zones = whole(head, "zones", 1000, spec_.zones);
        spec_.columns = whole(head, "columns", 100, spec_.columns);
        spec_.rows = whole(head, "rows", 100, spec_.rows);
        const Dimension length = Dimension::of(Dimension::length);
        spec_.thickness = value(head, "thickness", length, spec_.thickness);
        spec_.voxel = value(head, "voxel", length, spec_.voxel);
        read_tracts(head);
    }

    void read_tracts(const Node& head) {
        const auto before = problems_.size();
        const double tracts = value(head, "tracts", Dimension{}, spec_.tracts);
        if (problems_.size() != before) return;
        if (tracts == 2.0 || tracts == 1.5 || tracts == 1.0)
            spec_.tracts = tracts;
        else
            problems_.push_back({head.find("tracts")->where, "`tracts` must be 2, 1.5 or 1", {}});
    }

    /// A whole number from 1 to `most`.
    int whole(const Node& head, const std::string& key, int most, int fallback) {
        const Node* node = head.find(key);
        if (node == nullptr || node->kind != Node::Kind::integer) return fallback;
        if (node->real >= 1.0 && node->real <= most) return static_cast<int>(node->real);
        problems_.push_back({node->where, fmt::format("`{}` must be between 1 and {}", key, most), {}});
        return fallback;
    }

    void read_settings(const Node& set) {
        if (set.kind != Node::Kind::table) {
            problems_.push_back({set.where, "`set` must be a table of quantities", {}});
            return;
        }
        for (const auto& [name, node] : set.members) {
            if (node.kind == Node::Kind::table && !node.members.empty()) {
                problems_.push_back(
                    {node.where, "write the name in quotes: \"" + name + "." + node.members.front().first + "\"", {}});
                continue;
            }
            if (node.kind != Node::Kind::text) {
                problems_.push_back({node.where, "`" + name + "` must be a quantity with its unit (a string)", {}});
                continue;
            }
            try {
                spec_.settings.push_back(setting_of(name, node.text, node.where));
            } catch (const UnitError& error) {
                fault(node, error);
            }
        }
    }

    void read_events(const Node& events) {
        if (events.kind != Node::Kind::array) {
            problems_.push_back({events.where, "write `[[event]]`: there may be several", {}});
            return;
        }
        for (const Node& item : events.items) {
            const auto before = problems_.size();
            check_table(item, *find_word("event"), problems_);
            if (problems_.size() == before) spec_.events.push_back(read_event(item, problems_));
        }
    }

    Spec& spec_;
    std::vector<Problem>& problems_;
    std::size_t first_;  // of problems_: those of this file
};

}  // namespace

Spec read_scenario(const std::string& name, const Node& root, std::vector<Problem>& problems) {
    Spec spec;
    spec.name = name;
    ScenarioReader(spec, problems).read(root);
    return spec;
}

SettingSpec setting_of(std::string name, std::string_view text, const Where& where) {
    SettingSpec setting{std::move(name), {}, where};
    try {
        setting.value = parse_quantity(text);
    } catch (const UnitError&) {
        if (text.empty() || std::isalpha(static_cast<unsigned char>(text.front())) == 0) throw;  // no name
        setting.choice = text;
    }
    return setting;
}

SettingSpec read_setting(const std::string& text) {
    const Where where{"--set " + text, 0, 0, {}};
    const auto equal = text.find('=');
    if (equal == std::string::npos) throw SpecError(where, "write part.parameter=\"value unit\"");
    const std::string_view whole = text;
    try {
        return setting_of(std::string(trim(whole.substr(0, equal))), trim(whole.substr(equal + 1)), where);
    } catch (const UnitError& error) {
        throw SpecError(where, error.what(), error.nearest());
    }
}

}  // namespace lobule
