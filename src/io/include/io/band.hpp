// [band] and [[input]] of expect.toml: inputs drawn over declared ranges, the case and some variants run with each draw, and what a share of
// these runs lies between.
//
// Draws are a Latin hypercube, paired: all runs of one draw have the same values, so that the spread of a ratio or a difference of two of
// them is that of the inputs. They act as --set does: the untouched liver stays the one that was solved.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/expectations.hpp"

namespace lobule::io {

/// Interprets [band] and [[input]] of expect.toml, which has a [band]; none where something in it is wrong. Faults are appended.
std::optional<BandSpec> read_band(const Node& root, const Model& model, const std::vector<VariantSpec>& variants,
                                  std::vector<Problem>& problems);

struct BandInput {
    std::string name;
    std::string unit;   // of its column
    std::string range;  // as drawn, with its unit
    std::string scale;  // of the draws: linear or log
    std::string held;   // not drawn: what pinned it; empty: drawn
};

/// A row of the ribbon of one curve, in the unit of its probe.
struct BandLine {
    std::string variant, probe;  // variant: empty for the case itself
    double time = 0.0;           // [h]
    double low = 0.0, median = 0.0, high = 0.0;
};

/// One run of one draw.
struct BandRun {
    std::size_t run = 0;  // the draw, from 1
    std::string variant;
    std::string failure;                      // empty: it ran to its end
    std::vector<double> inputs;               // by input, in its unit
    std::vector<std::optional<double>> ends;  // by probe of Band: at the end of the run
};

/// A feature over the draws; with `against` the ratio of the two runs of each draw.
struct BandFeature {
    std::string name, variant, unit;
    std::size_t runs = 0;  // that reach it
    double low = 0.0, median = 0.0, high = 0.0;
};

struct Band {
    std::string about;
    std::size_t runs = 0;  // draws
    double share = 0.0;
    std::uint64_t seed = 0;
    std::vector<BandInput> inputs;
    std::vector<std::string> probes;  // "name [unit]", those that a figure draws: columns of `ends`
    std::vector<BandLine> lines;      // of curves that a figure draws
    std::vector<BandRun> all;         // by draw, then by variant
    std::vector<BandFeature> features;

    std::size_t failed(const std::string& variant) const;
};

/// Asked from several threads at every step; true stops.
using BandProgress = std::function<bool(std::size_t done, std::size_t all)>;

struct BandRequest {
    std::string itself;             // name of the run that stands for the case: empty, or that in zones
    std::vector<std::string> held;  // parameters that the command line set: not drawn
    double until = 0.0;             // [h]
    int threads = 1;                // they change no bit
};

/// The figures of a page: those of expect.toml, else one with every probe.
std::vector<FigureSpec> figures_of(const Expectations& expectations, const std::vector<ModelProbe>& probes);

/// Runs expectations.band; `parameters` are those of the case. A run that fails is left out of the bands and named. Nothing where it was
/// stopped.
std::optional<Band> run_band(const std::shared_ptr<const Model>& model, const RestState& rest,
                             const Parameters& parameters, const Expectations& expectations, const BandRequest& request,
                             const SimulationOptions& how, const BandProgress& progress);

/// band_runs.csv: run, variant, failure, a column for each input and for each probe.
std::string band_runs_csv(const Band& band);

}  // namespace lobule::io
