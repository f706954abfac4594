#include "breakpoints.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "system.hpp"

namespace lobule {

namespace {

/// Two sides whose meeting changes the law; the second is absent for |x|.
struct Meeting {
    ExprId left, right;
    bool jumps;  // a comparison: the law may jump there, not only bend
};

/// Every comparison, min, max and abs that the rates are made of.
std::vector<Meeting> meetings(const Model& model) {
    const ExpressionGraph& graph = model.run.graph;
    std::vector<bool> seen(graph.size(), false);
    std::vector<ExprId> open;
    const auto visit = [&](ExprId id) {
        if (id < 0 || seen[static_cast<std::size_t>(id)]) return;
        seen[static_cast<std::size_t>(id)] = true;
        open.push_back(id);
    };
    for (const ExprId rate : model.run.zone_rates) visit(rate);
    for (const ExprId rate : model.run.body_rates) visit(rate);
    for (const Transfer& transfer : model.run.transfers) {
        visit(transfer.flux);
        visit(transfer.into);
    }
    std::vector<Meeting> found;
    while (!open.empty()) {
        const Expression& e = graph[open.back()];
        open.pop_back();
        const bool compares = e.op == Op::less || e.op == Op::less_equal || e.op == Op::equal;
        if (compares || e.op == Op::min || e.op == Op::max || e.op == Op::abs) found.push_back({e.a, e.b, compares});
        for (const ExprId operand : {e.a, e.b, e.c}) visit(operand);
    }
    return found;
}

/// What an expression depends on.
struct Dependence {
    bool time = false, state = false;
};

Dependence dependence(const Model& model, ExprId id) {
    Dependence out;
    if (id < 0) return out;
    const auto body = static_cast<std::int32_t>(model.body_states.size());
    for (const ExprId leaf : model.run.graph.leaves(id)) {
        const Expression& e = model.run.graph[leaf];
        if (e.op != Op::input) {
            const Dependence inside = dependence(model, e.a);  // a sum
            out.time = out.time || inside.time;
            out.state = out.state || inside.state;
        } else if (e.extent == Extent::one) {
            if (e.integer == Model::time_slot)
                out.time = true;
            else if (e.integer <= body)
                out.state = true;
        } else if (e.integer < static_cast<std::int32_t>(model.zone_states.size())) {
            out.state = true;
        }
    }
    return out;
}

}  // namespace

std::vector<double> breakpoints(const Model& model, const Inputs& inputs) {
    std::vector<double> times;
    const auto zones = static_cast<std::size_t>(model.zones);
    const std::vector<double> nothing(zones, 0.0);  // no state is read
    std::vector<double> ones = inputs.ones;
    std::vector<const double*> columns(inputs.lanes.size(), nothing.data());
    for (std::size_t s = model.zone_states.size(); s < columns.size(); ++s) columns[s] = inputs.lanes[s].data();
    for (const Meeting& m : meetings(model)) {
        const Dependence left = dependence(model, m.left), right = dependence(model, m.right);
        if (!left.time && !right.time) continue;
        if (left.state || right.state) {
            if (!m.jumps) continue;
            throw SpecError(model.spec.where,
                            "a rate compares time with a value that changes during the run: compare time with "
                            "parameters, or use [[event]] with `when`");
        }
        std::vector<ExprId> sides{m.left};
        if (m.right >= 0) sides.push_back(m.right);
        const Program program(model.run.graph, sides);
        ProgramWorkspace workspace;
        std::vector<std::array<double, 3>> gaps(zones);  // at 0, 1 and 2 h
        bool by_zone = false;
        for (std::size_t s = 0; s < sides.size(); ++s) by_zone = by_zone || program.extent(s) == Extent::lanes;
        if (!by_zone) gaps.resize(1);
        for (std::size_t i = 0; i < 3; ++i) {
            ones[Model::time_slot] = static_cast<double>(i);
            program.evaluate({ones, columns, zones}, workspace);
            const auto side = [&](std::size_t s, std::size_t z) {
                return program.result(workspace, s)[program.extent(s) == Extent::lanes ? z : 0];
            };
            for (std::size_t z = 0; z < gaps.size(); ++z)
                gaps[z][i] = side(0, z) - (sides.size() > 1 ? side(1, z) : 0.0);
        }
        for (const auto& gap : gaps) {
            const double slope = gap[1] - gap[0];
            if (!(std::abs(gap[2] - gap[1] - slope) <= 1e-9 * (std::abs(gap[0]) + std::abs(slope)))) {
                if (!m.jumps) continue;
                throw SpecError(model.spec.where,
                                "a rate compares a value that is not linear in time: use [[event]] with `when`");
            }
            const double time = -gap[0] / slope;
            if (time > 0.0 && std::isfinite(time)) times.push_back(time);
        }
    }
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    return times;
}

}  // namespace lobule
