#include "laplacian.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "base/error.hpp"

namespace lobule {

namespace {

double inner_product(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

/// The matrix by rows without its diagonal, columns ascending, nodes renumbered from the ground outwards so that rows
/// which share columns lie near in memory.
class Matrix {
public:
    Matrix(std::span<const Link> links, std::size_t n) : diagonal(n, 0.0), number_(n, -1) {
        order_from_ground(links, n);
        first.assign(n + 1, 0);
        for (const Link& l : links)
            if (l.j >= 0) ++first[row(l.i) + 1], ++first[row(l.j) + 1];
        for (std::size_t i = 0; i < n; ++i) first[i + 1] += first[i];
        column.resize(first[n]), value.resize(first[n]);
        std::vector<std::size_t> next(first.begin(), first.end() - 1);
        for (const Link& l : links) {
            diagonal[row(l.i)] += l.conductance;
            if (l.j < 0) continue;
            diagonal[row(l.j)] += l.conductance;
            put(next[row(l.i)]++, row(l.j), -l.conductance);
            put(next[row(l.j)]++, row(l.i), -l.conductance);
        }
        sort_rows();
        factor();
    }

    std::size_t row(std::int32_t node) const {
        return static_cast<std::size_t>(number_[static_cast<std::size_t>(node)]);
    }

    void times(const std::vector<double>& x, std::vector<double>& out) const {
        for (std::size_t i = 0; i < diagonal.size(); ++i) {
            double sum = diagonal[i] * x[i];
            for (std::size_t k = first[i]; k < first[i + 1]; ++k) sum += value[k] * x[column[k]];
            out[i] = sum;
        }
    }
    /// out = M^-1 r for M = (D + L) D^-1 (D + L^T), L the part below the diagonal.
    void precondition(const std::vector<double>& r, std::vector<double>& out) const {
        const std::size_t n = diagonal.size();
        for (std::size_t i = 0; i < n; ++i) {
            double sum = r[i];
            for (std::size_t k = first[i]; k < upper_[i]; ++k) sum -= value[k] * out[column[k]];
            out[i] = sum * inverse_[i];
        }
        for (std::size_t i = n; i-- > 0;) {
            double sum = 0.0;
            for (std::size_t k = upper_[i]; k < first[i + 1]; ++k) sum += value[k] * out[column[k]];
            out[i] -= sum * inverse_[i];
        }
    }

    std::vector<double> diagonal;
    std::vector<std::size_t> first;
    std::vector<std::uint32_t> column;
    std::vector<double> value;

private:
    void put(std::size_t at, std::size_t col, double v) { column[at] = static_cast<std::uint32_t>(col), value[at] = v; }

    void order_from_ground(std::span<const Link> links, std::size_t n) {
        std::vector<std::size_t> start(n + 1, 0);
        for (const Link& l : links)
            if (l.j >= 0) ++start[static_cast<std::size_t>(l.i) + 1], ++start[static_cast<std::size_t>(l.j) + 1];
        for (std::size_t i = 0; i < n; ++i) start[i + 1] += start[i];
        std::vector<std::int32_t> to(start[n]), queue;
        std::vector<std::size_t> next(start.begin(), start.end() - 1);
        std::int32_t numbered = 0;
        const auto reach = [&](std::int32_t node) {
            auto& number = number_[static_cast<std::size_t>(node)];
            if (number >= 0) return;
            number = numbered++;
            queue.push_back(node);
        };
        for (const Link& l : links) {
            if (l.j < 0) continue;
            to[next[static_cast<std::size_t>(l.i)]++] = l.j;
            to[next[static_cast<std::size_t>(l.j)]++] = l.i;
        }
        for (const Link& l : links)
            if (l.j < 0) reach(l.i);
        for (std::size_t q = 0; q < queue.size(); ++q) {
            const auto node = static_cast<std::size_t>(queue[q]);
            for (std::size_t k = start[node]; k < start[node + 1]; ++k) reach(to[k]);
        }
        LOBULE_ASSERT(queue.size() == n, queue.size(), n);
    }

    /// Columns ascending, parallel links summed.
    void sort_rows() {
        std::vector<std::pair<std::uint32_t, double>> entries;
        std::size_t out = 0;
        for (std::size_t i = 0; i + 1 < first.size(); ++i) {
            entries.clear();
            for (std::size_t k = first[i]; k < first[i + 1]; ++k) entries.emplace_back(column[k], value[k]);
            std::stable_sort(entries.begin(), entries.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; });
            first[i] = out;
            for (const auto& [c, v] : entries) {
                if (out > first[i] && column[out - 1] == c)
                    value[out - 1] += v;
                else
                    put(out++, c, v);
            }
        }
        first.back() = out;
        column.resize(out), value.resize(out);
    }

    void factor() {
        // What a full factor would fill in is not dropped but taken from the diagonal: row sums are kept, which makes the
        // smooth part of the error, the slow one, go fast. A little less than all keeps the factor away from singular.
        constexpr double k_kept = 0.98;
        const std::size_t n = diagonal.size();
        upper_.resize(n), inverse_.resize(n);
        std::vector<double> above(n, 0.0);  // sum of the row right of the diagonal
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t k = first[i];
            double d = diagonal[i];
            for (; k < first[i + 1] && column[k] < i; ++k) {
                const std::size_t j = column[k];
                d -= value[k] * (value[k] + k_kept * (above[j] - value[k])) * inverse_[j];
            }
            upper_[i] = k;
            for (; k < first[i + 1]; ++k) above[i] += value[k];
            LOBULE_ASSERT(d > 0.0, i, d);
            inverse_[i] = 1.0 / d;
        }
    }

    std::vector<std::int32_t> number_;
    std::vector<std::size_t> upper_;  // where the part right of the diagonal starts
    std::vector<double> inverse_;
};

}  // namespace

int solve_potentials(std::span<const Link> links, std::span<const double> source, double tolerance,
                     std::vector<double>& x) {
    constexpr int k_most_iterations = 20000;
    const std::size_t n = source.size();
    const Matrix matrix(links, n);
    std::vector<double> solution(n), residual(n), direction(n), product(n), scaled(n);
    for (std::size_t i = 0; i < n; ++i) solution[matrix.row(static_cast<std::int32_t>(i))] = x[i];
    matrix.times(solution, product);
    double target = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t row = matrix.row(static_cast<std::int32_t>(i));
        residual[row] = source[i] - product[row];
        target += source[i] * source[i];
    }
    target *= tolerance * tolerance;

    int iterations = 0;
    double last = 0.0;
    for (; inner_product(residual, residual) > target; ++iterations) {
        if (iterations == k_most_iterations) throw RunError("the pressures in the vessels could not be solved for");
        matrix.precondition(residual, scaled);
        const double now = inner_product(residual, scaled);
        const double keep = iterations == 0 ? 0.0 : now / last;
        last = now;
        for (std::size_t i = 0; i < n; ++i) direction[i] = scaled[i] + keep * direction[i];
        matrix.times(direction, product);
        const double step = now / inner_product(direction, product);
        for (std::size_t i = 0; i < n; ++i) solution[i] += step * direction[i];
        for (std::size_t i = 0; i < n; ++i) residual[i] -= step * product[i];
    }
    for (std::size_t i = 0; i < n; ++i) x[i] = solution[matrix.row(static_cast<std::int32_t>(i))];
    return iterations;
}

}  // namespace lobule
