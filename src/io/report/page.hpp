// The parts of the report page. Each returns the HTML of one section, empty when it has nothing to show.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/report.hpp"

namespace lobule::io::report {

/// Observed points over predicted curves, one panel a series.
std::string series_panels(const ReportData& report, std::string_view role);
/// The figures of a section: course, prediction, robustness.
std::string figures(const ReportData& report, std::string_view section);

/// Pictures of the tissue, the bytes within the page.
std::string tissue_pictures(const ReportData& report);

std::string glance(const ReportData& report);
std::string series_table(const ReportData& report, std::string_view role);
std::string feature_table(const ReportData& report, std::string_view role);
std::string check_table(const ReportData& report);
/// What is drawn over its declared range, with the runs that failed.
std::string band_table(const ReportData& report);
/// The band of a curve; none where it is not there.
struct BandCurve {
    std::vector<double> times, low, high;
};
std::optional<BandCurve> band_of(const ReportData& report, const std::string& variant, const std::string& probe);
/// "90 % of 24 runs over the declared ranges", of the runs of these variants.
std::string band_legend(const Band& band, const std::vector<std::string>& variants);
/// Below a predicted number: what it is over the draws; empty without.
std::string band_below(const ReportData& report, const FeatureResult& feature);
/// The case in cells against the case in zones.
std::string gap_tables(const ReportData& report);
std::string variant_table(const ReportData& report, std::string_view group);
std::string parameter_section(const ReportData& report);
std::string reference_list(const ReportData& report);
std::string reference_list(const std::vector<Reference>& references);
std::string facts(const ReportData& report);

std::size_t count_parameters(const ReportData& report, std::string_view kind);

}  // namespace lobule::io::report
