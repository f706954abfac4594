#include "field_levels.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/assert.hpp"

namespace lobule {
namespace {

using Int = std::int32_t;
using Counts = std::array<Int, 3>;

constexpr double k_spacing_factor = 1.5;  // an axis is coarsened when its spacing is below this times the smallest
constexpr Int k_chunk_thickness = 8;      // planes

std::size_t at(Int i) { return static_cast<std::size_t>(i); }
std::size_t number(const Counts& n, Int i, Int j, Int k) { return (at(k) * at(n[1]) + at(j)) * at(n[0]) + at(i); }

/// Calls use(voxel, its next along the axis, index along the axis) for all voxels in order.
template <class Use>
void for_faces(const Counts& n, int axis, const Use& use) {
    std::size_t v = 0;
    for (Int k = 0; k < n[2]; ++k)
        for (Int j = 0; j < n[1]; ++j)
            for (Int i = 0; i < n[0]; ++i, ++v) {
                Counts next{i, j, k};
                Int& along = next[at(axis)];
                const Int here = along;
                along = here + 1 == n[at(axis)] ? 0 : here + 1;
                use(v, number(n, next[0], next[1], next[2]), here);
            }
}

/// The widths of a level's cells along one axis, in voxels.
using Widths = std::vector<Int>;

double distance(const Widths& width, std::size_t a, std::size_t b) { return 0.5 * (width[a] + width[b]); }

FieldAxis coarsened(const Widths& width, bool coarsen, Widths& coarse_width) {
    FieldAxis axis;
    const Int n = static_cast<Int>(width.size());
    for (Int i = 0; i < n; i += coarsen ? 2 : 1) axis.first.push_back(i);
    const Int coarse = static_cast<Int>(axis.first.size());
    axis.first.push_back(n);
    coarse_width.assign(at(coarse), 0);
    for (Int c = 0; c < coarse; ++c)
        for (Int i = axis.first[at(c)]; i < axis.first[at(c + 1)]; ++i) {
            coarse_width[at(c)] += width[at(i)];
            axis.parent.push_back(c);
        }
    for (Int i = 0; i < n; ++i) {
        const Int c = axis.parent[at(i)];
        const Int begin = axis.first[at(c)], end = axis.first[at(c + 1)];
        double before = 0.5 * width[at(i)];
        for (Int o = begin; o < i; ++o) before += width[at(o)];
        const double offset = before - 0.5 * coarse_width[at(c)];
        const bool alone = end - begin == 1 || coarse == 1;
        const Int o = offset < 0.0 ? (c + coarse - 1) % coarse : (c + 1) % coarse;
        axis.other.push_back(alone ? c : o);
        axis.weight.push_back(alone ? 0.0F
                                    : static_cast<float>(std::fabs(offset) / distance(coarse_width, at(c), at(o))));
    }
    return axis;
}

/// A topological order: a voxel comes after all that flow into it, by depth-first search upstream. A circle is cut where
/// the search closes it; the strongest inflow is followed first, so that it tends to be cut where it is weak.
std::vector<Int> downstream_order(const FieldLevel& level) {
    const Counts& n = level.n;
    const std::size_t count = level.size();
    std::vector<std::array<Int, 6>> upstream(count);
    std::vector<std::array<float, 6>> inflow(count);
    for (int a = 0; a < 3; ++a) {
        const std::size_t x = at(a);
        for_faces(n, a, [&](std::size_t v, std::size_t next, Int) {
            upstream[next][2 * x] = static_cast<Int>(v);
            inflow[next][2 * x] = next == v ? 0.0F : level.up[x][v];
            upstream[v][2 * x + 1] = static_cast<Int>(next);
            inflow[v][2 * x + 1] = next == v ? 0.0F : level.down[x][v];
        });
    }
    std::vector<Int> order, stack;
    order.reserve(count);
    std::vector<char> met(count, 0);
    for (std::size_t start = 0; start < count; ++start) {
        if (met[start]) continue;
        met[start] = 1;
        stack.push_back(static_cast<Int>(start));
        while (!stack.empty()) {
            const std::size_t v = at(stack.back());
            auto& open = inflow[v];
            const auto most = std::max_element(open.begin(), open.end());
            if (*most > 0.0F) {
                const Int from = upstream[v][static_cast<std::size_t>(most - open.begin())];
                *most = 0.0F;
                if (!met[at(from)]) {
                    met[at(from)] = 1;
                    stack.push_back(from);
                }
            } else {
                order.push_back(static_cast<Int>(v));
                stack.pop_back();
            }
        }
    }
    return order;
}

/// Slabs of planes along y or z, an even number of them (or one), so that every second one can be relaxed at once.
void cut_into_chunks(FieldLevel& level) {
    const std::size_t axis = level.n[2] >= level.n[1] ? 2 : 1;
    const Int planes = level.n[axis];
    const Int chunks = std::max(1, planes / k_chunk_thickness / 2 * 2);
    const auto chunk_of = [&](Int v) {
        const Int along = axis == 2 ? v / (level.n[0] * level.n[1]) : v / level.n[0] % level.n[1];
        return at(static_cast<Int>(static_cast<std::int64_t>(along) * chunks / planes));
    };
    const std::vector<Int> order = downstream_order(level);
    level.chunk.assign(at(chunks) + 1, 0);
    for (const Int v : order) ++level.chunk[chunk_of(v) + 1];
    std::partial_sum(level.chunk.begin(), level.chunk.end(), level.chunk.begin());
    std::vector<std::size_t> next(level.chunk.begin(), level.chunk.end() - 1);
    level.order.resize(order.size());
    for (const Int v : order) level.order[next[chunk_of(v)]++] = v;
    for (const Int v : level.order) {
        const Counts place{v % level.n[0], v / level.n[0] % level.n[1], v / level.n[0] / level.n[1]};
        unsigned bits = 0;
        for (std::size_t a = 0; a < 3; ++a) {
            if (place[a] == 0) bits |= 1U << a;
            if (place[a] + 1 == level.n[a]) bits |= 8U << a;
        }
        level.border.push_back(static_cast<std::uint8_t>(bits));
    }
}

std::vector<float> summed(const FieldLevel& fine, const std::vector<std::size_t>& parent, std::size_t coarse_size,
                          const std::vector<float>& values) {
    std::vector<float> sum(coarse_size, 0.0F);
    for (std::size_t v = 0; v < fine.size(); ++v) sum[parent[v]] += values[v];
    return sum;
}

FieldLevel coarser(FieldLevel& fine, std::array<Widths, 3>& width, const std::array<bool, 3>& coarsen) {
    FieldLevel coarse;
    std::array<Widths, 3> coarse_width;
    for (std::size_t a = 0; a < 3; ++a) {
        fine.axis[a] = coarsened(width[a], coarsen[a], coarse_width[a]);
        coarse.n[a] = static_cast<Int>(coarse_width[a].size());
    }
    std::vector<std::size_t> parent;
    parent.reserve(fine.size());
    for (const Int k : fine.axis[2].parent)
        for (const Int j : fine.axis[1].parent)
            for (const Int i : fine.axis[0].parent) parent.push_back(number(coarse.n, i, j, k));
    const std::size_t size = coarse.size();
    for (int axis = 0; axis < 3; ++axis) {
        const std::size_t a = at(axis);
        coarse.conductance[a].assign(size, 0.0F);
        if (fine.flows()) {
            coarse.up[a].assign(size, 0.0F);
            coarse.down[a].assign(size, 0.0F);
        }
        if (coarse.n[a] == 1) continue;  // all faces are inside, or lead from the voxel to itself
        for_faces(fine.n, axis, [&](std::size_t v, std::size_t, Int here) {
            const FieldAxis& map = fine.axis[a];
            const Int next = here + 1 == fine.n[a] ? 0 : here + 1;
            const std::size_t p = at(map.parent[at(here)]), q = at(map.parent[at(next)]);
            if (p == q) return;
            const double ratio = distance(width[a], at(here), at(next)) / distance(coarse_width[a], p, q);
            coarse.conductance[a][parent[v]] += fine.conductance[a][v] * static_cast<float>(ratio);
            if (!fine.flows()) return;
            coarse.up[a][parent[v]] += fine.up[a][v];
            coarse.down[a][parent[v]] += fine.down[a][v];
        });
    }
    if (fine.flows()) coarse.fresh = summed(fine, parent, size, fine.fresh);
    width = std::move(coarse_width);
    return coarse;
}

FieldLevel finest(const Medium& medium, const std::array<std::vector<double>, 3>& conductance) {
    FieldLevel level;
    level.n = {medium.grid.nx, medium.grid.ny, medium.grid.nz};
    const std::size_t size = level.size();
    for (std::size_t a = 0; a < 3; ++a) level.conductance[a].assign(conductance[a].begin(), conductance[a].end());
    if (medium.flow.x.empty()) return level;
    std::vector<double> fresh(medium.outflow.begin(), medium.outflow.end());
    const std::array<const std::vector<double>*, 3> flow{&medium.flow.x, &medium.flow.y, &medium.flow.z};
    for (int axis = 0; axis < 3; ++axis) {
        const std::size_t a = at(axis);
        level.up[a].assign(size, 0.0F);
        level.down[a].assign(size, 0.0F);
        if (level.n[a] == 1) continue;
        for_faces(level.n, axis, [&](std::size_t v, std::size_t next, Int) {
            const double q = (*flow[a])[v];
            level.up[a][v] = static_cast<float>(std::max(q, 0.0));
            level.down[a][v] = static_cast<float>(std::max(-q, 0.0));
            fresh[v] += q;
            fresh[next] -= q;
        });
    }
    level.fresh.assign(fresh.begin(), fresh.end());
    for (float& f : level.fresh) f = std::max(f, 0.0F);  // rounding of the flow
    return level;
}

}  // namespace

std::size_t FieldLevel::memory() const {
    std::size_t numbers = fresh.capacity() + order.capacity();
    for (std::size_t a = 0; a < 3; ++a) numbers += conductance[a].capacity() + up[a].capacity() + down[a].capacity();
    return numbers * sizeof(float) + border.capacity();
}

std::array<std::vector<double>, 3> face_conductances(const Grid& grid, std::span<const double> fluid) {
    const Vec3 e = grid.edges();
    const Counts n{grid.nx, grid.ny, grid.nz};
    const std::array<double, 3> area_by_distance{e.y * e.z / e.x, e.z * e.x / e.y, e.x * e.y / e.z};
    const double half_share = 0.5 / grid.voxel_volume();
    std::array<std::vector<double>, 3> conductance;
    for (int axis = 0; axis < 3; ++axis) {
        const std::size_t a = at(axis);
        conductance[a].assign(grid.size(), 0.0);
        if (n[a] == 1) continue;
        for_faces(n, axis, [&](std::size_t v, std::size_t next, Int) {
            conductance[a][v] = half_share * (fluid[v] + fluid[next]) * area_by_distance[a];
        });
    }
    return conductance;
}

std::vector<FieldLevel> field_levels(const Medium& medium, const std::array<std::vector<double>, 3>& conductance) {
    std::vector<FieldLevel> levels;
    levels.push_back(finest(medium, conductance));
    const Vec3 e = medium.grid.edges();
    std::array<double, 3> spacing{e.x, e.y, e.z};
    std::array<Widths, 3> width;
    for (std::size_t a = 0; a < 3; ++a) width[a].assign(at(levels[0].n[a]), 1);
    while (levels.back().size() > 1) {
        const Counts n = levels.back().n;
        double least = 0.0;
        for (std::size_t a = 0; a < 3; ++a)
            if (n[a] > 1 && (least == 0.0 || spacing[a] < least)) least = spacing[a];
        std::array<bool, 3> coarsen{};
        for (std::size_t a = 0; a < 3; ++a) {
            coarsen[a] = n[a] > 1 && spacing[a] < k_spacing_factor * least;
            if (coarsen[a]) spacing[a] *= 2.0;
        }
        FieldLevel next = coarser(levels.back(), width, coarsen);
        levels.push_back(std::move(next));
    }
    if (levels[0].flows())
        for (FieldLevel& level : levels) cut_into_chunks(level);
    return levels;
}

}  // namespace lobule
