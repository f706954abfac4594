// check, list and show: what exists and whether it is right, without running anything.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "app/verbs.hpp"
#include "base/text.hpp"
#include "engine/rest.hpp"
#include "io/agreement.hpp"
#include "model/words.hpp"
#include "report.hpp"
#include "shipped_varied.hpp"
#include "validate.hpp"
#include "varied.hpp"

namespace lobule::app {

namespace fs = std::filesystem;

namespace {

void throw_all(std::vector<Problem> problems) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        return std::tie(a.where.file, a.where.line, a.where.column) <
               std::tie(b.where.file, b.where.line, b.where.column);
    });
    if (!problems.empty()) throw SpecError(std::move(problems));
}

/// Compiles a scenario against the catalogue with its own biology beside it; the model of `show` and `check`.
std::shared_ptr<const Model> compile_scenario(const io::Project& project, const fs::path& file,
                                              std::vector<Problem>& problems, bool whole = false) {
    const Catalogue catalogue = io::read_catalogue(project, file.parent_path(), problems);
    Spec spec = io::read_scenario_file(file, problems);
    spec.whole = whole;
    if (!problems.empty()) return nullptr;
    try {
        auto model = compile(spec, catalogue, {});
        return model;
    } catch (const SpecError& error) {
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
        return nullptr;
    }
}

std::string value_text(const ParameterInfo& p, double value) {
    if (!p.choices.empty()) return p.choice(value);
    try {
        const Unit unit = parse_unit(p.unit);
        return fmt::format("{:.6g} {}", value / unit.factor, p.unit);
    } catch (const UnitError&) {
        return fmt::format("{:.6g} {}", value, to_string(p.dimension));
    }
}

std::string_view origin(const ParameterInfo& p) {
    switch (source_kind(p.source)) {
        case SourceKind::sourced: return "sourced";
        case SourceKind::derived: return "derived";
        case SourceKind::fitted: return "fitted";
        case SourceKind::balance: return "balance";
        case SourceKind::assumed: return "assumed";
    }
    return "";
}

void print_parameters(const Model& model, const RestState& rest, const std::string& prefix) {
    std::map<std::string_view, int> counts;
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        const ParameterInfo& p = model.parameters[i];
        if (!p.name.starts_with(prefix)) continue;
        ++counts[origin(p)];
        std::string value;
        if (p.extent == Extent::one)
            value = value_text(p, rest.parameters.ones[i]);
        else
            for (const double v : rest.parameters.lanes[i]) value += (value.empty() ? "" : ", ") + value_text(p, v);
        std::string range;
        if (!p.choices.empty()) range = fmt::format("  [{}]", fmt::join(p.choices, " | "));
        if (p.range) range = fmt::format("  [{} .. {}]", value_text(p, p.range->first), value_text(p, p.range->second));
        fmt::print("  {} = {}{}\n      {} ({}{})\n", p.name, value, range, p.about, p.source,
                   p.set_by.empty() ? "" : "; " + p.set_by);
    }
    fmt::print("\n  parameters:");
    for (const auto& [kind, count] : counts) fmt::print(" {} {}", count, kind);
    fmt::print("\n");
}

void show_word(const Word& word) {
    const char* form = word.form == Word::Form::table   ? "[{}]"
                       : word.form == Word::Form::array ? "[[{}]]"
                                                        : "[{}] name = {{ ... }}";
    fmt::print("{}: {}\nUsed in: {}\n\n{}", fmt::format(fmt::runtime(form), word.name), word.about, word.kinds,
               word_reference(word));
}

void show_processes(const Part& part) {
    using Kind = CellProcessSpec::Kind;
    for (const StateSpec& s : part.states) {
        const std::string stages =
            s.stages > 1 ? fmt::format(" in {} stages, advance = {}", s.stages, s.advance.text) : "";
        fmt::print("  state {}{}  {}\n", s.name, stages, s.about);
    }
    for (const AttributeSpec& a : part.attributes)
        fmt::print("  attribute {}{}  {}\n", a.name, a.classes > 0 ? fmt::format(" in {} classes", a.classes) : "",
                   a.about);
    if (part.crowding) fmt::print("  crowding: cells per {}\n", part.crowding->places.text);
    for (const CellProcessSpec& p : part.processes) {
        std::string states = "all";
        for (std::size_t i = 0; i < p.states.size(); ++i) states = i == 0 ? p.states[0] : states + ", " + p.states[i];
        std::string targets;
        for (const auto& [to, share] : p.to)
            targets += (targets.empty() ? " -> " : ", ") + to + (share.text.empty() ? "" : " (" + share.text + ")");
        switch (p.kind) {
            case Kind::transition: fmt::print("  {}{}: {}\n", states, targets, p.rate.text); break;
            case Kind::division: fmt::print("  {} divides{}: {}\n", states, targets, p.rate.text); break;
            case Kind::death: fmt::print("  {} dies ({}): {}\n", states, p.death, p.rate.text); break;
            case Kind::growth: fmt::print("  {} grows to {}: {}\n", states, p.extra.text, p.rate.text); break;
            case Kind::secretion: fmt::print("  {} makes {}: {}\n", states, p.other, p.rate.text); break;
            case Kind::uptake: fmt::print("  {} takes up {}: {}\n", states, p.other, p.rate.text); break;
            case Kind::change: fmt::print("  {} changes its {}: {}\n", states, p.other, p.rate.text); break;
            case Kind::deposition: fmt::print("  {} lays down {}: {}\n", states, p.other, p.rate.text); break;
            case Kind::encounter:
                fmt::print("  {} meets {}{}{}: {}\n", states, p.other, targets,
                           p.partner_to.empty() ? "" : "; the other -> " + p.partner_to, p.rate.text);
                break;
            case Kind::adhesion:
                fmt::print("  {} sticks to {}{}: {}, lets go: {}\n", states, p.other, targets, p.rate.text,
                           p.extra.text);
                break;
            case Kind::recruitment: fmt::print("  from {}{}: {}\n", p.other, targets, p.rate.text); break;
            case Kind::migration: fmt::print("  {} crawls toward {}: {}\n", states, p.other, p.rate.text); break;
        }
    }
}

void show_part(const Part& part, const Model* model, const RestState* rest) {
    fmt::print("{} ({}): {}\n{}\n\n", part.name, to_string(part.kind), part.about, part.where.file);
    if (!part.needs.empty()) fmt::print("  left out of a model in which {} is 0\n\n", part.needs);
    if (part.kind == PartKind::set) {
        for (const std::string& name : part.parts) fmt::print("  {}\n", name);
        return;
    }
    show_processes(part);
    if (model == nullptr) {
        for (const ParameterSpec& p : part.parameters) fmt::print("  {}: {} ({})\n", p.name, p.about, p.source);
        for (const DefineSpec& d : part.defines) fmt::print("  {} = {}\n", d.name, d.law.text);
        return;
    }
    fmt::print("\nFinal laws (with what other parts cause):\n");
    for (const auto& [name, law] : model->final_laws)
        if (name.starts_with(part.name + ".")) fmt::print("  {} = {}\n", name, law);
    for (const EffectSpec& e : part.effects)
        fmt::print("  causes: {} {} {}\n", e.on, e.multiplies ? "x" : "+", e.law.text);
    fmt::print("\nParameters (balanced values by zone, periportal first):\n");
    print_parameters(*model, *rest, (part.kind == PartKind::species ? "species" : part.name) + ".");
}

/// Of CASE/biology/.../part.toml: CASE, whose other parts the file may use.
fs::path folder_beside_biology(const fs::path& file) {
    for (fs::path folder = fs::absolute(file).lexically_normal().parent_path(); folder.has_relative_path();
         folder = folder.parent_path())
        if (folder.filename() == "biology") return folder.parent_path();
    return {};
}

/// A part alone: its words, and its laws in the smallest model that gives them a meaning. Stillness is a matter of scenarios.
void check_part_file(const io::Project& project, const fs::path& file, std::vector<Problem>& problems) {
    const auto before = problems.size();
    Part part = read_part(file.stem().string(), io::read_toml(file), problems);
    std::vector<Problem> elsewhere;  // faults of other files are theirs to report
    const Catalogue shipped = io::read_catalogue(project, folder_beside_biology(file), elsewhere);
    if (problems.size() != before) {
        check_sources(part, shipped.source_keys, problems);
        return;
    }
    Catalogue catalogue;
    catalogue.source_keys = shipped.source_keys;
    for (const auto& [name, other] : shipped.parts())
        if (name != part.name) catalogue.add(other);
    Spec spec;
    spec.name = part.name;
    spec.where = part.where;
    spec.whole = true;
    if (part.kind == PartKind::species) {
        spec.species = part.name;
    } else {
        spec.parts = part.kind == PartKind::set ? std::vector<std::string>{part.name} : needed_parts(shipped, part);
        for (const auto& [name, other] : shipped.parts())
            if (other.kind == PartKind::species && spec.species.empty()) spec.species = name;
    }
    catalogue.add(std::move(part));
    try {
        compile(spec, catalogue);
    } catch (const SpecError& error) {
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
}

/// A problem of a fit or a study of sensitivity, with its cases.
void check_varied(const io::Project& project, const fs::path& file) {
    std::vector<io::VariedCase> cases;
    if (file.filename() == "problem.toml") open_fit(project, file, cases);
    if (file.filename() == "study.toml") open_study(project, file, cases);
    if (file.filename() == "grid.toml") open_grid(project, file, cases);
}

constexpr const char* k_varied_files[] = {"problem.toml", "study.toml", "grid.toml"};

bool is_varied(const fs::path& file) {
    return std::any_of(std::begin(k_varied_files), std::end(k_varied_files),
                       [&](const char* name) { return file.filename() == name; });
}

}  // namespace

int check(const io::Project& project, const std::vector<std::string>& files) {
    std::vector<Problem> problems;
    std::vector<fs::path> open(files.begin(), files.end());
    std::size_t checked = 0;
    if (open.empty()) {
        for (const std::string& name : io::scenario_names(project)) open.push_back(project.scenarios() / name);
        for (const std::string& name : io::published_names(project)) open.push_back(project.published() / name);
    }
    if (files.empty()) {
        for (const fs::path& file : shipped_varied(project)) open.push_back(file);
        io::read_catalogue(project, {}, problems);
    }
    for (const fs::path& given : open) {
        ++checked;
        try {
            fs::path file = given.has_parent_path() || !fs::exists(given) ? given : fs::path(".") / given;
            if ((file.filename() == "expect.toml" || file.filename() == "reproduce.toml" ||
                 file.filename() == "agreement.toml") &&
                fs::exists(file.parent_path() / "scenario.toml"))
                file = file.parent_path() / "scenario.toml";
            for (const char* name : k_varied_files)
                if (fs::is_directory(file) && !fs::exists(file / "scenario.toml") && fs::exists(file / name))
                    file /= name;
            if (is_varied(file) && fs::exists(file)) {
                check_varied(project, file);
                continue;
            }
            if (fs::is_directory(file) || !fs::exists(file)) file = io::find_scenario(project, given.string());
            const Node root = io::read_toml(file);
            if (root.find("scenario") != nullptr || file.filename() == "scenario.toml") {
                if (const auto model = compile_scenario(project, file, problems)) {
                    rest_of(*model);
                    io::Expectations compared = expectations_of(project, *model, file.parent_path());
                    if (std::any_of(compared.variants.begin(), compared.variants.end(),
                                    [&](const io::VariantSpec& v) { return model->other_parts(v.settings); })) {
                        std::vector<Problem> known;  // the catalogue's: reported already
                        const Case ready{model, {}, {}, io::read_catalogue(project, file.parent_path(), known)};
                        give_other_parts(compared.variants, ready);
                    }
                    if (fs::exists(file.parent_path() / "reproduce.toml"))
                        reproduction_of(project, *model, file.parent_path());
                    if (const fs::path looks = file.parent_path() / "agreement.toml"; fs::exists(looks))
                        io::read_agreement(io::read_toml(looks), *model, problems);
                    for (const char* name : k_varied_files)
                        if (fs::exists(file.parent_path() / name)) check_varied(project, file.parent_path() / name);
                }
            } else {
                check_part_file(project, file, problems);
            }
        } catch (const SpecError& error) {
            problems.insert(problems.end(), error.problems().begin(), error.problems().end());
        }
    }
    throw_all(std::move(problems));
    fmt::print("{} checked, no problem\n", checked);
    return 0;
}

int list(const io::Project& project, const std::string& what) {
    static const std::map<std::string, PartKind, std::less<>> kinds{
        {"cells", PartKind::cell},      {"signals", PartKind::signal},  {"tissues", PartKind::tissue},
        {"bodies", PartKind::body},     {"injuries", PartKind::injury}, {"therapies", PartKind::therapy},
        {"species", PartKind::species}, {"sets", PartKind::set},        {"probe_sets", PartKind::probes}};
    std::vector<Problem> problems;
    const Catalogue catalogue = io::read_catalogue(project, {}, problems);
    const auto print_kind = [&](PartKind kind) {
        for (const auto& [name, part] : catalogue.parts())
            if (part.kind == kind) fmt::print("  {:<22} {}\n", name, part.about);
    };
    const auto print_cases = [&](const std::vector<std::string>& names, const fs::path& folder) {
        for (const std::string& name : names) {
            std::vector<Problem> ignored;
            fmt::print("  {:<22} {}\n", name, io::read_scenario_file(folder / name / "scenario.toml", ignored).about);
        }
    };
    const auto print_scenarios = [&] { print_cases(io::scenario_names(project), project.scenarios()); };
    const auto print_published = [&] { print_cases(io::published_names(project), project.published()); };
    if (what.empty()) {
        for (const auto& [title, kind] : kinds) {
            fmt::print("{}\n", title);
            print_kind(kind);
        }
        fmt::print("scenarios\n");
        print_scenarios();
        fmt::print("published\n");
        print_published();
        for (const std::string folder : {"fits", "studies"}) {
            fmt::print("{}\n", folder);
            list_varied(project, folder);
        }
    } else if (const auto kind = kinds.find(what); kind != kinds.end()) {
        print_kind(kind->second);
    } else if (what == "scenarios") {
        print_scenarios();
    } else if (what == "published") {
        print_published();
    } else if (what == "fits" || what == "studies") {
        list_varied(project, what);
    } else if (what == "words") {
        for (const Word& word : words()) fmt::print("  {:<14} {}\n", word.name, word.about);
    } else if (what == "probes") {
        for (const auto& [name, part] : catalogue.parts())
            for (const ProbeSpec& probe : part.probes)
                fmt::print("  {:<30} [{}] {}\n", part.kind == PartKind::probes ? probe.name : name + "." + probe.name,
                           probe.unit.text.empty() ? "1" : probe.unit.text, probe.about);
    } else {
        std::vector<std::string> known{"scenarios", "published", "fits", "studies", "words", "probes"};
        for (const auto& [title, kind_of] : kinds) known.push_back(title);
        throw SpecError(Where{"list", 0, 0, {}}, "nothing is called `" + what + "`", nearest_name(what, known));
    }
    throw_all(std::move(problems));
    return 0;
}

int show(const io::Project& project, const std::string& name, const std::string& scenario) {
    std::vector<Problem> problems;
    fs::path file;
    if (!scenario.empty()) file = io::find_scenario(project, scenario);
    const Catalogue catalogue = io::read_catalogue(project, file.empty() ? file : file.parent_path(), problems);
    const Part* part = catalogue.find(name);
    auto scenarios = io::scenario_names(project);
    const auto published = io::published_names(project);
    scenarios.insert(scenarios.end(), published.begin(), published.end());
    const auto varied = varied_called(project, name);
    const bool is_file = fs::path(name).extension() == ".toml" && varied.empty();
    const bool is_scenario = std::find(scenarios.begin(), scenarios.end(), name) != scenarios.end() ||
                             fs::is_regular_file(fs::path(name) / "scenario.toml") || is_file;
    if (part == nullptr && is_scenario) file = io::find_scenario(project, name);
    if (part == nullptr && !is_scenario) {
        for (const fs::path& one : varied) {
            if (&one != &varied.front()) fmt::print("\n");
            show_varied(project, one);
        }
        if (!varied.empty()) return 0;
        if (const Word* word = find_word(name)) {
            show_word(*word);
            return 0;
        }
        std::vector<std::string> known = catalogue.names();
        known.insert(known.end(), scenarios.begin(), scenarios.end());
        for (const fs::path& one : shipped_varied(project)) known.push_back(one.parent_path().filename().string());
        for (const Word& word : words()) known.emplace_back(word.name);
        throw SpecError(Where{"show", 0, 0, {}}, "nothing is called `" + name + "`", nearest_name(name, known));
    }
    // A part's final laws need a model: the named scenario's, or the first shipped one that uses the part.
    std::shared_ptr<const Model> model;
    const auto uses = [&](const Model& m) {
        if (part != nullptr && !m.why_absent(part->name).empty()) return true;
        return part == nullptr || m.spec.species == part->name ||
               std::find(m.part_names.begin(), m.part_names.end(), part->name) != m.part_names.end();
    };
    if (!file.empty())
        model = compile_scenario(project, file, problems);
    else
        for (const std::string& candidate : scenarios) {
            std::vector<Problem> ignored;
            file = io::find_scenario(project, candidate);
            model = compile_scenario(project, file, ignored);
            if (model != nullptr && uses(*model)) break;
            model.reset();
        }
    // The laws of a part that is left out are those of the model with it.
    const std::string left_out = part != nullptr && model != nullptr ? model->why_absent(part->name) : std::string();
    if (!left_out.empty()) model = compile_scenario(project, file, problems, true);
    throw_all(std::move(problems));
    std::optional<RestState> rest;
    if (model != nullptr) rest = rest_of(*model);
    if (part != nullptr) {
        show_part(*part, model.get(), rest ? &*rest : nullptr);
        if (model != nullptr)
            fmt::print("\n  (as in the scenario {}{}{})\n", model->spec.name, left_out.empty() ? "" : "; there ",
                       left_out);
        if (const Word* word = find_word(name)) {
            fmt::print("\n");
            show_word(*word);  // a part may be called like a word
        }
        return 0;
    }
    fmt::print("{}: {}\nparts:", model->spec.name, model->spec.about);
    for (const std::string& used : model->part_names) fmt::print(" {}", used);
    for (const Need& need : model->needs)
        if (need.left_out) fmt::print("\n{}", model->why_absent(need.part));
    fmt::print("\nspecies: {}; zones: {}; state: {} values; duration: {:g} d\n\n", model->spec.species, model->zones,
               model->state_size(), model->spec.duration / 24.0);
    print_parameters(*model, *rest, "");
    return 0;
}

}  // namespace lobule::app
