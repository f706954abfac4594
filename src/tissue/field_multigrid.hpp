// One V-cycle for all signals: an approximate inverse of the Jacobian.
//
// Without flow the smoother is block Jacobi with the weights of a Chebyshev polynomial on the upper five sixths of the
// spectrum (Adams et al., J. Comput. Phys. 188 (2003) 593). With flow it is block Gauss-Seidel downstream, which solves pure
// flow in one sweep (Bey and Wittum, Appl. Numer. Math. 23 (1997) 177), chunk by chunk, every second chunk at a time.
#pragma once

#include <vector>

#include "field_kernels.hpp"

namespace lobule {

/// Sums in blocks of fixed length, so that they do not depend on threads.
inline constexpr std::size_t k_field_block = 4096;

class FieldMultigrid {
public:
    /// The levels must outlive this.
    /// `bound`: the flow carries more of some signals than their concentration.
    FieldMultigrid(const std::vector<FieldLevel>& levels, const std::vector<float>& diffusion,
                   const std::vector<float>& carried, FieldBlock block, bool bound = false);
    FieldMultigrid(const FieldMultigrid&) = delete;  // its matrices point into it
    FieldMultigrid& operator=(const FieldMultigrid&) = delete;

    const FieldBlock& block() const { return block_; }
    /// Numbers in a vector of the finest level.
    std::size_t length() const { return levels_[0].size() * static_cast<std::size_t>(block_.padded); }
    /// The matrix of a voxel without transport, block().stride numbers for each. Fill, then call factor().
    std::vector<float>& local() { return store_[0].local; }
    /// Slopes of what the flow carries by concentration, block().padded numbers per voxel; null where nothing is bound.
    float* slope() { return store_[0].slope.empty() ? nullptr : store_[0].slope.data(); }
    const float* slope() const { return store_[0].slope.empty() ? nullptr : store_[0].slope.data(); }
    /// After local() or slope() changed: coarser matrices, and all factors.
    void factor(int threads);

    /// out = A x on the finest level.
    void apply(const float* x, float* out, int threads) const;
    /// x = about A^-1 rhs.
    void cycle(const float* rhs, float* x, int threads);

    std::size_t memory() const;

private:
    struct Store {
        FieldMatrix matrix;
        std::vector<float> local, factors;
        std::vector<float> slope, through;  // with bound signals; through: what flows through a voxel [um^3/h]
        std::vector<float> x, rhs, spare;   // x and rhs not on the finest level
    };

    void descend(std::size_t level, const float* rhs, float* x, int threads);
    void restrict_local(std::size_t level, int threads);
    void restrict_slope(std::size_t level, int threads);
    void restrict_residual(std::size_t level, const float* rhs, const float* x, int threads);
    void add_coarse(std::size_t level, float* x, int threads) const;
    void relax(std::size_t level, const float* rhs, float* x, int threads) const;
    template <class Use>
    void for_rows(std::size_t level, int threads, const Use& use) const;

    const std::vector<FieldLevel>& levels_;
    FieldBlock block_;
    const FieldKernels* kernels_;
    std::vector<Store> store_;
};

}  // namespace lobule
