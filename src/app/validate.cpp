// `lobule validate`: runs the suites, prints what came out, writes the table and the page.
#include "validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/text.hpp"
#include "io/files.hpp"
#include "io/version.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

constexpr int k_outside = 6;

const std::vector<Suite>& suites() {
    static const std::vector<Suite> list{{"published", published_suite}};
    return list;
}

/// '*' stands for any text.
bool matches(std::string_view pattern, std::string_view text) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    if (text.substr(0, star) != pattern.substr(0, star)) return false;
    const auto rest = pattern.substr(star + 1);
    for (std::size_t i = star; i <= text.size(); ++i)
        if (matches(rest, text.substr(i))) return true;
    return false;
}

std::string joined(const std::vector<std::string>& parts, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : "/") + parts[i];
    return out;
}

std::string percent(const std::optional<double>& share) {
    return share ? fmt::format("{:+.3g} %", 100.0 * *share) : std::string("-");
}

std::string shown(const std::optional<double>& value) { return value ? fmt::format("{:.6g}", *value) : "not reached"; }

void print_line(const io::ValidationModel& model, const io::ValidationRow& c) {
    fmt::print("  {:<8} {:<16} {:<30} {:<9} {:>14} {:>12} {:>10}  {}{}\n", c.row, model.name, c.observable, c.time,
               c.published, shown(c.computed), percent(c.deviation()), c.tolerance, c.inside() ? "" : "  OUTSIDE");
}

void print_model(const io::ValidationModel& model, const ValidateOptions& options) {
    const io::ValidationCount all = io::count(model);
    fmt::print("\n{}: {}\n", model.name, model.about);
    fmt::print("  {:<48} {:>5} {:>7} {:>10}  {}\n", "observable", "rows", "inside", "largest", "tolerance");
    for (const std::string& observable : io::observables(model)) {
        const io::ValidationCount c = io::count(model, observable);
        const auto first = std::find_if(model.comparisons.begin(), model.comparisons.end(),
                                        [&](const io::ValidationRow& one) { return one.observable == observable; });
        fmt::print("  {:<48} {:>5} {:>7} {:>8.2g} %  {}\n", observable, c.rows, c.rows_inside, 100.0 * c.largest,
                   first->tolerance);
    }
    fmt::print(
        "  {:<48} {:>5} {:>7} {:>8.2g} %  {} published, {} derived from published, {} by another implementation\n",
        "all", all.rows, all.rows_inside, 100.0 * all.largest, all.published, all.derived, all.computed);
    for (const auto& left : model.left_out)
        fmt::print("  not compared: {} {}: {}\n", left.row, left.observable, left.reason);
    for (const std::string& failure : model.failures) fmt::print("  failed: {}\n", failure);
    if (options.all) {
        fmt::print("\n");
        for (const io::ValidationRow& c : model.comparisons) print_line(model, c);
    }
}

fs::path output_folder(const ValidateOptions& options) {
    if (!options.output.empty()) return options.output;
    const fs::path first = "validation";
    fs::path folder = first;
    for (int n = 2; !options.force && fs::exists(folder / "validation.csv"); ++n)
        folder = first.string() + '-' + std::to_string(n);
    return folder;
}

}  // namespace

bool Selection::covers(const std::string& name) const {
    if (pattern_.empty()) return true;
    const auto parts = split(name, '/');
    for (std::size_t n = 1; n <= parts.size(); ++n)
        if (matches(pattern_, joined(parts, n))) return true;
    return false;
}

bool Selection::touches(const std::string& name) const {
    if (covers(name)) return true;
    const auto wanted = split(pattern_, '/');
    const auto given = split(name, '/');
    if (wanted.size() <= given.size()) return false;
    return matches(joined(wanted, given.size()), name);
}

int validate(const io::Project& project, const ValidateOptions& options) {
    if (options.resolution != "zones" && options.resolution != "mixed")
        throw SpecError(Where{"--resolution " + options.resolution, 0, 0, {}}, "there are zones and mixed");
    const fs::path folder = output_folder(options);
    if (!options.force && fs::exists(folder / "validation.csv"))
        throw SpecError(Where{folder.string(), 0, 0, {}},
                        "holds a validation already: --force overwrites it, -o names another folder");
    const auto begin = std::chrono::steady_clock::now();
    std::vector<io::SuiteResult> results;
    std::vector<std::string> names;
    for (const Suite& suite : suites()) {
        names.push_back(suite.name);
        if (!Selection(options.only).touches(suite.name)) continue;
        io::SuiteResult result = suite.run({project, options, Selection(options.only)});
        std::erase_if(result.models,
                      [](const io::ValidationModel& m) { return m.comparisons.empty() && m.left_out.empty(); });
        if (!result.models.empty()) results.push_back(std::move(result));
    }
    if (results.empty())
        throw SpecError(Where{"--only " + options.only, 0, 0, {}}, "selects nothing",
                        nearest_name(split(options.only, '/').front(), names));

    std::size_t rows = 0, inside = 0, failures = 0;
    for (const io::SuiteResult& suite : results)
        for (const io::ValidationModel& model : suite.models) {
            if (!options.quiet) print_model(model, options);
            const io::ValidationCount c = io::count(model);
            rows += c.rows;
            inside += c.rows_inside;
            failures += model.failures.size();
        }
    if (inside < rows) {
        fmt::print("\noutside the declared tolerance:\n");
        for (const io::SuiteResult& suite : results)
            for (const io::ValidationModel& model : suite.models)
                for (const io::ValidationRow& c : model.comparisons)
                    if (!c.inside()) print_line(model, c);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    io::create_folder(folder);
    io::write_validation_csv(folder / "validation.csv", results);
    std::string command;
    for (const std::string& word : options.command_line) command += (command.empty() ? "" : " ") + io::shell_word(word);
    io::write_file(folder / "validation.html", io::validation_html(results, io::read_references(project),
                                                                   {{"Command", command},
                                                                    {"Resolution", options.resolution},
                                                                    {"Program", io::version_text()},
                                                                    {"Wall time", fmt::format("{:.1f} s", seconds)}}));
    if (!options.quiet)
        fmt::print("\n{} rows, {} inside, {} outside; {:.1f} s\ntable       {}\npage        {}\n", rows, inside,
                   rows - inside, seconds, (folder / "validation.csv").string(), (folder / "validation.html").string());
    return inside == rows && failures == 0 ? 0 : k_outside;
}

}  // namespace lobule::app
