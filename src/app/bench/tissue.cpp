// Fixed pieces of work in space (tissue/reference_work.hpp, tissue/reference_fields.hpp) beside what the machine allows.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#include "base/random.hpp"
#include "groups.hpp"
#include "memory.hpp"
#include "tissue/lod_step.hpp"
#include "tissue/reference_fields.hpp"
#include "tissue/reference_work.hpp"

namespace lobule::app::speed {

namespace {

constexpr double k_step = 0.1;  // [min] of mechanics

/// [s] that each of some rounds takes. For work whose rounds differ, so that no single call may stand for all.
Timing time_rounds(int rounds, const std::function<void()>& run) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
        const Clock::time_point start = Clock::now();
        run();
        times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return {times.front(), times[times.size() / 2]};
}

/// A speed in `work` per second from times of `per_second` to a second.
Timing speed_of(const Timing& time, double work, double per_second) {
    return {work * per_second / time.best, work * per_second / time.median};
}

Row speed_row(const char* group, std::string name, std::size_t size, int threads, const char* unit) {
    Row row;
    row.group = group;
    row.name = std::move(name);
    row.size = size;
    row.threads = threads;
    row.unit = unit;
    row.more_is_better = true;
    return row;
}

/// What the forces cost at least, for each cell and step: the slower of sums with products, and roots with divisions.
void limit_forces(Row& row, const Peaks& peak, bool search) {
    constexpr double candidates = 87.0, of_candidate = 9.0, neighbours = 11.65, of_pair = 45.0;
    const double flops = (search ? candidates * of_candidate : 0.0) + neighbours * of_pair;
    const double simple = flops * peak.both.best, roots = neighbours * (peak.sqrt.best + 2.0 * peak.div.best);
    row.limit = 1e9 / std::max(simple, roots) * row.threads;
    row.bound = simple > roots ? "add, mul" : "sqrt, div";
}

struct Ball {
    std::size_t cells;
    double start, after;  // sums of squares [um^2], before and after a step
    double start_within, after_within;
};
// 10 000: of PhysiCell. The other starts are of all engines, the other ends our own.
constexpr Ball k_balls[] = {
    {10'000, 217286312.3, 217288117.5, 0.06, 1.0},
    {100'000, 1.008797455e10, 10087993125.061, 6.0, 0.1},
    {1'000'000, 4.682325738e11, 468232762559.818, 60.0, 1.0},
};

}  // namespace

Results mechanics(const Request& request) {
    constexpr double k_skin = 2.0;  // [um]
    constexpr int k_steps = 20;
    const bool fresh_wanted = request.wanted("from_scratch"), kept_wanted = request.wanted("kept_lists");
    Results results;
    if (!fresh_wanted && !kept_wanted) return results;
    const Peaks peak = peaks(request.effort);
    for (const Ball& ball : k_balls) {
        if (request.quick && ball.cells > 100'000) continue;
        const SphereCloud cloud = reference_ball(ball.cells);
        const double n = static_cast<double>(ball.cells);
        {
            ReferenceSpheres spheres(cloud);
            spheres.step(k_step);
            const std::string of = fmt::format("sum of squares of {} cells", ball.cells);
            results.checks.push_back({"mechanics", of, cloud.sum_of_squares(), ball.start, ball.start_within});
            results.checks.push_back(
                {"mechanics", of + " after a step", spheres.cloud().sum_of_squares(), ball.after, ball.after_within});
        }
        for (const int threads : thread_counts()) {
            if (fresh_wanted) {
                ReferenceSpheres spheres(cloud, threads);
                Row row = speed_row("mechanics", "from_scratch", ball.cells, threads, "cells/s");
                const Kernel kernel{[&] { spheres.step(k_step); }, n};
                row.timing = speed_of(time_kernels({&kernel, 1}, coarse(request.effort)).front(), 1.0, 1e9);
                row.bytes = static_cast<double>(spheres.bytes()) / n;
                limit_forces(row, peak, true);
                if (ball.cells == 100'000 && threads == 1) row.target = 4e6;
                results.rows.push_back(std::move(row));
            }
            if (kept_wanted) {
                Row row = speed_row("mechanics", "kept_lists", ball.cells, threads, "cells/s");
                const auto run = [&] {  // lists are built once at least
                    ReferenceSpheres spheres(cloud, threads, k_skin);
                    for (int step = 0; step < k_steps; ++step) spheres.step(k_step);
                    row.bytes = static_cast<double>(spheres.bytes()) / n;
                };
                const int rounds = request.quick || ball.cells > 100'000 ? 2 : 5;
                row.timing = speed_of(time_rounds(rounds, run), n * k_steps, 1.0);
                limit_forces(row, peak, false);
                if (ball.cells == 100'000 && threads == 1) row.target = 8e6;
                results.rows.push_back(std::move(row));
            }
        }
    }
    return results;
}

Results lobule_prism(const Request& request) {
    constexpr double k_look = 2.0, k_all = 10.0;  // [min]
    constexpr std::array<double, 3> k_means{59.50, 4.545, 0.1653}, k_last_digit{0.01, 0.001, 0.0001};
    Results results;
    if (!request.wanted("by_clocks") && !request.wanted("by_balance")) return results;
    std::array<double, 3> early{}, clock_means{}, balance_means{};
    SphereCloud clock_cells, balance_cells;
    const int rounds = request.quick ? 2 : 5;
    for (const int threads : thread_counts()) {
        const double work = k_all * static_cast<double>(reference_lobule().x.size());
        const auto add = [&](const char* name, double target, const std::function<void()>& run) {
            Row row = speed_row("lobule", name, reference_lobule().x.size(), threads, "cell-min/s");
            row.timing = speed_of(time_rounds(rounds, run), work, 1.0);
            if (threads == 1) row.target = target;
            if (request.wanted(name)) results.rows.push_back(std::move(row));
        };
        add("by_clocks", 2e5, [&] {
            const auto lobule = lobule_by_clocks(threads);
            lobule->run(k_look);
            early = lobule->means();
            lobule->run(k_all - k_look);
            clock_means = lobule->means();
            clock_cells = lobule->cells();
        });
        add("by_balance", 1.5e6, [&] {
            const auto lobule = lobule_by_balance(threads);
            lobule->run(k_all);
            balance_means = lobule->means();
            balance_cells = lobule->cells();
        });
    }
    for (std::size_t s = 0; s < early.size(); ++s)
        results.checks.push_back({"lobule", fmt::format("mean of signal {} after 2 min, by clocks", s + 1), early[s],
                                  k_means[s], 0.5 * k_last_digit[s]});
    double sum = 0.0;
    for (std::size_t i = 0; i < clock_cells.x.size(); ++i) {
        const double dx = clock_cells.x[i] - balance_cells.x[i], dy = clock_cells.y[i] - balance_cells.y[i],
                     dz = clock_cells.z[i] - balance_cells.z[i];
        sum += dx * dx + dy * dy + dz * dz;
    }
    results.checks.push_back({"lobule", "places by balance less by clocks after 10 min, rms [um]",
                              std::sqrt(sum / static_cast<double>(clock_cells.x.size())), 0.0, 0.02});
    // With clocks 20 times as fast it is 1.002: the rest is the error of 0.01 min.
    results.checks.push_back(
        {"lobule", "means by balance over by clocks after 10 min", balance_means[0] / clock_means[0], 1.0315, 0.001});
    return results;
}

Results diffusion(const Request& request) {
    constexpr std::int32_t k_n = 100;
    constexpr double k_edge = 20.0, k_diffusion = 1e5, k_decay = 10.0, k_dt = 0.01;  // [um], [um^2/min], [1/min], [min]
    const double length = k_edge * k_n;
    const Grid grid{{{length, length, length}}, k_n, k_n, k_n};
    const LodStep step(grid, k_diffusion, k_decay, k_dt, LodStep::Walls::closed);
    const std::map<std::size_t, double> targets{{1, 3e8}, {5, 2.5e8}, {10, 2.5e8}};
    Results results;
    for (const auto& [signals, target] : targets) {
        const std::string name = fmt::format("signals_{}", signals);
        if (!request.wanted(name)) continue;
        std::vector<double> c(signals * grid.size());
        std::uint64_t index = 0;
        double before = 0.0, after = 0.0;
        for (double& value : c) before += value = random_uniform({.stream = stream_id("bench"), .index = index++});
        const auto advance = [&](int threads) {
            for (std::size_t s = 0; s < signals; ++s)
                step.advance(std::span(c).subspan(s * grid.size(), grid.size()), threads);
        };
        advance(1);
        for (const double value : c) after += value;
        const double third = 1.0 + k_decay * k_dt / 3.0;
        results.checks.push_back({"diffusion", fmt::format("what is left of {} signals after a step", signals),
                                  after / before * third * third * third, 1.0, 1e-12});
        for (const int threads : thread_counts()) {
            for (double& value : c) value = 1.0;  // as decayed values would end up too small for the CPU's fast path
            const LodStep still(grid, k_diffusion, 0.0, k_dt, LodStep::Walls::closed);
            const auto keep = [&] {
                for (std::size_t s = 0; s < signals; ++s)
                    still.advance(std::span(c).subspan(s * grid.size(), grid.size()), threads);
            };
            Memory memory(c.size(), threads);
            const std::array<Kernel, 2> kernels{
                {{keep, static_cast<double>(c.size())},
                 {[&] { memory.pass(Traffic::in_place); }, memory.bytes(Traffic::in_place)}}};
            const std::vector<Timing> timings = time_kernels(kernels, coarse(request.effort));
            Row row = speed_row("diffusion", name, grid.size(), threads, "voxels/s");
            row.timing = speed_of(timings[0], 1.0, 1e9);
            row.limit = 1e9 / (32.0 * timings[1].best);  // two passes in place
            row.bound = "in_place";
            if (threads == 1) row.target = target;
            results.rows.push_back(std::move(row));
        }
    }
    return results;
}

Results signals(const Request& request) {
    constexpr std::size_t k_n = 60;
    constexpr double k_cold = 27.0, k_warm = 8.1, k_of_copy = 0.4;  // [ms], [ms]
    Results results;
    if (!request.wanted("cold") && !request.wanted("warm") && !request.wanted("sweep")) return results;
    for (const int threads : thread_counts()) {
        SaturableField field(k_n, threads);
        Memory memory(static_cast<std::size_t>(field.bytes_per_sweep() / 2.0 / sizeof(double)), threads);
        const std::array<Kernel, 2> kernels{{{[&] { field.sweep(); }, field.bytes_per_sweep()},
                                             {[&] { memory.pass(Traffic::copy); }, memory.bytes(Traffic::copy)}}};
        const std::vector<Timing> timings = time_kernels(kernels, coarse(request.effort));
        const double sweep = timings[0].best * field.bytes_per_sweep() * 1e-6;  // [ms]
        const int rounds = request.quick ? 3 : 9;
        const auto add = [&](const char* name, double target, const std::function<void()>& run) {
            if (!request.wanted(name)) return;
            Row row = speed_row("signals", name, k_n * k_n * k_n, threads, "ms");
            const Timing taken = time_rounds(rounds, run);
            row.timing = {1e3 * taken.best, 1e3 * taken.median};
            row.more_is_better = false;
            row.reference = sweep;
            if (threads == 1) row.target = target;
            results.rows.push_back(std::move(row));
        };
        add("cold", k_cold, [&] { field.solve(true); });
        double sources = 1.01;
        add("warm", k_warm, [&] {
            field.solve(false, sources);
            sources = 1.0 / sources;
        });
        if (request.wanted("sweep")) {
            Row row = speed_row("signals", "sweep", k_n * k_n * k_n, threads, "GB/s");
            row.timing = timings[0].rate();
            row.limit = timings[1].rate().best;
            row.bound = "copy";
            row.target = k_of_copy * *row.limit;
            results.rows.push_back(std::move(row));
        }
        if (threads == 1 && (request.wanted("cold") || request.wanted("warm")))
            results.checks.push_back({"signals", "made less taken, as a share", field.defect(), 0.0, 1e-8});
    }
    return results;
}

}  // namespace lobule::app::speed
