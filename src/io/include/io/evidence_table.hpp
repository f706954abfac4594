// Every row of evidence that a shipped case is compared with, in one table: observed, predicted and how far apart.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/evidence.hpp"
#include "io/expectations.hpp"

namespace lobule::io {

struct EvidenceComparison {
    std::string scenario, variant, role;  // role: calibrate or check
    std::string ids, name, quantity;      // rows of evidence; series or feature; probe
    std::string kind;                     // point, or what is read off the curve
    std::optional<double> hours;          // of a point
    std::string unit, observed;           // observed as people read it
    std::optional<double> centre;         // the observed number, or the middle of its span
    std::optional<double>
        deviation;  // its standard deviation; none: the span is hard (times between which it was seen)
    std::optional<double> low, high;  // the span that counts as agreement: two deviations to each side, or the hard one
    std::optional<double> predicted;  // none: the curve never gets there
    std::optional<double> baseline;   // what a plain curve through the other points of the series gives
    std::string sources;
    Contrast contrast{};  // `predicted` is the ratio to that run; with a sign it is judged by that and has no span

    /// Whether it lies in the span; a number that is never reached does not.
    bool agrees() const {
        if (contrast.sign) return predicted && study::sign_of(*predicted, contrast.margin) == contrast.sign;
        return predicted && low && high && *predicted >= *low && *predicted <= *high;
    }
    bool baseline_agrees() const { return baseline && low && high && *baseline >= *low && *baseline <= *high; }
    /// (predicted - observed) / standard deviation.
    std::optional<double> z() const;
    /// max(predicted / observed, observed / predicted); none unless both are positive and no time.
    std::optional<double> fold() const;
};

struct EvidenceCase {
    std::string scenario, title;
    std::size_t words = 0;  // features without numbers or sign: not compared
    std::vector<std::string> failures;
    std::vector<EvidenceComparison> comparisons;
};

struct EvidenceTable {
    std::vector<EvidenceCase> cases;
    std::vector<std::string> fitted;  // names of parameters whose source is a fit, each once
};

/// What a set of comparisons amounts to.
struct EvidenceScore {
    std::size_t rows = 0, agree = 0, unreached = 0;  // with numbers
    std::size_t signs = 0, signs_agree = 0;          // with a sign, counted apart
    std::size_t folds = 0;
    double log_fold = 0.0;                                                       // sum over `folds` rows
    std::size_t with_baseline = 0, model_agrees_there = 0, baseline_agrees = 0;  // points that have a baseline
    /// Geometric mean of the fold error; none without a row that has one.
    std::optional<double> fold_error() const;
};
/// Of one role over all cases; of one case with its name.
EvidenceScore score(const EvidenceTable& table, const std::string& role, const std::string& scenario = {});

/// The rows of a case from its results in the order of the file. Predictions (role `prediction`) have no row.
EvidenceCase evidence_case(const std::string& scenario, const Expectations& expectations, const Results& results);

void write_evidence_csv(const std::filesystem::path& file, const EvidenceTable& table);
/// As sections of a page.
std::string evidence_table_html(const EvidenceTable& table);

}  // namespace lobule::io
