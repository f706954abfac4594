#include "place_laws.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace lobule {

PlaceLaws::PlaceLaws(const Model& model, const Laws& laws, const Inputs& inputs)
    : model_(model),
      laws_(laws),
      inputs_(inputs),
      places_(static_cast<std::size_t>(model.zones)),
      next_slot_(model.one_inputs) {
    inputs_.ones.resize(static_cast<std::size_t>(model.one_inputs));
    inputs_.lanes.resize(static_cast<std::size_t>(model.lane_inputs));
}

ExprId PlaceLaws::take(ExprId law) {
    if (law < 0) return law;
    if (const auto found = taken_.find(law); found != taken_.end()) return found->second;
    // Operands first, without recursion: laws nest deeply.
    std::vector<ExprId> open{law};
    while (!open.empty()) {
        const ExprId id = open.back();
        const Expression e = laws_.graph[id];
        bool ready = true;
        for (const ExprId operand : {e.a, e.b, e.c})
            if (operand >= 0 && !taken_.contains(operand)) {
                open.push_back(operand);
                ready = false;
            }
        if (!ready) continue;
        open.pop_back();
        if (taken_.contains(id)) continue;
        const auto at = [&](ExprId operand) { return operand < 0 ? operand : taken_.at(operand); };
        ExprId own = -1;
        if (e.op == Op::mark) {
            own = at(e.a);
        } else if (e.op == Op::lane_sum) {
            const ExprId operand = at(e.a);
            const std::size_t level = level_of(operand);
            if (levels_.size() <= level) levels_.resize(level + 1);
            own = extra();
            levels_[level].push_back({operand, graph_[own].integer});
            level_of_slot_[graph_[own].integer] = level;
            level_programs_.clear();
        } else {
            LOBULE_ASSERT(e.op != Op::next && e.op != Op::previous,
                          id);  // of zones in a row; the space of cells has no such order
            own = graph_.like(e, at(e.a), at(e.b), at(e.c));
        }
        taken_.emplace(id, own);
    }
    return taken_.at(law);
}

ExprId PlaceLaws::extra() {
    inputs_.ones.push_back(0.0);
    return graph_.input(next_slot_++, Extent::one);
}

void PlaceLaws::set_extra(ExprId extra, double value) {
    inputs_.ones[static_cast<std::size_t>(graph_[extra].integer)] = value;
}

std::size_t PlaceLaws::level_of(ExprId id) const {
    std::size_t level = 0;
    for (const ExprId leaf : graph_.leaves(id)) {
        const Expression& e = graph_[leaf];
        if (e.op != Op::input || e.extent != Extent::one) continue;
        if (const auto found = level_of_slot_.find(e.integer); found != level_of_slot_.end())
            level = std::max(level, found->second + 1);
    }
    return level;
}

void PlaceLaws::prepare(double time, const std::vector<double>& values, int threads) {
    values_ = values.data();
    inputs_.ones[Model::time_slot] = time;
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(model_.zone_states.size() * places_),
                model_.body_states.size(), inputs_.ones.begin() + 1);
    if (level_programs_.empty())
        for (const auto& level : levels_) {
            std::vector<ExprId> outputs;
            for (const Sum& sum : level) outputs.push_back(sum.operand);
            level_programs_.push_back(program(outputs));
        }
    const std::size_t blocks = (places_ + k_block - 1) / k_block;
    for (std::size_t l = 0; l < levels_.size(); ++l) {
        const std::size_t sums = levels_[l].size();
        std::vector<double> partial(blocks * sums, 0.0);
#pragma omp parallel num_threads(threads) if (threads > 1 && blocks > 1)
        {
            ProgramWorkspace workspace;
#pragma omp for schedule(static)
            for (std::size_t b = 0; b < blocks; ++b) {
                const std::size_t first = b * k_block, count = std::min(k_block, places_ - first);
                evaluate(level_programs_[l], first, count, workspace);
                for (std::size_t s = 0; s < sums; ++s) {
                    const double* value = level_programs_[l].result(workspace, s);
                    const bool lanes = level_programs_[l].extent(s) == Extent::lanes;
                    for (std::size_t i = 0; i < count; ++i) partial[b * sums + s] += value[lanes ? i : 0];
                }
            }
        }
        for (std::size_t s = 0; s < sums; ++s) {
            double total = 0.0;
            for (std::size_t b = 0; b < blocks; ++b) total += partial[b * sums + s];
            inputs_.ones[static_cast<std::size_t>(levels_[l][s].slot)] = total;
        }
    }
}

void PlaceLaws::evaluate(const Program& program, std::size_t first, std::size_t count, ProgramWorkspace& workspace,
                         std::span<const double* const> columns) const {
    const std::size_t entries = model_.zone_states.size();
    std::vector<const double*> lanes(inputs_.lanes.size());
    for (std::size_t s = 0; s < lanes.size(); ++s) {
        if (s < columns.size() && columns[s] != nullptr)
            lanes[s] = columns[s];
        else if (s < entries)
            lanes[s] = values_ + s * places_ + first;
        else
            lanes[s] = inputs_.lanes[s].data() + first;
    }
    program.evaluate({inputs_.ones, lanes, count}, workspace);
}

}  // namespace lobule
