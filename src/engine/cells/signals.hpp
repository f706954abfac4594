// Signals of a tissue with the body they circulate in, and what else changes by the laws of a place: one implicit step.
// Private to the engine.
//
// Fast signals are in quasi-steady balance at the end of a step, slow ones take an implicit Euler step, both with the same
// residual (tissue/fields.hpp); the body takes an implicit Euler step with what leaves the tissue at its end. Variables and
// matrix of a place follow their linearised law exactly (exponential Euler).
#pragma once

#include <memory>
#include <vector>

#include "place_laws.hpp"
#include "tissue/fields.hpp"
#include "tissue/grid.hpp"

namespace lobule {

/// Where one unit of blood goes: flow through faces, and into and out of voxels, for an inflow of 1.
struct Perfused {
    FaceFlow flow;
    std::vector<double> inflow, outflow;
};

class TissueSignals {
public:
    /// `lobules`: how many lobules of the untouched liver the box stands for.
    TissueSignals(const Model& model, const Laws& laws, const Inputs& inputs, double lobules);
    ~TissueSignals();

    void set_space(const Grid& grid, Perfused perfused);
    /// The same voxels in a box that has strained.
    void set_grid(const Grid& grid) { grid_ = grid; }
    /// Moves `values` from `time` by `step` [h]; cells stay as they are. With step = infinity: the steady state of signals and
    /// of the compartments that carry them, all else kept. Throws RunError.
    FieldReport advance(std::vector<double>& values, double time, double step, int threads);
    PlaceLaws& laws() noexcept { return laws_; }

private:
    class Local;
    class Circulation;

    void local_step(std::vector<double>& values, double step, int threads);

    const Model& model_;
    double lobules_;
    PlaceLaws laws_;
    Grid grid_;
    Perfused perfused_;
    std::vector<Signal> signals_;
    std::vector<double> old_, now_, blood_, fluid_;
    std::unique_ptr<Local> local_;
    std::unique_ptr<Circulation> circulation_;
    Program fluid_program_, inflow_program_;
    struct Variable {
        std::int32_t entry;
        std::size_t rate, slope;  // outputs
    };
    std::vector<Variable> variables_;
    Program variable_program_;
};

}  // namespace lobule
