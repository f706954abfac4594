// Flexible GMRES (Saad, SIAM J. Sci. Comput. 14 (1993) 461) for the Jacobian of the fields, bordered by the body's equations:
//
//   A x - in beta = r        x in all voxels, beta for the blood that comes in
//   G_out out(x) + G_b beta = g
//
// The border is eliminated in the preconditioner by a small Schur complement G_b + G_out out(A^-1 in). Where no carried
// signals couple in the tissue, one solve gives A^-1 in for all of them at once, and it is kept. Where they do, there is one
// solve for each, only out() of it is kept, and every application takes a second cycle with the blood that was found.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "field_multigrid.hpp"

namespace lobule {

struct FieldVector {
    std::vector<float> field;
    std::vector<double> blood;  // of the carried signals
};

/// Where blood comes in and goes out, and the body's Jacobians, in the units of the vectors.
struct FieldBorder {
    struct Port {
        std::uint32_t voxel;
        float flow;
    };
    std::vector<int> signal;  // of each unknown in blood
    std::vector<Port> in, out;
    std::vector<double> by_blood, by_out;  // by rows
};

class FieldKrylov {
public:
    FieldKrylov(FieldMultigrid& multigrid, const std::vector<float>& carried, std::vector<FieldBorder::Port> in,
                std::vector<FieldBorder::Port> out);

    /// The body's Jacobians from now on; empty ones: blood is given. Call after multigrid.factor(). What blood brings about
    /// in the tissue is found anew if `renew`: an old answer costs iterations, not accuracy. Returns cycles.
    int set_border(std::vector<double> by_blood, std::vector<double> by_out, bool renew, int threads);
    /// The carried signals.
    const std::vector<int>& carried() const { return border_.signal; }

    /// x with |rhs - A x| <= reduction |rhs|, or the best found in `cycles` at most. Returns the cycles.
    int solve(const FieldVector& rhs, FieldVector& x, double reduction, int cycles, int threads);

    std::size_t memory() const;

private:
    void apply(const FieldVector& x, FieldVector& out, int threads) const;
    void precondition(const FieldVector& rhs, FieldVector& x, int threads);
    std::vector<double> out_of(const std::vector<float>& field) const;
    void dots(std::size_t count, const FieldVector& w, int threads, std::vector<double>& result);
    double norm(const FieldVector& w, int threads);
    FieldVector& vector_of(std::vector<FieldVector>& list, std::size_t index);
    bool bordered() const { return !border_.by_blood.empty(); }
    int find_reach(int threads);
    /// field += what comes in with blood.
    void add_inflow(const std::vector<double>& blood, std::vector<float>& field) const;

    FieldMultigrid& multigrid_;
    std::vector<float> carried_of_;  // of each signal
    FieldBorder border_;
    bool coupled_ = false;         // some carried signal depends on another
    std::vector<float> reach_;     // A^-1 in of all carried signals at once, if they are not
    std::vector<double> through_;  // out of signal r for blood of signal c, by rows
    std::vector<double> schur_;    // by rows
    FieldVector with_inflow_;
    std::vector<FieldVector> basis_, directions_;
    std::vector<double> partial_;
};

}  // namespace lobule
