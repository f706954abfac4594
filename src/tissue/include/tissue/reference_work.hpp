// Fixed pieces of work by which engines of contact mechanics are compared and our numbers are checked.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/math.hpp"
#include "tissue/contact_law.hpp"

namespace lobule {

/// Equal spheres [um].
struct SphereCloud {
    double radius = 0.0;
    std::vector<double> x, y, z;
    double sum_of_squares() const;  // of the distances to the origin, in the order given
};

/// A ball of n cells of 2494 um^3 on a face-centred cubic lattice 5 % closer than contact, each moved by up to 0.5 um.
SphereCloud reference_ball(std::size_t n);
/// A hexagonal prism of circumradius 500 um and height 200 um with a hole of radius 40 um on its axis, filled with cells of
/// 8000 um^3 in the same way: 12 120 cells.
SphereCloud reference_lobule();

/// Equal spheres in open space under the quadratic law: x += dt (1.5 v - 0.5 v of the step before), by Adams and Bashforth.
class ReferenceSpheres {
public:
    /// With a skin [um] neighbours are kept until something has moved by half of it; with 0 they are found anew each step.
    explicit ReferenceSpheres(const SphereCloud& cloud, int threads = 1, double skin = 0.0,
                              const QuadraticLaw& law = {}, math::Vectors with = math::vectors());
    ~ReferenceSpheres();
    void step(double minutes);
    /// Centres in the order of the cloud.
    SphereCloud cloud() const;
    /// Sum of (1 - q/R)^2 over neighbours with q < R, in the order of the cloud; of the last step.
    std::vector<double> pressure() const;
    std::size_t bytes() const;  // held in all
    std::size_t sortings() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace lobule
