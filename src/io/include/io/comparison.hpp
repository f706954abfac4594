// Runs side by side: what differs in what was asked, how far their curves lie apart, how each misses the evidence; as a
// page and as one long table.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/run_result.hpp"
#include "study/difference.hpp"

namespace lobule::io {

/// Runs that are drawn as one: replicates, or one run alone.
struct RunGroup {
    std::vector<std::size_t> runs;  // indices into Comparison::runs
    std::string label;              // unique
    std::string tag;         // for ends of curves and heads of columns: the label where all are short, else a letter
    bool identical = false;  // its one run ends in the very state of the first group's
};

/// Something asked or reached that is not the same in all groups.
struct DifferingRow {
    std::string name;
    std::string kind;  // run, scenario, setting (a parameter that a scenario or command line set), parameter, balance
    std::vector<std::string> values;  // by group; empty: it has none
};

/// A number of a group: its mean over replicates, with their standard deviation where there are any.
struct GroupNumber {
    std::optional<double> value, sd;
};

struct ProbeComparison {
    ReportProbe probe;
    std::string figure;                                  // of the case, under whose name it is drawn; empty: in none
    double until = 0.0;                                  // [h] end of that figure; 0: to the end
    std::vector<std::optional<study::Ensemble>> curves;  // by group; none: the probe is not in it
    std::vector<std::optional<study::Difference>>
        differences;  // by group, against the first; none for the first itself
};

struct EvidencePoint {
    std::string id;
    study::Point observed;   // [h, unit of the probe]
    double deviation = 0.0;  // standard deviation used
    std::vector<GroupNumber> predicted;
};
struct EvidenceSeries {
    std::string scenario, name, variant, role, probe, unit, sources,
        note;  // variant: its label; empty: the case itself
    bool study_effect = false;
    std::vector<GroupNumber> points, rmse, chi_square;  // by group
    std::vector<EvidencePoint> rows;
};
struct EvidenceFeature {
    std::string scenario, name, variant, role, unit, observed, basis, note, ids, sources;
    std::optional<double> low, high;
    std::vector<GroupNumber> predicted;
    std::vector<std::string> verdicts;  // by group; empty: the group has none
};

struct Comparison {
    std::string title;
    std::vector<RunResult> runs;
    std::vector<RunGroup> groups;
    std::vector<DifferingRow> differing;
    std::size_t equal_settings = 0, equal_parameters = 0;  // how many were looked at and are the same everywhere
    std::vector<ProbeComparison>
        probes;  // in at least two groups (or all, of a single group), those of the case's figures first
    std::vector<std::string> not_shared;  // probes of one group alone
    std::vector<EvidenceSeries> series;
    std::vector<EvidenceFeature> features;

    bool several_scenarios() const;
};

/// Deviation of a prediction in standard deviations; none without both.
std::optional<double> z_score(const std::optional<double>& predicted, double observed, double deviation);
/// The same for a feature: from the middle of its band, in half widths of it.
std::optional<double> z_score(const EvidenceFeature& feature, const std::optional<double>& predicted);

/// Reads the folders and compares them; everything is against the first. `labels`, where given, are one for each group
/// in the order of its first run. Throws SpecError: fewer than two folders, one named twice, one that is no run or
/// holds no samples, a probe in two units, no probe in common, another number of labels than groups, or two equal
/// labels.
Comparison compare_runs(const std::vector<std::filesystem::path>& folders, const std::vector<std::string>& labels = {});

/// Probes and groups by the size of their relative difference, the largest first; what is 0 in the first run leads.
struct RankedDifference {
    const ProbeComparison* probe;
    std::size_t group;
    const study::Difference* difference;
};
std::vector<RankedDifference> ranked_differences(const Comparison& comparison);

/// The whole page: no request leaves it.
std::string comparison_html(const Comparison& comparison);

/// All numbers of the page, a row each: what,name,run,against,statistic,value,unit.
std::string comparison_csv(const Comparison& comparison);

/// The table beside a page: `comparison.html` has `comparison.csv`.
std::filesystem::path table_beside(const std::filesystem::path& page);

}  // namespace lobule::io
