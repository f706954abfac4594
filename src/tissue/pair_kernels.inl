// The kernels of contact mechanics, included by pair_narrow.cpp and pair_wide.cpp. These define LOBULE_NAMESPACE and, in
// it, Four (doubles) and Eight (floats). Sums go through four lanes whatever the width, and only +, -, *, /,
// square root, maximum and comparison are used, so the bits do not depend on the CPU. No inline function of a header is
// used that the compiler might keep: it would be compiled for a CPU that others may not have.

namespace lobule::LOBULE_NAMESPACE {
namespace {

/// Which of eight stand in a mask, first ones first, and how many.
struct Packing {
    alignas(8) std::uint8_t places[256][8] = {};
    std::uint8_t counts[256] = {};
};
constexpr Packing make_packing() {
    Packing p{};
    for (int mask = 0; mask < 256; ++mask)
        for (int bit = 0; bit < 8; ++bit)
            if ((mask >> bit & 1) != 0) p.places[mask][p.counts[mask]++] = static_cast<std::uint8_t>(bit);
    return p;
}
constexpr Packing k_packing = make_packing();

inline void store_ints(std::int32_t* to, __m128i v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), v); }

/// Writes eight, of which those past the new end do not count.
inline std::int32_t* pack(std::int32_t* to, unsigned int mask, __m128i base) {
    const __m128i none = _mm_setzero_si128();
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(k_packing.places[mask]));
    const __m128i words = _mm_unpacklo_epi8(bytes, none);
    store_ints(to, _mm_add_epi32(_mm_unpacklo_epi16(words, none), base));
    store_ints(to + 4, _mm_add_epi32(_mm_unpackhi_epi16(words, none), base));
    return to + k_packing.counts[mask];
}

/// Copies the candidates, and notes where each column begins and where in it the bin's own spheres stand.
inline void collect(const PairSearch& s) {
    const Four cx = all(s.corner[0]), cy = all(s.corner[1]), cz = all(s.corner[2]);
    const Four factor = all(s.factor), half_skin = all(s.half_skin);
    const __m128i count = _mm_set_epi32(3, 2, 1, 0);
    const double *const x = s.x, *const y = s.y, *const z = s.z, *const radius = s.radius;
    float *const near_x = s.near_x, *const near_y = s.near_y, *const near_z = s.near_z, *const reach = s.near_reach;
    const std::int32_t *const bin_start = s.bin_start, *const rows = s.rows;
    std::int32_t* const candidates = s.candidates;
    const std::int32_t row_count = s.row_count, columns = s.bins + 2 * s.layers;
    std::int32_t n = 0;
    for (std::int32_t c = 0; c < columns; ++c) {
        s.columns[c] = n;
        const std::int32_t middle = s.first_bin - s.layers + c;
        for (std::int32_t row = 0; row < row_count; ++row) {
            const std::int32_t begin = bin_start[middle + rows[row]], end = bin_start[middle + rows[row] + 1];
            if (rows[row] == 0 && c >= s.layers && c < s.layers + s.bins) s.own[c - s.layers] = n;
            for (std::int32_t j = begin; j < end; j += 4) {  // up to three too many, which the next ones overwrite
                const std::int32_t at = n + j - begin;
                store_floats(near_x + at, load(x + j) - cx);
                store_floats(near_y + at, load(y + j) - cy);
                store_floats(near_z + at, load(z + j) - cz);
                store_floats(reach + at, load(radius + j) * factor + half_skin);
                store_ints(candidates + at, _mm_add_epi32(_mm_set1_epi32(j), count));
            }
            n += end - begin;
        }
    }
    s.columns[columns] = n;
    for (std::int32_t i = n; i < n + 8; ++i) {  // never near anything
        near_x[i] = near_y[i] = near_z[i] = 1e30F;
        reach[i] = 0.0F;
    }
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
    collect(s);
    const float *const near_x = s.near_x, *const near_y = s.near_y, *const near_z = s.near_z;
    float* const near_reach = s.near_reach;
    const std::int32_t* const candidates = s.candidates;
    std::int32_t *const hits = s.hits, *found = s.found, *end = s.ends;
    const __m128i eight = _mm_set1_epi32(8);
    for (std::int32_t b = 0; b < s.bins; ++b) {
        // Eight at a time may take some of the column after the last: too far, as all its spheres are.
        const std::int32_t first = s.columns[b], last = s.columns[b + 2 * s.layers + 1];
        std::int32_t own = s.own[b], i = s.bin_start[s.first_bin + b];
        for (const std::int32_t end_slot = s.bin_start[s.first_bin + b + 1]; i < end_slot; ++i, ++own) {
            if (s.alone != nullptr && s.alone[i] != 0) {
                *end++ = static_cast<std::int32_t>(found - s.found);
                continue;
            }
            const Eight x = all(near_x[own]), y = all(near_y[own]), z = all(near_z[own]);
            const float own_reach = near_reach[own];
            const Eight reach = all(own_reach);
            near_reach[own] = -own_reach;  // so that it is not near itself
            __m128i base = _mm_set1_epi32(first);
            std::int32_t* hit = hits;
            for (std::int32_t j = first; j < last; j += 8) {
                const Eight dx = load(near_x + j) - x, dy = load(near_y + j) - y, dz = load(near_z + j) - z;
                const Eight both = load(near_reach + j) + reach;
                hit = pack(hit, less(dx * dx + dy * dy + dz * dz, both * both), base);
                base = _mm_add_epi32(base, eight);
            }
            near_reach[own] = own_reach;
            const auto count = static_cast<std::int32_t>(hit - hits);
            for (std::int32_t h = 0; h < count; h += 4)
                store_ints(found + h, _mm_set_epi32(candidates[hits[h + 3]], candidates[hits[h + 2]],
                                                    candidates[hits[h + 1]], candidates[hits[h]]));
            store_ints(found + count, _mm_set1_epi32(i));
            found += (count + 3) / 4 * 4;
            *end++ = static_cast<std::int32_t>(found - s.found);
        }
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
