#include "newton_matrix.hpp"

#include <nvector/nvector_serial.h>

namespace lobule {

namespace {

NewtonMatrix& self(SUNLinearSolver solver) { return *static_cast<NewtonMatrix*>(solver->content); }

SUNLinearSolver_Type solver_type(SUNLinearSolver) { return SUNLINEARSOLVER_DIRECT; }
int solver_setup(SUNLinearSolver solver, SUNMatrix) { return self(solver).factorise(); }
int solver_solve(SUNLinearSolver solver, SUNMatrix, N_Vector x, N_Vector b, realtype) {
    return self(solver).solve(N_VGetArrayPointer(x), N_VGetArrayPointer(b));
}
SUNMatrix_ID matrix_id(SUNMatrix) { return SUNMATRIX_CUSTOM; }

}  // namespace

NewtonMatrix::NewtonMatrix(Linearisation& linearisation, SUNContext context) : BorderedMatrix(linearisation) {
    solver_ = SUNLinSolNewEmpty(context);
    solver_->content = this;
    solver_->ops->gettype = solver_type;
    solver_->ops->setup = solver_setup;
    solver_->ops->solve = solver_solve;
    matrix_ = SUNMatNewEmpty(context);
    matrix_->ops->getid = matrix_id;
}

NewtonMatrix::~NewtonMatrix() {
    SUNLinSolFreeEmpty(solver_);
    SUNMatFreeEmpty(matrix_);
}

}  // namespace lobule
