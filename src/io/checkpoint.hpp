// Checkpoints: exact States of restart points, the last two of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/state.hpp"

namespace lobule::io {

struct Checkpoint {
    State state;
    double requested = 0.0;      // [h] until when the run was asked to go
    std::uint64_t segments = 0;  // whole segments up to here
    std::string run_hash;        // of everything that decides the course of the run
};

/// Writes the next checkpoint of a run folder and removes all but the last two.
void write_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint);
/// Throws RunError when the file is not whole.
Checkpoint read_checkpoint(const std::filesystem::path& file);
/// Files of a run folder, the newest first.
std::vector<std::filesystem::path> checkpoint_files(const std::filesystem::path& folder);

}  // namespace lobule::io
