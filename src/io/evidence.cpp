#include "io/evidence.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.hpp"

namespace lobule::io {

namespace {

std::optional<double> number(std::string_view text) {
    text = trim(text);
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

/// A column that this file may lack.
class Column {
public:
    Column(const Table& table, std::string_view name) {
        const auto found = std::find(table.header.begin(), table.header.end(), name);
        if (found != table.header.end()) index_ = static_cast<std::size_t>(found - table.header.begin());
    }
    std::string operator()(const std::vector<std::string>& row) const { return index_ ? row[*index_] : std::string(); }

private:
    std::optional<std::size_t> index_;
};

void read_rows(const std::filesystem::path& file, std::vector<Observation>& out) {
    if (!std::filesystem::exists(file)) return;
    const Table table = read_csv(file);
    for (const char* needed : {"id", "role", "value", "unit", "source"}) static_cast<void>(table.column(needed));
    const auto column = [&](std::string_view name) { return Column(table, name); };
    const Column id = column("id"), role = column("role"), species = column("species"), study = column("study"),
                 condition = column("condition"), observable = column("observable"), time = column("time_value"),
                 time_unit = column("time_unit"), value = column("value"), unit = column("unit"),
                 spread = column("spread"), sd = column("sd"), kind = column("spread_kind"), n = column("n"),
                 source = column("source"), where = column("where"), notes = column("notes");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto& row = table.rows[i];
        Observation o{id(row),
                      role(row),
                      species(row),
                      study(row),
                      condition(row),
                      observable(row),
                      time(row),
                      time_unit(row),
                      value(row),
                      unit(row),
                      spread(row),
                      study::SpreadKind::none,
                      0,
                      source(row),
                      where(row),
                      notes(row),
                      Where{table.file, table.lines[i], 0, id(row)}};
        if (const std::string text = kind(row); !text.empty()) {
            const auto known = study::spread_kind(text);
            if (!known) throw SpecError(o.place, "unknown spread_kind `" + text + "`");
            o.kind = *known;
        }
        if (o.spread.empty() && !sd(row).empty()) {
            o.spread = sd(row);
            o.kind = study::SpreadKind::sd;
        }
        if (o.spread.empty()) o.kind = study::SpreadKind::none;
        if (const auto count = number(n(row))) o.n = static_cast<int>(*count);
        out.push_back(std::move(o));
    }
}

}  // namespace

std::string_view Observation::field(std::string_view column) const {
    const std::pair<std::string_view, const std::string*> fields[] = {
        {"study", &study},         {"condition", &condition}, {"observable", &observable},
        {"species", &species},     {"role", &role},           {"time_value", &time_value},
        {"time_unit", &time_unit}, {"source", &source},       {"unit", &unit}};
    for (const auto& [name, text] : fields)
        if (name == column) return *text;
    return {};
}

std::pair<double, double> read_span(std::string_view text, const Where& place) {
    if (const auto value = number(text)) return {*value, *value};
    const auto dash = text.find('-', 1);
    if (dash != std::string_view::npos) {
        const auto low = number(text.substr(0, dash)), high = number(text.substr(dash + 1));
        if (low && high && *low <= *high) return {*low, *high};
    }
    throw SpecError(place, "`" + std::string(text) + "` is neither a number nor a span of numbers");
}

const Observation* Evidence::find(std::string_view id) const {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const Observation& row) { return row.id == id; });
    return found == rows.end() ? nullptr : &*found;
}

std::vector<std::string> Evidence::ids() const {
    std::vector<std::string> out;
    for (const Observation& row : rows) out.push_back(row.id);
    return out;
}

Evidence read_evidence(const Project& project) {
    Evidence evidence;
    read_rows(project.evidence() / "observations.csv", evidence.rows);
    read_rows(project.evidence() / "measurements.csv", evidence.rows);
    return evidence;
}

std::vector<Reference> read_references(const Project& project) {
    const auto file = project.evidence() / "sources.csv";
    std::vector<Reference> out;
    if (!std::filesystem::exists(file)) return out;
    const Table table = read_csv(file);
    const Column key(table, "source"), authors(table, "authors_year"), title(table, "title"), journal(table, "journal"),
        doi(table, "doi"), pmid(table, "pmid_or_pmcid"), url(table, "url");
    for (const auto& row : table.rows)
        out.push_back({key(row), authors(row), title(row), journal(row), doi(row), pmid(row), url(row)});
    return out;
}

}  // namespace lobule::io
