// What a microscopist would measure on a tissue.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/math.hpp"
#include "engine/tissue.hpp"
#include "tissue/septa.hpp"

namespace lobule {

namespace {

constexpr double k_mm3 = 1e9;              // [um^3]
constexpr double k_optical_section = 5.0;  // [um] depth in which neighbours are seen together
constexpr double k_percent = 100.0;

using NameUnit = std::pair<std::string_view, std::string_view>;
constexpr std::array<NameUnit, 10> k_vessel_units = {{{"lobule.radius", "um"},
                                                      {"sinusoid.radius", "um"},
                                                      {"sinusoid.segment", "um"},
                                                      {"sinusoid.segment_sd", "um"},
                                                      {"sinusoid.tortuosity", "1"},
                                                      {"sinusoid.share", "%"},
                                                      {"sinusoid.length", "mm^-2"},
                                                      {"sinusoid.wall", "mm^-1"},
                                                      {"sinusoid.branch_points", "mm^-3"},
                                                      {"sinusoid.loops", "mm^-3"}}};
/// Of each population of the tissue.
constexpr std::array<NameUnit, 7> k_cell_units = {{{"density", "cell/mm^3"},
                                                   {"share", "%"},
                                                   {"volume_share", "%"},
                                                   {"portal", "%"},
                                                   {"middle", "%"},
                                                   {"central", "%"},
                                                   {"spacing", "um"}}};

/// Of each matrix: the thinnest place of the best way between two vessels, against the mean of the tissue.
constexpr std::array<NameUnit, 2> k_matrix_units = {{{"central_septa", "1"}, {"portal_septa", "1"}}};

/// Matrix parts by name, with their entries of State.
std::vector<std::pair<std::string, std::vector<std::size_t>>> matrices_of(const Model& places) {
    std::vector<std::pair<std::string, std::vector<std::size_t>>> out;
    for (std::size_t e = 0; e < places.zone_states.size(); ++e) {
        const StateInfo& info = places.zone_states[e];
        if (info.kind != StateInfo::Kind::matrix) continue;
        const std::string name = info.name.substr(0, info.name.find('.'));
        if (out.empty() || out.back().first != name) out.emplace_back(name, std::vector<std::size_t>{});
        out.back().second.push_back(e);
    }
    return out;
}

/// Cells by squares of the plane, about two in each.
class PlaneSquares {
public:
    PlaneSquares(const Box& box, const std::vector<Vec3>& cells) : box_(box) {
        const double edge = std::sqrt(2.0 * box.lengths.x * box.lengths.y / static_cast<double>(cells.size() + 1));
        nx_ = std::max(1, static_cast<int>(box.lengths.x / edge));
        ny_ = std::max(1, static_cast<int>(box.lengths.y / edge));
        least_ = std::min(box.lengths.x / nx_, box.lengths.y / ny_);
        squares_.resize(static_cast<std::size_t>(nx_) * static_cast<std::size_t>(ny_));
        for (std::size_t i = 0; i < cells.size(); ++i) squares_[square_of(cells[i], 0, 0)].push_back(i);
    }
    /// f(cell) for all at a distance of `ring` squares, and for some more than once.
    template <class F>
    void ring(const Vec3& p, int ring, F&& f) const {
        for (int j = -ring; j <= ring; ++j)
            for (int i = -ring; i <= ring; i += j == -ring || j == ring ? 1 : 2 * ring)
                for (const std::size_t cell : squares_[square_of(p, i, j)]) f(cell);
    }
    /// What lies further than the ring is at least that far away [um]; there is none if it is infinite.
    double beyond(int ring) const { return 2 * ring + 1 >= std::max(nx_, ny_) ? HUGE_VAL : ring * least_; }

private:
    std::size_t square_of(const Vec3& p, int i, int j) const {
        const auto index = [](double at, double length, int n, int off) {
            const int own = std::min(static_cast<int>(Box::wrap(at, length) / length * n), n - 1);
            return static_cast<std::size_t>(((own + off) % n + n) % n);
        };
        return index(p.y, box_.lengths.y, ny_, j) * static_cast<std::size_t>(nx_) + index(p.x, box_.lengths.x, nx_, i);
    }

    Box box_;
    int nx_ = 1, ny_ = 1;
    double least_ = 0.0;  // [um]
    std::vector<std::vector<std::size_t>> squares_;
};

/// Mean distance to the nearest cell within the same optical section: by distance in the plane.
double spacing(const Box& box, const std::vector<Vec3>& cells) {
    const PlaneSquares squares(box, cells);
    double sum = 0.0;
    std::size_t found = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        double nearest = HUGE_VAL;
        for (int ring = 0;; ++ring) {
            squares.ring(cells[i], ring, [&](std::size_t j) {
                const Vec3 way = box.from_to(cells[i], cells[j]);
                if (i == j || std::abs(way.z) > 0.5 * k_optical_section) return;
                nearest = std::min(nearest, way.x * way.x + way.y * way.y);
            });
            const double beyond = squares.beyond(ring);
            if (std::isinf(beyond) || beyond * beyond >= nearest) break;
        }
        if (!std::isfinite(nearest)) continue;
        sum += std::sqrt(nearest);
        ++found;
    }
    return found > 0 ? sum / static_cast<double>(found) : 0.0;
}

}  // namespace

std::vector<StructureReading> read_structure(const Model& places, const TissuePlan& plan, const State& state) {
    std::vector<StructureReading> out;
    const auto add = [&](const std::string& name, double value) { out.push_back({name, value, structure_unit(name)}); };
    const Tissue& tissue = *state.tissue;
    const Lobules lobules = plan.lobules.in(tissue.box);
    const NetworkMeasures network = measure(tissue.vessels, lobules);
    const double outside =
        std::accumulate(plan.tissue.begin(), plan.tissue.end(), 0.0) / static_cast<double>(plan.tissue.size());
    const double volume = tissue.box.volume() * outside;  // of parenchyma
    // Densities of vessels are of the whole box; between portal tracts and central veins they are higher.
    const VesselMeasures& all = network.total;
    add("lobule.radius", lobules.radius());
    add("sinusoid.radius", all.mean_radius);
    add("sinusoid.segment", all.segment_length);
    add("sinusoid.segment_sd", all.segment_length_sd);
    add("sinusoid.tortuosity", all.tortuosity);
    add("sinusoid.share", k_percent * all.lumen_fraction);
    add("sinusoid.length", k_mm3 * 1e-3 * all.length_density);
    add("sinusoid.wall", 1e3 * all.wall_density);
    add("sinusoid.branch_points", all.branch_density);
    add("sinusoid.loops", network.loop_density);
    std::size_t cells = 0;
    for (std::size_t p = 0; p < state.agents.size(); ++p)
        if (!places.populations[p].in_body) cells += state.agents[p].size();
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        const Population& population = places.populations[p];
        if (population.in_body) continue;
        const Agents& agents = state.agents[p];
        const auto n = static_cast<double>(agents.size());
        const auto part = [&](const char* name) { return population.name + "." + name; };
        add(part("density"), n / volume * k_mm3);
        if (agents.ids.empty()) continue;  // nothing else of nobody
        add(part("share"), k_percent * n / static_cast<double>(cells));
        const auto& volumes = agents.quantities[0];
        add(part("volume_share"), k_percent * std::accumulate(volumes.begin(), volumes.end(), 0.0) / volume);
        double thirds[3] = {0.0, 0.0, 0.0};
        for (const std::uint32_t place : agents.zones)
            thirds[std::min(static_cast<int>(plan.position[place] * 3.0), 2)] += k_percent / n;
        add(part("portal"), thirds[0]);
        add(part("middle"), thirds[1]);
        add(part("central"), thirds[2]);
        add(part("spacing"), spacing(tissue.box, agents.positions));
    }
    Grid grid = plan.grid;
    grid.box = tissue.box;
    for (const auto& [name, entries] : matrices_of(places)) {
        std::vector<double> amount(grid.size(), 0.0);
        for (const std::size_t e : entries)
            for (std::size_t v = 0; v < amount.size(); ++v) amount[v] += state.values[e * amount.size() + v];
        const double mean =
            std::accumulate(amount.begin(), amount.end(), 0.0) / (outside * static_cast<double>(amount.size()));
        // By tissue of the voxel: of one that a vessel fills for the most part, the mean.
        for (std::size_t v = 0; v < amount.size(); ++v)
            amount[v] = plan.tissue[v] > 0.1 ? amount[v] / plan.tissue[v] : mean;
        const Septa found = septa(lobules, grid, amount);
        add(name + ".central_septa", mean > 0.0 ? found.central / mean : 0.0);
        add(name + ".portal_septa", mean > 0.0 ? found.portal / mean : 0.0);
    }
    return out;
}

std::vector<std::string> structure_names(const Model& places) {
    std::vector<std::string> out;
    for (const auto& [name, unit] : k_vessel_units) out.emplace_back(name);
    for (const Population& population : places.populations)
        if (!population.in_body)
            for (const auto& [name, unit] : k_cell_units) out.push_back(population.name + "." + std::string(name));
    for (const auto& [matrix, entries] : matrices_of(places))
        for (const auto& [name, unit] : k_matrix_units) out.push_back(matrix + "." + std::string(name));
    return out;
}

std::string structure_unit(std::string_view name) {
    for (const auto& [known, unit] : k_vessel_units)
        if (name == known) return std::string(unit);
    const std::string_view last = name.substr(name.find('.') + 1);
    for (const auto& [known, unit] : k_cell_units)
        if (last == known) return std::string(unit);
    return "1";
}

}  // namespace lobule
