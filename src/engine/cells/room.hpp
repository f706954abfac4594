// Cells make room for each other, and vessels keep pace with the tissue. Private to the engine.
//
// Cells of the plates are spheres that push (tissue/mechanics.hpp); sinusoids are in their way and stay where they are. All other
// cells keep to their vessels, which strain with the box.
#pragma once

#include <span>
#include <vector>

#include "engine/tissue.hpp"
#include "reach.hpp"

namespace lobule {

class TissueRoom {
public:
    TissueRoom(const Model& model, const TissuePlan& plan, int threads);

    /// Takes up the vessels as they are now: what cells of the plates cannot enter.
    void set_vessels(const Tissue& tissue);
    /// The box, all directions alike, and everything in it `factor` times as long.
    static void strain(State& state, double factor);
    void strain(double factor);
    /// Cells of the plates flow from where it is crowded to where there is room: v = -k R^2/9 grad r, with r the volume of
    /// cells against the room they have. It is the displacement of zones (`pressing` is k, 1/h) as their number grows.
    /// `volumes`: of cells by place [um^3].
    void press(State& state, const Grid& grid, const CellReach& reach, std::vector<double> volumes, double pressing,
               double hours);
    /// Cells of one substate crawl for `hours` up the gradient of a level known by place, at up to their speed. As in zones the speed
    /// is that of the relative difference of levels, here over the room of a cell's reach: v = u (c+ - c-) / (c+ + c-) in each
    /// direction, c at k_sense to either side.
    struct Climbing {
        std::int32_t population, substate;
        std::size_t level, speed;  // of `fields`
    };
    void climb(State& state, const Grid& grid, std::span<const Climbing> climbing,
               const std::vector<std::vector<double>>& fields, double hours) const;
    /// Moves the cells of the plates through `hours`, or until they are at rest. Throws RunError.
    void relax(State& state, double hours);
    /// Where the cells of the plates are, for follow().
    std::vector<Vec3> plates(const State& state) const;
    /// Vessels, and cells that are not of the plates, go along with the plates around them: by the mean way that cells of the plates
    /// within reach have gone since `before`. What pressing and contact do to single cells cancels in that mean, so vessels do
    /// not wander in a tissue that rests.
    void follow(State& state, const Grid& grid, const CellReach& reach, const std::vector<Vec3>& before);
    /// Cells of vessels keep a distance from others of their kind, by crawling along: daughters part. Through `hours`, or until
    /// they are at rest. Throws RunError.
    void crawl(State& state, double hours);
    /// Sinusoids follow the cells of their walls: a new vessel for cells that line none yet, where the tissue has outgrown its
    /// vessels; the least used ones go where the tissue has shrunk. Returns whether any changed.
    bool adapt_vessels(Tissue& tissue, const std::vector<Agents>& agents, const Grid& grid, std::uint64_t seed,
                       std::uint64_t step) const;

    static double length(const Tissue& tissue);
    /// How many cells line the sinusoids.
    std::size_t wall_cells(const std::vector<Agents>& agents) const;

private:
    void add_wall(const Box& box, const Vec3& axis, double radius);

    const Model& model_;
    const TissuePlan& plan_;
    int threads_;
    std::vector<Vec3> posts_;  // points on the axes of vessels
    std::vector<double> post_radius_;
};

}  // namespace lobule
