// The periodic box that a tissue lies in, and points of it. Lengths in um.
#pragma once

#include <array>
#include <cmath>

namespace lobule {

struct Vec3 {
    double x = 0.0, y = 0.0, z = 0.0;

    Vec3 operator+(const Vec3& o) const { return {x + o.x, y + o.y, z + o.z}; }
    Vec3 operator-(const Vec3& o) const { return {x - o.x, y - o.y, z - o.z}; }
    Vec3 operator*(double f) const { return {x * f, y * f, z * f}; }
    Vec3& operator+=(const Vec3& o) { return *this = *this + o; }
    bool operator==(const Vec3&) const = default;
};

inline double dot(const Vec3& a, const Vec3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline double length(const Vec3& a) { return std::sqrt(dot(a, a)); }

/// A box that repeats itself in all three directions, from 0 to `lengths`.
struct Box {
    Vec3 lengths;

    double volume() const { return lengths.x * lengths.y * lengths.z; }
    /// The same point inside [0, length).
    Vec3 wrap(Vec3 p) const { return {wrap(p.x, lengths.x), wrap(p.y, lengths.y), wrap(p.z, lengths.z)}; }
    /// From a to the nearest image of b. Exact for points up to one box apart.
    Vec3 from_to(const Vec3& a, const Vec3& b) const {
        const Vec3 d = b - a;
        return {nearest(d.x, lengths.x), nearest(d.y, lengths.y), nearest(d.z, lengths.z)};
    }

    static double wrap(double value, double period) {
        const double r = value - period * std::floor(value / period);
        return r < period ? r : 0.0;  // a tiny negative value rounds to the period itself
    }
    static double nearest(double d, double period) { return d - period * std::nearbyint(d / period); }
};

}  // namespace lobule
