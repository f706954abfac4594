// The linearisation of dy/dt, kept sparse by giving cuts (sums, marks, values of the neighbouring zone) unknowns of their own.
//
// With a = the values of those sums, d(dy/dt) = S dy + U da and da = W dy + T da. The Newton matrix of BDF,
// (I - g J) with J = S + U (I - T)^-1 W, is solved as the bordered sparse system
//     [ I - g S   -g U  ] [dy]   [b]
//     [   -W     I - T  ] [da] = [0].
// So "demand per mass", which couples every cell of a lobule with every other, costs one row and one column.
#pragma once

#include <cstdint>
#include <vector>

#include "system.hpp"

namespace lobule {

class Linearisation {
public:
    /// `with_parameters`: also differentiates by these parameters (indices), as further columns after the sums.
    Linearisation(const Model& model, const Laws& laws, const ZoneSystem& system,
                  const std::vector<std::int32_t>& with_parameters = {});

    /// One derivative value at (row, column) of the bordered matrix; several entries at one place add up.
    struct Entry {
        std::int32_t row, column;
        double value;
    };
    /// Rows below size(): derivatives of dy/dt. Rows from size() on: minus the derivatives of the sums.
    void evaluate(double time, const double* y, InputBinding& binding);
    const std::vector<Entry>& entries() const noexcept { return entries_; }

    std::int32_t size() const noexcept { return size_; }
    std::int32_t bordered_size() const noexcept { return bordered_; }
    /// First column of parameter k of `with_parameters` (zones columns for a balanced one of a cell part, else one).
    std::int32_t parameter_column(std::size_t k) const { return parameter_columns_[k]; }
    std::int32_t columns() const noexcept { return columns_; }

private:
    struct Stamp {
        std::int32_t output, lane, entry;
        double sign;
    };
    std::int32_t size_, bordered_, columns_;
    std::vector<std::int32_t> parameter_columns_;
    Program program_;
    ProgramWorkspace workspace_;
    std::vector<Entry> entries_;
    std::vector<Stamp> stamps_;
    StateIndex index_;
};

}  // namespace lobule
