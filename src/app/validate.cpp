// `lobule validate`: runs the suites, prints what came out, writes the table and the page.
#include "validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>

#include "base/text.hpp"
#include "io/files.hpp"
#include "io/version.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

constexpr int k_outside = 6;

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

std::string share(std::size_t part, std::size_t whole) {
    return whole == 0 ? "-" : fmt::format("{:.0f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

void print_evidence(const io::EvidenceTable& table, const ValidateOptions& options) {
    if (!options.quiet) {
        fmt::print("\nevidence: shipped cases against measurements; {} parameters were fitted\n", table.fitted.size());
        fmt::print("  {:<34} {:>5} {:>7} {:>8} {:>11} {:>12}   {}\n", "rows", "rows", "agree", "signs", "fold error",
                   "not reached", "where a plain curve can forecast: rows, model agrees, curve agrees");
        const auto line = [](const std::string& name, const io::EvidenceScore& s) {
            if (s.rows + s.signs == 0) return;
            const auto fold = s.fold_error();
            fmt::print("  {:<34} {:>5} {:>7} {:>8} {:>11} {:>12}   {}, {}, {}\n", name, s.rows, share(s.agree, s.rows),
                       s.signs == 0 ? "-" : fmt::format("{} of {}", s.signs_agree, s.signs),
                       fold ? fmt::format("{:.3g}", *fold) : "-", s.unreached, s.with_baseline,
                       share(s.model_agrees_there, s.with_baseline), share(s.baseline_agrees, s.with_baseline));
        };
        for (const std::string role : {"calibrate", "check"}) {
            line("all, " + role, io::score(table, role));
            for (const io::EvidenceCase& one : table.cases)
                line("  " + one.scenario + ", " + role, io::score(table, role, one.scenario));
        }
    }
    std::string apart, signs;
    for (const io::EvidenceCase& one : table.cases) {
        for (const std::string& failure : one.failures) apart += fmt::format("  failed: {}\n", failure);
        for (const io::EvidenceComparison& row : one.comparisons) {
            if (row.contrast.sign) {
                signs += fmt::format("  {:<9} {:<20} {:<50} {:<52} {:>10}  {}\n", row.role, row.ids, row.name,
                                     row.observed, shown(row.predicted), row.agrees() ? "yes" : "no");
                continue;
            }
            if (row.agrees() && !options.all) continue;
            const std::string when = row.hours ? fmt::format("{:g} h", *row.hours) : row.kind;
            apart += fmt::format("  {:<9} {:<20} {:<50} {:<16} {:>18} {:>10} {:>7}{}\n", row.role, row.ids, row.name,
                                 when, row.observed, shown(row.predicted),
                                 row.z() ? fmt::format("{:+.1f}", *row.z()) : "", row.agrees() ? "" : "  APART");
        }
    }
    if (!apart.empty())
        fmt::print("\n{}\n  {:<9} {:<20} {:<50} {:<16} {:>18} {:>10} {:>7}\n{}",
                   options.all ? "all rows" : "apart from what was measured", "role", "rows", "what", "when or how",
                   "observed", "predicted", "z", apart);
    if (!signs.empty() && !options.quiet)
        fmt::print("\nsigns\n  {:<9} {:<20} {:<50} {:<52} {:>10}  {}\n{}", "role", "rows", "what", "observed", "ratio",
                   "agrees", signs);
}

fs::path output_folder(const ValidateOptions& options) {
    if (!options.output.empty()) return options.output;
    const fs::path first = "validation";
    fs::path folder = first;
    for (int n = 2; !options.force && fs::exists(folder / "validation.html"); ++n)
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
    if (!options.force && fs::exists(folder / "validation.html"))
        throw SpecError(Where{folder.string(), 0, 0, {}},
                        "holds a validation already: --force overwrites it, -o names another folder");
    const auto begin = std::chrono::steady_clock::now();
    const Selection selection(options.only);
    std::mutex printing;
    const auto ended = [&](const std::string& path, const std::string& what) {
        if (options.quiet) return;
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        const std::lock_guard lock(printing);
        fmt::print(stderr, "lobule: {}: {}, after {:.1f} s\n", path, what, seconds);
    };
    const SuiteRequest request{project, options, selection, ended};
    std::vector<io::SuiteResult> results;
    if (selection.touches("published")) {
        io::SuiteResult result = published_suite(request);
        std::erase_if(result.models,
                      [](const io::ValidationModel& m) { return m.comparisons.empty() && m.left_out.empty(); });
        if (!result.models.empty()) results.push_back(std::move(result));
    }
    io::EvidenceTable evidence;
    // Of agents one run scatters: rows of evidence are compared with the ODE.
    if (options.resolution == "zones" && selection.touches("evidence")) evidence = evidence_suite(request);
    if (results.empty() && evidence.cases.empty())
        throw SpecError(
            Where{"--only " + options.only, 0, 0, {}}, "selects nothing",
            nearest_name(split(options.only, '/').front(), std::vector<std::string>{"published", "evidence"}));

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
    for (const io::EvidenceCase& one : evidence.cases) failures += one.failures.size();
    if (!evidence.cases.empty()) print_evidence(evidence, options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    io::create_folder(folder);
    if (!results.empty()) io::write_validation_csv(folder / "validation.csv", results);
    if (!evidence.cases.empty()) io::write_evidence_csv(folder / "evidence.csv", evidence);
    std::string command;
    for (const std::string& word : options.command_line) command += (command.empty() ? "" : " ") + io::shell_word(word);
    io::write_file(folder / "validation.html", io::validation_html(results, evidence, io::read_references(project),
                                                                   {{"Command", command},
                                                                    {"Resolution", options.resolution},
                                                                    {"Program", io::version_text()},
                                                                    {"Wall time", fmt::format("{:.1f} s", seconds)}}));
    if (!options.quiet)
        fmt::print("\n{} rows of published models, {} inside, {} outside; {:.1f} s\nfolder      {}\npage        {}\n",
                   rows, inside, rows - inside, seconds, folder.string(), (folder / "validation.html").string());
    // What measurements show is a finding; a published model that misses its own numbers is a fault.
    return inside == rows && failures == 0 ? 0 : k_outside;
}

}  // namespace lobule::app
