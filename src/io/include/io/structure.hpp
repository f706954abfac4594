// The structure of a tissue beside what was published: a table to print and a CSV file (docs/formats/structure.md).
#pragma once

#include <string>
#include <vector>

#include "engine/tissue.hpp"
#include "io/expectations.hpp"

namespace lobule::io {

struct StructureRow {
    StructureReading reading;
    std::string observed, ids;  // empty: nothing to compare with
    std::string verdict;        // inside, outside, or empty
};

/// All readings in their order; what a case names with `[[structure]]` carries its rows of evidence.
std::vector<StructureRow> structure_rows(const std::vector<StructureReading>& readings,
                                         const std::vector<StructureSpec>& specs);
/// Probes that a case names with `[[structure]]`, at the end of a run.
std::vector<StructureReading> probe_readings(const Model& model, const std::vector<double>& probes,
                                             const std::vector<StructureSpec>& specs);
std::string structure_csv(const std::vector<StructureRow>& rows);
/// Lines for a terminal.
std::string structure_table(const std::vector<StructureRow>& rows);

}  // namespace lobule::io
