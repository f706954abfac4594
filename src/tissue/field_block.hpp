// The small matrix that couples the signals of one voxel. Which entries exist is the same for all voxels, so elimination is
// one list of operations, found once with as little fill as Markowitz' rule gives (Markowitz 1957).
#pragma once

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "tissue/fields.hpp"

namespace lobule {

/// Memory of a voxel: first `padded` diagonal entries (1, 2, 4, 8, 12, 16, 24 or 32: whole vectors), then the others.
struct FieldBlock {
    int signals = 1, padded = 1;

    struct Entry {
        int row, column, place;
    };
    std::vector<Entry> coupling;  // off the diagonal in the matrix itself
    std::vector<Entry> lower;     // in the order of forward substitution
    std::vector<Entry> upper;     // in the order of backward substitution
    int stride = 1;               // numbers per voxel of the matrix
    int factor_stride = 1;        // and of its factors: unit triangles, diagonal inverted

    FieldBlock(int signals, std::span<const std::pair<int, int>> pairs);

    /// local: the matrix without transport, which is added to the diagonal. A pivot that is small beside the transport
    /// (a signal that makes more of itself) is held up: the factors only precondition.
    void factor(const float* local, const float* transport, float* factors) const;
    /// The inverse of a pivot, so held up; 0 when the voxel has neither transport nor anything else.
    static float inverse(float pivot, float transport) {
        const float held = pivot > k_pivot_least * transport ? pivot : k_pivot_least * transport;
        return held > 0.0F ? 1.0F / held : 0.0F;
    }

private:
    static constexpr float k_pivot_least = 0.05F;  // of the transport out of the voxel

    struct Update {
        int place, left, right;
    };
    struct Stage {
        int pivot;
        std::vector<int> scale;  // places in the pivot's column
        std::vector<Update> updates;
        std::vector<int> row;  // places in the pivot's row, which end divided by it as well
    };
    std::vector<Stage> stages_;
};

}  // namespace lobule
