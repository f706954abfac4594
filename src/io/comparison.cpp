#include "io/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "comparison_rows.hpp"
#include "io/files.hpp"

namespace lobule::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_short_label = 14;  // letters that fit at the end of a curve
constexpr std::size_t k_most_named = 6;    // groups whose labels find room there

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
    throw SpecError(Where{place, 0, 0, {}}, what);
}

std::vector<RunResult> read_runs(const std::vector<fs::path>& folders) {
    if (folders.size() < 2) refuse("lobule compare", "needs at least two run folders");
    std::map<fs::path, fs::path> named;
    std::vector<Problem> problems;  // of all folders at once
    std::vector<RunResult> runs;
    for (const fs::path& folder : folders) {
        std::error_code error;
        const fs::path place = fs::weakly_canonical(folder, error);
        const auto [before, is_new] = named.emplace(error ? folder : place, folder);
        if (!is_new) {
            problems.push_back({{folder.string(), 0, 0, {}},
                                before->second == folder
                                    ? std::string("is named twice")
                                    : fmt::format("is the same folder as {}", before->second.string()),
                                {}});
            continue;
        }
        try {
            runs.push_back(read_run(folder));
        } catch (const SpecError& wrong) {
            problems.insert(problems.end(), wrong.problems().begin(), wrong.problems().end());
        }
    }
    if (!problems.empty()) throw SpecError(std::move(problems));
    return runs;
}

// ---- groups and their names -------------------------------------------------------------------------------------------

void make_groups(Comparison& c) {
    std::vector<study::RunIdentity> identities;
    for (const RunResult& run : c.runs) identities.push_back({setting_of(run), run.seed, run.state_hash});
    for (std::vector<std::size_t>& members : study::replicate_groups(identities))
        c.groups.push_back({std::move(members), {}, {}, false});
    const RunGroup& first = c.groups.front();
    const std::string& hash = c.runs[first.runs.front()].state_hash;
    for (RunGroup& group : c.groups)
        group.identical = &group != &first && first.runs.size() == 1 && group.runs.size() == 1 && !hash.empty() &&
                          c.runs[group.runs.front()].state_hash == hash;
}

void name_groups(Comparison& c, const std::vector<std::string>& labels) {
    if (!labels.empty() && labels.size() != c.groups.size())
        refuse("--label", fmt::format("is given {} times for {} {}", labels.size(), c.groups.size(),
                                      c.groups.size() == c.runs.size() ? "runs" : "groups of runs"));
    const std::vector<std::string> made = study::run_labels(traits_of(c));
    for (std::size_t g = 0; g < c.groups.size(); ++g) {
        RunGroup& group = c.groups[g];
        group.label = labels.empty() ? made[g] : labels[g];
        if (group.label.empty()) refuse("--label", "is empty");
        for (std::size_t h = 0; h < g; ++h)
            if (c.groups[h].label == group.label) refuse("--label " + group.label, "is given twice");
        if (group.runs.size() > 1 && labels.empty()) group.label += fmt::format(" (n = {})", group.runs.size());
    }
    const bool all_short =
        c.groups.size() <= k_most_named && std::all_of(c.groups.begin(), c.groups.end(), [](const RunGroup& group) {
            return study::letters(group.label) <= k_short_label;
        });
    for (std::size_t g = 0; g < c.groups.size(); ++g) c.groups[g].tag = all_short ? c.groups[g].label : letter_name(g);
}

// ---- curves -----------------------------------------------------------------------------------------------------------

const ReportProbe* find_probe(const RunResult& run, const std::string& name) {
    const auto found = std::find_if(run.probes.begin(), run.probes.end(),
                                    [&](const ReportProbe& probe) { return probe.name == name; });
    return found == run.probes.end() ? nullptr : &*found;
}

/// Every probe once, in the order of the runs; throws where two runs have it in different units.
std::vector<ReportProbe> all_probes(const Comparison& c) {
    std::vector<ReportProbe> probes;
    std::map<std::string, const RunResult*> first;
    std::vector<Problem> problems;
    for (const RunResult& run : c.runs)
        for (const ReportProbe& probe : run.probes) {
            const auto [at, is_new] = first.emplace(probe.name, &run);
            if (is_new) {
                probes.push_back(probe);
                continue;
            }
            const ReportProbe& known = *find_probe(*at->second, probe.name);
            if (known.unit != probe.unit)
                problems.push_back({{run.folder.string(), 0, 0, {}},
                                    fmt::format("the probe {} is in {}, in {} it is in {}", probe.name, probe.unit,
                                                at->second->folder.string(), known.unit),
                                    {}});
        }
    if (!problems.empty()) throw SpecError(std::move(problems));
    return probes;
}

std::optional<study::Ensemble> group_curve(const Comparison& c, const RunGroup& group, const std::string& probe) {
    std::vector<study::Curve> curves;
    for (const std::size_t r : group.runs) {
        const RunResult& run = c.runs[r];
        const ReportProbe* found = find_probe(run, probe);
        if (found == nullptr) return std::nullopt;
        curves.push_back(run.curves.of(static_cast<std::size_t>(found - run.probes.data())));
    }
    study::Ensemble out = study::ensemble(curves);
    if (out.mean.times.empty()) return std::nullopt;
    return out;
}

struct Place {
    std::size_t order = std::numeric_limits<std::size_t>::max();
    std::string figure;
    double until = 0.0;
};

/// Where the case's figures show a probe: those of its course before predictions.
Place place_of(const Comparison& c, const std::string& probe) {
    for (const RunResult& run : c.runs) {
        if (!run.evidence) continue;
        std::size_t order = 0;
        for (const bool course : {true, false})
            for (const FigureSpec& figure : run.evidence->figures) {
                if ((figure.section == "course") != course) continue;
                for (const std::string& name : figure.probes) {
                    if (name == probe) return {order, figure.name, course ? figure.until : 0.0};
                    ++order;
                }
            }
    }
    return {};
}

void compare_curves(Comparison& c) {
    std::vector<std::pair<std::size_t, ProbeComparison>> ordered;
    for (const ReportProbe& probe : all_probes(c)) {
        const Place place = place_of(c, probe.name);
        ProbeComparison out{probe, place.figure, place.until, {}, {}};
        for (const RunGroup& group : c.groups) {
            out.curves.push_back(group_curve(c, group, probe.name));
            const bool both = out.curves.size() > 1 && out.curves.front() && out.curves.back();
            out.differences.push_back(both ? study::difference(out.curves.front()->mean, out.curves.back()->mean)
                                           : std::nullopt);
        }
        const auto has = std::count_if(out.curves.begin(), out.curves.end(),
                                       [](const std::optional<study::Ensemble>& curve) { return curve.has_value(); });
        if (has > 1 || (has == 1 && c.groups.size() == 1))
            ordered.emplace_back(place.order, std::move(out));
        else
            c.not_shared.push_back(probe.name);
    }
    if (ordered.empty()) refuse(c.runs[1].folder.string(), "has no probe in common with " + c.runs[0].folder.string());
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [order, probe] : ordered) c.probes.push_back(std::move(probe));
}

std::string title_of(const Comparison& c) {
    if (c.several_scenarios()) {
        std::string out;
        std::vector<std::string> told;
        for (const RunResult& run : c.runs) {
            if (std::find(told.begin(), told.end(), run.scenario) != told.end()) continue;
            told.push_back(run.scenario);
            out += (out.empty() ? "" : ", ") + run.scenario;
        }
        std::replace(out.begin(), out.end(), '_', ' ');
        return out;
    }
    for (const RunResult& run : c.runs)
        if (run.evidence && !run.evidence->title.empty()) return run.evidence->title;
    std::string out = c.runs.front().scenario;
    std::replace(out.begin(), out.end(), '_', ' ');
    return out;
}

}  // namespace

bool Comparison::several_scenarios() const {
    return std::any_of(runs.begin(), runs.end(),
                       [this](const RunResult& run) { return run.scenario != runs.front().scenario; });
}

std::optional<double> z_score(const std::optional<double>& predicted, double observed, double deviation) {
    if (!predicted || !(deviation > 0.0)) return std::nullopt;
    return (*predicted - observed) / deviation;
}

std::optional<double> z_score(const EvidenceFeature& feature, const std::optional<double>& predicted) {
    if (!feature.low || !feature.high) return std::nullopt;
    return z_score(predicted, 0.5 * (*feature.low + *feature.high), 0.5 * (*feature.high - *feature.low));
}

Comparison compare_runs(const std::vector<fs::path>& folders, const std::vector<std::string>& labels) {
    Comparison c;
    c.runs = read_runs(folders);
    c.title = title_of(c);
    make_groups(c);
    name_groups(c, labels);
    compare_curves(c);
    find_differing(c);
    compare_evidence(c);
    return c;
}

std::vector<RankedDifference> ranked_differences(const Comparison& comparison) {
    std::vector<RankedDifference> out;
    for (const ProbeComparison& probe : comparison.probes)
        for (std::size_t g = 0; g < probe.differences.size(); ++g)
            if (probe.differences[g]) out.push_back({&probe, g, &*probe.differences[g]});
    const auto size = [](const RankedDifference& d) {
        return d.difference->relative.value_or(std::numeric_limits<double>::infinity());
    };
    std::stable_sort(out.begin(), out.end(),
                     [&](const RankedDifference& a, const RankedDifference& b) { return size(a) > size(b); });
    return out;
}

fs::path table_beside(const fs::path& page) {
    fs::path table = page;
    return table.replace_extension(".csv");
}

}  // namespace lobule::io
