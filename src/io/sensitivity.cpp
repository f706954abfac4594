#include "io/sensitivity.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "table_reader.hpp"

namespace lobule::io {

namespace {

std::vector<Word> make_words() {
    using enum ValueType;
    std::vector<Key> output{{"name", text, true, "what it is"}};
    for (const Key& key : measure_keys())
        if (key.name != "variant") output.push_back(key);
    return {{"study",
             Word::Form::table,
             "sensitivity",
             "What is changed in which case, and how often it is run.",
             {{"about", text, true, "one sentence"},
              {"scenario", text, true, "name, folder or file"},
              {"method", text, true,
               "morris: elementary effects, samples x (parameters + 1) runs; sobol: shares of variance, samples x "
               "(parameters + 2) runs"},
              {"samples", integer, false, "trajectories (default 10) or rows of each matrix (default 256)"},
              {"seed", integer, false, "of the design (default 1)"}}},
            varied_word("sensitivity"),
            {"output", Word::Form::array, "sensitivity", "A number of the run that parameters may move.", output}};
}

const std::vector<std::string> k_methods{"morris", "sobol"};

class Reader : private TableReader {
public:
    Reader(const Model& model, std::vector<Problem>& problems) : TableReader(model, sensitivity_words(), problems) {}
    void read(const Node& root, std::vector<SensitivityOutput>& out) {
        for_each(root, "output", [&](const Node& node) {
            const auto measure = read_measure_keys(node);
            if (measure) out.push_back({text(node, "name"), *measure});
        });
        if (root.find("output") == nullptr) fault(root, "write `[[output]]`: one for each number that is looked at");
    }
};

std::vector<Measure> measures_of(const SensitivityStudy& study) {
    std::vector<Measure> out;
    for (const SensitivityOutput& o : study.outputs) out.push_back(o.measure);
    return out;
}

}  // namespace

const std::vector<Word>& sensitivity_words() {
    static const std::vector<Word> list = make_words();
    return list;
}

std::vector<std::vector<double>> SensitivityStudy::design() const {
    return method == Method::morris ? study::morris_design(parameters.size(), samples, seed)
                                    : study::sobol_design(parameters.size(), samples, seed);
}

SensitivityStudy read_study_head(const std::filesystem::path& file, const Node& root) {
    std::vector<Problem> problems;
    SensitivityStudy out;
    out.file = file;
    out.name = file.filename() == "study.toml" ? std::filesystem::absolute(file).parent_path().filename().string()
                                               : file.stem().string();
    std::vector<std::string> names;
    for (const Word& word : sensitivity_words()) names.emplace_back(word.name);
    for (const auto& [name, node] : root.members)
        if (std::find(names.begin(), names.end(), name) == names.end())
            problems.push_back({node.where, "unknown word `" + name + "` in a study", nearest_name(name, names)});
    const Node* head = root.find("study");
    if (head == nullptr)
        problems.push_back({root.where, "a sensitivity analysis needs [study]", {}});
    else
        check_table(*head, sensitivity_words().front(), problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    out.about = head->find("about")->text;
    out.scenario = head->find("scenario")->text;
    out.scenario_where = head->find("scenario")->where;
    const Node& method = *head->find("method");
    if (std::find(k_methods.begin(), k_methods.end(), method.text) == k_methods.end())
        problems.push_back(
            {method.where, "unknown method `" + method.text + "`", nearest_name(method.text, k_methods)});
    out.method = method.text == "sobol" ? SensitivityStudy::Method::sobol : SensitivityStudy::Method::morris;
    out.samples = method.text == "sobol" ? 256 : 10;
    if (const Node* samples = head->find("samples")) {
        if (samples->real < 2.0 || samples->real > 1e6)
            problems.push_back({samples->where, "must be a whole number from 2 to 1000000", {}});
        else
            out.samples = static_cast<std::size_t>(samples->real);
    }
    if (const Node* seed = head->find("seed")) {
        if (seed->real < 0.0)
            problems.push_back({seed->where, "a seed is not negative", {}});
        else
            out.seed = static_cast<std::uint64_t>(seed->real);
    }
    if (!problems.empty()) throw SpecError(std::move(problems));
    return out;
}

void read_study_body(SensitivityStudy& study, const Node& root, const std::vector<VariedCase>& cases) {
    std::vector<Problem> problems;
    study.parameters = read_varied(root, cases, problems);
    Reader(*cases.front().model, problems).read(root, study.outputs);
    for (const SensitivityOutput& o : study.outputs)
        if ((o.measure.kind == "value_at" || o.measure.kind == "fold") && o.measure.at > cases.front().until)
            problems.push_back({root.find("output")->where,
                                fmt::format("`{}` is read at {} h, after the end of the scenario at {} h", o.name,
                                            o.measure.at, cases.front().until),
                                {}});
    if (!problems.empty()) throw SpecError(std::move(problems));
}

StudyPoint run_point(const SensitivityStudy& study, const VariedCase& subject, std::size_t index,
                     const std::vector<double>& unit, const std::function<bool()>& stop) {
    StudyPoint out;
    out.index = index;
    out.outputs.assign(study.outputs.size(), NAN);
    const std::vector<double> values = study::from_unit(box_of(study.parameters), unit);
    const VariantProgress progress = [&](std::size_t, std::size_t, const std::string&) { return stop && stop(); };
    const Results results =
        run_expectations(subject.model, subject.rest, varied_parameters(subject, study.parameters, values),
                         reach_of(measures_of(study), subject), {}, progress, varied_options(subject));
    if (!results.complete) {
        out.stopped = true;
        return out;
    }
    out.failure = results.variants.front().failure;
    if (!out.failure.empty()) return out;
    for (std::size_t o = 0; o < study.outputs.size(); ++o)
        out.outputs[o] = read_measure(study.outputs[o].measure, results.variants.front().curves).value_or(NAN);
    return out;
}

std::string study_hash(const SensitivityStudy& study, const VariedCase& subject) {
    Hasher hasher;
    hasher.add(subject.model->hash);
    hasher.add(subject.base.ones);
    for (const auto& lanes : subject.base.lanes) hasher.add(lanes);
    hasher.add(subject.until);
    for (const VariedParameter& p : study.parameters) {
        hasher.add(p.bounded.name);
        hasher.add(p.bounded.low);
        hasher.add(p.bounded.high);
        hasher.add(static_cast<std::uint64_t>(p.bounded.scale));
    }
    for (const SensitivityOutput& o : study.outputs) {
        hasher.add(o.name);
        add_measure(hasher, o.measure);
    }
    hasher.add(static_cast<std::uint64_t>(study.method));
    hasher.add(std::uint64_t{study.samples});
    hasher.add(study.seed);
    return hasher.hex();
}

}  // namespace lobule::io
