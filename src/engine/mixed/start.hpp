// Whole agents for the numbers of a State, and for what events do to them. Private to the engine.
#pragma once

#include "cells.hpp"

namespace lobule {

/// Gives `state` agents for its numbers of cells: in each place the numbers of the substates are rounded together, by one
/// draw, so that their sum is within one of the whole and each is right on average. Cells of a substate start with its
/// mean volume and attributes. Then rewrites the values of populations as sums over agents.
/// Populations that `placed` holds (by population; of the tissue) are taken as they are there.
void sample_agents(const Model& model, State& state, const CellStep& cells, const DrawAddress& draws,
                   std::vector<Agents> placed = {});

/// Id of a cell that no other cell bore: by population and a number that is never used twice.
std::uint64_t first_id(const Population& population, std::uint64_t when, std::uint64_t number);

/// An event sets the number of cells of some substates in a place: agents drawn at random leave, or are doubled as cells of
/// new ids; where there is nobody, cells as those of `newcomer` (by quantity) enter the first substate. `which`: a number that no
/// other assignment of this run has.
void set_number(const Model& model, State& state, const CellStep& cells, const DrawAddress& draws,
                const Assignment& what, std::int32_t zone, double number, const std::vector<double>& newcomer,
                std::uint64_t which);

}  // namespace lobule
