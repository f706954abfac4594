// Cells as spheres that push, hold and crawl without inertia, and the box that yields to their pressure.
//
//   dx_i/dt = mobility_i (sum_j F_ij + springs to anchors) + drift_i
//
// F is the elastic law of contact_law.hpp. Explicit Euler with steps that are stable, and short against the radii, by
// themselves. Forces are speeds [um/h] of a sphere of mobility 1, so stress is in um/h/um^2: times the friction of such a
// sphere [mmHg h um] it is a pressure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/math.hpp"
#include "tissue/box.hpp"
#include "tissue/contact_law.hpp"
#include "tissue/neighbours.hpp"

namespace lobule {

/// A spring from a sphere's centre to a point, which pulls if they are further apart than `length`.
struct Anchor {
    std::int32_t sphere = 0;
    Vec3 point;
    double stiffness = 0.0;  // [um/h] for each um beyond the length
    double length = 0.0;     // [um]
};

/// The caller's arrays, one entry for each sphere, in any order.
struct Spheres {
    std::span<double> x, y, z;         // centres [um]
    std::span<const double> radius;    // contact radius [um], above 0
    std::span<const double> mobility;  // 0: forces do not move it
    std::span<const Vec3> drift;       // own speed [um/h]; empty: none
    std::span<const Anchor> anchors;
};

struct StepControl {
    double largest_move = 0.1;  // in one sub-step, share of the sphere's radius
    double stability = 0.5;     // share of the longest step that is stable for any arrangement of neighbours
    double tolerance = 0.0;     // [um/h]; at rest when nothing is faster: the time that is left has no effect
    std::int32_t most_sub_steps = 100000;
    double skin = 0.1;  // of neighbour lists, share of the largest radius
    /// Nothing is found of spheres of mobility 0 but what they do to others: their pressure is 0, and of a pair with one the stress
    /// has half. Where many stand still, as walls do, most of the work goes.
    bool fixed_are_passive = false;
};

/// Mean virial stress, positive when pushed, and by how much it would fall for each unit of equal strain in all directions
/// that all centres follow; per volume of the box, or of the spheres in open space. Moduli are those of the last sorting.
struct Stress {
    double in_plane = 0.0, along_z = 0.0;                  // [um/h/um^2]
    double modulus_in_plane = 0.0, modulus_along_z = 0.0;  // [um/h/um^2]
};

struct StepReport {
    std::int32_t sub_steps = 0;
    std::int32_t sortings = 0;
    double moved_for = 0.0;  // [h]: less than asked if at rest before
    double fastest = 0.0;    // [um/h] at the end
    Stress stress;           // at the end
};

class Mechanics {
public:
    explicit Mechanics(const ElasticLaw& law, int threads = 1, math::Vectors with = math::vectors());

    /// Moves the spheres through `hours` (0: only looks). Centres come back inside the box. Throws RunError, and leaves
    /// the spheres as they were, if that takes more sub-steps than allowed or a place is lost. The result is a function of
    /// the arguments alone: not of earlier steps, of the number of threads, or of the CPU.
    StepReport step(const std::optional<Box>& box, const Spheres& spheres, double hours,
                    const StepControl& control = {});

    /// Speed [um/h] of each sphere at the end of the last step.
    std::vector<Vec3> speed() const;
    /// Pressure [um/h/um^2] on each: a third of the trace of its virial over its volume, half of each pair's.
    std::vector<double> pressure() const;

private:
    struct Fastest {
        double speed = 0.0;     // [um/h]
        double in_radii = 0.0;  // [1/h]
        bool lost = false;      // one is not a number
    };
    void look_around(const Spheres& of);
    void find_forces(const Spheres& of);
    void pull_anchors(const Spheres& of);
    Fastest find_speeds(const Spheres& of);
    void move(double hours);
    void give_back(const Spheres& to);
    Stress stress(const std::optional<Box>& box) const;
    template <class F>
    void each_row(F f) const;

    ElasticLaw law_;
    math::Vectors with_;
    SortedSpheres sorted_;
    NeighbourLists lists_;
    std::vector<double> force_x_, force_y_, force_z_, work_, work_z_;  // by slot; forces, then speeds
    std::vector<std::int32_t> slot_of_;                                // by sphere, if there are anchors
    bool passive_ = false;                                             // fixed_are_passive of the step
    std::vector<std::uint8_t> alone_;                                  // by slot, if so
    double rate_ = 0.0;                                                // [1/h], bound of the fastest relaxation over 2
    double modulus_in_plane_ = 0.0, modulus_along_z_ = 0.0;            // times the volume
    std::size_t spheres_ = 0;                                          // of the last step
};

/// Logarithms of the factors by which a box grows.
struct BoxStrain {
    double in_plane = 0.0, thickness = 0.0;
    /// Through `hours`, at (stress - target) / viscosity [(um/h/um^2) h]. The stress is taken to fall by its modulus on the
    /// way, so that the box stops at its target however long the step is.
    static BoxStrain towards(const Stress& target, const Stress& now, double viscosity, double hours);
    Box apply(const Box& box) const;
    Vec3 factors() const;
    /// Centres go along.
    void carry(std::span<double> x, std::span<double> y, std::span<double> z) const;
};

struct Daughters {
    Vec3 first, second;
    double radius = 0.0;
};
/// Two equal spheres with the volume and the centre of mass of one, along `direction` (of any length but 0), as far apart
/// as they can be inside it: no neighbour is touched that was not before.
Daughters divide(const Vec3& centre, double radius, const Vec3& direction);

}  // namespace lobule
