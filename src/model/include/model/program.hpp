// A linear program of array instructions: rate laws evaluated over a batch of lanes (zones, or cells of one type).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "base/math.hpp"
#include "model/expression.hpp"

namespace lobule {

/// What a Program reads: values by slot. Lane inputs are columns: lane_values[slot] points at `lanes` doubles.
struct ProgramInputs {
    std::span<const double> ones;                 // by slot of one-value inputs
    std::span<const double* const> lane_columns;  // by slot of lane inputs
    std::size_t lanes = 1;
};

/// Memory that begins with a line of the cache, so that a vector never lies across two.
template <class T>
struct CacheLines {
    using value_type = T;
    static constexpr std::align_val_t k_line{64};
    CacheLines() = default;
    template <class U>
    explicit CacheLines(const CacheLines<U>&) {}
    T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), k_line)); }
    void deallocate(T* p, std::size_t) { ::operator delete(p, k_line); }
    bool operator==(const CacheLines&) const = default;
};

/// The caller's buffer; grown on first use, reused afterwards. One per thread.
struct ProgramWorkspace {
    std::vector<double, CacheLines<double>> registers;
    std::vector<const double*> pointers;
};

/// One step of a Program; private to it and its kernels. Operands and results are numbers of places.
struct ProgramInstruction {
    static constexpr std::uint8_t k_result_lanes = 8;
    std::uint8_t kernel;
    std::uint8_t lanes_mask;  // bits 0 to 2: which operands are per lane; k_result_lanes: the result is
    std::int32_t integer;
    std::int32_t result;
    std::array<std::int32_t, 3> operands;
};

/// Immutable after construction; evaluate() may be called from many threads with separate workspaces.
/// Lane results do not depend on the number of lanes or on how a batch is cut, bit for bit.
class Program {
public:
    Program() = default;
    /// Linearises everything that `outputs` need, each shared expression once, in id order.
    Program(const ExpressionGraph& graph, std::span<const ExprId> outputs);

    /// After the call, output i is at result(workspace, i): one double or `lanes` doubles by its extent. An output that
    /// is itself an input or a constant points at it. `with` changes the speed and no bit.
    void evaluate(const ProgramInputs& inputs, ProgramWorkspace& workspace, math::Vectors with = math::vectors()) const;
    const double* result(const ProgramWorkspace& workspace, std::size_t output) const {
        return workspace.pointers[output];
    }

    Extent extent(std::size_t output) const { return output_extents_[output]; }
    std::size_t outputs() const noexcept { return output_places_.size(); }
    std::size_t instructions() const noexcept { return code_.size(); }

private:
    struct Plan;  // for the constructor

    // Places are numbered: constants, one-value inputs and registers, then lane inputs, registers that are reused and
    // registers that outputs keep. code_ has the one-value instructions first where no sum over lanes comes between:
    // the others may then run over a part of the lanes at a time.
    std::vector<ProgramInstruction> code_;
    std::size_t one_instructions_ = 0;  // at the beginning of code_, when parts are allowed
    bool sums_lanes_ = false;
    std::vector<double> constants_;  // k_pad copies each
    std::vector<std::int32_t> one_slots_;
    std::vector<std::int32_t> lane_slots_;
    std::size_t one_registers_ = 0, lane_registers_ = 0, lane_outputs_ = 0;
    std::vector<std::int32_t> output_places_;
    std::vector<Extent> output_extents_;
};

}  // namespace lobule
