#include "tissue/fields.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/error.hpp"
#include "blocks.hpp"
#include "field_krylov.hpp"
#include "field_residual.hpp"

namespace lobule {
namespace {

constexpr double k_least_share = 0.01;      // of a concentration that is left by one step
constexpr double k_rescale_factor = 100.0;  // when a signal's typical concentration is off by more, units change
constexpr int k_halvings = 5;
constexpr double k_damping_first = 0.1, k_damping_most = 1e8;
constexpr int k_cycles_per_step = 40;
constexpr int k_cycles_easy = 24;  // a step that takes more renews what is kept of the border
constexpr double k_reduction_first = 0.05, k_reduction_least = 1e-3;
constexpr double k_divergence = 1e-6;  // of the flow through a voxel
/// [amount/um^3] In less there is not one molecule in a box of any size, whether in pg or fmol; in single precision it has no unit.
constexpr double k_nothing = 1e-30;
constexpr double k_rounding = 8.0 * std::numeric_limits<double>::epsilon();

std::vector<float> single(const std::vector<Signal>& signals, double Signal::*what) {
    std::vector<float> values;
    for (const Signal& s : signals) values.push_back(static_cast<float>(s.*what));
    return values;
}

std::vector<FieldBorder::Port> ports(const std::vector<double>& flow) {
    std::vector<FieldBorder::Port> list;
    for (std::size_t v = 0; v < flow.size(); ++v)
        if (flow[v] > 0.0) list.push_back({static_cast<std::uint32_t>(v), static_cast<float>(flow[v])});
    return list;
}

[[maybe_unused]] bool fits(const Medium& medium) {
    const std::size_t n = medium.grid.size(), faces = medium.flow.x.empty() ? 0 : n;
    bool fit = medium.fluid.size() == n;
    for (const auto* values : {&medium.flow.x, &medium.flow.y, &medium.flow.z, &medium.inflow, &medium.outflow})
        fit = fit && values->size() == faces;
    return fit;
}

/// Throws where the flow loses more than rounding.
void check_flow(const Medium& medium) {
    const Grid& grid = medium.grid;
    if (medium.flow.x.empty()) return;
    const auto before = [](std::int32_t i, std::int32_t count) { return (i == 0 ? count : i) - 1; };
    // Against all of the blood too: where hardly any flows, the rounding of the whole is what is lost.
    const double all = std::accumulate(medium.inflow.begin(), medium.inflow.end(), 0.0);
    std::size_t v = 0;
    for (std::int32_t k = 0; k < grid.nz; ++k)
        for (std::int32_t j = 0; j < grid.ny; ++j)
            for (std::int32_t i = 0; i < grid.nx; ++i, ++v) {
                const FaceFlow& q = medium.flow;
                const double in[3] = {q.x[static_cast<std::size_t>(grid.number(before(i, grid.nx), j, k))],
                                      q.y[static_cast<std::size_t>(grid.number(i, before(j, grid.ny), k))],
                                      q.z[static_cast<std::size_t>(grid.number(i, j, before(k, grid.nz)))]};
                const double out[3] = {q.x[v], q.y[v], q.z[v]};
                double sum = medium.inflow[v] - medium.outflow[v], size = medium.inflow[v] + medium.outflow[v];
                for (int a = 0; a < 3; ++a) {
                    sum += in[a] - out[a];
                    size += std::fabs(in[a]) + std::fabs(out[a]);
                }
                if (!(std::fabs(sum) <= k_divergence * (size + all)))
                    throw RunError(
                        fmt::format("flow in tissue: {:.3g} um^3/h of {:.3g} um^3/h are lost in voxel ({}, {}, {})",
                                    sum, size, i, j, k));
            }
}

}  // namespace

class Fields::Solver {
public:
    Solver(const Medium& medium, std::vector<Signal> signals, std::array<std::vector<double>, 3> conductance)
        : grid_(medium.grid),
          levels_(field_levels(medium, conductance)),
          residual_(medium, std::move(signals), std::move(conductance)),
          scale_(residual_.signals().size(), 1.0) {
        for (const double q : residual_.inflow()) inflow_ += q;
    }

    FieldReport solve(std::span<double> c, std::span<double> blood, const FieldProblem& problem,
                      const FieldControl& control);
    std::size_t memory() const;

private:
    /// Where the search is.
    struct Point {
        std::vector<double> c, blood;
        std::vector<FieldTotals> totals;
        std::vector<double> g, by_blood, by_out, size;  // the body's equations, and what each g is a difference of
    };

    std::size_t signals() const { return scale_.size(); }
    bool with_body(const FieldProblem& problem) const { return problem.body != nullptr && !krylov_->carried().empty(); }
    void prepare(const FieldProblem& problem);
    void evaluate(Point& point, const FieldProblem& problem, double damping, int threads);
    double lacking(const Point& point, double tolerance) const;
    bool rescale(const Point& point, bool may_fall);
    std::vector<double> typical(const Point& point) const;
    double merit(const Point& point, const std::vector<double>& scale) const;
    std::pair<double, double> merits(const Point& from, const Point& to) const;
    double body_weight(const Point& point, std::size_t row, const std::vector<double>& scale) const;
    int border(const Point& point, bool renew, int threads);
    void step(const Point& from, double length, Point& to, int threads) const;
    FieldReport report(const Point& point, FieldReport so_far) const;
    [[noreturn]] void fail(Point& point, const FieldProblem& problem, const FieldReport& so_far, const char* why);

    Grid grid_;
    std::vector<FieldLevel> levels_;
    FieldResidual residual_;
    double inflow_ = 0.0;        // of all voxels [um^3/h]
    std::vector<double> scale_;  // [amount/um^3] of each signal: the unit of the linear algebra
    std::vector<std::pair<int, int>> pairs_;
    std::unique_ptr<FieldMultigrid> multigrid_;
    std::unique_ptr<FieldKrylov> krylov_;
    FieldVector rhs_, change_;
    std::vector<double> content_;  // of the bound signals
    bool reach_is_old_ = true;
    Point now_, next_;
};

/// The matrices have the shape of the reactions' pairs.
void Fields::Solver::prepare(const FieldProblem& problem) {
    std::vector<std::pair<int, int>> pairs;
    if (problem.reactions != nullptr)
        pairs.assign(problem.reactions->pairs().begin(), problem.reactions->pairs().end());
    if (multigrid_ && pairs == pairs_) return;
    pairs_ = pairs;
    for (std::size_t s = 0; s < signals(); ++s)
        if (std::erase(pairs, std::pair<int, int>(static_cast<int>(s), static_cast<int>(s))) > 1)
            throw Bug("a pair of signals is given twice");
    const std::vector<float> carried = single(residual_.signals(), &Signal::carried);
    multigrid_ =
        std::make_unique<FieldMultigrid>(levels_, single(residual_.signals(), &Signal::diffusion), carried,
                                         FieldBlock(static_cast<int>(signals()), pairs), residual_.bound() > 0);
    content_.assign(residual_.bound() * residual_.voxels(), 0.0);
    krylov_ =
        std::make_unique<FieldKrylov>(*multigrid_, carried, ports(residual_.inflow()), ports(residual_.outflow()));
    rhs_.field.assign(multigrid_->length(), 0.0F);
    reach_is_old_ = true;
}

void Fields::Solver::evaluate(Point& point, const FieldProblem& problem, double damping, int threads) {
    point.totals = residual_.evaluate(point.c, point.blood, problem,
                                      {&multigrid_->block(), scale_.data(), damping, rhs_.field.data(),
                                       multigrid_->local().data(), content_.data(), multigrid_->slope()},
                                      threads);
    if (!with_body(problem)) return;
    const std::vector<int>& carried = krylov_->carried();
    const std::size_t m = carried.size();
    std::vector<double> b(m), out(m);
    for (std::size_t r = 0; r < m; ++r) {
        b[r] = point.blood[static_cast<std::size_t>(carried[r])];
        out[r] = point.totals[static_cast<std::size_t>(carried[r])].left;
    }
    point.g.assign(m, 0.0);
    point.by_blood.assign(m * m, 0.0);
    point.by_out.assign(m * m, 0.0);
    problem.body->evaluate(b, out, point.g, point.by_blood, point.by_out);
    point.size.assign(m, 0.0);
    for (std::size_t r = 0; r < m; ++r)
        for (std::size_t k = 0; k < m; ++k)
            point.size[r] += std::fabs(point.by_blood[r * m + k] * b[k]) + std::fabs(point.by_out[r * m + k] * out[k]);
}

/// How far the worst signal is from its tolerance, as a factor; 1 or less: it is solved. Not a number where a rate is not.
double Fields::Solver::lacking(const Point& point, double tolerance) const {
    double worst = 0.0;
    const double spread = std::sqrt(static_cast<double>(residual_.voxels()));
    for (const FieldTotals& t : point.totals) {
        const double allowed = tolerance * t.gross + k_nothing * t.loss, floor = k_rounding * t.terms;
        if (t.absolute > 0.0) worst = std::max(worst, t.absolute / (allowed + floor));
        if (t.residual != 0.0) worst = std::max(worst, std::fabs(t.residual) / (allowed + floor / spread));
        if (!std::isfinite(t.absolute)) return std::numeric_limits<double>::quiet_NaN();
    }
    for (std::size_t r = 0; r < point.g.size(); ++r) {
        if (point.g[r] != 0.0) worst = std::max(worst, std::fabs(point.g[r]) / (tolerance * point.size[r]));
        if (!std::isfinite(point.g[r])) return std::numeric_limits<double>::quiet_NaN();
    }
    return worst;
}

/// How large each signal's concentrations are, or will be after a step.
std::vector<double> Fields::Solver::typical(const Point& point) const {
    std::vector<double> size(signals());
    for (std::size_t s = 0; s < signals(); ++s) {
        // As if all were mixed: what is too much, over the conductance by which it is lost.
        const FieldTotals& t = point.totals[s];
        const double mixed = t.loss > 0.0 ? std::fabs(t.residual) / t.loss : 0.0;
        size[s] = std::max(t.c_max, mixed);
        if (!residual_.signals()[s].bound) size[s] = std::max(size[s], point.blood[s]);  // else a content
    }
    const std::size_t m = point.g.size();
    for (std::size_t r = 0; r < m; ++r) {
        const auto s = static_cast<std::size_t>(krylov_->carried()[r]);
        if (residual_.signals()[s].bound) continue;
        double& own = size[s];
        const double slope = std::fabs(point.by_blood[r * m + r]);
        if (slope > 0.0) own = std::max(own, std::fabs(point.g[r]) / slope);
    }
    // What is still low may be called for by others. Once each, for calls may go in circles.
    std::vector<char> raised(signals(), 0);
    for (bool any = true; any;) {
        any = false;
        for (std::size_t s = 0; s < signals(); ++s) {
            double called = 0.0;
            for (std::size_t t = 0; t < signals(); ++t) called = std::max(called, point.totals[s].calls[t] * size[t]);
            if (raised[s] || !(called > k_rescale_factor * size[s] * point.totals[s].loss)) continue;
            if (!(point.totals[s].loss > 0.0)) continue;
            size[s] = called / point.totals[s].loss;
            raised[s] = 1;
            any = true;
        }
    }
    for (double& own : size)
        if (own > 0.0) own = std::max(own, k_nothing);
    return size;
}

/// New units for all when the concentrations of one are far from its old one. Says whether there are any.
bool Fields::Solver::rescale(const Point& point, bool may_fall) {
    const std::vector<double> size = typical(point);
    const auto usable = [](double value) { return value > 0.0 && std::isfinite(value); };
    bool any = false;
    for (std::size_t s = 0; s < signals(); ++s)
        any = any || (usable(size[s]) &&
                      (size[s] > k_rescale_factor * scale_[s] || (may_fall && size[s] * k_rescale_factor < scale_[s])));
    if (!any) return false;
    for (std::size_t s = 0; s < signals(); ++s)
        if (usable(size[s])) scale_[s] = may_fall ? size[s] : std::max(scale_[s], size[s]);
    return true;
}

/// Brings an equation of the body to the size of the voxels' ones [um^3/h].
double Fields::Solver::body_weight(const Point& point, std::size_t row, const std::vector<double>& scale) const {
    const std::size_t m = point.g.size();
    double sum = 0.0;
    for (std::size_t k = 0; k < m; ++k)
        sum += std::fabs(point.by_blood[row * m + k]) * scale[static_cast<std::size_t>(krylov_->carried()[k])];
    return sum > 0.0 ? inflow_ / sum : 0.0;
}

double Fields::Solver::merit(const Point& point, const std::vector<double>& scale) const {
    double sum = 0.0;
    for (std::size_t s = 0; s < signals(); ++s) sum += point.totals[s].squares / (scale[s] * scale[s]);
    for (std::size_t r = 0; r < point.g.size(); ++r) {
        const double g = point.g[r] * body_weight(point, r, scale);
        sum += g * g;
    }
    return std::sqrt(sum);
}

/// Merits of a point and of one that a step leads to. The unit of a signal that only just appeared may be far too small.
std::pair<double, double> Fields::Solver::merits(const Point& from, const Point& to) const {
    std::vector<double> scale = typical(to);
    for (std::size_t s = 0; s < signals(); ++s) scale[s] = std::max(scale[s], scale_[s]);
    return {merit(from, scale), merit(to, scale)};
}

/// The body's rows in the units of the linear algebra. Returns cycles.
int Fields::Solver::border(const Point& point, bool renew, int threads) {
    const std::size_t m = point.g.size();
    std::vector<double> by_blood(m * m), by_out(m * m);
    rhs_.blood.assign(m, 0.0);
    for (std::size_t r = 0; r < m; ++r) {
        const double weight = body_weight(point, r, scale_);
        rhs_.blood[r] = -weight * point.g[r];
        for (std::size_t k = 0; k < m; ++k) {
            const double unit = weight * scale_[static_cast<std::size_t>(krylov_->carried()[k])];
            by_blood[r * m + k] = unit * point.by_blood[r * m + k];
            by_out[r * m + k] = unit * point.by_out[r * m + k];
        }
    }
    return krylov_->set_border(std::move(by_blood), std::move(by_out), renew, threads);
}

/// to = from + length * change, but no value below a small share of what it was.
void Fields::Solver::step(const Point& from, double length, Point& to, int threads) const {
    const std::size_t n = residual_.voxels(), padded = static_cast<std::size_t>(multigrid_->block().padded);
    const auto moved = [](double value, double change) { return std::max(value + change, k_least_share * value); };
    for_blocks((n + k_field_block - 1) / k_field_block, threads, [&](std::size_t b) {
        const std::size_t begin = b * k_field_block, end = std::min(n, begin + k_field_block);
        for (std::size_t s = 0; s < signals(); ++s) {
            const double unit = length * scale_[s];
            const float* change = change_.field.data() + s;
            const double* old = &from.c[s * n];
            double* c = &to.c[s * n];
            for (std::size_t v = begin; v < end; ++v)
                c[v] = moved(old[v], unit * static_cast<double>(change[v * padded]));
        }
    });
    to.blood = from.blood;
    for (std::size_t r = 0; r < from.g.size(); ++r) {
        const std::size_t s = static_cast<std::size_t>(krylov_->carried()[r]);
        to.blood[s] = moved(from.blood[s], length * scale_[s] * change_.blood[r]);
    }
}

FieldReport Fields::Solver::report(const Point& point, FieldReport so_far) const {
    for (const FieldTotals& t : point.totals)
        so_far.balance.push_back({t.made, t.taken, t.entered, t.left, t.stored, t.gross, t.residual});
    return so_far;
}

void Fields::Solver::fail(Point& point, const FieldProblem& problem, const FieldReport& so_far, const char* why) {
    evaluate(point, problem, 0.0, 1);  // for the residuals, which may be those of a step that was refused
    std::size_t worst = 0;
    const auto share = [&](std::size_t s) {
        const FieldTotals& t = point.totals[s];
        return std::isfinite(t.absolute) ? t.absolute / (t.gross + k_rounding * t.terms)
                                         : std::numeric_limits<double>::infinity();
    };
    for (std::size_t s = 1; s < signals(); ++s)
        if (share(s) > share(worst)) worst = s;
    const FieldTotals& t = point.totals[worst];
    const auto nx = static_cast<std::size_t>(grid_.nx), ny = static_cast<std::size_t>(grid_.ny);
    // Of several that are not numbers the first.
    const std::size_t padded = static_cast<std::size_t>(multigrid_->block().padded);
    std::size_t v = 0;
    const auto residual = [&](std::size_t u) { return std::fabs(rhs_.field[u * padded + worst]); };
    for (std::size_t u = 1; u < residual_.voxels() && residual(v) == residual(v); ++u)
        if (!(residual(u) <= residual(v))) v = u;
    std::string text = fmt::format(
        "signals in tissue: {} after {} Newton steps and {} multigrid cycles. Worst is '{}': residual {:.3g} of its "
        "gross "
        "flux {:.3g} per h; in voxel ({}, {}, {}) residual {:.3g} per h at concentration {:.3g} per um^3",
        why, so_far.newton_steps, so_far.cycles, residual_.signals()[worst].name, t.absolute, t.gross, v % nx,
        v / nx % ny, v / nx / ny, scale_[worst] * static_cast<double>(residual(v)),
        point.c[worst * residual_.voxels() + v]);
    for (std::size_t r = 0; r < point.g.size(); ++r)
        text += fmt::format("; body, '{}': {:.3g} of {:.3g}",
                            residual_.signals()[static_cast<std::size_t>(krylov_->carried()[r])].name, point.g[r],
                            point.size[r]);
    throw RunError(text);
}

FieldReport Fields::Solver::solve(std::span<double> c, std::span<double> blood, const FieldProblem& problem,
                                  const FieldControl& control) {
    const std::size_t length = signals() * residual_.voxels();
    LOBULE_ASSERT(c.size() == length && blood.size() == signals(), c.size(), blood.size());
    LOBULE_ASSERT(problem.per_step == 0.0 || problem.old.size() == length, problem.old.size());
    const int threads = control.threads;
    prepare(problem);
    now_.c.assign(c.begin(), c.end());
    now_.blood.assign(blood.begin(), blood.end());
    now_.g.clear();
    next_.g.clear();
    FieldReport so_far;

    evaluate(now_, problem, 0.0, threads);
    double lack = lacking(now_, control.tolerance);
    if (lack <= 1.0) {
        so_far.skipped = true;
        return report(now_, so_far);
    }
    next_.c.resize(length);
    double damping = 0.0, reduction = k_reduction_first;
    while (!(lack <= 1.0)) {
        if (std::isnan(lack)) fail(now_, problem, so_far, "a rate is not a number");
        if (so_far.newton_steps >= control.newton_steps) fail(now_, problem, so_far, "no solution");
        if (rescale(now_, so_far.newton_steps == 0)) {
            evaluate(now_, problem, damping, threads);
            reach_is_old_ = true;
        }
        multigrid_->factor(threads);
        so_far.cycles += border(now_, reach_is_old_, threads);
        // No better than is needed to end with this step.
        const double wanted = std::max(reduction, 0.3 / lack);
        const int cycles = krylov_->solve(rhs_, change_, wanted, k_cycles_per_step, threads);
        so_far.cycles += cycles;
        reach_is_old_ = cycles > k_cycles_easy;
        ++so_far.newton_steps;

        double share = 1.0;
        bool better = false;
        for (int halving = 0; halving <= k_halvings && !better; ++halving, share *= 0.5) {
            step(now_, share, next_, threads);
            evaluate(next_, problem, damping, threads);
            const auto [before, after] = merits(now_, next_);
            better = after <= (1.0 - 1e-4 * share) * before || lacking(next_, control.tolerance) <= 1.0;
            if (better)
                reduction = std::clamp(0.5 * (after / before) * (after / before), k_reduction_least, k_reduction_first);
        }
        if (better) {
            std::swap(now_, next_);
            if (damping > 0.0) {
                damping = damping > k_damping_first ? 0.25 * damping : 0.0;
                evaluate(now_, problem, damping, threads);
            }
        } else {
            damping = std::max(k_damping_first, 8.0 * damping);
            if (damping > k_damping_most) fail(now_, problem, so_far, "no step leads nearer to a solution");
            evaluate(now_, problem, damping, threads);
        }
        lack = lacking(now_, control.tolerance);
    }
    std::copy(now_.c.begin(), now_.c.end(), c.begin());
    std::copy(now_.blood.begin(), now_.blood.end(), blood.begin());
    return report(now_, so_far);
}

std::size_t Fields::Solver::memory() const {
    std::size_t bytes = residual_.memory();
    for (const FieldLevel& level : levels_) bytes += level.memory();
    if (multigrid_) bytes += multigrid_->memory() + krylov_->memory();
    bytes += sizeof(double) * (now_.c.capacity() + next_.c.capacity() + content_.capacity());
    bytes += sizeof(float) * (rhs_.field.capacity() + change_.field.capacity());
    return bytes;
}

Fields::Fields(const Medium& medium, std::vector<Signal> signals) {
    LOBULE_ASSERT(fits(medium), medium.grid.size(), medium.fluid.size(), medium.flow.x.size());
    LOBULE_ASSERT(!signals.empty() && signals.size() <= static_cast<std::size_t>(k_signals_max), signals.size());
    check_flow(medium);
    solver_ = std::make_unique<Solver>(medium, std::move(signals), face_conductances(medium.grid, medium.fluid));
}
Fields::~Fields() = default;
Fields::Fields(Fields&&) noexcept = default;
Fields& Fields::operator=(Fields&&) noexcept = default;

FieldReport Fields::solve(std::span<double> c, std::span<double> blood, const FieldProblem& problem,
                          const FieldControl& control) {
    return solver_->solve(c, blood, problem, control);
}
std::size_t Fields::memory() const { return solver_->memory(); }

void diffuse_amounts(const Grid& grid, std::span<const double> fluid, double diffusion, double dt,
                     std::span<double> amounts, int threads) {
    double before = 0.0, after = 0.0;
    for (const double a : amounts) before += a;
    if (!(before > 0.0) || diffusion == 0.0) return;
    Medium medium;
    medium.grid = grid;
    medium.fluid.assign(fluid.begin(), fluid.end());
    Fields fields(medium, {{"amount", diffusion, 0.0}});
    std::vector<double> c(amounts.size());
    for (std::size_t v = 0; v < c.size(); ++v) c[v] = fluid[v] > 0.0 ? amounts[v] / fluid[v] : 0.0;
    const std::vector<double> old = c;
    std::vector<double> blood(1, 0.0);
    FieldProblem problem;
    problem.per_step = 1.0 / dt;
    problem.old = old;
    FieldControl control;
    control.threads = threads;
    fields.solve(c, blood, problem, control);
    for (std::size_t v = 0; v < c.size(); ++v) after += c[v] * fluid[v];
    // The solver's tolerance is the only loss: spread over all, it makes nothing negative.
    for (std::size_t v = 0; v < c.size(); ++v) amounts[v] = c[v] * fluid[v] * (before / after);
}

}  // namespace lobule
