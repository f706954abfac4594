#include "model/program.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <span>

#include "base/assert.hpp"
#include "base/error.hpp"
#include "base/math.hpp"
#include "operations.hpp"

namespace lobule {
namespace {

// Lanes of one step of a loop. A fixed count lets the compiler use vectors at -O2 too.
constexpr std::size_t k_step = 8;
// Lanes gathered at a time for pow, whose two operands may each be one value or a column.
constexpr std::size_t k_gather = 64;

// out[i] = f(operands at lane i); `lane` says which operands are columns. `out` may be one of the operands: each step
// reads before it writes. Values go through the same operations in the step and in the remainder, so a lane's bits do
// not depend on where it lies.
template <bool... lane, class F, class... Operand>
void each_lane(F f, std::size_t n, double* out, const Operand*... operand) {
    std::size_t i = 0;
    for (; i + k_step <= n; i += k_step) {
        std::array<double, k_step> step;
        for (std::size_t j = 0; j < k_step; ++j) step[j] = f(operand[lane ? i + j : 0]...);
        std::memcpy(out + i, step.data(), sizeof step);
    }
    for (; i < n; ++i) out[i] = f(operand[lane ? i : 0]...);
}

// A result of extent one is a column of one lane, so an operand that is no column only meets one that is.
template <class F>
void binary(F f, unsigned int mask, std::size_t n, double* out, const double* a, const double* b) {
    switch (mask & 3U) {
        case 1: return each_lane<true, false>(f, n, out, a, b);
        case 2: return each_lane<false, true>(f, n, out, a, b);
        default: return each_lane<true, true>(f, n, out, a, b);
    }
}

void select(unsigned int mask, std::size_t n, double* out, const double* a, const double* b, const double* c) {
    constexpr auto f = operations::select;
    switch (mask & 7U) {
        case 1: return each_lane<true, false, false>(f, n, out, a, b, c);
        case 2: return each_lane<false, true, false>(f, n, out, a, b, c);
        case 3: return each_lane<true, true, false>(f, n, out, a, b, c);
        case 4: return each_lane<false, false, true>(f, n, out, a, b, c);
        case 5: return each_lane<true, false, true>(f, n, out, a, b, c);
        case 6: return each_lane<false, true, true>(f, n, out, a, b, c);
        default: return each_lane<true, true, true>(f, n, out, a, b, c);
    }
}

// math::pow_int unrolled: the same products in the same order.
template <unsigned int n>
double power(double x, double result = 1.0) {
    if constexpr ((n & 1U) != 0) result *= x;
    if constexpr (n > 1) result = power<(n >> 1)>(x * x, result);
    return result;
}

// Calls use(f) with f(x) = x^n, compiled apart for the common n.
template <class Use>
void with_power(int n, Use use) {
    switch (n) {
        case 1: return use([](double x) { return x; });
        case 2: return use([](double x) { return power<2>(x); });
        case 3: return use([](double x) { return power<3>(x); });
        case 4: return use([](double x) { return power<4>(x); });
        case 5: return use([](double x) { return power<5>(x); });
        case 6: return use([](double x) { return power<6>(x); });
        case 8: return use([](double x) { return power<8>(x); });
        case -1: return use([](double x) { return 1.0 / x; });
        case -2: return use([](double x) { return 1.0 / power<2>(x); });
        default: return use([n](double x) { return math::pow_int(x, n); });
    }
}

// The value of an operand at each of `count` lanes from `start` on.
void gather(std::array<double, k_gather>& block, const double* operand, bool lane, std::size_t start,
            std::size_t count) {
    if (lane)
        std::copy_n(operand + start, count, block.begin());
    else
        std::fill_n(block.begin(), count, *operand);
}

void pow(unsigned int mask, std::size_t n, double* out, const double* a, const double* b) {
    std::array<double, k_gather> base, exponent;
    for (std::size_t start = 0; start < n; start += k_gather) {
        const std::size_t count = std::min(k_gather, n - start);
        gather(base, a, (mask & 1U) != 0, start, count);
        gather(exponent, b, (mask & 2U) != 0, start, count);
        math::pow(base.data(), exponent.data(), out + start, count);
    }
}

// hill with an exponent that is not a whole constant.
void hill(unsigned int mask, std::size_t n, double* out, const double* x, const double* k, const double* exponent) {
    std::array<double, k_gather> base, scale, power_of;
    for (std::size_t start = 0; start < n; start += k_gather) {
        const std::size_t count = std::min(k_gather, n - start);
        gather(base, x, (mask & 1U) != 0, start, count);
        gather(scale, k, (mask & 2U) != 0, start, count);
        gather(power_of, exponent, (mask & 4U) != 0, start, count);
        each_lane<true, true>(operations::hill_base, count, base.data(), base.data(), scale.data());
        math::pow(base.data(), power_of.data(), base.data(), count);
        each_lane<true>(operations::hill_of_power, count, out + start, base.data());
    }
}

template <class T>
const T& checked(std::span<const T> values, std::int32_t slot) {
    LOBULE_ASSERT(slot >= 0 && static_cast<std::size_t>(slot) < values.size(), slot, values.size());
    return values[static_cast<std::size_t>(slot)];
}

// The operands that evaluation reads; a whole exponent of hill is in the instruction instead.
std::array<ExprId, 3> operands(const Expression& e) {
    return {e.a, e.b, e.op == Op::hill && e.integer != 0 ? -1 : e.c};
}

}  // namespace

// Values lie in `places`, numbered: constants, one-value inputs, lane inputs, one-value registers, lane registers. A
// register is free again after its value's last use; a result may take the register of an operand that dies with it.
Program::Program(const ExpressionGraph& graph, std::span<const ExprId> outputs) {
    enum Kind : std::size_t { constant, one_input, lane_input, one_register, lane_register, kinds };
    struct Place {
        Kind kind = constant;
        std::int32_t index = 0;
    };
    const ExprId top = outputs.empty() ? -1 : *std::max_element(outputs.begin(), outputs.end());
    const auto at = [](ExprId id) { return static_cast<std::size_t>(id); };

    // The result that uses a value last; `never` frees no output, `unused` marks what no output needs.
    constexpr ExprId unused = -1;
    const ExprId never = top + 1;
    std::vector<ExprId> last_use(at(top + 1), unused);
    for (const ExprId output : outputs) last_use[at(output)] = never;
    for (ExprId id = top; id >= 0; --id) {
        if (last_use[at(id)] == unused) continue;
        for (const ExprId operand : operands(graph[id]))
            if (operand >= 0) last_use[at(operand)] = std::max(last_use[at(operand)], id);
    }

    std::vector<Place> places(at(top + 1));
    std::array<std::vector<std::int32_t>, kinds> free;
    std::array<std::int32_t, kinds> count{};
    for (ExprId id = 0; id <= top; ++id) {
        if (last_use[at(id)] == unused) continue;
        const Expression& e = graph[id];
        const bool lanes = e.extent == Extent::lanes;
        Place& place = places[at(id)];
        if (e.op == Op::constant) {
            place = {constant, count[constant]++};
            constants_.push_back(e.constant);
        } else if (e.op == Op::input) {
            place.kind = lanes ? lane_input : one_input;
            place.index = count[place.kind]++;
            (lanes ? lane_slots_ : one_slots_).push_back(e.integer);
        } else {
            for (const ExprId operand : operands(e)) {
                if (operand < 0 || last_use[at(operand)] != id) continue;
                last_use[at(operand)] = never;  // freed once, also in x*x
                free[places[at(operand)].kind].push_back(places[at(operand)].index);
            }
            place.kind = lanes ? lane_register : one_register;
            if (free[place.kind].empty()) {
                place.index = count[place.kind]++;
            } else {
                place.index = free[place.kind].back();
                free[place.kind].pop_back();
            }
        }
    }
    one_registers_ = count[one_register];
    lane_registers_ = count[lane_register];

    const auto number = [&](ExprId id) {
        std::int32_t first = 0;
        for (std::size_t kind = 0; kind < places[at(id)].kind; ++kind) first += count[kind];
        return first + places[at(id)].index;
    };
    for (ExprId id = 0; id <= top; ++id) {
        const Expression& e = graph[id];
        if (last_use[at(id)] == unused || e.op == Op::constant || e.op == Op::input) continue;
        Instruction instruction{e.op, 0, e.integer, number(id), {0, 0, 0}};
        if (e.extent == Extent::lanes) instruction.lanes_mask |= k_result_lanes;
        for (std::size_t i = 0; i < 3; ++i) {
            const ExprId operand = operands(e)[i];
            if (operand < 0) continue;
            instruction.operands[i] = number(operand);
            if (graph[operand].extent == Extent::lanes) instruction.lanes_mask |= static_cast<std::uint8_t>(1U << i);
        }
        code_.push_back(instruction);
    }
    for (const ExprId output : outputs) {
        output_places_.push_back(number(output));
        output_extents_.push_back(graph[output].extent);
    }
}

void Program::evaluate(const ProgramInputs& inputs, ProgramWorkspace& workspace) const {
    const std::size_t outputs = output_places_.size();
    const std::size_t lanes = inputs.lanes;
    const auto padded = [](std::size_t size) { return (size + k_step - 1) / k_step * k_step; };
    const std::size_t ones = padded(static_cast<std::size_t>(one_registers_));
    const std::size_t stride = padded(lanes);
    const std::size_t size = ones + static_cast<std::size_t>(lane_registers_) * stride;
    if (workspace.registers.size() < size) workspace.registers.resize(size);
    double* const registers = workspace.registers.data();

    const std::size_t fixed = constants_.size() + one_slots_.size() + lane_slots_.size();
    const std::size_t places = fixed + static_cast<std::size_t>(one_registers_ + lane_registers_);
    workspace.pointers.resize(outputs + places);
    const double** const table = workspace.pointers.data() + outputs;
    const double** place = table;
    for (const double& value : constants_) *place++ = &value;
    for (const std::int32_t slot : one_slots_) *place++ = &checked(inputs.ones, slot);
    for (const std::int32_t slot : lane_slots_) *place++ = checked(inputs.lane_columns, slot);
    for (std::int32_t i = 0; i < one_registers_; ++i) *place++ = registers + i;
    for (std::int32_t i = 0; i < lane_registers_; ++i)
        *place++ = registers + ones + static_cast<std::size_t>(i) * stride;
    for (std::size_t i = 0; i < outputs; ++i) workspace.pointers[i] = table[output_places_[i]];

    for (const Instruction& instruction : code_) {
        const unsigned int mask = instruction.lanes_mask;
        const std::size_t n = (mask & k_result_lanes) != 0 ? lanes : 1;
        double* const out = const_cast<double*>(table[instruction.result]);  // a register: ours to write
        const double* const a = table[instruction.operands[0]];
        const double* const b = table[instruction.operands[1]];
        const double* const c = table[instruction.operands[2]];
        switch (instruction.op) {
            case Op::add: binary([](double x, double y) { return x + y; }, mask, n, out, a, b); break;
            case Op::sub: binary([](double x, double y) { return x - y; }, mask, n, out, a, b); break;
            case Op::mul: binary([](double x, double y) { return x * y; }, mask, n, out, a, b); break;
            case Op::div: binary([](double x, double y) { return x / y; }, mask, n, out, a, b); break;
            case Op::min: binary(operations::min, mask, n, out, a, b); break;
            case Op::max: binary(operations::max, mask, n, out, a, b); break;
            case Op::less: binary(operations::less, mask, n, out, a, b); break;
            case Op::less_equal: binary(operations::less_equal, mask, n, out, a, b); break;
            case Op::equal: binary(operations::equal, mask, n, out, a, b); break;
            case Op::logical_and: binary(operations::logical_and, mask, n, out, a, b); break;
            case Op::logical_or: binary(operations::logical_or, mask, n, out, a, b); break;
            case Op::neg: each_lane<true>([](double x) { return -x; }, n, out, a); break;
            case Op::sqrt: each_lane<true>([](double x) { return std::sqrt(x); }, n, out, a); break;
            case Op::abs: each_lane<true>([](double x) { return std::abs(x); }, n, out, a); break;
            case Op::logical_not: each_lane<true>(operations::logical_not, n, out, a); break;
            case Op::exp: math::exp(a, out, n); break;
            case Op::ln: math::ln(a, out, n); break;
            case Op::log10: math::log10(a, out, n); break;
            case Op::tanh: math::tanh(a, out, n); break;
            case Op::pow: pow(mask, n, out, a, b); break;
            case Op::power_int: with_power(instruction.integer, [&](auto f) { each_lane<true>(f, n, out, a); }); break;
            case Op::hill:
                if (instruction.integer != 0) {
                    with_power(instruction.integer, [&](auto f) {
                        binary([f](double x, double k) { return operations::hill_of_power(f(x / k)); }, mask, n, out, a,
                               b);
                    });
                } else {
                    hill(mask, n, out, a, b, c);
                }
                break;
            case Op::select: select(mask, n, out, a, b, c); break;
            case Op::lane_sum: {
                double sum = 0.0;  // in lane order, always
                for (std::size_t i = 0; i < lanes; ++i) sum += a[i];
                *out = sum;
                break;
            }
            case Op::mark: each_lane<true>([](double x) { return x; }, n, out, a); break;
            // `out` may be the operand: each value is read before its place is written.
            case Op::next:
                for (std::size_t i = 0; i < n; ++i) out[i] = a[std::min(i + 1, n - 1)];
                break;
            case Op::previous:
                for (std::size_t i = n; i-- > 0;) out[i] = a[i > 0 ? i - 1 : 0];
                break;
            case Op::constant:
            case Op::input: throw Bug("evaluate: a constant or an input is no instruction");
        }
    }
}

}  // namespace lobule
