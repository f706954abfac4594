#include "io/reproduction.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "io/evidence.hpp"
#include "table_reader.hpp"

namespace lobule::io {

namespace {

constexpr const char* k_columns[] = {"figure_or_table", "inputs", "observable", "time", "unit", "basis", "model"};

class Reader : private TableReader {
public:
    Reader(const std::vector<PublishedRow>& rows, const Model& model, Reproduction& out, std::vector<Problem>& problems)
        : TableReader(model, reproduction_words(), problems), all_(rows), out_(out) {}

    void read(const Node& root) {
        check_top(root, "reproduce.toml");
        const Node* head = root.find("reproduce");
        if (head == nullptr) return fault(root, "lacks `[reproduce]`: it says which rows the model must reproduce");
        if (!sound(*head, "reproduce")) return;
        read_head(*head);
        out_.runs.push_back({{}, model_.spec.about, {}, {}, model_.spec.duration, {}});  // the scenario itself
        entries(root, "run", [this](const std::string& name, const Node& node) { read_run(name, node); });
        entries(root, "bisection", [this](const std::string& name, const Node& node) { read_bisection(name, node); });
        uses_.assign(out_.rows.size(), 0);
        for_each(root, "rows", [this](const Node& node) { read_rows(node); });
        for_each(root, "left_out", [this](const Node& node) { read_left_out(node); });
        if (problems_.empty()) check_all_mapped(*head);
    }

private:
    template <class Read>
    void entries(const Node& root, std::string_view word, Read read) {
        const Node* table = root.find(word);
        if (table == nullptr) return;
        if (table->kind != Node::Kind::table) return fault(*table, fmt::format("write `[{}.NAME]`", word));
        for (const auto& [name, node] : table->members) {
            if (!is_snake_case(name)) fault(node, fmt::format("`{}` is no name for a {}: lower_case", name, word));
            if (sound(node, word)) read(name, node);
        }
    }

    void read_head(const Node& head) {
        out_.about = text(head, "about");
        tolerance_ = share(*head.find("tolerance"));
        reason_ = text(head, "reason");
        std::vector<std::string> known;
        for (const PublishedRow& row : all_)
            if (std::find(known.begin(), known.end(), row.model) == known.end()) known.push_back(row.model);
        for (const Node* name : list(head, "models")) {
            if (!position(*name, known, "model of evidence/reproduction.csv:")) continue;
            for (const PublishedRow& row : all_)
                if (row.model == name->text) out_.rows.push_back(row);
        }
        if (const Node* units = head.find("units"))
            for (const auto& [printed, unit] : units->members) {
                try {
                    units_.emplace_back(printed, parse_unit(unit.text));
                } catch (const UnitError& error) {
                    fault(unit, error.what(), error.nearest());
                }
            }
    }

    std::optional<double> share(const Node& node) {
        const auto given = value(node, {}, 1.0);
        if (given && *given < 0.0) fault(node, "a tolerance is not negative");
        return given;
    }

    void read_run(const std::string& name, const Node& node) {
        ReproductionRun run{name, text(node, "about"), {}, {}, time(node, "duration").value_or(model_.spec.duration),
                            {}};
        read_settings(node, run.settings, run.text);
        if (const Node* fails = node.find("fails")) {
            const auto low = value(fails->items[0], Dimension::of(Dimension::time), 1.0);
            const auto high = value(fails->items[1], Dimension::of(Dimension::time), 1.0);
            if (low && high) run.fails = {*low, *high};
        }
        out_.runs.push_back(std::move(run));
    }

    void read_settings(const Node& node, std::vector<SettingSpec>& settings, std::string& written) {
        if (const Node* set = node.find("set"))
            for (const auto& [parameter, given] : set->members) setting(parameter, given, settings, written);
        need_same_parts(settings);
    }

    void read_bisection(const std::string& name, const Node& node) {
        Bisection b;
        b.name = name;
        b.about = text(node, "about");
        b.duration = time(node, "duration").value_or(model_.spec.duration);
        read_settings(node, b.settings, b.text);
        const Node& vary = *node.find("vary");
        const auto parameter = position(vary, parameter_names_, "parameter");
        const auto measure = read_measure_keys(node);
        if (!parameter || !measure) return;
        b.measure = *measure;
        if (const auto above = value(*node.find("above"), result_dimension_, result_factor_)) b.above = *above;
        const ParameterInfo& info = *model_.any_parameter(vary.text);
        if (!info.choices.empty())
            return fault(vary, "`" + vary.text + "` is one of several names: it cannot be varied");
        if (const std::string why = model_.why_absent(vary.text); !why.empty()) return fault(vary, why);
        const Node& between = *node.find("between");
        const auto low = value(between.items[0], info.dimension, 1.0);
        const auto high = value(between.items[1], info.dimension, 1.0);
        const auto precision = value(*node.find("precision"), info.dimension, 1.0);
        if (!low || !high || !precision) return;
        if (*low >= *high) return fault(between, "the lower end is not below the upper");
        if (*precision <= 0.0) return fault(*node.find("precision"), "a precision is above zero");
        b.low = *low;
        b.high = *high;
        b.precision = *precision;
        b.unit = info.unit.empty() ? to_string(info.dimension) : info.unit;
        b.vary = {vary.text, {*low, info.dimension}, vary.where};
        out_.bisections.push_back(std::move(b));
    }

    // ---- rows ----
    std::vector<std::size_t> chosen(const Node& node) {
        std::vector<std::size_t> out;
        const Node* match = node.find("match");
        if (match == nullptr && node.find("rows") == nullptr) fault(node, "needs `rows` or `match`");
        std::vector<std::string> ids;
        for (const PublishedRow& row : out_.rows) ids.push_back(row.id);
        for (const Node* id : list(node, "rows"))
            if (const auto at = position(*id, ids, "row of these models:")) out.push_back(*at);
        if (match == nullptr) return out;
        const std::vector<std::string> columns(std::begin(k_columns), std::end(k_columns));
        const auto before = problems_.size();
        for (const auto& [column, wanted] : match->members)
            if (std::find(columns.begin(), columns.end(), column) == columns.end())
                fault(wanted, "rows cannot be chosen by `" + column + "`", nearest_name(column, columns));
        if (problems_.size() != before) return out;
        const auto size = out.size();
        for (std::size_t i = 0; i < out_.rows.size(); ++i)
            if (std::all_of(match->members.begin(), match->members.end(),
                            [&](const auto& m) { return out_.rows[i].field(m.first) == m.second.text; }))
                out.push_back(i);
        if (out.size() == size) fault(*match, "no row of these models has this");
        return out;
    }

    void read_left_out(const Node& node) {
        for (const std::size_t i : chosen(node)) {
            if (uses_[i] != 0) fault(node, "row " + out_.rows[i].id + " is mapped: it cannot be left out");
            ++uses_[i];
            out_.left_out.emplace_back(i, text(node, "reason"));
        }
    }

    void check_all_mapped(const Node& head) {
        for (std::size_t i = 0; i < uses_.size(); ++i)
            if (uses_[i] == 0)
                fault(head,
                      fmt::format("row {} ({}; {}; {}) is neither in a [[rows]] nor in a [[left_out]]", out_.rows[i].id,
                                  out_.rows[i].observable, out_.rows[i].time, out_.rows[i].inputs));
    }

    void read_rows(const Node& node) {
        const auto rows = chosen(node);
        for (const std::size_t i : rows) ++uses_[i];
        if (node.find("bisection") != nullptr) return read_bisected(node, rows);
        const auto run = run_of(node);
        const Node* probes = node.find("probes");
        if ((probes != nullptr) == (node.find("probe") != nullptr))
            return fault(node, "needs either `probe`, `probes` or `bisection`");
        if (!run) return;
        if (probes == nullptr) {
            for (const std::size_t i : rows) read_row(node, i, *run);
            return;
        }
        std::vector<bool> used(probes->members.size(), false);
        for (const std::size_t i : rows) {
            const auto& members = probes->members;
            const auto found = std::find_if(members.begin(), members.end(),
                                            [&](const auto& m) { return m.first == out_.rows[i].observable; });
            if (found == members.end()) {
                --uses_[i];
                continue;
            }
            used[static_cast<std::size_t>(found - members.begin())] = true;
            Node with = node;
            with.members.emplace_back("probe", found->second);
            read_row(with, i, *run);
        }
        for (std::size_t k = 0; k < used.size(); ++k)
            if (!used[k] && !rows.empty())
                fault(probes->members[k].second,
                      "none of these rows has the observable `" + probes->members[k].first + "`");
    }

    std::optional<std::size_t> run_of(const Node& node) {
        const Node* name = node.find("run");
        if (name == nullptr) return 0;
        std::vector<std::string> names;
        for (const ReproductionRun& run : out_.runs) names.push_back(run.name);
        return position(*name, names, "run");
    }

    void read_bisected(const Node& node, const std::vector<std::size_t>& rows) {
        for (const char* key : {"run", "probe", "probes", "kind", "at"})
            if (const Node* found = node.find(key)) fault(*found, fmt::format("a row of a bisection has no `{}`", key));
        std::vector<std::string> names;
        for (const Bisection& b : out_.bisections) names.push_back(b.name);
        const auto found = position(*node.find("bisection"), names, "bisection");
        if (!found) return;
        const Unit unit = parse_unit(out_.bisections[*found].unit);
        result_dimension_ = unit.dimension;
        result_factor_ = unit.factor;
        for (const std::size_t i : rows) {
            RowReading reading;
            reading.row = i;
            reading.run = *found;
            reading.bisected = true;
            reading.measure.kind = "bisection";
            reading.measure.unit = out_.bisections[*found].unit;
            finish(node, std::move(reading));
        }
    }

    /// One row; a maximum or minimum whose time is compared too gives two readings.
    void read_row(const Node& node, std::size_t i, std::size_t run) {
        const PublishedRow& row = out_.rows[i];
        Node with = node;
        if (with.find("kind") == nullptr) {
            Node kind;
            kind.kind = Node::Kind::text;
            kind.where = node.where;
            kind.text = "value_at";
            with.members.emplace_back("kind", kind);
        }
        const std::string kind = with.find("kind")->text;
        std::optional<double> at;
        if ((kind == "value_at" || kind == "fold") && node.find("at") == nullptr) {
            at = time_of(row);
            if (!at) return fault(node, fmt::format("row {} has the time `{}`: give `at`", row.id, row.time));
        }
        const auto measure = read_measure_keys(with, at);
        if (!measure) return;
        RowReading reading;
        reading.row = i;
        reading.run = run;
        reading.measure = *measure;
        reading.draws = kind == "value_at" && !measure->over;
        if (reading.draws && node.find("at") != nullptr) reading.time = node.find("at")->text;
        finish(with, reading);
        if (const Node* allowed = node.find("time_tolerance")) read_time(*allowed, node, std::move(reading));
    }

    void read_time(const Node& allowed, const Node& node, RowReading reading) {
        const PublishedRow& row = out_.rows[reading.row];
        if (reading.measure.kind != "maximum" && reading.measure.kind != "minimum")
            return fault(allowed, "only a maximum or minimum has a time");
        const auto when = time_of(row);
        const auto half = value(allowed, Dimension::of(Dimension::time), 1.0);
        if (!when) return fault(allowed, fmt::format("row {} has the time `{}`", row.id, row.time));
        if (!half) return;
        const Unit unit = parse_unit(trim_unit(row.time));
        reading.measure.kind = "time_of_" + reading.measure.kind;
        reading.measure.unit = trim_unit(row.time);
        reading.measure.factor = 1.0 / unit.factor;
        reading.expected = *when / unit.factor;
        reading.published = row.time;
        reading.low = (*when - *half) / unit.factor;
        reading.high = (*when + *half) / unit.factor;
        reading.tolerance = "± " + allowed.text;
        reading.reason = text(node, "reason").empty() ? reason_ : text(node, "reason");
        out_.readings.push_back(std::move(reading));
    }

    static std::string trim_unit(const std::string& time) {
        return std::string(trim(time.substr(time.rfind(' ') + 1)));
    }

    static std::optional<double> time_of(const PublishedRow& row) {
        try {
            const Quantity q = parse_quantity(row.time);
            if (q.dimension == Dimension::of(Dimension::time)) return q.value;
        } catch (const UnitError&) {
            // words: "final", ">=336 h"
        }
        return std::nullopt;
    }

    /// The published number with its tolerance, or the band; `result_dimension_` is that of the reading.
    void finish(const Node& node, RowReading reading) {
        const PublishedRow& row = out_.rows[reading.row];
        reading.note = text(node, "note");
        if (reading.time.empty()) reading.time = row.time;
        reading.published = row.value;
        reading.reason = text(node, "reason");
        const auto in_result = [&](const Node& n) { return value(n, result_dimension_, result_factor_); };
        const Node* own = node.find("between");
        for (const char* key : {"tolerance", "absolute"})
            if (own == nullptr) own = node.find(key);
        if (own != nullptr && reading.reason.empty()) fault(*own, "a tolerance or band of its own needs a `reason`");
        if (const Node* between = node.find("between")) {
            const auto low = in_result(between->items[0]), high = in_result(between->items[1]);
            if (!low || !high) return;
            if (*low > *high) return fault(*between, "the lower bound is above the upper");
            reading.low = *low;
            reading.high = *high;
            reading.tolerance = between->items[0].text + " to " + between->items[1].text;
            reading.draws = false;
            out_.readings.push_back(std::move(reading));
            return;
        }
        if (const Node* expected = node.find("expected"))
            reading.expected = in_result(*expected);
        else
            reading.expected = printed(node, row);
        if (!reading.expected) return;
        if (reading.reason.empty()) reading.reason = reason_;
        const Node* given = node.find("tolerance");
        const auto relative = given != nullptr ? share(*given) : tolerance_;
        double half = relative.value_or(0.0) * std::abs(*reading.expected);
        reading.tolerance = fmt::format("{:g} %", 100.0 * relative.value_or(0.0));
        if (const Node* absolute = node.find("absolute")) {
            half = std::max(half, in_result(*absolute).value_or(0.0));
            reading.tolerance += " or " + absolute->text;
        }
        reading.low = *reading.expected - half;
        reading.high = *reading.expected + half;
        out_.readings.push_back(std::move(reading));
    }

    /// The printed number in the unit of the reading.
    std::optional<double> printed(const Node& node, const PublishedRow& row) {
        double number = 0.0;
        try {
            const auto [low, high] = read_span(row.value, row.place);
            if (low != high) throw SpecError(row.place, "a span");
            number = low;
        } catch (const SpecError&) {
            fault(node, fmt::format("row {} prints `{}`: give `expected` or `between`", row.id, row.value));
            return std::nullopt;
        }
        if (node.find("unit") != nullptr) return number;
        for (const auto& [text, unit] : units_)
            if (text == row.unit) return converted(node, row, number, unit);
        try {
            return converted(node, row, number, parse_unit(row.unit));
        } catch (const UnitError&) {
            fault(node, fmt::format("row {} prints the unit `{}`: say what it is in `units` of [reproduce]", row.id,
                                    row.unit));
            return std::nullopt;
        }
    }
    std::optional<double> converted(const Node& node, const PublishedRow& row, double number, const Unit& unit) {
        if (unit.dimension == result_dimension_) return number * unit.factor / result_factor_;
        fault(node, fmt::format("row {} has the dimension {}, the reading {}", row.id, to_string(unit.dimension),
                                to_string(result_dimension_)));
        return std::nullopt;
    }

    const std::vector<PublishedRow>& all_;
    Reproduction& out_;
    std::vector<int> uses_;  // by row
    std::vector<std::pair<std::string, Unit>> units_;
    std::optional<double> tolerance_;
    std::string reason_;
};

}  // namespace

std::string_view PublishedRow::field(std::string_view column) const {
    const std::pair<std::string_view, const std::string*> fields[] = {
        {"model", &model},   {"figure_or_table", &figure_or_table},
        {"inputs", &inputs}, {"observable", &observable},
        {"time", &time},     {"unit", &unit},
        {"basis", &basis}};
    for (const auto& [name, text] : fields)
        if (name == column) return *text;
    return {};
}

std::vector<PublishedRow> read_published_rows(const Project& project) {
    const auto file = project.evidence() / "reproduction.csv";
    std::vector<PublishedRow> out;
    if (!std::filesystem::exists(file)) return out;
    const Table table = read_csv(file);
    const auto column = [&](std::string_view name) { return table.column(name); };
    const std::size_t id = column("id"), model = column("model"), figure = column("figure_or_table"),
                      inputs = column("inputs"), observable = column("observable"), time = column("time"),
                      value = column("value"), unit = column("unit"), basis = column("basis"),
                      source = column("source"), notes = column("notes");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto& r = table.rows[i];
        out.push_back({r[id], r[model], r[figure], r[inputs], r[observable], r[time], r[value], r[unit], r[basis],
                       r[source], r[notes], Where{table.file, table.lines[i], 0, r[id]}});
    }
    return out;
}

Reproduction read_reproduction(const Node& root, const std::vector<PublishedRow>& rows, const Model& model,
                               std::vector<Problem>& problems) {
    Reproduction out;
    std::vector<Problem> own;
    Reader(rows, model, out, own).read(root);
    problems.insert(problems.end(), own.begin(), own.end());
    return out;
}

}  // namespace lobule::io
