// The tables of a report in a run folder: what each file's columns are is said once, for writing and for reading.
#include <fmt/format.h>

#include <charconv>

#include "base/text.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "io/project.hpp"
#include "io/report.hpp"

namespace lobule::io {

namespace {

namespace fs = std::filesystem;

// ---- what the columns are ---------------------------------------------------------------------------------------------

struct Heading {
    std::string title, summary, scenario, about;
};
struct PointRow : PointResult {
    std::string series;
};
struct VariantRow {
    VariantSpec spec;
    std::string failure;
};
struct BandHead {
    std::string about;
    double share = 0.0;
    std::size_t runs = 0;
    std::uint64_t seed = 0;
};
/// What a page says of single runs: band_runs.csv has more columns.
struct BandRunRow {
    std::size_t run = 0;
    std::string variant, failure;
};
struct PictureRow {
    std::string file;
    double time = 0.0;
    std::string caption, alt;
};

template <class V>
void fields(V& v, Heading& r) {
    v("title", r.title), v("summary", r.summary), v("scenario", r.scenario), v("about", r.about);
}
template <class V>
void fields(V& v, ReportProbe& r) {
    v("name", r.name), v("unit", r.unit), v("about", r.about);
}
template <class V>
void fields(V& v, VariantRow& r) {
    v("name", r.spec.name), v("label", r.spec.label), v("group", r.spec.group), v("about", r.spec.about);
    v("settings", r.spec.text), v("failure", r.failure);
}
template <class V>
void fields(V& v, study::Misfit& r, const std::string& prefix) {
    v(prefix + "points", r.points), v(prefix + "rmse", r.rmse), v(prefix + "chi_square", r.chi_square);
    v(prefix + "bias", r.bias);
}
template <class V>
void fields(V& v, std::optional<study::Misfit>& r, const std::string& prefix) {
    study::Misfit misfit = r.value_or(study::Misfit{});
    fields(v, misfit, prefix);
    r = misfit.points > 0 ? std::optional(misfit) : std::nullopt;
}
template <class V>
void fields(V& v, SeriesResult& r) {
    v("name", r.name), v("variant", r.variant), v("role", r.role), v("probe", r.probe), v("unit", r.unit);
    fields(v, r.misfit, "");
    v("study_effect", r.offset);
    fields(v, r.without_effect, "without_effect_");
    v("against", r.against);
    fields(v, r.published, "against_");
    v("sources", r.sources), v("note", r.note);
}
template <class V>
void fields(V& v, PointRow& r) {
    v("series", r.series), v("id", r.id), v("time_h", r.observed.time), v("observed", r.observed.value);
    v("spread", r.observed.spread), v("spread_kind", r.observed.kind), v("n", r.observed.n);
    v("deviation", r.deviation), v("predicted", r.predicted), v("against", r.published);
}
template <class V>
void fields(V& v, Contrast& r) {
    if (!v.has("against")) return;  // a folder of an earlier version
    std::optional<double> margin = r.sign ? std::optional(r.margin) : std::nullopt;
    v("against", r.against), v("sign", r.sign), v("margin", margin);
    r.margin = margin.value_or(study::k_default_margin);
}
template <class V>
void fields(V& v, FeatureResult& r) {
    v("name", r.name), v("variant", r.variant), v("role", r.role), v("probe", r.probe), v("kind", r.kind);
    v("observed", r.observed), v("low", r.low), v("high", r.high), v("predicted", r.predicted), v("unit", r.unit);
    v("verdict", r.verdict), v("basis", r.basis), v("rows", r.ids), v("sources", r.sources), v("note", r.note);
    fields(v, r.contrast);
}
template <class V>
void fields(V& v, CheckResult& r) {
    v("name", r.name), v("variant", r.variant), v("probe", r.probe), v("kind", r.kind), v("low", r.low);
    v("high", r.high), v("value", r.value), v("unit", r.unit), v("passed", r.passed), v("reason", r.reason);
    fields(v, r.contrast);
}
template <class V>
void fields(V& v, PictureRow& r) {
    v("file", r.file), v("time_h", r.time), v("caption", r.caption), v("alt", r.alt);
}
template <class V>
void fields(V& v, GapRow& r) {
    v("from", r.from), v("name", r.name), v("probe", r.probe), v("kind", r.kind), v("at_h", r.at);
    v("cells", r.cells), v("zones", r.zones), v("difference", r.difference), v("relative", r.relative);
    v("unit", r.unit), v("size", r.size);
}
template <class V>
void fields(V& v, BandHead& r) {
    v("about", r.about), v("share", r.share), v("runs", r.runs), v("seed", r.seed);
}
template <class V>
void fields(V& v, BandInput& r) {
    v("name", r.name), v("unit", r.unit), v("range", r.range), v("scale", r.scale), v("held", r.held);
}
template <class V>
void fields(V& v, BandLine& r) {
    v("variant", r.variant), v("probe", r.probe), v("time_h", r.time), v("low", r.low), v("median", r.median);
    v("high", r.high);
}
template <class V>
void fields(V& v, BandRunRow& r) {
    v("run", r.run), v("variant", r.variant), v("failure", r.failure);
}
template <class V>
void fields(V& v, BandFeature& r) {
    v("name", r.name), v("variant", r.variant), v("unit", r.unit), v("runs", r.runs), v("low", r.low);
    v("median", r.median), v("high", r.high);
}
template <class V>
void fields(V& v, FigureSpec& r) {
    v("name", r.name), v("section", r.section), v("probes", r.probes), v("variants", r.variants);
    v("from_h", r.from), v("until_h", r.until), v("note", r.note);
}
template <class V>
void fields(V& v, ReportParameter& r) {
    v("name", r.name), v("value", r.value), v("unit", r.unit), v("low", r.low), v("high", r.high), v("kind", r.kind);
    v("source", r.source), v("set_by", r.set_by), v("about", r.about);
}
template <class V>
void fields(V& v, Reference& r) {
    v("key", r.key), v("authors", r.authors), v("title", r.title), v("journal", r.journal), v("doi", r.doi);
    v("pmid", r.pmid), v("url", r.url);
}

// ---- values as text and back ------------------------------------------------------------------------------------------

std::string text(const std::string& value) { return value; }
std::string text(double value) { return fmt::format("{}", value); }  // the shortest that reads back to the same bits
std::string text(int value) { return std::to_string(value); }
std::string text(std::size_t value) { return std::to_string(value); }
std::string text(bool value) { return value ? "true" : "false"; }
std::string text(study::SpreadKind value) { return std::string(study::to_string(value)); }
std::string text(const std::optional<study::Sign>& value) {
    return value ? std::string(study::to_string(*value)) : std::string();
}
std::string text(const std::optional<double>& value) { return value ? text(*value) : std::string(); }
/// The case itself has the empty name: it is spelt out in a list.
std::string text(const std::vector<std::string>& value) {
    std::string out;
    for (const std::string& item : value) out += (out.empty() ? "" : " ") + (item.empty() ? "case" : item);
    return out;
}

struct Field {
    const std::string& text;
    Where where;
};

void parse(const Field& field, std::string& out) { out = field.text; }
template <class Number>
void parse(const Field& field, Number& out) {
    const char* end = field.text.data() + field.text.size();
    const auto [stop, error] = std::from_chars(field.text.data(), end, out);
    if (error != std::errc{} || stop != end) throw SpecError(field.where, "`" + field.text + "` is not a number");
}
void parse(const Field& field, bool& out) { out = field.text == "true"; }
void parse(const Field& field, study::SpreadKind& out) {
    out = study::spread_kind(field.text).value_or(study::SpreadKind::none);
}
void parse(const Field& field, std::optional<study::Sign>& out) { out = study::sign(field.text); }
void parse(const Field& field, std::optional<double>& out) {
    out.reset();
    if (!field.text.empty()) parse(field, out.emplace());
}
void parse(const Field& field, std::vector<std::string>& out) {
    out.clear();
    for (const std::string& item : split(field.text, ' '))
        if (!item.empty()) out.push_back(item == "case" ? std::string() : item);
}

struct Writer {
    std::string header, row;
    template <class Value>
    void operator()(std::string_view name, const Value& value) {
        header += (header.empty() ? "" : ",") + std::string(name);
        row += (first ? "" : ",") + csv_field(text(value));
        first = false;
    }
    static bool has(std::string_view) { return true; }
    bool first = true;
};

struct Parser {
    const Table& table;
    std::size_t row;
    bool has(std::string_view name) const {
        return std::find(table.header.begin(), table.header.end(), name) != table.header.end();
    }
    template <class Value>
    void operator()(std::string_view name, Value& value) {
        parse(Field{table.rows[row][table.column(name)], Where{table.file, table.lines[row], 0, std::string(name)}},
              value);
    }
};

template <class Record>
void write_table(const fs::path& file, std::vector<Record> records) {
    Record none{};
    Writer head;
    fields(head, none);
    std::string out = head.header + '\n';
    for (Record& record : records) {
        Writer writer;
        fields(writer, record);
        out += writer.row + '\n';
    }
    write_file(file, out);
}

template <class Record>
std::vector<Record> read_table(const fs::path& file) {
    const Table table = read_csv(file);
    std::vector<Record> out(table.rows.size());
    for (std::size_t row = 0; row < out.size(); ++row) {
        Parser parser{table, row};
        fields(parser, out[row]);
    }
    return out;
}

// ---- curves -----------------------------------------------------------------------------------------------------------

fs::path curve_file(const fs::path& folder, const std::string& name) {
    return folder / "variants" / ((name.empty() ? "case" : name) + ".csv");
}

void write_curves(const fs::path& file, const Curves& curves, const std::vector<ReportProbe>& probes) {
    std::string out = "time [h]";
    for (const ReportProbe& probe : probes) out += ',' + csv_field(fmt::format("{} [{}]", probe.name, probe.unit));
    out += '\n';
    for (std::size_t i = 0; i < curves.times.size(); ++i) {
        out += text(curves.times[i]);
        for (const auto& values : curves.values) out += ',' + text(values[i]);
        out += '\n';
    }
    write_file(file, out);
}

Curves read_curves(const fs::path& file, std::size_t probes) {
    const Table table = read_csv(file);
    if (table.header.size() != probes + 1)
        throw SpecError(Where{table.file, 1, 0, {}},
                        "has another number of columns than comparison/probes.csv has rows");
    Curves out;
    out.values.resize(probes);
    for (std::size_t row = 0; row < table.rows.size(); ++row)
        for (std::size_t column = 0; column <= probes; ++column)
            parse(Field{table.rows[row][column], Where{table.file, table.lines[row], 0, table.header[column]}},
                  column == 0 ? out.times.emplace_back() : out.values[column - 1].emplace_back());
    return out;
}

constexpr const char* k_band_tables[] = {"band_about.csv", "band_inputs.csv", "band.csv", "band_features.csv",
                                         "band_runs.csv"};

// ---- provenance -------------------------------------------------------------------------------------------------------

std::string join(const Json& texts) {
    std::string out;
    for (const Json& item : texts.items()) out += (out.empty() ? "" : " ") + shell_word(item.text());
    return out;
}

std::vector<std::pair<std::string, std::string>> read_facts(const fs::path& folder) {
    const fs::path file = folder / "provenance.json";
    std::vector<std::pair<std::string, std::string>> out;
    if (!fs::exists(file)) return out;
    const Json json = Json::parse(read_bytes(file), file.string());
    const auto add = [&](std::string label, std::string value) {
        if (!value.empty()) out.emplace_back(std::move(label), std::move(value));
    };
    const Json &program = json["program"], &host = json["host"], &solver = json["solver"];
    add("Command", join(json["command_line"]));
    add("Program", fmt::format("{} {} ({}, {}, {})", program["name"].text(), program["version"].text(),
                               program["commit"].text(), program["compiler"].text(), program["build_type"].text()));
    add("Status", json["status"].text());
    add("Resolution", json["resolution"].text());
    add("Seed", std::to_string(json["seed"].whole(0)));
    add("Simulated time", fmt::format("{} h", json["time_h"].number(0.0)));
    add("State hash", json["state_hash"].text());
    add("Model hash", json["model_hash"].text());
    add("Solver",
        fmt::format(
            "{} steps, {} rate evaluations, {} Jacobians, {} factorisations, {} error and {} convergence failures, "
            "{} restarts",
            solver["steps"].whole(0), solver["rate_evaluations"].whole(0), solver["jacobians"].whole(0),
            solver["factorisations"].whole(0), solver["error_failures"].whole(0),
            solver["convergence_failures"].whole(0), solver["restarts"].whole(0)));
    add("Wall time", fmt::format("{:.2f} s", json["wall_seconds"].number(0.0)));
    add("Started", json["started"].text());
    add("Ended", json["ended"].text());
    add("Host", fmt::format("{}, {} cores, {}, {}", host["cpu"].text(), host["cores"].whole(0), host["os"].text(),
                            host["kernel"].text()));
    return out;
}

void write_band(const fs::path& tables, const std::optional<Band>& band) {
    std::error_code error;
    for (const char* name : k_band_tables) fs::remove(tables / name, error);  // of an earlier report
    if (!band) return;
    write_table(tables / "band_inputs.csv", band->inputs);
    write_table(tables / "band.csv", band->lines);
    write_table(tables / "band_features.csv", band->features);
    write_file(tables / "band_runs.csv", band_runs_csv(*band));
    // Last: where it is, the others are.
    write_table(tables / "band_about.csv", std::vector<BandHead>{{band->about, band->share, band->runs, band->seed}});
}

std::optional<Band> read_band_tables(const fs::path& tables) {
    if (!fs::exists(tables / "band_about.csv")) return std::nullopt;
    const auto heads = read_table<BandHead>(tables / "band_about.csv");
    if (heads.size() != 1) throw SpecError(Where{(tables / "band_about.csv").string(), 0, 0, {}}, "must have one row");
    Band out;
    out.about = heads[0].about;
    out.share = heads[0].share;
    out.runs = heads[0].runs;
    out.seed = heads[0].seed;
    out.inputs = read_table<BandInput>(tables / "band_inputs.csv");
    out.lines = read_table<BandLine>(tables / "band.csv");
    out.features = read_table<BandFeature>(tables / "band_features.csv");
    for (BandRunRow& row : read_table<BandRunRow>(tables / "band_runs.csv"))
        out.all.push_back({row.run, std::move(row.variant), std::move(row.failure), {}, {}});
    return out;
}

}  // namespace

void write_pictures(const fs::path& folder, const std::vector<TissuePicture>& pictures) {
    const fs::path into = folder / "tissue";
    remove_tree(into);
    create_folder(into);
    std::vector<PictureRow> rows;
    for (const TissuePicture& picture : pictures) {
        rows.push_back({fmt::format("{:03}.png", rows.size() + 1), picture.time, picture.caption, picture.alt});
        write_file(into / rows.back().file, picture.png);
    }
    write_table(into / "pictures.csv", rows);
}

std::vector<TissuePicture> read_pictures(const fs::path& folder) {
    const fs::path from = folder / "tissue";
    std::vector<TissuePicture> pictures;
    if (!fs::exists(from / "pictures.csv")) return pictures;
    for (const PictureRow& row : read_table<PictureRow>(from / "pictures.csv"))
        pictures.push_back({row.time, row.caption, row.alt, read_bytes(from / row.file)});
    return pictures;
}

void write_report_tables(const fs::path& folder, const ReportData& report) {
    const fs::path tables = folder / "comparison";
    create_folder(tables);
    create_folder(folder / "variants");
    std::vector<VariantRow> variants;
    for (const VariantResult& v : report.results.variants) {
        variants.push_back({v.spec, v.failure});
        write_curves(curve_file(folder, v.spec.name), v.curves, report.probes);
    }
    std::vector<PointRow> points;
    for (const SeriesResult& series : report.results.series)
        for (const PointResult& point : series.points) points.push_back({point, series.name});
    write_table(tables / "variants.csv", variants);
    write_table(tables / "points.csv", points);
    write_table(tables / "series.csv", report.results.series);
    write_table(tables / "features.csv", report.results.features);
    write_table(tables / "checks.csv", report.results.checks);
    write_table(tables / "figures.csv", report.figures);
    write_table(tables / "probes.csv", report.probes);
    write_table(tables / "parameters.csv", report.parameters);
    write_table(tables / "references.csv", report.references);
    if (!report.gap.empty()) write_table(tables / "gap.csv", report.gap);
    write_band(tables, report.band);
    if (!report.pictures.empty()) write_pictures(folder, report.pictures);
    // Last: a folder that has it has the others.
    write_table(tables / "heading.csv",
                std::vector<Heading>{{report.title, report.summary, report.scenario, report.about}});
}

ReportData read_report_tables(const fs::path& folder) {
    const fs::path tables = folder / "comparison";
    if (!fs::exists(tables / "heading.csv"))
        throw SpecError(Where{folder.string(), 0, 0, {}},
                        "holds no comparison to report: run the case to its end first");
    ReportData report;
    const auto headings = read_table<Heading>(tables / "heading.csv");
    if (headings.size() != 1) throw SpecError(Where{(tables / "heading.csv").string(), 0, 0, {}}, "must have one row");
    report.title = headings[0].title;
    report.summary = headings[0].summary;
    report.scenario = headings[0].scenario;
    report.about = headings[0].about;
    report.probes = read_table<ReportProbe>(tables / "probes.csv");
    report.figures = read_table<FigureSpec>(tables / "figures.csv");
    report.parameters = read_table<ReportParameter>(tables / "parameters.csv");
    report.references = read_table<Reference>(tables / "references.csv");
    Results& results = report.results;
    results.series = read_table<SeriesResult>(tables / "series.csv");
    results.features = read_table<FeatureResult>(tables / "features.csv");
    results.checks = read_table<CheckResult>(tables / "checks.csv");
    for (const PointRow& point : read_table<PointRow>(tables / "points.csv"))
        for (SeriesResult& series : results.series)
            if (series.name == point.series) series.points.push_back(point);
    for (const VariantRow& row : read_table<VariantRow>(tables / "variants.csv"))
        results.variants.push_back(
            {row.spec, read_curves(curve_file(folder, row.spec.name), report.probes.size()), row.failure});
    if (fs::exists(tables / "gap.csv")) report.gap = read_table<GapRow>(tables / "gap.csv");
    report.band = read_band_tables(tables);
    report.facts = read_facts(folder);
    report.pictures = read_pictures(folder);
    return report;
}

std::filesystem::path write_report(const fs::path& folder) {
    const fs::path file = folder / "report.html";
    write_file(file, report_html(read_report_tables(folder)));
    return file;
}

}  // namespace lobule::io
