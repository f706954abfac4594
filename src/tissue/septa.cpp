#include "tissue/septa.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace lobule {

namespace {

/// Pieces of the plane that grow together.
class Pieces {
public:
    explicit Pieces(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
    std::size_t find(std::size_t i) {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    void join(std::size_t i, std::size_t j) { parent_[find(i)] = find(j); }

private:
    std::vector<std::size_t> parent_;
};

/// Columns of voxels along z.
struct Columns {
    std::size_t nx, ny;
    std::vector<double> density;       // mean over z
    std::vector<std::size_t> densest;  // numbers, densest first

    Columns(const Grid& grid, std::span<const double> by_voxel)
        : nx(static_cast<std::size_t>(grid.nx)), ny(static_cast<std::size_t>(grid.ny)), density(nx * ny, 0.0) {
        for (std::size_t v = 0; v < by_voxel.size(); ++v) density[v % density.size()] += by_voxel[v] / grid.nz;
        densest.resize(density.size());
        std::iota(densest.begin(), densest.end(), std::size_t{0});
        std::stable_sort(densest.begin(), densest.end(),
                         [&](std::size_t a, std::size_t b) { return density[a] > density[b]; });
    }
    template <class F>
    void neighbours(std::size_t column, F&& f) const {
        const std::size_t i = column % nx, j = column / nx;
        f(j * nx + (i + 1) % nx);
        f(j * nx + (i + nx - 1) % nx);
        f((j + 1) % ny * nx + i);
        f((j + ny - 1) % ny * nx + i);
    }
};

/// The columns on which each point lies are one piece with its vessel from the start.
std::vector<std::size_t> columns_of(const Grid& grid, const Columns& columns, const std::vector<Vec3>& points) {
    std::vector<std::size_t> out;
    for (const Vec3& p : points) out.push_back(static_cast<std::size_t>(grid.voxel_of(p)) % columns.density.size());
    return out;
}

/// Mean over pairs of the density at which both are in one piece.
double thinnest(const Columns& columns, const std::vector<std::vector<std::size_t>>& vessels,
                std::vector<std::pair<std::size_t, std::size_t>> pairs) {
    if (pairs.empty()) return 0.0;
    Pieces pieces(columns.density.size());
    std::vector<bool> filled(columns.density.size(), false);
    for (const auto& vessel : vessels)
        for (const std::size_t column : vessel) {
            pieces.join(column, vessel.front());
            filled[column] = true;
        }
    const auto all = static_cast<double>(pairs.size());
    double sum = 0.0;
    for (const std::size_t column : columns.densest) {
        filled[column] = true;
        columns.neighbours(column, [&](std::size_t next) {
            if (filled[next]) pieces.join(column, next);
        });
        sum += columns.density[column] * static_cast<double>(std::erase_if(pairs, [&](const auto& pair) {
                   return pieces.find(vessels[pair.first].front()) == pieces.find(vessels[pair.second].front());
               }));
        if (pairs.empty()) break;
    }
    return sum / all;
}

}  // namespace

Septa septa(const Lobules& lobules, const Grid& grid, std::span<const double> density) {
    LOBULE_ASSERT(density.size() == grid.size(), density.size(), grid.size());
    const Columns columns(grid, density);
    // Columns within a vessel belong to it: matrix there is that of its wall.
    std::vector<std::vector<std::size_t>> veins(static_cast<std::size_t>(lobules.count())),
        tracts(static_cast<std::size_t>(lobules.tract_count()));
    const auto nearest = [&](const Vec3& p, auto&& where, int n) {
        int best = 0;
        for (int i = 1; i < n; ++i) {
            const Vec3 a = lobules.box.from_to(p, where(i)), b = lobules.box.from_to(p, where(best));
            if (a.x * a.x + a.y * a.y < b.x * b.x + b.y * b.y) best = i;
        }
        return static_cast<std::size_t>(best);
    };
    const auto tract_at = [&](const Vec3& p) {
        return nearest(
            p, [&](int i) { return lobules.tract(i); }, lobules.tract_count());
    };
    for (std::size_t column = 0; column < columns.density.size(); ++column) {
        const Vec3 p = grid.centre(static_cast<std::int32_t>(column));
        if (lobules.to_central_axis(p) <= lobules.central_radius)
            veins[static_cast<std::size_t>(lobules.nearest(p))].push_back(column);
        if (lobules.to_portal_axis(p) <= lobules.portal_radius) tracts[tract_at(p)].push_back(column);
    }
    for (int i = 0; i < lobules.count(); ++i)
        veins[static_cast<std::size_t>(i)].push_back(columns_of(grid, columns, {lobules.centre(i)}).front());
    for (int i = 0; i < lobules.tract_count(); ++i)
        tracts[static_cast<std::size_t>(i)].push_back(columns_of(grid, columns, {lobules.tract(i)}).front());
    std::vector<std::pair<std::size_t, std::size_t>> centrals, portals;
    for (int i = 0; i < lobules.count(); ++i)
        for (int k = 0; k < 6; ++k) {
            const Vec3 a = lobules.corner_of(i, k), b = lobules.corner_of(i, (k + 1) % 6), c = lobules.centre(i);
            const Vec3 beyond{a.x + b.x - c.x, a.y + b.y - c.y, 0.0};  // the centre on the other side of the edge
            const auto other = static_cast<std::size_t>(lobules.nearest(beyond));
            if (other != static_cast<std::size_t>(i)) centrals.emplace_back(static_cast<std::size_t>(i), other);
            // Where every second corner has a tract, the next tract of a lobule is two corners on.
            const int next = lobules.tracts == 1.0 ? 2 : 1;
            if (!lobules.has_tract(i, k) || !lobules.has_tract(i, (k + next) % 6)) continue;
            const std::size_t from = tract_at(a), to = tract_at(lobules.corner_of(i, (k + next) % 6));
            if (from != to) portals.emplace_back(from, to);  // the same where the box is one lobule wide
        }
    return {thinnest(columns, veins, centrals), thinnest(columns, tracts, portals)};
}

}  // namespace lobule
