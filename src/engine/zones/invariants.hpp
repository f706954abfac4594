// What laws promise beyond their dimension: shares add up to 1, what flows in flows out. Private to the engine.
#pragma once

#include <string_view>

#include "system.hpp"

namespace lobule {

class Invariants {
public:
    Invariants(const Model& model, const Inputs& inputs);
    /// Throws SpecError at the law that is broken. `when`: "on the untouched liver".
    void check(double time, const double* y, std::string_view when);

private:
    const Model& model_;
    Program program_;
    ProgramWorkspace workspace_;
    InputBinding binding_;
};

}  // namespace lobule
