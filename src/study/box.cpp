#include "study/box.hpp"

#include <algorithm>
#include <numeric>

#include "base/assert.hpp"
#include "base/math.hpp"
#include "base/random.hpp"

namespace lobule::study {

Scale usual_scale(double low, double high) {
    return low > 0.0 && high / low >= 10.0 ? Scale::logarithmic : Scale::linear;
}

double Bounded::from_unit(double u) const {
    if (u <= 0.0) return low;
    if (u >= 1.0) return high;
    const double value = scale == Scale::linear ? low + u * (high - low)
                                                : math::exp(math::ln(low) + u * (math::ln(high) - math::ln(low)));
    return std::clamp(value, low, high);
}

double Bounded::to_unit(double value) const {
    if (value <= low) return 0.0;
    if (value >= high) return 1.0;
    return scale == Scale::linear ? (value - low) / (high - low)
                                  : (math::ln(value) - math::ln(low)) / (math::ln(high) - math::ln(low));
}

std::vector<double> from_unit(std::span<const Bounded> box, std::span<const double> unit) {
    LOBULE_ASSERT(box.size() == unit.size(), box.size(), unit.size());
    std::vector<double> out(box.size());
    for (std::size_t i = 0; i < box.size(); ++i) out[i] = box[i].from_unit(unit[i]);
    return out;
}

std::vector<double> to_unit(std::span<const Bounded> box, std::span<const double> values) {
    LOBULE_ASSERT(box.size() == values.size(), box.size(), values.size());
    std::vector<double> out(box.size());
    for (std::size_t i = 0; i < box.size(); ++i) out[i] = box[i].to_unit(values[i]);
    return out;
}

std::size_t draw_below(std::size_t size, std::uint64_t seed, std::uint64_t stream, std::uint64_t entity,
                       std::uint64_t index) {
    const double u = random_uniform({seed, 0, stream, entity, 0, index});
    return std::min(size - 1, static_cast<std::size_t>(u * static_cast<double>(size)));
}

std::vector<std::vector<double>> latin_hypercube(std::size_t count, std::size_t dimensions, std::uint64_t seed,
                                                 std::uint64_t stream) {
    std::vector<std::vector<double>> points(count, std::vector<double>(dimensions));
    std::vector<std::size_t> slice(count);
    for (std::size_t d = 0; d < dimensions; ++d) {
        std::iota(slice.begin(), slice.end(), std::size_t{0});
        for (std::size_t i = count; i-- > 1;)  // Fisher-Yates
            std::swap(slice[i], slice[draw_below(i + 1, seed, stream, d, 2 * i)]);
        for (std::size_t i = 0; i < count; ++i) {
            const double within = random_uniform({seed, 0, stream, d, 0, 2 * i + 1});
            points[i][d] = (static_cast<double>(slice[i]) + within) / static_cast<double>(count);
        }
    }
    return points;
}

}  // namespace lobule::study
