// Which things hang together. Private to the layer.
#pragma once

#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace lobule {

class DisjointSets {
public:
    explicit DisjointSets(std::size_t n) : parent_(n), count_(n) {
        std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    }
    /// The least member of the set of i.
    std::size_t find(std::size_t i) {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    void join(std::size_t i, std::size_t j) {
        i = find(i), j = find(j);
        if (i == j) return;
        if (j < i) std::swap(i, j);
        parent_[j] = i;
        --count_;
    }
    std::size_t count() const { return count_; }

private:
    std::vector<std::size_t> parent_;
    std::size_t count_;
};

}  // namespace lobule
