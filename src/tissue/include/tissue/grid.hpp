// Equal voxels that fill a periodic box. Voxel (i, j, k) has number (k * ny + j) * nx + i.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tissue/box.hpp"

namespace lobule {

struct Grid {
    Box box;
    std::int32_t nx = 1, ny = 1, nz = 1;

    /// Edges as near to `edge` [um] as whole numbers of voxels allow, at least one in each direction.
    static Grid of(const Box& box, double edge) {
        const auto whole = [&](double length) {
            return std::max(1, static_cast<std::int32_t>(std::nearbyint(length / edge)));
        };
        return {box, whole(box.lengths.x), whole(box.lengths.y), whole(box.lengths.z)};
    }

    std::size_t size() const {
        return static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny) * static_cast<std::size_t>(nz);
    }
    /// Edge lengths of a voxel [um].
    Vec3 edges() const { return {box.lengths.x / nx, box.lengths.y / ny, box.lengths.z / nz}; }
    double voxel_volume() const { return box.volume() / static_cast<double>(size()); }
    std::int32_t number(std::int32_t i, std::int32_t j, std::int32_t k) const { return (k * ny + j) * nx + i; }
    /// The voxel that holds a point of the box.
    std::int32_t voxel_of(const Vec3& point) const {
        const Vec3 p = box.wrap(point);
        const auto cell = [](double x, double period, std::int32_t n) {
            return std::min(static_cast<std::int32_t>(x / period * n), n - 1);
        };
        return number(cell(p.x, box.lengths.x, nx), cell(p.y, box.lengths.y, ny), cell(p.z, box.lengths.z, nz));
    }
    Vec3 centre(std::int32_t voxel) const {
        const std::int32_t i = voxel % nx, j = voxel / nx % ny, k = voxel / nx / ny;
        const Vec3 e = edges();
        return {(i + 0.5) * e.x, (j + 0.5) * e.y, (k + 0.5) * e.z};
    }
};

/// Flow through the faces of a grid [um^3/h], each counted positive towards the larger index: x[v] is through the face
/// between voxel v and the next in x (the first one after the last).
struct FaceFlow {
    std::vector<double> x, y, z;
};

}  // namespace lobule
