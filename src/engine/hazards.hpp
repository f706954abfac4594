// Rates of single cells must not be negative: an agent cannot do a thing at a negative rate, so an ODE that lets it happen
// has no reading in cells. Private to the engine.
#pragma once

#include <cstddef>
#include <vector>

#include "zones/system.hpp"

namespace lobule {

[[noreturn]] void throw_negative_hazard(const Model& model, const Hazard& hazard, double time, double rate,
                                        std::size_t zone, bool by_zone);

/// Looks at the hazards of an ODE run after each step; those that cannot be negative by their form are left out.
class HazardGuard {
public:
    HazardGuard(const Model& model, const Inputs& inputs);
    /// Throws SolverFailure when one is below zero by more than rounding.
    void check(double time, const double* y);
    InputBinding& binding() noexcept { return binding_; }
    std::size_t watched() const noexcept { return watched_.size(); }

private:
    const Model& model_;
    std::vector<std::size_t> watched_;
    Program program_;
    ProgramWorkspace workspace_;
    InputBinding binding_;
};

}  // namespace lobule
