// Rate laws by class of operation, and whole laws of a shipped case, through the compiler that every run uses.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "../simulate.hpp"
#include "app/benchmark.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "groups.hpp"
#include "kernels.hpp"
#include "model/program.hpp"

namespace lobule::app::speed {

namespace {

constexpr std::size_t k_batch = 256;                                   // cells of one type, evaluated together
constexpr std::array<std::size_t, 6> k_sweep{1, 3, 8, 64, 256, 4096};  // 3: zones
constexpr double k_target_arithmetic = 0.5, k_target_hill = 4.0;       // [ns]
constexpr std::size_t k_chains = 4;  // values that change, k_chains more that are read: all in the first cache

enum class Peak : std::uint8_t { none, mul, div, sqrt };

/// A class of operation: how to build one on the running value x of a chain, with operands that do not change.
struct Class {
    const char* name;
    ExprId (*build)(ExpressionGraph& graph, ExprId x, ExprId a, ExprId b);
    bool chained;  // x can go through again and again without leaving the numbers of laws
    std::optional<double> target;
    Peak peak = Peak::none;
    double peaks = 1.0;  // how many of those one operation needs
};

constexpr int k_slot_one = 0;  // the one-value input

template <Op op>
ExprId two(ExpressionGraph& graph, ExprId x, ExprId a, ExprId) {
    return graph.binary(op, x, a);
}
template <Op op>
ExprId one(ExpressionGraph& graph, ExprId x, ExprId, ExprId) {
    return graph.unary(op, x);
}
template <int n>
ExprId power(ExpressionGraph& graph, ExprId x, ExprId, ExprId) {
    return graph.power_int(x, n);
}
template <int n>
ExprId hill(ExpressionGraph& graph, ExprId x, ExprId a, ExprId) {
    return graph.hill(x, a, graph.constant(n));
}

const std::vector<Class>& classes() {
    static const std::vector<Class> all{
        {"add", two<Op::add>, true, k_target_arithmetic, Peak::mul},
        {"sub", two<Op::sub>, true, k_target_arithmetic, Peak::mul},
        {"mul", two<Op::mul>, true, k_target_arithmetic, Peak::mul},
        {"mul_one",
         [](ExpressionGraph& graph, ExprId x, ExprId, ExprId) {
             return graph.binary(Op::mul, x, graph.input(k_slot_one, Extent::one));
         },
         true, k_target_arithmetic, Peak::mul},
        {"div", two<Op::div>, true, k_target_arithmetic, Peak::div},
        {"min", two<Op::min>, false, k_target_arithmetic, Peak::mul},
        {"max", two<Op::max>, false, k_target_arithmetic, Peak::mul},
        {"abs", one<Op::abs>, false, k_target_arithmetic, Peak::mul},
        {"less", two<Op::less>, false, k_target_arithmetic, Peak::mul},
        {"and", two<Op::logical_and>, false, k_target_arithmetic, Peak::mul},
        {"select", [](ExpressionGraph& graph, ExprId x, ExprId a, ExprId b) { return graph.select(b, x, a); }, false,
         k_target_arithmetic, Peak::mul},
        {"sqrt", one<Op::sqrt>, false, k_target_arithmetic, Peak::sqrt},
        {"power_2", power<2>, false, k_target_arithmetic, Peak::mul},
        {"power_4", power<4>, false, k_target_arithmetic, Peak::mul, 2.0},
        {"hill_1", hill<1>, false, k_target_hill, Peak::div, 2.0},
        {"hill_2", hill<2>, false, k_target_hill, Peak::div, 2.0},
        {"hill_4", hill<4>, false, k_target_hill, Peak::div, 2.0},
        {"hill_real",
         [](ExpressionGraph& graph, ExprId x, ExprId a, ExprId b) { return graph.hill(x, a, b); },
         false,
         {}},
        {"exp", one<Op::exp>, false, {}},
        {"ln", one<Op::ln>, false, {}},
        {"tanh", one<Op::tanh>, false, {}},
        {"pow", two<Op::pow>, false, {}},
    };
    return all;
}

/// Columns of numbers near 1, and pointers to them.
struct Columns {
    std::vector<std::vector<double>> values;
    std::vector<const double*> pointers;

    Columns(std::size_t count, std::size_t lanes) : values(count, std::vector<double>(lanes)) {
        std::uint64_t index = 0;
        for (auto& column : values) {
            for (double& value : column) value = 0.5 + random_uniform({.stream = stream_id("bench"), .index = index++});
            pointers.push_back(column.data());
        }
    }
};

Row make_row(std::string name, std::size_t lanes, std::size_t operations) {
    Row row;
    row.group = "rate_laws";
    row.name = std::move(name);
    row.size = lanes;
    row.operations = operations;
    return row;
}

void run_peak(Peak peak) {
    switch (peak) {
        case Peak::mul: return peak_mul();
        case Peak::div: return peak_div();
        case Peak::sqrt: return peak_sqrt();
        case Peak::none: return;
    }
}

Row measure_class(const Class& subject, std::size_t lanes, const Effort& effort) {
    const std::size_t steps = subject.chained ? 16 : 1;
    ExpressionGraph graph;
    std::vector<ExprId> chains, fixed;
    for (std::size_t i = 0; i < 2 * k_chains; ++i)
        (i < k_chains ? chains : fixed).push_back(graph.input(static_cast<std::int32_t>(i), Extent::lanes));
    for (std::size_t step = 0; step < steps; ++step)
        for (std::size_t i = 0; i < k_chains; ++i)
            chains[i] = subject.build(graph, chains[i], fixed[(i + step) % k_chains], fixed[(i + 1) % k_chains]);
    const Program program(graph, chains);
    const Columns columns(2 * k_chains, lanes);
    const std::vector<double> ones{1.0000001};
    ProgramWorkspace workspace;

    const Loop loop = reference_loop(subject.name);
    const bool one_value = std::string_view(subject.name) == "mul_one";
    std::vector<std::vector<double>> out(k_chains, std::vector<double>(lanes));
    const auto reference = [&] {
        for (std::size_t step = 0; step < steps; ++step)
            for (std::size_t i = 0; i < k_chains; ++i) {
                const double* from = step == 0 ? columns.pointers[i] : out[i].data();
                const double* a = columns.pointers[k_chains + (i + step) % k_chains];
                const double* b = columns.pointers[k_chains + (i + 1) % k_chains];
                loop(lanes, out[i].data(), from, one_value ? ones.data() : a, b);
            }
    };
    const double work = static_cast<double>(steps * k_chains * lanes);
    std::vector<Kernel> kernels{{[&] {
                                     program.evaluate({ones, columns.pointers, lanes}, workspace);
                                 },
                                 work},
                                {reference, work}};
    if (subject.peak != Peak::none) kernels.push_back({[&] { run_peak(subject.peak); }, k_peak_results});
    const std::vector<Timing> timings = time_kernels(kernels, effort);

    Row row = make_row(subject.name, lanes, steps * k_chains);
    row.timing = timings[0];
    row.reference = timings[1].best;
    if (subject.peak != Peak::none) row.limit = timings[2].best * subject.peaks;
    if (lanes == k_batch) row.target = subject.target;
    return row;
}

/// The class in the table whose plain loop stands for an operation of a law; null for what is no operation.
const char* class_of(const Expression& e) {
    switch (e.op) {
        case Op::constant:
        case Op::input:
        case Op::lane_sum:
        case Op::mark:
        case Op::next:
        case Op::previous: return nullptr;
        case Op::add: return "add";
        case Op::sub:
        case Op::neg: return "sub";
        case Op::mul: return "mul";
        case Op::div: return "div";
        case Op::power_int: return e.integer == 2 ? "power_2" : "power_4";
        case Op::pow: return "pow";
        case Op::sqrt: return "sqrt";
        case Op::exp: return "exp";
        case Op::ln:
        case Op::log10: return "ln";
        case Op::tanh: return "tanh";
        case Op::abs: return "abs";
        case Op::min: return "min";
        case Op::max: return "max";
        case Op::hill:
            return e.integer == 1 ? "hill_1" : e.integer == 2 ? "hill_2" : e.integer ? "hill_4" : "hill_real";
        case Op::less:
        case Op::less_equal:
        case Op::equal:
        case Op::logical_not: return "less";
        case Op::logical_and:
        case Op::logical_or: return "and";
        case Op::select: return "select";
    }
    return nullptr;
}

/// How often each class stands in what the outputs need, counting operations on lanes alone.
std::map<std::string, std::size_t> operations_of(const ExpressionGraph& graph, const std::vector<ExprId>& outputs) {
    std::vector<bool> wanted(graph.size());
    for (const ExprId id : outputs) wanted[static_cast<std::size_t>(id)] = true;
    std::map<std::string, std::size_t> counts;
    for (auto id = static_cast<ExprId>(graph.size()) - 1; id >= 0; --id) {
        if (!wanted[static_cast<std::size_t>(id)]) continue;
        const Expression& e = graph[id];
        if (const char* name = class_of(e); name != nullptr && e.extent == Extent::lanes) ++counts[name];
        for (const ExprId operand : {e.a, e.b, e.c})
            if (operand >= 0) wanted[static_cast<std::size_t>(operand)] = true;
    }
    return counts;
}

std::size_t total(const std::map<std::string, std::size_t>& counts) {
    std::size_t sum = 0;
    for (const auto& [name, count] : counts) sum += count;
    return sum;
}

/// A law or several, to be evaluated on the untouched liver of a shipped case.
struct Law {
    std::string name;
    std::vector<ExprId> outputs;
};

/// The longest law of each kind that cells have, and all rates at once. Chosen by length: the engine knows no part.
std::vector<Law> laws_of(const Model& model) {
    const Laws& laws = model.run;
    std::vector<Law> chosen;
    const auto longest = [&](const char* kind, const std::vector<std::vector<ExprId>>& candidates) {
        std::size_t most = 0;
        Law found{std::string("law_") + kind, {}};
        for (const std::vector<ExprId>& outputs : candidates)
            if (const std::size_t length = total(operations_of(laws.graph, outputs)); length > most) {
                most = length;
                found.outputs = outputs;
            }
        if (most > 0) chosen.push_back(std::move(found));
    };
    std::vector<std::vector<ExprId>> transitions, rates, growths;
    Law all{"law_all_rates", laws.body_rates};
    for (const Hop& hop : laws.hops)
        if (hop.kind == Hop::Kind::transition) transitions.push_back({hop.hazard});
    for (const ExprId rate : laws.zone_rates) {
        rates.push_back({rate});
        all.outputs.push_back(rate);
    }
    for (const Change& change : laws.changes) growths.push_back({change.constant, change.slope});
    longest("transition", transitions);
    longest("growth", growths);
    longest("rate", rates);
    chosen.push_back(std::move(all));
    return chosen;
}

Row measure_law(const Law& law, const Case& ready, std::size_t lanes, const std::map<std::string, double>& references,
                const Effort& effort) {
    const Model& model = *ready.model;
    const Inputs inputs = make_inputs(model, ready.rest, ready.parameters());
    const State start = start_state(model, ready.rest, ready.parameters());
    // Lanes are zones over and over, each a little away from rest.
    const std::size_t zones = static_cast<std::size_t>(model.zones);
    Columns columns(inputs.lanes.size(), lanes);
    for (std::size_t slot = 0; slot < columns.values.size(); ++slot)
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const std::size_t zone = lane % zones;
            const double at_rest =
                slot < model.zone_states.size() ? start.values[slot * zones + zone] : inputs.lanes[slot][zone];
            columns.values[slot][lane] = at_rest * (0.9 + 0.2 * columns.values[slot][lane]);
        }
    std::vector<double> ones = inputs.ones;
    std::copy_n(start.values.begin() + static_cast<std::ptrdiff_t>(model.zone_states.size() * zones),
                model.body_states.size(), ones.begin() + 1);

    const Program program(model.run.graph, law.outputs);
    const std::map<std::string, std::size_t> counts = operations_of(model.run.graph, law.outputs);
    const std::size_t operations = total(counts);
    ProgramWorkspace workspace;
    const Kernel kernel{[&] {
                            program.evaluate({ones, columns.pointers, lanes}, workspace);
                        },
                        static_cast<double>(operations * lanes)};
    Row row = make_row(law.name, lanes, operations);
    row.timing = time_kernels({&kernel, 1}, effort).front();
    double reference = 0.0;
    for (const auto& [name, count] : counts)
        reference += references.at(name) * static_cast<double>(count) / static_cast<double>(operations);
    row.reference = reference;
    if (lanes == k_batch) row.target = k_target_arithmetic;
    return row;
}

}  // namespace

Results rate_laws(const Request& request) {
    Results results;
    std::vector<Row>& rows = results.rows;
    // A law is compared with the plain loops of its operations at a full batch, so these are measured for it too.
    std::vector<std::string> law_names{"law_transition", "law_growth", "law_rate", "law_all_rates"};
    const bool any_law = std::any_of(law_names.begin(), law_names.end(), request.wanted);
    std::map<std::string, double> references;
    for (const Class& subject : classes()) {
        if (!any_law && !request.wanted(subject.name)) continue;
        Row row = measure_class(subject, k_batch, request.effort);
        references[subject.name] = *row.reference;
        if (request.wanted(subject.name)) rows.push_back(std::move(row));
    }
    for (const Class& subject : classes()) {
        const std::string name = subject.name;
        if ((name != "mul" && name != "hill_2") || !request.wanted(name)) continue;
        for (const std::size_t lanes : k_sweep)
            if (lanes != k_batch) rows.push_back(measure_class(subject, lanes, request.effort));
    }
    if (!any_law) return results;
    const std::vector<std::string> scenarios = io::scenario_names(request.project);
    if (scenarios.empty()) return results;
    std::vector<Problem> problems;
    const std::filesystem::path file = io::find_scenario(request.project, scenarios.front());
    const Spec spec = io::read_scenario_file(file, problems);
    if (!problems.empty()) throw SpecError(std::move(problems));
    const Case ready = prepare(request.project, file.parent_path(), spec, {});
    for (const Law& law : laws_of(*ready.model))
        if (request.wanted(law.name))
            for (const std::size_t lanes : k_sweep)
                rows.push_back(measure_law(law, ready, lanes, references, request.effort));
    return results;
}

}  // namespace lobule::app::speed
