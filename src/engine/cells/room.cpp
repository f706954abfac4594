#include "room.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <tuple>

#include "base/assert.hpp"
#include "base/math.hpp"
#include "tissue/flow.hpp"
#include "tissue/growth.hpp"
#include "tissue/mechanics.hpp"
#include "tissue/packing.hpp"

namespace lobule {

namespace {

/// A cell yields to a neighbour within about an hour: [um/h] for a relative overlap of 1. Cell aggregates relax in tens of minutes to
/// hours (Forgacs et al., Biophys J 74:2227, 1998).
constexpr ElasticLaw k_contact{10.0, 0.3, 1.2};
/// Share of space that equal spheres which just touch fill at random (Scott and Kilgour, J Phys D 2:863, 1969).
constexpr double k_random_packing = 0.637;
constexpr double k_at_rest = 0.5;  // [um/h] slower than this nothing biological happens
constexpr double k_post = 10.0;    // [um] between points that stand for a vessel
constexpr double k_excess = 1.15;  // length density above which vessels go

/// Cells of one kind part at [um/h] for a relative overlap of 1 of the room they keep. Kupffer cells crawl at 4.6 um/min (MacPhee et
/// al., Am J Physiol 263:G17, 1992); this is what remains of it over hours.
constexpr ElasticLaw k_avoidance{20.0, 0.0, 1.1};
/// That room as a radius, share of the mean distance (volume per cell)^(1/3); no farther than cells feel each other. Without that bound
/// few cells far apart pushed each other all over the tissue.
constexpr double k_kept = 0.35, k_most_kept = 15.0;  // [um]
constexpr double k_grip = 30.0;                      // [um] within which a cell finds its vessel again
constexpr double k_sense = 30.0;  // [um] a cell with its processes feels as far as this to either side
constexpr double k_disse = 0.6;   // [um] from the wall to the middle of the space of Disse

double sphere_radius(double volume) { return math::pow(volume * 0.75 / std::numbers::pi, 1.0 / 3.0); }

/// A field at voxel centres, linear in between.
template <class T>
T between(const Grid& grid, const std::vector<T>& field, const Vec3& point) {
    const Vec3 edges = grid.edges();
    const auto cell = [](double x, double edge, std::int32_t n) {
        const double at = x / edge - 0.5, low = std::floor(at);
        const auto i = (static_cast<std::int32_t>(low) % n + n) % n;
        return std::tuple{i, (i + 1) % n, at - low};
    };
    const auto [i0, i1, fx] = cell(point.x, edges.x, grid.nx);
    const auto [j0, j1, fy] = cell(point.y, edges.y, grid.ny);
    const auto [k0, k1, fz] = cell(point.z, edges.z, grid.nz);
    const auto at = [&](std::int32_t i, std::int32_t j, std::int32_t k) {
        return field[static_cast<std::size_t>(grid.number(i, j, k))];
    };
    const auto line = [&at, i = std::pair{i0, i1}, f = fx](std::int32_t j, std::int32_t k) {
        return at(i.first, j, k) * (1.0 - f) + at(i.second, j, k) * f;
    };
    const T low = line(j0, k0) * (1.0 - fy) + line(j1, k0) * fy;
    const T high = line(j0, k1) * (1.0 - fy) + line(j1, k1) * fy;
    return low * (1.0 - fz) + high * fz;
}

bool in_plates(const Population& population) { return !population.in_body && population.place == "plate"; }

}  // namespace

TissueRoom::TissueRoom(const Model& model, const TissuePlan& plan, int threads)
    : model_(model), plan_(plan), threads_(threads) {}

double TissueRoom::length(const Tissue& tissue) {
    double sum = 0.0;
    for (std::size_t e = 0; e < tissue.vessels.edge_count(); ++e) sum += tissue.vessels.edge_length(tissue.box, e);
    return sum;
}

std::size_t TissueRoom::wall_cells(const std::vector<Agents>& agents) const {
    std::size_t sum = 0;
    for (std::size_t p = 0; p < agents.size(); ++p)
        if (model_.populations[p].place == "sinusoid_wall") sum += agents[p].size();
    return sum;
}

void TissueRoom::set_vessels(const Tissue& tissue) {
    posts_.clear();
    post_radius_.clear();
    const VesselNetwork& vessels = tissue.vessels;
    for (std::size_t e = 0; e < vessels.edge_count(); ++e) {
        const auto points = static_cast<int>(std::ceil(vessels.edge_length(tissue.box, e) / k_post));
        for (int k = 0; k < points; ++k) {
            posts_.push_back(vessels.point_on(tissue.box, e, (k + 0.5) / points));
            post_radius_.push_back(vessels.radius[e]);
        }
    }
    const Lobules lobules = plan_.lobules.in(tissue.box);
    for (int k = 0; k < lobules.tract_count(); ++k) add_wall(lobules.box, lobules.tract(k), lobules.portal_radius);
    for (int k = 0; k < lobules.count(); ++k) add_wall(lobules.box, lobules.centre(k), lobules.central_radius);
}

/// The inside of a tract's or vein's wall.
void TissueRoom::add_wall(const Box& box, const Vec3& axis, double radius) {
    const double inside = radius - 0.5 * k_post;
    const auto around = std::max(3, static_cast<int>(std::ceil(2.0 * std::numbers::pi * inside / k_post)));
    const auto along = std::max(1, static_cast<int>(std::ceil(box.lengths.z / k_post)));
    for (int i = 0; i < along; ++i)
        for (int j = 0; j < around; ++j) {
            const double angle = 2.0 * std::numbers::pi * (j + 0.5 * (i % 2)) / around;
            posts_.push_back(box.wrap({axis.x + inside * math::cos(angle), axis.y + inside * math::sin(angle),
                                       (i + 0.5) / along * box.lengths.z}));
            post_radius_.push_back(0.5 * k_post);
        }
}

void TissueRoom::strain(State& state, double factor) {
    Tissue& tissue = *state.tissue;
    tissue.box.lengths = tissue.box.lengths * factor;
    for (Vec3& p : tissue.vessels.position) p = tissue.box.wrap(p * factor);
    for (Agents& agents : state.agents)
        for (Vec3& p : agents.positions) p = tissue.box.wrap(p * factor);
}

void TissueRoom::strain(double factor) {
    for (Vec3& p : posts_) p = p * factor;
}

void TissueRoom::press(State& state, const Grid& grid, const CellReach& reach, std::vector<double> volumes,
                       double pressing, double hours) {
    reach.spread(volumes.data());
    std::vector<double> room = plan_.tissue;
    reach.spread(room.data());
    const double mean =
        std::accumulate(volumes.begin(), volumes.end(), 0.0) / std::accumulate(room.begin(), room.end(), 0.0);
    if (!(mean > 0.0) || !(pressing > 0.0)) return;
    for (std::size_t v = 0; v < volumes.size(); ++v) volumes[v] = room[v] > 0.0 ? volumes[v] / (room[v] * mean) : 1.0;
    const double radius = plan_.lobules.in(grid.box).radius();
    const double mobility = pressing * radius * radius / 9.0 * hours;  // [um^2]
    const Vec3 edges = grid.edges();
    std::vector<Vec3> way(grid.size());
    for (std::int32_t k = 0, v = 0; k < grid.nz; ++k)
        for (std::int32_t j = 0; j < grid.ny; ++j)
            for (std::int32_t i = 0; i < grid.nx; ++i, ++v) {
                const auto at = [&](std::int32_t x, std::int32_t y, std::int32_t z) {
                    return volumes[static_cast<std::size_t>(
                        grid.number((x + grid.nx) % grid.nx, (y + grid.ny) % grid.ny, (z + grid.nz) % grid.nz))];
                };
                way[static_cast<std::size_t>(v)] = {-mobility * (at(i + 1, j, k) - at(i - 1, j, k)) / (2.0 * edges.x),
                                                    -mobility * (at(i, j + 1, k) - at(i, j - 1, k)) / (2.0 * edges.y),
                                                    -mobility * (at(i, j, k + 1) - at(i, j, k - 1)) / (2.0 * edges.z)};
            }
    for (std::size_t p = 0; p < state.agents.size(); ++p)
        if (in_plates(model_.populations[p]))
            for (Vec3& at : state.agents[p].positions) at = grid.box.wrap(at + between(grid, way, at));
}

std::vector<Vec3> TissueRoom::plates(const State& state) const {
    std::vector<Vec3> out;
    for (std::size_t p = 0; p < state.agents.size(); ++p)
        if (in_plates(model_.populations[p]))
            out.insert(out.end(), state.agents[p].positions.begin(), state.agents[p].positions.end());
    return out;
}

void TissueRoom::follow(State& state, const Grid& grid, const CellReach& reach, const std::vector<Vec3>& before) {
    const std::vector<Vec3> after = plates(state);
    LOBULE_ASSERT(after.size() == before.size(), after.size(), before.size());
    std::vector<double> cells(grid.size(), 0.0), x = cells, y = cells, z = cells;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Vec3 moved = grid.box.from_to(before[i], after[i]);
        const auto v = static_cast<std::size_t>(grid.voxel_of(before[i]));
        cells[v] += 1.0;
        x[v] += moved.x;
        y[v] += moved.y;
        z[v] += moved.z;
    }
    for (auto* field : {&cells, &x, &y, &z}) reach.spread(field->data());
    std::vector<Vec3> way(grid.size());
    for (std::size_t v = 0; v < way.size(); ++v)
        if (cells[v] > 0.0) way[v] = Vec3{x[v], y[v], z[v]} * (1.0 / cells[v]);
    const auto moved = [&](const Vec3& p) { return grid.box.wrap(p + between(grid, way, p)); };
    for (std::size_t p = 0; p < state.agents.size(); ++p)
        if (!in_plates(model_.populations[p]))
            for (Vec3& at : state.agents[p].positions) at = moved(at);
    VesselNetwork& vessels = state.tissue->vessels;
    for (std::size_t n = 0; n < vessels.node_count(); ++n)  // those on the walls of tracts and veins stay
        if (vessels.kind[n] == NodeKind::inner) vessels.position[n] = moved(vessels.position[n]);
    for (Vec3& p : posts_) p = moved(p);
}

void TissueRoom::climb(State& state, const Grid& grid, std::span<const Climbing> climbing,
                       const std::vector<std::vector<double>>& fields, double hours) const {
    const Vec3 ways[] = {{k_sense, 0.0, 0.0}, {0.0, k_sense, 0.0}, {0.0, 0.0, k_sense}};
    for (const Climbing& c : climbing) {
        const std::vector<double>&level = fields[c.level], &speed = fields[c.speed];
        Agents& agents = state.agents[static_cast<std::size_t>(c.population)];
        for (std::size_t i = 0; i < agents.size(); ++i) {
            if (agents.substates[i] != c.substate) continue;
            Vec3& at = agents.positions[i];
            const double pace = speed[static_cast<std::size_t>(grid.voxel_of(at))] * hours;
            Vec3 moved{};
            for (const Vec3& way : ways) {
                const double ahead = between(grid, level, at + way), behind = between(grid, level, at - way);
                if (ahead + behind > 0.0) moved = moved + way * ((ahead - behind) / (ahead + behind) / k_sense);
            }
            at = grid.box.wrap(at + moved * pace);
        }
    }
}

void TissueRoom::relax(State& state, double hours) {
    const Box& box = state.tissue->box;
    std::vector<double> x, y, z, radius, mobility;
    const auto add = [&](const Vec3& p, double r, double m) {
        x.push_back(p.x);
        y.push_back(p.y);
        z.push_back(p.z);
        radius.push_back(r);
        mobility.push_back(m);
    };
    double volume = 0.0;
    for (std::size_t p = 0; p < state.agents.size(); ++p)
        if (in_plates(model_.populations[p]))
            for (const double v : state.agents[p].quantities[0]) volume += v;
    if (!(volume > 0.0)) return;
    std::size_t spheres = posts_.size();
    for (std::size_t p = 0; p < state.agents.size(); ++p)
        if (in_plates(model_.populations[p])) spheres += state.agents[p].size();
    for (auto* column : {&x, &y, &z, &radius, &mobility}) column->reserve(spheres);
    // Spheres cannot fill what plates fill: their contact radius is that of spheres which touch at that density.
    const double touch = math::pow(k_random_packing * box.volume() / volume, 1.0 / 3.0);
    const double scale = std::min(touch, 1.0);
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        if (!in_plates(model_.populations[p])) continue;
        const Agents& agents = state.agents[p];
        for (std::size_t i = 0; i < agents.size(); ++i)
            add(agents.positions[i], scale * sphere_radius(agents.quantities[0][i]), 1.0);
    }
    for (std::size_t k = 0; k < posts_.size(); ++k) add(posts_[k], scale * post_radius_[k], 0.0);
    StepControl control;
    control.tolerance = k_at_rest;
    control.fixed_are_passive = true;  // vessels
    Mechanics(k_contact, threads_).step(box, {x, y, z, radius, mobility, {}, {}}, hours, control);
    const Lobules lobules = plan_.lobules.in(box);
    std::size_t k = 0;
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        if (!in_plates(model_.populations[p])) continue;
        for (Vec3& at : state.agents[p].positions) {
            at = lobules.outside({x[k], y[k], z[k]});
            ++k;
        }
    }
}

void TissueRoom::crawl(State& state, double hours) {
    const Tissue& tissue = *state.tissue;
    const auto keeps_to_vessels = [&](std::size_t p) {
        const Population& population = model_.populations[p];
        return !population.in_body && state.agents[p].positions.size() > 1 &&
               (population.place == "sinusoid_wall" || population.place == "disse" || population.place == "lumen");
    };
    std::vector<Vec3> all;
    Mechanics crawling(k_avoidance, threads_);
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        if (!keeps_to_vessels(p)) continue;
        const std::vector<Vec3>& at = state.agents[p].positions;
        const double room = math::pow(tissue.box.volume() / static_cast<double>(at.size()), 1.0 / 3.0);
        std::vector<double> x, y, z, radius(at.size(), std::min(k_kept * room, k_most_kept)), mobility(at.size(), 1.0);
        for (const Vec3& q : at) {
            x.push_back(q.x);
            y.push_back(q.y);
            z.push_back(q.z);
        }
        StepControl control;
        control.tolerance = k_at_rest;
        crawling.step(tissue.box, {x, y, z, radius, mobility, {}, {}}, hours, control);
        for (std::size_t i = 0; i < at.size(); ++i) all.push_back(tissue.box.wrap({x[i], y[i], z[i]}));
    }
    const std::vector<NearVessel> near = nearest_vessels(tissue.vessels, tissue.box, all, k_grip, threads_);
    std::size_t k = 0;
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        if (!keeps_to_vessels(p)) continue;
        const std::string& place = model_.populations[p].place;
        for (Vec3& at : state.agents[p].positions) {
            const NearVessel& vessel = near[k];
            at = all[k++];
            if (vessel.edge < 0) continue;
            const double lumen = tissue.vessels.radius[static_cast<std::size_t>(vessel.edge)];
            const double away = lobule::length(vessel.from_axis);
            const double wanted = place == "sinusoid_wall" ? lumen
                                  : place == "disse"       ? lumen + k_disse
                                                           : std::min(away, 0.7 * lumen);
            if (!(away > 0.0)) continue;
            at = tissue.box.wrap(at + vessel.from_axis * (wanted / away - 1.0));
        }
    }
}

bool TissueRoom::adapt_vessels(Tissue& tissue, const std::vector<Agents>& agents, const Grid& grid, std::uint64_t seed,
                               std::uint64_t step) const {
    const Lobules lobules = plan_.lobules.in(tissue.box);
    const double length_now = length(tissue);
    const double at_rest = plan_.vessel_length * (tissue.box.volume() / plan_.lobules.box.volume());
    const double lined = plan_.length_per_cell * static_cast<double>(wall_cells(agents));
    const double segment = plan_.sinusoids.segment_length;
    if (std::min(lined, at_rest) > length_now + segment) {
        // Where there are most cells of walls.
        std::vector<double> cells(grid.size(), 0.0);
        for (std::size_t p = 0; p < agents.size(); ++p)
            if (model_.populations[p].place == "sinusoid_wall")
                for (const Vec3& at : agents[p].positions) cells[static_cast<std::size_t>(grid.voxel_of(at))] += 1.0;
        std::vector<double> demand;
        for (std::size_t e = 0; e < tissue.vessels.edge_count(); ++e)
            demand.push_back(
                0.1 + cells[static_cast<std::size_t>(grid.voxel_of(tissue.vessels.point_on(tissue.box, e, 0.5)))]);
        return sprout(tissue.vessels, lobules, {segment}, demand, std::min(lined, at_rest) - length_now, seed, step) >
               0.0;
    }
    if (length_now > k_excess * at_rest) {
        FlowDrive drive;
        drive.inflow = 1.0;
        const Flow flow = solve_flow(tissue.vessels, tissue.box, drive);
        return prune(tissue.vessels, tissue.box, flow, length_now - at_rest) > 0.0;
    }
    return false;
}

}  // namespace lobule
