// Fixed pieces of work with signals and cells together, by which engines are compared and our numbers are checked. Minutes,
// as the other engines count.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "tissue/reference_work.hpp"

namespace lobule {

/// The cells of reference_lobule(), which push and pull each other by the quadratic law, in 52 x 46 x 10 voxels of 20 um
/// with closed walls. Three signals diffuse (1e5 um^2/min), decay (0.1/min), are 72, 5.5 and 0.2 in the 800 voxels within
/// 45 um of the prism's six edges and nothing elsewhere at the start; each cell clears 0.1 of its own volume per minute of each. (The definition says 1 per minute,
/// but the field means given with it, of PhysiCell after 2 min, are those of 0.1; the work is the same.)
struct LobuleWork {
    static constexpr std::size_t k_signals = 3;
    static constexpr std::array<double, k_signals> k_fixed{72.0, 5.5, 0.2};

    virtual ~LobuleWork() = default;
    virtual void run(double minutes) = 0;
    virtual SphereCloud cells() const = 0;
    /// Of each signal over all voxels.
    virtual std::array<double, k_signals> means() const = 0;
};

/// By fixed clocks, as other engines do: 0.01 min for signals (one step by dimension, then uptake, implicit in each
/// voxel), 0.1 min for mechanics. Their third clock, 6 min, is for cells that change; these do not. With `refined` the clock
/// of signals is as many times faster, to see what its error is.
std::unique_ptr<LobuleWork> lobule_by_clocks(int threads = 1, int refined = 1);
/// By our own methods: signals in balance with where cells are at the end, found by Fields; mechanics by steps of up to
/// 1 min, a third of what is stable, with lists that are kept.
std::unique_ptr<LobuleWork> lobule_by_balance(int threads = 1);

/// One signal on n^3 voxels of 20 um, made in every 64th voxel and taken up everywhere by a law that saturates.
class SaturableField {
public:
    explicit SaturableField(std::size_t n, int threads = 1);
    ~SaturableField();
    /// Finds the balance, from nothing or from the last one, after sources were multiplied by `sources`.
    void solve(bool from_nothing, double sources = 1.0);
    int newton_steps() const;  // of the last solution
    int cycles() const;        // of multigrid, likewise
    /// What is made less what is taken up, as a share of what is made.
    double defect() const;
    double mean() const;

    /// One sweep of the smoother over the finest level, and the bytes that pass between it and memory if all is read or
    /// written once.
    void sweep();
    double bytes_per_sweep() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace lobule
