#include "tissue/vessels.hpp"

#include "base/assert.hpp"
#include "disjoint_sets.hpp"

namespace lobule {

std::int32_t VesselNetwork::add_node(const Vec3& p, NodeKind k) {
    position.push_back(p);
    kind.push_back(k);
    return static_cast<std::int32_t>(position.size() - 1);
}

std::int32_t VesselNetwork::add_edge(std::int32_t from, std::int32_t to, double r) {
    a.push_back(from);
    b.push_back(to);
    radius.push_back(r);
    id.push_back(next_id++);
    return static_cast<std::int32_t>(a.size() - 1);
}

Vec3 VesselNetwork::point_on(const Box& box, std::size_t edge, double along) const {
    return box.wrap(position[static_cast<std::size_t>(a[edge])] + edge_vector(box, edge) * along);
}

void remove_edges(VesselNetwork& network, const std::vector<std::uint8_t>& marked) {
    LOBULE_ASSERT(marked.size() == network.edge_count(), marked.size(), network.edge_count());
    const std::vector<std::int32_t> before = degrees_of(network);
    std::vector<std::int32_t> after = before;
    std::size_t kept = 0;
    for (std::size_t e = 0; e < network.edge_count(); ++e) {
        if (marked[e]) {
            --after[static_cast<std::size_t>(network.a[e])];
            --after[static_cast<std::size_t>(network.b[e])];
            continue;
        }
        network.a[kept] = network.a[e], network.b[kept] = network.b[e];
        network.radius[kept] = network.radius[e], network.id[kept] = network.id[e];
        ++kept;
    }
    network.a.resize(kept), network.b.resize(kept), network.radius.resize(kept), network.id.resize(kept);
    std::vector<std::int32_t> number(network.node_count(), -1);
    std::size_t nodes = 0;
    for (std::size_t i = 0; i < network.node_count(); ++i) {
        if (after[i] == 0 && before[i] > 0) continue;
        number[i] = static_cast<std::int32_t>(nodes);
        network.position[nodes] = network.position[i], network.kind[nodes] = network.kind[i];
        ++nodes;
    }
    network.position.resize(nodes), network.kind.resize(nodes);
    for (std::size_t e = 0; e < kept; ++e) {
        network.a[e] = number[static_cast<std::size_t>(network.a[e])];
        network.b[e] = number[static_cast<std::size_t>(network.b[e])];
    }
}

std::vector<std::int32_t> degrees_of(const VesselNetwork& network) {
    std::vector<std::int32_t> degree(network.node_count(), 0);
    for (std::size_t e = 0; e < network.edge_count(); ++e) {
        ++degree[static_cast<std::size_t>(network.a[e])];
        ++degree[static_cast<std::size_t>(network.b[e])];
    }
    return degree;
}

Segments segments_of(const VesselNetwork& network) {
    const std::size_t nodes = network.node_count(), edges = network.edge_count();
    const std::vector<std::int32_t> degree = degrees_of(network);
    // The two edges of each bend.
    std::vector<std::array<std::int32_t, 2>> at(nodes, {-1, -1});
    const auto note = [&](std::int32_t node, std::size_t e) {
        auto& pair = at[static_cast<std::size_t>(node)];
        if (pair[0] < 0)
            pair[0] = static_cast<std::int32_t>(e);
        else if (pair[1] < 0)
            pair[1] = static_cast<std::int32_t>(e);
    };
    for (std::size_t e = 0; e < edges; ++e) note(network.a[e], e), note(network.b[e], e);
    const auto is_bend = [&](std::int32_t node) {
        const auto i = static_cast<std::size_t>(node);
        return degree[i] == 2 && network.kind[i] == NodeKind::inner;
    };

    Segments s;
    std::vector<std::uint8_t> seen(edges, 0);
    s.first.push_back(0);
    const auto follow = [&](std::int32_t start, std::size_t edge) {
        std::int32_t node = start;
        std::size_t e = edge;
        do {
            seen[e] = 1;
            const bool forward = network.a[e] == node;
            s.steps.push_back({static_cast<std::int32_t>(e), forward});
            node = forward ? network.b[e] : network.a[e];
            if (!is_bend(node)) break;
            const auto& pair = at[static_cast<std::size_t>(node)];
            e = static_cast<std::size_t>(pair[0] == static_cast<std::int32_t>(e) ? pair[1] : pair[0]);
        } while (!seen[e]);
        s.from.push_back(start);
        s.to.push_back(node);
        s.first.push_back(s.steps.size());
    };
    for (std::size_t e = 0; e < edges; ++e) {
        if (seen[e]) continue;
        if (!is_bend(network.a[e]))
            follow(network.a[e], e);
        else if (!is_bend(network.b[e]))
            follow(network.b[e], e);
    }
    for (std::size_t e = 0; e < edges; ++e)  // what is left are rings
        if (!seen[e]) follow(network.a[e], e);
    return s;
}

namespace {

/// Share of the tissue in each third of position.
std::array<double, 3> shares_of_thirds(const Lobules& lobules) {
    // All rectangles are alike.
    constexpr int k_cells = 96;
    std::array<double, 3> share{};
    const double x = lobules.box.lengths.x / lobules.n, y = lobules.box.lengths.y / lobules.m;
    for (int j = 0; j < k_cells; ++j)
        for (int i = 0; i < k_cells; ++i) {
            const double p = lobules.position({(i + 0.5) / k_cells * x, (j + 0.5) / k_cells * y, 0.0});
            share[std::min<std::size_t>(2, static_cast<std::size_t>(3.0 * p))] += 1.0 / (k_cells * k_cells);
        }
    return share;
}

/// Sums that make measures.
struct Sums {
    double length = 0.0, radius = 0.0, wall = 0.0, lumen = 0.0, radial = 0.0;  // over edges
    double path = 0.0, path_squares = 0.0, chord = 0.0;                        // over segments
    std::size_t segments = 0, branches = 0;

    VesselMeasures over(double volume) const {
        VesselMeasures m;
        m.volume = volume;
        if (volume <= 0.0 || length <= 0.0) return m;
        m.length_density = length / volume;
        m.lumen_fraction = lumen / volume;
        m.wall_density = wall / volume;
        m.mean_radius = radius / length;
        m.radial = radial / length;
        m.branch_density = static_cast<double>(branches) / volume * 1e9;
        m.segments = segments;
        if (segments == 0) return m;
        const auto n = static_cast<double>(segments);
        m.segment_length = path / n;
        m.segment_length_sd = std::sqrt(std::max(0.0, path_squares / n - m.segment_length * m.segment_length));
        m.tortuosity = chord > 0.0 ? path / chord : 0.0;
        return m;
    }
};

}  // namespace

NetworkMeasures measure(const VesselNetwork& network, const Lobules& lobules) {
    constexpr double k_pi = 3.14159265358979323846;
    const Box& box = lobules.box;
    const std::size_t nodes = network.node_count(), edges = network.edge_count();
    std::array<Sums, 4> sums;  // the thirds, and all
    const auto third = [&](const Vec3& p) {
        return std::min<std::size_t>(2, static_cast<std::size_t>(3.0 * lobules.position(p)));
    };

    std::vector<double> path(edges);
    for (std::size_t e = 0; e < edges; ++e) {
        const Vec3 d = network.edge_vector(box, e);
        const Vec3 middle = network.point_on(box, e, 0.5);
        const double l = path[e] = length(d), r = network.radius[e];
        const double cosine = l > 0.0 ? dot(d, lobules.inward(middle)) / l : 0.0;
        for (const std::size_t part : {third(middle), std::size_t{3}}) {
            Sums& s = sums[part];
            s.length += l;
            s.radius += r * l;
            s.wall += 2.0 * k_pi * r * l;
            s.lumen += k_pi * r * r * l;
            s.radial += cosine * cosine * l;
        }
    }

    const Segments segments = segments_of(network);
    for (std::size_t s = 0; s < segments.size(); ++s) {
        double all = 0.0;
        Vec3 chord;
        for (std::size_t k = segments.first[s]; k < segments.first[s + 1]; ++k) {
            const auto [edge, forward] = segments.steps[k];
            all += path[static_cast<std::size_t>(edge)];
            chord += network.edge_vector(box, static_cast<std::size_t>(edge)) * (forward ? 1.0 : -1.0);
        }
        double rest = 0.5 * all;
        Vec3 middle;
        for (std::size_t k = segments.first[s]; k < segments.first[s + 1]; ++k) {
            const auto edge = static_cast<std::size_t>(segments.steps[k].edge);
            if (rest > path[edge] && k + 1 < segments.first[s + 1]) {
                rest -= path[edge];
                continue;
            }
            const double t = path[edge] > 0.0 ? std::min(1.0, rest / path[edge]) : 0.0;
            middle = network.point_on(box, edge, segments.steps[k].forward ? t : 1.0 - t);
            break;
        }
        for (const std::size_t part : {third(middle), std::size_t{3}}) {
            sums[part].path += all;
            sums[part].path_squares += all * all;
            sums[part].chord += length(chord);
            ++sums[part].segments;
        }
    }

    const std::vector<std::int32_t> degree = degrees_of(network);
    double degree_sum = 0.0, counted = 0.0;
    for (std::size_t i = 0; i < nodes; ++i) {
        if (network.kind[i] == NodeKind::inner && degree[i] != 2) degree_sum += degree[i], counted += 1.0;
        if (degree[i] < 3) continue;
        ++sums[third(network.position[i])].branches;
        ++sums[3].branches;
    }

    NetworkMeasures m;
    const double volume = box.volume();
    const std::array<double, 3> share = shares_of_thirds(lobules);
    for (std::size_t t = 0; t < 3; ++t) m.thirds[t] = sums[t].over(share[t] * volume);
    m.total = sums[3].over(volume);
    DisjointSets sets(nodes);
    for (std::size_t e = 0; e < edges; ++e)
        sets.join(static_cast<std::size_t>(network.a[e]), static_cast<std::size_t>(network.b[e]));
    m.components = sets.count();
    m.loop_density = (static_cast<double>(edges + m.components) - static_cast<double>(nodes)) / volume * 1e9;
    m.mean_degree = counted > 0.0 ? degree_sum / counted : 0.0;
    return m;
}

}  // namespace lobule
