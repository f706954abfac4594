#include "io/structure.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "io/project.hpp"

namespace lobule::io {

std::vector<StructureRow> structure_rows(const std::vector<StructureReading>& readings,
                                         const std::vector<StructureSpec>& specs) {
    std::vector<StructureRow> out;
    for (const StructureReading& reading : readings) {
        StructureRow row{reading, {}, {}, {}};
        for (const StructureSpec& spec : specs) {
            if (spec.measure != reading.name) continue;
            row.observed = spec.observed.empty() ? "none found" : spec.observed;
            row.ids = fmt::format("{}", fmt::join(spec.ids, " "));
            if (spec.low && spec.high)
                row.verdict = reading.value >= *spec.low && reading.value <= *spec.high ? "inside" : "outside";
        }
        out.push_back(std::move(row));
    }
    return out;
}

std::vector<StructureReading> probe_readings(const Model& model, const std::vector<double>& probes,
                                             const std::vector<StructureSpec>& specs) {
    std::vector<StructureReading> out;
    for (std::size_t p = 0; p < probes.size(); ++p)
        for (const StructureSpec& spec : specs)
            if (spec.is_probe && spec.measure == model.run.probes[p].name)
                out.push_back({spec.measure, probes[p], spec.unit});
    return out;
}

std::string structure_csv(const std::vector<StructureRow>& rows) {
    std::string out = "measure,value,unit,observed,rows,verdict\n";
    for (const StructureRow& row : rows)
        out += fmt::format("{},{},{},{},{},{}\n", row.reading.name, row.reading.value, row.reading.unit,
                           csv_field(row.observed), row.ids, row.verdict);
    return out;
}

std::string structure_table(const std::vector<StructureRow>& rows) {
    std::size_t width = 0, observed = 0;
    for (const StructureRow& row : rows) {
        width = std::max(width, row.reading.name.size());
        observed = std::max(observed, row.observed.size());
    }
    std::string out;
    for (const StructureRow& row : rows) {
        const std::string unit = row.reading.unit == "1" ? "" : row.reading.unit;
        std::string line = fmt::format("  {:<{}}  {:>9.4g} {:<9}  {:<{}}  {:<8} {}", row.reading.name, width,
                                       row.reading.value, unit, row.observed, observed, row.verdict, row.ids);
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

}  // namespace lobule::io
