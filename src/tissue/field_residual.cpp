#include "field_residual.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/assert.hpp"
#include "blocks.hpp"

namespace lobule {
namespace {

constexpr std::size_t k_block_voxels = 512;
constexpr std::size_t k_lanes = 4;

/// Several sums side by side, so that their order does not depend on the width of vectors.
struct Lanes {
    double value[k_lanes] = {};
    double total() const { return (value[0] + value[1]) + (value[2] + value[3]); }
};

}  // namespace

void FieldTotals::add(const FieldTotals& o) {
    made += o.made, taken += o.taken, entered += o.entered, left += o.left, stored += o.stored, gross += o.gross;
    residual += o.residual, absolute += o.absolute, squares += o.squares, terms += o.terms;
    loss += o.loss;
    for (std::size_t t = 0; t < calls.size(); ++t) calls[t] += o.calls[t];
    c_max = std::max(c_max, o.c_max);
}

FieldResidual::FieldResidual(const Medium& medium, std::vector<Signal> signals,
                             std::array<std::vector<double>, 3> conductance)
    : nx_(static_cast<std::size_t>(medium.grid.nx)),
      ny_(static_cast<std::size_t>(medium.grid.ny)),
      nz_(static_cast<std::size_t>(medium.grid.nz)),
      voxels_(medium.grid.size()),
      signals_(std::move(signals)),
      conductance_(std::move(conductance)),
      fluid_(medium.fluid),
      inflow_(medium.inflow),
      outflow_(medium.outflow) {
    if (medium.flow.x.empty()) return;
    flow_ = {medium.flow.x, medium.flow.y, medium.flow.z};
    for (std::size_t s = 0; s < signals_.size(); ++s)
        if (signals_[s].bound && signals_[s].carried > 0.0) bound_.push_back(s);
}

/// Adds to r what diffuses through the faces of a row, and to `out` the row's conductances to leave a voxel by them.
void FieldResidual::diffuse(std::size_t row, double diffusion, const double* c, double* r, double* out) const {
    const std::size_t j = row % ny_, k = row / ny_, here = row * nx_;
    const std::size_t south = (k * ny_ + (j == 0 ? ny_ : j) - 1) * nx_, north = (k * ny_ + (j + 1) % ny_) * nx_;
    const std::size_t below = (((k == 0 ? nz_ : k) - 1) * ny_ + j) * nx_, above = ((k + 1) % nz_ * ny_ + j) * nx_;
    const double *gx = conductance_[0].data(), *gy = conductance_[1].data(), *gz = conductance_[2].data();
    const auto faces = [&](std::size_t i, std::size_t west, std::size_t east) __attribute__((always_inline)) {
        const std::size_t v = here + i;
        // Differences first: what enters one voxel is, to the last bit, what leaves the other.
        const double x = gx[v] * (c[east] - c[v]) - gx[west] * (c[v] - c[west]);
        const double y = gy[v] * (c[north + i] - c[v]) - gy[south + i] * (c[v] - c[south + i]);
        const double z = gz[v] * (c[above + i] - c[v]) - gz[below + i] * (c[v] - c[below + i]);
        r[i] += diffusion * (x + y + z);
        out[i] += diffusion * (gx[v] + gx[west] + gy[v] + gy[south + i] + gz[v] + gz[below + i]);
    };
    faces(0, here + nx_ - 1, here + (nx_ > 1 ? 1 : 0));
#pragma omp simd
    for (std::size_t i = 1; i < nx_ - 1; ++i) faces(i, here + i - 1, here + i + 1);
    if (nx_ > 1) faces(nx_ - 1, here + nx_ - 2, here);
}

/// The same for what blood carries.
void FieldResidual::carry(std::size_t row, double carried, const double* c, double* r, double* out) const {
    if (carried == 0.0 || flow_[0].empty()) return;
    const std::size_t j = row % ny_, k = row / ny_, here = row * nx_;
    const std::size_t south = (k * ny_ + (j == 0 ? ny_ : j) - 1) * nx_, north = (k * ny_ + (j + 1) % ny_) * nx_;
    const std::size_t below = (((k == 0 ? nz_ : k) - 1) * ny_ + j) * nx_, above = ((k + 1) % nz_ * ny_ + j) * nx_;
    const auto through = [&](double q, double from, double to) __attribute__((always_inline)) {
        return q > 0.0 ? q * from : q * to;
    };
    const auto upwind = [&](std::size_t i, std::size_t west, std::size_t east) __attribute__((always_inline)) {
        const std::size_t v = here + i;
        const double *qx = flow_[0].data(), *qy = flow_[1].data(), *qz = flow_[2].data();
        double in = through(qx[west], c[west], c[v]) - through(qx[v], c[v], c[east]);
        in += through(qy[south + i], c[south + i], c[v]) - through(qy[v], c[v], c[north + i]);
        in += through(qz[below + i], c[below + i], c[v]) - through(qz[v], c[v], c[above + i]);
        r[i] += carried * in;
        out[i] += carried * (std::max(qx[v], 0.0) + std::max(-qx[west], 0.0) + std::max(qy[v], 0.0) +
                             std::max(-qy[south + i], 0.0) + std::max(qz[v], 0.0) + std::max(-qz[below + i], 0.0));
    };
    for (std::size_t i = 0; i < nx_; ++i) upwind(i, here + (i == 0 ? nx_ : i) - 1, here + (i + 1 == nx_ ? 0 : i + 1));
}

/// What is the same for all blocks of one evaluation.
struct FieldResidual::Task {
    const std::vector<double>& c;
    const std::vector<double>& blood;
    const FieldProblem& problem;
    const Linear& linear;
    std::span<const std::pair<int, int>> pairs;
    std::vector<std::size_t> place;  // of the k-th slope in a voxel's matrix
};

/// What the flow carries of the bound signals in voxels begin ... end - 1.
void FieldResidual::fill_contents(const Task& task, std::size_t begin, std::size_t end) const {
    const std::size_t count = end - begin, padded = static_cast<std::size_t>(task.linear.block->padded);
    thread_local std::vector<double> slopes;
    slopes.resize(bound_.size() * count);
    std::vector<const double*> c_of;
    std::vector<double*> content, slope;
    for (std::size_t s = 0; s < signals_.size(); ++s) c_of.push_back(&task.c[s * voxels_ + begin]);
    for (std::size_t k = 0; k < bound_.size(); ++k) {
        content.push_back(task.linear.content + k * voxels_ + begin);
        slope.push_back(&slopes[k * count]);
    }
    task.problem.carriage->evaluate(begin, count, c_of.data(), content.data(), slope.data());
    float* const to = task.linear.slope + begin * padded;
    std::fill(to, to + count * padded, 1.0F);
    for (std::size_t k = 0; k < bound_.size(); ++k)
        for (std::size_t i = 0; i < count; ++i) to[i * padded + bound_[k]] = static_cast<float>(slope[k][i]);
}

/// Rows row0 ... row1 - 1: their part of `linear` and of the sums.
void FieldResidual::block(const Task& task, std::size_t row0, std::size_t row1, FieldTotals* totals) const {
    const std::size_t signals = signals_.size(), pairs = task.pairs.size();
    const std::size_t first = row0 * nx_, count = (row1 - row0) * nx_;
    const std::size_t padded = static_cast<std::size_t>(task.linear.block->padded);
    const std::size_t stride = static_cast<std::size_t>(task.linear.block->stride);
    const double* scale = task.linear.scale;

    thread_local std::vector<double> work;
    work.resize((2 * signals + pairs + 4) * count);
    std::vector<const double*> c_of(signals);
    std::vector<double*> made(signals), taken(signals), slope(pairs);
    for (std::size_t s = 0; s < signals; ++s) {
        c_of[s] = &task.c[s * voxels_ + first];
        made[s] = &work[2 * s * count];
        taken[s] = made[s] + count;
    }
    for (std::size_t p = 0; p < pairs; ++p) slope[p] = &work[(2 * signals + p) * count];
    double* const in = &work[(2 * signals + pairs) * count];  // by transport
    double* const out = in + count;                           // conductance of transport
    double* const loss = out + count;                         // conductance of all that leaves the tissue for good
    double* const extra = loss + count;                       // conductance of flow that carries more than c
    if (task.problem.reactions != nullptr)
        task.problem.reactions->evaluate(first, count, c_of.data(), made.data(), taken.data(), slope.data());
    else
        std::fill(work.begin(), work.begin() + static_cast<std::ptrdiff_t>(2 * signals * count), 0.0);

    float* const local = task.linear.local + first * stride;
    std::fill(local, local + count * stride, 0.0F);
    for (std::size_t p = 0; p < pairs; ++p) {
        const std::size_t s = static_cast<std::size_t>(task.pairs[p].first);
        const double unit = scale[static_cast<std::size_t>(task.pairs[p].second)] / scale[s];
        const double damping = task.linear.damping * unit;
        float* const to = local + task.place[p];
        for (std::size_t i = 0; i < count; ++i) to[i * stride] -= static_cast<float>(unit * slope[p][i]);
        if (damping > 0.0)
            for (std::size_t i = 0; i < count; ++i)
                local[i * stride + s] += static_cast<float>(damping * std::fabs(slope[p][i]));
    }

    for (std::size_t s = 0, k = 0; s < signals; ++s) {
        const Signal& signal = signals_[s];
        FieldTotals& t = totals[s];
        const bool bound = k < bound_.size() && bound_[k] == s;
        const double* const content = bound ? task.linear.content + k++ * voxels_ : &task.c[s * voxels_];
        std::fill(in, in + 3 * count, 0.0);
        for (std::size_t row = row0; row < row1; ++row) {
            const std::size_t at = (row - row0) * nx_;
            diffuse(row, signal.diffusion, &task.c[s * voxels_], in + at, out + at);
            if (!bound) carry(row, signal.carried, content, in + at, out + at);
        }
        double carried_terms = 0.0;  // what `out` by concentration does not tell
        if (bound) {
            std::fill(extra, extra + count, 0.0);
            for (std::size_t row = row0; row < row1; ++row)
                carry(row, signal.carried, content, in + (row - row0) * nx_, extra + (row - row0) * nx_);
            for (std::size_t i = 0; i < count; ++i) carried_terms += extra[i] * content[first + i];
        }
        for (std::size_t p = 0; p < pairs; ++p) {
            if (static_cast<std::size_t>(task.pairs[p].first) != s) continue;
            const std::size_t by = static_cast<std::size_t>(task.pairs[p].second);
            for (std::size_t i = 0; i < count; ++i) {
                if (by == s)
                    loss[i] += std::max(-slope[p][i], 0.0);
                else
                    t.calls[by] += std::fabs(slope[p][i]);
            }
        }
        if (signal.carried > 0.0 && !inflow_.empty())
            for (std::size_t i = 0; i < count; ++i) {
                const double entered = signal.carried * inflow_[first + i] * task.blood[s];
                const double leaves = signal.carried * outflow_[first + i], left = leaves * content[first + i];
                in[i] += entered - left;
                loss[i] += bound ? leaves * static_cast<double>(task.linear.slope[(first + i) * padded + s]) : leaves;
                t.entered += entered;
                t.left += left;
            }
        if (signal.slow && task.problem.per_step > 0.0)
            for (std::size_t i = 0; i < count; ++i) {
                const double held = fluid_[first + i] * task.problem.per_step;
                const double stored = held * (c_of[s][i] - task.problem.old[s * voxels_ + first + i]);
                in[i] -= stored;
                loss[i] += held;
                t.stored += stored;
                t.gross += std::fabs(stored);
                local[i * stride + s] += static_cast<float>(held);
            }

        const float unit = static_cast<float>(1.0 / scale[s]);
        float* const residual = task.linear.residual + first * padded + s;
        Lanes sum_made, sum_taken, sum, absolute, squares, terms, lost, most;
        const auto add = [&](std::size_t i, std::size_t lane) __attribute__((always_inline)) {
            const double here = in[i] + (made[s][i] - taken[s][i]);
            sum_made.value[lane] += made[s][i];
            sum_taken.value[lane] += taken[s][i];
            sum.value[lane] += here;
            absolute.value[lane] += std::fabs(here);
            squares.value[lane] += here * here;
            terms.value[lane] += out[i] * c_of[s][i];
            lost.value[lane] += loss[i];
            most.value[lane] = std::max(most.value[lane], c_of[s][i]);
            residual[i * padded] = static_cast<float>(here) * unit;
        };
        const std::size_t whole = count / k_lanes * k_lanes;
        for (std::size_t i = 0; i < whole; i += k_lanes)
#pragma omp simd
            for (std::size_t lane = 0; lane < k_lanes; ++lane) add(i + lane, lane);
        for (std::size_t i = whole; i < count; ++i) add(i, 0);
        t.made = sum_made.total();
        t.taken = sum_taken.total();
        t.residual = sum.total();
        t.absolute = absolute.total();
        t.squares = squares.total();
        t.loss = lost.total();
        t.c_max = *std::max_element(most.value, most.value + k_lanes);
        t.gross += t.made + t.taken + t.entered + t.left;
        t.terms = terms.total() + carried_terms + t.gross;
    }
}

std::vector<FieldTotals> FieldResidual::evaluate(const std::vector<double>& c, const std::vector<double>& blood,
                                                 const FieldProblem& problem, const Linear& linear, int threads) const {
    Task task{c, blood, problem, linear, {}, {}};
    if (problem.reactions != nullptr) task.pairs = problem.reactions->pairs();
    for (const auto& [s, t] : task.pairs) {
        std::size_t place = static_cast<std::size_t>(s);
        for (const FieldBlock::Entry& e : linear.block->coupling)
            if (e.row == s && e.column == t) place = static_cast<std::size_t>(e.place);
        task.place.push_back(place);
    }
    const std::size_t signals = signals_.size(), rows = ny_ * nz_;
    const std::size_t each = std::max<std::size_t>(1, k_block_voxels / nx_), blocks = (rows + each - 1) / each;
    if (!bound_.empty()) {
        LOBULE_ASSERT(problem.carriage != nullptr && linear.slope != nullptr, bound_.size());
        for_blocks(blocks, threads,
                   [&](std::size_t b) { fill_contents(task, b * each * nx_, std::min(rows, (b + 1) * each) * nx_); });
    }
    std::vector<FieldTotals> partial(blocks * signals);
    for_blocks(blocks, threads,
               [&](std::size_t b) { block(task, b * each, std::min(rows, (b + 1) * each), &partial[b * signals]); });
    std::vector<FieldTotals> totals(signals);
    for (std::size_t p = 0; p < partial.size(); ++p) totals[p % signals].add(partial[p]);
    return totals;
}

std::size_t FieldResidual::memory() const {
    std::size_t numbers = fluid_.capacity() + inflow_.capacity() + outflow_.capacity();
    for (std::size_t a = 0; a < 3; ++a) numbers += conductance_[a].capacity() + flow_[a].capacity();
    return numbers * sizeof(double);
}

}  // namespace lobule
