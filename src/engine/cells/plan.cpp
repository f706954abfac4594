#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "../start_values.hpp"
#include "base/error.hpp"
#include "plan.hpp"
#include "tissue/fields.hpp"

namespace lobule {

namespace {

/// Points per edge of a voxel, in the plane: vessels are parallel to the third direction.
constexpr int k_points = 8;
/// Of a box: its cells, near three times as many, would need some 50 gigabytes.
constexpr double k_most_voxels = 1e7;

/// Share of each voxel outside of portal tracts and central veins, and its mean geometric position.
void survey(const Lobules& lobules, const Grid& grid, std::vector<double>& tissue, std::vector<double>& position) {
    const Vec3 edges = grid.edges();
    const std::size_t layer = static_cast<std::size_t>(grid.nx) * static_cast<std::size_t>(grid.ny);
    tissue.assign(grid.size(), 0.0);
    position.assign(grid.size(), 0.0);
    for (std::size_t v = 0; v < layer; ++v) {
        const Vec3 centre = grid.centre(static_cast<std::int32_t>(v));
        int inside = 0;
        double sum = 0.0, all = 0.0;
        for (int i = 0; i < k_points; ++i)
            for (int j = 0; j < k_points; ++j) {
                const Vec3 p =
                    centre + Vec3{((i + 0.5) / k_points - 0.5) * edges.x, ((j + 0.5) / k_points - 0.5) * edges.y, 0.0};
                const double s = lobules.position(p);
                all += s;
                if (lobules.to_central_axis(p) < lobules.central_radius ||
                    lobules.to_portal_axis(p) < lobules.portal_radius)
                    continue;
                ++inside;
                sum += s;
            }
        constexpr double k_all = k_points * k_points;
        tissue[v] = inside / k_all;
        position[v] = inside > 0 ? sum / inside : all / k_all;
    }
    for (std::size_t v = layer; v < grid.size(); ++v) {
        tissue[v] = tissue[v - layer];
        position[v] = position[v - layer];
    }
}

/// Positions as shares of the tissue nearer to the portal end: zones have equal volumes, so the position of a zone is such a
/// share. Voxels of one geometric position, as there are in every layer, have one rank.
std::vector<double> ranks(const std::vector<double>& tissue, const std::vector<double>& geometric) {
    std::vector<std::size_t> order(geometric.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return geometric[a] < geometric[b]; });
    const double total = std::accumulate(tissue.begin(), tissue.end(), 0.0);
    std::vector<double> out(geometric.size());
    double before = 0.0;
    for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
        double here = 0.0;
        for (; last < order.size() && geometric[order[last]] == geometric[order[first]]; ++last)
            here += tissue[order[last]];
        for (std::size_t k = first; k < last; ++k) out[order[k]] = (before + 0.5 * here) / total;
        before += here;
    }
    return out;
}

}  // namespace

TissuePlan plan_tissue(const Model& model, const Parameters& parameters) {
    const Spec& spec = model.spec;
    return plan_piece(model, parameters, {spec.columns, spec.rows, spec.thickness, spec.voxel, spec.tracts});
}

void check_sizes(const Model& model, const Parameters& declared, const Parameters& of_run) {
    if (!model.geometry) return;
    const StartValues before(model, declared), now(model, of_run);
    const LobuleGeometry& sizes = *model.geometry;
    for (const auto& [id, what] :
         {std::pair(sizes.volume, "volume of a lobule"), std::pair(sizes.radius, "radius of a lobule"),
          std::pair(sizes.portal_tract, "radius of a portal tract"),
          std::pair(sizes.central_vein, "radius of a central vein"), std::pair(sizes.share, "share of sinusoids"),
          std::pair(sizes.portal_radius, "radius of portal sinusoids"),
          std::pair(sizes.central_radius, "radius of central sinusoids"),
          std::pair(sizes.segment, "length of a segment")}) {
        if (id < 0 || before.one(id) == now.one(id)) continue;
        throw SpecError(
            model.spec.where,
            fmt::format("a setting makes the {} {:.4g} instead of {:.4g}: tissue is generated as the species declares "
                        "it; put a species of your own in the folder biology/ of the case",
                        what, now.one(id), before.one(id)));
    }
}

TissuePlan plan_piece(const Model& model, const Parameters& parameters, const PieceSize& piece) {
    const Spec& spec = model.spec;
    if (!model.geometry)
        throw SpecError(spec.where, "cells in space need sizes of vessels: [sinusoids] in the tissue part");
    if (model.signals.size() > static_cast<std::size_t>(k_signals_max))
        throw SpecError(spec.where, fmt::format("cells in space take {} signals at most; this case has {}",
                                                k_signals_max, model.signals.size()));
    const StartValues start(model, parameters);
    const LobuleGeometry& sizes = *model.geometry;
    const auto positive = [&](ExprId id, const char* what) {
        const double value = start.one(id);
        if (!(value > 0.0) || !std::isfinite(value))
            throw SpecError(spec.where,
                            fmt::format("the {} of the lobule is {:.4g}: it must be positive", what, value));
        return value;
    };
    TissuePlan plan;
    const double radius = positive(sizes.radius, "radius");
    plan.lobules = Lobules::regular(radius, piece.thickness, piece.columns, piece.rows);
    plan.lobules.tracts = piece.tracts;
    plan.lobules.portal_radius = positive(sizes.portal_tract, "portal tract");
    plan.lobules.central_radius = positive(sizes.central_vein, "central vein");
    if (plan.lobules.portal_radius + plan.lobules.central_radius > 0.5 * radius)
        throw SpecError(spec.where, fmt::format("a portal tract of {:.4g} um and a central vein of {:.4g} um leave no "
                                                "tissue in a lobule of radius {:.4g} um",
                                                plan.lobules.portal_radius, plan.lobules.central_radius, radius));
    plan.sinusoids.lumen_fraction = positive(sizes.share, "share of sinusoids");
    plan.sinusoids.radius_portal = positive(sizes.portal_radius, "radius of portal sinusoids");
    plan.sinusoids.radius_central = positive(sizes.central_radius, "radius of central sinusoids");
    plan.sinusoids.segment_length = positive(sizes.segment, "segment of a sinusoid");
    if (!(piece.thickness >= piece.voxel && piece.voxel > 0.0))
        throw SpecError(spec.where, fmt::format("a box {:.4g} um thick has no room for voxels of {:.4g} um",
                                                piece.thickness, piece.voxel));
    const double voxels = plan.lobules.box.volume() / (piece.voxel * piece.voxel * piece.voxel);
    if (!(voxels < k_most_voxels))
        throw SpecError(
            spec.where,
            fmt::format("a box of {:.4g} x {:.4g} x {:.4g} um has {:.2g} voxels of {:.4g} um: more than {:g}; "
                        "a smaller `thickness`, `columns`, `rows` or a larger `voxel`",
                        plan.lobules.box.lengths.x, plan.lobules.box.lengths.y, plan.lobules.box.lengths.z, voxels,
                        piece.voxel, k_most_voxels));
    plan.grid = Grid::of(plan.lobules.box, piece.voxel);
    std::vector<double> geometric;
    survey(plan.lobules, plan.grid, plan.tissue, geometric);
    plan.position = ranks(plan.tissue, geometric);
    const double outside = std::accumulate(plan.tissue.begin(), plan.tissue.end(), 0.0);
    plan.lobules_in_box = outside * plan.grid.voxel_volume() / positive(sizes.volume, "volume");
    return plan;
}

}  // namespace lobule
