#include "tissue/growth.hpp"

#include <algorithm>
#include <numeric>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "edge_finder.hpp"

namespace lobule {

namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// The place on a segment nearest its middle at which a vessel may join: a bend, or a point of an edge.
struct Middle {
    Vec3 point;
    std::int32_t edge;  // that holds the middle
    double along;
    std::int32_t bend;  // < 0: the edge is to be split
    double length;      // of the segment
};

std::vector<Middle> middles_of(const VesselNetwork& network, const Box& box, const Segments& s) {
    constexpr double k_near_middle = 0.3;  // a bend as near to it as this part of the length will do
    std::vector<Middle> middles(s.size());
    for (std::size_t k = 0; k < s.size(); ++k) {
        Middle& m = middles[k];
        double all = 0.0;
        for (std::size_t i = s.first[k]; i < s.first[k + 1]; ++i) all += network.edge_length(box, at(s.steps[i].edge));
        m = {{}, -1, 0.5, -1, all};
        double before = 0.0, nearest = k_near_middle * all;
        for (std::size_t i = s.first[k]; i < s.first[k + 1]; ++i) {
            const auto [edge, forward] = s.steps[i];
            const double path = network.edge_length(box, at(edge)), after = before + path;
            if (m.edge < 0 && (after >= 0.5 * all || i + 1 == s.first[k + 1])) {
                const double t = path > 0.0 ? std::clamp((0.5 * all - before) / path, 0.0, 1.0) : 0.5;
                m.edge = edge;
                m.along = forward ? t : 1.0 - t;
                m.point = network.point_on(box, at(edge), m.along);
            }
            if (i + 1 < s.first[k + 1] && std::fabs(after - 0.5 * all) < nearest) {
                nearest = std::fabs(after - 0.5 * all);
                m.bend = forward ? network.b[at(edge)] : network.a[at(edge)];
            }
            before = after;
        }
        if (m.bend >= 0) m.point = network.position[at(m.bend)];
    }
    return middles;
}

/// The node at a segment's middle; splits an edge if there is none. The part from a keeps the edge's name.
std::int32_t node_at(VesselNetwork& network, const Middle& m) {
    if (m.bend >= 0) return m.bend;
    const std::int32_t node = network.add_node(m.point, NodeKind::inner);
    network.add_edge(node, network.b[at(m.edge)], network.radius[at(m.edge)]);
    network.b[at(m.edge)] = node;
    return node;
}

/// Splits and new edges of one round: none of its segments is used twice.
class SproutRound {
public:
    SproutRound(VesselNetwork& network, const Lobules& lobules, std::span<const double> demand, double longest)
        : network_(network),
          l_(lobules),
          segments_(segments_of(network)),
          middles_(middles_of(network, lobules.box, segments_)),
          points_(points_of(middles_)),
          cells_(lobules.box, points_, longest),
          edges_(network, lobules.box, k_clear),
          used_(middles_.size(), 0),
          chance_(middles_.size()) {
        for (std::size_t s = 0; s < middles_.size(); ++s)
            chance_[s] = middles_[s].length * (demand.empty() ? 1.0 : demand[at(middles_[s].edge)]);
    }
    std::size_t segments() const { return middles_.size(); }
    double chance(std::size_t s) const { return used_[s] ? 0.0 : chance_[s]; }

    /// A vessel of about `wanted` um from the middle of segment s; its length, or 0 if there is no good place.
    double grow(std::size_t s, double wanted) {
        constexpr double k_shortest = 0.6, k_longest = 1.4;  // over wanted
        const Vec3 from = middles_[s].point;
        std::size_t best = s;
        double least = 1e300;
        cells_.near(from, [&](std::uint32_t t) {
            if (used_[t] || t == s || chance_[t] <= 0.0 || touch(s, t)) return;
            const Vec3 way = l_.box.from_to(from, points_[t]);
            const double path = length(way);
            if (path < k_shortest * wanted || path > k_longest * wanted || path <= 0.0) return;
            const Vec3 middle = from + way * 0.5;
            if (l_.to_central_axis(middle) < l_.central_radius || l_.to_portal_axis(middle) < l_.portal_radius) return;
            const double cosine = dot(way, l_.inward(middle)) / path;
            const double without = std::fabs(path / wanted - 1.0) - k_radial * cosine * cosine;
            if (without >= least) return;  // to look for neighbours is what costs time
            const double cost = without + k_crowding * crowding(from, way);
            if (cost < least) least = cost, best = t;
        });
        if (best == s) return 0.0;
        used_[s] = used_[best] = 1;
        const double radius = 0.5 * (network_.radius[at(middles_[s].edge)] + network_.radius[at(middles_[best].edge)]);
        const std::int32_t a = node_at(network_, middles_[s]), b = node_at(network_, middles_[best]);
        return network_.edge_length(l_.box, at(network_.add_edge(a, b, radius)));
    }

private:
    static constexpr double k_crowding = 2.0;
    static constexpr double k_clear = 22.0;  // [um] vessels nearer than this crowd a new one
    static constexpr double k_radial = 0.4;

    static std::vector<Vec3> points_of(const std::vector<Middle>& middles) {
        std::vector<Vec3> points;
        for (const Middle& m : middles) points.push_back(m.point);
        return points;
    }
    bool touch(std::size_t s, std::size_t t) const {
        return segments_.from[s] == segments_.from[t] || segments_.from[s] == segments_.to[t] ||
               segments_.to[s] == segments_.from[t] || segments_.to[s] == segments_.to[t];
    }
    /// 0 where no vessel is near the inner part of a way, 1 where one lies on all of it.
    double crowding(const Vec3& from, const Vec3& way) const {
        double sum = 0.0;
        for (const double part : {0.35, 0.5, 0.65}) {
            double nearest = k_clear;
            edges_.near(l_.box.wrap(from + way * part),
                        [&](std::uint32_t, const Vec3& d) { nearest = std::min(nearest, length(d)); });
            sum += (1.0 - nearest / k_clear) / 3.0;
        }
        return sum;
    }

    VesselNetwork& network_;
    const Lobules& l_;
    Segments segments_;
    std::vector<Middle> middles_;
    std::vector<Vec3> points_;
    PointCells cells_;
    EdgeFinder edges_;  // as they were before the round
    std::vector<std::uint8_t> used_;
    std::vector<double> chance_;
};

double total_length(const VesselNetwork& network, const Box& box) {
    double sum = 0.0;
    for (std::size_t e = 0; e < network.edge_count(); ++e) sum += network.edge_length(box, e);
    return sum;
}

}  // namespace

double sprout(VesselNetwork& network, const Lobules& l, const SproutSpec& spec, std::span<const double> demand,
              double length_to_add, std::uint64_t seed, std::uint64_t step) {
    LOBULE_ASSERT(demand.empty() || demand.size() == network.edge_count(), demand.size(), network.edge_count());
    constexpr double k_shortest = 0.5, k_longest = 3.5;  // vessels over the mean segment
    constexpr int k_most_rounds = 60;
    constexpr double k_share = 0.15;  // of the segments that one round may start from
    std::vector<double> weight(demand.begin(), demand.end());
    const double start = total_length(network, l.box);
    double added = 0.0;
    std::uint64_t drawn = 0;
    for (int round = 0; round < k_most_rounds; ++round) {
        // Each vessel makes three segments more. As many as bring the mean length to what it is to be:
        const std::size_t now = segments_of(network).size();
        const double wanted_segments = (start + length_to_add) / spec.segment_length;
        const double sprouts = (wanted_segments - static_cast<double>(now)) / 3.0, rest = length_to_add - added;
        const double each = std::clamp(sprouts > 0.0 ? rest / sprouts : 1e300, k_shortest * spec.segment_length,
                                       k_longest * spec.segment_length);
        if (rest < 0.5 * each) break;
        SproutRound growth(network, l, weight, 1.4 * each);
        std::vector<double> end(growth.segments());
        double sum = 0.0;
        for (std::size_t s = 0; s < end.size(); ++s) end[s] = sum += growth.chance(s);
        if (!(sum > 0.0)) break;
        const auto tries = static_cast<std::size_t>(std::max(4.0, k_share * static_cast<double>(now)));
        double in_round = 0.0;
        for (std::size_t k = 0; k < tries && added + 0.5 * each < length_to_add; ++k) {
            const double u =
                random_uniform({.seed = seed, .stream = stream_id("tissue.sprout"), .entity = drawn++, .step = step});
            const auto s = static_cast<std::size_t>(
                std::min(std::upper_bound(end.begin(), end.end(), u * sum), end.end() - 1) - end.begin());
            if (growth.chance(s) <= 0.0) continue;
            const double grown = growth.grow(s, std::min(each, std::max(length_to_add - added, k_shortest * each)));
            added += grown, in_round += grown;
        }
        if (!weight.empty()) {
            // New edges come after all others: the parts of a split one and a new one have the weight of their place.
            const std::size_t known = weight.size();
            weight.resize(network.edge_count(), 0.0);
            std::vector<double> node(network.node_count(), 0.0);
            for (std::size_t e = 0; e < known; ++e) node[at(network.a[e])] = node[at(network.b[e])] = weight[e];
            for (std::size_t e = known; e < weight.size(); ++e)
                weight[e] = 0.5 * (node[at(network.a[e])] + node[at(network.b[e])]);
        }
        if (in_round <= 0.0) break;
    }
    return added;
}

double prune(VesselNetwork& network, const Box& box, const Flow& flow, double length_to_remove) {
    LOBULE_ASSERT(flow.flow.size() == network.edge_count(), flow.flow.size(), network.edge_count());
    constexpr double k_still = 1e-12;  // flow over the largest: what rounding leaves where there is none
    const Segments s = segments_of(network);
    double largest = 0.0;
    for (const double q : flow.flow) largest = std::max(largest, std::fabs(q));
    // Blood that comes to and goes from each node. Pressure falls along both, so while each keeps one, no way has a ring.
    std::vector<std::int32_t> comes(network.node_count(), 0), goes(network.node_count(), 0);
    std::vector<double> q(s.size()), path(s.size(), 0.0);
    std::vector<std::uint8_t> still(s.size());
    for (std::size_t k = 0; k < s.size(); ++k) {
        const auto [edge, forward] = s.steps[s.first[k]];
        q[k] = forward ? flow.flow[at(edge)] : -flow.flow[at(edge)];
        for (std::size_t i = s.first[k]; i < s.first[k + 1]; ++i)
            path[k] += network.edge_length(box, at(s.steps[i].edge));
        still[k] = std::fabs(q[k]) <= k_still * largest;
        if (still[k]) continue;
        ++goes[at(q[k] > 0.0 ? s.from[k] : s.to[k])];
        ++comes[at(q[k] > 0.0 ? s.to[k] : s.from[k])];
    }
    std::vector<std::size_t> order(s.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
        return still[x] != still[y] ? still[x] > still[y] : std::fabs(q[x]) < std::fabs(q[y]);
    });
    std::vector<std::uint8_t> marked(network.edge_count(), 0);
    double removed = 0.0;
    for (const std::size_t k : order) {
        if (removed + 0.5 * path[k] > length_to_remove) break;
        const std::size_t up = at(q[k] > 0.0 ? s.from[k] : s.to[k]), down = at(q[k] > 0.0 ? s.to[k] : s.from[k]);
        if (!still[k]) {
            const bool inner = network.kind[up] == NodeKind::inner && network.kind[down] == NodeKind::inner;
            if (!inner || goes[up] < 2 || comes[down] < 2) continue;
            --goes[up], --comes[down];
        }
        for (std::size_t i = s.first[k]; i < s.first[k + 1]; ++i) marked[at(s.steps[i].edge)] = 1;
        removed += path[k];
    }
    remove_edges(network, marked);
    return removed;
}

}  // namespace lobule
