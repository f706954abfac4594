// The ODE of a model over a short stretch of time, from a state that is new each time: a one-step method without memory.
//
// RODAS3 (Sandu et al., Atmos. Environ. 31 (1997) 3459): four stages, order 3 with an embedded error estimate, L-stable and
// stiffly accurate, one factorisation a step. A multistep method would have to find its order and step again after every
// move of the agents; this one is at full order from its first step, and nothing but the state influences it.
#pragma once

#include <functional>
#include <vector>

#include "../zones/bordered_matrix.hpp"
#include "../zones/linearisation.hpp"
#include "../zones/system.hpp"

namespace lobule {

class Rosenbrock {
public:
    /// `scales`: typical size of each value. The error of a step is kept below tolerance * (|y| + share * scale), where the share
    /// is 1 for cells, which are whole and whose scale is that of their population, and 1e-3 for the rest.
    Rosenbrock(const Model& model, ZoneSystem& system, Linearisation& linearisation, std::vector<double> scales,
               double tolerance);
    /// What is told of a step taken: from (start, before) to (end, after).
    using Follower = std::function<void(double start, double end, const std::vector<double>& before,
                                        const std::vector<double>& after)>;
    /// Moves y from time `from` to `to` [h]. Throws SolverFailure.
    void advance(double from, double to, std::vector<double>& y, const Follower& follower = {});
    long steps() const noexcept { return steps_; }
    long rejected() const noexcept { return rejected_; }
    long rate_evaluations() const noexcept { return rate_evaluations_; }
    long factorisations() const noexcept { return matrix_.factorisations(); }

private:
    /// One step of length h; fills next_ and returns the error in tolerances.
    double try_step(double time, double h, const std::vector<double>& y);
    void rates(double time, const std::vector<double>& y, std::vector<double>& out);
    [[noreturn]] void fail(double time, const std::vector<double>& y, double h);

    const Model& model_;
    ZoneSystem& system_;
    Linearisation& linearisation_;
    BorderedMatrix matrix_;
    std::vector<double> scales_, floors_;
    double tolerance_;
    bool timed_;  // the laws read time
    std::vector<double> f0_, slope_, stage_, right_, next_;
    std::vector<double> k_[4];
    long steps_ = 0, rejected_ = 0, rate_evaluations_ = 0;
};

}  // namespace lobule
