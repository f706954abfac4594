// What the verbs fit, sensitivity and grid share: their cases, and the folder that their work is kept in until it is done.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/progress.hpp"
#include "app/verbs.hpp"
#include "io/files.hpp"
#include "io/fit.hpp"
#include "io/grid.hpp"
#include "io/sensitivity.hpp"
#include "signals.hpp"
#include "simulate.hpp"

namespace lobule::app {

/// A case with its rest state and expectations; `kept`, where given, gets what it was compiled from. Throws SpecError with every problem.
io::VariedCase open_case(const io::Project& project, const std::filesystem::path& scenario_file, Case* kept = nullptr);

/// A problem with its cases, cut down to what is fitted. Throw SpecError with every problem.
io::FitProblem open_fit(const io::Project& project, const std::filesystem::path& file,
                        std::vector<io::VariedCase>& cases);
io::SensitivityStudy open_study(const io::Project& project, const std::filesystem::path& file,
                                std::vector<io::VariedCase>& cases);
io::GridStudy open_grid(const io::Project& project, const std::filesystem::path& file,
                        std::vector<io::VariedCase>& cases);

/// The folder of a fit or an analysis. Its file work.jsonl has a head and then one line for each piece of work that is done, each on the
/// disk before the next begins; a line that a kill cut short does not count.
class WorkFolder {
public:
    /// A new one: refused where the folder has work, unless `force`.
    static WorkFolder create(const std::filesystem::path& folder, const io::Json& head, bool force);
    /// One that is there. Throws SpecError when it holds none, or one with another format.
    static WorkFolder resume(const std::filesystem::path& folder, const std::string& format);

    const std::filesystem::path& folder() const { return folder_; }
    const io::Json& head() const { return head_; }
    const std::vector<io::Json>& done() const { return done_; }
    void append(const io::Json& line);
    /// Refuses to go on with another task than the one that was begun.
    void must_be(const std::string& hash) const;

private:
    WorkFolder(std::filesystem::path folder, io::Json head, std::vector<io::Json> done);

    std::filesystem::path folder_;
    io::Json head_;
    std::vector<io::Json> done_;
    std::unique_ptr<io::FolderLock> lock_;
    std::unique_ptr<io::LineFile> lines_;
};

/// What a verb calls its task, and where shipped ones lie.
struct WorkKind {
    const char *verb, *task;   // fit, problem
    const char *shelf, *file;  // fits, problem.toml
    const char* format;        // of work.jsonl
};
struct Work {
    std::optional<WorkFolder> folder;  // of a work to go on with
    std::filesystem::path file;        // of the task
};
/// The folder to `resume`, where one is given, and the file of the task: the one that is named, else that of the folder. Throws
/// SpecError where there is none.
Work find_work(const io::Project& project, const WorkKind& kind, const std::string& name, const std::string& resume);
/// Says how to go on with work that was stopped; the exit code of that.
int say_stopped(const io::Project& project, const WorkKind& kind, const WorkFolder& folder, std::size_t kept,
                std::size_t all, const char* pieces);

/// Progress and the wish to stop, asked from several threads.
class Watch {
public:
    /// `work`: how many units at most.
    Watch(ProgressMode mode, const std::string& what, double work);
    /// One unit of work is done.
    void tick() { ++done_; }
    bool stop();
    void finish();

private:
    StopSignals signals_;
    Progress progress_;
    std::mutex mutex_;
    std::atomic<std::uint64_t> done_{0};
};

int thread_count(int asked);
/// provenance.json: program, command and time. Unlike the other files it differs between sessions.
void write_facts(const WorkFolder& folder, const std::vector<std::string>& command_line, const std::string& started);

}  // namespace lobule::app
