#include "io/reproduction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace lobule::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Model toy_model() {
    Model model;
    model.spec.name = "toy";
    model.spec.about = "A toy.";
    model.spec.duration = 10.0;
    model.spec.output = 0.5;
    model.run.probes = {{"left", "1", 1.0, -1, "Share left."}, {"hump", "cell", 1.0, -1, "Rises and falls."}};
    ParameterInfo parameter;
    parameter.name = "tank.decay";
    parameter.unit = "1/h";
    parameter.dimension = parse_unit("1/h").dimension;
    parameter.value = 1.0;
    model.parameters.push_back(parameter);
    return model;
}

PublishedRow row(std::string id, std::string observable, std::string time, std::string value, std::string unit) {
    PublishedRow r;
    r.id = std::move(id);
    r.model = "Toy1999";
    r.inputs = "as printed";
    r.observable = std::move(observable);
    r.time = std::move(time);
    r.value = std::move(value);
    r.unit = std::move(unit);
    r.basis = "published";
    r.source = "someone1999";
    r.place = Where{"reproduction.csv", 2, 0, {}};
    return r;
}

std::vector<PublishedRow> toy_rows() {
    return {row("REP0001", "N", "1 h", "0.3679", "fraction"), row("REP0002", "N", "20 min", "0.7165", "fraction"),
            row("REP0003", "peak", "2 h", "7.358", "cells"), row("REP0004", "fate", "final", "0 (<0.01)", "-")};
}

struct Read {
    Reproduction spec;
    std::vector<Problem> problems;
    std::string all() const {
        std::string out;
        for (const Problem& p : problems) out += to_string(p) + "\n";
        return out;
    }
};
Read read(const std::string& text) {
    Read out;
    out.spec = read_reproduction(parse_toml(text, "reproduce.toml"), toy_rows(), toy_model(), out.problems);
    return out;
}

const std::string k_head =
    "[reproduce]\nabout=\"x\"\nmodels=[\"Toy1999\"]\nunits={ \"fraction\"=\"1\", \"cells\"=\"cell\" }\n"
    "tolerance=\"0.1 %\"\nreason=\"four figures\"\n";
const std::string k_course = "[[rows]]\nmatch={ observable=\"N\" }\nprobe=\"left\"\n";
const std::string k_peak = "[[rows]]\nrows=[\"REP0003\"]\nprobe=\"hump\"\nkind=\"maximum\"\ntime_tolerance=\"0.1 h\"\n";
const std::string k_fate =
    "[[rows]]\nrows=[\"REP0004\"]\nprobe=\"left\"\nkind=\"final\"\nbetween=[\"0\",\"0.01\"]\nreason=\"as printed\"\n";

/// exp(-kt) and 10 t/2 exp(1 - t/2) ... sampled like a run; fails at `failing` [h].
RunCurves toy_run(const std::vector<SettingSpec>& settings, double until, double output, double failing = 1e9) {
    double rate = 1.0;
    for (const SettingSpec& s : settings) rate = s.value.value;
    RunCurves out;
    out.curves.values.resize(2);
    for (int i = 0; i * output <= until + 1e-9; ++i) {
        const double t = i * output;
        if (t > failing) {
            out.failure = "gave up";
            out.failed_at = failing;
            break;
        }
        out.curves.times.push_back(t);
        out.curves.values[0].push_back(std::exp(-rate * t));
        out.curves.values[1].push_back(10.0 * t * std::exp(-0.5 * t));
    }
    return out;
}

TEST(Reproduction, EveryRowIsReadAndCompared) {
    const Read r = read(k_head + k_course + k_peak + k_fate);
    ASSERT_EQ(r.all(), "");
    std::vector<double> outputs;
    const ValidationModel m =
        run_reproduction(r.spec, toy_model(), [&](const auto& settings, double until, double output) {
            outputs.push_back(output);
            return toy_run(settings, until, output);
        });
    ASSERT_EQ(m.comparisons.size(), 5U);  // the peak has a value and a time
    for (const ValidationRow& c : m.comparisons) EXPECT_TRUE(c.inside()) << c.row << " " << c.reading;
    EXPECT_THAT(outputs, ElementsAre(0.5, testing::DoubleNear(1.0 / 3.0, 1e-12)));  // 20 min is no sample of the run
    EXPECT_EQ(m.comparisons[3].observable, "peak, when");
    const ValidationCount all = count(m);
    EXPECT_EQ(all.rows, 4U);
    EXPECT_EQ(all.rows_inside, 4U);
    EXPECT_EQ(all.published, 4U);
    EXPECT_LT(all.largest, 1e-3);
}

TEST(Reproduction, ARowOutsideIsSeen) {
    const Read r =
        read(k_head + k_course + k_peak + k_fate + "[run.fast]\nabout=\"x\"\nset={ \"tank.decay\"=\"2 1/h\" }\n");
    ASSERT_EQ(r.all(), "");
    const ValidationModel m = run_reproduction(r.spec, toy_model(), [](const auto&, double until, double output) {
        return toy_run({{"", {1.01, {}}, {}}}, until, output);
    });
    EXPECT_EQ(count(m, "N").rows_inside, 0U);
    EXPECT_NEAR(*m.comparisons[0].deviation(), -0.01, 1e-3);
}

TEST(Reproduction, OnlyChosenRowsAreRun) {
    const Read r = read(k_head + k_course + k_peak + k_fate);
    const ValidationModel m = run_reproduction(
        r.spec, toy_model(), [](const auto& s, double until, double output) { return toy_run(s, until, output); },
        [](const std::string& id) { return id == "REP0001"; });
    ASSERT_EQ(m.comparisons.size(), 1U);
}

TEST(Reproduction, AnUnmappedRowIsAnError) {
    EXPECT_THAT(read(k_head + k_course + k_peak).all(),
                HasSubstr("row REP0004 (fate; final; as printed) is neither in a [[rows]] nor in a [[left_out]]"));
    EXPECT_EQ(read(k_head + k_course + k_peak + "[[left_out]]\nrows=[\"REP0004\"]\nreason=\"x\"\n").all(), "");
    EXPECT_THAT(read(k_head + k_course + k_peak + k_fate + "[[left_out]]\nrows=[\"REP0003\"]\nreason=\"x\"\n").all(),
                HasSubstr("row REP0003 is mapped: it cannot be left out"));
}

TEST(Reproduction, MistakesSayWhatIsRight) {
    EXPECT_THAT(read(k_head + k_course + k_peak + k_fate + "[[rows]]\nrows=[\"REP004\"]\nprobe=\"left\"\n").all(),
                HasSubstr("unknown row of these models: `REP004` (nearest: REP0004)"));
    EXPECT_THAT(read(k_head + "[[rows]]\nmatch={ observable=\"M\" }\nprobe=\"left\"\n").all(),
                HasSubstr("no row of these models has this"));
    EXPECT_THAT(read(k_head + "[[rows]]\nmatch={ observabel=\"N\" }\nprobe=\"left\"\n").all(),
                HasSubstr("rows cannot be chosen by `observabel` (nearest: observable)"));
    EXPECT_THAT(read(k_head + "[[rows]]\nrows=[\"REP0004\"]\nprobe=\"left\"\nkind=\"final\"\n").all(),
                HasSubstr("row REP0004 prints `0 (<0.01)`: give `expected` or `between`"));
    EXPECT_THAT(read(k_head + "[[rows]]\nrows=[\"REP0004\"]\nprobe=\"left\"\n").all(),
                HasSubstr("row REP0004 has the time `final`: give `at`"));
    EXPECT_THAT(read(k_head + "[[rows]]\nrows=[\"REP0003\"]\nprobe=\"left\"\n").all(),
                HasSubstr("row REP0003 has the dimension cell, the reading 1"));
    EXPECT_THAT(read(k_head + "[[rows]]\nrows=[\"REP0001\"]\nprobe=\"left\"\ntolerance=\"5 %\"\n").all(),
                HasSubstr("a tolerance or band of its own needs a `reason`"));
    EXPECT_THAT(
        read(k_head + "[[rows]]\nrows=[\"REP0001\"]\nrun=\"fats\"\nprobe=\"left\"\n[run.fast]\nabout=\"x\"\n").all(),
        HasSubstr("unknown run `fats` (nearest: fast)"));
    EXPECT_THAT(read(k_course).all(), HasSubstr("lacks `[reproduce]`"));
}

TEST(Reproduction, AThresholdIsFoundByHalving) {
    std::string text = k_head + k_course + k_peak +
                       "[bisection.half]\nabout=\"x\"\nvary=\"tank.decay\"\nbetween=[\"0.1 1/h\",\"1 1/h\"]\n"
                       "precision=\"1e-6 1/h\"\nprobe=\"left\"\nkind=\"value_at\"\nat=\"1 h\"\nabove=\"0.5\"\n"
                       "[[rows]]\nrows=[\"REP0004\"]\nbisection=\"half\"\nexpected=\"0.6931 1/h\"\nabsolute=\"1e-4 "
                       "1/h\"\nreason=\"ln 2\"\n";
    const Read r = read(text);
    ASSERT_EQ(r.all(), "");
    const auto runner = [](const auto& s, double until, double output) { return toy_run(s, until, output); };
    const ValidationModel m = run_reproduction(r.spec, toy_model(), runner);
    EXPECT_NEAR(*m.comparisons.back().computed, std::log(2.0), 1e-6);
    EXPECT_TRUE(m.comparisons.back().inside());

    text.replace(text.find("\"1 1/h\""), 7, "\"0.2 1/h\"");
    const ValidationModel none = run_reproduction(read(text).spec, toy_model(), runner);
    EXPECT_FALSE(none.comparisons.back().computed.has_value());
    EXPECT_THAT(none.failures, ElementsAre("bisection half: both ends lie on one side"));
}

TEST(Reproduction, ANegativeControlMustFail) {
    const Read r = read(k_head + k_peak + k_fate + "[run.broken]\nabout=\"x\"\nfails=[\"2 h\",\"4 h\"]\n" + k_course +
                        "run=\"broken\"\n");
    ASSERT_EQ(r.all(), "");
    const auto with = [&](double failing) {
        return run_reproduction(r.spec, toy_model(), [failing](const auto& s, double until, double output) {
            return toy_run(s, until, output, failing);
        });
    };
    const auto verdict = [](const ValidationModel& m) {
        for (const ValidationRow& c : m.comparisons)
            if (c.reading == "time_of_failure") return c.inside();
        return false;
    };
    EXPECT_TRUE(verdict(with(3.0)));
    EXPECT_FALSE(verdict(with(1.5)));
    EXPECT_FALSE(verdict(with(1e9)));  // it ran to its end
}

TEST(Validation, PageIsSelfContained) {
    const Read r = read(k_head + k_course + k_peak + k_fate);
    const ValidationModel m = run_reproduction(
        r.spec, toy_model(), [](const auto& s, double until, double output) { return toy_run(s, until, output); });
    const std::string page =
        validation_html({{"published", "Published <models>", "Lead.", {m}}}, {},
                        {{"someone1999", "Someone", "A title", "", "", "", ""}}, {{"Command", "x"}});
    EXPECT_THAT(page, HasSubstr("Published &lt;models&gt;"));
    EXPECT_THAT(page, HasSubstr("REP0003"));
    EXPECT_THAT(page, HasSubstr("A title"));
    EXPECT_THAT(page, Not(HasSubstr("http")));
}

}  // namespace
}  // namespace lobule::io
