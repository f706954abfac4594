#include "placement.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <string_view>

#include "../mixed/start.hpp"
#include "../zones/system.hpp"
#include "base/error.hpp"
#include "base/math.hpp"
#include "base/random.hpp"
#include "tissue/packing.hpp"

namespace lobule {

namespace {

constexpr double k_disse = 0.6;  // [um] from the wall to the middle of the space of Disse, 1.2 um wide
constexpr std::uint64_t k_number_stream = stream_id("tissue.number");
constexpr std::uint64_t k_state_stream = stream_id("tissue.state");

/// Numbers of one population: of its substates by zone, with their mean volume and attributes.
struct Numbers {
    struct Share {
        double count = 0.0;
        std::vector<double> means;
    };
    std::vector<std::vector<Share>> by_zone;

    Numbers(const Model& zones, const Population& population, const std::vector<double>& values) {
        const StateIndex index{zones.zones, static_cast<std::int32_t>(zones.zone_states.size())};
        for (std::int32_t z = 0; z < zones.zones; ++z) {
            by_zone.emplace_back();
            for (const Population::Substate& sub : population.substates) {
                Share share;
                share.count = std::max(values[index.of(population, sub.count, z)], 0.0);
                for (const std::int32_t total : sub.totals)
                    share.means.push_back(share.count > 0.0 ? values[index.of(population, total, z)] / share.count
                                                            : 0.0);
                by_zone.back().push_back(std::move(share));
            }
        }
    }
    double total(std::size_t zone) const {
        double sum = 0.0;
        for (const Share& share : by_zone[zone]) sum += share.count;
        return sum;
    }
};

/// Sites of a kind in the tissue, by zone as many as wanted.
class Sites {
public:
    using ZoneOf = std::function<std::size_t(const Vec3&)>;
    Sites(const Lobules& lobules, const VesselNetwork& vessels, ZoneOf zone_of, std::uint64_t seed)
        : lobules_(lobules), vessels_(vessels), zone_of_(std::move(zone_of)), seed_(seed) {}

    std::vector<std::vector<Vec3>> of(std::string_view place, const std::vector<std::size_t>& wanted,
                                      std::uint64_t stream) const {
        if (place == "plate") return plates(wanted);
        if (place == "portal_tract" || place == "duct") return round(wanted, stream, true);
        if (place == "central_wall") return round(wanted, stream, false);
        return along_vessels(place, wanted, stream);
    }

private:
    /// Plates are filled evenly: zones take what lies in them.
    std::vector<std::vector<Vec3>> plates(const std::vector<std::size_t>& wanted) const {
        std::vector<std::vector<Vec3>> out(wanted.size());
        const std::size_t total = std::accumulate(wanted.begin(), wanted.end(), std::size_t{0});
        for (const Vec3& p : pack_centres(vessels_, lobules_, total, seed_)) out[zone_of_(p)].push_back(p);
        return out;
    }

    std::vector<std::vector<Vec3>> along_vessels(std::string_view place, const std::vector<std::size_t>& wanted,
                                                 std::uint64_t stream) const {
        std::vector<std::vector<Vec3>> out(wanted.size());
        for (std::size_t z = 0; z < wanted.size(); ++z) {
            if (wanted[z] == 0) continue;
            std::vector<double> weight;
            for (std::size_t e = 0; e < vessels_.edge_count(); ++e)
                weight.push_back(zone_of_(vessels_.point_on(lobules_.box, e, 0.5)) == z ? 1.0 : 0.0);
            const VesselSites sites(vessels_, lobules_.box, weight);
            for (const VesselSite& site : sites.spread(wanted[z], seed_, stream + z)) {
                if (place == "lumen")
                    out[z].push_back(lumen_site(vessels_, lobules_.box, site));
                else if (place == "disse")
                    out[z].push_back(disse_site(vessels_, lobules_.box, site, k_disse));
                else
                    out[z].push_back(wall_site(vessels_, lobules_.box, site));
            }
        }
        return out;
    }

    /// On the walls of portal tracts or central veins.
    std::vector<std::vector<Vec3>> round(const std::vector<std::size_t>& wanted, std::uint64_t stream,
                                         bool portal) const {
        std::vector<std::vector<Vec3>> out(wanted.size());
        std::uint64_t k = 0;
        for (std::size_t z = 0; z < wanted.size(); ++z)
            for (std::size_t n = 0; n < wanted[z]; ++n) {
                const auto block = random_block({seed_, 0, stream, k++, 0, 1});
                const int axes = portal ? lobules_.tract_count() : lobules_.count();
                const int axis = std::min(static_cast<int>(uniform_of(block[0]) * axes), axes - 1);
                const Vec3 centre = portal ? lobules_.tract(axis) : lobules_.centre(axis);
                const double radius = portal ? lobules_.portal_radius : lobules_.central_radius;
                const double angle = 2.0 * std::numbers::pi * uniform_of(block[1]);
                out[z].push_back(
                    lobules_.box.wrap({centre.x + radius * math::cos(angle), centre.y + radius * math::sin(angle),
                                       uniform_of(block[2]) * lobules_.box.lengths.z}));
            }
        return out;
    }

    const Lobules& lobules_;
    const VesselNetwork& vessels_;
    ZoneOf zone_of_;
    std::uint64_t seed_;
};

}  // namespace

std::vector<Agents> place_cells(const Model& zones, const std::vector<double>& values, const TissuePlan& plan,
                                const Tissue& tissue, const DrawAddress& draws) {
    const auto zone_count = static_cast<std::size_t>(zones.zones);
    const auto zone_of = [&](const Vec3& p) {
        const double position = plan.position[static_cast<std::size_t>(plan.grid.voxel_of(p))];
        return std::min(static_cast<std::size_t>(position * static_cast<double>(zone_count)), zone_count - 1);
    };
    const Sites room(plan.lobules, tissue.vessels, zone_of, draws.seed);
    std::vector<Agents> out;
    for (const Population& population : zones.populations) {
        Agents& agents = out.emplace_back();
        agents.quantities.resize(population.quantities.size());
        if (population.in_body) continue;
        const std::uint64_t stream = stream_id(population.name);
        const Numbers numbers(zones, population, values);
        std::vector<std::size_t> wanted;
        for (std::size_t z = 0; z < zone_count; ++z) {
            const double u = random_uniform({draws.seed, draws.patient, k_number_stream, stream, z, 0});
            wanted.push_back(static_cast<std::size_t>(std::floor(numbers.total(z) * plan.lobules_in_box + u)));
        }
        const std::vector<std::vector<Vec3>> sites = room.of(population.place, wanted, stream);
        for (std::size_t z = 0; z < zone_count; ++z) {
            // States in proportion: cells in an order of their own, drawn by id, take equal steps through the shares.
            std::vector<std::pair<std::uint64_t, std::size_t>> order;
            const std::size_t first = agents.size();
            for (std::size_t k = 0; k < sites[z].size(); ++k) {
                const std::uint64_t id = first_id(population, 0, first + k);
                agents.ids.push_back(id);
                agents.divisions.push_back(0);
                agents.positions.push_back(sites[z][k]);
                agents.zones.push_back(static_cast<std::uint32_t>(plan.grid.voxel_of(sites[z][k])));
                agents.substates.push_back(0);
                for (auto& column : agents.quantities) column.push_back(0.0);
                order.emplace_back(random_block({draws.seed, draws.patient, k_state_stream, id, 0, 0})[0], first + k);
            }
            std::sort(order.begin(), order.end());
            const double total = numbers.total(z);
            const auto n = static_cast<double>(order.size());
            const double u = random_uniform({draws.seed, draws.patient, k_state_stream, stream, z, 1});
            std::size_t sub = 0;
            double upto = numbers.by_zone[z].empty() ? 0.0 : numbers.by_zone[z][0].count;
            for (std::size_t k = 0; k < order.size(); ++k) {
                const double at = (static_cast<double>(k) + u) / n * total;
                while (at > upto && sub + 1 < numbers.by_zone[z].size()) upto += numbers.by_zone[z][++sub].count;
                const std::size_t i = order[k].second;
                agents.substates[i] = static_cast<std::uint16_t>(sub);
                for (std::size_t q = 0; q < agents.quantities.size(); ++q)
                    agents.quantities[q][i] = numbers.by_zone[z][sub].means[q];
            }
        }
    }
    return out;
}

}  // namespace lobule
