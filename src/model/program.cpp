#include "model/program.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/assert.hpp"
#include "base/error.hpp"
#include "program_kernels.hpp"

namespace lobule {
namespace {

// Lanes that go through the whole program together: few enough for its registers to stay in the first cache, enough
// for the steps between instructions to vanish.
constexpr std::size_t k_part = 128;

std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

template <class T>
const T& checked(std::span<const T> values, std::int32_t slot) {
    LOBULE_ASSERT(slot >= 0 && static_cast<std::size_t>(slot) < values.size(), slot, values.size());
    return values[static_cast<std::size_t>(slot)];
}

std::optional<First> first_of(Op op) {
    switch (op) {
        case Op::add: return First::add;
        case Op::sub: return First::sub;
        case Op::mul: return First::mul;
        case Op::div: return First::div;
        default: return std::nullopt;
    }
}

Second second_of(Op op, bool from_left) {
    switch (op) {
        case Op::add: return Second::add;
        case Op::sub: return from_left ? Second::sub : Second::from;
        case Op::mul: return Second::mul;
        case Op::div: return from_left ? Second::div : Second::into;
        default: throw Bug("second_of: not an operation that is joined");
    }
}

std::size_t at(ExprId id) { return static_cast<std::size_t>(id); }

}  // namespace

void unknown_kernel() { throw Bug("evaluate: a constant or an input is no instruction"); }

/// What becomes of each expression: which are needed, which are done within the instruction of another, and in which
/// order.
struct Program::Plan {
    const ExpressionGraph& graph;
    std::vector<int> uses;       // by id; 0: nothing needs it
    std::vector<ExprId> joined;  // by id: the operand that is computed in the same instruction, -1: none
    std::vector<bool> absorbed;  // by id: it is such an operand
    std::vector<ExprId> order;
    bool sums_lanes = false;  // or reads neighbours: needs all lanes at a time

    Plan(const ExpressionGraph& of, std::span<const ExprId> outputs) : graph(of) {
        const ExprId top = outputs.empty() ? -1 : *std::max_element(outputs.begin(), outputs.end());
        uses.resize(at(top + 1));
        joined.assign(at(top + 1), -1);
        absorbed.resize(at(top + 1));
        // An output has a use that is not an operand: it is never absorbed.
        for (const ExprId output : outputs) uses[at(output)] += 2;
        for (ExprId id = top; id >= 0; --id) {
            if (uses[at(id)] == 0) continue;
            const Op op = graph[id].op;
            sums_lanes = sums_lanes || op == Op::lane_sum || op == Op::next || op == Op::previous;
            for (const ExprId operand : operands(id))
                if (operand >= 0) ++uses[at(operand)];
        }
        for (ExprId id = 0; id <= top; ++id)
            if (uses[at(id)] != 0) join(id);
        schedule(top);
    }

    // Operands before results; the kind that most instructions are ready for, as long as there are any, then the next.
    // One-value instructions come before all others where no sum over lanes is between.
    void schedule(ExprId top) {
        std::vector<int> missing(uses.size());
        std::vector<std::vector<ExprId>> readers(uses.size());
        std::array<std::vector<ExprId>, 2 * 256> ready;
        const auto make_ready = [&](ExprId id) {
            const bool later = !sums_lanes && graph[id].extent == Extent::lanes;
            ready[kernel(id) + (later ? 256U : 0U)].push_back(id);
        };
        for (ExprId id = 0; id <= top; ++id) {
            if (uses[at(id)] == 0 || absorbed[at(id)]) continue;
            for (const ExprId operand : operands(id))
                if (operand >= 0) {
                    ++missing[at(id)];
                    readers[at(operand)].push_back(id);
                }
            if (missing[at(id)] == 0) make_ready(id);
        }
        const auto done = [&](ExprId id) {
            order.push_back(id);
            for (const ExprId reader : readers[at(id)])
                if (--missing[at(reader)] == 0) make_ready(reader);
        };
        for (const std::size_t half : {0U, 256U}) {
            const std::span<std::vector<ExprId>> kinds(ready.data() + half, 256);
            while (true) {
                auto& most = *std::max_element(kinds.begin(), kinds.end(),
                                               [](const auto& x, const auto& y) { return x.size() < y.size(); });
                if (most.empty()) break;
                while (!most.empty()) {
                    const ExprId id = most.back();
                    most.pop_back();
                    done(id);
                }
            }
        }
    }

    // An operand of + - * / that is one of these too and that nothing else needs.
    void join(ExprId id) {
        const Expression& e = graph[id];
        if (!first_of(e.op)) return;
        for (const ExprId operand : {e.a, e.b})
            if (first_of(graph[operand].op) && uses[at(operand)] == 1 && joined[at(operand)] < 0 &&
                graph[operand].extent == e.extent) {
                joined[at(id)] = operand;
                absorbed[at(operand)] = true;
                return;
            }
    }

    // The operands that an instruction reads; a whole exponent of hill is in the instruction instead.
    std::array<ExprId, 3> operands(ExprId id) const {
        const Expression& e = graph[id];
        if (const ExprId inner = joined[at(id)]; inner >= 0)
            return {graph[inner].a, graph[inner].b, inner == e.a ? e.b : e.a};
        return {e.a, e.b, e.op == Op::hill && e.integer != 0 ? -1 : e.c};
    }

    std::uint8_t kernel(ExprId id) const {
        const Expression& e = graph[id];
        if (const ExprId inner = joined[at(id)]; inner >= 0)
            return kernel_of(first_of(graph[inner].op).value(), second_of(e.op, inner == e.a));
        return kernel_of(e.op);
    }
};

// A register is free again after its value's last use; a result may take the register of an operand that dies with it.
// An output of lanes has a register of its own from beginning to end, since it is filled part by part.
Program::Program(const ExpressionGraph& graph, std::span<const ExprId> outputs) {
    enum Kind : std::size_t { constant, one_input, one_register, lane_input, lane_register, lane_output, kinds };
    struct Place {
        Kind kind = constant;
        std::int32_t index = 0;
    };
    const Plan plan(graph, outputs);
    sums_lanes_ = plan.sums_lanes;

    // The step that uses a value last; a value that outputs show is kept.
    constexpr std::size_t kept = static_cast<std::size_t>(-1);
    std::vector<std::size_t> last_use(plan.uses.size());
    for (std::size_t step = 0; step < plan.order.size(); ++step)
        for (const ExprId operand : plan.operands(plan.order[step]))
            if (operand >= 0) last_use[at(operand)] = step;
    for (const ExprId output : outputs) last_use[at(output)] = kept;

    std::vector<Place> places(plan.uses.size());
    std::array<std::vector<std::int32_t>, kinds> free;
    std::array<std::int32_t, kinds> count{};
    for (std::size_t step = 0; step < plan.order.size(); ++step) {
        const ExprId id = plan.order[step];
        const Expression& e = graph[id];
        const bool lanes = e.extent == Extent::lanes;
        Place& place = places[at(id)];
        if (e.op == Op::constant) {
            place.kind = constant;
            constants_.insert(constants_.end(), k_pad, e.constant);
        } else if (e.op == Op::input) {
            place.kind = lanes ? lane_input : one_input;
            (lanes ? lane_slots_ : one_slots_).push_back(e.integer);
        } else {
            for (const ExprId operand : plan.operands(id)) {
                if (operand < 0 || last_use[at(operand)] != step) continue;
                last_use[at(operand)] = kept;  // freed once, also in x*x
                free[places[at(operand)].kind].push_back(places[at(operand)].index);
            }
            place.kind = !lanes ? one_register : last_use[at(id)] == kept ? lane_output : lane_register;
            if (std::vector<std::int32_t>& free_ones = free[place.kind];
                !free_ones.empty() && place.kind != lane_output) {
                place.index = free_ones.back();
                free_ones.pop_back();
                continue;
            }
        }
        place.index = count[place.kind]++;
    }
    one_registers_ = static_cast<std::size_t>(count[one_register]);
    lane_registers_ = static_cast<std::size_t>(count[lane_register]);
    lane_outputs_ = static_cast<std::size_t>(count[lane_output]);

    const auto number = [&](ExprId id) {
        std::int32_t first = 0;
        for (std::size_t kind = 0; kind < places[at(id)].kind; ++kind) first += count[kind];
        return first + places[at(id)].index;
    };
    for (const ExprId id : plan.order) {
        const Expression& e = graph[id];
        if (e.op == Op::constant || e.op == Op::input) continue;
        ProgramInstruction instruction{plan.kernel(id), 0, e.integer, number(id), {0, 0, 0}};
        if (e.extent == Extent::lanes) instruction.lanes_mask |= ProgramInstruction::k_result_lanes;
        const std::array<ExprId, 3> operands = plan.operands(id);
        for (std::size_t i = 0; i < operands.size(); ++i) {
            if (operands[i] < 0) continue;
            instruction.operands[i] = number(operands[i]);
            if (graph[operands[i]].extent == Extent::lanes)
                instruction.lanes_mask |= static_cast<std::uint8_t>(1U << i);
        }
        if (!sums_lanes_ && e.extent == Extent::one) ++one_instructions_;
        code_.push_back(instruction);
    }
    for (const ExprId output : outputs) {
        output_places_.push_back(number(output));
        output_extents_.push_back(graph[output].extent);
    }
}

void Program::evaluate(const ProgramInputs& inputs, ProgramWorkspace& workspace, math::Vectors with) const {
    const std::size_t lanes = inputs.lanes;
    const std::size_t padded = round_up(lanes, k_pad);
    const std::size_t part = sums_lanes_ ? padded : std::min(padded, k_part);
    const std::size_t last_start = part == 0 ? 0 : (padded - 1) / part * part;
    const std::size_t last_part = padded - last_start;
    const std::size_t constants = constants_.size() / k_pad;
    const std::size_t ones = one_slots_.size() + one_registers_;
    const std::size_t copies = lanes == padded ? 0 : lane_slots_.size();

    const std::size_t size = ones * k_pad + copies * last_part + lane_registers_ * part + lane_outputs_ * padded;
    if (workspace.registers.size() < size) workspace.registers.resize(size);
    double* next = workspace.registers.data();
    const auto take = [&next](std::size_t count) {
        double* const taken = next;
        next += count;
        return taken;
    };

    const std::size_t outputs = output_places_.size();
    workspace.pointers.resize(outputs + constants + ones + lane_slots_.size() + lane_registers_ + lane_outputs_);
    const double** const places = workspace.pointers.data() + outputs;
    const double** place = places;
    for (std::size_t i = 0; i < constants; ++i) *place++ = &constants_[i * k_pad];
    // Columns first: they keep to the lines of the cache as far as their length lets them.
    const double** const lane_inputs = places + constants + ones;
    place = lane_inputs;
    for (const std::int32_t slot : lane_slots_) *place++ = checked(inputs.lane_columns, slot);
    for (std::size_t i = 0; i < lane_registers_; ++i) *place++ = take(part);
    const double** const lane_outputs = place;
    for (std::size_t i = 0; i < lane_outputs_; ++i) *place++ = take(padded);
    double* const tails = take(copies * last_part);
    place = places + constants;
    for (const std::int32_t slot : one_slots_) {
        double* const copy = take(k_pad);
        std::fill_n(copy, k_pad, checked(inputs.ones, slot));
        *place++ = copy;
    }
    for (std::size_t i = 0; i < one_registers_; ++i) *place++ = take(k_pad);

    for (std::size_t i = 0; i < outputs; ++i) {
        const auto number = static_cast<std::size_t>(output_places_[i]);
        const std::size_t one_input = number - constants;
        workspace.pointers[i] = number >= constants && one_input < one_slots_.size()
                                    ? &checked(inputs.ones, one_slots_[one_input])
                                    : places[number];
    }

    const auto run = with == math::Vectors::wide ? wide_vectors::run : narrow_vectors::run;
    run(code_.data(), one_instructions_, places, 0, lanes);
    const ProgramInstruction* const lane_code = code_.data() + one_instructions_;
    const std::size_t lane_instructions = code_.size() - one_instructions_;
    for (std::size_t start = 0; start < last_start; start += part) {
        run(lane_code, lane_instructions, places, part, lanes);
        for (std::size_t i = 0; i < lane_slots_.size(); ++i) lane_inputs[i] += part;
        for (std::size_t i = 0; i < lane_outputs_; ++i) lane_outputs[i] += part;
    }
    // The last lane again and again where the batch ends before a vector does: no number that a law has not seen.
    for (std::size_t i = 0; i < copies; ++i) {
        double* const copy = tails + i * last_part;
        for (std::size_t lane = 0; lane < last_part; ++lane)
            copy[lane] = lane_inputs[i][std::min(lane, lanes - last_start - 1)];
        lane_inputs[i] = copy;
    }
    run(lane_code, lane_instructions, places, last_part, lanes);
}

}  // namespace lobule
