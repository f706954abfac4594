// What `lobule validate` shows, whoever computed it: comparisons of a published number with a computed one, grouped by
// model, as a CSV and as one self-contained page.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/evidence.hpp"
#include "io/evidence_table.hpp"

namespace lobule::io {

/// One number. `low` and `high` are the declared tolerance, in `unit`.
struct ValidationRow {
    std::string row;         // id in evidence/, or what else names it
    std::string observable;  // as printed; groups the table
    std::string reading;     // what is read of the computed curve: "value_at", "maximum", ...
    std::string inputs, time, published, unit;
    std::optional<double> expected;  // the published number, where it is one
    std::optional<double> computed;  // none: the run never got there
    double low = 0.0, high = 0.0;
    std::string basis;      // published, derived or computed (by one other implementation)
    std::string tolerance;  // as declared: "1 %", "0.07 to 0.1"
    std::string reason, source, run, note;
    std::optional<double> hours;  // when, for the drawing

    bool inside() const;
    /// (computed - published) / |published|; none for bands, zeros and what was not reached.
    std::optional<double> deviation() const;
};

/// A curve of a run and the published points on it: one panel.
struct ValidationPanel {
    std::string title, unit;
    struct Line {
        std::string name;
        std::vector<double> times, values;  // [h, unit]
    };
    std::vector<Line> lines;
    struct Point {
        double time, value;
        std::string tip;
        bool inside;
    };
    std::vector<Point> points;
};

struct ValidationModel {
    std::string name, about;
    std::vector<ValidationRow> comparisons;
    struct Left {
        std::string row, observable, reason;
    };
    std::vector<Left> left_out;         // rows that are not compared, with the reason
    std::vector<std::string> failures;  // runs that failed and were not meant to
    std::vector<ValidationPanel> panels;
};

struct SuiteResult {
    std::string name, title, lead;
    std::vector<ValidationModel> models;
};

struct ValidationCount {
    std::size_t rows = 0, rows_inside = 0;  // a row is inside when all its comparisons are
    std::size_t comparisons = 0, inside = 0;
    std::size_t published = 0, derived = 0, computed = 0;  // rows by basis
    double largest = 0.0;                                  // deviation, absolute
};
/// Of the whole model, or of one observable.
ValidationCount count(const ValidationModel& model, const std::string& observable = {});
/// Observables in the order of their first comparison.
std::vector<std::string> observables(const ValidationModel& model);

/// All comparisons, one a line.
void write_validation_csv(const std::filesystem::path& file, const std::vector<SuiteResult>& suites);
/// The whole page: no request leaves it. Of the references those that a comparison cites are listed; `facts` stand at
/// its end.
std::string validation_html(const std::vector<SuiteResult>& suites, const EvidenceTable& evidence,
                            const std::vector<Reference>& references,
                            const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace lobule::io
