// Where particles that are too large get stuck.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tissue/flow.hpp"

namespace lobule {

std::vector<double> held_back(const VesselNetwork& network, const Flow& flow, double narrowest) {
    const std::size_t nodes = network.node_count(), edges = network.edge_count();
    std::vector<double> arriving(nodes, 0.0), leaving(nodes, 0.0), held(edges, 0.0);
    double inflow = 0.0;
    for (const double q : flow.source) inflow += std::max(q, 0.0);
    if (!(inflow > 0.0)) return held;
    for (std::size_t i = 0; i < nodes; ++i) {
        arriving[i] = std::max(flow.source[i], 0.0) / inflow;
        leaving[i] = std::max(-flow.source[i], 0.0);
    }
    // Edges by their upper node; blood runs from higher to lower pressure, so that order meets no node too early.
    const auto upper = [&](std::size_t e) {
        return static_cast<std::size_t>(flow.flow[e] > 0.0 ? network.a[e] : network.b[e]);
    };
    std::vector<std::size_t> order(edges);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t x, std::size_t y) { return flow.pressure[upper(x)] > flow.pressure[upper(y)]; });
    for (std::size_t e = 0; e < edges; ++e) leaving[upper(e)] += std::fabs(flow.flow[e]);
    for (const std::size_t e : order) {
        const std::size_t from = upper(e);
        if (!(leaving[from] > 0.0)) continue;
        const double share = arriving[from] * (std::fabs(flow.flow[e]) / leaving[from]);
        if (2.0 * flow.radius[e] < narrowest)
            held[e] = share;
        else
            arriving[static_cast<std::size_t>(flow.flow[e] > 0.0 ? network.b[e] : network.a[e])] += share;
    }
    return held;
}

}  // namespace lobule
