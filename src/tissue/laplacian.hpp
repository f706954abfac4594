// Potentials on a graph of conductances: the sparse linear system behind a network's flow. Private to the layer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lobule {

struct Link {
    std::int32_t i, j;  // j < 0: the ground, whose potential is 0
    double conductance;
};

/// Potentials x with, for every i, sum over links of conductance * (x_i - x_j) = source_i, to a residual of `tolerance`
/// times the sources (2-norm); x holds the guess. Every node must have a way to the ground. Conjugate gradients with a
/// modified incomplete factor (Gustafsson 1978), in one fixed order on one thread. Returns the iterations; throws RunError
/// if they do not end.
int solve_potentials(std::span<const Link> links, std::span<const double> source, double tolerance,
                     std::vector<double>& x);

}  // namespace lobule
