// Fast signals in the fluid of a tissue: diffusion, flow, local reactions and a body that closes the circle, all at once.
//
// For signal s with concentration c [amount/um^3 of fluid] voxel v keeps the balance [amount/h]
//
//   0 = sum over faces D w A/h (c_n - c_v)  +  carried * (sum over faces q f(c_upwind) + inflow b - outflow f(c_v))
//     + made(c_v) - taken(c_v)  -  V (c_v - c_old) / dt
//
// f(c) is what one volume of the flow carries: c itself, or more where blood binds the signal (Carriage).
//
// by central differences for diffusion and upwind ones for flow (Patankar, Numerical Heat Transfer and Fluid Flow, 1980,
// ch. 5). w is the mean fluid share of two voxels, V the fluid in the voxel, b what one volume of the blood that comes in carries.
// Newton's method with a Krylov solver that multigrid preconditions finds all signals of all voxels together: docs of the
// parts are in src/tissue/field_*.hpp. Linear algebra is in single precision and never seen: a solution is judged by its
// residual in double precision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tissue/grid.hpp"

namespace lobule {

/// What signals move in.
struct Medium {
    Grid grid;
    std::vector<double> fluid;            // [um^3] of each voxel, >= 0
    FaceFlow flow;                        // [um^3/h], or three empty vectors: nothing flows
    std::vector<double> inflow, outflow;  // [um^3/h] into and out of each voxel from beyond, >= 0, or empty
};

struct Signal {
    std::string name;        // for messages
    double diffusion = 0.0;  // [um^2/h]
    double carried = 0.0;    // the share of the flow that carries it, 0 when it stays in the tissue
    bool slow = true;        // else in quasi-steady balance at the end of a step too
    bool bound = false;      // what the flow carries is not its concentration: FieldProblem::carriage says
};

/// Local reactions. Called from several threads with different blocks of voxels.
class Reactions {
public:
    virtual ~Reactions() = default;
    /// Pairs (s, t) for which what is made or taken of s depends on the concentration of t.
    virtual std::span<const std::pair<int, int>> pairs() const = 0;
    /// For voxels first ... first + count - 1 with concentrations c[s][i] >= 0: what a voxel makes and takes up [amount/h],
    /// both >= 0, into made[s][i] and taken[s][i], and the derivative of made - taken by concentration [um^3/h] into
    /// slope[k][i] for the k-th pair. Must fill all of them. The two are apart because convergence is judged by their size.
    virtual void evaluate(std::size_t first, std::size_t count, const double* const* c, double* const* made,
                          double* const* taken, double* const* slope) const = 0;
};

/// What one volume of the flow carries of the signals that are `bound`. Called from several threads with different voxels.
class Carriage {
public:
    virtual ~Carriage() = default;
    /// For voxels first ... first + count - 1 with the concentrations c[s][i] >= 0 of all signals: the content
    /// [amount/um^3], 0 where c is 0, and its derivative by c, >= 0, into content[k][i] and slope[k][i] of the k-th bound
    /// signal.
    virtual void evaluate(std::size_t first, std::size_t count, const double* const* c, double* const* content,
                          double* const* slope) const = 0;
};

/// What the body does with what leaves, as equations for what comes in: m numbers G(b, out) = 0 for the m carried signals
/// in their order. out is the sum of outflow * carried * f(c) [amount/h].
class Body {
public:
    virtual ~Body() = default;
    /// Fills g [m], and dG/db and dG/dout, m x m by rows.
    virtual void evaluate(std::span<const double> b, std::span<const double> out, std::span<double> g,
                          std::span<double> dg_db, std::span<double> dg_dout) const = 0;
};

/// One solution to find. What `c` and `blood` hold is where the search starts: the last solution, or zeros.
struct FieldProblem {
    const Reactions* reactions = nullptr;  // none: nothing reacts
    const Body* body = nullptr;            // none: blood stays as given
    double per_step = 0.0;                 // [1/h] 1/dt of an implicit Euler step; 0 asks for the steady state
    std::span<const double> old;           // concentrations before the step, as c; empty for the steady state
    const Carriage* carriage = nullptr;    // of the bound signals; none only where there are none
};

struct FieldControl {
    double tolerance = 1e-9;  // sum of |residual| over the gross flux of a signal
    int newton_steps = 60;    // at most
    int threads = 1;          // the bits are the same for any number
};

/// Where a signal came from and went to [amount/h].
struct FieldBalance {
    double made = 0.0, taken = 0.0;
    double entered = 0.0, left = 0.0;
    double stored = 0.0;
    double gross = 0.0;   // made + taken + entered + left + sum of |stored|
    double defect = 0.0;  // made - taken + entered - left - stored
};

struct FieldReport {
    bool skipped = false;  // what was given already was the solution
    int newton_steps = 0;
    int cycles = 0;                     // of multigrid
    std::vector<FieldBalance> balance;  // of each signal
};

inline constexpr int k_signals_max = 32;

/// The solver for one medium and one list of signals (1 to k_signals_max).
class Fields {
public:
    /// Throws RunError when the flow is not free of divergence.
    Fields(const Medium& medium, std::vector<Signal> signals);
    ~Fields();
    Fields(Fields&&) noexcept;
    Fields& operator=(Fields&&) noexcept;

    /// c[s * voxels + v] and blood[s] become the solution; c >= 0 always. No value is ever cut off: a step that would lead
    /// below zero is shortened there, and convergence is judged where it led.
    /// Throws RunError, with the worst signal and voxel, when none is found; then c and blood are as they were.
    FieldReport solve(std::span<double> c, std::span<double> blood, const FieldProblem& problem,
                      const FieldControl& control = {});

    /// Memory of the solver now, c not included [bytes].
    std::size_t memory() const;

private:
    class Solver;
    std::unique_ptr<Solver> solver_;
};

/// One implicit Euler step dt [h] of diffusion alone for one signal held as amounts per voxel. Their sum stays the same to
/// rounding and none becomes negative. `fluid` as in Medium, > 0 where there is an amount.
void diffuse_amounts(const Grid& grid, std::span<const double> fluid, double diffusion, double dt,
                     std::span<double> amounts, int threads = 1);

}  // namespace lobule
