#include "io/run_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "checkpoint.hpp"
#include "io/files.hpp"
#include "provenance.hpp"
#include "series.hpp"

namespace lobule::io {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

/// All that a run and its report leave in a folder: what --force may remove.
constexpr std::array<std::string_view, 12> k_contents = {"provenance.json", "scenario.toml", "scenario.resolved.toml",
                                                         "segments",        "checkpoints",   "run.h5",
                                                         "summary.csv",     "report.html",   "comparison",
                                                         "variants",        "structure.csv", "tissue"};

bool holds_run(const fs::path& folder) {
    std::error_code ignored;  // what may not be looked at is no run of ours
    return fs::exists(folder / "provenance.json", ignored) || fs::exists(folder / "segments" / "index.jsonl", ignored);
}

[[noreturn]] void refuse(const fs::path& folder, const std::string& what) {
    throw SpecError(Where{folder.string(), 0, 0, {}}, what);
}

void remove_run(const fs::path& folder) {
    for (const std::string_view name : k_contents) {
        remove_tree(folder / name);
        remove_tree(folder / (std::string(name) + std::string(k_unfinished)));
    }
}

/// A line of [resolved.parameters]: `"name" = { value = VALUE, source = "...", origin = "..." }`.
struct ParameterLine {
    std::string_view name, value;
    bool balanced = false;

    static std::optional<ParameterLine> read(std::string_view line) {
        constexpr std::string_view k_before = " = { value = ", k_after = ", source = ";
        const auto value = line.find(k_before), end = line.rfind(k_after);
        if (!line.starts_with('"') || value == std::string_view::npos || end == std::string_view::npos)
            return std::nullopt;
        const auto start = value + k_before.size();
        return ParameterLine{line.substr(0, value), line.substr(start, end - start),
                             line.find("source = \"balance\"") != std::string_view::npos};
    }
};

/// What is not the same in two resolved scenarios, the cause before its consequences: a declared value, a balanced one, anything.
std::string first_difference(const std::string& before, const std::string& now) {
    const auto old_lines = split(before, '\n'), new_lines = split(now, '\n');
    const std::size_t lines = std::min(old_lines.size(), new_lines.size());
    for (const bool balanced : {false, true})
        for (std::size_t i = 0; i < lines; ++i) {
            const auto was = ParameterLine::read(old_lines[i]), is = ParameterLine::read(new_lines[i]);
            if (was && is && was->name == is->name && was->balanced == balanced && was->value != is->value)
                return fmt::format("{} was {}, the files now give {}", was->name, was->value, is->value);
        }
    for (std::size_t i = 0; i < lines; ++i)
        if (old_lines[i] != new_lines[i])
            return fmt::format("it was run with `{}`, the files now give `{}`", old_lines[i], new_lines[i]);
    return "all values are the same, but a law, a start number or the program itself has changed since";
}

}  // namespace

void refuse_taken(const fs::path& folder, bool force) {
    std::error_code error;
    if (!fs::exists(fs::symlink_status(folder, error))) return;
    if (!fs::is_directory(folder)) refuse(folder, "is a file, not a folder for a run");
    if (fs::is_empty(folder, error) && !error) return;
    if (error) throw RunError(fmt::format("cannot read {}: {}", folder.string(), error.message()));
    if (!holds_run(folder)) refuse(folder, "holds other files than a run's; name a new or empty folder");
    if (!force) refuse(folder, "holds a run already; --force overwrites it, --resume goes on with it");
}

RunRequest read_request(const fs::path& folder) {
    if (!holds_run(folder)) refuse(folder, "is no run folder");
    const fs::path file = folder / "provenance.json";
    if (!fs::exists(file)) refuse(folder, "cannot be resumed: provenance.json is missing");
    const Json json = Json::parse(read_bytes(file), file.string());
    RunRequest request = request_from(json);
    if (json["format"].text() != "lobule.run" || request.scenario.empty() || !(request.until > 0.0) ||
        !(request.output > 0.0))
        refuse(file, "says too little to go on: it was cut short or edited");
    if (!fs::exists(folder / "scenario.toml")) refuse(folder, "cannot be resumed: scenario.toml is missing");
    request.scenario_text = read_bytes(folder / "scenario.toml");
    return request;
}

struct RunFolder::Impl {
    fs::path folder;
    RunRequest request;
    RunSubject subject;
    std::string hash;
    FolderLock lock;
    std::optional<LineFile> index;
    std::vector<Segment> segments;
    Json past_sessions = Json::Array{};
    std::string started = time_stamp();
    double started_at = 0.0;  // [h] where this process took up the run

    Samples samples;        // not on the disk yet
    std::size_t whole = 0;  // how many of them were taken up to the last restart point
    State resumed_at;
    bool restart_saved = true;
    Clock::time_point last_save{};  // the first restart point is saved at once

    Impl(const fs::path& f, const RunRequest& r, const RunSubject& s)
        : folder(f), request(r), subject(s), hash(run_hash(s)), lock(f) {}

    void create(bool force) {
        refuse_taken(folder, force);  // again, now that nobody else can write here
        remove_run(folder);
        try {
            write_provenance(nullptr);
            write_file(folder / "scenario.toml", request.scenario_text);
            write_file(folder / "scenario.resolved.toml", resolved_scenario(request, subject));
            create_folder(folder / "checkpoints");
            create_folder(folder / "segments");
            write_index();
        } catch (const RunError&) {
            remove_run(folder);  // half a beginning is of no use, and would be in the way of the next try
            throw;
        }
    }

    void reopen() {
        segments = read_index(folder);
        Checkpoint checkpoint = newest_checkpoint();
        const Json before = Json::parse(read_bytes(folder / "provenance.json"), "provenance.json");
        for (const Json& session : before["sessions"].items()) past_sessions.push(session);
        resumed_at = std::move(checkpoint.state);
        started_at = resumed_at.time;
        segments.resize(checkpoint.segments);
        write_index();
        remove_unlisted_segments();
        write_provenance(nullptr);
    }

    /// The newest checkpoint that is whole and whose segments are; those after it are removed.
    Checkpoint newest_checkpoint() {
        std::string reason = "it holds no checkpoint";
        std::vector<fs::path> broken;
        for (const fs::path& file : checkpoint_files(folder)) {
            std::optional<Checkpoint> checkpoint;
            try {
                checkpoint = read_checkpoint(file);
            } catch (const RunError& error) {
                if (broken.empty()) reason = error.what();
                broken.push_back(file);
                continue;
            }
            if (checkpoint->run_hash != hash)
                refuse(folder, "cannot be resumed: " + first_difference(read_bytes(folder / "scenario.resolved.toml"),
                                                                        resolved_scenario(request, subject)));
            if (const std::string missing = missing_segment(checkpoint->segments); !missing.empty()) {
                if (broken.empty()) reason = missing;
                broken.push_back(file);
                continue;
            }
            if (request.until < checkpoint->state.time)
                refuse(folder, fmt::format("has a checkpoint at {:.6g} h already; name a later time with --until",
                                           checkpoint->state.time));
            for (const fs::path& bad : broken) remove_tree(bad);
            return *checkpoint;
        }
        refuse(folder, "cannot be resumed: " + reason);
    }

    std::string missing_segment(std::uint64_t needed) const {
        if (needed > segments.size())
            return fmt::format("segments/index.jsonl lists {} segments where the checkpoint needs {}: it was cut short",
                               segments.size(), needed);
        for (std::size_t i = 0; i < needed; ++i)
            if (!segments[i].complete || !is_whole(folder, segments[i]))
                return fmt::format("segments/{} is missing or was cut short", segments[i].file);
        return {};
    }

    void remove_unlisted_segments() const {
        std::vector<fs::path> unlisted;
        for (const fs::directory_entry& entry : fs::directory_iterator(folder / "segments")) {
            const std::string name = entry.path().filename().string();
            const bool listed =
                std::any_of(segments.begin(), segments.end(), [&](const Segment& s) { return s.file == name; });
            if (!listed && (entry.path().extension() == ".h5" || name.ends_with(k_unfinished)))
                unlisted.push_back(entry.path());
        }
        for (const fs::path& file : unlisted) remove_tree(file);
    }

    void write_index() {
        std::string text = index_header(subject.model).dump() + '\n';
        for (const Segment& segment : segments) text += segment.json().dump() + '\n';
        const fs::path file = folder / "segments" / "index.jsonl";
        write_file(file, text);
        index.emplace(file);
    }

    void write_provenance(const RunEnding* ending) const {
        Json sessions = past_sessions;
        sessions.push(session(request, started, started_at, ending));
        write_file(folder / "provenance.json", provenance(request, subject, sessions).dump(true) + '\n');
    }

    void write_segment_of(std::size_t rows, bool complete) {
        if (rows == 0) return;
        // Samples leave memory only when they are on the disk, so that a failed write can be tried again.
        Samples rest = samples;
        const Samples first = rest.take(rows);
        const Segment segment = write_segment(folder, segments.size() + 1, first, subject.model, complete);
        index->append(segment.json().dump());
        segments.push_back(segment);
        samples = std::move(rest);
        whole -= std::min(whole, rows);
    }

    /// Segment first: a checkpoint only ever counts segments that are there.
    void save(const State& restart) {
        write_segment_of(whole, true);
        if (restart_saved) return;
        State kept{restart.time, {}, restart.fired, restart.agents, restart.steps, restart.tissue};
        kept.values = restart.tissue ? without_counts(*subject.along, restart.values) : restart.values;
        write_checkpoint(folder, {std::move(kept), request.until, segments.size(), hash});
        restart_saved = true;
        last_save = Clock::now();
    }
};

RunFolder::RunFolder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunFolder::~RunFolder() = default;

RunFolder RunFolder::create(const fs::path& folder, bool force, const RunRequest& request, const RunSubject& subject) {
    refuse_taken(folder, force);
    create_folder(folder);
    auto impl = std::make_unique<Impl>(folder, request, subject);
    impl->create(force);
    return RunFolder(std::move(impl));
}

RunFolder RunFolder::resume(const fs::path& folder, const RunRequest& request, const RunSubject& subject) {
    auto impl = std::make_unique<Impl>(folder, request, subject);
    impl->reopen();
    return RunFolder(std::move(impl));
}

State& RunFolder::resumed_at() { return impl_->resumed_at; }

void RunFolder::sample(double time, std::span<const double> probes, std::span<const double> values) {
    impl_->samples.add(time, probes, values);
}

void RunFolder::restart_point(const State& state) {
    Impl& run = *impl_;
    run.whole = run.samples.size();
    run.restart_saved = false;
    if (Clock::now() - run.last_save >= std::chrono::duration<double>(seconds_between_segments)) run.save(state);
}

void RunFolder::close(const RunEnding& ending, const State& restart_point) {
    Impl& run = *impl_;
    try {
        run.save(restart_point);
        run.write_segment_of(run.samples.size(), false);
        assemble(run.folder, run.segments, run.subject.model);
    } catch (const RunError& error) {
        RunEnding failed = ending;
        failed.status = RunEnding::Status::failed;
        failed.exit_status = 1;
        if (failed.message.empty()) failed.message = error.what();
        run.write_provenance(&failed);
        throw;
    }
    run.write_provenance(&ending);
}

}  // namespace lobule::io
