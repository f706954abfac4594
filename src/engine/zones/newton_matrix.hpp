// CVODE's direct linear solver for the bordered sparse matrix. Private to the engine.
#pragma once

#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>

#include "bordered_matrix.hpp"

namespace lobule {

class NewtonMatrix : public BorderedMatrix {
public:
    NewtonMatrix(Linearisation& linearisation, SUNContext context);
    ~NewtonMatrix();
    NewtonMatrix(const NewtonMatrix&) = delete;
    NewtonMatrix& operator=(const NewtonMatrix&) = delete;

    SUNLinearSolver solver() { return solver_; }
    /// An empty stand-in: CVODE wants a matrix beside a direct solver, ours is inside.
    SUNMatrix matrix() { return matrix_; }

private:
    SUNLinearSolver solver_ = nullptr;
    SUNMatrix matrix_ = nullptr;
};

}  // namespace lobule
