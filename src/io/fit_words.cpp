// The words of problem.toml, and its reading.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "io/fit.hpp"

namespace lobule::io {

namespace {

std::vector<Word> make_words() {
    using enum ValueType;
    return {{"problem",
             Word::Form::table,
             "fit",
             "What is fitted to what.",
             {{"about", text, true, "one sentence"},
              {"scenarios", names, true, "names, folders or files; each brings its expect.toml"},
              {"compare", names, false,
               "names of series and features of expect.toml (default: all whose role is calibrate)"},
              {"starts", integer, false, "start points: the present values, then a Latin hypercube (default 8)"},
              {"evaluations", integer, false, "the most runs of all cases for one start (default 200)"},
              {"seed", integer, false, "of the start points (default 1)"},
              {"study_effect", quantity, false,
               "standard deviation of a factor on each study's values, estimated with the parameters (default: none)"},
              {"profile", names, false, "parameters whose profile is computed"},
              {"correlations", names, false,
               "parameters of the matrix of correlations, two or more, in its order (default: all)"}}},
            varied_word("fit")};
}

void check_top(const Node& root, std::vector<Problem>& problems) {
    std::vector<std::string> names;
    for (const Word& word : fit_words()) names.emplace_back(word.name);
    for (const auto& [name, node] : root.members)
        if (std::find(names.begin(), names.end(), name) == names.end())
            problems.push_back({node.where, "unknown word `" + name + "` in a fit problem", nearest_name(name, names)});
}

std::vector<const Node*> list(const Node& node, std::string_view key) {
    std::vector<const Node*> out;
    const Node* found = node.find(key);
    if (found == nullptr) return out;
    if (found->kind == Node::Kind::text) out.push_back(found);
    for (const Node& item : found->items) out.push_back(&item);
    return out;
}

std::size_t count(const Node& node, std::string_view key, std::size_t fallback, std::size_t least,
                  std::vector<Problem>& problems) {
    const Node* found = node.find(key);
    if (found == nullptr) return fallback;
    if (found->real < static_cast<double>(least) || found->real > 1e6) {
        problems.push_back({found->where, fmt::format("must be a whole number from {} to 1000000", least), {}});
        return fallback;
    }
    return static_cast<std::size_t>(found->real);
}

}  // namespace

const std::vector<Word>& fit_words() {
    static const std::vector<Word> list = make_words();
    return list;
}

FitProblem read_fit_head(const std::filesystem::path& file, const Node& root) {
    std::vector<Problem> problems;
    FitProblem out;
    out.file = file;
    out.name = file.filename() == "problem.toml" ? std::filesystem::absolute(file).parent_path().filename().string()
                                                 : file.stem().string();
    check_top(root, problems);
    const Node* head = root.find("problem");
    if (head == nullptr)
        problems.push_back({root.where, "a fit needs [problem]", {}});
    else
        check_table(*head, fit_words().front(), problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    out.about = head->find("about")->text;
    for (const Node* name : list(*head, "scenarios")) {
        out.scenarios.push_back(name->text);
        out.scenarios_where.push_back(name->where);
    }
    if (out.scenarios.empty()) problems.push_back({head->find("scenarios")->where, "names no scenario", {}});
    out.starts = count(*head, "starts", out.starts, 1, problems);
    out.evaluations = count(*head, "evaluations", out.evaluations, 10, problems);
    out.seed = count(*head, "seed", 1, 0, problems);
    if (const Node* effect = head->find("study_effect")) try {
            const Quantity q = parse_quantity(effect->text);
            if (q.dimension != Dimension{} || !(q.value > 0.0))
                problems.push_back({effect->where, "is a number above 0 without a unit, such as \"0.1\"", {}});
            out.prior = q.value;
        } catch (const UnitError& error) {
            problems.push_back({effect->where, error.what(), error.nearest()});
        }
    if (!problems.empty()) throw SpecError(std::move(problems));
    return out;
}

void read_fit_body(FitProblem& problem, const Node& root, std::vector<VariedCase>& cases) {
    std::vector<Problem> problems;
    const Node& head = *root.find("problem");
    problem.parameters = read_varied(root, cases, problems);
    std::vector<std::string> parameter_names;
    for (const VariedParameter& p : problem.parameters) parameter_names.push_back(p.bounded.name);
    const auto named = [&](std::string_view key, std::vector<std::size_t>& out) {
        for (const Node* node : list(head, key)) {
            const auto found = std::find(parameter_names.begin(), parameter_names.end(), node->text);
            const auto at = static_cast<std::size_t>(found - parameter_names.begin());
            if (found == parameter_names.end())
                problems.push_back({node->where, "`" + node->text + "` is no [[parameter]] of this problem",
                                    nearest_name(node->text, parameter_names)});
            else if (std::find(out.begin(), out.end(), at) != out.end())
                problems.push_back({node->where, "`" + node->text + "` is given twice", {}});
            else
                out.push_back(at);
        }
    };
    named("profile", problem.profile);
    named("correlations", problem.correlations);
    const std::vector<const Node*> correlated = list(head, "correlations");
    if (head.find("correlations") != nullptr && correlated.size() < 2)
        problems.push_back({head.find("correlations")->where, "a matrix of correlations needs two parameters", {}});
    for (std::size_t i = 0; correlated.empty() && i < problem.parameters.size(); ++i) problem.correlations.push_back(i);
    std::vector<std::string> fitted, held_out, without_number;
    const auto sort_by_role = [&](const auto& specs) {
        for (const auto& spec : specs) (spec.role == "calibrate" ? fitted : held_out).push_back(spec.name);
    };
    for (const VariedCase& one : cases) {
        sort_by_role(one.expectations.series);
        std::vector<FeatureSpec> numbers;
        for (const FeatureSpec& f : one.expectations.features)
            if (f.role == "calibrate" && !(f.low && f.high))
                without_number.push_back(f.name);
            else
                numbers.push_back(f);
        sort_by_role(numbers);
    }
    for (const Node* node : list(head, "compare")) {
        problem.compare.push_back(node->text);
        if (std::find(fitted.begin(), fitted.end(), node->text) != fitted.end()) continue;
        if (std::find(held_out.begin(), held_out.end(), node->text) != held_out.end())
            problems.push_back(
                {node->where, "`" + node->text + "` has another role than calibrate: no fit sees it", {}});
        else if (std::find(without_number.begin(), without_number.end(), node->text) != without_number.end())
            problems.push_back(
                {node->where, "`" + node->text + "` is in words or a sign: nothing to fit a number to", {}});
        else
            problems.push_back(
                {node->where, "no series or feature is called `" + node->text + "`", nearest_name(node->text, fitted)});
    }
    std::size_t compared = 0;
    for (VariedCase& one : cases) {
        one.expectations = calibration_of(one.expectations, problem.compare, one.model->spec, one.until);
        compared += one.expectations.series.size() + one.expectations.features.size();
    }
    if (compared == 0 && problems.empty())
        problems.push_back({head.find("scenarios")->where, "no series or feature of these has the role calibrate", {}});
    if (!problems.empty()) throw SpecError(std::move(problems));
}

}  // namespace lobule::io
