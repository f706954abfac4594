// `lobule compare`: reads run folders, writes one page and one table beside it, and says where the runs lie apart.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/progress.hpp"
#include "app/verbs.hpp"
#include "io/comparison.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "study/labels.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_differences_shown = 10;

/// Beside the first folder, also where that is named as "." or "runs/a/".
fs::path default_page(const fs::path& first) {
    fs::path folder = first.lexically_normal();
    if (folder.filename().empty()) folder = folder.parent_path();
    if (folder.filename() == "." || folder.filename() == "..") folder = fs::weakly_canonical(folder);
    return folder.parent_path() / "comparison.html";
}

void refuse_taken(const fs::path& page, bool force) {
    const auto refuse = [](const fs::path& file, const std::string& what) {
        throw SpecError(Where{file.string(), 0, 0, {}}, what);
    };
    if (page.extension() != ".html" && page.extension() != ".htm")
        refuse(page, "is no name for a page: it must end in .html");
    for (const fs::path& file : {page, io::table_beside(page)}) {
        std::error_code error;
        if (fs::is_directory(file, error)) refuse(file, "is a folder, not a file for the comparison");
        if (!force && fs::exists(fs::symlink_status(file, error)))
            refuse(file, "is there already; --force overwrites it");
    }
}

io::Json number(const std::optional<double>& value) { return value ? io::Json(*value) : io::Json(); }

io::Json difference_json(const io::Comparison& c, const io::RankedDifference& r) {
    const study::Difference& d = *r.difference;
    return io::Json::Object{{"probe", r.probe->probe.name},
                            {"unit", r.probe->probe.unit},
                            {"run", c.groups[r.group].label},
                            {"largest", d.largest},
                            {"largest_at_h", d.largest_at},
                            {"relative", number(d.relative)},
                            {"at_end", d.at_end},
                            {"rms", d.rms},
                            {"from_h", d.from},
                            {"to_h", d.to}};
}

void print_json(const io::Comparison& c, const fs::path& page) {
    io::Json json = io::Json::Object{{"page", page.string()}, {"table", io::table_beside(page).string()}};
    io::Json runs = io::Json::Array{}, differing = io::Json::Array{}, differences = io::Json::Array{},
             misfits = io::Json::Array{};
    for (const io::RunGroup& group : c.groups)
        for (const std::size_t r : group.runs) {
            const io::RunResult& run = c.runs[r];
            runs.push(io::Json::Object{{"label", group.label},
                                       {"folder", run.folder.string()},
                                       {"scenario", run.scenario},
                                       {"status", run.status},
                                       {"time_h", run.time},
                                       {"seed", run.seed},
                                       {"state_hash", run.state_hash},
                                       {"identical", group.identical}});
        }
    for (const io::DifferingRow& row : c.differing)
        differing.push(
            io::Json::Object{{"name", row.name}, {"kind", row.kind}, {"values", io::Json::array(row.values)}});
    for (const io::RankedDifference& r : io::ranked_differences(c)) differences.push(difference_json(c, r));
    for (const io::EvidenceSeries& s : c.series)
        for (std::size_t g = 0; g < c.groups.size(); ++g)
            misfits.push(io::Json::Object{{"series", s.name},
                                          {"role", s.role},
                                          {"run", c.groups[g].label},
                                          {"points", number(s.points[g].value)},
                                          {"rmse", number(s.rmse[g].value)},
                                          {"chi_square", number(s.chi_square[g].value)}});
    json.set("runs", runs).set("differing", differing);
    json.set("equal", static_cast<std::uint64_t>(c.equal_parameters + c.equal_settings));
    json.set("differences", differences).set("misfits", misfits);
    fmt::print("{}\n", json.dump(true));
}

/// Columns of text, the first two to the left, the others to the right.
void print_columns(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i >= widths.size()) widths.push_back(0);
            widths[i] = std::max(widths[i], study::letters(row[i]));
        }
    for (const auto& row : rows) {
        std::string line = " ";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string gap(widths[i] - study::letters(row[i]), ' ');
            line += ' ' + (i < 2 ? row[i] + gap : gap + row[i]) + ' ';
        }
        fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
    }
}

void print_summary(const io::Comparison& c, const fs::path& page) {
    std::vector<std::vector<std::string>> runs;
    for (const io::RunGroup& group : c.groups) {
        const io::RunResult& run = c.runs[group.runs.front()];
        std::string folders = run.folder.string();
        if (group.runs.size() > 1) folders += fmt::format(" and {} more", group.runs.size() - 1);
        if (group.identical) folders += "  (identical to the first: state_hash equal)";
        runs.push_back({group.tag == group.label ? group.label : group.tag + "  " + group.label, folders});
    }
    print_columns(runs);
    const std::vector<io::RankedDifference> ranked = io::ranked_differences(c);
    std::vector<std::vector<std::string>> rows{{"largest difference", "", "", "", "relative", "at end", "RMS"}};
    for (const io::RankedDifference& r : ranked) {
        const study::Difference& d = *r.difference;
        if (d.largest == 0.0 || rows.size() > k_differences_shown) continue;
        const std::string& unit = r.probe->probe.unit;
        rows.push_back({r.probe->probe.name + (unit == "1" ? "" : " [" + unit + "]"), c.groups[r.group].tag,
                        fmt::format("{:+.3g}", d.largest), "at " + time_text(d.largest_at),
                        d.relative ? fmt::format("{:.3g} %", 100.0 * *d.relative) : "from 0",
                        fmt::format("{:+.3g}", d.at_end), fmt::format("{:.3g}", d.rms)});
    }
    if (rows.size() > 1)
        print_columns(rows);
    else if (!ranked.empty())
        fmt::print("  no probe differs\n");
    fmt::print("page   {}\ntable  {}\n", page.string(), io::table_beside(page).string());
}

}  // namespace

int compare(const CompareOptions& options) {
    std::vector<fs::path> folders(options.folders.begin(), options.folders.end());
    const fs::path page = options.output.empty() ? default_page(folders.front()) : fs::path(options.output);
    const io::Comparison comparison = io::compare_runs(folders, options.labels);
    refuse_taken(page, options.force);
    const std::string html = io::comparison_html(comparison), csv = io::comparison_csv(comparison);
    if (!page.parent_path().empty()) io::create_folder(page.parent_path());
    io::write_file(io::table_beside(page), csv);
    io::write_file(page, html);  // last: a page that is there has its table
    if (options.json)
        print_json(comparison, page);
    else
        print_summary(comparison, page);
    return 0;
}

}  // namespace lobule::app
