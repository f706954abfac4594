// CVODE's direct linear solver for the bordered sparse Newton matrix (linearisation.hpp), factorised by KLU.
#pragma once

#include <klu.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>

#include <vector>

#include "linearisation.hpp"

namespace lobule {

class NewtonMatrix {
public:
    NewtonMatrix(Linearisation& linearisation, SUNContext context);
    ~NewtonMatrix();
    NewtonMatrix(const NewtonMatrix&) = delete;
    NewtonMatrix& operator=(const NewtonMatrix&) = delete;

    SUNLinearSolver solver() { return solver_; }
    /// An empty stand-in: CVODE wants a matrix beside a direct solver, ours is inside.
    SUNMatrix matrix() { return matrix_; }

    /// Forgets the pivot order: what follows is as with a new matrix, bit for bit, without analysing the pattern again.
    void forget();
    /// I - gamma J from the linearisation last evaluated; factorised by the next setup().
    void assemble(double gamma);
    /// 0, or 1 when the matrix is singular (CVODE then tries a smaller step).
    int factorise();
    int solve(double* x, const double* b);
    long factorisations() const noexcept { return factorisations_; }

private:
    Linearisation& linearisation_;
    std::vector<long> column_starts_, rows_;
    std::vector<double> values_, work_;
    std::vector<std::size_t> place_;  // of each linearisation entry among values_
    std::vector<std::size_t> diagonal_;
    klu_l_common common_{};
    klu_l_symbolic* symbolic_ = nullptr;
    klu_l_numeric* numeric_ = nullptr;
    SUNLinearSolver solver_ = nullptr;
    SUNMatrix matrix_ = nullptr;
    long factorisations_ = 0;
};

}  // namespace lobule
