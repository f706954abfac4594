// The outcome of a case over all combinations of chosen settings: grid.toml, what it runs, and what is written.
//
// [grid]       about, scenario
// [[axis]]     a parameter, its values, how they are called
// [[outcome]]  name, which way is better, what it is set against, and the keys of a measure, as in a [[feature]] of expect.toml
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/json.hpp"
#include "io/varied.hpp"

namespace lobule::io {

inline constexpr std::size_t k_most_axes = 4;
inline constexpr std::size_t k_most_cells = 20000;

struct GridAxis {
    std::string label, parameter;
    std::vector<std::string> values;  // as written
    std::vector<std::string> names;   // what the page calls them; the values where none are given
    std::vector<SettingSpec> settings;
};

/// What a number is set against: the same run with other settings on top.
enum class Against : std::uint8_t { nothing, difference, ratio };

struct GridOutcome {
    std::string name;
    Measure measure;  // of one run; a ratio's own unit is in `factor`
    Against against = Against::nothing;
    std::string baseline;  // the settings as written
    bool less_is_better = false;
    std::string unit;        // of the result
    double factor = 1.0;     // of a ratio: units of the result in 1
    double neutral() const;  // the result where nothing differs from the baseline
    bool better(double a, double b) const { return less_is_better ? a < b : a > b; }
};

struct GridStudy {
    std::string name, about, scenario;
    Where scenario_where;
    std::filesystem::path file;
    std::vector<GridAxis> axes;
    std::vector<GridOutcome> outcomes;
    std::vector<VariantSpec> runs;                    // each once, however many cells and baselines it serves
    std::vector<std::size_t> cells;                   // run of each cell; the first axis moves fastest
    std::vector<std::vector<std::size_t>> baselines;  // by outcome and cell; empty without `against`

    /// Which value of each axis a cell has.
    std::vector<std::size_t> place(std::size_t cell) const;
    /// "--set part.parameter=value" for each axis.
    std::string set_options(std::size_t cell) const;
    /// "Route artery, Dose 1e8 cell"
    std::string text(std::size_t cell) const;
};

/// The words of grid.toml; docs derive from this list.
const std::vector<Word>& grid_words();

/// What a run has that leaves out parts of the case, or has more of them.
using OtherPartsOf = std::function<OtherParts(const std::vector<SettingSpec>&)>;

/// Throw SpecError with every problem. The body needs the model of the scenario that the head names.
GridStudy read_grid_head(const std::filesystem::path& file, const Node& root);
void read_grid_body(GridStudy& study, const Node& root, const VariedCase& subject, const OtherPartsOf& other_parts);

/// Numbers of one run, by outcome.
struct GridRun {
    std::size_t index = 0;
    std::vector<double> values;  // not a number where the run failed or the curve never gets there
    std::string failure;
    bool stopped = false;
};
GridRun run_grid(const GridStudy& study, const VariedCase& subject, std::size_t index,
                 const std::function<bool()>& stop);

/// Of everything that decides the result.
std::string grid_hash(const GridStudy& study, const VariedCase& subject);

Json to_json(const GridRun& run);
GridRun grid_run_from(const Json& json);

struct GridResult {
    GridStudy study;
    std::string hash;
    std::vector<GridRun> runs;  // in the order of the study

    std::size_t failed() const;
    /// The number of a cell; none where its run or its baseline failed, or where there is no such number.
    std::optional<double> value(std::size_t outcome, std::size_t cell) const;
    /// Why a cell has none: the failure of its run or of its baseline; empty: the curve never gets there.
    std::string failure(std::size_t outcome, std::size_t cell) const;
    /// Cells that have a number, the best first; equal ones in their order.
    std::vector<std::size_t> ranking(std::size_t outcome) const;
};

std::string grid_csv(const GridResult& result);
Json grid_json(const GridResult& result);
/// The whole page: no request leaves it.
std::string grid_html(const GridResult& result, const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace lobule::io
