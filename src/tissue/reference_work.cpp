#include "tissue/reference_work.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "pair_kernels.hpp"
#include "tissue/neighbours.hpp"

namespace lobule {
namespace {

constexpr double k_pi = std::numbers::pi;
constexpr double k_closeness = 0.95;  // lattice spacing over the diameter
constexpr double k_jitter = 0.5;      // [um]

/// Steele, Lea & Flood's splitmix64: the generator that the other engines' drivers use too.
class SplitMix {
public:
    double uniform() {
        std::uint64_t v = state_ += 0x9E3779B97F4A7C15ULL;
        v = (v ^ (v >> 30)) * 0xBF58476D1CE4E5B9ULL;
        v = (v ^ (v >> 27)) * 0x94D049BB133111EBULL;
        v ^= v >> 31;
        return static_cast<double>(v >> 11) * 0x1p-53;
    }

private:
    std::uint64_t state_ = 0x9E3779B97F4A7C15ULL;
};

void jitter(SphereCloud& cloud) {
    SplitMix random;
    for (std::size_t i = 0; i < cloud.x.size(); ++i)
        for (auto* values : {&cloud.x, &cloud.y, &cloud.z}) (*values)[i] += (2.0 * random.uniform() - 1.0) * k_jitter;
}

void add(SphereCloud& cloud, double x, double y, double z) {
    cloud.x.push_back(x);
    cloud.y.push_back(y);
    cloud.z.push_back(z);
}

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

}  // namespace

double SphereCloud::sum_of_squares() const {
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * x[i] + y[i] * y[i] + z[i] * z[i];
    return sum;
}

SphereCloud reference_ball(std::size_t n) {
    SphereCloud cloud;
    cloud.radius = std::cbrt(3.0 * 2494.0 / (4.0 * k_pi));
    const double d = k_closeness * 2.0 * cloud.radius, a = d / std::sqrt(2.0);
    const double ball = std::cbrt(3.0 * static_cast<double>(n) * d * d * d / (4.0 * k_pi * std::sqrt(2.0)));
    const int most = static_cast<int>(ball / a) + 3;
    std::vector<std::array<int, 3>> points;
    for (int i = -most; i <= most; ++i)
        for (int j = -most; j <= most; ++j)
            for (int k = -most; k <= most; ++k)
                if ((i + j + k) % 2 == 0) points.push_back({i, j, k});
    const auto square = [](const std::array<int, 3>& p) { return p[0] * p[0] + p[1] * p[1] + p[2] * p[2]; };
    std::stable_sort(points.begin(), points.end(), [&](const auto& p, const auto& q) { return square(p) < square(q); });
    for (std::size_t i = 0; i < n; ++i) add(cloud, a * points[i][0], a * points[i][1], a * points[i][2]);
    jitter(cloud);
    return cloud;
}

SphereCloud reference_lobule() {
    constexpr double k_circumradius = 500.0, k_height = 200.0, k_hole = 40.0;
    SphereCloud cloud;
    cloud.radius = std::cbrt(3.0 * 8000.0 / (4.0 * k_pi));
    const double d = k_closeness * 2.0 * cloud.radius, a = d / std::sqrt(2.0);
    const double half_root3 = 0.5 * std::sqrt(3.0), wall = half_root3 * k_circumradius - 0.5 * d;
    const int most = static_cast<int>(k_circumradius / a) + 2;
    for (int k = -most; k <= most; ++k)
        for (int j = -most; j <= most; ++j)
            for (int i = -most; i <= most; ++i) {
                const double x = a * i, y = a * j, z = a * k;
                const bool inside = std::fabs(z) <= 0.5 * k_height - 0.5 * d && std::fabs(y) <= wall &&
                                    std::fabs(half_root3 * x + 0.5 * y) <= wall &&
                                    std::fabs(half_root3 * x - 0.5 * y) <= wall && x * x + y * y >= k_hole * k_hole;
                if ((i + j + k) % 2 == 0 && inside) add(cloud, x, y, z);
            }
    jitter(cloud);
    return cloud;
}

struct ReferenceSpheres::Impl {
    QuadraticLaw law;
    math::Vectors with;
    SortedSpheres spheres;
    NeighbourLists lists;
    std::vector<double> vx, vy, vz, before_x, before_y, before_z, pressure;  // by slot
    double radius, moved = 0.0;
    std::size_t sortings = 1;

    Impl(const SphereCloud& cloud, int threads, double skin, const QuadraticLaw& of, math::Vectors vectors)
        : law(of), with(vectors), spheres(threads), radius(cloud.radius) {
        spheres.sort(std::nullopt, cloud.x, cloud.y, cloud.z, std::vector<double>(cloud.x.size(), cloud.radius),
                     {law.reach, skin});
        if (skin > 0.0) lists.build(spheres, with);
        const std::size_t n = at(spheres.slots()) + SortedSpheres::k_padding;
        for (auto* values : {&vx, &vy, &vz, &before_x, &before_y, &before_z, &pressure}) values->resize(n);
    }

    void sort() {
        spheres.sort_again();
        for (auto* values : {&before_x, &before_y, &before_z}) spheres.carry(*values);
        if (spheres.reach().skin > 0.0) lists.build(spheres, with);
        moved = 0.0;
        ++sortings;
    }

    void forces_of(Slots range, const std::int32_t* neighbours, const std::int32_t* ends) {
        const PairRow row{spheres.x.data(), spheres.y.data(), spheres.z.data(), spheres.radius.data(),
                          range.begin,      range.end,        neighbours,       ends};
        const PairForces out{vx.data(), vy.data(), vz.data(), pressure.data(), nullptr};
        with == math::Vectors::wide ? wide_pairs::forces(row, law, out) : narrow_pairs::forces(row, law, out);
    }

    void find_forces() {
        const std::int32_t rows = spheres.rows();
#pragma omp parallel num_threads(spheres.threads()) if (spheres.threads() > 1)
        if (spheres.reach().skin > 0.0) {
#pragma omp for schedule(dynamic, 4)
            for (std::int32_t r = 0; r < rows; ++r)
                forces_of(spheres.row(r), lists.neighbours(r), lists.ends() + spheres.row(r).begin);
        } else {
            RowSearch search(spheres, with);
#pragma omp for schedule(dynamic, 4)
            for (std::int32_t r = 0; r < rows; ++r)
                for (std::int32_t i = 0; i < search.bins();) {
                    i = search.find(r, i);
                    forces_of(search.spheres(), search.neighbours(), search.ends());
                }
        }
    }

    void move(double minutes) {
        const std::int32_t rows = spheres.rows();
        std::vector<double> largest(at(rows), 0.0);
#pragma omp parallel for num_threads(spheres.threads()) schedule(dynamic, 4) if (spheres.threads() > 1)
        for (std::int32_t r = 0; r < rows; ++r) {
            const Slots range = spheres.row(r);
            double most = 0.0;
            for (std::size_t i = at(range.begin); i < at(range.end); ++i) {
                const double mx = minutes * (1.5 * vx[i] - 0.5 * before_x[i]);
                const double my = minutes * (1.5 * vy[i] - 0.5 * before_y[i]);
                const double mz = minutes * (1.5 * vz[i] - 0.5 * before_z[i]);
                spheres.x[i] += mx;
                spheres.y[i] += my;
                spheres.z[i] += mz;
                most = std::max(most, mx * mx + my * my + mz * mz);
            }
            largest[at(r)] = most;
        }
        moved += std::sqrt(*std::max_element(largest.begin(), largest.end()));
        before_x.swap(vx);
        before_y.swap(vy);
        before_z.swap(vz);
    }

    template <class F>
    void each_sphere(F f) const {
        for (std::int32_t r = 0; r < spheres.rows(); ++r)
            for (std::int32_t i = spheres.row(r).begin; i < spheres.row(r).end; ++i) f(at(i), at(spheres.id[at(i)]));
    }
};

ReferenceSpheres::ReferenceSpheres(const SphereCloud& cloud, int threads, double skin, const QuadraticLaw& law,
                                   math::Vectors with)
    : impl_(std::make_unique<Impl>(cloud, threads, skin, law, with)) {}
ReferenceSpheres::~ReferenceSpheres() = default;

void ReferenceSpheres::step(double minutes) {
    impl_->find_forces();
    impl_->move(minutes);
    // Each sphere of a pair may have moved that far.
    if (2.0 * impl_->moved >= impl_->spheres.reach().skin) impl_->sort();
}

SphereCloud ReferenceSpheres::cloud() const {
    SphereCloud out{impl_->radius, {}, {}, {}};
    for (auto* values : {&out.x, &out.y, &out.z}) values->resize(impl_->spheres.size());
    impl_->each_sphere([&](std::size_t slot, std::size_t i) {
        out.x[i] = impl_->spheres.x[slot];
        out.y[i] = impl_->spheres.y[slot];
        out.z[i] = impl_->spheres.z[slot];
    });
    return out;
}

std::vector<double> ReferenceSpheres::pressure() const {
    std::vector<double> out(impl_->spheres.size());
    impl_->each_sphere([&](std::size_t slot, std::size_t i) { out[i] = impl_->pressure[slot]; });
    return out;
}

std::size_t ReferenceSpheres::sortings() const { return impl_->sortings; }

std::size_t ReferenceSpheres::bytes() const {
    std::size_t doubles = 0;
    for (const auto* values :
         {&impl_->vx, &impl_->vy, &impl_->vz, &impl_->before_x, &impl_->before_y, &impl_->before_z, &impl_->pressure})
        doubles += values->capacity();
    return impl_->spheres.bytes() + impl_->lists.bytes() + sizeof(double) * doubles;
}

}  // namespace lobule
