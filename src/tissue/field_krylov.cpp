#include "field_krylov.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "blocks.hpp"

namespace lobule {
namespace {

constexpr std::size_t k_restart = 10;
constexpr double k_reach_reduction = 1e-2;
constexpr int k_reach_cycles = 8;
constexpr std::size_t k_lanes = 8;

/// Sum of a[i] b[i] in a fixed order.
double dot(const float* a, const float* b, std::size_t n) {
    double lane[k_lanes] = {};
    std::size_t i = 0;
    for (; i + k_lanes <= n; i += k_lanes)
#pragma omp simd
        for (std::size_t l = 0; l < k_lanes; ++l)
            lane[l] += static_cast<double>(a[i + l]) * static_cast<double>(b[i + l]);
    double sum = 0.0;
    for (; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    for (const double part : lane) sum += part;
    return sum;
}

void add(float* y, double factor, const float* x, std::size_t n) {
    const float f = static_cast<float>(factor);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) y[i] += f * x[i];
}

/// Gaussian elimination with partial pivoting; a singular direction is left at zero.
std::vector<double> solved(std::vector<double> a, std::vector<double> b) {
    const std::size_t n = b.size();
    for (std::size_t c = 0; c < n; ++c) {
        std::size_t p = c;
        for (std::size_t r = c + 1; r < n; ++r)
            if (std::fabs(a[r * n + c]) > std::fabs(a[p * n + c])) p = r;
        if (p != c) {
            std::swap_ranges(a.begin() + static_cast<std::ptrdiff_t>(c * n),
                             a.begin() + static_cast<std::ptrdiff_t>((c + 1) * n),
                             a.begin() + static_cast<std::ptrdiff_t>(p * n));
            std::swap(b[c], b[p]);
        }
        if (a[c * n + c] == 0.0) continue;
        for (std::size_t r = c + 1; r < n; ++r) {
            const double f = a[r * n + c] / a[c * n + c];
            for (std::size_t k = c; k < n; ++k) a[r * n + k] -= f * a[c * n + k];
            b[r] -= f * b[c];
        }
    }
    for (std::size_t r = n; r-- > 0;) {
        for (std::size_t k = r + 1; k < n; ++k) b[r] -= a[r * n + k] * b[k];
        b[r] = a[r * n + r] == 0.0 ? 0.0 : b[r] / a[r * n + r];
    }
    return b;
}

std::size_t blocks_of(std::size_t length) { return (length + k_field_block - 1) / k_field_block; }

/// use(begin, end) over blocks of a vector.
template <class Use>
void for_parts(std::size_t length, int threads, const Use& use) {
    for_blocks(blocks_of(length), threads,
               [&](std::size_t b) { use(b * k_field_block, std::min(length, (b + 1) * k_field_block)); });
}

}  // namespace

FieldKrylov::FieldKrylov(FieldMultigrid& multigrid, const std::vector<float>& carried,
                         std::vector<FieldBorder::Port> in, std::vector<FieldBorder::Port> out)
    : multigrid_(multigrid), carried_of_(carried) {
    for (std::size_t s = 0; s < carried.size(); ++s)
        if (carried[s] > 0.0F) border_.signal.push_back(static_cast<int>(s));
    border_.in = std::move(in);
    border_.out = std::move(out);
    for (const FieldBlock::Entry& e : multigrid.block().coupling)
        coupled_ = coupled_ || (carried[static_cast<std::size_t>(e.row)] > 0.0F);
}

std::vector<double> FieldKrylov::out_of(const std::vector<float>& field) const {
    const std::size_t padded = static_cast<std::size_t>(multigrid_.block().padded);
    const float* slope = std::as_const(multigrid_).slope();
    std::vector<double> sum(border_.signal.size(), 0.0);
    for (const FieldBorder::Port& port : border_.out)
        for (std::size_t m = 0; m < sum.size(); ++m) {
            const std::size_t s = static_cast<std::size_t>(border_.signal[m]);
            float flow = port.flow * carried_of_[s];
            if (slope != nullptr) flow *= slope[port.voxel * padded + s];
            sum[m] += static_cast<double>(flow) * static_cast<double>(field[port.voxel * padded + s]);
        }
    return sum;
}

void FieldKrylov::add_inflow(const std::vector<double>& blood, std::vector<float>& field) const {
    const std::size_t padded = static_cast<std::size_t>(multigrid_.block().padded);
    for (const FieldBorder::Port& port : border_.in)
        for (std::size_t c = 0; c < blood.size(); ++c) {
            const std::size_t s = static_cast<std::size_t>(border_.signal[c]);
            field[port.voxel * padded + s] += port.flow * carried_of_[s] * static_cast<float>(blood[c]);
        }
}

int FieldKrylov::find_reach(int threads) {
    const std::size_t m = border_.signal.size();
    through_.assign(m * m, 0.0);
    int cycles = 0;
    FieldVector rhs, reach;
    for (std::size_t c = 0; c < (coupled_ ? m : 1); ++c) {
        std::vector<double> unit(m, coupled_ ? 0.0 : 1.0);
        unit[c] = 1.0;
        rhs.field.assign(multigrid_.length(), 0.0F);
        add_inflow(unit, rhs.field);
        cycles += solve(rhs, reach, k_reach_reduction, k_reach_cycles, threads);
        const std::vector<double> out = out_of(reach.field);
        for (std::size_t r = 0; r < m; ++r) through_[r * m + (coupled_ ? c : r)] = out[r];
    }
    if (!coupled_) reach_ = std::move(reach.field);
    return cycles;
}

int FieldKrylov::set_border(std::vector<double> by_blood, std::vector<double> by_out, bool renew, int threads) {
    border_.by_blood.clear();  // find_reach() is without it
    const std::size_t m = border_.signal.size();
    if (by_blood.empty() || m == 0) return 0;
    const int cycles = renew || through_.empty() ? find_reach(threads) : 0;
    schur_ = by_blood;
    for (std::size_t r = 0; r < m; ++r)
        for (std::size_t c = 0; c < m; ++c)
            for (std::size_t k = 0; k < m; ++k) schur_[r * m + c] += by_out[r * m + k] * through_[k * m + c];
    border_.by_blood = std::move(by_blood);
    border_.by_out = std::move(by_out);
    return cycles;
}

void FieldKrylov::apply(const FieldVector& x, FieldVector& out, int threads) const {
    multigrid_.apply(x.field.data(), out.field.data(), threads);
    if (!bordered()) return;
    const std::size_t m = border_.signal.size();
    std::vector<double> negative(x.blood);
    for (double& value : negative) value = -value;
    add_inflow(negative, out.field);
    const std::vector<double> leaving = out_of(x.field);
    for (std::size_t r = 0; r < m; ++r) {
        double sum = 0.0;
        for (std::size_t c = 0; c < m; ++c)
            sum += border_.by_blood[r * m + c] * x.blood[c] + border_.by_out[r * m + c] * leaving[c];
        out.blood[r] = sum;
    }
}

void FieldKrylov::precondition(const FieldVector& rhs, FieldVector& x, int threads) {
    multigrid_.cycle(rhs.field.data(), x.field.data(), threads);
    if (!bordered()) return;
    const std::size_t m = border_.signal.size(), padded = static_cast<std::size_t>(multigrid_.block().padded);
    const std::vector<double> leaving = out_of(x.field);
    std::vector<double> b(rhs.blood);
    for (std::size_t r = 0; r < m; ++r)
        for (std::size_t c = 0; c < m; ++c) b[r] -= border_.by_out[r * m + c] * leaving[c];
    x.blood = solved(schur_, b);
    if (coupled_) {
        with_inflow_.field = rhs.field;
        add_inflow(x.blood, with_inflow_.field);
        multigrid_.cycle(with_inflow_.field.data(), x.field.data(), threads);
        return;
    }
    std::vector<float> share(padded, 0.0F);
    for (std::size_t c = 0; c < m; ++c)
        share[static_cast<std::size_t>(border_.signal[c])] = static_cast<float>(x.blood[c]);
    for_parts(x.field.size() / padded, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t v = begin; v < end; ++v)
            for (std::size_t s = 0; s < padded; ++s) x.field[v * padded + s] += share[s] * reach_[v * padded + s];
    });
}

/// result[i] = basis_[i] . w for i < count.
void FieldKrylov::dots(std::size_t count, const FieldVector& w, int threads, std::vector<double>& result) {
    const std::size_t length = w.field.size();
    partial_.resize(blocks_of(length) * count);
    for_parts(length, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = 0; i < count; ++i)
            partial_[begin / k_field_block * count + i] = dot(&basis_[i].field[begin], &w.field[begin], end - begin);
    });
    result.assign(count, 0.0);
    for (std::size_t p = 0; p < partial_.size(); ++p) result[p % count] += partial_[p];
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t m = 0; m < w.blood.size(); ++m) result[i] += basis_[i].blood[m] * w.blood[m];
}

double FieldKrylov::norm(const FieldVector& w, int threads) {
    const std::size_t length = w.field.size();
    partial_.resize(blocks_of(length));
    for_parts(length, threads, [&](std::size_t begin, std::size_t end) {
        partial_[begin / k_field_block] = dot(&w.field[begin], &w.field[begin], end - begin);
    });
    double sum = 0.0;
    for (const double part : partial_) sum += part;
    for (const double b : w.blood) sum += b * b;
    return std::sqrt(sum);
}

FieldVector& FieldKrylov::vector_of(std::vector<FieldVector>& list, std::size_t index) {
    if (list.size() <= index) list.resize(index + 1);
    FieldVector& v = list[index];
    v.field.resize(multigrid_.length());
    v.blood.resize(bordered() ? border_.signal.size() : 0);
    return v;
}

int FieldKrylov::solve(const FieldVector& rhs, FieldVector& x, double reduction, int cycles, int threads) {
    const std::size_t length = multigrid_.length();
    x.field.assign(length, 0.0F);
    x.blood.assign(bordered() ? border_.signal.size() : 0, 0.0);
    const double target = reduction * norm(rhs, threads);
    int done = 0;
    std::vector<double> dot_products;
    while (done < cycles) {
        FieldVector& start = vector_of(basis_, 0);
        if (done == 0) {
            start = rhs;
            start.blood.resize(x.blood.size());
        } else {
            apply(x, start, threads);
            for (std::size_t i = 0; i < length; ++i) start.field[i] = rhs.field[i] - start.field[i];
            for (std::size_t m = 0; m < x.blood.size(); ++m) start.blood[m] = rhs.blood[m] - start.blood[m];
        }
        const double size = norm(start, threads);
        if (size <= target || !(size > 0.0)) break;
        const auto scale = [&](FieldVector& v, double factor) {
            for_parts(length, threads, [&](std::size_t begin, std::size_t end) {
                const float f = static_cast<float>(factor);
#pragma omp simd
                for (std::size_t i = begin; i < end; ++i) v.field[i] *= f;
            });
            for (double& b : v.blood) b *= factor;
        };
        scale(start, 1.0 / size);

        std::array<std::array<double, k_restart>, k_restart + 1> h{};  // triangular after the rotations
        std::array<double, k_restart> cosine{}, sine{};
        std::array<double, k_restart + 1> g{};
        g[0] = size;
        std::size_t used = 0;
        bool stop = false;
        for (std::size_t j = 0; j < k_restart && done < cycles && !stop; ++j) {
            FieldVector& z = vector_of(directions_, j);
            precondition(basis_[j], z, threads);
            done += bordered() && coupled_ ? 2 : 1;
            vector_of(basis_, j + 1);  // may move the list
            FieldVector& w = basis_[j + 1];
            apply(z, w, threads);
            dots(j + 1, w, threads, dot_products);
            for_parts(length, threads, [&](std::size_t begin, std::size_t end) {
                for (std::size_t i = 0; i <= j; ++i)
                    add(&w.field[begin], -dot_products[i], &basis_[i].field[begin], end - begin);
            });
            for (std::size_t i = 0; i <= j; ++i) {
                for (std::size_t m = 0; m < w.blood.size(); ++m) w.blood[m] -= dot_products[i] * basis_[i].blood[m];
                h[i][j] = dot_products[i];
            }
            const double rest = norm(w, threads);
            for (std::size_t i = 0; i < j; ++i) {
                const double a = h[i][j], b = h[i + 1][j];
                h[i][j] = cosine[i] * a + sine[i] * b;
                h[i + 1][j] = cosine[i] * b - sine[i] * a;
            }
            const double radius = std::sqrt(h[j][j] * h[j][j] + rest * rest);
            if (!(radius > 0.0)) break;
            cosine[j] = h[j][j] / radius;
            sine[j] = rest / radius;
            h[j][j] = radius;
            g[j + 1] = -sine[j] * g[j];
            g[j] *= cosine[j];
            used = j + 1;
            stop = std::fabs(g[j + 1]) <= target || !(rest > 1e-6 * radius);
            if (!stop) scale(w, 1.0 / rest);
        }
        if (used == 0) break;
        std::array<double, k_restart> y{};
        for (std::size_t i = used; i-- > 0;) {
            y[i] = g[i];
            for (std::size_t k = i + 1; k < used; ++k) y[i] -= h[i][k] * y[k];
            y[i] /= h[i][i];
        }
        for_parts(length, threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = 0; i < used; ++i)
                add(&x.field[begin], y[i], &directions_[i].field[begin], end - begin);
        });
        for (std::size_t i = 0; i < used; ++i)
            for (std::size_t m = 0; m < x.blood.size(); ++m) x.blood[m] += y[i] * directions_[i].blood[m];
        if (std::fabs(g[used]) <= target) break;
    }
    return done;
}

std::size_t FieldKrylov::memory() const {
    std::size_t numbers = reach_.capacity() + with_inflow_.field.capacity();
    for (const auto* list : {&basis_, &directions_})
        for (const FieldVector& v : *list) numbers += v.field.capacity();
    return numbers * sizeof(float);
}

}  // namespace lobule
