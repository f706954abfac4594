// The rows of evidence/: published observations, deposited measurements and the references they cite.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/project.hpp"
#include "study/comparison.hpp"

namespace lobule::io {

/// One row as printed: numbers are not read yet, because only the one who compares knows what they mean.
struct Observation {
    std::string id, role, species, study, condition, observable;
    std::string time_value, time_unit, value, unit, spread;
    study::SpreadKind kind = study::SpreadKind::none;
    int n = 0;
    std::string source, where, notes;
    Where place;  // file and line

    /// Text of a column by its name; empty when rows have no such column.
    std::string_view field(std::string_view column) const;
};

/// A printed number or span: "29.4" is 29.4 to 29.4, "12-18" is 12 to 18. Throws SpecError at `place` for anything else.
std::pair<double, double> read_span(std::string_view text, const Where& place);

struct Evidence {
    std::vector<Observation> rows;
    const Observation* find(std::string_view id) const;
    std::vector<std::string> ids() const;
};

/// observations.csv and measurements.csv; a missing file has no rows. Throws SpecError.
Evidence read_evidence(const Project& project);

struct Reference {
    std::string key, authors, title, journal, doi, pmid, url;
};
std::vector<Reference> read_references(const Project& project);

}  // namespace lobule::io
