// A linear program of array instructions: rate laws evaluated over a batch of lanes (zones, or cells of one type).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/expression.hpp"

namespace lobule {

/// What a Program reads: values by slot. Lane inputs are columns: lane_values[slot] points at `lanes` doubles.
struct ProgramInputs {
    std::span<const double> ones;                 // by slot of one-value inputs
    std::span<const double* const> lane_columns;  // by slot of lane inputs
    std::size_t lanes = 1;
};

/// The caller's buffer; grown on first use, reused afterwards. One per thread.
struct ProgramWorkspace {
    std::vector<double> registers;
    std::vector<const double*> pointers;
};

/// Immutable after construction; evaluate() may be called from many threads with separate workspaces.
/// Lane results do not depend on the number of lanes or on how a batch is cut, bit for bit.
class Program {
public:
    Program() = default;
    /// Linearises everything that `outputs` need, each shared expression once, in id order.
    Program(const ExpressionGraph& graph, std::span<const ExprId> outputs);

    /// After the call, output i is at result(workspace, i): one double or `lanes` doubles by its extent. An output that
    /// is itself an input or a constant points at it.
    void evaluate(const ProgramInputs& inputs, ProgramWorkspace& workspace) const;
    const double* result(const ProgramWorkspace& workspace, std::size_t output) const {
        return workspace.pointers[output];
    }

    Extent extent(std::size_t output) const { return output_extents_[output]; }
    std::size_t outputs() const noexcept { return output_places_.size(); }
    std::size_t instructions() const noexcept { return code_.size(); }

private:
    struct Instruction {
        Op op;
        std::uint8_t lanes_mask;  // bits 0 to 2: which operands are per lane; k_result_lanes: the result is
        std::int32_t integer;
        std::int32_t result;
        std::array<std::int32_t, 3> operands;
    };
    static constexpr std::uint8_t k_result_lanes = 8;

    // Results and operands are numbers of places: constants, then the inputs read, then one-value and lane registers.
    std::vector<Instruction> code_;
    std::vector<double> constants_;
    std::vector<std::int32_t> one_slots_;
    std::vector<std::int32_t> lane_slots_;
    std::int32_t one_registers_ = 0;
    std::int32_t lane_registers_ = 0;
    std::vector<std::int32_t> output_places_;
    std::vector<Extent> output_extents_;
};

}  // namespace lobule
