#include "tissue/mechanics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/assert.hpp"
#include "base/error.hpp"
#include "pair_kernels.hpp"

namespace lobule {
namespace {

constexpr double k_pi = std::numbers::pi;

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

}  // namespace

Mechanics::Mechanics(const ElasticLaw& law, int threads, math::Vectors with)
    : law_(law), with_(with), sorted_(threads) {
    LOBULE_ASSERT(law.reach > 1.0 && law.stiffness >= 0.0 && law.adhesion >= 0.0, law.reach, law.stiffness,
                  law.adhesion);
}

// Calls f(row, its slots). What f keeps for a row is added up in the order of rows, so threads change nothing.
template <class F>
void Mechanics::each_row(F f) const {
    const std::int32_t rows = sorted_.rows();
#pragma omp parallel for num_threads(sorted_.threads()) schedule(dynamic, 4) if (sorted_.threads() > 1)
    for (std::int32_t r = 0; r < rows; ++r) f(r, sorted_.row(r));
}

StepReport Mechanics::step(const std::optional<Box>& box, const Spheres& of, double hours, const StepControl& control) {
    const std::size_t n = of.x.size();
    LOBULE_ASSERT(of.y.size() == n && of.z.size() == n && of.radius.size() == n && of.mobility.size() == n &&
                      (of.drift.empty() || of.drift.size() == n),
                  n, of.drift.size());
    LOBULE_ASSERT(hours >= 0.0 && control.largest_move > 0.0 && control.stability > 0.0 && control.skin > 0.0, hours,
                  control.largest_move, control.stability, control.skin);
    StepReport report;
    spheres_ = n;
    if (n == 0) return report;
    LOBULE_ASSERT(*std::min_element(of.radius.begin(), of.radius.end()) > 0.0, n);
    const double skin = control.skin * *std::max_element(of.radius.begin(), of.radius.end());
    sorted_.sort(box, of.x, of.y, of.z, of.radius, {law_.reach, skin});
    passive_ = control.fixed_are_passive;
    look_around(of);
    report.sortings = 1;
    double moved = 0.0;  // no sphere has moved further since the last sorting
    for (;;) {
        find_forces(of);
        const Fastest fastest = find_speeds(of);
        report.fastest = fastest.speed;
        if (fastest.lost) throw RunError("mechanics: the speed of a sphere is not a number");
        if (report.moved_for >= hours || fastest.speed <= control.tolerance) break;
        const double left = hours - report.moved_for;
        const double stable = rate_ > 0.0 ? control.stability / rate_ : left;
        const double step = std::min({left, stable, control.largest_move / fastest.in_radii});
        if (report.sub_steps == control.most_sub_steps)
            throw RunError(fmt::format(
                "mechanics: {} sub-steps reach only {:.4g} of {:.4g} h: one takes {:.3g} h (stable up to {:.3g} h; "
                "fastest "
                "sphere {:.3g} um/h); shorter steps, softer or less mobile spheres, or more sub-steps are needed",
                report.sub_steps, report.moved_for, hours, step, stable, fastest.speed));
        move(step);
        ++report.sub_steps;
        report.moved_for = step == left ? hours : report.moved_for + step;
        moved += step * fastest.speed;
        if (2.0 * moved >= skin) {  // each sphere of a pair may have moved that far
            sorted_.sort_again();
            look_around(of);
            ++report.sortings;
            moved = 0.0;
        } else {
            sorted_.update_images();
        }
    }
    report.stress = stress(box);
    give_back(of);
    return report;
}

// Lists, and what of the neighbourhood changes as slowly as they do: how stiff it is.
//
// Explicit Euler is stable for steps below 2 / (largest eigenvalue of mobility times stiffness). For springs k_ij along
// n_ij, sum over pairs of k (n.(u_i - u_j))^2 <= 2 sum_i u_i.A_i u_i with A_i = sum_j k_ij n n^T, so that eigenvalue is at
// most 2 max_i mobility_i |A_i|, and a step of 1 / (mobility |A|) is stable. An anchor has one end only: half would do.
void Mechanics::look_around(const Spheres& of) {
    const std::size_t room = at(sorted_.slots());
    if (passive_) {
        alone_.resize(room);
        each_row([&](std::int32_t, Slots range) {
            for (std::size_t i = at(range.begin); i < at(range.end); ++i)
                alone_[i] = static_cast<std::uint8_t>(of.mobility[at(sorted_.id[i])] == 0.0);
        });
    }
    lists_.build(sorted_, with_, passive_ ? alone_.data() : nullptr);
    for (auto* values : {&force_x_, &force_y_, &force_z_, &work_, &work_z_}) fit(*values, room);
    if (!of.anchors.empty()) {
        for ([[maybe_unused]] const Anchor& anchor : of.anchors)
            LOBULE_ASSERT(anchor.sphere >= 0 && at(anchor.sphere) < sorted_.size(), anchor.sphere, sorted_.size());
        slot_of_.resize(sorted_.size());
        each_row([&](std::int32_t, Slots range) {
            for (std::int32_t i = range.begin; i < range.end; ++i) slot_of_[at(sorted_.id[at(i)])] = i;
        });
    }
    std::vector<double>&norm = force_x_, &in_plane = work_, &along_z = work_z_;  // until forces are found
    each_row([&](std::int32_t r, Slots range) {
        const PairRow row{sorted_.x.data(), sorted_.y.data(), sorted_.z.data(),     sorted_.radius.data(),
                          range.begin,      range.end,        lists_.neighbours(r), lists_.ends() + range.begin};
        const PairStiffness out{norm.data(), in_plane.data(), along_z.data()};
        with_ == math::Vectors::wide ? wide_pairs::stiffness(row, law_, out) : narrow_pairs::stiffness(row, law_, out);
    });
    for (const Anchor& anchor : of.anchors) norm[at(slot_of_[at(anchor.sphere)])] += anchor.stiffness;
    struct Row {
        double rate = 0.0, in_plane = 0.0, along_z = 0.0;
    };
    std::vector<Row> parts(at(sorted_.rows()));
    each_row([&](std::int32_t r, Slots range) {
        Row sum;
        for (std::size_t i = at(range.begin); i < at(range.end); ++i) {
            sum.rate = std::max(sum.rate, norm[i] * of.mobility[at(sorted_.id[i])]);
            sum.in_plane += in_plane[i];
            sum.along_z += along_z[i];
        }
        parts[at(r)] = sum;
    });
    Row all;
    for (const Row& part : parts) {
        all.rate = std::max(all.rate, part.rate);
        all.in_plane += part.in_plane;
        all.along_z += part.along_z;
    }
    rate_ = all.rate;
    modulus_in_plane_ = 0.25 * all.in_plane;  // each pair is counted twice; two directions share the work
    modulus_along_z_ = 0.5 * all.along_z;
}

void Mechanics::find_forces(const Spheres& of) {
    each_row([&](std::int32_t r, Slots range) {
        const PairRow row{sorted_.x.data(), sorted_.y.data(), sorted_.z.data(),     sorted_.radius.data(),
                          range.begin,      range.end,        lists_.neighbours(r), lists_.ends() + range.begin};
        const PairForces out{force_x_.data(), force_y_.data(), force_z_.data(), work_.data(), work_z_.data()};
        with_ == math::Vectors::wide ? wide_pairs::forces(row, law_, out) : narrow_pairs::forces(row, law_, out);
    });
    pull_anchors(of);
}

void Mechanics::pull_anchors(const Spheres& of) {
    for (const Anchor& anchor : of.anchors) {
        const std::size_t i = at(slot_of_[at(anchor.sphere)]);
        const Vec3 centre{sorted_.x[i], sorted_.y[i], sorted_.z[i]};
        const Vec3 to = sorted_.box() ? sorted_.box()->from_to(centre, anchor.point) : anchor.point - centre;
        const double distance = length(to);
        if (!(distance > anchor.length)) continue;
        const Vec3 force = to * (anchor.stiffness * (distance - anchor.length) / distance);
        force_x_[i] += force.x;
        force_y_[i] += force.y;
        force_z_[i] += force.z;
    }
}

Mechanics::Fastest Mechanics::find_speeds(const Spheres& of) {
    std::vector<Fastest> parts(at(sorted_.rows()));
    each_row([&](std::int32_t r, Slots range) {
        Fastest most;  // squares
        for (std::size_t i = at(range.begin); i < at(range.end); ++i) {
            const std::size_t sphere = at(sorted_.id[i]);
            const double mobility = of.mobility[sphere];
            const Vec3 drift = of.drift.empty() ? Vec3{} : of.drift[sphere];
            const Vec3 v{mobility * force_x_[i] + drift.x, mobility * force_y_[i] + drift.y,
                         mobility * force_z_[i] + drift.z};
            force_x_[i] = v.x;
            force_y_[i] = v.y;
            force_z_[i] = v.z;
            const double square = dot(v, v), radius = sorted_.radius[i];
            most.speed = std::max(most.speed, square);
            most.in_radii = std::max(most.in_radii, square / (radius * radius));
            most.lost = most.lost || !(square < 1e300);  // maxima pass over what is not a number
        }
        parts[at(r)] = most;
    });
    Fastest all;
    for (const Fastest& part : parts) {
        all.speed = std::max(all.speed, part.speed);
        all.in_radii = std::max(all.in_radii, part.in_radii);
        all.lost = all.lost || part.lost;
    }
    return {std::sqrt(all.speed), std::sqrt(all.in_radii), all.lost};
}

void Mechanics::move(double hours) {
    each_row([&](std::int32_t, Slots range) {
        for (std::size_t i = at(range.begin); i < at(range.end); ++i) {
            sorted_.x[i] += hours * force_x_[i];
            sorted_.y[i] += hours * force_y_[i];
            sorted_.z[i] += hours * force_z_[i];
        }
    });
}

Stress Mechanics::stress(const std::optional<Box>& box) const {
    struct Row {
        double work = 0.0, along_z = 0.0, volume = 0.0;
    };
    std::vector<Row> parts(at(sorted_.rows()));
    each_row([&](std::int32_t r, Slots range) {
        Row sum;
        for (std::size_t i = at(range.begin); i < at(range.end); ++i) {
            const double radius = sorted_.radius[i];
            sum.work += work_[i];
            sum.along_z += work_z_[i];
            sum.volume += 4.0 / 3.0 * k_pi * radius * radius * radius;
        }
        parts[at(r)] = sum;
    });
    Row all;
    for (const Row& part : parts) {
        all.work += part.work;
        all.along_z += part.along_z;
        all.volume += part.volume;
    }
    const double volume = box ? box->volume() : all.volume;
    return {0.25 * (all.work - all.along_z) / volume, 0.5 * all.along_z / volume, modulus_in_plane_ / volume,
            modulus_along_z_ / volume};
}

void Mechanics::give_back(const Spheres& to) {
    each_row([&](std::int32_t, Slots range) {
        for (std::size_t i = at(range.begin); i < at(range.end); ++i) {
            const std::size_t sphere = at(sorted_.id[i]);
            const Vec3 centre{sorted_.x[i], sorted_.y[i], sorted_.z[i]};
            const Vec3 inside = sorted_.box() ? sorted_.box()->wrap(centre) : centre;
            to.x[sphere] = inside.x;
            to.y[sphere] = inside.y;
            to.z[sphere] = inside.z;
        }
    });
}

std::vector<Vec3> Mechanics::speed() const {
    std::vector<Vec3> out(spheres_);
    if (spheres_ == 0) return out;
    each_row([&](std::int32_t, Slots range) {
        for (std::size_t i = at(range.begin); i < at(range.end); ++i)
            out[at(sorted_.id[i])] = {force_x_[i], force_y_[i], force_z_[i]};
    });
    return out;
}

std::vector<double> Mechanics::pressure() const {
    std::vector<double> out(spheres_);
    if (spheres_ == 0) return out;
    each_row([&](std::int32_t, Slots range) {
        for (std::size_t i = at(range.begin); i < at(range.end); ++i) {
            const double radius = sorted_.radius[i];
            out[at(sorted_.id[i])] = work_[i] / (8.0 * k_pi * radius * radius * radius);
        }
    });
    return out;
}

BoxStrain BoxStrain::towards(const Stress& target, const Stress& now, double viscosity, double hours) {
    LOBULE_ASSERT(viscosity > 0.0 && hours >= 0.0, viscosity, hours);
    const auto strain = [&](double excess, double modulus) {
        const double relaxed = modulus * hours / viscosity;
        // (1 - exp(-k t)) / k, or t where the modulus is nothing
        const double time = relaxed > 1e-8 ? (1.0 - math::exp(-relaxed)) / modulus : hours / viscosity;
        return excess * time;
    };
    return {strain(now.in_plane - target.in_plane, now.modulus_in_plane),
            strain(now.along_z - target.along_z, now.modulus_along_z)};
}

Vec3 BoxStrain::factors() const {
    const double wide = math::exp(in_plane);
    return {wide, wide, math::exp(thickness)};
}

Box BoxStrain::apply(const Box& box) const {
    const Vec3 f = factors();
    return {{box.lengths.x * f.x, box.lengths.y * f.y, box.lengths.z * f.z}};
}

void BoxStrain::carry(std::span<double> x, std::span<double> y, std::span<double> z) const {
    const Vec3 f = factors();
    for (double& v : x) v *= f.x;
    for (double& v : y) v *= f.y;
    for (double& v : z) v *= f.z;
}

Daughters divide(const Vec3& centre, double radius, const Vec3& direction) {
    const double norm = length(direction);
    LOBULE_ASSERT(norm > 0.0 && radius > 0.0, norm, radius);
    constexpr double k_half_volume = 0.79370052598409973738;  // 2^(-1/3)
    const double own = radius * k_half_volume;
    const Vec3 off = direction * ((radius - own) / norm);
    return {centre + off, centre - off, own};
}

}  // namespace lobule
