#include "tissue/flow.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/error.hpp"
#include "disjoint_sets.hpp"
#include "laplacian.hpp"

namespace lobule {

namespace {

constexpr double k_pi = 3.14159265358979323846;
constexpr double k_tolerance = 1e-11;        // of the pressures; the flows are then balanced to rounding
constexpr double k_radius_tolerance = 1e-9;  // of the radii, over those at rest
constexpr int k_most_radius_iterations = 200;
constexpr double k_narrowest = 0.1;  // radius over that at rest
constexpr std::int32_t k_none = -1;

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// The network as the solver sees it: joints (the ends of segments, less those that no resistance parts from the feed or
/// the central veins), the feed, and the ground, which is the central pressure; wires between them.
class Circuit {
public:
    struct Wire {
        std::int32_t i, j;
        double conductance;  // [um^3/h/mmHg]
        double flow;         // [um^3/h] from i to j
    };

    Circuit(const VesselNetwork& network, const FlowDrive& spec)
        : segments_(segments_of(network)), joint_(network.node_count(), k_none) {
        const auto end = [&](std::int32_t node) {
            if (joint_[at(node)] == k_none) joint_[at(node)] = count_++;
        };
        for (std::size_t s = 0; s < segments_.size(); ++s) end(segments_.from[s]), end(segments_.to[s]);
        feed_ = count_++;
        ground_ = count_++;
        for (std::size_t i = 0; i < network.node_count(); ++i) {
            if (joint_[i] == k_none) continue;
            if (network.kind[i] == NodeKind::inlet && spec.inlet_resistance <= 0.0) joint_[i] = feed_;
            if (network.kind[i] == NodeKind::outlet && spec.outlet_resistance <= 0.0) joint_[i] = ground_;
        }
        for (std::size_t s = 0; s < segments_.size(); ++s)
            wires_.push_back({joint_[at(segments_.from[s])], joint_[at(segments_.to[s])], 0.0, 0.0});
        for (std::size_t i = 0; i < network.node_count(); ++i) {
            if (joint_[i] == k_none || joint_[i] == feed_ || joint_[i] == ground_) continue;
            if (network.kind[i] == NodeKind::inlet)
                wires_.push_back({feed_, joint_[i], 1.0 / spec.inlet_resistance, 0.0});
            if (network.kind[i] == NodeKind::outlet)
                wires_.push_back({joint_[i], ground_, 1.0 / spec.outlet_resistance, 0.0});
        }
        find_live();
    }

    const Segments& segments() const { return segments_; }
    Wire& wire(std::size_t segment) { return wires_[segment]; }
    bool feeds_an_outlet() const { return any_live_; }
    bool live(std::int32_t joint) const { return live_[at(joint)]; }
    std::int32_t joint_of(std::size_t node) const { return joint_[node]; }
    std::int32_t feed() const { return feed_; }
    std::int32_t ground() const { return ground_; }
    std::size_t size() const { return at(count_); }
    bool hangs_on_feed(std::int32_t joint) const { return on_feed_[at(joint)]; }

    /// Pressures over the central one, of all joints, and flows, of all wires.
    int solve(double inflow, std::vector<double>& pressure) {
        number_live();
        std::vector<Link> links;
        links.reserve(wires_.size());
        for (const Wire& w : wires_) {
            if (!carries(w)) continue;
            if (w.i == ground_ || w.j == ground_)
                links.push_back({number_[at(w.i == ground_ ? w.j : w.i)], -1, w.conductance});
            else
                links.push_back({number_[at(w.i)], number_[at(w.j)], w.conductance});
        }
        std::vector<double> source(unknowns_, 0.0), x(unknowns_, 0.0);
        source[at(number_[at(feed_)])] = inflow;
        for (std::size_t i = 0; i < size(); ++i)
            if (number_[i] != k_none) x[at(number_[i])] = pressure[i];
        const int iterations = solve_potentials(links, source, k_tolerance, x);
        const double fed = x[at(number_[at(feed_)])];
        for (std::size_t i = 0; i < size(); ++i)
            pressure[i] = number_[i] != k_none ? x[at(number_[i])] : on_feed_[i] ? fed : 0.0;
        pressure[at(ground_)] = 0.0;
        for (Wire& w : wires_) w.flow = carries(w) ? w.conductance * (pressure[at(w.i)] - pressure[at(w.j)]) : 0.0;
        balance(inflow);
        return iterations;
    }

private:
    bool carries(const Wire& w) const { return w.i != w.j && live_[at(w.i)] && live_[at(w.j)]; }

    /// Parts of the network that hang on the feed and on the ground as well.
    void find_live() {
        DisjointSets sets(size());
        std::vector<std::uint8_t> to_feed(size(), 0), to_ground(size(), 0);
        bool direct = false;
        for (const Wire& w : wires_) {
            const bool outer = w.i == feed_ || w.i == ground_ || w.j == feed_ || w.j == ground_;
            if (!outer) sets.join(at(w.i), at(w.j));
            direct = direct || (w.i == feed_ && w.j == ground_) || (w.i == ground_ && w.j == feed_);
        }
        for (const Wire& w : wires_)
            for (const auto& [x, y] : {std::pair{w.i, w.j}, std::pair{w.j, w.i}}) {
                if (x == feed_) to_feed[sets.find(at(y))] = 1;
                if (x == ground_) to_ground[sets.find(at(y))] = 1;
            }
        live_.assign(size(), 0), on_feed_.assign(size(), 0);
        for (std::size_t i = 0; i < size(); ++i) {
            const std::size_t set = sets.find(i);
            live_[i] = to_feed[set] && to_ground[set];
            on_feed_[i] = to_feed[set];
            any_live_ = any_live_ || (live_[i] && i != at(feed_) && i != at(ground_));
        }
        any_live_ = any_live_ || direct;
        live_[at(feed_)] = live_[at(ground_)] = 1;
    }

    void number_live() {
        number_.assign(size(), k_none);
        unknowns_ = 0;
        for (std::size_t i = 0; i < size(); ++i)
            if (live_[i] && i != at(ground_)) number_[i] = static_cast<std::int32_t>(unknowns_++);
    }

    /// What the solver left unbalanced at a joint goes to the ground along a tree.
    void balance(double inflow) {
        std::vector<std::size_t> first(size() + 1, 0);
        for (const Wire& w : wires_)
            if (carries(w)) ++first[at(w.i) + 1], ++first[at(w.j) + 1];
        for (std::size_t i = 0; i < size(); ++i) first[i + 1] += first[i];
        std::vector<std::size_t> incident(first.back()), next(first.begin(), first.end() - 1);
        std::vector<double> excess(size(), 0.0);
        excess[at(feed_)] = inflow;
        for (std::size_t k = 0; k < wires_.size(); ++k) {
            const Wire& w = wires_[k];
            if (!carries(w)) continue;
            incident[next[at(w.i)]++] = incident[next[at(w.j)]++] = k;
            excess[at(w.i)] -= w.flow;
            excess[at(w.j)] += w.flow;
        }
        constexpr auto k_unseen = static_cast<std::size_t>(-1);
        std::vector<std::size_t> to_parent(size(), k_unseen);
        std::vector<std::int32_t> queue{ground_};
        to_parent[at(ground_)] = 0;
        for (std::size_t q = 0; q < queue.size(); ++q) {
            const std::size_t here = at(queue[q]);
            for (std::size_t k = first[here]; k < first[here + 1]; ++k) {
                const Wire& w = wires_[incident[k]];
                const std::int32_t there = at(w.i) == here ? w.j : w.i;
                if (to_parent[at(there)] != k_unseen) continue;
                to_parent[at(there)] = incident[k];
                queue.push_back(there);
            }
        }
        for (std::size_t q = queue.size(); q-- > 1;) {
            const std::size_t here = at(queue[q]);
            Wire& w = wires_[to_parent[here]];
            const bool forward = at(w.i) == here;
            w.flow += forward ? excess[here] : -excess[here];
            excess[at(forward ? w.j : w.i)] += excess[here];
        }
    }

    Segments segments_;
    std::vector<std::int32_t> joint_, number_;
    std::vector<Wire> wires_;  // segments first
    std::vector<std::uint8_t> live_, on_feed_;
    std::int32_t count_ = 0, feed_ = 0, ground_ = 0;
    std::size_t unknowns_ = 0;
    bool any_live_ = false;
};

/// Resistance of each edge [mmHg h/um^3].
std::vector<double> resistances(const std::vector<double>& lengths, const std::vector<double>& radius,
                                double viscosity) {
    std::vector<double> r(lengths.size());
    for (std::size_t e = 0; e < r.size(); ++e) {
        const double square = radius[e] * radius[e];
        r[e] = k_poiseuille * viscosity * std::max(lengths[e], 1e-6) / (square * square);
    }
    return r;
}

/// Flows of edges and pressures of bends from those of the segments, over the central pressure.
void spread(const VesselNetwork& network, Circuit& circuit, const std::vector<double>& resistance,
            const std::vector<double>& joint_pressure, Flow& f) {
    for (std::size_t i = 0; i < network.node_count(); ++i) {
        const std::int32_t joint = circuit.joint_of(i);
        if (joint != k_none) f.pressure[i] = joint_pressure[at(joint)];
    }
    const Segments& s = circuit.segments();
    for (std::size_t k = 0; k < s.size(); ++k) {
        const double flow = circuit.wire(k).flow;
        double pressure = f.pressure[at(s.from[k])];
        for (std::size_t step = s.first[k]; step < s.first[k + 1]; ++step) {
            const auto [edge, forward] = s.steps[step];
            f.flow[at(edge)] = forward ? flow : -flow;
            pressure -= flow * resistance[at(edge)];
            if (step + 1 < s.first[k + 1])
                f.pressure[at(forward ? network.b[at(edge)] : network.a[at(edge)])] = pressure;
        }
    }
}

}  // namespace

Flow solve_flow(const VesselNetwork& network, const Box& box, const FlowDrive& spec, std::span<const double> guess) {
    LOBULE_ASSERT(spec.viscosity > 0.0 && spec.inflow >= 0.0, spec.viscosity, spec.inflow);
    const std::size_t nodes = network.node_count(), edges = network.edge_count();
    Circuit circuit(network, spec);
    if (!circuit.feeds_an_outlet() && spec.inflow > 0.0)
        throw RunError("blood flows into the tissue, but no vessel leads from an inlet to an outlet");

    Flow f;
    f.pressure.assign(nodes, 0.0), f.flow.assign(edges, 0.0), f.source.assign(nodes, 0.0);
    f.radius = network.radius;
    std::vector<double> lengths(edges), pressure(circuit.size(), 0.0);
    for (std::size_t e = 0; e < edges; ++e) lengths[e] = network.edge_length(box, e);
    if (guess.size() == nodes)
        for (std::size_t i = 0; i < nodes; ++i)
            if (circuit.joint_of(i) != k_none) pressure[at(circuit.joint_of(i))] = guess[i] - spec.central_pressure;

    double damping = 1.0, last = 1e300;
    const Segments& segments = circuit.segments();
    for (;;) {
        ++f.radius_iterations;
        const std::vector<double> resistance = resistances(lengths, f.radius, spec.viscosity);
        for (std::size_t s = 0; s < segments.size(); ++s) {
            double sum = 0.0;
            for (std::size_t k = segments.first[s]; k < segments.first[s + 1]; ++k)
                sum += resistance[at(segments.steps[k].edge)];
            circuit.wire(s).conductance = 1.0 / sum;
        }
        if (circuit.feeds_an_outlet()) f.solver_iterations += circuit.solve(spec.inflow, pressure);
        spread(network, circuit, resistance, pressure, f);
        if (spec.compliance == 0.0) break;
        // Wider vessels carry the same flow at less pressure: where that overshoots, the steps are made smaller.
        double change = 0.0;
        std::vector<double> radius(edges);
        for (std::size_t e = 0; e < edges; ++e) {
            const double p =
                spec.central_pressure + 0.5 * (f.pressure[at(network.a[e])] + f.pressure[at(network.b[e])]);
            const double wanted =
                network.radius[e] * std::max(k_narrowest, 1.0 + spec.compliance * (p - spec.rest_pressure));
            change = std::max(change, std::fabs(wanted - f.radius[e]) / network.radius[e]);
            radius[e] = wanted;
        }
        if (change <= k_radius_tolerance) break;
        if (f.radius_iterations == k_most_radius_iterations)
            throw RunError("the vessels' radii do not settle: they give way too much for this flow");
        if (change > 0.7 * last) damping *= 0.5;
        last = change;
        for (std::size_t e = 0; e < edges; ++e) f.radius[e] += damping * (radius[e] - f.radius[e]);
    }

    for (std::size_t e = 0; e < edges; ++e) {
        f.blood_volume += k_pi * f.radius[e] * f.radius[e] * lengths[e];
        f.source[at(network.a[e])] += f.flow[e];
        f.source[at(network.b[e])] -= f.flow[e];
    }
    const std::vector<std::int32_t> degree = degrees_of(network);
    std::vector<std::uint8_t> cut(nodes, 0);
    for (std::size_t s = 0; s < segments.size(); ++s) {
        const bool lives =
            circuit.live(circuit.joint_of(at(segments.from[s]))) && circuit.live(circuit.joint_of(at(segments.to[s])));
        if (lives) continue;
        for (std::size_t k = segments.first[s]; k < segments.first[s + 1]; ++k)
            for (const std::int32_t node :
                 {network.a[at(segments.steps[k].edge)], network.b[at(segments.steps[k].edge)]})
                cut[at(node)] = 1;
    }
    for (std::size_t i = 0; i < nodes; ++i) {
        if (network.kind[i] == NodeKind::inner) f.source[i] = 0.0;  // what remains is rounding
        f.cut_off += cut[i] || degree[i] == 0;
        f.pressure[i] += spec.central_pressure;
    }
    f.portal_pressure = spec.central_pressure + pressure[at(circuit.feed())];
    return f;
}

}  // namespace lobule
