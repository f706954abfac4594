// The bordered sparse matrix I - gamma J (linearisation.hpp), factorised by KLU. Private to the engine.
#pragma once

#include <klu.h>

#include <vector>

#include "linearisation.hpp"

namespace lobule {

class BorderedMatrix {
public:
    explicit BorderedMatrix(Linearisation& linearisation);
    ~BorderedMatrix();
    BorderedMatrix(const BorderedMatrix&) = delete;
    BorderedMatrix& operator=(const BorderedMatrix&) = delete;

    /// Forgets the pivot order: what follows is as with a new matrix, bit for bit, without analysing the pattern again.
    void forget();
    /// I - gamma J from the linearisation last evaluated; to be factorised next.
    void assemble(double gamma);
    /// 0, or 1 when the matrix is singular.
    int factorise();
    /// x = (I - gamma J)^-1 b; both have the size of the state and may be one. Returns 0, or 1 when it failed.
    int solve(double* x, const double* b);
    long factorisations() const noexcept { return factorisations_; }

private:
    void find_column_scales();
    void scale_columns();

    Linearisation& linearisation_;
    std::vector<long> column_starts_, rows_;
    std::vector<double> values_, scaled_, column_scales_, work_;
    std::vector<std::size_t> place_;  // of each linearisation entry among values_
    std::vector<std::size_t> diagonal_;
    klu_l_common common_{};
    klu_l_symbolic* symbolic_ = nullptr;
    klu_l_numeric* numeric_ = nullptr;
    long factorisations_ = 0;
};

}  // namespace lobule
