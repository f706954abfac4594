#include "invariants.hpp"

#include <fmt/format.h>

namespace lobule {

namespace {

constexpr double k_rounding = 1e-9;

}  // namespace

Invariants::Invariants(const Model& model, const Inputs& inputs) : model_(model), binding_(model, inputs) {
    std::vector<ExprId> outputs;
    for (const Invariant& invariant : model.run.invariants) outputs.push_back(invariant.value);
    program_ = Program(model.run.graph, outputs);
}

void Invariants::check(double time, const double* y, std::string_view when) {
    if (model_.run.invariants.empty()) return;
    program_.evaluate(binding_.bind(time, y), workspace_);
    std::vector<Problem> problems;
    for (std::size_t i = 0; i < program_.outputs(); ++i) {
        const Invariant& invariant = model_.run.invariants[i];
        const std::size_t lanes = program_.extent(i) == Extent::lanes ? static_cast<std::size_t>(model_.zones) : 1;
        for (std::size_t z = 0; z < lanes; ++z) {
            const double value = program_.result(workspace_, i)[z];
            if (value >= invariant.low - k_rounding && value <= invariant.high + k_rounding) continue;
            const std::string wanted = invariant.low == invariant.high
                                           ? fmt::format("{:.10g}", invariant.low)
                                           : fmt::format("{:.10g} to {:.10g}", invariant.low, invariant.high);
            problems.push_back({invariant.where,
                                fmt::format("{}: {:.10g} instead of {} {}", invariant.what, value, wanted, when),
                                {}});
            break;  // the first zone says it
        }
    }
    if (!problems.empty()) throw SpecError(std::move(problems));
}

}  // namespace lobule
