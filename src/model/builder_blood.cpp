// Blood: flows between compartments and lobules, and what one volume of them carries of each signal.
#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "builder.hpp"

namespace lobule {

namespace {

const Dimension k_time = Dimension::of(Dimension::time);
const Dimension k_volume = power(Dimension::of(Dimension::length), 3);

}  // namespace

/// What a volume of the flow carries where the signal has the concentration `level` (-1: that of the zone).
ExprId Builder::content(const Part& signal, std::string_view place, ExprId level) {
    if (signal.carried.text.empty()) return level >= 0 ? level : concentration(signal)->id;
    const CellContext before = context_;
    context_ = {};
    if (level >= 0) context_ = {&signal, {}, "blood of " + std::string(place) + '|', level};
    const Extent extent = level >= 0 ? graph_[level].extent : Extent::lanes;
    const ExprId value = compile_as(signal, signal.carried, extent, concentration_dimension(signal), "`carried`");
    context_ = before;
    return value;
}

/// Transport by an empty or a falling content would take what is not there, or run against itself.
void Builder::check_content(Laws& laws, const Part& signal, ExprId content_here) {
    const Where& where = signal.carried.where;
    std::vector<bool> seen(graph_.size(), false);
    std::vector<ExprId> open{content_here};
    while (!open.empty()) {
        const ExprId id = open.back();
        open.pop_back();
        if (id < 0 || seen[static_cast<std::size_t>(id)]) continue;
        seen[static_cast<std::size_t>(id)] = true;
        const Expression& e = graph_[id];
        open.insert(open.end(), {e.a, e.b, e.c});
        if (e.op != Op::input || e.extent != Extent::lanes) continue;
        for (const SignalInfo& other : model_.signals) {
            const std::string& name = model_.zone_states[static_cast<std::size_t>(other.entry)].name;
            if (other.entry == e.integer && name != signal.name)
                fault(where, "`carried` may not read the signal `" + name + "`: it is a law of its own concentration");
        }
    }
    const ExprId nothing = graph_.constant(0.0);
    const ExprId at_nothing = content(signal, "an empty flow", nothing);
    if (!graph_.is_constant(at_nothing, 0.0)) {
        const ExprId empty = graph_.binary(Op::equal, at_nothing, nothing);
        const ExprId share = graph_.select(empty, nothing, graph_.binary(Op::div, at_nothing, content_here));
        laws.invariants.push_back(
            {share, 0.0, 0.0, where, "`carried` must be 0 at a concentration of 0; as a share of what is carried"});
    }
    const ExprId amount = zone_input(layout_.zone_entry.at(signal.name));
    const ExprId slope = graph_.binary(Op::mul, graph_.derivative(content_here, amount), zone_value("fluid")->id);
    laws.invariants.push_back({slope, 0.0, std::numeric_limits<double>::infinity(), where,
                               "`carried` must not fall with the concentration; its slope"});
}

/// Of every signal in blood.
void Builder::build_contents(Laws& laws) {
    for (const Part* signal : layout_.parts) {
        if (signal->kind != PartKind::signal || !signal->in_blood()) continue;
        BloodContent out;
        out.signal = static_cast<std::int32_t>(layout_.zone_entry.at(signal->name));
        out.content = content(*signal, {}, -1);
        out.bound = !signal->carried.text.empty();
        if (out.bound) check_content(laws, *signal, out.content);
        if (!signal->entering.text.empty())
            out.entering =
                compile_as(*signal, signal->entering, Extent::one, concentration_dimension(*signal), "`entering`");
        laws.contents.push_back(out);
    }
}

/// Blood: what enters the first zone, passes from zone to zone and leaves the last one, and what goes between compartments.
void Builder::build_flows(Laws& laws) {
    std::map<std::string, std::pair<ExprId, ExprId>> balance;  // node -> (in, out), whole body
    const auto side = [&](const std::string& node) -> std::pair<ExprId, ExprId>& {
        return balance.try_emplace(node, graph_.constant(0.0), graph_.constant(0.0)).first->second;
    };
    const auto known_node = [&](const std::string& node, const Where& where) {
        if (node == "lobule" || layout_.compartment.contains(node)) return true;
        std::vector<std::string> known{"lobule"};
        for (const auto& [name, spec] : layout_.compartment) known.push_back(name);
        fault(where, "unknown compartment `" + node + "`", nearest_name(node, known));
        return false;
    };
    build_contents(laws);
    const Part* first = nullptr;
    for (const Part* part : layout_.parts)
        for (const FlowSpec& flow : part->flows) {
            if (!known_node(flow.from, flow.where) || !known_node(flow.to, flow.where)) continue;
            if (first == nullptr) first = part;
            const ExprId rate = compile_as(*part, flow.rate, Extent::one, k_volume / k_time, "`rate` of a flow");
            side(flow.from).second = graph_.binary(Op::add, side(flow.from).second, rate);
            side(flow.to).first = graph_.binary(Op::add, side(flow.to).first, rate);
            const bool inward = flow.to == "lobule";
            const std::string& compartment = inward ? flow.from : flow.to;
            const bool perfuses = inward != (flow.from == "lobule");
            Perfusion perfusion{inward, rate, {}};
            for (const Part* signal : layout_.parts) {
                if (signal->kind != PartKind::signal || signal->carried_in.empty()) continue;
                const bool from_lobule = flow.from == "lobule";
                const bool to_lobule = inward;
                if ((!from_lobule && !signal->carried_by(flow.from)) || (!to_lobule && !signal->carried_by(flow.to)))
                    continue;
                const auto zone = static_cast<std::int32_t>(layout_.zone_entry.at(signal->name));
                const auto body = [&](const std::string& name) {
                    return static_cast<std::int32_t>(layout_.body_entry.at(name + "." + signal->name));
                };
                const auto content_of = [&](const std::string& name) {
                    return content(*signal, name, compartment_value(name, signal->name)->id);
                };
                if (from_lobule) {
                    // Per lobule out of the last zone; lobule.count times that into the compartment.
                    const ExprId share = graph_.binary(Op::div, rate, lobule_value("count")->id);
                    const ExprId leaving = content(*signal, {}, -1);
                    const ExprId out = graph_.binary(Op::mul, share, leaving);
                    const ExprId whole = graph_.binary(Op::mul, rate, leaving);
                    laws.transfers.push_back({Transfer::Route::leave, zone, body(flow.to), out, whole});
                } else {
                    const ExprId amount = graph_.binary(Op::mul, rate, content_of(flow.from));
                    if (to_lobule) {
                        const ExprId share = graph_.binary(Op::div, amount, lobule_value("count")->id);
                        laws.transfers.push_back({Transfer::Route::enter, body(flow.from), zone, amount, share});
                    } else {
                        laws.transfers.push_back({Transfer::Route::body, body(flow.from), body(flow.to), amount, -1});
                    }
                }
                if (perfuses) perfusion.carried.push_back({zone, body(compartment), content_of(compartment)});
            }
            if (perfuses) laws.perfusions.push_back(std::move(perfusion));
        }
    if (!balance.contains("lobule"))
        for (const Part* signal : layout_.parts)
            if (!signal->entering.text.empty())
                fault(signal->entering.where, "`entering` needs a flow into the lobule: no body part has one");
    if (first == nullptr) return;
    if (balance.contains("lobule")) {
        const ExprId inflow = lobule_value("inflow")->id;
        for (const BloodContent& c : laws.contents) {
            const ExprId flux = graph_.binary(Op::mul, inflow, c.content);
            laws.transfers.push_back({Transfer::Route::downstream, c.signal, c.signal, flux, -1});
            if (c.entering < 0) continue;
            const ExprId into = graph_.binary(Op::mul, inflow, c.entering);
            laws.transfers.push_back({Transfer::Route::enter, -1, c.signal, into, into});
            laws.transfers.push_back({Transfer::Route::leave, c.signal, -1, flux, flux});
        }
    }
    for (const auto& [node, flows] : balance) {
        if (flows.first == flows.second) continue;
        const ExprId ratio = graph_.binary(Op::div, flows.first, flows.second);
        laws.invariants.push_back(
            {ratio, 1.0, 1.0, first->flows.front().where, "blood that enters `" + node + "` must leave it"});
    }
}

}  // namespace lobule
