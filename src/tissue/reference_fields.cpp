#include "tissue/reference_fields.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "blocks.hpp"
#include "field_multigrid.hpp"
#include "tissue/fields.hpp"
#include "tissue/lod_step.hpp"

namespace lobule {
namespace {

constexpr std::size_t k_signals = LobuleWork::k_signals;
constexpr double k_edge = 20.0, k_voxel = k_edge * k_edge * k_edge;  // [um], [um^3]
constexpr double k_cell = 8000.0;                                    // [um^3]
constexpr double k_diffusion = 1e5, k_decay = 0.1, k_uptake = 0.1;   // [um^2/min], [1/min], [1/min]

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// The voxels that the cells lie in, around the origin, with layers of nothing at the far ends if asked for.
struct Room {
    static constexpr std::int32_t k_nx = 52, k_ny = 46, k_nz = 10;
    Grid grid;

    explicit Room(std::int32_t layers) {
        grid.nx = k_nx + layers, grid.ny = k_ny + layers, grid.nz = k_nz + layers;
        grid.box.lengths = {k_edge * grid.nx, k_edge * grid.ny, k_edge * grid.nz};
    }
    static Vec3 corner() { return {-0.5 * k_edge * k_nx, -0.5 * k_edge * k_ny, -0.5 * k_edge * k_nz}; }
    bool inside(std::int32_t v) const {
        return v % grid.nx < k_nx && v / grid.nx % grid.ny < k_ny && v / grid.nx / grid.ny < k_nz;
    }
    /// Near an edge of the prism.
    bool fixed(std::int32_t v) const {
        constexpr double k_near = 45.0, k_circumradius = 500.0;
        if (!inside(v)) return false;
        const Vec3 p = grid.centre(v) + corner();
        const double across = 0.5 * k_circumradius, up = 0.5 * std::sqrt(3.0) * k_circumradius;
        for (const auto& [x, y] : {std::pair(k_circumradius, 0.0), std::pair(across, up)})
            if (std::hypot(std::fabs(p.x) - x, std::fabs(p.y) - y) <= k_near) return true;
        return false;
    }
    /// How many cells are in each voxel; those that left the room count at its wall.
    std::vector<double> count(const SphereCloud& cells) const {
        std::vector<double> number(grid.size(), 0.0);
        const Vec3 from = corner();
        const auto place = [](double x, std::int32_t n) {
            return std::clamp(static_cast<std::int32_t>(std::floor(x / k_edge)), 0, n - 1);
        };
        for (std::size_t i = 0; i < cells.x.size(); ++i)
            number[at(grid.number(place(cells.x[i] - from.x, k_nx), place(cells.y[i] - from.y, k_ny),
                                  place(cells.z[i] - from.z, k_nz)))] += 1.0;
        return number;
    }
};

double mean_inside(const Room& room, const double* c) {
    double sum = 0.0;
    for (std::int32_t v = 0; at(v) < room.grid.size(); ++v)
        if (room.inside(v)) sum += c[v];
    return sum / (Room::k_nx * Room::k_ny * Room::k_nz);
}

class ByClocks final : public LobuleWork {
public:
    ByClocks(int threads, int refined)
        : threads_(threads),
          per_move_(k_per_move * refined),
          dt_(k_move / per_move_),
          diffuse_(room_.grid, k_diffusion, k_decay, dt_, LodStep::Walls::closed),
          spheres_(reference_lobule(), threads),
          left_(room_.grid.size()) {
        for (std::int32_t v = 0; at(v) < room_.grid.size(); ++v)
            if (room_.fixed(v)) fixed_.push_back(v);
        for (auto& c : c_) c.assign(room_.grid.size(), 0.0);
    }

    void run(double minutes) override {
        const long steps = std::lround(minutes / k_move);
        for (long step = 0; step < steps; ++step) {
            // Each cell in turn would do c /= 1 + dt uptake; of equal cells only their number counts.
            const std::vector<double> cells = room_.count(spheres_.cloud());
            const double one = 1.0 / (1.0 + dt_ * k_uptake * k_cell / k_voxel);
            for (std::size_t v = 0; v < left_.size(); ++v) {
                left_[v] = 1.0;
                for (double n = cells[v]; n > 0.0; n -= 1.0) left_[v] *= one;
            }
            for (int i = 0; i < per_move_; ++i)
                for (std::size_t s = 0; s < k_signals; ++s) {
                    diffuse_.advance(c_[s], threads_, {fixed_, k_fixed[s]});
                    double* c = c_[s].data();
                    const double* left = left_.data();
#pragma omp simd
                    for (std::size_t v = 0; v < left_.size(); ++v) c[v] *= left[v];
                }
            spheres_.step(k_move);
        }
    }
    SphereCloud cells() const override { return spheres_.cloud(); }
    std::array<double, k_signals> means() const override {
        std::array<double, k_signals> mean{};
        for (std::size_t s = 0; s < k_signals; ++s) mean[s] = mean_inside(room_, c_[s].data());
        return mean;
    }

private:
    static constexpr double k_move = 0.1;  // [min]
    static constexpr int k_per_move = 10;

    const Room room_{0};
    int threads_, per_move_;
    double dt_;  // [min]
    LodStep diffuse_;
    ReferenceSpheres spheres_;
    std::array<std::vector<double>, k_signals> c_;
    std::vector<double> left_;
    std::vector<std::int32_t> fixed_;
};

/// Made at rate source[s][v], taken at loss[v] c; loss is the same for all signals.
class LinearReactions final : public Reactions {
public:
    std::vector<double> loss;                           // [um^3/h]
    std::array<std::vector<double>, k_signals> source;  // [amount/h]
    std::span<const std::pair<int, int>> pairs() const override { return k_pairs; }
    void evaluate(std::size_t first, std::size_t count, const double* const* c, double* const* made,
                  double* const* taken, double* const* slope) const override {
        for (std::size_t s = 0; s < k_signals; ++s)
            for (std::size_t i = 0; i < count; ++i) {
                made[s][i] = source[s][first + i];
                taken[s][i] = loss[first + i] * c[s][i];
                slope[s][i] = -loss[first + i];
            }
    }

private:
    static constexpr std::array<std::pair<int, int>, k_signals> k_pairs{{{0, 0}, {1, 1}, {2, 2}}};
};

class ByBalance final : public LobuleWork {
public:
    explicit ByBalance(int threads)
        : spheres_(reference_lobule(), threads, k_skin), fields_(make_fields(room_)), c_(k_signals * size(), 0.0) {
        control_.threads = threads;
        control_.tolerance = k_tolerance;
        reactions_.loss.resize(size());
        for (std::size_t s = 0; s < k_signals; ++s) {
            reactions_.source[s].assign(size(), 0.0);
            std::fill_n(c_.begin() + static_cast<std::ptrdiff_t>(s * size()), size(), k_fixed[s]);
        }
    }

    void run(double minutes) override {
        const double steps = std::ceil(minutes / k_longest);
        for (double step = 0.0; step < steps; step += 1.0) spheres_.step(minutes / steps);
        const std::vector<double> cells = room_.count(spheres_.cloud());
        for (std::int32_t v = 0; at(v) < size(); ++v) {
            double& loss = reactions_.loss[at(v)] =
                room_.inside(v) ? 60.0 * (k_decay * k_voxel + cells[at(v)] * k_uptake * k_cell) : 0.0;
            if (!room_.fixed(v)) continue;
            loss = 60.0 * k_hold * k_voxel;
            for (std::size_t s = 0; s < k_signals; ++s) reactions_.source[s][at(v)] = loss * k_fixed[s];
        }
        std::vector<double> blood(k_signals, 0.0);
        FieldProblem problem;
        problem.reactions = &reactions_;
        fields_.solve(c_, blood, problem, control_);
    }
    SphereCloud cells() const override { return spheres_.cloud(); }
    std::array<double, k_signals> means() const override {
        std::array<double, k_signals> mean{};
        for (std::size_t s = 0; s < k_signals; ++s) mean[s] = mean_inside(room_, &c_[s * size()]);
        return mean;
    }

private:
    static constexpr double k_skin = 2.0, k_longest = 1.0;  // [um], [min]
    static constexpr double k_hold = 1e6;                   // [1/min] exchange of a fixed voxel
    static constexpr double k_tolerance = 1e-10;            // that exchange is 5e5 times what all take up

    /// Fields is periodic: two layers without fluid are a wall, for nothing passes from one to the other.
    static Fields make_fields(const Room& room) {
        Medium medium;
        medium.grid = room.grid;
        for (std::int32_t v = 0; at(v) < room.grid.size(); ++v) medium.fluid.push_back(room.inside(v) ? k_voxel : 0.0);
        std::vector<Signal> signals;
        for (const char* name : {"first", "second", "third"}) signals.push_back({name, 60.0 * k_diffusion});
        return {medium, std::move(signals)};
    }
    std::size_t size() const { return room_.grid.size(); }

    const Room room_{2};
    ReferenceSpheres spheres_;
    Fields fields_;
    LinearReactions reactions_;
    std::vector<double> c_;
    FieldControl control_;
};

/// made less most c / (half + c)
class Saturable final : public Reactions {
public:
    double sources = 1.0;
    explicit Saturable(std::size_t n) : made_(n * n * n, 0.0) {
        for (std::size_t k = 0; k < n; k += 4)
            for (std::size_t j = 0; j < n; j += 4)
                for (std::size_t i = 0; i < n; i += 4) made_[(k * n + j) * n + i] = k_made;
    }
    std::span<const std::pair<int, int>> pairs() const override { return k_pairs; }
    void evaluate(std::size_t first, std::size_t count, const double* const* c, double* const* made,
                  double* const* taken, double* const* slope) const override {
        for (std::size_t i = 0; i < count; ++i) {
            const double per = 1.0 / (k_half + c[0][i]), most = k_most * k_voxel;
            made[0][i] = sources * made_[first + i];
            taken[0][i] = most * c[0][i] * per;
            slope[0][i] = -most * k_half * per * per;
        }
    }

private:
    static constexpr std::array<std::pair<int, int>, 1> k_pairs{{{0, 0}}};
    static constexpr double k_most = 60.0, k_half = 1.0;             // [amount/um^3/h], [amount/um^3]
    static constexpr double k_made = 64.0 * 0.6 * k_most * k_voxel;  // [amount/h]: on average 0.6 of the most
    std::vector<double> made_;
};

}  // namespace

std::unique_ptr<LobuleWork> lobule_by_clocks(int threads, int refined) {
    return std::make_unique<ByClocks>(threads, refined);
}
std::unique_ptr<LobuleWork> lobule_by_balance(int threads) { return std::make_unique<ByBalance>(threads); }

struct SaturableField::Impl {
    Medium medium;
    Saturable reactions;
    Fields fields;
    std::vector<double> c;
    FieldReport report;
    FieldControl control;
    // The smoother alone, on a matrix with the same shape.
    std::vector<FieldLevel> levels;
    FieldMultigrid multigrid;
    FieldMatrix matrix;
    std::vector<float> factors, rhs, from, to;

    static constexpr double k_diffusion = 60.0 * 1e5;  // [um^2/h]

    static Medium make_medium(std::size_t n) {
        Medium made;
        const double length = k_edge * static_cast<double>(n);
        made.grid = Grid::of({{length, length, length}}, k_edge);
        made.fluid.assign(made.grid.size(), k_voxel);
        return made;
    }
    Impl(std::size_t n, int threads)
        : medium(make_medium(n)),
          reactions(n),
          fields(medium, {{"signal", k_diffusion}}),
          c(medium.grid.size(), 0.0),
          levels(field_levels(medium, face_conductances(medium.grid, medium.fluid))),
          multigrid(levels, {static_cast<float>(k_diffusion)}, {0.0F}, FieldBlock(1, {})),
          matrix(field_matrix(levels[0], multigrid.block())),
          factors(c.size(), 1e-6F),
          rhs(c.size(), 1.0F),
          from(c.size(), 1.0F),
          to(c.size(), 1.0F) {
        control.threads = threads;
        matrix.diffusion[0] = static_cast<float>(k_diffusion);
        matrix.local = multigrid.local().data();
        matrix.factors = factors.data();
    }
};

SaturableField::SaturableField(std::size_t n, int threads) : impl_(std::make_unique<Impl>(n, threads)) {}
SaturableField::~SaturableField() = default;

void SaturableField::solve(bool from_nothing, double sources) {
    impl_->reactions.sources *= sources;
    if (from_nothing) std::fill(impl_->c.begin(), impl_->c.end(), 0.0);
    double blood = 0.0;
    FieldProblem problem;
    problem.reactions = &impl_->reactions;
    impl_->report = impl_->fields.solve(impl_->c, {&blood, 1}, problem, impl_->control);
}

int SaturableField::newton_steps() const { return impl_->report.newton_steps; }
int SaturableField::cycles() const { return impl_->report.cycles; }

double SaturableField::defect() const {
    const FieldBalance& balance = impl_->report.balance[0];
    return (balance.made - balance.taken) / balance.made;
}

double SaturableField::mean() const {
    double sum = 0.0;
    for (const double c : impl_->c) sum += c;
    return sum / static_cast<double>(impl_->c.size());
}

void SaturableField::sweep() {
    Impl& m = *impl_;
    const FieldKernels& kernels = field_kernels(1, FieldFlow::none, math::vectors());
    for_blocks(m.matrix.nz, m.control.threads, [&](std::size_t k) {
        for (std::size_t j = 0; j < m.matrix.ny; ++j)
            kernels.jacobi(m.matrix, j, k, m.rhs.data(), m.from.data(), 0.6F, m.to.data());
    });
    m.from.swap(m.to);
}

double SaturableField::bytes_per_sweep() const {
    return 7.0 * sizeof(float) * static_cast<double>(impl_->c.size());  // three faces, factor, rhs, from, to
}

}  // namespace lobule
