// How much each parameter moves a result: elementary effects (Morris) and shares of variance (Sobol).
//
// A design is a list of points of the unit cube; whoever runs the model evaluates them in any order and hands the outputs back in the order
// of the points. An output that is not finite is a failed run: what needs it is left out and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lobule::study {

struct Interval {
    double value = 0.0, low = 0.0, high = 0.0;  // 95 %, bootstrap percentiles
};

inline constexpr std::size_t k_bootstrap = 400;

/// `trajectories` paths of dimensions + 1 points on a grid of four levels, each step moves one parameter by 2/3 of its range (Morris,
/// Technometrics 33 (1991) 161).
std::vector<std::vector<double>> morris_design(std::size_t dimensions, std::size_t trajectories, std::uint64_t seed);

/// Of the elementary effects of one parameter [output for the whole range]: mean of their sizes (mu*, Campolongo 2007), mean, standard
/// deviation.
struct MorrisIndex {
    Interval mu_star;
    double mu = 0.0, sigma = 0.0;
    std::size_t effects = 0;  // that could be computed
};
std::vector<MorrisIndex> morris_indices(const std::vector<std::vector<double>>& design, std::span<const double> outputs,
                                        std::size_t dimensions, std::uint64_t seed);

/// `samples` rows of matrix A, then of B (both halves of a Latin hypercube), then of A with column i of B, for each i:
/// samples x (dimensions + 2) points.
std::vector<std::vector<double>> sobol_design(std::size_t dimensions, std::size_t samples, std::uint64_t seed);

/// First order by Saltelli et al., Comput. Phys. Commun. 181 (2010) 259, table 2 (b); total order by Jansen, the same table (f).
struct SobolIndex {
    Interval first, total;
    std::size_t rows = 0;  // of which every run succeeded
};
std::vector<SobolIndex> sobol_indices(std::span<const double> outputs, std::size_t dimensions, std::uint64_t seed);

}  // namespace lobule::study
