#include "invariants.hpp"

#include <fmt/format.h>

#include <cmath>

namespace lobule {

Invariants::Invariants(const Model& model, const Inputs& inputs) : model_(model), binding_(model, inputs) {
    std::vector<ExprId> outputs;
    for (const Invariant& invariant : model.run.invariants) outputs.push_back(invariant.value);
    program_ = Program(model.run.graph, outputs);
}

void Invariants::check(double time, const double* y, std::string_view when) {
    if (model_.run.invariants.empty()) return;
    program_.evaluate(binding_.bind(time, y), workspace_);
    for (std::size_t i = 0; i < program_.outputs(); ++i) {
        const Invariant& invariant = model_.run.invariants[i];
        const std::size_t lanes = program_.extent(i) == Extent::lanes ? static_cast<std::size_t>(model_.zones) : 1;
        for (std::size_t z = 0; z < lanes; ++z) {
            const double value = program_.result(workspace_, i)[z];
            if (!(std::abs(value - invariant.expected) <= 1e-9))
                throw SpecError(invariant.where, fmt::format("{}: {:.10g} instead of {:.10g} {}", invariant.what, value,
                                                             invariant.expected, when));
        }
    }
}

}  // namespace lobule
