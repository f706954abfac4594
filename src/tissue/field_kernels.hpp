// The loops of the linear algebra on one level, for all signals of a voxel together: voxel v's are x[v * padded + s].
// Wide vectors give the same bits as narrow ones: every number is computed by itself, without fused operations.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/math.hpp"
#include "field_block.hpp"
#include "field_levels.hpp"

namespace lobule {

/// What the flow does to a signal: nothing flows; it carries the concentration; or a content with a slope in each voxel.
enum class FieldFlow : std::uint8_t { none, plain, bound };

/// The matrix A of one level: A x = sum over faces of D g (x_v - x_n) + carried q_in (f_v x_v - f_n x_n), plus
/// (carried fresh f_v + local) x_v, as it lies in memory. f is the slope of what the flow carries, 1 where it is plain.
struct FieldMatrix {
    std::size_t nx = 1, ny = 1, nz = 1;
    std::array<const float*, 3> conductance{}, up{}, down{};
    const float* fresh = nullptr;
    const float* slope = nullptr;  // block->padded numbers per voxel; bound flow alone
    std::array<float, k_signals_max> diffusion{}, carried{};
    const FieldBlock* block = nullptr;
    const float* local = nullptr;    // block->stride numbers per voxel
    const float* factors = nullptr;  // block->factor_stride numbers per voxel
    const std::int32_t* order = nullptr;
    const std::uint8_t* border = nullptr;
    std::array<std::array<std::ptrdiff_t, 6>, 64> neighbour{};  // by border: west, east, south, north, below, above
};

FieldMatrix field_matrix(const FieldLevel& level, const FieldBlock& block);

struct FieldKernels {
    /// Factors of the voxels of row (j, k), into `factors`.
    void (*factor)(const FieldMatrix&, std::size_t j, std::size_t k, float* factors);
    /// out = A x in row (j, k).
    void (*apply)(const FieldMatrix&, std::size_t j, std::size_t k, const float* x, float* out);
    /// out = rhs - A x in row (j, k), from out[0] on.
    void (*residual)(const FieldMatrix&, std::size_t j, std::size_t k, const float* rhs, const float* x, float* out);
    /// out = x + omega (what solves the voxel's own equations - x) in row (j, k).
    void (*jacobi)(const FieldMatrix&, std::size_t j, std::size_t k, const float* rhs, const float* x, float omega,
                   float* out);
    /// The same from x = 0.
    void (*first)(const FieldMatrix&, std::size_t j, std::size_t k, const float* rhs, float omega, float* out);
    /// Gauss-Seidel over order[begin, end).
    void (*relax)(const FieldMatrix&, std::size_t begin, std::size_t end, const float* rhs, float* x);
};

const FieldKernels& field_kernels(int padded, FieldFlow flow, math::Vectors with);

}  // namespace lobule
