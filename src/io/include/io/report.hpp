// The report of a run: what was compared, as plain tables in the run folder and as one self-contained HTML page.
//
// A run folder gains variants/NAME.csv (probes against time, `case.csv` is the case itself) and comparison/*.csv (series,
// points, features, checks, figures, parameters, references). The page is made from these and provenance.json alone.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "io/band.hpp"
#include "io/expectations.hpp"

namespace lobule::io {

struct ReportProbe {
    std::string name, unit, about;
};

struct ReportParameter {
    std::string name, value, unit, low, high, source;
    std::string kind;    // sourced, derived, fitted, balance, assumed
    std::string set_by;  // "" as declared, else the species, scenario or command line
    std::string about;
};

/// A picture of the tissue at one time.
struct TissuePicture {
    double time = 0.0;    // [h]
    std::string caption;  // what it shows beside its time; may be empty
    std::string alt;      // in words, for who does not see it
    std::string png;      // bytes; in a run folder tissue/001.png and so on
};

/// The case in zones, run beside one in cells: the name of the variant, and what its features and checks have after their names.
inline constexpr const char *k_zones_variant = "zones", *k_zones_mark = " (zones)";

/// One number of a case, read in cells and in zones.
struct GapRow {
    std::string from;  // feature, check or figure: who names it
    std::string name;  // of the feature or check; of a figure its probe
    std::string probe, kind, unit;
    std::optional<double> at;            // [h] of a figure: when
    std::optional<double> cells, zones;  // [unit]; none: the curve never gets there
    std::optional<double> difference;    // cells - zones
    std::optional<double> relative;      // of zones; none near 0
    double size = 0.0;                   // what rows are sorted by, the largest first
};

/// Every number that features and checks of the case itself name, and every probe of its figures, each once, the largest gaps
/// first; one that only one reading reaches is the largest. Probes of figures are read at 24 h, 72 h, 7 d and the end. Near 0 (a value below 5 % of the
/// largest of its curves, a time below 1 h, a fold below 0.05) a gap is relative to 20 times that instead.
std::vector<GapRow> gap_of_readings(const Expectations& expectations, const std::vector<ModelProbe>& probes,
                                    const Curves& cells, const Curves& zones);

struct ReportData {
    std::string title, summary, scenario, about;
    std::vector<ReportProbe> probes;
    std::vector<FigureSpec> figures;
    Results results;
    std::vector<ReportParameter> parameters;
    std::vector<Reference> references;                       // those that rows and parameters cite
    std::vector<std::pair<std::string, std::string>> facts;  // provenance: label and text, in order
    std::vector<TissuePicture> pictures;                     // in order of time; empty without cells in space
    std::vector<GapRow> gap;                                 // empty but where the case ran in cells
    std::optional<Band> band{};                              // none: no input is drawn

    const ReportProbe* probe(std::string_view name) const;
    const VariantResult* variant(std::string_view name) const;
};

/// `values` are those of the run (command line included); `command_settings` names what the command line set.
ReportData make_report(const Model& model, const Parameters& values, const std::vector<SettingSpec>& command_settings,
                       const Expectations& expectations, Results results, const std::vector<Reference>& references);

void write_report_tables(const std::filesystem::path& folder, const ReportData& report);
/// Reads them back, and the facts from provenance.json. Throws SpecError when the folder holds none.
ReportData read_report_tables(const std::filesystem::path& folder);

/// The pictures alone, in tissue/ of a run folder, instead of those that were there: a run can leave them before its report is
/// made. write_report_tables does the same where the report has any; read_report_tables takes what is there.
void write_pictures(const std::filesystem::path& folder, const std::vector<TissuePicture>& pictures);
std::vector<TissuePicture> read_pictures(const std::filesystem::path& folder);

/// The whole page: no request leaves it.
std::string report_html(const ReportData& report);

/// read_report_tables and report_html; writes report.html into the folder and returns its path.
std::filesystem::path write_report(const std::filesystem::path& folder);

}  // namespace lobule::io
