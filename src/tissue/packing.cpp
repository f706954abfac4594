#include "tissue/packing.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/error.hpp"
#include "base/math.hpp"
#include "base/random.hpp"
#include "edge_finder.hpp"

namespace lobule {

namespace {

constexpr double k_pi = 3.14159265358979323846;

/// Outwards from the walls of the large vessels, where p is nearer to them than `distance`: how far, and which way.
Vec3 out_of_large(const Lobules& l, const Vec3& p, double distance) {
    Vec3 out;
    const double central = l.to_central_axis(p) - l.central_radius;
    if (central < distance) out += l.inward(p) * (central - distance);
    if (l.to_portal_axis(p) - l.portal_radius >= distance) return out;
    const int lobule = l.nearest(p);
    Vec3 to;
    double least = 1e300;
    for (int k = 0; k < 6; ++k) {
        if (!l.has_tract(lobule, k)) continue;
        Vec3 d = l.box.from_to(p, l.corner_of(lobule, k));
        d.z = 0.0;
        if (length(d) < least) least = length(d), to = d;
    }
    if (least > 0.0) out += to * ((least - l.portal_radius - distance) / least);
    return out;
}

}  // namespace

std::vector<Vec3> pack_centres(const VesselNetwork& network, const Lobules& l, std::size_t count, std::uint64_t seed) {
    if (count == 0) return {};
    constexpr int k_steps = 30;
    constexpr double k_pair =
        1.12;  // distance at which pairs cease to push, over (volume/N)^(1/3): that of close packing
    constexpr double k_vessel = 0.42;  // distance from a wall at which it ceases to push, over the same
    constexpr double k_longest = 0.1;  // step, over the same
    constexpr double k_stiff = 0.45;
    double lumen = 0.0;
    for (std::size_t e = 0; e < network.edge_count(); ++e)
        lumen += k_pi * network.radius[e] * network.radius[e] * network.edge_length(l.box, e);
    const double large =
        l.box.lengths.z * k_pi *
        (l.count() * l.central_radius * l.central_radius + l.tract_count() * l.portal_radius * l.portal_radius);
    const double room = l.box.volume() - lumen - large;
    if (room <= 0.0) throw RunError("the vessels leave no room for cells");
    const double spacing = math::pow(room / static_cast<double>(count), 1.0 / 3.0);
    const double pair = k_pair * spacing, wall = k_vessel * spacing;
    double widest = 0.0;
    for (const double r : network.radius) widest = std::max(widest, r);
    const EdgeFinder edges(network, l.box, widest + wall);

    SpacedPoints start(l.box, 0.75 * spacing, count);
    for (std::uint64_t k = 0; start.points().size() < count; ++k) {
        if (k > 2000 * count + 100000) throw RunError("the vessels leave no room for cells");
        const auto word = random_block({.seed = seed, .stream = stream_id("tissue.centre"), .entity = k});
        const Vec3 p{uniform_of(word[0]) * l.box.lengths.x, uniform_of(word[1]) * l.box.lengths.y,
                     uniform_of(word[2]) * l.box.lengths.z};
        if (length(out_of_large(l, p, 0.0)) > 0.0) continue;
        // The harder it gets to find a place, the nearer the next may come: relaxation parts them.
        const double tries = static_cast<double>(k) / static_cast<double>(count);
        if (start.free(p, spacing * std::max(0.0, 0.75 - 0.02 * tries))) start.add(p);
    }
    // Neighbours lie together in memory while they move; they are given back in the order in which they came.
    const PointCells first(l.box, start.points(), pair);
    std::vector<Vec3> centre, moved(count);
    centre.reserve(count);
    for (const std::uint32_t i : first.order()) centre.push_back(start.points()[i]);
    for (int step = 0; step < k_steps; ++step) {
        const PointCells cells(l.box, centre, pair);
#pragma omp parallel for schedule(static) if (count > 4000)
        for (std::size_t i = 0; i < count; ++i) {
            const Vec3 p = centre[i];
            Vec3 push = out_of_large(l, p, wall);
            cells.near(p, [&](std::uint32_t j) {
                const Vec3 d = from_to_inside(l.box, centre[j], p);
                const double square = dot(d, d);
                if (square >= pair * pair || square <= 0.0) return;
                const double distance = std::sqrt(square);
                push += d * (k_stiff * (pair - distance) / distance);
            });
            edges.near(p, [&](std::uint32_t e, const Vec3& d) {
                const double reach = network.radius[e] + wall, square = dot(d, d);
                if (square >= reach * reach || square <= 0.0) return;
                const double distance = std::sqrt(square);
                push += d * (k_stiff * (reach - distance) / distance);
            });
            const double size = length(push), most = k_longest * spacing;
            moved[i] = l.box.wrap(p + push * (size > most ? most / size : 1.0));
        }
        std::swap(centre, moved);
    }
    for (std::size_t k = 0; k < count; ++k) moved[first.order()[k]] = centre[k];
    return moved;
}

VesselSites::VesselSites(const VesselNetwork& network, const Box& box, std::span<const double> weight)
    : network_(network), box_(box), end_(network.edge_count()) {
    LOBULE_ASSERT(weight.empty() || weight.size() == network.edge_count(), weight.size(), network.edge_count());
    double sum = 0.0;
    for (std::size_t e = 0; e < end_.size(); ++e)
        end_[e] = sum += network.edge_length(box, e) * (weight.empty() ? 1.0 : weight[e]);
    if (!(sum > 0.0)) throw RunError("there is no vessel to place anything on");
}

VesselSite VesselSites::at(double fraction, double turn, double depth) const {
    const double where = fraction * end_.back();
    // The first edge that ends beyond: never one of weight 0.
    const auto found = std::min(std::upper_bound(end_.begin(), end_.end(), where), end_.end() - 1);
    const auto edge = static_cast<std::size_t>(found - end_.begin());
    const double start = edge == 0 ? 0.0 : end_[edge - 1], size = end_[edge] - start;
    return {static_cast<std::int32_t>(edge), size > 0.0 ? std::clamp((where - start) / size, 0.0, 1.0) : 0.5, turn,
            std::sqrt(depth)};
}

VesselSite VesselSites::site(std::uint64_t seed, std::uint64_t stream, std::uint64_t k) const {
    const auto word = random_block({.seed = seed, .stream = stream, .entity = k});
    return at(uniform_of(word[0]), uniform_of(word[1]), uniform_of(word[2]));
}

std::vector<VesselSite> VesselSites::spread(std::size_t count, std::uint64_t seed, std::uint64_t stream) const {
    std::vector<VesselSite> sites;
    if (count == 0) return sites;
    // Candidates in random order are taken if no other is within a distance, which shrinks until there are enough. Where
    // weight is high the candidates are dense; a distance in proportion to (density)^(-1/3) makes room for them there.
    constexpr std::uint64_t k_candidates = 24;
    constexpr double k_first = 0.8, k_shrink = 0.94, k_widest = 1.6;
    const std::size_t candidates = k_candidates * count;
    std::vector<VesselSite> candidate(candidates);
    std::vector<Vec3> point(candidates);
    std::vector<double> scale(candidates);
    double mean_weight = end_.back(), all = 0.0;
    for (std::size_t e = 0; e < end_.size(); ++e) all += network_.edge_length(box_, e);
    mean_weight /= all;
    for (std::size_t k = 0; k < candidates; ++k) {
        const auto word = random_block({.seed = seed, .stream = stream, .entity = k});
        candidate[k] = at(uniform_of(word[0]), uniform_of(word[1]), uniform_of(word[2]));
        const auto e = static_cast<std::size_t>(candidate[k].edge);
        point[k] = network_.point_on(box_, e, candidate[k].along);
        const double weight = (end_[e] - (e == 0 ? 0.0 : end_[e - 1])) / network_.edge_length(box_, e);
        scale[k] = std::clamp(math::pow(mean_weight / weight, 1.0 / 3.0), 1.0 / k_widest, k_widest);
    }
    const double reach = k_first * math::pow(box_.volume() / static_cast<double>(count), 1.0 / 3.0);
    SpacedPoints taken(box_, k_widest * reach, count);
    std::vector<std::uint8_t> used(candidates, 0);
    for (double distance = reach; sites.size() < count; distance *= k_shrink) {
        if (distance < 1e-3 * reach) distance = 0.0;
        for (std::size_t k = 0; k < candidates && sites.size() < count; ++k) {
            if (used[k] || !taken.free(point[k], distance * scale[k])) continue;
            used[k] = 1;
            taken.add(point[k]);
            sites.push_back(candidate[k]);
        }
    }
    return sites;
}

namespace {

Vec3 beside(const VesselNetwork& network, const Box& box, const VesselSite& site, double distance) {
    const auto edge = static_cast<std::size_t>(site.edge);
    const Vec3 way = network.edge_vector(box, edge);
    const double path = length(way);
    const Vec3 axis = path > 0.0 ? way * (1.0 / path) : Vec3{0.0, 0.0, 1.0};
    // Any direction across: of the axis and the coordinate axis that it is farthest from.
    const auto cross = [](const Vec3& u, const Vec3& v) {
        return Vec3{u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x};
    };
    const double x = std::fabs(axis.x), y = std::fabs(axis.y), z = std::fabs(axis.z);
    const Vec3 other = x <= y && x <= z ? Vec3{1.0, 0.0, 0.0} : y <= z ? Vec3{0.0, 1.0, 0.0} : Vec3{0.0, 0.0, 1.0};
    Vec3 u = cross(axis, other);
    u = u * (1.0 / length(u));
    const Vec3 v = cross(axis, u);
    const double angle = 2.0 * k_pi * site.turn;
    return box.wrap(network.point_on(box, edge, site.along) + u * (distance * math::cos(angle)) +
                    v * (distance * math::sin(angle)));
}

double radius_at(const VesselNetwork& network, const VesselSite& site) {
    return network.radius[static_cast<std::size_t>(site.edge)];
}

}  // namespace

Vec3 wall_site(const VesselNetwork& network, const Box& box, const VesselSite& site) {
    return beside(network, box, site, radius_at(network, site));
}
Vec3 lumen_site(const VesselNetwork& network, const Box& box, const VesselSite& site) {
    return beside(network, box, site, site.depth * radius_at(network, site));
}
Vec3 disse_site(const VesselNetwork& network, const Box& box, const VesselSite& site, double gap) {
    return beside(network, box, site, radius_at(network, site) + gap);
}

std::vector<NearVessel> nearest_vessels(const VesselNetwork& network, const Box& box, std::span<const Vec3> points,
                                        double reach, int threads) {
    // Most have a vessel close by: few edges are within a third of the reach, and what is found there is the nearest.
    constexpr double k_close = 1.0 / 3.0;
    constexpr std::size_t k_fewest = 1000;  // points that are worth a thread
    std::vector<NearVessel> out(points.size());
    for (const double within : {k_close * reach, reach}) {
        if (std::none_of(out.begin(), out.end(), [](const NearVessel& near) { return near.edge < 0; })) break;
        const EdgeFinder edges(network, box, within);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1 && points.size() > k_fewest)
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (out[i].edge >= 0) continue;
            double least = within * within;
            NearVessel nearest;
            edges.near(points[i], [&](std::uint32_t edge, const Vec3& from_axis) {
                const double square = dot(from_axis, from_axis);
                const auto number = static_cast<std::int32_t>(edge);
                // Of equally near ones the first, whatever the order in which they are found.
                if (!(square < least || (square == least && number < nearest.edge))) return;
                least = square;
                nearest = {number, from_axis};
            });
            out[i] = nearest;
        }
    }
    return out;
}

}  // namespace lobule
