// Samples of a run: in memory, as segments on the disk, and put together at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/json.hpp"
#include "model/model.hpp"

namespace lobule::io {

/// Rows of samples, flat.
struct Samples {
    std::vector<double> times, probes, values;

    std::size_t size() const { return times.size(); }
    void add(double time, std::span<const double> probe_row, std::span<const double> value_row);
    void add(const Samples& more);
    /// Takes the first `rows` away and returns them.
    Samples take(std::size_t rows);
};

/// A line of segments/index.jsonl.
struct Segment {
    std::string file;  // in segments/
    std::uint64_t samples = 0, bytes = 0;
    double first = 0.0, last = 0.0;  // [h]
    bool complete = true;            // ends at a restart point; a resumed run drops the others

    Json json() const;
};

/// The first line of the index: what the columns of a segment are.
Json index_header(const Model& model);
/// The segments that the index lists; a last line cut short by a kill does not count. Throws SpecError when the index is no index.
std::vector<Segment> read_index(const std::filesystem::path& folder);

Segment write_segment(const std::filesystem::path& folder, std::size_t number, const Samples& samples,
                      const Model& model, bool complete);
/// Whether the file is there in full.
bool is_whole(const std::filesystem::path& folder, const Segment& segment);

/// run.h5 and summary.csv from the segments.
void assemble(const std::filesystem::path& folder, const std::vector<Segment>& segments, const Model& model);

}  // namespace lobule::io
