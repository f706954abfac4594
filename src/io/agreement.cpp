#include "io/agreement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/text.hpp"

namespace lobule::io {

namespace {

std::vector<Word> make_words() {
    using enum ValueType;
    return {{"look",
             Word::Form::array,
             "agreement",
             "Both readings of the case, compared at one time for samples of several sizes.",
             {{"name", text, true, "short name"},
              {"about", text, true, "one sentence"},
              {"set", laws, false, "part.parameter -> quantity"},
              {"at", quantity, false, "when they are compared (default 48 h, or the scenario's end when earlier)"},
              {"agents", text, false,
               "expected numbers of agents at the start, rising, four or more: \"50 100 200 400 800\" (default)"},
              {"step", quantity, false,
               "step of agents with the fewest of them (default the scenario's); it falls as 1 / sqrt(agents)"},
              {"replicates", integer, false, "runs of each size (default 200)"},
              {"probe", text, false, "all or none: the probe that tells the outcome"},
              {"above", quantity, false, "all or none: the level that divides the outcomes, in the probe's unit"}}}};
}

class Reader {
public:
    Reader(const Model& model, std::vector<Problem>& problems) : model_(model), problems_(problems) {}

    std::vector<AgreementLook> read(const Node& root) {
        std::vector<AgreementLook> out;
        const Word& word = agreement_words().front();
        for (const auto& [name, node] : root.members)
            if (name != "look")
                problems_.push_back({node.where, "unknown word `" + name + "` in agreement.toml",
                                     nearest_name(name, std::vector<std::string>{"look"})});
        const Node* list = root.find("look");
        if (list == nullptr || list->kind != Node::Kind::array) {
            problems_.push_back({root.where, "agreement.toml needs [[look]]", {}});
            return out;
        }
        for (const Node& node : list->items) {
            const auto before = problems_.size();
            check_table(node, word, problems_);
            if (problems_.size() == before) out.push_back(look(node));
        }
        return out;
    }

private:
    void fault(const Node& node, std::string what, std::string nearest = {}) {
        problems_.push_back({node.where, std::move(what), std::move(nearest)});
    }

    double quantity(const Node& node, const Dimension& dimension) {
        try {
            const Quantity q = parse_quantity(node.text);
            if (q.dimension != dimension)
                fault(node, "must have the dimension " + to_string(dimension) + ", not " + to_string(q.dimension));
            return q.value;
        } catch (const UnitError& error) {
            fault(node, error.what(), error.nearest());
            return 0.0;
        }
    }

    AgreementLook look(const Node& node) {
        AgreementLook out = usual_look(model_);
        out.name = node.find("name")->text;
        out.about = node.find("about")->text;
        const Dimension time = Dimension::of(Dimension::time);
        const auto positive = [&](std::string_view key, double& value) {
            const Node* given = node.find(key);
            if (given == nullptr) return;
            value = quantity(*given, time);
            if (!(value > 0.0)) fault(*given, "must be above zero");
        };
        positive("at", out.plan.at);
        positive("step", out.plan.step);
        if (const Node* n = node.find("replicates")) {
            if (n->real >= 10.0 && n->real <= 1e6)
                out.plan.replicates = static_cast<std::size_t>(n->real);
            else
                fault(*n, "`replicates` must be between 10 and 1000000");
        }
        if (const Node* agents = node.find("agents")) read_agents(*agents, out.plan);
        if (const Node* set = node.find("set"))
            for (const auto& [name, value] : set->members) setting(name, value, out);
        const Node *probe = node.find("probe"), *above = node.find("above");
        if ((probe == nullptr) != (above == nullptr)) fault(node, "an all-or-none outcome needs `probe` and `above`");
        if (probe == nullptr || above == nullptr) return out;
        std::vector<std::string> names;
        for (std::size_t p = 0; p < model_.run.probes.size(); ++p) {
            const ModelProbe& known = model_.run.probes[p];
            names.push_back(known.name);
            if (known.name != probe->text) continue;
            const Unit unit = parse_unit(known.unit == "1" ? "" : known.unit);
            out.outcome = {p, quantity(*above, unit.dimension) / unit.factor};
        }
        if (!out.outcome) fault(*probe, "unknown probe `" + probe->text + "`", nearest_name(probe->text, names));
        return out;
    }

    void read_agents(const Node& node, study::AgreementPlan& plan) {
        plan.agents.clear();
        for (const std::string& item : split(node.text, ' ')) {
            if (item.empty()) continue;
            double value = 0.0;
            const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), value);
            const bool whole = error == std::errc{} && end == item.data() + item.size();
            if (!whole || !(value >= 1.0) || (!plan.agents.empty() && !(value > plan.agents.back()))) {
                fault(node, "`agents` must be rising numbers: \"50 100 200 400 800\"");
                return;
            }
            plan.agents.push_back(value);
        }
        if (plan.agents.size() < 4) fault(node, "`agents` needs four numbers or more, for slopes with an error");
    }

    void setting(const std::string& name, const Node& value, AgreementLook& out) {
        const ParameterInfo* info = model_.parameter(name);
        if (info == nullptr) {
            std::vector<std::string> names;
            for (const ParameterInfo& p : model_.parameters) names.push_back(p.name);
            fault(value, "no parameter of this model is called `" + name + "`", nearest_name(name, names));
            return;
        }
        SettingSpec setting{name, {}, value.where, value.text};
        if (info->choices.empty())
            setting = {name, {quantity(value, info->dimension), info->dimension}, value.where};
        else if (!value_of(setting, *info, problems_))
            return;
        if (model_.other_parts({setting}))
            return fault(value, "`" + name + "` says which parts there are: it is set by the scenario");
        out.settings.push_back(std::move(setting));
    }

    const Model& model_;
    std::vector<Problem>& problems_;
};

}  // namespace

const std::vector<Word>& agreement_words() {
    static const std::vector<Word> list = make_words();
    return list;
}

std::vector<AgreementLook> read_agreement(const Node& root, const Model& model, std::vector<Problem>& problems) {
    return Reader(model, problems).read(root);
}

AgreementLook usual_look(const Model& model) {
    AgreementLook look;
    look.name = "usual";
    look.about = "The case as it is.";
    look.plan.at = std::min(48.0, model.spec.duration);
    look.plan.step = std::min(model.spec.step, look.plan.at / 8.0);
    return look;
}

bool LookResult::agrees() const {
    if (!result.failure.empty()) return false;
    if (!outcomes.empty())
        return std::all_of(outcomes.begin(), outcomes.end(), [](const OutcomeLevel& o) { return o.distance < 1.0; });
    return count(study::Verdict::disagrees) == 0 && count(study::Verdict::agrees) > 0;
}

std::size_t LookResult::count(study::Verdict verdict) const {
    return static_cast<std::size_t>(
        std::count_if(result.rows.begin(), result.rows.end(), [&](const auto& row) { return row.verdict == verdict; }));
}

LookResult run_look(const std::string& scenario, const std::shared_ptr<const Model>& model, const RestState& rest,
                    const Parameters& parameters, const AgreementLook& look,
                    const std::function<bool(double)>& progress) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    LookResult out{scenario, look, {}, {}, 0.0, 0.0};
    const Parameters values = set_parameters(*model, parameters, look.settings);
    study::AgreementPlan plan = look.plan;
    if (look.outcome) plan.probes = {look.outcome->probe};
    const bool twice = look.outcome.has_value();
    out.result = study::run_agreement(model, rest, values, plan,
                                      [&](double share) { return progress && progress(twice ? share / 3.0 : share); });
    if (look.outcome && out.result.failure.empty() && out.result.complete) {
        plan.step *= 0.5;
        plan.seed += 1;
        const study::AgreementResult finer = study::run_agreement(
            model, rest, values, plan, [&](double share) { return progress && progress((1.0 + 2.0 * share) / 3.0); });
        out.result.failure = finer.failure;
        out.result.complete = finer.complete;
        out.reference = out.result.reference.back();
        if (finer.failure.empty() && finer.complete)
            for (std::size_t l = 0; l < out.result.levels.size(); ++l) {
                const study::Replicates& level = out.result.levels[l];
                OutcomeLevel outcome{level.agents, level.step, {}, 0.0, level.values.back()};
                std::sort(outcome.ends.begin(), outcome.ends.end());
                const auto above = static_cast<std::size_t>(std::count_if(
                    outcome.ends.begin(), outcome.ends.end(), [&](double v) { return v > look.outcome->above; }));
                outcome.share = study::share_of(above, outcome.ends.size());
                outcome.distance = study::distribution_distance(outcome.ends, finer.levels[l].values.back());
                out.outcomes.push_back(std::move(outcome));
            }
    }
    out.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return out;
}

std::string agreement_csv(const std::vector<LookResult>& looks) {
    std::string out =
        "scenario,look,part,observable,unit,at_h,reference,agents,step_h,replicates,mean,sd,bias,bias_error,"
        "scatter_slope,scatter_slope_error,bias_slope,bias_slope_error,per_agent,per_agent_error,remaining,"
        "remaining_error,misfit,verdict\n";
    const auto maybe = [](const std::optional<study::Estimate>& e) {
        return e ? fmt::format("{:.6g},{:.3g}", e->value, e->error) : std::string(",");
    };
    for (const LookResult& look : looks)
        for (const study::AgreementRow& row : look.result.rows)
            for (const study::LevelSummary& level : row.levels)
                out += fmt::format(
                    "{},{},{},{},{},{:g},{:.10g},{:g},{:.6g},{},{:.10g},{:.6g},{:.6g},{:.3g},{},{},{:.6g},{:.3g},{:.6g}"
                    ","
                    "{:.3g},{:.3g},{}\n",
                    csv_field(look.scenario), csv_field(look.look.name), csv_field(row.part), csv_field(row.name),
                    csv_field(row.unit), look.look.plan.at, row.reference, level.agents, level.step, level.replicates,
                    level.mean, level.sd, level.bias.value, level.bias.error, maybe(row.scatter_slope),
                    maybe(row.bias_slope), row.first.value, row.first.error, row.remaining.value, row.remaining.error,
                    row.misfit,
                    row.verdict == study::Verdict::agrees      ? "agrees"
                    : row.verdict == study::Verdict::disagrees ? "disagrees"
                                                               : "silent");
    return out;
}

}  // namespace lobule::io
