// Published models: reproduce.toml beside a scenario.toml says which run and which reading gives each row of
// evidence/reproduction.csv.
//
// [reproduce]         the rows that must all be mapped, units of printed words, the tolerance where a [[rows]] has none
// [run.NAME]          the model with other settings
// [bisection.NAME]    a setting at which a reading changes sides, found by halving over runs
// [[rows]]            rows, their run and reading, tolerance and reason
// [[left_out]]        rows that are not compared, with the reason
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/expectations.hpp"
#include "io/validation.hpp"

namespace lobule::io {

/// One row of evidence/reproduction.csv, as printed.
struct PublishedRow {
    std::string id, model, figure_or_table, inputs, observable, time, value, unit, basis, source, notes;
    Where place;
    /// Text of a column by its name; empty when rows have no such column.
    std::string_view field(std::string_view column) const;
};
/// A missing file has no rows. Throws SpecError.
std::vector<PublishedRow> read_published_rows(const Project& project);

struct ReproductionRun {
    std::string name, about, text;
    std::vector<SettingSpec> settings;
    double duration = 0.0;                           // [h]
    std::optional<std::pair<double, double>> fails;  // [h] it must fail in this time: a negative control
};

struct Bisection {
    std::string name, about, text;
    std::vector<SettingSpec> settings;
    double duration = 0.0;                          // [h]
    SettingSpec vary;                               // its value is set by each run
    double low = 0.0, high = 0.0, precision = 0.0;  // [inside units]
    std::string unit;                               // of the result
    Measure measure;
    double above = 0.0;  // the reading that divides the sides [unit of the measure]
};

/// One reading of a run for one row.
struct RowReading {
    std::size_t row = 0;  // in `rows` of the specification
    std::size_t run = 0;  // in `runs` or `bisections`
    bool bisected = false;
    Measure measure;                 // without meaning where bisected
    std::optional<double> expected;  // [unit of the measure]
    double low = 0.0, high = 0.0;
    std::string tolerance, reason, note;
    std::string time;       // as shown
    std::string published;  // as shown
    bool draws = false;     // a value at a time: a point on a panel
};

struct Reproduction {
    std::string about;
    std::vector<PublishedRow> rows;  // all of the model
    std::vector<ReproductionRun> runs;
    std::vector<Bisection> bisections;
    std::vector<RowReading> readings;
    std::vector<std::pair<std::size_t, std::string>> left_out;  // row, reason
};

/// The words of reproduce.toml; docs derive from this list.
const std::vector<Word>& reproduction_words();

/// Interprets reproduce.toml against a model. Faults are appended: a row of the model that nothing maps is one.
Reproduction read_reproduction(const Node& root, const std::vector<PublishedRow>& rows, const Model& model,
                               std::vector<Problem>& problems);

struct RunCurves {
    Curves curves;
    std::string failure;              // empty: it ran to its end
    std::optional<double> failed_at;  // [h]
};
/// One run with these settings on top of the scenario's, to `until` [h], sampled every `output` [h]. The only place
/// where a run is made.
using Runner = std::function<RunCurves(const std::vector<SettingSpec>& settings, double until, double output)>;

/// Runs what the chosen readings need and compares. `chosen` says whether a row is wanted; an empty one wants all.
ValidationModel run_reproduction(const Reproduction& spec, const Model& model, const Runner& runner,
                                 const std::function<bool(const std::string& row)>& chosen = {});

}  // namespace lobule::io
