#include "base/random.hpp"

#include <Random123/threefry.h>

#include <cmath>

#include "base/math.hpp"

namespace lobule {
namespace {

template <std::size_t n>
double polynomial(const std::array<double, n>& coefficients, double x) {
    double sum = 0.0;
    for (std::size_t i = n; i-- > 0;) sum = sum * x + coefficients[i];
    return sum;
}

// Inverse of the standard normal distribution: M. J. Wichura, "Algorithm AS 241: The percentage points of the normal
// distribution", Applied Statistics 37 (1988) 477-484, routine PPND16 (about 1 part in 1e16).
double normal_quantile(double p) {
    constexpr std::array a{3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                           1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                           3.3430575583588128105e+4, 2.5090809287301226727e+3};
    constexpr std::array b{1.0,
                           4.2313330701600911252e+1,
                           6.8718700749205790830e+2,
                           5.3941960214247511077e+3,
                           2.1213794301586595867e+4,
                           3.9307895800092710610e+4,
                           2.8729085735721942674e+4,
                           5.2264952788528545610e+3};
    constexpr std::array c{1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                           3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                           2.27238449892691845833e-2, 7.74545014278341407640e-4};
    constexpr std::array d{1.0,
                           2.05319162663775882187e0,
                           1.67638483018380384940e0,
                           6.89767334985100004550e-1,
                           1.48103976427480074590e-1,
                           1.51986665636164571966e-2,
                           5.47593808499534494600e-4,
                           1.05075007164441684324e-9};
    constexpr std::array e{6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                           2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                           2.71155556874348757815e-5, 2.01033439929228813265e-7};
    constexpr std::array f{1.0,
                           5.99832206555887937690e-1,
                           1.36929880922735805310e-1,
                           1.48753612908506148525e-2,
                           7.86869131145613259100e-4,
                           1.84631831751005468180e-5,
                           1.42151175831644588870e-7,
                           2.04426310338993978564e-15};
    const double q = p - 0.5;
    if (std::abs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(a, r) / polynomial(b, r);
    }
    const double r = std::sqrt(-math::ln(q < 0.0 ? p : 1.0 - p));
    const double tail =
        r <= 5.0 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6) : polynomial(e, r - 5.0) / polynomial(f, r - 5.0);
    return q < 0.0 ? -tail : tail;
}

}  // namespace

std::array<std::uint64_t, 4> random_block(const Address& address) {
    const r123::Threefry4x64::key_type key{{address.seed, address.patient, address.stream, address.entity}};
    const r123::Threefry4x64::ctr_type counter{{address.step, address.index, 0, 0}};
    const auto block = r123::Threefry4x64()(counter, key);  // 20 rounds
    return {block[0], block[1], block[2], block[3]};
}

// uniform_of gives the middles of 2^52 equal cells: with 2^53 the last middle would round to 1.
double random_uniform(const Address& address) { return uniform_of(random_block(address)[0]); }

double random_normal(const Address& address) { return normal_quantile(random_uniform(address)); }

}  // namespace lobule
