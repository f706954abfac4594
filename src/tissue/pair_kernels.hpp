// What the vector kernels of contact mechanics read and write: plain arrays, so that the same text can be compiled for
// several CPUs (pair_kernels.inl).
#pragma once

#include <cstdint>

#include "tissue/contact_law.hpp"

namespace lobule {

/// Some bins that follow one another in a row, and all spheres of the bins around them. Candidates are copied column by
/// column (the bins of one x), so that those of a bin stand together. Floats only choose, with a margin; forces are of
/// doubles.
struct PairSearch {
    const double *x, *y, *z, *radius;  // by slot
    const std::uint8_t* alone;         // by slot: not 0 for a sphere whose neighbours nobody asks for; null: for none
    const std::int32_t* bin_start;
    std::int32_t first_bin, bins, layers;  // layers of bins on either side in x
    const std::int32_t* rows;              // from a bin to those of its column
    std::int32_t row_count;
    double corner[3];                              // what floats are relative to
    double factor, half_skin;                      // reach of a sphere: factor * radius + half_skin, margin included
    float *near_x, *near_y, *near_z, *near_reach;  // room for all candidates and 16 more
    std::int32_t *candidates, *columns, *own;      // the same; one for each column and one more; one for each bin
    std::int32_t *hits, *found, *ends;  // `found`: room for every candidate of its bin and 16 more, for each sphere
};

/// Spheres first..last-1 with their neighbours: those of sphere i stand in neighbours[ends[i - 1]..ends[i]), counted from
/// 0 at `first`.
struct PairRow {
    const double *x, *y, *z, *radius;  // by slot
    std::int32_t first, last;
    const std::int32_t* neighbours;
    const std::int32_t* ends;  // at `first`
};

/// By slot.
struct PairForces {
    double *x, *y, *z;
    double* pressure;  // QuadraticLaw: its own measure; ElasticLaw: sum of force times distance
    double* along_z;   // ElasticLaw: z's part of that sum
};

/// By slot.
struct PairStiffness {
    double* norm;      // bound of the norm of the sum of stiffness times n n^T [force/um]
    double* in_plane;  // sum of stiffness (x^2 + y^2) [force um]
    double* along_z;   // sum of stiffness z^2
};

#define LOBULE_PAIR_KERNELS                                                          \
    void find(const PairSearch& search);                                             \
    void forces(const PairRow& row, const QuadraticLaw& law, const PairForces& out); \
    void forces(const PairRow& row, const ElasticLaw& law, const PairForces& out);   \
    void stiffness(const PairRow& row, const ElasticLaw& law, const PairStiffness& out);
namespace narrow_pairs {
LOBULE_PAIR_KERNELS
}
namespace wide_pairs {
LOBULE_PAIR_KERNELS
}
#undef LOBULE_PAIR_KERNELS

}  // namespace lobule
