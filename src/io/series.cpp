#include "series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "engine/state.hpp"
#include "io/files.hpp"
#include "io/h5.hpp"

namespace lobule::io {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view k_index_format = "lobule.segments";
constexpr std::uint64_t k_format_version = 1;

void move_rows(std::vector<double>& from, std::vector<double>& to, std::size_t count) {
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
    to.assign(from.begin(), end);
    from.erase(from.begin(), end);
}

std::vector<double> column(const std::vector<double>& rows, std::size_t columns, std::size_t which,
                           std::size_t width = 1) {
    std::vector<double> out;
    for (std::size_t at = which; at < rows.size(); at += columns)
        for (std::size_t i = 0; i < width; ++i) out.push_back(rows[at + i]);
    return out;
}

Samples read_segment(const fs::path& folder, const Segment& segment, const Model& model) {
    const fs::path file = folder / "segments" / segment.file;
    const h5::Reader reader(read_bytes(file), file.string());
    Samples samples{reader.doubles("/time"), reader.doubles("/probes"), reader.doubles("/state")};
    if (samples.probes.size() != samples.size() * model.run.probes.size() ||
        samples.values.size() != samples.size() * model.state_size())
        throw RunError(fmt::format("{} holds other columns than this model", file.string()));
    return samples;
}

std::string summary(const Samples& all, const Model& model) {
    std::string csv = "time [h]";
    for (const ModelProbe& probe : model.run.probes)
        csv += fmt::format(",{} [{}]", probe.name, probe.unit.empty() ? "1" : probe.unit);
    csv += '\n';
    const std::size_t width = model.run.probes.size();
    for (std::size_t row = 0; row < all.size(); ++row) {
        csv += fmt::format("{}", all.times[row]);  // the shortest text that reads back to the same bits
        for (std::size_t p = 0; p < width; ++p) csv += fmt::format(",{}", all.probes[row * width + p]);
        csv += '\n';
    }
    return csv;
}

std::string run_image(const Samples& all, const Model& model) {
    h5::Writer file;
    file.attribute("/", "format", "lobule.run");
    file.attribute("/", "version", k_format_version);
    file.attribute("/", "model_hash", model.hash);
    file.dataset("/time", all.times);
    file.attribute("/time", "unit", "h");
    for (std::size_t p = 0; p < model.run.probes.size(); ++p) {
        const ModelProbe& probe = model.run.probes[p];
        const std::string path = "/probes/" + probe.name;
        file.dataset(path, column(all.probes, model.run.probes.size(), p));
        file.attribute(path, "unit", probe.unit);
        file.attribute(path, "about", probe.about);
    }
    const auto zones = static_cast<std::size_t>(model.zones);
    const std::size_t columns = model.state_size();
    const auto add = [&](const std::string& path, const StateInfo& info, std::size_t first, std::size_t width) {
        file.dataset(path, column(all.values, columns, first, std::max<std::size_t>(width, 1)), width);
        file.attribute(path, "unit", to_string(info.dimension));
    };
    // Zone entries are tables, a column a zone from periportal to pericentral, also when there is one zone only.
    for (std::size_t e = 0; e < model.zone_states.size(); ++e)
        add("/zones/" + model.zone_states[e].name, model.zone_states[e], e * zones, zones);
    for (std::size_t e = 0; e < model.body_states.size(); ++e)
        add("/body/" + model.body_states[e].name, model.body_states[e], model.zone_states.size() * zones + e, 0);
    return file.image();
}

}  // namespace

void Samples::add(double time, std::span<const double> probe_row, std::span<const double> value_row) {
    times.push_back(time);
    probes.insert(probes.end(), probe_row.begin(), probe_row.end());
    values.insert(values.end(), value_row.begin(), value_row.end());
}

void Samples::add(const Samples& more) {
    times.insert(times.end(), more.times.begin(), more.times.end());
    probes.insert(probes.end(), more.probes.begin(), more.probes.end());
    values.insert(values.end(), more.values.begin(), more.values.end());
}

Samples Samples::take(std::size_t rows) {
    Samples taken;
    if (rows == 0) return taken;
    const std::size_t probe_width = probes.size() / size(), value_width = values.size() / size();
    move_rows(probes, taken.probes, rows * probe_width);
    move_rows(values, taken.values, rows * value_width);
    move_rows(times, taken.times, rows);
    return taken;
}

Json Segment::json() const {
    return Json::Object{{"file", file},   {"samples", samples}, {"bytes", bytes},
                        {"first", first}, {"last", last},       {"complete", complete}};
}

Json index_header(const Model& model) {
    Json probes = Json::Array{}, state = Json::Array{};
    for (const ModelProbe& probe : model.run.probes)
        probes.push(Json::Object{{"name", probe.name}, {"unit", probe.unit}});
    for (std::size_t i = 0; i < model.state_size(); ++i) state.push(value_name(model, i));
    return Json::Object{
        {"format", k_index_format}, {"version", k_format_version}, {"time", "h"}, {"probes", probes}, {"state", state}};
}

std::vector<Segment> read_index(const fs::path& folder) {
    const fs::path file = folder / "segments" / "index.jsonl";
    std::vector<std::string> lines = split(read_bytes(file), '\n');
    lines.pop_back();  // what follows the last newline: nothing, or a line that was never finished
    const auto number = [&](std::size_t line) { return fmt::format("{}:{}", file.string(), line + 1); };
    if (lines.empty() || Json::parse(lines[0], number(0))["format"].text() != k_index_format)
        throw SpecError(Where{file.string(), 1, 0, {}}, "is no index of segments: it was cut short or edited");
    std::vector<Segment> out;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const Json json = Json::parse(lines[i], number(i));
        const double none = std::nan("");
        out.push_back({json["file"].text(), json["samples"].whole(0), json["bytes"].whole(0),
                       json["first"].number(none), json["last"].number(none), json["complete"].boolean(false)});
    }
    return out;
}

Segment write_segment(const fs::path& folder, std::size_t number, const Samples& samples, const Model& model,
                      bool complete) {
    h5::Writer file;
    file.attribute("/", "format", "lobule.segment");
    file.attribute("/", "version", k_format_version);
    file.dataset("/time", samples.times);
    file.attribute("/time", "unit", "h");
    file.dataset("/probes", samples.probes, model.run.probes.size());
    file.dataset("/state", samples.values, model.state_size());
    const std::string image = file.image();
    Segment segment{fmt::format("{:06}.h5", number), samples.size(),       image.size(),
                    samples.times.front(),           samples.times.back(), complete};
    write_file(folder / "segments" / segment.file, image);
    return segment;
}

bool is_whole(const fs::path& folder, const Segment& segment) {
    std::error_code error;
    return fs::file_size(folder / "segments" / segment.file, error) == segment.bytes && !error;
}

void assemble(const fs::path& folder, const std::vector<Segment>& segments, const Model& model) {
    Samples all;
    for (const Segment& segment : segments) all.add(read_segment(folder, segment, model));
    write_file(folder / "run.h5", run_image(all, model));
    write_file(folder / "summary.csv", summary(all, model));
}

}  // namespace lobule::io
