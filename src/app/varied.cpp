#include "varied.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <thread>

#include "io/version.hpp"
#include "report.hpp"
#include "simulate.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

constexpr const char* k_work = "work.jsonl";
constexpr const char* k_results[] = {"result.json",      "starts.csv",       "parameters.csv", "residuals.csv",
                                     "profiles.csv",     "fit.html",         "indices.csv",    "points.csv",
                                     "sensitivity.html", "correlations.csv", "grid.csv",       "grid.html",
                                     "provenance.json"};

}  // namespace

io::VariedCase open_case(const io::Project& project, const fs::path& scenario_file, Case* kept) {
    std::vector<Problem> problems;
    const Spec spec = io::read_scenario_file(scenario_file, problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    Case ready = prepare(project, scenario_file.parent_path(), spec, {});
    io::VariedCase out;
    out.name = spec.name;
    out.file = scenario_file;
    out.expectations = expectations_of(project, *ready.model, scenario_file.parent_path());
    give_other_parts(out.expectations.variants, ready);
    out.base = ready.parameters();
    if (kept != nullptr) *kept = ready;
    out.model = std::move(ready.model);
    out.rest = std::move(ready.rest);
    out.until = spec.duration;
    out.ode = compile_ode(out.model);
    return out;
}

io::FitProblem open_fit(const io::Project& project, const fs::path& file, std::vector<io::VariedCase>& cases) {
    const Node root = io::read_toml(file);
    io::FitProblem problem = io::read_fit_head(file, root);
    for (std::size_t i = 0; i < problem.scenarios.size(); ++i)
        cases.push_back(
            open_case(project, io::find_scenario_of(project, file, problem.scenarios[i], problem.scenarios_where[i])));
    io::read_fit_body(problem, root, cases);
    return problem;
}

io::SensitivityStudy open_study(const io::Project& project, const fs::path& file, std::vector<io::VariedCase>& cases) {
    const Node root = io::read_toml(file);
    io::SensitivityStudy study = io::read_study_head(file, root);
    cases.push_back(open_case(project, io::find_scenario_of(project, file, study.scenario, study.scenario_where)));
    io::read_study_body(study, root, cases);
    return study;
}

io::GridStudy open_grid(const io::Project& project, const fs::path& file, std::vector<io::VariedCase>& cases) {
    const Node root = io::read_toml(file);
    io::GridStudy study = io::read_grid_head(file, root);
    Case ready;
    cases.push_back(
        open_case(project, io::find_scenario_of(project, file, study.scenario, study.scenario_where), &ready));
    io::read_grid_body(study, root, cases.front(),
                       [&](const std::vector<SettingSpec>& settings) { return other_parts_of(ready, settings); });
    return study;
}

WorkFolder::WorkFolder(fs::path folder, io::Json head, std::vector<io::Json> done)
    : folder_(std::move(folder)), head_(std::move(head)), done_(std::move(done)) {
    lock_ = std::make_unique<io::FolderLock>(folder_);
    std::string whole = head_.dump() + '\n';
    for (const io::Json& line : done_) whole += line.dump() + '\n';
    io::write_file(folder_ / k_work, whole);  // without the line that was cut short
    lines_ = std::make_unique<io::LineFile>(folder_ / k_work);
}

WorkFolder WorkFolder::create(const fs::path& folder, const io::Json& head, bool force) {
    std::error_code error;
    if (!force && fs::exists(folder) && !fs::is_empty(folder, error))
        throw SpecError(Where{folder.string(), 0, 0, {}},
                        "is not empty: --force writes into it, --resume goes on with what it holds");
    io::create_folder(folder);
    WorkFolder out{folder, head, {}};
    for (const char* name : k_results)
        fs::remove(folder / name, error);  // of earlier work: they would pass for this one's
    return out;
}

WorkFolder WorkFolder::resume(const fs::path& folder, const std::string& format) {
    const fs::path file = folder / k_work;
    if (!fs::exists(file)) throw SpecError(Where{folder.string(), 0, 0, {}}, "holds no work to go on with");
    const std::string bytes = io::read_bytes(file);
    std::vector<io::Json> lines;
    std::size_t from = 0;
    for (std::size_t end = bytes.find('\n'); end != std::string::npos; end = bytes.find('\n', from)) {
        lines.push_back(io::Json::parse(bytes.substr(from, end - from), file.string()));
        from = end + 1;
    }
    if (lines.empty() || lines.front()["format"].text() != format)
        throw SpecError(Where{folder.string(), 0, 0, {}}, "holds other work than this verb's");
    io::Json head = lines.front();
    lines.erase(lines.begin());
    return {folder, std::move(head), std::move(lines)};
}

void WorkFolder::append(const io::Json& line) { lines_->append(line.dump()); }

void WorkFolder::must_be(const std::string& hash) const {
    if (head_["hash"].text() != hash)
        throw SpecError(Where{folder_.string(), 0, 0, {}},
                        "was begun with other parts, rows or options: start anew with -o and another folder");
}

Watch::Watch(ProgressMode mode, const std::string& what, double work)
    : progress_(mode, what, 0.0, std::max(1.0, work), "runs") {}

bool Watch::stop() {
    if (const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock); lock.owns_lock())
        progress_.update(static_cast<double>(done_));
    return signals_.received() != 0;
}

void Watch::finish() { progress_.finish(); }

int thread_count(int asked) {
    return asked > 0 ? asked : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

namespace {

constexpr int k_stopped = 75;

/// "./lobule fit --resume DIR"
std::string go_on(const io::Project& project, const std::string& verb, const fs::path& folder) {
    std::error_code error;
    std::string program = "lobule";
    if (fs::is_regular_file(project.home / "lobule", error)) {
        const fs::path near = fs::proximate(project.home / "lobule", error);
        program =
            near.string().starts_with("..") ? fs::absolute(project.home / "lobule").string() : "./" + near.string();
    }
    return fmt::format("{} {} --resume {}", io::shell_word(program), verb, io::shell_word(folder.string()));
}

}  // namespace

Work find_work(const io::Project& project, const WorkKind& kind, const std::string& name, const std::string& resume) {
    Work out;
    if (!resume.empty()) {
        out.folder = WorkFolder::resume(resume, kind.format);
        out.file = out.folder->head()["file"].text();
    }
    if (!name.empty()) out.file = io::find_varied(project.home / kind.shelf, name, kind.file);
    if (out.file.empty())
        throw SpecError(Where{fmt::format("lobule {}", kind.verb), 0, 0, {}},
                        fmt::format("needs a {}: a name, a folder or a .toml file", kind.task));
    return out;
}

int say_stopped(const io::Project& project, const WorkKind& kind, const WorkFolder& folder, std::size_t kept,
                std::size_t all, const char* pieces) {
    fmt::print(stderr, "lobule: stopped; {} of {} {} are kept. Go on with: {}\n", kept, all, pieces,
               go_on(project, kind.verb, folder.folder()));
    return k_stopped;
}

void write_facts(const WorkFolder& folder, const std::vector<std::string>& command_line, const std::string& started) {
    const io::Version& v = io::version();
    io::Json facts = io::Json::Object{{"format", folder.head()["format"].text()}, {"version", 1}};
    facts.set("hash", folder.head()["hash"]).set("seed", folder.head()["seed"]);
    facts.set("program", io::Json::Object{{"name", "lobule"},
                                          {"version", v.number},
                                          {"commit", v.commit},
                                          {"compiler", v.compiler},
                                          {"flags", v.flags},
                                          {"build_type", v.build_type}});
    facts.set("command_line", io::Json::array(command_line)).set("started", started);
    facts.set("ended", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))));
    io::write_file(folder.folder() / "provenance.json", facts.dump(true) + "\n");
}

}  // namespace lobule::app
