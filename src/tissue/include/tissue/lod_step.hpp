// One implicit step of diffusion and decay by locally one-dimensional splitting: three tridiagonal solves, along x, y and z,
// each with a third of the decay (Marchuk, Methods of Numerical Mathematics (1982), ch. 4). Of first order in time; for
// uniform media, where it is far cheaper than a coupled solve, and for comparison with programs that use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tissue/grid.hpp"

namespace lobule {

/// Voxels that are put back to a value before each of the three solves and after the last, as other programs do. That is no
/// exact boundary condition: what a solve takes out of them is lost to the next one.
struct HeldVoxels {
    std::span<const std::int32_t> voxels;  // ascending
    double value = 0.0;
};

class LodStep {
public:
    enum class Walls { periodic, closed };  // closed: nothing passes

    /// diffusion [um^2/h], decay [1/h], dt [h]: any three with one unit of time.
    LodStep(const Grid& grid, double diffusion, double decay, double dt, Walls walls);

    /// concentration in each voxel, in place.
    void advance(std::span<double> concentration, int threads = 1, const HeldVoxels& held = {}) const;

private:
    /// The factors of (1 + decay dt / 3) c - r (c_before - 2 c + c_after) along one axis.
    struct Axis {
        double r = 0.0;
        std::vector<double> inverse, back;  // of forward and backward substitution
        std::vector<double> around;         // periodic: what the ring adds, per unit of `share`; empty otherwise
        double first = 0.0, last = 0.0;     // share = first * y_first + last * y_last
    };
    static Axis axis_of(std::int32_t n, double r, double own, Walls walls);

    std::size_t nx_, ny_, nz_;
    std::array<Axis, 3> axis_;
};

}  // namespace lobule
