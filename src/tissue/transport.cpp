#include "tissue/transport.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace lobule {

namespace {

constexpr double k_pi = 3.14159265358979323846;

/// One axis of an edge's way through the voxels: where, in parts of its length, it crosses from one layer to the next.
class AxisWalk {
public:
    /// From layer `from` to layer `to` of n; `start` and `way` in layers. Which layers the ends lie in is settled before,
    /// the same for all edges of a node: so rounding can shift a crossing along an edge but never lose one.
    AxisWalk(std::int32_t from, std::int32_t to, std::int32_t n, double start, double way)
        : start_(start), way_(way), layer_(from), n_(n) {
        const double wanted = std::floor(start + way) - from;  // layers crossed, up to rounding at the end
        const double least = to - from;
        const auto crossed = static_cast<std::int32_t>(least + n * std::nearbyint((wanted - least) / n));
        left_ = std::abs(crossed), step_ = crossed < 0 ? -1 : 1;
        plane_ = from + (step_ > 0 ? 1 : 0);
        set_next();
    }
    double next() const { return next_; }  // 2 if there is none
    std::int32_t layer() const { return layer_; }
    bool forward() const { return step_ > 0; }
    void cross() {
        layer_ = (layer_ + step_ + n_) % n_;
        plane_ += step_;
        --left_;
        set_next();
    }

private:
    void set_next() {
        if (left_ == 0)
            next_ = 2.0;
        else
            next_ = way_ != 0.0 ? std::clamp((plane_ - start_) / way_, 0.0, 1.0) : 1.0;
    }

    double start_, way_, next_ = 2.0;
    std::int32_t layer_, n_, left_, step_, plane_;
};

std::array<std::int32_t, 3> layers_of(const Grid& grid, const Vec3& p) {
    const std::int32_t v = grid.voxel_of(p);
    return {v % grid.nx, v / grid.nx % grid.ny, v / grid.nx / grid.ny};
}

}  // namespace

VesselVoxels trace_vessels(const VesselNetwork& network, const Flow& flow, const Grid& grid) {
    LOBULE_ASSERT(flow.flow.size() == network.edge_count(), flow.flow.size(), network.edge_count());
    const std::size_t n = grid.size();
    VesselVoxels v;
    for (std::vector<double>* column :
         {&v.flow.x, &v.flow.y, &v.flow.z, &v.inflow, &v.outflow, &v.length, &v.wall, &v.lumen, &v.mean_flow})
        column->assign(n, 0.0);
    const Vec3 size = grid.edges();

    for (std::size_t e = 0; e < network.edge_count(); ++e) {
        const Vec3 a = grid.box.wrap(network.position[static_cast<std::size_t>(network.a[e])]);
        const Vec3 b = network.position[static_cast<std::size_t>(network.b[e])];
        const Vec3 way = network.edge_vector(grid.box, e);
        const double path = length(way), radius = flow.radius[e], q = flow.flow[e];
        const auto from = layers_of(grid, a), to = layers_of(grid, b);
        AxisWalk x(from[0], to[0], grid.nx, a.x / size.x, way.x / size.x);
        AxisWalk y(from[1], to[1], grid.ny, a.y / size.y, way.y / size.y);
        AxisWalk z(from[2], to[2], grid.nz, a.z / size.z, way.z / size.z);
        const auto cross = [&](AxisWalk& axis, std::vector<double>& faces) {
            // A face belongs to the voxel before it.
            const bool forward = axis.forward();
            if (!forward) axis.cross();
            faces[static_cast<std::size_t>(grid.number(x.layer(), y.layer(), z.layer()))] += forward ? q : -q;
            if (forward) axis.cross();
        };
        for (double done = 0.0;;) {
            const double next = std::min({x.next(), y.next(), z.next()});
            const double part = std::max(0.0, std::min(next, 1.0) - done) * path;
            const auto voxel = static_cast<std::size_t>(grid.number(x.layer(), y.layer(), z.layer()));
            v.length[voxel] += part;
            v.wall[voxel] += 2.0 * k_pi * radius * part;
            v.lumen[voxel] += k_pi * radius * radius * part;
            v.mean_flow[voxel] += std::fabs(q) * part;
            if (next > 1.0) break;
            done = std::max(done, next);
            if (x.next() == next)
                cross(x, v.flow.x);
            else if (y.next() == next)
                cross(y, v.flow.y);
            else
                cross(z, v.flow.z);
        }
    }
    for (std::size_t k = 0; k < n; ++k)
        if (v.length[k] > 0.0) v.mean_flow[k] /= v.length[k];
    for (std::size_t i = 0; i < network.node_count(); ++i) {
        const auto voxel = static_cast<std::size_t>(grid.voxel_of(network.position[i]));
        if (network.kind[i] == NodeKind::inlet) v.inflow[voxel] += flow.source[i];
        if (network.kind[i] == NodeKind::outlet) v.outflow[voxel] -= flow.source[i];
    }
    return v;
}

}  // namespace lobule
