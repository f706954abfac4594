// The kernels of contact mechanics, included by pair_narrow.cpp and pair_wide.cpp. These define LOBULE_NAMESPACE and, in
// it, Four (four doubles) and Floats (k_floats floats). Sums go through four lanes whatever the width, and only +, -, *, /,
// square root, maximum and comparison are used, so the bits do not depend on the CPU. No inline function of a header is
// used that the compiler might keep: it would be compiled for a CPU that others may not have.

namespace lobule::LOBULE_NAMESPACE {
namespace {

/// Which of four stand in a mask, first ones first, and how many.
struct Packing {
    alignas(16) std::int32_t places[16][4] = {};
    std::int32_t counts[16] = {};
};
constexpr Packing make_packing() {
    Packing p{};
    for (int mask = 0; mask < 16; ++mask)
        for (int bit = 0; bit < 4; ++bit)
            if ((mask >> bit & 1) != 0) p.places[mask][p.counts[mask]++] = bit;
    return p;
}
constexpr Packing k_packing = make_packing();

/// Writes four, of which those past the new end do not count.
inline std::int32_t* pack(std::int32_t* to, unsigned int mask, std::int32_t base) {
    const __m128i places = _mm_load_si128(reinterpret_cast<const __m128i*>(k_packing.places[mask]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_add_epi32(places, _mm_set1_epi32(base)));
    return to + k_packing.counts[mask];
}

/// Copies the candidates of all runs to near_*, relative to the bin's centre; returns how many, with the place of the
/// bin's first sphere.
inline std::int32_t collect(const PairSearch& s, std::int32_t* own) {
    const Four cx = all(s.centre[0]), cy = all(s.centre[1]), cz = all(s.centre[2]);
    const Four factor = all(s.factor), half_skin = all(s.half_skin);
    std::int32_t n = 0;
    for (std::int32_t run = 0; run < s.run_count; ++run) {
        const std::int32_t begin = s.runs[2 * run], end = s.runs[2 * run + 1];
        if (run == s.own_run) *own = n + s.first - begin;
        __m128i slots = _mm_add_epi32(_mm_set1_epi32(begin), _mm_set_epi32(3, 2, 1, 0));
        for (std::int32_t j = begin; j < end; j += 4) {  // writes up to three too many, which the next run overwrites
            const std::int32_t at = n + j - begin;
            store_floats(s.near_x + at, load(s.x + j) - cx);
            store_floats(s.near_y + at, load(s.y + j) - cy);
            store_floats(s.near_z + at, load(s.z + j) - cz);
            store_floats(s.near_reach + at, load(s.radius + j) * factor + half_skin);
            _mm_storeu_si128(reinterpret_cast<__m128i*>(s.candidates + at), slots);
            slots = _mm_add_epi32(slots, _mm_set1_epi32(4));
        }
        n += end - begin;
    }
    for (std::int32_t i = n; i < n + 8; ++i) {  // never near anything
        s.near_x[i] = s.near_y[i] = s.near_z[i] = 1e30F;
        s.near_reach[i] = 0.0F;
    }
    return n;
}

/// What a law needs of a pair.
struct Pair {
    Four dx, dy, dz, q2, sum, inverse;  // inverse: 1 / (q * sum), so that one division gives 1/q and q/sum
    Four apart;                         // false for a sphere with itself, and for two in one place: no direction
    Four relative() const { return q2 * inverse; }
    Four per_distance() const { return sum * inverse; }
};
struct Own {
    Four x, y, z, radius;
    Own(const PairRow& row, std::int32_t i)
        : x(all(row.x[i])), y(all(row.y[i])), z(all(row.z[i])), radius(all(row.radius[i])) {}
    Pair with(const PairRow& row, const std::int32_t* at) const {
        Pair p;
        p.dx = x - gather(row.x, at);
        p.dy = y - gather(row.y, at);
        p.dz = z - gather(row.z, at);
        p.q2 = p.dx * p.dx + p.dy * p.dy + p.dz * p.dz;
        p.sum = radius + gather(row.radius, at);
        p.inverse = all(1.0) / (root(p.q2) * p.sum);
        p.apart = all(0.0) < p.q2;
        return p;
    }
};

}  // namespace

void find(const PairSearch& s) {
    std::int32_t own = 0;
    const std::int32_t n = collect(s, &own);
    std::int32_t* found = s.found;
    for (std::int32_t i = s.first; i < s.last; ++i, ++own) {
        const Floats x = all(s.near_x[own]), y = all(s.near_y[own]), z = all(s.near_z[own]);
        const Floats reach = all(s.near_reach[own]);
        std::int32_t* hit = s.hits;
        for (std::int32_t j = 0; j < n; j += k_floats) {
            const Floats dx = minus(load(s.near_x + j), x), dy = minus(load(s.near_y + j), y);
            const Floats dz = minus(load(s.near_z + j), z), both = plus(load(s.near_reach + j), reach);
            const Floats q2 = plus(plus(times(dx, dx), times(dy, dy)), times(dz, dz));
            unsigned int mask = mask_less(q2, times(both, both));
            const unsigned int self = static_cast<unsigned int>(own - j);  // wraps for places before j
            mask &= ~(static_cast<unsigned int>(self < 8U) << (self & 7U));
            hit = pack(hit, mask & 15U, j);
            if constexpr (k_floats == 8) hit = pack(hit, mask >> 4U, j + 4);
        }
        const auto count = static_cast<std::int32_t>(hit - s.hits);
        for (std::int32_t h = 0; h < count; h += 4)
            for (std::int32_t k = 0; k < 4; ++k) found[h + k] = s.candidates[s.hits[h + k]];
        _mm_storeu_si128(reinterpret_cast<__m128i*>(found + count), _mm_set1_epi32(i));
        found += (count + 3) / 4 * 4;
        s.ends[i - s.first] = static_cast<std::int32_t>(found - s.found);
    }
}

void forces(const PairRow& row, const QuadraticLaw& law, const PairForces& out) {
    const Four zero = all(0.0), one = all(1.0), repulsion = all(law.repulsion), adhesion = all(law.adhesion);
    const Four per_reach = all(1.0 / law.reach);
    const std::int32_t* at = row.neighbours;
    for (std::int32_t i = row.first; i < row.last; ++i) {
        const Own own(row, i);
        Four x = zero, y = zero, z = zero, pressure = zero;
        for (const std::int32_t* end = row.neighbours + row.ends[i - row.first]; at != end; at += 4) {
            const Pair p = own.with(row, at);
            const Four u = p.relative();
            const Four overlap = largest(one - u, zero), within = largest(one - u * per_reach, zero);
            const Four overlap2 = overlap * overlap & p.apart;
            const Four force = repulsion * overlap2 - adhesion * (within * within);
            const Four share = force * p.per_distance() & p.apart;
            x = x + share * p.dx;
            y = y + share * p.dy;
            z = z + share * p.dz;
            pressure = pressure + overlap2;
        }
        sums(x, y, out.x + i, out.y + i);
        sums(z, pressure, out.z + i, out.pressure + i);
    }
}

void forces(const PairRow& row, const ElasticLaw& law, const PairForces& out) {
    const Four zero = all(0.0), one = all(1.0), stiffness = all(law.stiffness), adhesion = all(law.adhesion);
    const Four per_width = all(1.0 / (law.reach - 1.0));
    const std::int32_t* at = row.neighbours;
    for (std::int32_t i = row.first; i < row.last; ++i) {
        const Own own(row, i);
        Four x = zero, y = zero, z = zero, work = zero, along_z = zero;
        for (const std::int32_t* end = row.neighbours + row.ends[i - row.first]; at != end; at += 4) {
            const Pair p = own.with(row, at);
            const Four u = p.relative();
            const Four overlap = largest(one - u, zero), gap = largest(u - one, zero);
            const Four fading = largest(one - gap * per_width, zero);
            const Four force = stiffness * (overlap - adhesion * gap * (fading * fading));
            const Four share = force * p.per_distance() & p.apart;
            x = x + share * p.dx;
            y = y + share * p.dy;
            z = z + share * p.dz;
            work = work + share * p.q2;
            along_z = along_z + share * (p.dz * p.dz);
        }
        double unused = 0.0;
        sums(x, y, out.x + i, out.y + i);
        sums(z, work, out.z + i, out.pressure + i);
        sums(along_z, zero, out.along_z + i, &unused);
    }
}

// Stiffness of a pair, -dF/dq: stiffness/R in compression, stiffness/R adhesion (1 - e/E) (1 - 3 e/E) while that is
// positive; a pair that loosens further apart only lowers the bound.
void stiffness(const PairRow& row, const ElasticLaw& law, const PairStiffness& out) {
    const Four zero = all(0.0), one = all(1.0), scale = all(law.stiffness), adhesion = all(law.adhesion);
    const Four per_width = all(1.0 / (law.reach - 1.0)), three = all(3.0);
    const std::int32_t* at = row.neighbours;
    for (std::int32_t i = row.first; i < row.last; ++i) {
        const Own own(row, i);
        Four xx = zero, yy = zero, zz = zero, xy = zero, xz = zero, yz = zero, in_plane = zero, along_z = zero;
        for (const std::int32_t* end = row.neighbours + row.ends[i - row.first]; at != end; at += 4) {
            const Pair p = own.with(row, at);
            const Four u = p.relative();
            const Four gap = largest(u - one, zero) * per_width;
            const Four pulled = adhesion * (largest(one - gap, zero) * largest(one - three * gap, zero));
            const Four part = choose(u < one, one, pulled);
            const Four per_q2 = p.per_distance() * p.per_distance();
            const Four k = scale * part * (p.inverse * root(p.q2)) * per_q2 & p.apart;
            const Four x2 = p.dx * p.dx, y2 = p.dy * p.dy, z2 = p.dz * p.dz;
            xx = xx + k * x2;
            yy = yy + k * y2;
            zz = zz + k * z2;
            xy = xy + k * (p.dx * p.dy);
            xz = xz + k * (p.dx * p.dz);
            yz = yz + k * (p.dy * p.dz);
            in_plane = in_plane + k * (p.q2 * (x2 + y2));
            along_z = along_z + k * (p.q2 * z2);
        }
        double m[6];
        sums(xx, yy, m, m + 1);
        sums(zz, xy, m + 2, m + 3);
        sums(xz, yz, m + 4, m + 5);
        sums(in_plane, along_z, out.in_plane + i, out.along_z + i);
        for (int off = 3; off < 6; ++off) m[off] = m[off] < 0.0 ? -m[off] : m[off];
        const double row_x = m[0] + m[3] + m[4], row_y = m[1] + m[3] + m[5], row_z = m[2] + m[4] + m[5];
        const double xy_row = row_x < row_y ? row_y : row_x;
        out.norm[i] = xy_row < row_z ? row_z : xy_row;
    }
}

}  // namespace lobule::LOBULE_NAMESPACE
