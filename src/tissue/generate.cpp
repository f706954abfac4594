// Sinusoids are grown as a graph first and as a shape second. The graph: points spread over the tissue are ordered by
// their position between portal tract and central vein, and each is given one vessel from a lower point and one to a
// higher point; so every point lies on a simple path from an inlet to an outlet, whatever is added later. Cross links
// bring the number of segments to what length density over segment length asks for. The shape: relaxation, then bends
// whose size brings the lumen to what was asked for.
#include <algorithm>
#include <tuple>

#include "base/assert.hpp"
#include "base/math.hpp"
#include "base/random.hpp"
#include "point_cells.hpp"
#include "tissue/vessels.hpp"

namespace lobule {

namespace {

constexpr double k_pi = 3.14159265358979323846;
// Vessels through an area over length density: 1/2 if they had no direction, 1 if all ran straight through it.
constexpr double k_crossing_portal = 0.6, k_crossing_central = 1.0;
constexpr double k_bends_left = 0.10;   // points that may stay bends, over branch points
constexpr double k_spacing = 0.40;      // least distance of points over (volume per point)^(1/3)
constexpr double k_room = 1.35;         // how near points that are not joined push each other away, over the same
constexpr double k_reach = 1.8;         // longest vessel between two points, over the same
constexpr double k_radial = 1.0;        // what a vessel across costs more than one along, midway
constexpr double k_more_portal = 0.10;  // branch points at the portal side over those midway, less 1
constexpr double k_more_radial = -0.4;  // that cost at the portal side over that midway, less 1
constexpr double k_more_bent = 0.6;     // size of bends at the portal side over that midway, less 1
constexpr std::size_t k_worth_threads = 20000;  // points
constexpr double k_least_for_bend = 6.0;        // [um]
// Path over chord at which relaxation ends. Where branch points are as dense as 20 um between them and a tenth of lumen ask
// for, they end at 1.02 to 1.05 instead: there are no shorter chords that leave no gaps.
constexpr double k_tortuosity = 1.12;

struct Draw {
    std::uint64_t seed;
    std::array<std::uint64_t, 4> operator()(std::uint64_t stream, std::uint64_t entity, std::uint64_t step = 0) const {
        return random_block({.seed = seed, .stream = stream, .entity = entity, .step = step});
    }
};

/// A network while it is only points and which of them are joined.
struct Graph {
    struct Edge {
        std::int32_t low, high;  // by position
    };
    std::vector<Vec3> point;
    std::vector<NodeKind> kind;
    std::vector<double> position;
    std::vector<std::int32_t> in, out;                   // vessels from lower points, to higher ones
    std::vector<std::array<std::int32_t, 4>> neighbour;  // the first `degree`
    std::vector<Edge> edges;

    std::int32_t degree(std::int32_t i) const { return in[at(i)] + out[at(i)]; }
    static std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }
    void join(std::int32_t low, std::int32_t high) {
        neighbour[at(low)][at(degree(low))] = high;
        ++out[at(low)];
        neighbour[at(high)][at(degree(high))] = low;
        ++in[at(high)];
        edges.push_back({low, high});
    }
    /// Takes out the vessels of the points marked.
    void remove(const std::vector<std::uint8_t>& marked) {
        std::vector<Edge> kept;
        for (const Edge& e : edges)
            if (!marked[at(e.low)] && !marked[at(e.high)]) kept.push_back(e);
        std::fill(in.begin(), in.end(), 0);
        std::fill(out.begin(), out.end(), 0);
        edges.clear();
        for (const Edge& e : kept) join(e.low, e.high);
    }
    bool joined(std::int32_t i, std::int32_t j) const {
        for (std::int32_t k = 0; k < degree(i); ++k)
            if (neighbour[at(i)][at(k)] == j) return true;
        return false;
    }
    bool common_neighbour(std::int32_t i, std::int32_t j) const {
        for (std::int32_t k = 0; k < degree(i); ++k)
            if (joined(neighbour[at(i)][at(k)], j)) return true;
        return false;
    }
};

double lerp(double a, double b, double t) { return a + (b - a) * t; }
double zonal(double excess, double position) { return 1.0 + excess * (1.0 - 2.0 * position); }

/// Terminals on a vertical cylinder, staggered, about `distance` apart.
void terminals_on(Graph& g, const Lobules& l, const Vec3& axis, double radius, NodeKind kind, double distance,
                  const Draw& draw, std::uint64_t entity) {
    const int around = std::max(3, static_cast<int>(std::nearbyint(2.0 * k_pi * radius / distance)));
    const int levels = std::max(1, static_cast<int>(std::nearbyint(l.box.lengths.z / distance)));
    for (int k = 0; k < levels; ++k)
        for (int i = 0; i < around; ++i) {
            const auto word = draw(
                stream_id("tissue.terminal"), entity,
                static_cast<std::uint64_t>(k) * static_cast<std::uint64_t>(around) + static_cast<std::uint64_t>(i));
            const double angle = 2.0 * k_pi * (i + 0.5 * (k % 2) + 0.6 * (uniform_of(word[0]) - 0.5)) / around;
            const double z = (k + 0.5 + 0.6 * (uniform_of(word[1]) - 0.5)) / levels * l.box.lengths.z;
            g.point.push_back(l.box.wrap(axis + Vec3{radius * math::cos(angle), radius * math::sin(angle), z}));
            g.kind.push_back(kind);
        }
}

/// Terminals on both sides of the septal venules, which run from the portal tracts along the edges of the hexagons.
void septal_terminals(Graph& g, const Lobules& l, const SinusoidSpec& spec, double distance, const Draw& draw) {
    constexpr double k_aside = 6.0;  // [um] a small venule's radius
    const int levels = std::max(1, static_cast<int>(std::nearbyint(l.box.lengths.z / spec.septal_spacing)));
    for (int lobule = 0; lobule < l.count(); ++lobule)
        for (int side = 0; side < 3; ++side)  // three of six: the others belong to the lobules across
            for (int end = 0; end < 2; ++end) {
                if (!l.has_tract(lobule, side + end)) continue;
                const Vec3 from = l.corner_of(lobule, side + end), to = l.corner_of(lobule, side + 1 - end);
                const double half = 0.5 * length(to - from);
                const Vec3 along = (to - from) * (0.5 / half), across{-along.y, along.x, 0.0};
                const auto entity = (static_cast<std::uint64_t>(lobule) * 3U + static_cast<std::uint64_t>(side)) * 2U +
                                    static_cast<std::uint64_t>(end);
                for (int level = 0; level < levels; ++level) {
                    const auto z_word = draw(stream_id("tissue.septum"), entity, static_cast<std::uint64_t>(level));
                    const double z = (level + 0.25 + 0.5 * uniform_of(z_word[0])) / levels * l.box.lengths.z;
                    const int places =
                        static_cast<int>((spec.septal_reach * half - l.portal_radius) / (0.6 * distance));
                    for (int k = 1; k <= places; ++k) {
                        const double sign = (k + level) % 2 == 0 ? 1.0 : -1.0;
                        g.point.push_back(l.box.wrap(from + along * (l.portal_radius + 0.6 * distance * k) +
                                                     across * (sign * k_aside) + Vec3{0.0, 0.0, z}));
                        g.kind.push_back(NodeKind::inlet);
                    }
                }
            }
}

bool is_tissue(const Lobules& l, const Vec3& p, double distance) {
    return l.to_portal_axis(p) > l.portal_radius + distance && l.to_central_axis(p) > l.central_radius + distance;
}

/// Points of the tissue, denser at the portal side, none too near to another; `count` of them or somewhat fewer.
void spread_points(Graph& g, const Lobules& l, std::size_t count, double spacing, const Draw& draw) {
    SpacedPoints points(l.box, spacing, count + g.point.size());
    for (const Vec3& p : g.point) points.add(p);
    const std::size_t wanted = g.point.size() + count;
    for (std::uint64_t k = 0; points.points().size() < wanted && k < 60 * count; ++k) {
        const auto word = draw(stream_id("tissue.branch_point"), k);
        const Vec3 p{uniform_of(word[0]) * l.box.lengths.x, uniform_of(word[1]) * l.box.lengths.y,
                     uniform_of(word[2]) * l.box.lengths.z};
        const double density = zonal(k_more_portal, l.position(p));
        if (uniform_of(word[3]) * (1.0 + k_more_portal) > density || !is_tissue(l, p, 0.3 * spacing)) continue;
        if (points.free(p, spacing / math::pow(density, 1.0 / 3.0))) points.add(p);
    }
    g.point = points.points();
    g.kind.resize(g.point.size(), NodeKind::inner);
}

struct Candidate {
    double cost;
    double along;  // 1 where it runs to the central axis, 0 across
    std::int32_t low, high;
};

void sort_by_cost(std::vector<Candidate>& c) {
    std::sort(c.begin(), c.end(), [](const Candidate& x, const Candidate& y) {
        return std::tie(x.cost, x.low, x.high) < std::tie(y.cost, y.low, y.high);
    });
}

class GraphBuilder {
public:
    GraphBuilder(Graph& g, const Lobules& l, double reach) : g_(g), box_(l.box) {
        const std::size_t n = g.point.size();
        g.position.resize(n), g.in.assign(n, 0), g.out.assign(n, 0), g.neighbour.resize(n), gone_.assign(n, 0);
        for (std::size_t i = 0; i < n; ++i)
            g.position[i] = g.kind[i] == NodeKind::inlet    ? -1.0
                            : g.kind[i] == NodeKind::outlet ? 2.0
                                                            : l.position(g.point[i]);
        const PointCells cells(box_, g.point, reach);
        for (std::size_t i = 0; i < n; ++i)
            cells.near(g.point[i], [&](std::uint32_t j) {
                if (j <= i || (g.kind[i] != NodeKind::inner && g.kind[j] != NodeKind::inner)) return;
                const Vec3 d = box_.from_to(g.point[i], g.point[j]);
                const double l2 = dot(d, d);
                if (l2 > reach * reach) return;
                const Vec3 inward = l.inward(g.point[i] + d * 0.5);
                const double distance = std::sqrt(l2), cosine = dot(d, inward) / distance;
                const bool rises = g.position[i] < g.position[j];
                all_.push_back({distance, std::fabs(cosine), static_cast<std::int32_t>(rises ? i : j),
                                static_cast<std::int32_t>(rises ? j : i)});
            });
    }

    void build(std::size_t wanted_segments) {
        join_terminals();
        chains();
        cross_links(wanted_segments);
    }
    /// Each has two ends at points that are no bends.
    std::size_t segments() const {
        std::size_t ends = 0;
        for (std::size_t i = 0; i < g_.point.size(); ++i) {
            const std::int32_t degree = g_.degree(static_cast<std::int32_t>(i));
            if (degree != 2) ends += static_cast<std::size_t>(degree);
        }
        return ends / 2;
    }

private:
    bool inner(std::int32_t i) const { return g_.kind[Graph::at(i)] == NodeKind::inner; }
    /// No vessel of i leaves within the angle of this cosine to the way to j.
    bool apart(std::int32_t i, std::int32_t j, double cosine) const {
        const Vec3 d = box_.from_to(g_.point[Graph::at(i)], g_.point[Graph::at(j)]);
        for (std::int32_t k = 0; k < g_.degree(i); ++k) {
            const Vec3 o =
                box_.from_to(g_.point[Graph::at(i)], g_.point[Graph::at(g_.neighbour[Graph::at(i)][Graph::at(k)])]);
            if (dot(d, o) > cosine * length(d) * length(o)) return false;
        }
        return true;
    }
    bool fits(const Candidate& c, std::int32_t most, double cosine) const {
        return g_.degree(c.low) < most && g_.degree(c.high) < most && !g_.joined(c.low, c.high) &&
               (cosine >= 1.0 || (apart(c.low, c.high, cosine) && apart(c.high, c.low, cosine)));
    }

    /// An inlet and an outlet have one vessel each.
    void join_terminals() {
        std::vector<Candidate> c;
        for (const Candidate& x : all_)
            if (!inner(x.low) || !inner(x.high)) c.push_back(x);
        sort_by_cost(c);
        for (const Candidate& x : c) {
            const std::int32_t terminal = inner(x.low) ? x.high : x.low, point = inner(x.low) ? x.low : x.high;
            const std::int32_t same_side = inner(x.low) ? g_.out[Graph::at(point)] : g_.in[Graph::at(point)];
            if (g_.degree(terminal) == 0 && same_side < 2 && g_.degree(point) < 3) g_.join(x.low, x.high);
        }
    }

    /// One vessel from a lower point and one to a higher point for each. Points for which none is left near are taken
    /// out, and those that come to lack one by it are given another: their neighbours have room now.
    void chains() {
        constexpr int k_rounds = 8;
        std::vector<Candidate> c;
        for (Candidate x : all_) {
            if (!inner(x.low) || !inner(x.high)) continue;
            const double position = 0.5 * (g_.position[Graph::at(x.low)] + g_.position[Graph::at(x.high)]);
            x.cost *= 1.0 + k_radial * zonal(k_more_radial, position) * (1.0 - x.along);
            c.push_back(x);
        }
        sort_by_cost(c);
        const auto lacks = [&](const Candidate& x) {
            return (g_.out[Graph::at(x.low)] == 0 ? 1 : 0) + (g_.in[Graph::at(x.high)] == 0 ? 1 : 0);
        };
        for (int round = 0; round < k_rounds; ++round) {
            for (const Candidate& x : c)
                if (lacks(x) == 2 && fits(x, 3, 0.5)) g_.join(x.low, x.high);
            for (const Candidate& x : c)
                if (lacks(x) > 0 && fits(x, 3, 0.6)) g_.join(x.low, x.high);
            for (const Candidate& x : c)
                if (lacks(x) > 0 && fits(x, 4, 0.9)) g_.join(x.low, x.high);
            if (!remove_loose()) return;
            std::erase_if(c, [&](const Candidate& x) { return gone_[Graph::at(x.low)] || gone_[Graph::at(x.high)]; });
        }
        while (remove_loose()) {}
    }

    bool remove_loose() {
        bool any = false;
        for (std::size_t i = 0; i < g_.point.size(); ++i) {
            const bool holds =
                (g_.kind[i] == NodeKind::inlet || g_.in[i] > 0) && (g_.kind[i] == NodeKind::outlet || g_.out[i] > 0);
            if (gone_[i] || holds) continue;
            gone_[i] = 1, any = true;
        }
        if (any) g_.remove(gone_);
        return any;
    }

    void cross_links(std::size_t wanted) {
        std::vector<Candidate> c;
        for (Candidate x : all_) {
            if (!inner(x.low) || !inner(x.high) || g_.degree(x.low) != 2 || g_.degree(x.high) != 2) continue;
            x.cost /= zonal(k_more_portal, std::min(1.0, g_.position[Graph::at(x.low)]));
            c.push_back(x);
        }
        sort_by_cost(c);
        std::size_t have = segments();
        for (const double cosine : {0.5, 0.8})
            for (const Candidate& x : c) {
                if (have >= wanted) return;
                if (!fits(x, 3, cosine) || g_.degree(x.low) != 2 || g_.degree(x.high) != 2) continue;
                if (g_.common_neighbour(x.low, x.high)) continue;
                g_.join(x.low, x.high);
                have += 3;
            }
    }

    Graph& g_;
    const Box& box_;
    std::vector<Candidate> all_;
    std::vector<std::uint8_t> gone_;
};

/// Closes the ranks: points without a vessel go.
void compact(Graph& g) {
    std::vector<std::int32_t> number(g.point.size(), -1);
    std::size_t n = 0;
    for (std::size_t i = 0; i < g.point.size(); ++i) {
        if (g.degree(static_cast<std::int32_t>(i)) == 0) continue;
        number[i] = static_cast<std::int32_t>(n);
        g.point[n] = g.point[i], g.kind[n] = g.kind[i];
        ++n;
    }
    g.point.resize(n), g.kind.resize(n);
    for (Graph::Edge& e : g.edges) e = {number[Graph::at(e.low)], number[Graph::at(e.high)]};
}

double straight_length(const Graph& g, const Box& box) {
    double sum = 0.0;
    for (const Graph::Edge& e : g.edges)
        sum += length(box.from_to(g.point[Graph::at(e.low)], g.point[Graph::at(e.high)]));
    return sum;
}

/// Draws each point to the middle of its neighbours and away from what is near without being one, until the vessels are
/// as long as wanted: angles at branch points become even, vessels straight, and plates between them open.
void relax(Graph& g, const Lobules& l, double wanted, double spacing) {
    constexpr int k_most_steps = 40;
    constexpr double k_stalled = 0.9992;
    // If each vessel pulled alike, points would drift to where more vessels are, away from the central vein; if the lower
    // and the higher side did, branch points would be Ts. So something between.
    constexpr double k_pull = 0.4, k_push = 0.15, k_sides = 0.35;
    const std::size_t n = g.point.size();
    double before = straight_length(g, l.box);
    // Lower neighbours from the front, higher ones from the back.
    std::vector<std::array<std::int32_t, 4>> neighbour(n, {-1, -1, -1, -1});
    std::vector<std::size_t> lower(n, 0), higher(n, 0);
    for (const Graph::Edge& e : g.edges) {
        neighbour[Graph::at(e.high)][lower[Graph::at(e.high)]++] = e.low;
        neighbour[Graph::at(e.low)][3 - higher[Graph::at(e.low)]++] = e.high;
    }
    for (int step = 0; step < k_most_steps && before > wanted; ++step) {
        std::vector<Vec3> moved = g.point;
        const PointCells cells(l.box, g.point, spacing);
#pragma omp parallel for schedule(static) if (n > k_worth_threads)
        for (std::size_t i = 0; i < n; ++i) {
            if (g.kind[i] != NodeKind::inner) continue;
            Vec3 pull, push;
            for (std::size_t k = 0; k < 4; ++k) {
                if (neighbour[i][k] < 0) continue;
                const double one = 1.0 / static_cast<double>(lower[i] + higher[i]);
                const double side = 0.5 / static_cast<double>(k < lower[i] ? lower[i] : higher[i]);
                pull += l.box.from_to(g.point[i], g.point[Graph::at(neighbour[i][k])]) * lerp(one, side, k_sides);
            }
            cells.near(g.point[i], [&](std::uint32_t j) {
                const Vec3 d = from_to_inside(l.box, g.point[j], g.point[i]);
                const double distance = length(d);
                if (distance >= spacing || distance <= 0.0) return;
                for (const std::int32_t k : neighbour[i])
                    if (k == static_cast<std::int32_t>(j)) return;
                push += d * (spacing / distance - 1.0);
            });
            const Vec3 to = g.point[i] + pull * k_pull + push * k_push;
            if (is_tissue(l, to, 4.0)) moved[i] = l.box.wrap(to);
        }
        std::swap(moved, g.point);
        const double after = straight_length(g, l.box);
        if (after > k_stalled * before) break;  // about as short as it gets
        if (after < wanted) {                   // back by the part of the step that was too much
            const double back = (wanted - after) / (before - after);
            for (std::size_t i = 0; i < n; ++i)
                g.point[i] = l.box.wrap(g.point[i] + l.box.from_to(g.point[i], moved[i]) * back);
        }
        before = after;
    }
}

/// Radii by position, the same along a segment's edges as far as their places are; bends where there is room.
VesselNetwork shape(const Graph& g, const Lobules& l, const SinusoidSpec& spec, const Draw& draw) {
    VesselNetwork network;
    network.position = g.point;
    network.kind = g.kind;
    struct Bend {
        double path, square;  // [um] straight, [um^2] cross-section's area
        double size;          // against the common size
        double radius;
    };
    std::vector<Bend> bends;
    bends.reserve(g.edges.size());
    for (std::size_t e = 0; e < g.edges.size(); ++e) {
        const Vec3 d = l.box.from_to(g.point[Graph::at(g.edges[e].low)], g.point[Graph::at(g.edges[e].high)]);
        const double p = l.position(g.point[Graph::at(g.edges[e].low)] + d * 0.5);
        const double normal = random_normal({.seed = draw.seed, .stream = stream_id("tissue.radius"), .entity = e});
        const double r = lerp(spec.radius_portal, spec.radius_central, p) *
                         std::max(0.5, 1.0 + spec.radius_variation * std::clamp(normal, -3.0, 3.0));
        const double straight = length(d);
        bends.push_back({straight, k_pi * r * r, straight < k_least_for_bend ? 0.0 : zonal(k_more_bent, p), r});
    }
    const auto lumen = [&](double size) {
        double sum = 0.0;
        for (const Bend& b : bends) sum += b.square * b.path * std::sqrt(1.0 + 4.0 * size * size * b.size * b.size);
        return sum;
    };
    const double wanted = spec.lumen_fraction * l.box.volume();
    double low = 0.0, high = 0.6;
    for (int k = 0; k < 50; ++k) {
        const double middle = 0.5 * (low + high);
        (lumen(middle) < wanted ? low : high) = middle;
    }
    for (std::size_t e = 0; e < g.edges.size(); ++e) {
        const std::int32_t from = g.edges[e].low, to = g.edges[e].high;
        const Bend& bend = bends[e];
        if (bend.size <= 0.0 || low < 1e-3) {
            network.add_edge(from, to, bend.radius);
            continue;
        }
        const Vec3 d = l.box.from_to(g.point[Graph::at(from)], g.point[Graph::at(to)]);
        // A random direction across: that of a random vector less its part along.
        const auto word = draw(stream_id("tissue.bend"), e);
        const Vec3 random{uniform_of(word[0]) - 0.5, uniform_of(word[1]) - 0.5, uniform_of(word[2]) - 0.5};
        const Vec3 across = random - d * (dot(random, d) / dot(d, d));
        const Vec3 aside = across * (low * bend.size * bend.path / std::max(1e-9, length(across)));
        const std::int32_t bent =
            network.add_node(l.box.wrap(g.point[Graph::at(from)] + d * 0.5 + aside), NodeKind::inner);
        network.add_edge(from, bent, bend.radius);
        network.add_edge(bent, to, bend.radius);
    }
    return network;
}

/// Mean square of the radius over the tissue.
double mean_square_radius(const Lobules& l, const SinusoidSpec& spec) {
    constexpr int k_cells = 64;
    double sum = 0.0, count = 0.0;
    for (int j = 0; j < k_cells; ++j)
        for (int i = 0; i < k_cells; ++i) {
            const Vec3 p{(i + 0.5) / k_cells * l.box.lengths.x / l.n, (j + 0.5) / k_cells * l.box.lengths.y / l.m, 0.0};
            if (!is_tissue(l, p, 0.0)) continue;
            const double r = lerp(spec.radius_portal, spec.radius_central, l.position(p));
            sum += r * r, count += 1.0;
        }
    return sum / count * (1.0 + spec.radius_variation * spec.radius_variation);
}

}  // namespace

VesselNetwork generate(const Lobules& l, const SinusoidSpec& spec, std::uint64_t seed) {
    LOBULE_ASSERT(spec.lumen_fraction > 0.0 && spec.segment_length > 0.0, spec.lumen_fraction, spec.segment_length);
    const Draw draw{seed};
    const double volume = l.box.volume();
    const double density = spec.lumen_fraction / (k_pi * mean_square_radius(l, spec));
    const double vessels = density * volume;
    const auto wanted = static_cast<std::size_t>(std::nearbyint(vessels / spec.segment_length));
    const double portal_distance = 1.0 / std::sqrt(k_crossing_portal * density);
    const double central_distance = 1.0 / std::sqrt(k_crossing_central * density);

    Graph terminals;
    for (int i = 0; i < l.count(); ++i)
        terminals_on(terminals, l, l.centre(i), l.central_radius, NodeKind::outlet, central_distance, draw,
                     static_cast<std::uint64_t>(i));
    for (int i = 0; i < l.tract_count(); ++i)
        terminals_on(terminals, l, l.tract(i), l.portal_radius, NodeKind::inlet, portal_distance, draw,
                     static_cast<std::uint64_t>(l.count()) + static_cast<std::uint64_t>(i));
    septal_terminals(terminals, l, spec, portal_distance, draw);

    // Each segment has two ends, a branch point has three of them, an inlet or outlet one.
    const double branches = (2.0 * static_cast<double>(wanted) - static_cast<double>(terminals.point.size())) / 3.0;
    double count = std::max(8.0, branches * (1.0 + k_bends_left));
    Graph g;
    for (int attempt = 0; attempt < 4; ++attempt) {
        g = terminals;
        const double spacing = math::pow(volume / count, 1.0 / 3.0);
        spread_points(g, l, static_cast<std::size_t>(count), k_spacing * spacing, draw);
        GraphBuilder builder(g, l, k_reach * spacing);
        builder.build(wanted);
        const double ratio = static_cast<double>(builder.segments()) / static_cast<double>(wanted);
        if (std::fabs(ratio - 1.0) < 0.005) break;
        count /= ratio;
    }
    compact(g);
    relax(g, l, vessels / k_tortuosity, k_room * math::pow(volume / count, 1.0 / 3.0));
    return shape(g, l, spec, draw);
}

}  // namespace lobule
