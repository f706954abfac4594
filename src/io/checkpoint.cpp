#include "checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "io/files.hpp"
#include "io/h5.hpp"

namespace lobule::io {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t k_format_version = 2;
constexpr std::size_t k_kept = 2;  // the one before the last is there for a disk that breaks the last

unsigned long number(const fs::path& file) { return std::stoul("0" + file.stem().string()); }

/// Agents: a group for each population, a dataset for each column.
void write_agents(h5::Writer& file, const State& state) {
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        const Agents& agents = state.agents[p];
        const std::string group = fmt::format("/agents/{}/", p);
        file.dataset(group + "ids", std::span<const std::uint64_t>(agents.ids));
        file.dataset(group + "divisions", std::span<const std::uint32_t>(agents.divisions));
        file.dataset(group + "substates", std::span<const std::uint16_t>(agents.substates));
        file.dataset(group + "zones", std::span<const std::uint32_t>(agents.zones));
        for (std::size_t q = 0; q < agents.quantities.size(); ++q)
            file.dataset(fmt::format("{}quantity_{}", group, q), std::span<const double>(agents.quantities[q]));
    }
}

std::vector<Agents> read_agents(const h5::Reader& reader) {
    std::vector<Agents> out;
    if (!reader.has("/agents")) return out;
    for (std::size_t p = 0; reader.has(fmt::format("/agents/{}", p)); ++p) {
        const std::string group = fmt::format("/agents/{}/", p);
        Agents agents{reader.long_numbers(group + "ids"),
                      reader.whole_numbers(group + "divisions"),
                      reader.words(group + "substates"),
                      reader.whole_numbers(group + "zones"),
                      {},
                      {}};
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
                           read_agents(reader), reader.whole("/", "steps")},
                          reader.number("/", "requested"),
                          reader.whole("/", "segments"),
                          reader.text("/", "run_hash")};
    if (state_hash(checkpoint.state) != reader.text("/", "state_hash"))
        throw RunError(file.string() + " is damaged: its numbers do not fit its hash");
    return checkpoint;
}

}  // namespace lobule::io
