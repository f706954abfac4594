#include "io/run_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/random.hpp"
#include "io/files.hpp"
#include "io/h5.hpp"
#include "io/project.hpp"

namespace lobule::io {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* k_part = R"(
[body]
about = "A tank that leaks and is refilled."
[parameters]
leak = { value = "0.1 1/h", range = ["0.01 1/h", "1 1/h"], source = "assumed", about = "Rate of leaking." }
[variables]
inside = { start = "8 pg", rate = "-leak * inside" }
[probe]
inside = { law = "inside", unit = "pg", about = "In the tank." }
[[event]]
at = "2 h"
every = "7 h"
set = { inside = "inside + 5 * inside" }
)";
constexpr const char* k_scenario =
    "[scenario]\nabout = \"A tank.\"\nparts = [\"tank\"]\nduration = \"60 h\"\nepoch = \"16 h\"\n";

class RunFolderTest : public testing::Test {
protected:
    RunFolderTest() : root(fs::temp_directory_path() / ("lobule-run-folder-" + std::to_string(getpid()))) {
        fs::remove_all(root);
        fs::create_directories(root);
        std::vector<Problem> problems;
        Catalogue catalogue;
        catalogue.add(read_part("tank", parse_toml(k_part, "tank.toml"), problems));
        const Spec spec = read_scenario("tank", parse_toml(k_scenario, "scenario.toml"), problems);
        EXPECT_TRUE(problems.empty());
        model = compile(spec, catalogue);
        rest = solve_rest(*model);
        parameters = rest.parameters;
        request.scenario = "tank";
        request.scenario_text = k_scenario;
        request.until = 60.0;
    }
    ~RunFolderTest() override { fs::remove_all(root); }

    struct FolderSink : Sink {
        RunFolder& folder;
        explicit FolderSink(RunFolder& f) : folder(f) {}
        void sample(double time, std::span<const double> probes, std::span<const double> values) override {
            folder.sample(time, probes, values);
        }
        void restart_point(const State& state) override { folder.restart_point(state); }
    };

    /// Runs to `until`; `abandoned`: as if killed there.
    void run(const fs::path& path, double until, bool resumed, bool abandoned = false) {
        const Inputs inputs = make_inputs(*model, rest, parameters);
        const State start = start_state(*model, rest, parameters);
        const RunSubject subject{*model, parameters, inputs, start};
        RunFolder folder =
            resumed ? RunFolder::resume(path, request, subject) : RunFolder::create(path, false, request, subject);
        folder.seconds_between_segments = 0.0;
        FolderSink sink(folder);
        Simulation simulation(model, inputs, rest.scales, resumed ? folder.resumed_at() : start);
        const Outcome outcome = simulation.run(until, 1.0, sink, resumed);
        if (!abandoned)
            folder.close({RunEnding::Status::finished, 0, {}, outcome.last, outcome.statistics, 0.0},
                         outcome.restart_point());
    }

    static std::vector<fs::path> files(const fs::path& folder) {
        std::vector<fs::path> out;
        for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path());
        std::sort(out.begin(), out.end());
        return out;
    }

    template <class Action>
    static std::string refusal(const Action& action) {
        try {
            action();
        } catch (const SpecError& error) {
            return to_string(error.problems().front());
        }
        return "no refusal";
    }

    fs::path root;
    std::shared_ptr<const Model> model;
    RestState rest;
    Parameters parameters;
    RunRequest request;
};

TEST_F(RunFolderTest, ResumedAnywhereEqualsWhole) {
    run(root / "whole", 60.0, false);
    const std::string summary = read_bytes(root / "whole" / "summary.csv"),
                      data = read_bytes(root / "whole" / "run.h5");
    for (std::uint64_t i = 0; i < 5; ++i) {
        const double stop = 60.0 * random_uniform({.seed = 7, .step = i});
        for (const bool killed : {false, true}) {
            const fs::path part = root / "part";
            fs::remove_all(part);
            run(part, stop, false, killed);
            run(part, 60.0, true);
            EXPECT_EQ(read_bytes(part / "summary.csv"), summary) << "stopped at " << stop;
            EXPECT_EQ(read_bytes(part / "run.h5"), data) << "stopped at " << stop;
        }
    }
}

TEST_F(RunFolderTest, ClosedSegmentsOutliveAKill) {
    run(root / "killed", 40.0, false, true);
    std::ifstream index(root / "killed" / "segments" / "index.jsonl");
    std::size_t lines = 0;
    for (std::string line; std::getline(index, line);) ++lines;
    const auto segments = files(root / "killed" / "segments");
    EXPECT_EQ(lines, segments.size());  // a header line, and index.jsonl itself among the files
    for (const fs::path& segment : segments)
        if (segment.extension() == ".h5") {
            EXPECT_FALSE(h5::Reader(read_bytes(segment), segment).doubles("/time").empty());
        }
    EXPECT_EQ(files(root / "killed" / "checkpoints").size(), 2U);
}

TEST_F(RunFolderTest, ATornIndexLineDoesNotCount) {
    run(root / "whole", 60.0, false);
    run(root / "torn", 40.0, false, true);
    std::ofstream(root / "torn" / "segments" / "index.jsonl", std::ios::app) << R"({"file":"0000)";
    run(root / "torn", 60.0, true);
    EXPECT_EQ(read_bytes(root / "torn" / "summary.csv"), read_bytes(root / "whole" / "summary.csv"));
}

TEST_F(RunFolderTest, ADamagedCheckpointIsNotUsed) {
    run(root / "run", 40.0, false);
    const auto checkpoints = files(root / "run" / "checkpoints");
    for (const fs::path& file : checkpoints) {
        std::string bytes = read_bytes(file);
        // One bit of a value: the file is whole, its numbers are not what they were.
        const double value = h5::Reader(bytes, file).doubles("/values").front();
        const auto at = bytes.find(std::string(reinterpret_cast<const char*>(&value), sizeof value));
        ASSERT_NE(at, std::string::npos);
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        write_file(file, bytes);
    }
    EXPECT_THAT(refusal([&] { run(root / "run", 60.0, true); }), HasSubstr("is damaged"));
    EXPECT_TRUE(fs::exists(root / "run" / "summary.csv"));
}

TEST_F(RunFolderTest, OtherValuesAreAnotherRun) {
    run(root / "run", 40.0, false);
    parameters.ones[0] = 0.3;
    EXPECT_THAT(refusal([&] { run(root / "run", 60.0, true); }),
                HasSubstr(R"("tank.leak" was "0.1 1/h", the files now give "0.3 1/h")"));
}

TEST_F(RunFolderTest, RefusesWhatIsTaken) {
    run(root / "run", 40.0, false);
    EXPECT_THAT(refusal([&] { run(root / "run", 40.0, false); }), HasSubstr("holds a run already"));
    EXPECT_NO_THROW(refuse_taken(root / "run", true));
    EXPECT_NO_THROW(refuse_taken(root / "new", false));
    EXPECT_THAT(refusal([&] { refuse_taken(root, true); }), HasSubstr("holds other files"));
    EXPECT_THAT(refusal([&] { read_request(root); }), HasSubstr("is no run folder"));
}

TEST_F(RunFolderTest, TheRequestComesBack) {
    request.settings = {"tank.leak=0.2 1/h"};
    request.seed = 18446744073709551615ULL;
    request.output = 1.0 / 3.0;
    request.scenario_file = "/some where/scenario.toml";
    run(root / "run", 40.0, false);
    const RunRequest back = read_request(root / "run");
    EXPECT_EQ(back.scenario, request.scenario);
    EXPECT_EQ(back.scenario_text, request.scenario_text);
    EXPECT_EQ(back.scenario_file, request.scenario_file);
    EXPECT_EQ(back.settings, request.settings);
    EXPECT_EQ(back.seed, request.seed);
    EXPECT_EQ(back.output, request.output);
    EXPECT_EQ(back.until, request.until);
}

TEST_F(RunFolderTest, TheResolvedScenarioIsReadBack) {
    request.settings = {"tank.leak=0.123456789012345678 1/h"};
    parameters = set_parameters(*model, parameters, {read_setting(request.settings[0])});
    run(root / "run", 40.0, false);
    const Node toml = read_toml(root / "run" / "scenario.resolved.toml");
    const Node* leak = toml.find("resolved")->find("parameters")->find("tank.leak");
    ASSERT_NE(leak, nullptr);
    EXPECT_EQ(parse_quantity(leak->find("value")->text).value, parameters.ones[0]);
    EXPECT_EQ(leak->find("origin")->text, "command line");
    EXPECT_EQ(parse_quantity(toml.find("scenario")->find("epoch")->text).value, 16.0);
    EXPECT_EQ(parse_quantity(toml.find("set")->find("tank.leak")->text).value, parameters.ones[0]);
}

TEST(ShellWord, QuotesWhatAShellWouldSplit) {
    EXPECT_EQ(shell_word("runs/case-2"), "runs/case-2");
    EXPECT_EQ(shell_word("a b"), "'a b'");
    EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace lobule::io
