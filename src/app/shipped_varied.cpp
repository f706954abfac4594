#include "shipped_varied.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "varied.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

struct Kind {
    const char *folder, *file, *word;
};
constexpr Kind k_kinds[] = {
    {"fits", "problem.toml", "problem"}, {"studies", "study.toml", "study"}, {"studies", "grid.toml", "grid"}};

std::string name_of(const fs::path& file) { return file.parent_path().filename().string(); }

void show_parameters(const std::vector<io::VariedParameter>& parameters, const std::vector<std::size_t>& profiled) {
    fmt::print("\nparameters:\n");
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const io::VariedParameter& p = parameters[i];
        const bool log = p.bounded.scale == study::Scale::logarithmic;
        const bool profile = std::find(profiled.begin(), profiled.end(), i) != profiled.end();
        fmt::print("  {} = {:.6g} {}  [{:.6g} .. {:.6g}{}]{}\n      {}\n", p.bounded.name, p.written(p.present), p.unit,
                   p.written(p.bounded.low), p.written(p.bounded.high), log ? ", log" : "", profile ? "  profile" : "",
                   p.about);
    }
}

void show_fit(const io::Project& project, const fs::path& file) {
    std::vector<io::VariedCase> cases;
    const io::FitProblem problem = open_fit(project, file, cases);
    fmt::print("{} (fit): {}\n{}\n\n", problem.name, problem.about, file.string());
    fmt::print("{} starts, at most {} evaluations each; seed {}{}\n", problem.starts, problem.evaluations, problem.seed,
               problem.prior > 0.0 ? fmt::format("; effects of studies with sd {:g}", problem.prior) : "");
    for (const io::VariedCase& one : cases) {
        fmt::print("\ncase {}, rows to calibrate:\n", one.name);
        const auto line = [](const std::string& name, const std::string& variant, const std::string& what) {
            fmt::print("  {}{}  {}\n", name, variant.empty() ? "" : " (" + variant + ")", what);
        };
        for (const io::SeriesSpec& s : one.expectations.series)
            line(s.name, s.variant, fmt::format("{} points", s.points.size()));
        for (const io::FeatureSpec& f : one.expectations.features) line(f.name, f.variant, f.measure.kind);
    }
    show_parameters(problem.parameters, problem.profile);
}

void show_study(const io::Project& project, const fs::path& file) {
    std::vector<io::VariedCase> cases;
    const io::SensitivityStudy study = open_study(project, file, cases);
    const bool morris = study.method == io::SensitivityStudy::Method::morris;
    fmt::print("{} (sensitivity): {}\n{}\n\n", study.name, study.about, file.string());
    fmt::print("case {}; {}, {} {}, {} runs; seed {}\n\noutputs:\n", cases.front().name,
               morris ? "elementary effects" : "shares of variance", study.samples, morris ? "trajectories" : "samples",
               study.design().size(), study.seed);
    for (const io::SensitivityOutput& o : study.outputs)
        fmt::print("  {}  {} of {}\n", o.name, o.measure.kind, cases.front().model->run.probes[o.measure.probe].name);
    show_parameters(study.parameters, {});
}

void show_grid(const io::Project& project, const fs::path& file) {
    std::vector<io::VariedCase> cases;
    const io::GridStudy study = open_grid(project, file, cases);
    fmt::print("{} (grid): {}\n{}\n\n", study.name, study.about, file.string());
    fmt::print("case {}; {} combinations, {} runs\n\noutcomes:\n", cases.front().name, study.cells.size(),
               study.runs.size());
    for (const io::GridOutcome& o : study.outcomes)
        fmt::print("  {}  {} of {}; {} is better{}\n", o.name, o.measure.kind,
                   cases.front().model->run.probes[o.measure.probe].name, o.less_is_better ? "less" : "more",
                   o.baseline.empty() ? "" : "; against " + o.baseline);
    fmt::print("\naxes:\n");
    for (const io::GridAxis& axis : study.axes) {
        fmt::print("  {}: {} = {}\n", axis.label, axis.parameter, fmt::join(axis.values, ", "));
        if (const ParameterInfo* info = cases.front().model->any_parameter(axis.parameter))
            fmt::print("      {}\n", info->about);
    }
}

}  // namespace

std::vector<fs::path> shipped_varied(const io::Project& project) {
    std::vector<fs::path> out;
    std::error_code error;
    for (const Kind& kind : k_kinds) {
        const std::size_t before = out.size();
        for (const auto& entry : fs::directory_iterator(project.home / kind.folder, error))
            if (fs::exists(entry.path() / kind.file)) out.push_back(entry.path() / kind.file);
        std::sort(out.begin() + static_cast<std::ptrdiff_t>(before), out.end());
    }
    return out;
}

void list_varied(const io::Project& project, const std::string& folder) {
    for (const fs::path& file : shipped_varied(project)) {
        if (file.parent_path().parent_path().filename() != folder) continue;
        const Node root = io::read_toml(file);
        fmt::print("  {:<22} {}\n", name_of(file),
                   folder == "fits"                 ? io::read_fit_head(file, root).about
                   : file.filename() == "grid.toml" ? io::read_grid_head(file, root).about
                                                    : io::read_study_head(file, root).about);
    }
}

std::vector<fs::path> varied_called(const io::Project& project, const std::string& name) {
    std::vector<fs::path> out;
    const fs::path given(name);
    std::error_code error;
    for (const Kind& kind : k_kinds) {
        if (fs::is_regular_file(given / kind.file, error) && !fs::exists(given / "scenario.toml"))
            out.push_back(given / kind.file);
        else if (given.extension() == ".toml" && fs::is_regular_file(given, error) &&
                 io::read_toml(given).find(kind.word) != nullptr)
            out.push_back(given);
        else if (!given.has_parent_path() && fs::is_regular_file(project.home / kind.folder / given / kind.file, error))
            out.push_back(project.home / kind.folder / given / kind.file);
    }
    return out;
}

void show_varied(const io::Project& project, const fs::path& file) {
    const Node root = io::read_toml(file);
    if (root.find("problem") != nullptr)
        show_fit(project, file);
    else if (root.find("grid") != nullptr)
        show_grid(project, file);
    else
        show_study(project, file);
}

}  // namespace lobule::app
