// The ODE of one set of laws: dy/dt and its linearisation. Private to the engine.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "engine/rest.hpp"
#include "model/model.hpp"
#include "model/program.hpp"

namespace lobule {

/// One flux and the rows of dy/dt it enters: sign * flux[lane] for each (lane, row).
struct FluxTerm {
    ExprId flux;
    double sign = 1.0;
    std::vector<std::pair<std::int32_t, std::int32_t>> rows;  // (lane, row); lane 0 for one-value fluxes
};

/// Index of a value in the state vector: zone entries (entry * zones + zone), then body entries.
struct StateIndex {
    std::int32_t zones, zone_entries;
    std::int32_t zone(std::int32_t entry, std::int32_t z) const { return entry * zones + z; }
    std::int32_t body(std::int32_t entry) const { return zone_entries * zones + entry; }
    /// A population's entry: in zone z, or in the body (z is 0).
    std::size_t of(const Population& population, std::int32_t entry, std::int32_t z) const {
        return static_cast<std::size_t>(population.in_body ? body(entry) : zone(entry, z));
    }
    std::int32_t places(const Population& population) const { return population.in_body ? 1 : zones; }
};

/// Everything dy/dt is made of, as terms.
std::vector<FluxTerm> flux_terms(const Model& model, const Laws& laws);

/// Binds a state vector and Inputs to a Program's inputs.
class InputBinding {
public:
    InputBinding(const Model& model, const Inputs& inputs);
    /// The view is valid until the next call and as long as `y` lives.
    ProgramInputs bind(double time, const double* y);
    Inputs& inputs() noexcept { return inputs_; }
    /// Laws see times no earlier than `low` and no later than `high`: at its two ends a stretch between restarts has the laws of
    /// its inside, so that a jump of a law at a restart belongs to one side alone.
    void limit_time(double low, double high) {
        low_ = low;
        high_ = high;
    }

private:
    const Model& model_;
    Inputs inputs_;
    std::vector<const double*> columns_;
    double low_ = -std::numeric_limits<double>::infinity(), high_ = std::numeric_limits<double>::infinity();
};

/// dy/dt of a model.
class ZoneSystem {
public:
    ZoneSystem(const Model& model, const Laws& laws, const Inputs& inputs);
    /// The same laws for other inputs.
    ZoneSystem(const ZoneSystem& compiled, const Model& model, const Inputs& inputs);
    std::size_t size() const noexcept { return size_; }
    void rates(double time, const double* y, double* dydt);
    InputBinding& binding() noexcept { return binding_; }
    const std::vector<FluxTerm>& terms() const noexcept { return terms_; }

private:
    std::size_t size_;
    std::vector<FluxTerm> terms_;
    Program program_;
    ProgramWorkspace workspace_;
    InputBinding binding_;
};

}  // namespace lobule
