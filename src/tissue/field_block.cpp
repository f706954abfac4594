#include "field_block.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace lobule {
namespace {

int padded_to(int signals) {
    if (signals <= 2) return signals;
    return signals <= 16 ? (signals + 3) / 4 * 4 : (signals + 7) / 8 * 8;
}

}  // namespace

FieldBlock::FieldBlock(int signal_count, std::span<const std::pair<int, int>> pairs)
    : signals(signal_count), padded(padded_to(signal_count)) {
    const auto n = static_cast<std::size_t>(signals);
    std::vector<std::vector<int>> at(n, std::vector<int>(n, -1));  // place of an entry among the factors
    for (std::size_t s = 0; s < n; ++s) at[s][s] = static_cast<int>(s);
    stride = factor_stride = padded;
    for (const auto& [row, column] : pairs) {
        LOBULE_ASSERT(row >= 0 && row < signals && column >= 0 && column < signals, row, column);
        int& place = at[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
        if (place >= 0) continue;
        place = factor_stride++;
        coupling.push_back({row, column, place});
    }
    stride = factor_stride;

    std::vector<std::size_t> left(n);
    for (std::size_t s = 0; s < n; ++s) left[s] = s;
    while (!left.empty()) {
        const auto cost = [&](std::size_t p) {
            std::size_t rows = 0, columns = 0;
            for (const std::size_t o : left) {
                rows += o != p && at[o][p] >= 0 ? 1U : 0U;
                columns += o != p && at[p][o] >= 0 ? 1U : 0U;
            }
            return rows * columns;
        };
        const auto best =
            std::min_element(left.begin(), left.end(), [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
        const std::size_t p = *best;
        left.erase(best);
        Stage stage{static_cast<int>(p), {}, {}, {}};
        for (const std::size_t row : left) {
            if (at[row][p] < 0) continue;
            stage.scale.push_back(at[row][p]);
            lower.push_back({static_cast<int>(row), static_cast<int>(p), at[row][p]});
            for (const std::size_t column : left) {
                if (at[p][column] < 0) continue;
                if (at[row][column] < 0) at[row][column] = factor_stride++;
                stage.updates.push_back({at[row][column], at[row][p], at[p][column]});
            }
        }
        for (const std::size_t column : left)
            if (at[p][column] >= 0) {
                stage.row.push_back(at[p][column]);
                upper.push_back({static_cast<int>(p), static_cast<int>(column), at[p][column]});
            }
        stages_.push_back(std::move(stage));
    }
    std::reverse(upper.begin(), upper.end());
}

void FieldBlock::factor(const float* local, const float* transport, float* factors) const {
    for (int s = 0; s < padded; ++s) factors[s] = local[s] + transport[s];
    std::copy(local + padded, local + stride, factors + padded);
    std::fill(factors + stride, factors + factor_stride, 0.0F);
    for (const Stage& stage : stages_) {
        const float pivot = inverse(factors[stage.pivot], transport[stage.pivot]);
        factors[stage.pivot] = pivot;
        for (const int place : stage.scale) factors[place] *= pivot;
        for (const Update& u : stage.updates) factors[u.place] -= factors[u.left] * factors[u.right];
        for (const int place : stage.row) factors[place] *= pivot;
    }
    for (int s = signals; s < padded; ++s) factors[s] = 0.0F;
}

}  // namespace lobule
