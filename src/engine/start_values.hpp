// Start numbers and typical sizes of State values, from parameters alone. Private to the engine.
#pragma once

#include <vector>

#include "engine/rest.hpp"
#include "model/model.hpp"
#include "model/program.hpp"

namespace lobule {

/// Values of start-program expressions, by parameter values.
class StartValues {
public:
    StartValues(const Model& model, const Parameters& parameters);
    StartValues(const Model& model, const Inputs& inputs);
    /// One value per zone; a one-value expression is repeated.
    std::vector<double> zones(ExprId id) const;
    double one(ExprId id) const { return raw(id).front(); }
    /// Numbers by zone of a population: as the law says, or moved between zones by its profile; one for blood and marrow.
    std::vector<double> population(ExprId id, std::int32_t population) const;

private:
    std::vector<double> raw(ExprId id) const;
    void set_columns();

    const Model& model_;
    std::size_t zones_;
    std::vector<double> ones_;
    LaneColumns lanes_;
    std::vector<double> nothing_;  // what no start value reads
    std::vector<const double*> columns_;
};

/// State values as declared, before balance.
std::vector<double> start_values(const Model& model, const StartValues& start);

/// Typical sizes of State values: cells and their volume by population and zone, the rest by their own value.
std::vector<double> typical_sizes(const Model& model, const std::vector<double>& y);

/// What a cell that enters carries, as one of the untouched liver: by population, quantity and place (zones, or the body).
std::vector<std::vector<std::vector<double>>> newcomer_values(const Model& model, const Inputs& inputs);

/// Inputs with parameters, zone positions and closures filled in, frozen values still 0.
Inputs bind_parameters(const Model& model, const Parameters& parameters, const Closures& closures);

}  // namespace lobule
