// The balance of every voxel and signal in double precision: what a solution is judged by. A flux through a face is the same
// number for both its voxels, so that it cancels in the sum.
#pragma once

#include <array>
#include <vector>

#include "field_block.hpp"
#include "tissue/fields.hpp"

namespace lobule {

/// Sums of one signal over voxels.
struct FieldTotals {
    double made = 0.0, taken = 0.0, entered = 0.0, left = 0.0, stored = 0.0, gross = 0.0;  // as in FieldBalance
    double residual = 0.0, absolute = 0.0, squares = 0.0;                                  // sums of r, |r| and r^2
    double terms = 0.0;  // sum of what r is the small difference of
    double c_max = 0.0;
    double loss = 0.0;  // sum of the conductances by which it leaves the tissue for good [um^3/h]
    std::array<double, k_signals_max> calls{};  // sums of |slopes| by other signals' concentrations

    void add(const FieldTotals& o);
};

class FieldResidual {
public:
    FieldResidual(const Medium& medium, std::vector<Signal> signals, std::array<std::vector<double>, 3> conductance);

    const std::vector<Signal>& signals() const { return signals_; }
    std::size_t voxels() const { return voxels_; }
    std::size_t bound() const { return bound_.size(); }
    const std::vector<double>& inflow() const { return inflow_; }
    const std::vector<double>& outflow() const { return outflow_; }

    /// What evaluate() writes: for the linear solver, every signal in units of its scale.
    struct Linear {
        const FieldBlock* block;
        const double* scale;  // of each signal
        double damping;       // times the sum of |slopes| is added to the diagonal
        float* residual;      // block->padded numbers for each voxel
        float* local;         // block->stride numbers for each voxel
        double* content;      // of each bound signal in each voxel, bound signals one after the other
        float* slope;         // of the content: block->padded numbers for each voxel, or null without bound signals
    };
    /// Totals of each signal at c and blood.
    std::vector<FieldTotals> evaluate(const std::vector<double>& c, const std::vector<double>& blood,
                                      const FieldProblem& problem, const Linear& linear, int threads) const;

    std::size_t memory() const;

private:
    struct Task;
    void block(const Task& task, std::size_t row0, std::size_t row1, FieldTotals* totals) const;
    void diffuse(std::size_t row, double diffusion, const double* c, double* r, double* conductance) const;
    void carry(std::size_t row, double carried, const double* content, double* r, double* conductance) const;
    void fill_contents(const Task& task, std::size_t begin, std::size_t end) const;

    std::size_t nx_, ny_, nz_, voxels_;
    std::vector<Signal> signals_;
    std::vector<std::size_t> bound_;  // signals
    std::array<std::vector<double>, 3> conductance_, flow_;
    std::vector<double> fluid_, inflow_, outflow_;
};

}  // namespace lobule
