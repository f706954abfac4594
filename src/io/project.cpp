#include "io/project.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace lobule::io {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_with(const fs::path& folder, std::string_view extension) {
    std::vector<fs::path> out;
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        if (it->is_regular_file(error) && it->path().extension() == extension) out.push_back(it->path());
    std::sort(out.begin(), out.end());
    return out;
}

/// A published model keeps its case beside its parts.
bool belongs_to_a_case(const fs::path& file) {
    const std::string name = file.filename().string();
    return name == "scenario.toml" || name == "expect.toml" || name == "reproduce.toml" || name == "agreement.toml";
}

void read_parts(const fs::path& folder, Catalogue& catalogue, std::vector<Problem>& problems) {
    for (const fs::path& file : files_with(folder, ".toml")) {
        if (belongs_to_a_case(file)) continue;
        try {
            const auto before = problems.size();
            Part part = read_part(file.stem().string(), read_toml(file), problems);
            if (problems.size() == before) catalogue.add(std::move(part));
        } catch (const SpecError& error) {
            problems.insert(problems.end(), error.problems().begin(), error.problems().end());
        }
    }
}

}  // namespace

Catalogue read_catalogue(const Project& project, const fs::path& beside, std::vector<Problem>& problems) {
    Catalogue catalogue;
    const fs::path sources = project.evidence() / "sources.csv";
    if (fs::exists(sources)) {
        const Table table = read_csv(sources);
        const std::size_t key = table.column("source");
        for (const auto& row : table.rows) catalogue.source_keys.insert(row[key]);
    }
    read_parts(project.biology(), catalogue, problems);
    if (!beside.empty() && fs::is_directory(beside / "biology")) read_parts(beside / "biology", catalogue, problems);
    return catalogue;
}

namespace {

std::vector<std::string> case_names(const fs::path& folder) {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        if (fs::exists(it->path() / "scenario.toml")) out.push_back(it->path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

std::vector<std::string> scenario_names(const Project& project) { return case_names(project.scenarios()); }
std::vector<std::string> published_names(const Project& project) { return case_names(project.published()); }

fs::path find_scenario(const Project& project, const std::string& name) {
    // "scenario.toml" is "./scenario.toml": its own parts lie beside it.
    const fs::path given = fs::path(name).has_parent_path() ? fs::path(name) : fs::path(".") / name;
    if (given.extension() == ".toml" && fs::is_regular_file(given)) return given;
    if (fs::is_directory(given) && fs::exists(given / "scenario.toml")) return given / "scenario.toml";
    for (const fs::path& folder : {project.scenarios(), project.published()}) {
        const fs::path shipped = folder / name / "scenario.toml";
        if (name.find('/') == std::string::npos && fs::exists(shipped)) return shipped;
    }
    std::vector<std::string> known = scenario_names(project);
    const std::vector<std::string> published = published_names(project);
    known.insert(known.end(), published.begin(), published.end());
    throw SpecError(Where{name, 0, 0, {}},
                    "no scenario: neither a folder with scenario.toml, nor a .toml file, nor a shipped case",
                    nearest_name(name, known));
}

Spec read_scenario_file(const fs::path& file, std::vector<Problem>& problems) {
    const std::string name =
        file.filename() == "scenario.toml" && file.has_parent_path() && !file.parent_path().filename().empty()
            ? file.parent_path().filename().string()
            : file.stem().string();
    return read_scenario(name, read_toml(file), problems);
}

}  // namespace lobule::io
