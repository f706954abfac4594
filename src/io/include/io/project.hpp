// Reads a user's files: TOML into Nodes, parts into a Catalogue, scenarios into Specs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/node.hpp"
#include "model/catalogue.hpp"
#include "model/scenario.hpp"

namespace lobule::io {

/// Parses TOML text. `name` is used in messages. Throws SpecError on syntax, with line and column.
Node parse_toml(const std::string& text, const std::string& name);
/// Reads a file. Throws SpecError when it cannot be read or is no UTF-8 TOML.
Node read_toml(const std::filesystem::path& file);
std::string read_text(const std::filesystem::path& file);

/// The folders of the project: where biology, scenarios and evidence are.
struct Project {
    std::filesystem::path home;
    std::filesystem::path biology() const { return home / "biology"; }
    std::filesystem::path scenarios() const { return home / "scenarios"; }
    std::filesystem::path published() const { return biology() / "published"; }
    std::filesystem::path evidence() const { return home / "evidence"; }
};

/// Every part under biology/ and in the folder `beside` (a scenario's own `biology` folder, if there is one), with
/// source keys of evidence/sources.csv. Faults in files are appended; a faulty file is left out. scenario.toml,
/// expect.toml and reproduce.toml are no parts.
Catalogue read_catalogue(const Project& project, const std::filesystem::path& beside, std::vector<Problem>& problems);

/// A scenario or published model by name, folder or file. Throws SpecError when there is none (with the nearest
/// shipped name).
std::filesystem::path find_scenario(const Project& project, const std::string& name);
Spec read_scenario_file(const std::filesystem::path& file, std::vector<Problem>& problems);

/// Names of the shipped scenarios, sorted.
std::vector<std::string> scenario_names(const Project& project);
/// Names of the published models: folders of biology/published with a scenario.toml, sorted.
std::vector<std::string> published_names(const Project& project);

/// A CSV file with a header line, quotes as in RFC 4180. Throws SpecError with the line.
struct Table {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
    std::vector<int> lines;
    /// Index of a column; throws SpecError when it is missing.
    std::size_t column(std::string_view name) const;
    std::string file;
};
Table read_csv(const std::filesystem::path& file);
/// A field of such a file: in quotes where it needs them.
std::string csv_field(std::string_view value);

}  // namespace lobule::io
