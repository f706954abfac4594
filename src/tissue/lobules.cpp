#include "tissue/lobules.hpp"

#include <algorithm>

namespace lobule {

namespace {

const double k_sqrt3 = std::sqrt(3.0);
constexpr double k_along_edge = 0.2;  // what a way along an edge counts against the same way from it

struct Corner {
    double x, y;
};
/// Corners of the hexagon of circumradius 1.
const Corner k_corners[6] = {{1.0, 0.0},  {0.5, 0.5 * k_sqrt3},   {-0.5, 0.5 * k_sqrt3},
                             {-1.0, 0.0}, {-0.5, -0.5 * k_sqrt3}, {0.5, -0.5 * k_sqrt3}};

/// A point as seen from the axis of its lobule, in units of the regular hexagon's circumradius along x and along y.
struct Local {
    int lobule;
    double u, v;
    double unit_x, unit_y;  // [um]
};

Local local_of(const Lobules& l, const Vec3& point) {
    const double unit_x = l.box.lengths.x / (3.0 * l.n), unit_y = l.box.lengths.y / (k_sqrt3 * l.m);
    const double x = Box::wrap(point.x, l.box.lengths.x) / unit_x, y = Box::wrap(point.y, l.box.lengths.y) / unit_y;
    Local best{0, 0.0, 0.0, unit_x, unit_y};
    double least = 1e300;
    // Even lobules lie on (1, sqrt(3)/2) of each rectangle, odd ones on (5/2, sqrt(3)): the nearest of each kind.
    for (int kind = 0; kind < 2; ++kind) {
        const double x0 = kind == 0 ? 1.0 : 2.5, y0 = kind == 0 ? 0.5 * k_sqrt3 : k_sqrt3;
        const double i = std::nearbyint((x - x0) / 3.0), j = std::nearbyint((y - y0) / k_sqrt3);
        const double u = x - x0 - 3.0 * i, v = y - y0 - k_sqrt3 * j;
        const double square = u * u + v * v;
        if (square < least) {
            least = square;
            const int column = (static_cast<int>(i) + l.n) % l.n, row = (static_cast<int>(j) + l.m) % l.m;
            best.lobule = 2 * (row * l.n + column) + kind;
            best.u = u, best.v = v;
        }
    }
    return best;
}

double central_distance(const Local& p) {
    return std::sqrt(p.u * p.u * p.unit_x * p.unit_x + p.v * p.v * p.unit_y * p.unit_y);
}

double tract_distance(const Lobules& l, const Local& p) {
    double least = 1e300;
    for (int k = 0; k < 6; ++k) {
        const Corner& c = k_corners[k];
        // Of the three tracts around a corner without one, the third lies beyond: twice as far as the corner.
        const double far = l.has_tract(p.lobule, k) ? 1.0 : 2.0;
        const double dx = (far * c.x - p.u) * p.unit_x, dy = (far * c.y - p.v) * p.unit_y;
        least = std::min(least, dx * dx + dy * dy);
    }
    return std::sqrt(least);
}

struct EdgeDistance {
    double across;  // to the edge
    double along;   // from there to the nearer tract of that edge, up to half of it
    double beyond;  // the rest of that way
};

/// Of the edge for which the weighted sum is least.
EdgeDistance edge_distance(const Lobules& l, const Local& p, double along, double beyond) {
    EdgeDistance best{1e300, 0.0, 0.0};
    for (int k = 0; k < 6; ++k) {
        const Corner &a = k_corners[k], &b = k_corners[(k + 1) % 6];
        const bool at_a = l.has_tract(p.lobule, k), at_b = l.has_tract(p.lobule, (k + 1) % 6);
        const double ex = (b.x - a.x) * p.unit_x, ey = (b.y - a.y) * p.unit_y;
        const double dx = (p.u - a.x) * p.unit_x, dy = (p.v - a.y) * p.unit_y;
        const double square = ex * ex + ey * ey;
        const double t = std::clamp((dx * ex + dy * ey) / square, 0.0, 1.0);
        const double rx = dx - t * ex, ry = dy - t * ey;
        const double part = at_a && at_b ? std::min(t, 1.0 - t) : at_a ? t : 1.0 - t;
        const double half = std::min(part, 0.5), side = std::sqrt(square);
        const EdgeDistance here{std::sqrt(rx * rx + ry * ry), half * side, (part - half) * side};
        if (here.across + along * here.along + beyond * here.beyond <
            best.across + along * best.along + beyond * best.beyond)
            best = here;
    }
    return best;
}

}  // namespace

Lobules Lobules::regular(double radius, double thickness, int n, int m) {
    Lobules l;
    l.box.lengths = {3.0 * radius * n, k_sqrt3 * radius * m, thickness};
    l.n = n, l.m = m;
    return l;
}

double Lobules::radius() const { return std::sqrt(box.lengths.x * box.lengths.y / (count() * 1.5 * k_sqrt3)); }

Vec3 Lobules::centre(int lobule) const {
    const int kind = lobule % 2, column = lobule / 2 % n, row = lobule / 2 / n;
    const double x = (column + (kind == 0 ? 1.0 / 3.0 : 5.0 / 6.0)) / n, y = (row + (kind == 0 ? 0.5 : 1.0)) / m;
    return box.wrap({x * box.lengths.x, y * box.lengths.y, 0.0});
}

Vec3 Lobules::corner_of(int lobule, int k) const {
    const Corner& c = k_corners[k];
    return centre(lobule) + Vec3{c.x * box.lengths.x / (3.0 * n), c.y * box.lengths.y / (k_sqrt3 * m), 0.0};
}

Vec3 Lobules::corner(int corner) const {
    // Every corner belongs to three lobules: corners 0 and 1 of all of them are all corners, each once.
    return box.wrap(corner_of(corner / 2, corner % 2));
}

bool Lobules::has_tract(int lobule, int k) const {
    if (tracts == 2.0 || k % 2 == 0) return true;  // a corner is even, or odd, in all three lobules
    // Of the odd corners of a rectangle one is corner 1 of the even lobule and the other that of the odd one: corner 3 of the
    // lobules across.
    return tracts == 1.5 && (lobule % 2 == 0) == (k != 3);
}

Vec3 Lobules::tract(int tract) const {
    if (tracts == 2.0) return corner(tract);
    return tracts == 1.5 ? corner(tract / 3 * 4 + tract % 3) : corner(2 * tract);
}

int Lobules::nearest(const Vec3& point) const { return local_of(*this, point).lobule; }
double Lobules::to_central_axis(const Vec3& point) const { return central_distance(local_of(*this, point)); }
double Lobules::to_portal_axis(const Vec3& point) const { return tract_distance(*this, local_of(*this, point)); }
double Lobules::to_edge(const Vec3& point) const {
    return edge_distance(*this, local_of(*this, point), 0.0, 0.0).across;
}

Vec3 Lobules::outside(const Vec3& point) const {
    const double central = to_central_axis(point);
    if (central < central_radius) return box.wrap(point - inward(point) * (central_radius - central));
    if (to_portal_axis(point) >= portal_radius) return point;
    for (int k = 0; k < tract_count(); ++k) {
        Vec3 way = box.from_to(tract(k), point);
        way.z = 0.0;
        const double distance = length(way);
        if (distance >= portal_radius) continue;
        const Vec3 out = distance > 0.0 ? way * (1.0 / distance) : Vec3{1.0, 0.0, 0.0};
        return box.wrap(point + out * (portal_radius - distance));
    }
    return point;
}

Lobules Lobules::in(const Box& strained) const {
    Lobules out = *this;
    out.box = strained;
    const double factor = std::sqrt(strained.lengths.x * strained.lengths.y / (box.lengths.x * box.lengths.y));
    out.portal_radius *= factor;
    out.central_radius *= factor;
    return out;
}

Vec3 Lobules::inward(const Vec3& point) const {
    const Local p = local_of(*this, point);
    const double d = central_distance(p);
    return d > 0.0 ? Vec3{-p.u * p.unit_x / d, -p.v * p.unit_y / d, 0.0} : Vec3{1.0, 0.0, 0.0};
}

double Lobules::position(const Vec3& point) const {
    const Local p = local_of(*this, point);
    const double central = std::max(0.0, central_distance(p) - central_radius);
    const EdgeDistance edge = edge_distance(*this, p, k_along_edge, 1.0);
    const double septal = edge.across + k_along_edge * std::max(0.0, edge.along - portal_radius) + edge.beyond;
    const double portal = std::min(std::max(0.0, tract_distance(*this, p) - portal_radius), septal);
    return portal / (portal + central);
}

}  // namespace lobule
