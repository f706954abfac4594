#include "io/run_result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "io/files.hpp"
#include "io/h5.hpp"
#include "io/json.hpp"
#include "io/project.hpp"

namespace lobule::io {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const fs::path& folder, const std::string& what, const std::string& nearest = {}) {
    throw SpecError(Where{folder.string(), 0, 0, {}}, what, nearest);
}

std::vector<std::string> folders_beside(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    const fs::path parent = folder.parent_path();
    for (const fs::directory_entry& entry : fs::directory_iterator(parent.empty() ? fs::path(".") : parent, error))
        if (entry.is_directory(error)) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());  // a folder lists its entries in any order
    return names;
}

Json read_provenance(const fs::path& folder) {
    std::error_code error;
    if (!fs::exists(folder, error)) {
        fs::path named = folder.lexically_normal();
        if (named.filename().empty()) named = named.parent_path();  // "runs/half/"
        const std::string nearest = nearest_name(named.filename().string(), folders_beside(named));
        refuse(folder, "does not exist", nearest.empty() ? nearest : (named.parent_path() / nearest).string());
    }
    if (!fs::is_directory(folder, error)) refuse(folder, "is a file, not a run folder");
    const fs::path file = folder / "provenance.json";
    if (!fs::exists(file, error)) refuse(folder, "is no run folder: it holds no provenance.json");
    Json json = Json::parse(read_bytes(file), file.string());
    if (json["format"].text() != "lobule.run") refuse(file, "is not the provenance of a run");
    return json;
}

std::string joined(const Json& texts) {
    std::string out;
    for (const Json& item : texts.items()) out += (out.empty() ? "" : " ") + shell_word(item.text());
    return out;
}

std::string text_of(const Node& node) {
    switch (node.kind) {
        case Node::Kind::text: return node.text;
        case Node::Kind::real:
        case Node::Kind::integer: return fmt::format("{}", node.real);
        case Node::Kind::boolean: return node.boolean ? "true" : "false";
        case Node::Kind::array: {
            std::string out;
            for (const Node& item : node.items) out += (out.empty() ? "" : " / ") + text_of(item);
            return out;
        }
        case Node::Kind::table: break;
    }
    std::string out;
    for (const auto& [name, value] : node.members)
        out += fmt::format("{}{}{}{}", out.empty() ? "" : ", ", name, value.kind == Node::Kind::table ? ": " : " = ",
                           text_of(value));
    return out;
}

std::string member(const Node& table, std::string_view key) {
    const Node* found = table.find(key);
    return found == nullptr ? std::string() : text_of(*found);
}

void read_resolved(const fs::path& folder, RunResult& run) {
    const fs::path file = folder / "scenario.resolved.toml";
    std::error_code error;
    if (!fs::exists(file, error)) refuse(folder, "is no whole run folder: it holds no scenario.resolved.toml");
    const Node root = read_toml(file);
    if (const Node* scenario = root.find("scenario"))
        for (const auto& [name, value] : scenario->members) {
            if (name == "parts")
                for (const Node& part : value.items) run.parts.push_back(part.text);
            else if (name != "about")
                run.settings.emplace_back(name, text_of(value));
        }
    if (const Node* events = root.find("event"))
        for (const Node& event : events->items) run.events.push_back(text_of(event));
    const Node* resolved = root.find("resolved");
    if (resolved == nullptr || resolved->find("parameters") == nullptr)
        refuse(file, "has no [resolved.parameters]: it was cut short or edited");
    if (const Node* left_out = resolved->find("left_out"))
        for (const Node& part : left_out->items) std::erase(run.parts, part.text);
    for (const auto& [name, value] : resolved->find("parameters")->members)
        run.parameters.push_back({name, member(value, "value"), member(value, "source"), member(value, "origin")});
}

double read_number(const Table& table, std::size_t row, std::size_t column) {
    const std::string& text = table.rows[row][column];
    double out = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size())
        throw SpecError(Where{table.file, table.lines[row], 0, table.header[column]}, "`" + text + "` is not a number");
    return out;
}

void read_samples(const fs::path& folder, RunResult& run) {
    const fs::path file = folder / "summary.csv";
    std::error_code error;
    if (!fs::exists(file, error))
        refuse(folder, fmt::format("holds no samples yet (no summary.csv; the run is {}): let it end, or go on with "
                                   "lobule run --resume {}",
                                   run.status, shell_word(folder.string())));
    const Table table = read_csv(file);
    if (table.header[0] != "time [h]") throw SpecError(Where{table.file, 1, 0, {}}, "does not begin with `time [h]`");
    for (std::size_t column = 1; column < table.header.size(); ++column) {
        const std::string& head = table.header[column];
        const auto open = head.rfind(" [");
        if (open == std::string::npos || open == 0 || !head.ends_with(']'))
            throw SpecError(Where{table.file, 1, 0, {}},
                            "the column `" + head + "` is no name with a unit in brackets");
        run.probes.push_back({head.substr(0, open), head.substr(open + 2, head.size() - open - 3), {}});
    }
    if (table.rows.empty()) refuse(folder, "holds no samples: summary.csv has no row");
    run.curves.values.resize(run.probes.size());
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        run.curves.times.push_back(read_number(table, row, 0));
        if (row > 0 && run.curves.times[row] < run.curves.times[row - 1])
            throw SpecError(Where{table.file, table.lines[row], 0, "time [h]"}, "is before the time of the row above");
        for (std::size_t probe = 0; probe < run.probes.size(); ++probe)
            run.curves.values[probe].push_back(read_number(table, row, probe + 1));
    }
}

/// What a probe is, in words: from the comparison where there is one, else from run.h5. Only for reading, so nothing
/// fails without it.
void read_abouts(const fs::path& folder, RunResult& run) {
    if (run.evidence) {
        for (ReportProbe& probe : run.probes)
            if (const ReportProbe* told = run.evidence->probe(probe.name)) probe.about = told->about;
        return;
    }
    try {
        const fs::path file = folder / "run.h5";
        const h5::Reader reader(read_bytes(file), file.string());
        for (ReportProbe& probe : run.probes) probe.about = reader.text("/probes/" + probe.name, "about");
    } catch (const RunError&) {
        // The page then shows names.
    }
}

}  // namespace

const ResolvedParameter* RunResult::parameter(std::string_view name) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const ResolvedParameter& parameter) { return parameter.name == name; });
    return found == parameters.end() ? nullptr : &*found;
}

RunResult read_run(const fs::path& folder) {
    const Json json = read_provenance(folder);
    RunResult run;
    run.folder = folder;
    run.scenario = json["scenario"].text();
    run.resolution = json["resolution"].text();
    run.status = json["status"].text();
    run.state_hash = json["state_hash"].text();
    run.model_hash = json["model_hash"].text();
    run.seed = json["seed"].whole(0);
    run.time = json["time_h"].number(0.0);
    run.until = json["request"]["until_h"].number(0.0);
    run.interval = json["request"]["output_h"].number(0.0);
    run.wall_seconds = json["wall_seconds"].number(0.0);
    run.command = joined(json["command_line"]);
    run.started = json["started"].text();
    const Json& program = json["program"];
    run.program = fmt::format("{} {} ({}, {}, {})", program["name"].text(), program["version"].text(),
                              program["commit"].text(), program["compiler"].text(), program["build_type"].text());
    read_resolved(folder, run);
    read_samples(folder, run);
    std::error_code error;
    if (fs::exists(folder / "comparison" / "heading.csv", error)) run.evidence = read_report_tables(folder);
    read_abouts(folder, run);
    return run;
}

}  // namespace lobule::io
