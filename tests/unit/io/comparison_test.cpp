#include "io/comparison.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "../../support/page_text.hpp"
#include "io/files.hpp"

namespace lobule::io {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

/// Run folders as `lobule run` leaves them, as far as a comparison reads them.
class Comparisons : public testing::Test {
protected:
    struct Run {
        std::string scenario = "toy", rate = "0.1 1/h", hash = "aa", unit = "pg", status = "finished";
        std::string more = "";  // of the resolved scenario, at its end
        std::string rows = "0,1,5\n1,2,5\n2,4,5\n";
        int seed = 1;
    };

    void SetUp() override {
        home = fs::temp_directory_path() /
               ("lobule_comparison_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        remove_tree(home);
    }
    void TearDown() override { remove_tree(home); }

    /// Without the flush of write_file, which takes longer than the tests.
    static void put(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

    fs::path write(const std::string& name, const Run& run) const {
        const fs::path folder = home / name;
        create_folder(folder);
        put(folder / "provenance.json",
            fmt::format(R"({{"format": "lobule.run", "version": 1, "status": "{}", "scenario": "{}", "seed": {},
"resolution": "zones", "model_hash": "m", "time_h": 2.0, "state_hash": "{}", "wall_seconds": 0.5,
"command_line": ["lobule", "run", "a b"], "program": {{"name": "lobule", "version": "1"}},
"request": {{"until_h": 2.0, "output_h": 1.0}}}})",
                        run.status, run.scenario, run.seed, run.hash));
        put(folder / "scenario.resolved.toml",
            fmt::format("[scenario]\nabout = \"x\"\nparts = [\"tank\"]\nzones = 3\n[resolved]\nseed = \"{}\"\n"
                        "[resolved.parameters]\n"
                        "\"tank.rate\" = {{ value = \"{}\", source = \"assumed\", origin = \"part\" }}\n{}",
                        run.seed, run.rate, run.more));
        put(folder / "summary.csv", fmt::format("time [h],mass [1],level [{}]\n{}", run.unit, run.rows));
        return folder;
    }

    static ReportData evidence(double predicted) {
        ReportData r;
        r.title = "Toy & evidence";
        r.scenario = "toy";
        r.probes = {{"mass", "1", "Mass <against> rest."}, {"level", "pg", "Level of it."}};
        r.figures = {{"Second first", "course", "", {"level"}, {""}, 0.0}};
        VariantResult itself;
        itself.spec.label = "this case";
        itself.curves = {{0, 2}, {{1, 4}, {5, 5}}};
        r.results.variants = {itself};
        SeriesResult s;
        s.name = "Group";
        s.role = "check";
        s.probe = "mass";
        s.unit = "1";
        s.points = {{"AAA001", {1, 2.5, 0.5, study::SpreadKind::sd, 7}, 0.5, predicted, {}}};
        s.misfit = {1, predicted - 2.5, 4.0, predicted - 2.5};
        r.results.series = {s};
        FeatureResult f;
        f.name = "Peak";
        f.role = "check";
        f.probe = "level";
        f.unit = "pg";
        f.low = 4;
        f.high = 8;
        f.predicted = predicted;
        f.verdict = "inside";
        r.results.features = {f};
        return r;
    }

    /// The problems in one text, without the folder that all of them begin with.
    std::string refusal(const std::vector<fs::path>& folders, const std::vector<std::string>& labels = {}) const {
        try {
            compare_runs(folders, labels);
        } catch (const SpecError& error) {
            std::string text = error.what();
            for (auto at = text.find(home.string() + '/'); at != std::string::npos; at = text.find(home.string() + '/'))
                text.erase(at, home.string().size() + 1);
            return text;
        }
        return "nothing";
    }

    fs::path home;
};

TEST_F(Comparisons, SayWhatDiffersAndByHowMuch) {
    const Comparison c = compare_runs(
        {write("a", {}), write("b", {.rate = "0.2 1/h", .hash = "bb", .rows = "0,1,5\n1,1.5,5\n2,5,5\n"})});
    ASSERT_EQ(c.groups.size(), 2U);
    ASSERT_EQ(c.differing.size(), 1U);
    EXPECT_EQ(c.differing[0].name, "tank.rate");
    EXPECT_EQ(c.differing[0].values, (std::vector<std::string>{"0.1 1/h", "0.2 1/h"}));
    EXPECT_EQ(c.equal_parameters, 0U);
    ASSERT_EQ(c.probes.size(), 2U);
    const study::Difference& d = *c.probes[0].differences[1];
    EXPECT_EQ(d.largest, 1.0);
    EXPECT_EQ(d.largest_at, 2.0);
    EXPECT_EQ(*d.relative, 0.25);
    EXPECT_EQ(c.probes[1].differences[1]->largest, 0.0);
    EXPECT_EQ(ranked_differences(c)[0].probe->probe.name, "mass");
    EXPECT_FALSE(c.groups[1].identical);
}

TEST_F(Comparisons, LabelsComeFromSettings) {
    const auto set = [](const std::string& value) {
        return "\"tank.size\" = { value = \"" + value + "\", source = \"assumed\", origin = \"command line\" }\n";
    };
    const fs::path a = write("a", {.more = set("0.30000000000000004 pg")}), b = write("b", {.more = set("0.5 pg")});
    const Comparison c = compare_runs({a, b});
    EXPECT_EQ(c.groups[0].label, "tank.size 0.3 pg");
    EXPECT_EQ(c.groups[1].label, "tank.size 0.5 pg");
    EXPECT_EQ(c.groups[1].tag, "B");
    EXPECT_EQ(compare_runs({a, b}, {"small", "large"}).groups[1].tag, "large");
    EXPECT_THAT(refusal({a, b}, {"small"}), HasSubstr("--label: is given 1 times for 2 runs"));
    EXPECT_THAT(refusal({a, b}, {"x", "x"}), HasSubstr("--label x: is given twice"));
    // Nothing that labels are made of differs: the folders do.
    EXPECT_THAT(compare_runs({write("c", {}), write("d", {.rate = "3 1/h", .hash = "b"})}).groups[0].label,
                testing::EndsWith("/c"));
}

TEST_F(Comparisons, IdenticalRunsSaySo) {
    const Comparison c = compare_runs({write("a", {}), write("b", {})});
    EXPECT_TRUE(c.groups[1].identical);
    EXPECT_TRUE(c.differing.empty());
    for (const RankedDifference& r : ranked_differences(c)) {
        EXPECT_EQ(r.difference->largest, 0.0);
        EXPECT_EQ(r.difference->rms, 0.0);
    }
    const std::string html = comparison_html(c);
    EXPECT_THAT(html, HasSubstr("identical to"));
    EXPECT_THAT(html, HasSubstr("state_hash equal"));
    EXPECT_THAT(html, HasSubstr("Nothing that was asked differs."));
}

TEST_F(Comparisons, SeedsAloneMakeReplicates) {
    const Comparison c =
        compare_runs({write("a", {}), write("b", {.hash = "bb", .rows = "0,1,5\n1,4,5\n2,8,5\n", .seed = 2}),
                      write("c", {.hash = "cc", .rows = "0,1,5\n1,6,5\n2,12,5\n", .seed = 3}),
                      write("d", {.rate = "1 1/h", .hash = "dd"})});
    ASSERT_EQ(c.groups.size(), 2U);
    EXPECT_EQ(c.groups[0].runs, (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_THAT(c.groups[0].label, testing::EndsWith("(n = 3)"));
    EXPECT_EQ(c.probes[0].curves[0]->mean.values, (std::vector<double>{1, 4, 8}));
    EXPECT_EQ(c.probes[0].curves[0]->sd, (std::vector<double>{0, 2, 4}));
    EXPECT_EQ(c.probes[0].differences[1]->largest, -4.0);
    const std::string html = comparison_html(c);
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_THAT(html, HasSubstr("class=\"ribbon c0\""));
    EXPECT_THAT(html, HasSubstr("seeds 1, 2, 3"));
    EXPECT_THAT(comparison_csv(c), HasSubstr(",at_end_sd,4,1\n"));
    // Replicates alone: nothing to compare them with, and still a page.
    const Comparison alone = compare_runs({home / "a", home / "b"});
    EXPECT_EQ(alone.groups.size(), 1U);
    EXPECT_TRUE(ranked_differences(alone).empty());
    EXPECT_EQ(ill_formed(comparison_html(alone)), "");
    EXPECT_THAT(comparison_html(alone), HasSubstr("replicates of one"));
}

TEST_F(Comparisons, PutEvidenceSideBySide) {
    const fs::path a = write("a", {}), b = write("b", {.rate = "1 1/h", .hash = "bb"});
    write_report_tables(a, evidence(3.0));
    write_report_tables(b, evidence(4.0));
    const Comparison c = compare_runs({a, b, write("c", {.rate = "2 1/h", .hash = "cc"})});
    EXPECT_EQ(c.title, "Toy & evidence");
    EXPECT_EQ(c.probes[0].probe.name, "level") << "the case's figures come first";
    EXPECT_EQ(c.probes[1].probe.about, "Mass <against> rest.");
    ASSERT_EQ(c.series.size(), 1U);
    EXPECT_EQ(*c.series[0].rmse[1].value, 1.5);
    EXPECT_FALSE(c.series[0].rmse[2].value);
    ASSERT_EQ(c.series[0].rows.size(), 1U);
    EXPECT_EQ(*c.series[0].rows[0].predicted[1].value, 4.0);
    EXPECT_EQ(*z_score(4.0, 2.5, 0.5), 3.0);
    ASSERT_EQ(c.features.size(), 1U);
    EXPECT_EQ(*z_score(c.features[0], c.features[0].predicted[0].value), -1.5);
    EXPECT_EQ(c.features[0].verdicts, (std::vector<std::string>{"inside", "inside", ""}));

    const std::string html = comparison_html(c);
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_FALSE(asks_for_something(html));
    EXPECT_THAT(html, HasSubstr("z +3.00"));
    EXPECT_THAT(html, HasSubstr("class=\"observed\""));
    EXPECT_THAT(html, HasSubstr("Without a comparison with evidence in their folders"));
    const std::string csv = comparison_csv(c);
    EXPECT_THAT(csv, HasSubstr(",,rmse,1.5,1\n"));
    EXPECT_THAT(csv, HasSubstr(",,z,3,1\n"));
}

TEST_F(Comparisons, SeveralScenarios) {
    const fs::path a = write("a", {}), b = write("b", {.scenario = "other_toy", .hash = "bb"});
    const Comparison c = compare_runs({a, b});
    EXPECT_TRUE(c.several_scenarios());
    EXPECT_EQ(c.groups[1].label, "other toy");
    EXPECT_EQ(c.title, "toy, other toy");
    EXPECT_EQ(c.differing[0].name, "scenario");
}

TEST_F(Comparisons, AnEarlyEndIsTold) {
    const Comparison c =
        compare_runs({write("a", {}), write("b", {.rate = "1 1/h", .hash = "b", .rows = "0,1,5\n1,3,5\n"}),
                      write("c", {.rate = "2 1/h", .hash = "c", .rows = "0,1,5\n2,9,5\n"})});
    EXPECT_EQ(c.probes[0].differences[1]->to, 1.0);
    EXPECT_EQ(c.probes[0].differences[2]->to, 2.0);
    const std::string html = comparison_html(c);
    EXPECT_THAT(html, HasSubstr("+1<span class=\"sub\">at 1 h</span>"));
    EXPECT_THAT(html, Not(HasSubstr("at 2 h</span>")));
    EXPECT_THAT(html, HasSubstr("probes in common, over 1 h to 2 h"));
}

TEST_F(Comparisons, ManyRunsKeepApart) {
    std::vector<fs::path> folders;
    for (int i = 0; i < 30; ++i)
        folders.push_back(
            write(fmt::format("run{}", i), {.rate = fmt::format("{} 1/h", i), .hash = std::to_string(i)}));
    const Comparison c = compare_runs(folders);
    EXPECT_EQ(c.groups[27].tag, "B2");
    const std::string html = comparison_html(c);
    EXPECT_EQ(ill_formed(html), "");
    EXPECT_THAT(html, HasSubstr("class=\"curve c1 dashed\""));
}

TEST_F(Comparisons, WrongFolders) {
    const fs::path good = write("good", {});
    EXPECT_EQ(refusal({good}), "lobule compare: needs at least two run folders");
    EXPECT_EQ(refusal({good, good}), "good: is named twice");
    EXPECT_EQ(refusal({good, home / "." / "good"}), "./good: is the same folder as good");
    EXPECT_EQ(refusal({good, home / "goods"}), "goods: does not exist (nearest: good)");
    create_folder(home / "empty");
    EXPECT_EQ(refusal({good, home / "empty"}), "empty: is no run folder: it holds no provenance.json");
    // All of them at once.
    EXPECT_EQ(refusal({home / "empty", home / "goods"}),
              "empty: is no run folder: it holds no provenance.json\ngoods: does not exist (nearest: good)");
    EXPECT_EQ(refusal({good, write("ng", {.unit = "ng"})}), "ng: the probe level is in ng, in good it is in pg");
}

TEST_F(Comparisons, BrokenFiles) {
    const fs::path good = write("good", {}), bad = write("bad", {.status = "running"});
    const auto with = [&](const char* file, const std::string& content) {
        const std::string before = read_bytes(bad / file);
        put(bad / file, content);
        const std::string answer = refusal({good, bad});
        put(bad / file, before);
        return answer;
    };
    EXPECT_EQ(with("summary.csv", "time [h],mass [1]\n"), "bad: holds no samples: summary.csv has no row");
    EXPECT_EQ(with("summary.csv", "time [h],mass [1]\n0,1\n1,x\n"), "bad/summary.csv:3: mass [1]: `x` is not a number");
    EXPECT_EQ(with("summary.csv", "time [h],mass [1]\n1,1\n0,1\n"),
              "bad/summary.csv:3: time [h]: is before the time of the row above");
    EXPECT_EQ(with("summary.csv", "time [h],mass\n0,1\n"),
              "bad/summary.csv:1: the column `mass` is no name with a unit in brackets");
    EXPECT_EQ(with("summary.csv", "mass [1]\n0\n"), "bad/summary.csv:1: does not begin with `time [h]`");
    EXPECT_EQ(with("summary.csv", "time [h],mass [1]\n0\n"), "bad/summary.csv:2: has 1 fields, the header has 2");
    EXPECT_EQ(with("summary.csv", "time [h],weight [1]\n0,1\n"), "bad: has no probe in common with good");
    EXPECT_EQ(with("provenance.json", "{\"format\": "), "bad/provenance.json: is no JSON: it was cut short or edited");
    EXPECT_EQ(with("provenance.json", "{}"), "bad/provenance.json: is not the provenance of a run");
    EXPECT_EQ(with("scenario.resolved.toml", "[scenario]\n"),
              "bad/scenario.resolved.toml: has no [resolved.parameters]: it was cut short or edited");
    EXPECT_THAT(with("scenario.resolved.toml", "[scenario\n"), HasSubstr("bad/scenario.resolved.toml:1"));
    fs::remove(bad / "summary.csv");
    EXPECT_THAT(refusal({good, bad}), HasSubstr("bad: holds no samples yet (no summary.csv; the run is running)"));
}

}  // namespace
}  // namespace lobule::io
