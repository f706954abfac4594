#include "io/grid.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "io/files.hpp"
#include "table_reader.hpp"

namespace lobule::io {

namespace {

const std::vector<std::string> k_directions{"less", "more"};
const std::vector<std::string> k_comparisons{"difference", "ratio"};

std::vector<Word> make_words() {
    using enum ValueType;
    std::vector<Key> outcome{{"name", text, true, "what it is"},
                             {"better", text, true, "less or more: which way is better"},
                             {"against", laws, false,
                              "part.parameter -> value: settings of the baseline, on top of those of each combination"},
                             {"as", text, false, "how it is set against its baseline: difference (default) or ratio"}};
    for (const Key& key : measure_keys())
        if (key.name != "variant") outcome.push_back(key);
    return {{"grid",
             Word::Form::table,
             "grid",
             "Which case.",
             {{"about", text, true, "one sentence"}, {"scenario", text, true, "name, folder or file"}}},
            {"axis",
             Word::Form::array,
             "grid",
             "A parameter and the values that are combined with all those of the other axes.",
             {{"label", text, true, "what the page calls it"},
              {"parameter", text, true, "part.parameter"},
              {"values", names, true, "quantities with their units, or names of choices"},
              {"names", names, false, "what the page calls these values (default: as they are written)"}}},
            {"outcome", Word::Form::array, "grid", "A number of each run: one picture.", outcome}};
}

/// One setting on top of others: the later one of a parameter stays.
void put(std::vector<SettingSpec>& settings, const SettingSpec& one) {
    std::erase_if(settings, [&](const SettingSpec& s) { return s.name == one.name; });
    settings.push_back(one);
}

class Reader : private TableReader {
public:
    Reader(const VariedCase& subject, GridStudy& out, std::vector<Problem>& problems)
        : TableReader(*subject.model, grid_words(), problems), subject_(subject), out_(out) {}

    void read(const Node& root) {
        for_each(root, "axis", [&](const Node& node) { read_axis(node); });
        for_each(root, "outcome", [&](const Node& node) { read_outcome(node); });
        if (root.find("axis") == nullptr) fault(root, "write `[[axis]]`: one for each setting that is varied");
        if (root.find("outcome") == nullptr) fault(root, "write `[[outcome]]`: one for each number that is looked at");
        if (out_.axes.size() > k_most_axes)
            fault(*root.find("axis"), fmt::format("a grid has at most {} axes", k_most_axes));
        std::size_t cells = 1;
        for (const GridAxis& axis : out_.axes) cells = std::min(k_most_cells + 1, cells * axis.values.size());
        if (cells > k_most_cells)
            fault(*root.find("axis"), fmt::format("these are more than {} combinations", k_most_cells));
    }
    const std::vector<std::vector<SettingSpec>>& baselines() const { return baselines_; }

private:
    void read_axis(const Node& node) {
        GridAxis axis;
        axis.label = text(node, "label");
        axis.parameter = text(node, "parameter");
        for (const GridAxis& other : out_.axes)
            if (other.parameter == axis.parameter)
                fault(*node.find("parameter"), "`" + axis.parameter + "` has an axis already");
        const auto known = std::find(parameter_names_.begin(), parameter_names_.end(), axis.parameter);
        if (known == parameter_names_.end())
            return fault(*node.find("parameter"), "no parameter `" + axis.parameter + "` in this model",
                         nearest_name(axis.parameter, parameter_names_));
        for (const Node* value : list(node, "values")) {
            if (std::find(axis.values.begin(), axis.values.end(), value->text) != axis.values.end())
                fault(*value, "`" + value->text + "` is given twice");
            std::string written;
            setting(axis.parameter, *value, axis.settings, written);
            axis.values.push_back(value->text);
        }
        if (axis.values.empty()) fault(*node.find("values"), "an axis needs at least one value");
        for (const Node* name : list(node, "names")) axis.names.push_back(name->text);
        if (axis.names.empty()) axis.names = axis.values;
        if (axis.names.size() != axis.values.size())
            fault(*node.find("names"),
                  fmt::format("there are {} names for {} values", axis.names.size(), axis.values.size()));
        out_.axes.push_back(std::move(axis));
    }

    void read_outcome(const Node& node) {
        GridOutcome outcome;
        outcome.name = text(node, "name");
        outcome.less_is_better = choice(node, "better", k_directions, "more") == "less";
        std::vector<SettingSpec> baseline;
        if (const Node* against = node.find("against")) {
            outcome.against =
                choice(node, "as", k_comparisons, "difference") == "ratio" ? Against::ratio : Against::difference;
            for (const auto& [name, value] : against->members) {
                std::string written;
                setting(name, value, baseline, written);
                outcome.baseline += (outcome.baseline.empty() ? "" : ", ") + called(name, value.text, written);
            }
            if (against->members.empty()) fault(*against, "names no setting of the baseline");
        } else if (const Node* as = node.find("as")) {
            fault(*as, "only what is set `against` a baseline is a difference or a ratio");
        }
        // Only a ratio is without the unit of the measure.
        Node own = node;
        if (outcome.against != Against::ratio)
            std::erase_if(own.members, [](const auto& member) { return member.first == "against"; });
        const auto measure = read_measure_keys(own);
        if (!measure) return;
        outcome.measure = *measure;
        outcome.unit = measure->unit;
        if (outcome.against == Against::ratio) {  // each run's number keeps its own unit: the stated one is the ratio's
            outcome.factor = measure->factor;
            std::erase_if(own.members,
                          [](const auto& member) { return member.first == "against" || member.first == "unit"; });
            outcome.measure = read_measure_keys(own).value_or(*measure);
        }
        if ((measure->kind == "value_at" || measure->kind == "fold") && measure->at > subject_.until)
            fault(*node.find("at"), fmt::format("is after the end of the scenario at {} h", subject_.until));
        out_.outcomes.push_back(std::move(outcome));
        baselines_.push_back(std::move(baseline));
    }

    /// A setting as the page calls it: by its axis where it is a value of one.
    std::string called(const std::string& parameter, const std::string& value, const std::string& written) const {
        for (const GridAxis& axis : out_.axes)
            for (std::size_t i = 0; axis.parameter == parameter && i < std::min(axis.values.size(), axis.names.size());
                 ++i)
                if (axis.values[i] == value) return axis.label + ": " + axis.names[i];
        return written;
    }

    const VariedCase& subject_;
    GridStudy& out_;
    std::vector<std::vector<SettingSpec>> baselines_;  // by outcome
};

std::size_t cell_count(const GridStudy& study) {
    std::size_t out = 1;
    for (const GridAxis& axis : study.axes) out *= axis.values.size();
    return out;
}

/// What tells a run from others: settings that its own model has.
std::string identity(const VariantSpec& spec, const Model& model) {
    const Model& own = spec.other ? *spec.other->model : model;
    std::map<std::string, std::string> settings;
    for (const SettingSpec& s : spec.settings)
        if (own.parameter(s.name) != nullptr) settings[s.name] = fmt::format("{} {}", s.value.value, s.choice);
    std::string out = own.hash;
    for (const auto& [name, value] : settings) out += '\n' + name + '=' + value;
    return out;
}

std::vector<Measure> measures_of(const GridStudy& study) {
    std::vector<Measure> out;
    for (const GridOutcome& o : study.outcomes) out.push_back(o.measure);
    return out;
}

}  // namespace

double GridOutcome::neutral() const { return against == Against::ratio ? factor : 0.0; }

std::vector<std::size_t> GridStudy::place(std::size_t cell) const {
    std::vector<std::size_t> out;
    for (const GridAxis& axis : axes) {
        out.push_back(cell % axis.values.size());
        cell /= axis.values.size();
    }
    return out;
}

std::string GridStudy::set_options(std::size_t cell) const {
    std::string out;
    const auto at = place(cell);
    for (std::size_t a = 0; a < axes.size(); ++a)
        out += (a == 0 ? "" : " ") + ("--set " + shell_word(axes[a].parameter + "=" + axes[a].values[at[a]]));
    return out;
}

std::string GridStudy::text(std::size_t cell) const {
    std::string out;
    const auto at = place(cell);
    for (std::size_t a = 0; a < axes.size(); ++a)
        out += fmt::format("{}{}: {}", a == 0 ? "" : ", ", axes[a].label, axes[a].names[at[a]]);
    return out;
}

const std::vector<Word>& grid_words() {
    static const std::vector<Word> list = make_words();
    return list;
}

GridStudy read_grid_head(const std::filesystem::path& file, const Node& root) {
    std::vector<Problem> problems;
    GridStudy out;
    out.file = file;
    out.name = file.filename() == "grid.toml" ? std::filesystem::absolute(file).parent_path().filename().string()
                                              : file.stem().string();
    std::vector<std::string> names;
    for (const Word& word : grid_words()) names.emplace_back(word.name);
    for (const auto& [name, node] : root.members)
        if (std::find(names.begin(), names.end(), name) == names.end())
            problems.push_back({node.where, "unknown word `" + name + "` in a grid", nearest_name(name, names)});
    const Node* head = root.find("grid");
    if (head == nullptr)
        problems.push_back({root.where, "a grid needs [grid]", {}});
    else
        check_table(*head, grid_words().front(), problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    out.about = head->find("about")->text;
    out.scenario = head->find("scenario")->text;
    out.scenario_where = head->find("scenario")->where;
    return out;
}

void read_grid_body(GridStudy& study, const Node& root, const VariedCase& subject, const OtherPartsOf& other_parts) {
    std::vector<Problem> problems;
    Reader reader(subject, study, problems);
    reader.read(root);
    if (!problems.empty()) throw SpecError(std::move(problems));

    const std::size_t cells = cell_count(study);
    std::vector<VariantSpec> wanted;  // every cell, then the baseline of each for each outcome that has one
    for (std::size_t cell = 0; cell < cells; ++cell) {
        VariantSpec spec;
        const auto at = study.place(cell);
        for (std::size_t a = 0; a < study.axes.size(); ++a) put(spec.settings, study.axes[a].settings[at[a]]);
        wanted.push_back(std::move(spec));
    }
    for (const auto& baseline : reader.baselines())
        for (std::size_t cell = 0; cell < cells && !baseline.empty(); ++cell) {
            VariantSpec spec = wanted[cell];
            for (const SettingSpec& setting : baseline) put(spec.settings, setting);
            wanted.push_back(std::move(spec));
        }
    give_other_parts(wanted, *subject.model, other_parts);
    std::map<std::string, std::size_t> known;
    std::vector<std::size_t> run_of;
    for (VariantSpec& spec : wanted) {
        const auto [found, is_new] = known.emplace(identity(spec, *subject.model), study.runs.size());
        run_of.push_back(found->second);
        if (!is_new) continue;
        spec.name = fmt::format("run_{}", study.runs.size() + 1);
        study.runs.push_back(std::move(spec));
    }
    auto next = run_of.begin();
    const auto take = [&] {
        std::vector<std::size_t> out(next, next + static_cast<std::ptrdiff_t>(cells));
        next += static_cast<std::ptrdiff_t>(cells);
        return out;
    };
    study.cells = take();
    for (const auto& baseline : reader.baselines())
        study.baselines.push_back(baseline.empty() ? std::vector<std::size_t>() : take());
}

GridRun run_grid(const GridStudy& study, const VariedCase& subject, std::size_t index,
                 const std::function<bool()>& stop) {
    GridRun out;
    out.index = index;
    out.values.assign(study.outcomes.size(), NAN);
    bool stopped = false;
    const std::function<bool()> asked = [&] { return stopped = stopped || (stop && stop()); };
    const VariantResult run =
        run_variant(subject.model, subject.rest, subject.base, reach_of(measures_of(study), subject), study.runs[index],
                    asked, varied_options(subject));
    out.stopped = stopped;
    out.failure = run.failure;
    if (stopped || !run.failure.empty()) return out;
    for (std::size_t o = 0; o < study.outcomes.size(); ++o)
        out.values[o] = read_measure(study.outcomes[o].measure, run.curves).value_or(NAN);
    return out;
}

std::string grid_hash(const GridStudy& study, const VariedCase& subject) {
    Hasher hasher;
    hasher.add(subject.model->hash);
    hasher.add(subject.base.ones);
    for (const auto& lanes : subject.base.lanes) hasher.add(lanes);
    hasher.add(subject.until);
    for (const VariantSpec& run : study.runs) hasher.add(identity(run, *subject.model));
    const auto add = [&](const std::vector<std::size_t>& indices) {
        for (const std::size_t i : indices) hasher.add(std::uint64_t{i});
    };
    add(study.cells);
    for (const auto& list : study.baselines) add(list);
    for (const GridOutcome& o : study.outcomes) {
        hasher.add(o.name);
        add_measure(hasher, o.measure);
        hasher.add(static_cast<std::uint64_t>(o.against));
        hasher.add(o.factor);
    }
    return hasher.hex();
}

}  // namespace lobule::io
