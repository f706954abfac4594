// Agents over one step: hops, moves between zones, growth, division, death and encounters at its mean hazards. Each side of an
// encounter has its own hazard: pairs are equal in number on average, and no side is late.
//
// Each cell follows a Markov chain in continuous time whose rates are constant over the step: exact for any number of hops
// within it. A draw is addressed by (seed, patient, stream, cell id, step, how many it drew in this step), so neither the
// order of cells nor the number of threads can change it. Private to the engine.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../hazards.hpp"
#include "../zones/system.hpp"
#include "engine/simulation.hpp"
#include "engine/state.hpp"
#include "model/model.hpp"

namespace lobule {

/// Where cells are in tissue with space: what the step of a cell needs to know of it.
struct CellSpace {
    Box box;
    std::vector<Vec3> along;  // by place: unit vector along its sinusoids, in which a cell divides
    std::vector<Vec3> site;   // by place: where a cell enters from blood
};

/// How many agents stand for how many cells.
struct AgentScale {
    double sample = 1.0;          // agents for each cell of one lobule
    double lobules = 1.0;         // of the untouched liver, which blood cells are sampled from
    std::vector<double> in_body;  // as in SimulationOptions
};

class CellStep {
public:
    /// With `space`, which the owner keeps up to date, cells have positions and do not drift from place to place by law.
    CellStep(const Model& model, const Inputs& inputs, const AgentScale& scale, const CellSpace* space = nullptr);

    /// The rates of a step are means over it, gathered piece by piece: so a burst shorter than a step counts in full.
    void clear_rates();
    /// Adds the rates at (time, y), the values of the ODE reading there, for a piece that is this share of the step. Throws
    /// SolverFailure when a hazard is negative.
    void add_rates(double time, const std::vector<double>& y, double share);
    /// Moves the agents of `state` over `length` [h] with the rates gathered. Then writes the totals of populations into
    /// state.values; other values stay. Counts the step. Throws SolverFailure.
    void advance(State& state, double length, const DrawAddress& draws, int threads);

    /// Sums over agents, in units of the declared cells, into the values of populations.
    void write_totals(State& state) const;
    /// Takes back what tallies became by the ODE: they count what agents do. `before`: values at the start of the step.
    void hold_tallies(const std::vector<double>& before, std::vector<double>& values) const;
    /// Takes out the agents that are marked.
    static void remove(Agents& agents, const std::vector<bool>& leaves);
    const CellSpace* space() const noexcept { return space_; }
    /// Agents for each declared cell of a population.
    double agents_per_cell(std::size_t population) const {
        return model_.populations[population].in_body ? sample_ / lobules_ * tables_[population].grain : sample_;
    }

private:
    static constexpr std::size_t k_block = 2048;  // agents; a unit of work, not of the result

    /// A way out of a substate: a hop, or a move to the next or previous zone.
    struct Exit {
        enum class Kind : std::uint8_t { hop, onward, back } kind;
        std::int32_t hop;
        std::int32_t output;  // of the program: its hazard
    };
    struct Branch {
        std::int32_t share;  // output
        std::int32_t to, cells, population;
        std::vector<std::int32_t> entering;  // outputs
    };
    struct Hopping {
        std::int32_t population, from;
        bool by_zone;  // recruitment: one hazard for each zone
        std::vector<Branch> branches;
        std::vector<std::int32_t> tallies;  // that count it
    };
    struct Changing {
        std::int32_t quantity, constant, slope;  // outputs
    };
    /// dq/dt = constant + slope q, and q after the whole step: keep * q + gain.
    struct Linear {
        double constant = 0.0, slope = 0.0, keep = 1.0, gain = 0.0;
    };
    struct Ready {
        double rate = 0.0;
        std::int32_t exit = 0, zone = 0;  // zone: where a recruited cell enters
    };
    /// What may happen to the cells of one substate in one place in this step.
    struct Row {
        double total = 0.0, stay = 1.0;  // hazard, chance of no event
        std::size_t ready = 0, ready_end = 0, linear = 0;
        bool still = true;  // no quantity changes: it has no `linear`
    };
    struct Rows {
        std::vector<Row> rows;
        std::vector<Ready> ready;
        std::vector<Linear> linear;  // of a row one for each quantity
        void clear();
    };
    /// The rates of one population for this step. Of all pairs of substate and place few hold cells: only these have a row.
    struct Table {
        std::size_t places = 1, quantities = 1;
        double grain = 1.0;                          // agents in place of one, of a cell that is rare in the body
        std::vector<std::vector<Exit>> exits;        // by substate
        std::vector<std::vector<Changing>> changes;  // by substate
        std::vector<std::int32_t> row_of;            // by substate * places + place, -1: none
        Rows rows;
    };
    struct Cell {
        std::uint64_t id;
        std::uint32_t divisions;
        std::int32_t population, substate, zone;
        Vec3 position;
        std::vector<double> quantities;
    };
    struct Pending {
        Cell cell;
        double left;
        std::uint64_t index;
    };
    /// What a block of agents gives beside changed columns.
    struct Yield {
        std::vector<Cell> arrivals;
        std::vector<std::pair<std::int32_t, std::int32_t>> counted;  // hop, place: of hops with tallies
        bool losses = false;
        std::string failure;
    };
    struct Context {
        DrawAddress draws;
        std::uint64_t step;
        double length;  // [h]
        double time;    // [h] of its start
        double lobules_now;
    };

    std::int32_t output(ExprId id);
    double value(std::int32_t output, std::size_t lane) const {
        const Column& column = columns_[static_cast<std::size_t>(output)];
        return rates_[column.first + (column.by_lane ? lane : 0)];
    }
    /// Rows for all pairs that hold cells. Throws SolverFailure.
    void fill(Table& table, const Agents& agents, std::size_t population, double length, double time);
    /// Adds a row. False where a rate is not finite.
    bool add_row(const Table& table, std::size_t substate, std::size_t place, double length, Rows& to) const;
    std::string not_finite(std::size_t population, double time) const;
    /// The row of a pair; made in `scratch` if there is none. False where a rate is not finite.
    bool find_row(const Table& table, std::int32_t substate, std::int32_t zone, double length, Rows& scratch,
                  const Row*& row, const Rows*& rows) const;
    void run_block(const Context& context, std::size_t population, Agents& agents, std::size_t first, std::size_t last,
                   Yield& yield) const;
    void follow(const Context& context, Pending first, Agents* home, std::size_t slot, Yield& yield) const;
    /// False: the cell is gone from where it was.
    bool take_exit(const Context& context, const Row& row, const Rows& rows, Pending& now, double choice,
                   double branch_choice, double rounding, std::vector<Pending>& more, Yield& yield) const;
    void enter(const Context& context, const Hopping& hop, const Branch& branch, std::int32_t zone, double rounding,
               Pending& now, std::vector<Pending>& more) const;
    static void grow(const Row& row, const Rows& rows, double time, std::vector<double>& quantities);
    void divide(Cell& mother, Cell& daughter) const;
    static void remove_gone(Agents& agents);
    void settle(State& state, std::vector<std::vector<Yield>>& yields) const;

    const Model& model_;
    double sample_, lobules_;
    const CellSpace* space_;
    StateIndex index_;
    InputBinding binding_;
    HazardGuard hazards_;
    std::vector<Hopping> hops_;
    std::map<ExprId, std::int32_t> output_of_;
    std::vector<ExprId> outputs_;
    Program program_;
    ProgramWorkspace workspace_;
    std::size_t lanes_ = 1;  // zones
    struct Column {
        std::size_t first = 0;
        bool by_lane = false;
    };
    std::vector<Column> columns_;  // by output: its place in rates_
    std::vector<double> rates_;    // the mean over the step
    double lobules_now_ = 1.0;     // the same of the number of lobules
    std::vector<Table> tables_;
    std::int32_t lobule_entry_ = -1;  // body entry
};

}  // namespace lobule
