#include "zones/vector.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lobule {
namespace {

RC_GTEST_PROP(Vector, EqualsThePlainLoopsInPlaceToo, (int a, int b)) {
    const auto n = static_cast<std::size_t>(*rc::gen::inRange(1, 60));
    const auto draw = [&] { return *rc::gen::container<std::vector<int>>(n, rc::gen::inRange(-1000, 1000)); };
    const std::vector<int> u = draw(), v = draw();
    std::vector<double> x(u.begin(), u.end()), y(v.begin(), v.end()), sum(n), scaled(n);
    vector::linear_sum(a, x.data(), b, y.data(), sum.data(), n);
    vector::scale(b, x.data(), scaled.data(), n);
    double squares = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        RC_ASSERT(sum[i] == static_cast<double>(a) * x[i] + static_cast<double>(b) * y[i]);
        RC_ASSERT(scaled[i] == static_cast<double>(b) * x[i]);
        squares += x[i] * y[i] * x[i] * y[i];
    }
    const double norm = std::sqrt(squares / static_cast<double>(n));
    RC_ASSERT(std::abs(vector::weighted_norm(x.data(), y.data(), n) - norm) <= 1e-12 * norm);
    vector::linear_sum(a, x.data(), b, y.data(), y.data(), n);
    RC_ASSERT(y == sum);
    vector::scale(b, x.data(), x.data(), n);
    RC_ASSERT(x == scaled);
}

}  // namespace
}  // namespace lobule
