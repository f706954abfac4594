// Points of a periodic box sorted into cells, to find those near a place. Private to the layer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/math.hpp"
#include "tissue/box.hpp"

namespace lobule {

/// Box::from_to between points inside the box: the same, several times as fast, for the innermost loops.
inline Vec3 from_to_inside(const Box& box, const Vec3& a, const Vec3& b) {
    const auto nearest = [](double d, double period) {
        return d > 0.5 * period ? d - period : d < -0.5 * period ? d + period : d;
    };
    const Vec3 d = b - a;
    return {nearest(d.x, box.lengths.x), nearest(d.y, box.lengths.y), nearest(d.z, box.lengths.z)};
}

/// The cells of a box: edges of at least `reach`, so that all within reach of a place lies in its cell and those around.
class BoxCells {
public:
    BoxCells(const Box& box, double reach, std::size_t points) : box_(box) {
        // More cells than points cost memory and find nothing faster.
        const double least =
            std::max(reach, math::pow(box.volume() / (2.0 * static_cast<double>(points) + 27.0), 1.0 / 3.0));
        const auto whole = [&](double l) { return std::max(1, static_cast<std::int32_t>(l / least)); };
        n_[0] = whole(box.lengths.x), n_[1] = whole(box.lengths.y), n_[2] = whole(box.lengths.z);
    }
    std::size_t size() const { return static_cast<std::size_t>(n_[0]) * static_cast<std::size_t>(n_[1] * n_[2]); }
    std::size_t cell_of(const Vec3& p) const {
        return number(index(p.x, box_.lengths.x, 0), index(p.y, box_.lengths.y, 1), index(p.z, box_.lengths.z, 2));
    }
    /// f(cell) for the cell of p and those around it, each once, in an order fixed by p.
    template <class F>
    void around(const Vec3& p, F&& f) const {
        std::int32_t x[3], y[3], z[3];
        const int nx = range(p.x, box_.lengths.x, 0, x), ny = range(p.y, box_.lengths.y, 1, y);
        const int nz = range(p.z, box_.lengths.z, 2, z);
        for (int k = 0; k < nz; ++k)
            for (int j = 0; j < ny; ++j)
                for (int i = 0; i < nx; ++i) f(number(x[i], y[j], z[k]));
    }
    const Box& box() const { return box_; }

private:
    std::size_t number(std::int32_t i, std::int32_t j, std::int32_t k) const {
        return static_cast<std::size_t>((static_cast<std::int64_t>(k) * n_[1] + j) * n_[0] + i);
    }
    std::int32_t index(double value, double period, int axis) const {
        return std::min(static_cast<std::int32_t>(Box::wrap(value, period) / period * n_[axis]), n_[axis] - 1);
    }
    int range(double value, double period, int axis, std::int32_t* out) const {
        const std::int32_t n = n_[axis], middle = index(value, period, axis);
        if (n <= 3) {
            for (std::int32_t i = 0; i < n; ++i) out[i] = i;
            return n;
        }
        out[0] = (middle + n - 1) % n, out[1] = middle, out[2] = (middle + 1) % n;
        return 3;
    }

    Box box_;
    std::int32_t n_[3];
};

/// All points at once.
class PointCells {
public:
    PointCells(const Box& box, std::span<const Vec3> points, double reach)
        : cells_(box, reach, points.size()), first_(cells_.size() + 1, 0), order_(points.size()) {
        std::vector<std::size_t> cell(points.size());
        for (std::size_t i = 0; i < points.size(); ++i) ++first_[(cell[i] = cells_.cell_of(points[i])) + 1];
        for (std::size_t c = 0; c < cells_.size(); ++c) first_[c + 1] += first_[c];
        std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
        for (std::size_t i = 0; i < points.size(); ++i) order_[next[cell[i]]++] = static_cast<std::uint32_t>(i);
    }
    /// The points of each cell one after another. Whoever keeps his points in this order has near ones near in memory.
    std::span<const std::uint32_t> order() const { return order_; }
    /// f(index) for every point within reach of p, and for some beyond, each once, in a fixed order.
    template <class F>
    void near(const Vec3& p, F&& f) const {
        cells_.around(p, [&](std::size_t c) {
            for (std::uint32_t i = first_[c]; i < first_[c + 1]; ++i) f(order_[i]);
        });
    }

private:
    BoxCells cells_;
    std::vector<std::uint32_t> first_, order_;
};

/// Points one after another, none nearer to another than asked.
class SpacedPoints {
public:
    SpacedPoints(const Box& box, double reach, std::size_t expected)
        : cells_(box, reach, expected), head_(cells_.size(), -1) {}
    /// True if no point lies nearer than `distance`, which is at most the reach. All points inside the box.
    bool free(const Vec3& p, double distance) const {
        bool is_free = true;
        cells_.around(p, [&](std::size_t c) {
            for (std::int64_t i = head_[c]; is_free && i >= 0; i = next_[static_cast<std::size_t>(i)]) {
                const Vec3 d = from_to_inside(cells_.box(), p, points_[static_cast<std::size_t>(i)]);
                is_free = dot(d, d) >= distance * distance;
            }
        });
        return is_free;
    }
    void add(const Vec3& p) {
        std::int64_t& head = head_[cells_.cell_of(p)];
        next_.push_back(head);
        head = static_cast<std::int64_t>(points_.size());
        points_.push_back(p);
    }
    const std::vector<Vec3>& points() const { return points_; }

private:
    BoxCells cells_;
    std::vector<std::int64_t> head_, next_;
    std::vector<Vec3> points_;
};

}  // namespace lobule
