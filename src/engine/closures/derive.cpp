#include <algorithm>
#include <cmath>
#include <numbers>

#include "../cells/plan.hpp"
#include "../cells/reach.hpp"
#include "../start_values.hpp"
#include "base/assert.hpp"
#include "base/hash.hpp"
#include "base/math.hpp"
#include "by_place.hpp"
#include "engine/closures.hpp"
#include "tissue/flow.hpp"
#include "tissue/transport.hpp"

namespace lobule {

namespace {

/// Two lobules, as thin as leaves one septal venule to each edge of a lobule; voxels as runs in space have them.
constexpr PieceSize k_piece{1, 1, 100.0, 25.0};
constexpr std::uint64_t k_seed = 1;
/// Of the method: another number makes kept closures of old ones worthless.
constexpr std::uint64_t k_method = 1;
/// [um] between points on which the contours of zones are drawn.
constexpr double k_contour = 2.0;

using Kind = ClosureInfo::Kind;

/// [um] The narrowest vessel that a cell passes.
double narrowest(const ClosureInfo& closure, const Parameters& parameters) {
    const double volume = parameters.ones[static_cast<std::size_t>(closure.volume)];
    const double diameter = math::pow(6.0 / std::numbers::pi * volume, 1.0 / 3.0);
    return diameter * parameters.ones[static_cast<std::size_t>(closure.deformability)];
}

std::size_t zone_of(double position, std::size_t zones) {
    return std::min(static_cast<std::size_t>(position * static_cast<double>(zones)), zones - 1);
}

std::vector<double> by_zone(const std::vector<double>& places, const TissuePlan& plan, std::size_t zones) {
    std::vector<double> out(zones, 0.0);
    for (std::size_t v = 0; v < places.size(); ++v) out[zone_of(plan.position[v], zones)] += places[v];
    return out;
}

/// Share of what a cell of zone z counts that lies `offset` zones on. Symmetric between two zones, which have equal volumes; what lies
/// in no tissue counts as the own zone's.
std::vector<double> reach_shares(const TissuePlan& plan, std::size_t zones, int offset) {
    const CellReach reach(plan.grid, k_cell_reach);
    const std::size_t voxels = plan.grid.size();
    double all = 0.0;
    for (const double share : plan.tissue) all += share;
    std::vector<double> out(zones, 0.0);
    const auto step = static_cast<std::size_t>(std::abs(offset));
    for (std::size_t low = 0; low + step < zones; ++low) {
        // Once for both directions, so that they are the same bits.
        std::vector<double> there(voxels, 0.0);
        for (std::size_t v = 0; v < voxels; ++v)
            if (zone_of(plan.position[v], zones) == low + step) there[v] = plan.tissue[v];
        reach.spread(there.data());
        double met = 0.0;
        for (std::size_t v = 0; v < voxels; ++v)
            if (zone_of(plan.position[v], zones) == low) met += plan.tissue[v] * there[v];
        out[offset > 0 ? low : low + step] = met * static_cast<double>(zones) / all;
    }
    return out;
}

/// Length of the line where `s` passes `level` in one square of a grid of points, by linear interpolation along its edges.
double contour_in(const double (&s)[4], double level, double edge_x, double edge_y) {
    // Corners counter-clockwise from the lower left; crossings of the four edges.
    double x[4], y[4];
    int found = 0;
    const double corner_x[4] = {0.0, edge_x, edge_x, 0.0}, corner_y[4] = {0.0, 0.0, edge_y, edge_y};
    for (int k = 0; k < 4; ++k) {
        const int next = (k + 1) % 4;
        if ((s[k] < level) == (s[next] < level)) continue;
        const double part = (level - s[k]) / (s[next] - s[k]);
        x[found] = corner_x[k] + part * (corner_x[next] - corner_x[k]);
        y[found++] = corner_y[k] + part * (corner_y[next] - corner_y[k]);
    }
    double length = 0.0;
    for (int k = 0; k + 1 < found; k += 2)
        length += std::sqrt((x[k + 1] - x[k]) * (x[k + 1] - x[k]) + (y[k + 1] - y[k]) * (y[k + 1] - y[k]));
    return length;
}

/// Area between each zone and the next, without lumen, of one lobule [um^2]: contours of position, which are the same in every layer.
std::vector<double> borders(const TissuePlan& plan, std::size_t zones) {
    const Lobules& lobules = plan.lobules;
    const Grid fine = Grid::of({{lobules.box.lengths.x, lobules.box.lengths.y, 1.0}}, k_contour);
    const Vec3 edges = fine.edges();
    std::vector<double> position(fine.size());
    std::vector<bool> tissue(fine.size());
    std::vector<double> sorted;
    for (std::size_t v = 0; v < fine.size(); ++v) {
        const Vec3 p = fine.centre(static_cast<std::int32_t>(v));
        position[v] = lobules.position(p);
        tissue[v] =
            lobules.to_central_axis(p) >= lobules.central_radius && lobules.to_portal_axis(p) >= lobules.portal_radius;
        if (tissue[v]) sorted.push_back(position[v]);
    }
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> out(zones, 0.0);
    for (std::size_t z = 0; z + 1 < zones; ++z) {
        const double level = sorted[sorted.size() * (z + 1) / zones];
        double length = 0.0;
        for (std::int32_t j = 0; j < fine.ny; ++j)
            for (std::int32_t i = 0; i < fine.nx; ++i) {
                const std::int32_t right = (i + 1) % fine.nx, up = (j + 1) % fine.ny;
                const std::size_t corner[4] = {static_cast<std::size_t>(fine.number(i, j, 0)),
                                               static_cast<std::size_t>(fine.number(right, j, 0)),
                                               static_cast<std::size_t>(fine.number(right, up, 0)),
                                               static_cast<std::size_t>(fine.number(i, up, 0))};
                double s[4];
                bool inside = true;
                for (int k = 0; k < 4; ++k) {
                    s[k] = position[corner[k]];
                    inside = inside && tissue[corner[k]];
                }
                if (inside) length += contour_in(s, level, edges.x, edges.y);
            }
        out[z] = length * lobules.box.lengths.z * (1.0 - plan.sinusoids.lumen_fraction) / plan.lobules_in_box;
    }
    return out;
}

}  // namespace

std::vector<double> closure_by_place(const ClosureInfo& closure, const Parameters& parameters, const TissuePlan& plan,
                                     const VesselNetwork& vessels) {
    const Box& box = plan.lobules.box;
    const Flow flow = solve_flow(vessels, box, {.inflow = 1.0});
    if (closure.kind == Kind::wall) {
        std::vector<double> out = trace_vessels(vessels, flow, plan.grid).wall;
        for (double& area : out) area /= plan.lobules_in_box;
        return out;
    }
    LOBULE_ASSERT(closure.kind == Kind::arrest, closure.name);
    const std::vector<double> held = held_back(vessels, flow, narrowest(closure, parameters));
    std::vector<double> out(plan.grid.size(), 0.0);
    for (std::size_t e = 0; e < held.size(); ++e)
        out[static_cast<std::size_t>(plan.grid.voxel_of(vessels.point_on(box, e, 0.5)))] += held[e];
    return out;
}

std::string closure_key(const Model& model) {
    if (model.closures.empty() || !model.geometry) return {};
    const Parameters parameters = default_parameters(model);
    const StartValues start(model, parameters);
    const LobuleGeometry& sizes = *model.geometry;
    Hasher hasher;
    hasher.add(k_method);
    hasher.add(k_seed);
    hasher.add(static_cast<std::uint64_t>(model.zones));
    for (const ExprId size : {sizes.volume, sizes.radius, sizes.portal_radius, sizes.central_radius, sizes.segment,
                              sizes.share, sizes.portal_tract, sizes.central_vein})
        hasher.add(start.one(size));
    for (const ClosureInfo& closure : model.closures) {
        hasher.add(closure.name);
        if (closure.kind == Kind::arrest) hasher.add(narrowest(closure, parameters));
    }
    return hasher.hex();
}

Closures derive_closures(const Model& model) {
    Closures out{closure_key(model), {}};
    if (model.closures.empty()) return out;
    const Parameters parameters = default_parameters(model);
    const TissuePlan plan = plan_piece(model, parameters, k_piece);
    const VesselNetwork vessels = generate(plan.lobules, plan.sinusoids, k_seed);
    const auto zones = static_cast<std::size_t>(model.zones);
    for (const ClosureInfo& closure : model.closures) switch (closure.kind) {
            case Kind::admittance: {
                const FlowDrive drive{.inflow = 1.0};
                out.values.push_back(
                    {admittance(solve_flow(vessels, plan.lobules.box, drive), drive) / plan.lobules_in_box});
                break;
            }
            case Kind::arrest:
            case Kind::wall:
                out.values.push_back(by_zone(closure_by_place(closure, parameters, plan, vessels), plan, zones));
                break;
            case Kind::reach: out.values.push_back(reach_shares(plan, zones, closure.offset)); break;
            case Kind::border: out.values.push_back(borders(plan, zones)); break;
        }
    return out;
}

}  // namespace lobule
