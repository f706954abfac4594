#include "checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "io/files.hpp"
#include "io/h5.hpp"

namespace lobule::io {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t k_format_version = 4;
constexpr std::size_t k_kept = 2;  // the one before the last is there for a disk that breaks the last

unsigned long number(const fs::path& file) { return std::stoul("0" + file.stem().string()); }

/// A row of three coordinates for each point.
void write_points(h5::Writer& file, const std::string& path, const std::vector<Vec3>& points) {
    std::vector<double> rows;
    for (const Vec3& p : points) rows.insert(rows.end(), {p.x, p.y, p.z});
    file.dataset(path, rows, 3);
}

std::vector<Vec3> read_points(const h5::Reader& reader, const std::string& path) {
    std::vector<Vec3> out;
    if (!reader.has(path)) return out;
    const std::vector<double> rows = reader.doubles(path);
    for (std::size_t i = 0; i + 2 < rows.size(); i += 3) out.push_back({rows[i], rows[i + 1], rows[i + 2]});
    return out;
}

std::vector<std::uint32_t> unsigned_numbers(const std::vector<std::int32_t>& numbers) {
    return {numbers.begin(), numbers.end()};
}

void write_tissue(h5::Writer& file, const Tissue& tissue) {
    const Vec3& box = tissue.box.lengths;
    const VesselNetwork& vessels = tissue.vessels;
    file.dataset("/tissue/box", std::vector<double>{box.x, box.y, box.z});
    write_points(file, "/tissue/node_positions", vessels.position);
    std::vector<std::uint32_t> kinds;
    for (const NodeKind kind : vessels.kind) kinds.push_back(static_cast<std::uint32_t>(kind));
    file.dataset("/tissue/node_kinds", kinds);
    file.dataset("/tissue/edge_from", unsigned_numbers(vessels.a));
    file.dataset("/tissue/edge_to", unsigned_numbers(vessels.b));
    file.dataset("/tissue/edge_radii", vessels.radius);
    file.dataset("/tissue/edge_ids", vessels.id);
    file.attribute("/", "next_edge_id", vessels.next_id);
}

std::optional<Tissue> read_tissue(const h5::Reader& reader) {
    if (!reader.has("/tissue")) return std::nullopt;
    const std::vector<double> box = reader.doubles("/tissue/box");
    if (box.size() != 3) throw RunError("a box of a tissue has three lengths");
    Tissue tissue{{{box[0], box[1], box[2]}}, {}};
    VesselNetwork& vessels = tissue.vessels;
    vessels.position = read_points(reader, "/tissue/node_positions");
    for (const std::uint32_t kind : reader.whole_numbers("/tissue/node_kinds"))
        vessels.kind.push_back(static_cast<NodeKind>(kind));
    const auto ends = [&](const std::string& path) {
        const std::vector<std::uint32_t> numbers = reader.whole_numbers(path);
        return std::vector<std::int32_t>(numbers.begin(), numbers.end());
    };
    vessels.a = ends("/tissue/edge_from");
    vessels.b = ends("/tissue/edge_to");
    vessels.radius = reader.doubles("/tissue/edge_radii");
    vessels.id = reader.long_numbers("/tissue/edge_ids");
    vessels.next_id = reader.whole("/", "next_edge_id");
    return tissue;
}

/// Agents: a group for each population, a dataset for each column.
void write_agents(h5::Writer& file, const State& state) {
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        const Agents& agents = state.agents[p];
        const std::string group = fmt::format("/agents/{}/", p);
        file.dataset(group + "ids", std::span<const std::uint64_t>(agents.ids));
        file.dataset(group + "divisions", std::span<const std::uint32_t>(agents.divisions));
        file.dataset(group + "substates", std::span<const std::uint16_t>(agents.substates));
        file.dataset(group + "zones", std::span<const std::uint32_t>(agents.zones));
        if (!agents.positions.empty()) write_points(file, group + "positions", agents.positions);
        for (std::size_t q = 0; q < agents.quantities.size(); ++q)
            file.dataset(fmt::format("{}quantity_{}", group, q), std::span<const double>(agents.quantities[q]));
    }
}

std::vector<Agents> read_agents(const h5::Reader& reader) {
    std::vector<Agents> out;
    if (!reader.has("/agents")) return out;
    for (std::size_t p = 0; reader.has(fmt::format("/agents/{}", p)); ++p) {
        const std::string group = fmt::format("/agents/{}/", p);
        Agents agents{reader.long_numbers(group + "ids"),       reader.whole_numbers(group + "divisions"),
                      reader.words(group + "substates"),        reader.whole_numbers(group + "zones"),
                      read_points(reader, group + "positions"), {}};
        for (std::size_t q = 0; reader.has(fmt::format("{}quantity_{}", group, q)); ++q)
            agents.quantities.push_back(reader.doubles(fmt::format("{}quantity_{}", group, q)));
        out.push_back(std::move(agents));
    }
    return out;
}

}  // namespace

std::vector<fs::path> checkpoint_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator it(folder / "checkpoints", error), end; !error && it != end; it.increment(error)) {
        const std::string stem = it->path().stem().string();
        const bool numbered =
            stem.size() == 6 && std::all_of(stem.begin(), stem.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (numbered && it->path().extension() == ".h5") files.push_back(it->path());
    }
    std::sort(files.rbegin(), files.rend());
    return files;
}

void write_checkpoint(const fs::path& folder, const Checkpoint& checkpoint) {
    h5::Writer file;
    file.attribute("/", "format", "lobule.checkpoint");
    file.attribute("/", "version", k_format_version);
    file.attribute("/", "time", checkpoint.state.time);
    file.attribute("/", "requested", checkpoint.requested);
    file.attribute("/", "steps", checkpoint.state.steps);
    file.attribute("/", "segments", checkpoint.segments);
    file.attribute("/", "run_hash", checkpoint.run_hash);
    file.attribute("/", "state_hash", state_hash(checkpoint.state));
    file.dataset("/values", checkpoint.state.values);
    file.dataset("/fired", checkpoint.state.fired);
    write_agents(file, checkpoint.state);
    if (checkpoint.state.tissue) write_tissue(file, *checkpoint.state.tissue);
    const auto before = checkpoint_files(folder);
    const unsigned long next = before.empty() ? 1 : number(before.front()) + 1;
    write_file(folder / "checkpoints" / fmt::format("{:06}.h5", next), file.image());
    for (std::size_t i = k_kept - 1; i < before.size(); ++i) remove_tree(before[i]);
}

Checkpoint read_checkpoint(const fs::path& file) {
    const h5::Reader reader(read_bytes(file), file.string());
    if (reader.text("/", "format") != "lobule.checkpoint" || reader.whole("/", "version") != k_format_version)
        throw RunError(file.string() + " is no checkpoint of this version of the program");
    Checkpoint checkpoint{{reader.number("/", "time"), reader.doubles("/values"), reader.whole_numbers("/fired"),
                           read_agents(reader), reader.whole("/", "steps"), read_tissue(reader)},
                          reader.number("/", "requested"),
                          reader.whole("/", "segments"),
                          reader.text("/", "run_hash")};
    if (state_hash(checkpoint.state) != reader.text("/", "state_hash"))
        throw RunError(file.string() + " is damaged: its numbers do not fit its hash");
    return checkpoint;
}

}  // namespace lobule::io
