#include "cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/assert.hpp"
#include "base/math.hpp"
#include "base/random.hpp"

namespace lobule {

namespace {

constexpr std::uint64_t k_cell_stream = stream_id("cell");
constexpr std::uint64_t k_birth_stream = stream_id("birth");
/// Of one cell in one step; more is a law without bounds.
constexpr int k_most_hops = 10000;
constexpr std::uint16_t k_gone = 0xffff;
/// Laws compare the number of a population of blood or marrow with that at rest: one of which the sample would take a cell or none
/// has finer agents, so many in the untouched body. Not finer than k_finest: a cell that enters it becomes as many agents.
constexpr double k_fewest = 100.0, k_finest = 10000.0;
constexpr double k_sphere = 0.75 / std::numbers::pi;  // cube of the radius over the volume

/// (exp(x) - 1) / x, without the loss of digits near 0.
double growth_factor(double x) {
    if (std::abs(x) < 1e-3) return 1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x / 120.0)));
    return (math::exp(x) - 1.0) / x;
}

/// The id of a newborn: of its mother and how often she has divided.
std::uint64_t child_id(std::uint64_t mother, std::uint32_t divisions) {
    return random_block({0, 0, k_birth_stream, mother, divisions, 0})[0];
}

template <class T>
T& at(std::vector<T>& values, std::int32_t i) {
    return values[static_cast<std::size_t>(i)];
}
template <class T>
const T& at(const std::vector<T>& values, std::int32_t i) {
    return values[static_cast<std::size_t>(i)];
}

}  // namespace

CellStep::CellStep(const Model& model, const Inputs& inputs, const AgentScale& scale, const CellSpace* space)
    : model_(model),
      sample_(scale.sample),
      lobules_(scale.lobules),
      space_(space),
      index_{model.zones, static_cast<std::int32_t>(model.zone_states.size())},
      binding_(model, inputs),
      hazards_(model, inputs) {
    const Laws& laws = model.run;
    for (const Population& population : model.populations) {
        LOBULE_ASSERT(population.substates.size() < k_gone, population.substates.size());
        Table table;
        table.places = static_cast<std::size_t>(index_.places(population));
        table.quantities = population.quantities.size();
        table.exits.resize(population.substates.size());
        table.changes.resize(population.substates.size());
        const double expected =
            tables_.size() < scale.in_body.size() ? scale.in_body[tables_.size()] * scale.sample / scale.lobules : 0.0;
        if (population.in_body && expected > 0.0)
            table.grain = std::clamp(std::ceil(k_fewest / expected), 1.0, k_finest);
        tables_.push_back(std::move(table));
    }
    std::vector<std::vector<std::int32_t>> tallies(laws.hops.size());
    for (std::size_t t = 0; t < laws.tallies.size(); ++t)
        for (const std::int32_t hop : laws.tallies[t].hops) at(tallies, hop).push_back(static_cast<std::int32_t>(t));
    for (std::size_t h = 0; h < laws.hops.size(); ++h) {
        const Hop& hop = laws.hops[h];
        const Hop::Branch& first = hop.branches.front();
        // An encounter that changes the other side alone is no event of this cell.
        if (hop.branches.size() == 1 && first.population == hop.population && first.to == hop.from && first.cells == 1)
            continue;
        Hopping out{hop.population, hop.from, hop.kind == Hop::Kind::recruitment, {}, tallies[h]};
        for (const Hop::Branch& branch : hop.branches) {
            Branch b{output(branch.share), branch.to, branch.cells, branch.population, {}};
            for (const ExprId value : branch.entering) b.entering.push_back(output(value));
            out.branches.push_back(std::move(b));
        }
        at(at(tables_, hop.population).exits, hop.from)
            .push_back({Exit::Kind::hop, static_cast<std::int32_t>(hops_.size()), output(hop.hazard)});
        hops_.push_back(std::move(out));
    }
    for (const Move& move : laws.moves) {
        auto& exits = at(at(tables_, move.population).exits, move.substate);
        exits.push_back({Exit::Kind::onward, -1, output(move.onward)});
        exits.push_back({Exit::Kind::back, -1, output(move.back)});
    }
    for (const Change& change : laws.changes)
        at(at(tables_, change.population).changes, change.substate)
            .push_back({change.quantity, output(change.constant), output(change.slope)});
    program_ = Program(laws.graph, outputs_);
    for (std::size_t b = 0; b < model.body_states.size(); ++b)
        if (model.body_states[b].kind == StateInfo::Kind::lobule_count) lobule_entry_ = static_cast<std::int32_t>(b);
}

std::int32_t CellStep::output(ExprId id) {
    const auto [it, added] = output_of_.emplace(id, static_cast<std::int32_t>(outputs_.size()));
    if (added) outputs_.push_back(id);
    return it->second;
}

void CellStep::clear_rates() {
    lanes_ = static_cast<std::size_t>(model_.zones);
    if (columns_.empty()) {
        std::size_t size = 0;
        for (std::size_t o = 0; o < outputs_.size(); ++o) {
            const bool by_lane = program_.extent(o) == Extent::lanes;
            columns_.push_back({size, by_lane});
            size += by_lane ? lanes_ : 1;
        }
        rates_.resize(size);
    }
    std::fill(rates_.begin(), rates_.end(), 0.0);
    lobules_now_ = 0.0;
}

void CellStep::add_rates(double time, const std::vector<double>& y, double share) {
    program_.evaluate(binding_.bind(time, y.data()), workspace_);
    for (std::size_t o = 0; o < outputs_.size(); ++o) {
        const double* result = program_.result(workspace_, o);
        double* rate = rates_.data() + columns_[o].first;
        const std::size_t size = columns_[o].by_lane ? lanes_ : 1;
        for (std::size_t z = 0; z < size; ++z) rate[z] += share * result[z];
    }
    hazards_.check(time, y.data());
    lobules_now_ += share * (lobule_entry_ < 0 ? lobules_ : y[static_cast<std::size_t>(index_.body(lobule_entry_))]);
}

void CellStep::Rows::clear() {
    rows.clear();
    ready.clear();
    linear.clear();
}

void CellStep::fill(Table& table, const Agents& agents, std::size_t population, double length, double time) {
    table.row_of.assign(table.exits.size() * table.places, -1);
    table.rows.clear();
    for (std::size_t i = 0; i < agents.size(); ++i) {
        const std::size_t substate = agents.substates[i], place = agents.zones[i];
        std::int32_t& row = table.row_of[substate * table.places + place];
        if (row >= 0) continue;
        row = static_cast<std::int32_t>(table.rows.rows.size());
        if (!add_row(table, substate, place, length, table.rows))
            throw SolverFailure(time, model_.populations[population].name, not_finite(population, time));
    }
}

std::string CellStep::not_finite(std::size_t population, double time) const {
    return fmt::format("at {:.6g} h a rate of {} has no finite value", time, model_.populations[population].name);
}

bool CellStep::add_row(const Table& table, std::size_t s, std::size_t z, double length, Rows& to) const {
    Row row;
    row.ready = to.ready.size();
    row.linear = to.linear.size();
    bool finite = true;
    const auto add = [&](std::size_t exit, std::int32_t output, std::size_t lane) {
        const double rate = std::max(value(output, lane), 0.0);  // below zero by rounding only: checked before
        finite = finite && std::isfinite(rate);
        if (rate <= 0.0) return;
        to.ready.push_back({rate, static_cast<std::int32_t>(exit), static_cast<std::int32_t>(lane)});
        row.total += rate;
    };
    for (std::size_t e = 0; e < table.exits[s].size(); ++e) {
        const Exit& exit = table.exits[s][e];
        if (exit.kind == Exit::Kind::onward && z + 1 == table.places) continue;
        if (exit.kind == Exit::Kind::back && z == 0) continue;
        if (exit.kind == Exit::Kind::hop && at(hops_, exit.hop).by_zone)
            for (std::size_t zone = 0; zone < static_cast<std::size_t>(model_.zones); ++zone) add(e, exit.output, zone);
        else
            add(e, exit.output, z);
    }
    row.ready_end = to.ready.size();
    row.stay = math::exp(-row.total * length);
    row.still = table.changes[s].empty();
    if (!row.still) {
        to.linear.resize(row.linear + table.quantities);
        for (const Changing& change : table.changes[s]) {
            Linear& linear = to.linear[row.linear + static_cast<std::size_t>(change.quantity)];
            linear.constant += value(change.constant, z);
            linear.slope += value(change.slope, z);
        }
        for (std::size_t q = 0; q < table.quantities; ++q) {
            Linear& linear = to.linear[row.linear + q];
            if (linear.slope == 0.0) {
                linear.gain = linear.constant * length;
            } else {
                linear.keep = math::exp(linear.slope * length);
                linear.gain = linear.constant * length * growth_factor(linear.slope * length);
            }
        }
    }
    to.rows.push_back(row);
    return finite;
}

bool CellStep::find_row(const Table& table, std::int32_t substate, std::int32_t zone, double length, Rows& scratch,
                        const Row*& row, const Rows*& rows) const {
    const std::size_t s = static_cast<std::size_t>(substate), z = static_cast<std::size_t>(zone);
    const std::int32_t known = table.row_of[s * table.places + z];
    bool finite = true;
    if (known < 0) {
        scratch.clear();
        finite = add_row(table, s, z, length, scratch);
    }
    rows = known < 0 ? &scratch : &table.rows;
    row = known < 0 ? scratch.rows.data() : &at(table.rows.rows, known);
    return finite;
}

void CellStep::grow(const Row& row, const Rows& rows, double time, std::vector<double>& quantities) {
    if (row.still) return;
    for (std::size_t q = 0; q < quantities.size(); ++q) {
        const Linear& linear = rows.linear[row.linear + q];
        double& value = quantities[q];
        if (linear.slope == 0.0) {
            value += linear.constant * time;
            continue;
        }
        value = value * math::exp(linear.slope * time) + linear.constant * time * growth_factor(linear.slope * time);
    }
}

void CellStep::advance(State& state, double length, const DrawAddress& draws, int threads) {
    const double time = state.time;
    for (std::size_t p = 0; p < tables_.size(); ++p) fill(tables_[p], state.agents[p], p, length, time);
    const Context context{draws, state.steps, length, time, lobules_now_};

    struct Block {
        std::size_t population, first, last;
    };
    std::vector<Block> blocks;
    std::vector<std::vector<Yield>> yields(state.agents.size());
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        const std::size_t size = state.agents[p].size();
        for (std::size_t first = 0; first < size; first += k_block)
            blocks.push_back({p, first, std::min(first + k_block, size)});
        yields[p].resize((size + k_block - 1) / k_block);
    }
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (blocks.size() > 1 && threads > 1)
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const Block& block = blocks[b];
        run_block(context, block.population, state.agents[block.population], block.first, block.last,
                  yields[block.population][block.first / k_block]);
    }
    for (const auto& of_population : yields)
        for (const Yield& yield : of_population)
            if (!yield.failure.empty()) throw SolverFailure(time, "agents", yield.failure);
    settle(state, yields);
    write_totals(state);
    ++state.steps;
}

void CellStep::run_block(const Context& context, std::size_t population, Agents& agents, std::size_t first,
                         std::size_t last, Yield& yield) const {
    const Table& table = tables_[population];
    for (std::size_t i = first; i < last; ++i) {
        const std::size_t pair = static_cast<std::size_t>(agents.substates[i]) * table.places + agents.zones[i];
        const Row& row = at(table.rows.rows, table.row_of[pair]);
        if (row.total > 0.0) {
            const auto block = random_block(
                {context.draws.seed, context.draws.patient, k_cell_stream, agents.ids[i], context.step, 0});
            // The wait -ln(u)/H passes the end of the step when u is below exp(-H length).
            if (!(uniform_of(block[0]) < row.stay)) {
                Cell moving{agents.ids[i],
                            agents.divisions[i],
                            static_cast<std::int32_t>(population),
                            agents.substates[i],
                            static_cast<std::int32_t>(agents.zones[i]),
                            agents.positions.empty() ? Vec3{} : agents.positions[i],
                            {}};
                for (const auto& column : agents.quantities) moving.quantities.push_back(column[i]);
                follow(context, {std::move(moving), context.length, 0}, &agents, i, yield);
                continue;
            }
        }
        if (row.still) continue;
        for (std::size_t q = 0; q < table.quantities; ++q) {
            const Linear& linear = table.rows.linear[row.linear + q];
            double& value = agents.quantities[q][i];
            value = value * linear.keep + linear.gain;
        }
    }
}

void CellStep::follow(const Context& context, Pending first, Agents* home, std::size_t slot, Yield& yield) const {
    const std::int32_t home_population = first.cell.population;
    std::vector<Pending> open;
    open.push_back(std::move(first));
    Rows scratch;
    for (bool owner = true; !open.empty(); owner = false) {
        Pending now = std::move(open.back());
        open.pop_back();
        bool alive = true;
        for (int hops = 0;; ++hops) {
            const Row* row = nullptr;
            const Rows* rows = nullptr;
            if (!find_row(at(tables_, now.cell.population), now.cell.substate, now.cell.zone, context.length, scratch,
                          row, rows)) {
                yield.failure = not_finite(static_cast<std::size_t>(now.cell.population), context.time);
                return;
            }
            const double total = row->total;
            double wait = now.left;
            std::array<std::uint64_t, 4> block{};
            if (total > 0.0) {
                block = random_block(
                    {context.draws.seed, context.draws.patient, k_cell_stream, now.cell.id, context.step, now.index++});
                wait = -math::ln(uniform_of(block[0])) / total;
            }
            if (!(total > 0.0) || !(wait < now.left)) {
                grow(*row, *rows, now.left, now.cell.quantities);
                break;
            }
            grow(*row, *rows, wait, now.cell.quantities);
            now.left -= wait;
            if (hops == k_most_hops) {
                yield.failure = fmt::format("a cell of {} hops more than {} times in one step",
                                            at(model_.populations, now.cell.population).name, k_most_hops);
                return;
            }
            alive = take_exit(context, *row, *rows, now, uniform_of(block[1]) * total, uniform_of(block[2]),
                              uniform_of(block[3]), open, yield);
            if (!alive) break;
        }
        if (owner) {
            if (alive && now.cell.population == home_population) {
                home->divisions[slot] = now.cell.divisions;
                home->substates[slot] = static_cast<std::uint16_t>(now.cell.substate);
                home->zones[slot] = static_cast<std::uint32_t>(now.cell.zone);
                if (!home->positions.empty()) home->positions[slot] = now.cell.position;
                for (std::size_t q = 0; q < home->quantities.size(); ++q)
                    home->quantities[q][slot] = now.cell.quantities[q];
                continue;
            }
            home->substates[slot] = k_gone;
            yield.losses = true;
        }
        if (alive) yield.arrivals.push_back(std::move(now.cell));
    }
}

bool CellStep::take_exit(const Context& context, const Row& row, const Rows& rows, Pending& now, double choice,
                         double branch_choice, double rounding, std::vector<Pending>& more, Yield& yield) const {
    const Table& table = at(tables_, now.cell.population);
    std::size_t r = row.ready;
    for (double sum = rows.ready[r].rate; sum < choice && r + 1 < row.ready_end;) sum += rows.ready[++r].rate;
    const Ready& ready = rows.ready[r];
    const Exit& exit = table.exits[static_cast<std::size_t>(now.cell.substate)][static_cast<std::size_t>(ready.exit)];
    if (exit.kind != Exit::Kind::hop) {
        now.cell.zone += exit.kind == Exit::Kind::onward ? 1 : -1;
        return true;
    }
    const Hopping& hop = at(hops_, exit.hop);
    const auto lane = static_cast<std::size_t>(hop.by_zone ? ready.zone : now.cell.zone);
    if (!hop.tallies.empty()) yield.counted.emplace_back(exit.hop, now.cell.zone);
    std::size_t b = 0;
    for (double sum = value(hop.branches[0].share, lane); sum < branch_choice && b + 1 < hop.branches.size();)
        sum += value(hop.branches[++b].share, lane);
    const Branch& branch = hop.branches[b];
    if (branch.to < 0) return false;
    if (branch.population != now.cell.population) {
        enter(context, hop, branch, static_cast<std::int32_t>(lane), rounding, now, more);
        return now.cell.population >= 0;
    }
    now.cell.substate = branch.to;
    if (branch.cells < 2) return true;
    const auto& quantities = at(model_.populations, now.cell.population).quantities;
    for (std::size_t q = 0; q < quantities.size(); ++q)
        if (quantities[q].halved) now.cell.quantities[q] *= 0.5;
    ++now.cell.divisions;
    Pending daughter{now.cell, now.left, 0};
    daughter.cell.id = child_id(now.cell.id, now.cell.divisions);
    daughter.cell.divisions = 0;
    if (space_ != nullptr) divide(now.cell, daughter.cell);
    more.push_back(std::move(daughter));
    return true;
}

/// The daughters lie side by side along the sinusoid, about the mother's centre.
void CellStep::divide(Cell& mother, Cell& daughter) const {
    if (at(model_.populations, mother.population).in_body) return;
    const double radius = math::pow(mother.quantities[0] * k_sphere, 1.0 / 3.0);
    const Vec3 half = at(space_->along, mother.zone) * (0.5 * radius);
    mother.position = space_->box.wrap(mother.position - half);
    daughter.position = space_->box.wrap(daughter.position + half);
}

/// Into another population. An agent of blood stands for more or fewer cells than one of tissue once lobules are lost, or where it
/// is finer: whole agents cross, rounded by a draw, so that their number is right on average.
void CellStep::enter(const Context& context, const Hopping&, const Branch& branch, std::int32_t lane, double rounding,
                     Pending& now, std::vector<Pending>& more) const {
    const bool from_body = at(model_.populations, now.cell.population).in_body;
    const Population& there = at(model_.populations, branch.population);
    double copies = at(tables_, branch.population).grain / at(tables_, now.cell.population).grain;
    if (from_body && !there.in_body) copies *= lobules_ / context.lobules_now;
    if (!from_body && there.in_body) copies *= context.lobules_now / lobules_;
    const auto whole = static_cast<std::int64_t>(std::floor(copies + rounding));
    now.cell.population = whole > 0 ? branch.population : -1;
    now.cell.substate = branch.to;
    if (there.in_body)
        now.cell.zone = 0;
    else if (from_body)
        now.cell.zone = lane;
    if (space_ != nullptr && from_body && !there.in_body) now.cell.position = at(space_->site, now.cell.zone);
    now.cell.quantities.resize(1);
    for (const std::int32_t output : branch.entering)
        now.cell.quantities.push_back(value(output, static_cast<std::size_t>(now.cell.zone)));
    for (std::int64_t copy = 1; copy < whole; ++copy) {
        Pending twin{now.cell, now.left, 0};
        twin.cell.id = child_id(now.cell.id, ++now.cell.divisions);
        twin.cell.divisions = 0;
        more.push_back(std::move(twin));
    }
}

void CellStep::hold_tallies(const std::vector<double>& before, std::vector<double>& values) const {
    for (const Tally& tally : model_.run.tallies)
        for (std::int32_t z = 0; z < (tally.in_body ? 1 : index_.zones); ++z) {
            const std::int32_t i = tally.in_body ? index_.body(tally.entry) : index_.zone(tally.entry, z);
            at(values, i) = at(before, i);
        }
}

/// Takes the lost out, lets the arrivals in and counts for the tallies, in the order of blocks.
void CellStep::settle(State& state, std::vector<std::vector<Yield>>& yields) const {
    for (std::size_t p = 0; p < yields.size(); ++p)
        if (std::any_of(yields[p].begin(), yields[p].end(), [](const Yield& y) { return y.losses; }))
            remove_gone(state.agents[p]);
    for (auto& of_population : yields)
        for (Yield& yield : of_population)
            for (const Cell& cell : yield.arrivals) {
                Agents& agents = at(state.agents, cell.population);
                agents.ids.push_back(cell.id);
                agents.divisions.push_back(cell.divisions);
                agents.substates.push_back(static_cast<std::uint16_t>(cell.substate));
                agents.zones.push_back(static_cast<std::uint32_t>(cell.zone));
                if (space_ != nullptr && !at(model_.populations, cell.population).in_body)
                    agents.positions.push_back(cell.position);
                for (std::size_t q = 0; q < agents.quantities.size(); ++q)
                    agents.quantities[q].push_back(cell.quantities[q]);
            }
    for (const auto& of_population : yields)
        for (const Yield& yield : of_population)
            for (const auto& [h, place] : yield.counted) {
                const Hopping& hop = at(hops_, h);
                for (const std::int32_t t : hop.tallies) {
                    const Tally& tally = at(model_.run.tallies, t);
                    const std::int32_t i = tally.in_body ? index_.body(tally.entry) : index_.zone(tally.entry, place);
                    at(state.values, i) += 1.0 / agents_per_cell(static_cast<std::size_t>(hop.population));
                }
            }
}

void CellStep::remove(Agents& agents, const std::vector<bool>& leaves) {
    for (std::size_t i = 0; i < leaves.size(); ++i)
        if (leaves[i]) agents.substates[i] = k_gone;
    remove_gone(agents);
}

void CellStep::remove_gone(Agents& agents) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < agents.size(); ++i) {
        if (agents.substates[i] == k_gone) continue;
        if (kept != i) {
            agents.ids[kept] = agents.ids[i];
            agents.divisions[kept] = agents.divisions[i];
            agents.substates[kept] = agents.substates[i];
            agents.zones[kept] = agents.zones[i];
            if (!agents.positions.empty()) agents.positions[kept] = agents.positions[i];
            for (auto& column : agents.quantities) column[kept] = column[i];
        }
        ++kept;
    }
    agents.ids.resize(kept);
    agents.divisions.resize(kept);
    agents.substates.resize(kept);
    agents.zones.resize(kept);
    if (!agents.positions.empty()) agents.positions.resize(kept);
    for (auto& column : agents.quantities) column.resize(kept);
}

void CellStep::write_totals(State& state) const {
    std::vector<std::int32_t> bin_of;         // by pair of substate and place, -1: no cell
    std::vector<std::size_t> pairs, touched;  // by bin; bins of a block
    std::vector<double> sums, block;          // by bin: number, quantities
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        const Population& population = model_.populations[p];
        const Agents& agents = state.agents[p];
        const std::size_t places = tables_[p].places, quantities = tables_[p].quantities, width = 1 + quantities;
        bin_of.assign(population.substates.size() * places, -1);
        pairs.clear();
        sums.clear();
        block.clear();
        // Blocks of fixed size in order: the same sums whatever the threads.
        for (std::size_t first = 0; first < agents.size(); first += k_block) {
            touched.clear();
            const std::size_t last = std::min(first + k_block, agents.size());
            for (std::size_t i = first; i < last; ++i) {
                const std::size_t pair = static_cast<std::size_t>(agents.substates[i]) * places + agents.zones[i];
                if (bin_of[pair] < 0) {
                    bin_of[pair] = static_cast<std::int32_t>(pairs.size());
                    pairs.push_back(pair);
                    sums.resize(sums.size() + width, 0.0);
                    block.resize(sums.size(), 0.0);
                }
                double* bin = &block[static_cast<std::size_t>(bin_of[pair]) * width];
                if (bin[0] == 0.0) touched.push_back(static_cast<std::size_t>(bin_of[pair]) * width);
                bin[0] += 1.0;
                for (std::size_t q = 0; q < quantities; ++q) bin[1 + q] += agents.quantities[q][i];
            }
            for (const std::size_t bin : touched)
                for (std::size_t b = bin; b < bin + width; ++b) {
                    sums[b] += block[b];
                    block[b] = 0.0;
                }
        }
        const auto clear = [&](std::int32_t entry) {
            std::fill_n(state.values.begin() + static_cast<std::ptrdiff_t>(index_.of(population, entry, 0)), places,
                        0.0);
        };
        for (const Population::Substate& sub : population.substates) {
            clear(sub.count);
            for (const std::int32_t total : sub.totals) clear(total);
        }
        const double scale = 1.0 / agents_per_cell(p);
        for (std::size_t b = 0; b < pairs.size(); ++b) {
            const Population::Substate& sub = population.substates[pairs[b] / places];
            const auto zone = static_cast<std::int32_t>(pairs[b] % places);
            state.values[index_.of(population, sub.count, zone)] = sums[b * width] * scale;
            for (std::size_t q = 0; q < quantities; ++q)
                state.values[index_.of(population, sub.totals[q], zone)] = sums[b * width + 1 + q] * scale;
        }
    }
}

}  // namespace lobule
