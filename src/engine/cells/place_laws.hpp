// Laws over many places: blocks of lanes at a time, with the sums over all of them taken before. Private to the engine.
//
// A place is one voxel of the tissue. It has everything that a zone has, so the laws of zones are its laws. What they read of all
// places (`zone_sum`) becomes a one-value input, computed level by level; all else then needs the places of one block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "engine/rest.hpp"
#include "model/model.hpp"
#include "model/program.hpp"

namespace lobule {

class PlaceLaws {
public:
    static constexpr std::size_t k_block = 256;  // places

    PlaceLaws(const Model& model, const Laws& laws, const Inputs& inputs);

    /// The law of the model in the graph of this object, marks and sums taken out: what can be differentiated and evaluated.
    ExprId take(ExprId law);
    /// A one-value input beside those of the model, set by set_extra.
    ExprId extra();
    void set_extra(ExprId extra, double value);
    ExpressionGraph& graph() noexcept { return graph_; }

    /// What is evaluated together; outputs are expressions of graph().
    Program program(std::span<const ExprId> outputs) const { return {graph_, outputs}; }

    /// Takes the sums over all places at (time, values), values as in a State. Call it before evaluating.
    void prepare(double time, const std::vector<double>& values, int threads);
    /// Evaluates for the places from `first`, `count` of them (1 for laws that have one value). Lane columns may be replaced by
    /// `columns` (by zone entry, null: as in the values of prepare).
    void evaluate(const Program& program, std::size_t first, std::size_t count, ProgramWorkspace& workspace,
                  std::span<const double* const> columns = {}) const;
    /// A one-value output.
    double one(const Program& program, std::size_t output, ProgramWorkspace& workspace) const {
        evaluate(program, 0, 1, workspace);
        return *program.result(workspace, output);
    }

    std::size_t places() const noexcept { return places_; }
    Inputs& inputs() noexcept { return inputs_; }
    /// Body values as laws see them; prepare() copies them from the values.
    double& body(std::size_t entry) { return inputs_.ones[1 + entry]; }

private:
    struct Sum {
        ExprId operand;  // of graph_
        std::int32_t slot;
    };
    std::size_t level_of(ExprId id) const;

    const Model& model_;
    const Laws& laws_;
    Inputs inputs_;
    std::size_t places_;
    const double* values_ = nullptr;
    ExpressionGraph graph_;
    std::map<ExprId, ExprId> taken_;  // from the graph of the laws
    std::map<std::int32_t, std::size_t> level_of_slot_;
    std::vector<std::vector<Sum>> levels_;  // sums of level l read sums of lower levels alone
    std::vector<Program> level_programs_;
    std::int32_t next_slot_;
};

}  // namespace lobule
