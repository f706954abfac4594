// What a case is compared with: expect.toml beside its scenario.toml, read, run and measured.
//
// [report]        title, summary
// [variant.NAME]  the same model run with other settings, from the same untouched liver
// [[series]]      observed points against a probe
// [[feature]]     one number of a curve (its maximum, when it is reached, ...) against rows of evidence
// [[figure]]      which curves are drawn together
// [[structure]]   a number of the tissue (cells in space) against rows of evidence
// [[section]]     a picture of the tissue
// [[check]]       a band that a test asserts, with its reason
// [band]          inputs that are drawn over declared ranges: how far results move with them
// [[input]]       an input with a range of this case's own
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/rest.hpp"
#include "engine/simulation.hpp"
#include "io/evidence.hpp"
#include "model/words.hpp"
#include "study/comparison.hpp"

namespace lobule::io {

/// What a variant runs along that has other parts than the case: it leaves out what the case has, or the other way round.
struct OtherParts {
    std::shared_ptr<const Model> model;
    RestState rest;
    Parameters start;  // with the settings of scenario and command line
    std::shared_ptr<const CompiledOde> ode;
};

struct VariantSpec {
    std::string name;   // empty: the case itself
    std::string label;  // short, for the end of a curve
    std::string about;
    std::string group;  // calibrate, check, prediction, robustness
    std::string text;   // the settings as written
    std::vector<SettingSpec> settings;
    std::optional<double> duration;             // [h]
    std::shared_ptr<const OtherParts> other{};  // null: the model of the case
};

/// A number that is read off a curve. Probes are indices into the model's.
struct Measure {
    std::string kind;  // a name of measure_kinds()
    std::size_t probe = 0;
    std::optional<std::size_t> over;    // the curve is divided by this one first
    std::optional<std::size_t> behind;  // times: after the same moment of this one
    double at = 0.0;                    // [h] value_at, fold
    double from = 0.0;                  // [h] the part of the curve that is looked at
    double until = std::numeric_limits<double>::infinity();
    double level = 0.0;   // first_above, first_below [unit of the curve]
    std::string unit;     // of the result
    double factor = 1.0;  // inside units of one unit of the result
};
const std::vector<std::string>& measure_kinds();

/// What a measure is divided by, and what the ratio should show.
struct Contrast {
    std::string against;              // `case` or a variant: the same measure of that run; empty: it is not divided
    std::optional<study::Sign> sign;  // judged by this, and no band
    double margin = study::k_default_margin;
};

struct SeriesSpec {
    std::string name, variant, role, note;
    std::size_t probe = 0;
    std::vector<std::string> ids;      // by point
    std::vector<study::Point> points;  // [h, unit of the probe]
    double default_error = study::k_default_error;
    bool study_effect = false;
    std::string against;                 // a published model, by its key in sources.csv
    std::vector<double> against_values;  // by point
    std::vector<std::string> sources;
};

struct FeatureSpec {
    std::string name, variant, role, note;
    Measure measure;
    Contrast contrast{};
    std::vector<std::string> ids, sources;
    std::string observed;    // as written, for people
    std::string basis;       // where the band comes from
    bool hard_band = false;  // the whole span was declared or printed; else it is one standard deviation to each side
    std::optional<double> low, high;  // [unit of the measure]; none: words only, or a sign
};

struct FigureSpec {
    std::string name, section, note;  // section: course, prediction, robustness
    std::vector<std::string> probes;
    std::vector<std::string> variants;  // empty: the case itself
    double from = 0.0;                  // [h] where the time axis begins; times are counted from there
    double until = 0.0;                 // [h] 0: to the end
};

struct CheckSpec {
    std::string name, variant, reason;
    Measure measure;
    Contrast contrast{};
    std::optional<double> low, high;  // none: a sign
};

/// One number of the tissue: of its structure, for cells in space, or a probe at the end of the run.
struct StructureSpec {
    std::string name, measure, unit, note;
    bool is_probe = false;
    std::vector<std::string> ids, sources;
    std::string observed;
    std::optional<double> low, high;  // [unit of the measure]; none: no published value was found
};

/// A picture of the tissue, for cells in space, at the first restart at or after a time.
struct SectionSpec {
    double at = 0.0;  // [h]
    std::string signal,
        value;         // what plates are coloured by: a signal, or a zone value of the laws; one of them or none
    std::string unit;  // of the scale; empty: one that reads well
    std::string matrix, note;
};

/// Inputs that are drawn over the ranges that their parts declare, for the case itself and some of its variants.
struct BandSpec {
    std::string about;
    struct Input {
        std::string name;  // a parameter of the model
        double low, high;  // inside units: of `between`, else declared by its part
    };
    std::vector<Input> inputs;
    std::vector<std::string> variants;  // beside the case itself
    std::size_t runs = 24;
    double share = 0.9;  // of the runs lies within the band
    std::uint64_t seed = 1;
};

struct Expectations {
    std::string title, summary;
    std::vector<VariantSpec> variants;  // the case itself is not among them
    std::vector<SeriesSpec> series;
    std::vector<FeatureSpec> features;
    std::vector<FigureSpec> figures;
    std::vector<CheckSpec> checks;
    std::vector<StructureSpec> structure;
    std::vector<SectionSpec> sections;
    std::optional<BandSpec> band{};
};

/// Gives `other` to each variant whose settings say that it has other parts than `model`. To be called before they are run.
void give_other_parts(std::vector<VariantSpec>& variants, const Model& model,
                      const std::function<OtherParts(const std::vector<SettingSpec>&)>& make);

/// The words of expect.toml; docs derive from this list.
const std::vector<Word>& expectation_words();

/// Interprets expect.toml against a model. `folder` holds the predictions of published models. Faults are appended.
Expectations read_expectations(const Node& root, const std::filesystem::path& folder, const Evidence& evidence,
                               const Model& model, std::vector<Problem>& problems);

// ---- results ---------------------------------------------------------------------------------------------------------

/// Every probe of one run against time, in written units.
struct Curves {
    std::vector<double> times;                // [h]
    std::vector<std::vector<double>> values;  // by probe; not a number where the run lacks the part of the probe
    /// Empty where the run lacks it.
    study::Curve of(std::size_t probe) const;
};

struct VariantResult {
    VariantSpec spec;
    Curves curves;
    std::string failure;  // empty: it ran to its end
};

struct PointResult {
    std::string id;
    study::Point observed;
    double deviation = 0.0;           // standard deviation used
    std::optional<double> predicted;  // study effect included; none: the run ended before
    std::optional<double> published;
};

struct SeriesResult {
    std::string name, variant, role, probe, unit, note, against, sources;
    std::vector<PointResult> points;
    study::Misfit misfit;
    std::optional<double> offset;  // study effect, estimated
    std::optional<study::Misfit> without_effect;
    std::optional<study::Misfit> published;
};

struct FeatureResult {
    std::string name, variant, role, probe, kind, unit, observed, basis, note, ids, sources;
    std::optional<double> low, high, predicted;
    // inside, outside; of a sign agrees, disagrees; unreached (the curve never gets there), words (nothing to judge by)
    std::string verdict;
    Contrast contrast{};  // of `predicted`, which is then a ratio
};

struct CheckResult {
    std::string name, variant, probe, kind, unit, reason;
    std::optional<double> low, high, value;
    bool passed = false;
    Contrast contrast{};  // of `value`, which is then a ratio
};

struct Results {
    std::vector<VariantResult> variants;  // the case itself first
    std::vector<SeriesResult> series;
    std::vector<FeatureResult> features;
    std::vector<CheckResult> checks;
    bool complete = true;  // false: stopped by the callback
};

/// The case itself, then its variants: what is run, in this order.
std::vector<VariantSpec> runs_of(const Model& model, const Expectations& expectations);
/// One of them, for its own time or `until` [h]; one that fails keeps what it reached. `stop`, asked at every step, ends it early.
VariantResult run_variant(const std::shared_ptr<const Model>& model, const RestState& rest,
                          const Parameters& parameters, double until, const VariantSpec& spec,
                          const std::function<bool()>& stop, const SimulationOptions& how);
/// What runs of runs_of() show, those that are there: in the order of the file.
Results compare_runs(const Model& model, const Expectations& expectations, std::vector<VariantResult> runs);

/// Called before and within each run with how many are done, how many there are, and the name of this one; true stops.
using VariantProgress = std::function<bool(std::size_t done, std::size_t all, const std::string& name)>;

/// Runs the case for `until` [h] and every variant for its own time, one after the other from the one rest state, and compares.
/// `parameters` are those of the case (scenario and command line applied); a variant's own settings come on top. A variant
/// that fails is kept with what it reached. `how`: the reading, agents with one seed for all variants. `done`: what the case
/// itself gave already; it is then not run again.
Results run_expectations(const std::shared_ptr<const Model>& model, const RestState& rest, const Parameters& parameters,
                         double until, const Expectations& expectations, const VariantProgress& progress = {},
                         const SimulationOptions& how = {}, const Curves* done = nullptr);

/// A measure of one run; none when the curve never gets there.
std::optional<double> read_measure(const Measure& measure, const Curves& curves);
/// That over the same of another run; none as well where the other number is not above 0.
std::optional<double> read_ratio(const Measure& measure, const Curves& curves, const Curves& other);
/// "above 1.05 times the case": what a sign asks for, for people.
std::string contrast_text(const Contrast& contrast);

}  // namespace lobule::io
