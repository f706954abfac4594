// The kernels of a Program, included by program_narrow.cpp and program_wide.cpp. These define LOBULE_NAMESPACE and
// LOBULE_WIDTH, the instructions LOBULE_MIN, LOBULE_MAX and LOBULE_SQRT, and LOBULE_TARGET: what lambdas are compiled
// for, since they do not follow the pragma that stands before. No inline function of a header is used here that the
// compiler might keep: it would be compiled for a CPU that others may not have.
//
// Only +, -, *, /, square root, comparison and selection are used, each on every lane by itself, so the bits do not
// depend on the width. operations.hpp says what each operation means for one value.

namespace lobule::LOBULE_NAMESPACE {
namespace {

using V [[gnu::vector_size(LOBULE_WIDTH * sizeof(double))]] = double;
// In memory: at any address of a double.
using Memory [[gnu::vector_size(LOBULE_WIDTH * sizeof(double)), gnu::aligned(alignof(double)), gnu::may_alias]] =
    double;
constexpr std::size_t k_width = LOBULE_WIDTH;
constexpr std::size_t k_gather = 64;  // lanes at a time for functions whose operands may be one value or a column

inline V load(const double* from) { return *reinterpret_cast<const Memory*>(from); }
inline void store(double* to, V value) { *reinterpret_cast<Memory*>(to) = value; }
inline V all(double value) {
    V vector;
    for (std::size_t i = 0; i < k_width; ++i) vector[i] = value;
    return vector;
}

/// An operand: a column, or one value in k_pad copies, over which reading does not advance.
struct Operand {
    const double* at;
    std::size_t step;  // k_width or 0
};

// out = f(operands), lane by lane; `out` may be one of the operands.
template <class F>
inline void each(F f, std::size_t n, double* out, Operand a) {
    const double* x = a.at;
    for (; n >= 2 * k_width; n -= 2 * k_width, out += 2 * k_width, x += 2 * a.step) {
        store(out, f(load(x)));
        store(out + k_width, f(load(x + a.step)));
    }
    if (n != 0) store(out, f(load(x)));
}
template <class F>
inline void each(F f, std::size_t n, double* out, Operand a, Operand b) {
    const double *x = a.at, *y = b.at;
    for (; n >= 2 * k_width; n -= 2 * k_width, out += 2 * k_width, x += 2 * a.step, y += 2 * b.step) {
        const V second = f(load(x + a.step), load(y + b.step));
        store(out, f(load(x), load(y)));
        store(out + k_width, second);
    }
    if (n != 0) store(out, f(load(x), load(y)));
}
template <class F>
inline void each(F f, std::size_t n, double* out, Operand a, Operand b, Operand c) {
    const double *x = a.at, *y = b.at, *z = c.at;
    for (; n >= 2 * k_width; n -= 2 * k_width, out += 2 * k_width, x += 2 * a.step, y += 2 * b.step, z += 2 * c.step) {
        const V second = f(load(x + a.step), load(y + b.step), load(z + c.step));
        store(out, f(load(x), load(y), load(z)));
        store(out + k_width, second);
    }
    if (n != 0) store(out, f(load(x), load(y), load(z)));
}

inline V truth(auto mask) { return mask ? all(1.0) : all(0.0); }
inline V absolute(V x) {
    using Bits [[gnu::vector_size(sizeof(V))]] = long long;
    return __builtin_bit_cast(V, __builtin_bit_cast(Bits, x) & 0x7fff'ffff'ffff'ffffLL);
}
inline V minimum(V a, V b) { return LOBULE_MIN(b, a); }  // b < a ? b : a
inline V maximum(V a, V b) { return LOBULE_MAX(b, a); }  // a < b ? b : a

inline V hill_of_power(V p) {
    const V bounded = minimum(p, all(1e300));
    return bounded / (all(1.0) + bounded);
}

// math::pow_int: the same products in the same order.
template <unsigned int n>
inline V power(V x, V result) {
    if constexpr ((n & 1U) != 0) result = result * x;
    if constexpr (n > 1) result = power<(n >> 1)>(x * x, result);
    return result;
}
template <unsigned int n>
inline V power(V x) {
    if constexpr ((n & 1U) != 0) {
        if constexpr (n == 1) return x;
        return power<(n >> 1)>(x * x, x);  // 1*x is x
    } else {
        return power<(n >> 1)>(x * x);
    }
}
inline V any_power(V x, int n) {
    V result = all(1.0);
    unsigned int exponent = n < 0 ? 0U - static_cast<unsigned int>(n) : static_cast<unsigned int>(n);
    for (; exponent != 0; x = x * x, exponent >>= 1)
        if ((exponent & 1U) != 0) result = result * x;
    return n < 0 ? all(1.0) / result : result;
}

// Calls use(f) with f(x) = x^n, compiled apart for the common n.
template <class Use>
inline void with_power(int n, Use use) {
    switch (n) {
        case 1: return use([](V x) LOBULE_TARGET { return x; });
        case 2: return use([](V x) LOBULE_TARGET { return power<2>(x); });
        case 3: return use([](V x) LOBULE_TARGET { return power<3>(x); });
        case 4: return use([](V x) LOBULE_TARGET { return power<4>(x); });
        case -1: return use([](V x) LOBULE_TARGET { return all(1.0) / x; });
        case -2: return use([](V x) LOBULE_TARGET { return all(1.0) / power<2>(x); });
        default: return use([n](V x) LOBULE_TARGET { return any_power(x, n); });
    }
}

// `count` lanes of an operand from `start` on, as a column.
inline const double* column(double* block, Operand operand, std::size_t start, std::size_t count) {
    if (operand.step != 0) return operand.at + start;
    for (std::size_t i = 0; i < count; ++i) block[i] = *operand.at;
    return block;
}

void raise(std::size_t n, double* out, Operand a, Operand b) {
    double first[k_gather], second[k_gather];
    for (std::size_t start = 0; start < n; start += k_gather) {
        const std::size_t count = n - start < k_gather ? n - start : k_gather;
        const double* base = column(first, a, start, count);
        const double* exponent = column(second, b, start, count);
        math::pow(base, exponent, out + start, count, k_vectors);
    }
}

// hill with an exponent that is not a whole constant.
void hill(std::size_t n, double* out, Operand x, Operand k, Operand exponent) {
    double base[k_gather], block[k_gather];
    const auto part = [](Operand of, std::size_t start) {
        return Operand{of.at + (of.step != 0 ? start : 0), of.step};
    };
    for (std::size_t start = 0; start < n; start += k_gather) {
        const std::size_t count = n - start < k_gather ? n - start : k_gather;
        each([](V a, V b) LOBULE_TARGET { return maximum(a / b, all(0.0)); }, count, base, part(x, start),
             part(k, start));
        math::pow(base, column(block, exponent, start, count), base, count, k_vectors);
        each([](V p) LOBULE_TARGET { return hill_of_power(p); }, count, out + start, Operand{base, k_width});
    }
}

void sum(std::size_t lanes, double* out, const double* a) {
    double total = 0.0;  // in lane order, always
    for (std::size_t i = 0; i < lanes; ++i) total += a[i];
    for (std::size_t i = 0; i < k_pad; ++i) out[i] = total;
}

// The neighbour's value; the outermost lane has its own. `out` may be the operand: each value is read before its place is
// written.
void next(std::size_t padded, std::size_t lanes, double* out, const double* a) {
    for (std::size_t i = 0; i < padded; ++i) out[i] = a[std::min(i + 1, lanes - 1)];
}
void previous(std::size_t padded, double* out, const double* a) {
    for (std::size_t i = padded; i-- > 0;) out[i] = a[i > 0 ? i - 1 : 0];
}

/// Where an instruction reads and writes, and how many lanes.
struct Step {
    const double* const* places;
    const ProgramInstruction& instruction;
    std::size_t padded, lanes;

    bool per_lane(unsigned int bit) const { return (instruction.lanes_mask & bit) != 0; }
    std::size_t n() const { return per_lane(ProgramInstruction::k_result_lanes) ? padded : k_pad; }
    double* out() const { return const_cast<double*>(places[instruction.result]); }  // a register: ours to write
    Operand a() const { return {places[instruction.operands[0]], per_lane(1) ? k_width : 0}; }
    Operand b() const { return {places[instruction.operands[1]], per_lane(2) ? k_width : 0}; }
    Operand c() const { return {places[instruction.operands[2]], per_lane(4) ? k_width : 0}; }
};

struct Context {
    const ProgramInstruction* end;
    const double* const* places;
    std::size_t padded, lanes;
};

// Carries out the instruction and those of its kind that follow; returns the next of another kind. A function of its own
// for each kind keeps what it needs in registers.
template <class F>
[[gnu::noinline]] const ProgramInstruction* repeat(F act, const ProgramInstruction* code, const Context& context) {
    const std::uint8_t kind = code->kernel;
    const ProgramInstruction* const end = context.end;
    const double* const* const places = context.places;
    const std::size_t padded = context.padded, lanes = context.lanes;
    do {
        act(Step{places, *code, padded, lanes});
        ++code;
    } while (code != end && code->kernel == kind);
    return code;
}

void any_hill(const Step& s) {
    if (s.instruction.integer == 0) return hill(s.n(), s.out(), s.a(), s.b(), s.c());
    with_power(s.instruction.integer, [&](auto f) {
        each([f](V x, V k) LOBULE_TARGET { return hill_of_power(f(x / k)); }, s.n(), s.out(), s.a(), s.b());
    });
}

}  // namespace

// Instructions of one kind follow one another where the order allows it, which spares the CPU the guess what comes next.
// One case for each kernel: NOLINTNEXTLINE(readability-function-size)
void run(const ProgramInstruction* code, std::size_t count, const double* const* places, std::size_t padded,
         std::size_t lanes) {
    const Context context{code + count, places, padded, lanes};
// The statement sees the Step `s`.
#define LOBULE_CASE(kind, statement) \
    case kind: code = repeat([](const Step& s) LOBULE_TARGET { statement; }, code, context); break
#define LOBULE_CASE1(op, result) \
    LOBULE_CASE(kernel_of(Op::op), each([](V x) LOBULE_TARGET { return result; }, s.n(), s.out(), s.a()))
#define LOBULE_CASE2(op, result) \
    LOBULE_CASE(kernel_of(Op::op), each([](V x, V y) LOBULE_TARGET { return result; }, s.n(), s.out(), s.a(), s.b()))
#define LOBULE_FUSED(first, second, result)              \
    LOBULE_CASE(kernel_of(First::first, Second::second), \
                each([](V x, V y, V z) LOBULE_TARGET { return result; }, s.n(), s.out(), s.a(), s.b(), s.c()))
#define LOBULE_FUSED_ALL(first, f)      \
    LOBULE_FUSED(first, add, (f) + z);  \
    LOBULE_FUSED(first, sub, (f)-z);    \
    LOBULE_FUSED(first, from, z - (f)); \
    LOBULE_FUSED(first, mul, (f)*z);    \
    LOBULE_FUSED(first, div, (f) / z);  \
    LOBULE_FUSED(first, into, z / (f))
    while (code != context.end) switch (code->kernel) {
            LOBULE_CASE2(add, x + y);
            LOBULE_CASE2(sub, x - y);
            LOBULE_CASE2(mul, x * y);
            LOBULE_CASE2(div, x / y);
            LOBULE_CASE2(min, minimum(x, y));
            LOBULE_CASE2(max, maximum(x, y));
            LOBULE_CASE2(less, truth(x < y));
            LOBULE_CASE2(less_equal, truth(x <= y));
            LOBULE_CASE2(equal, truth(x == y));
            LOBULE_CASE2(logical_and, truth((x != all(0.0)) & (y != all(0.0))));
            LOBULE_CASE2(logical_or, truth((x != all(0.0)) | (y != all(0.0))));
            LOBULE_CASE1(neg, -x);
            LOBULE_CASE1(sqrt, LOBULE_SQRT(x));
            LOBULE_CASE1(abs, absolute(x));
            LOBULE_CASE1(logical_not, truth(x == all(0.0)));
            LOBULE_CASE1(mark, x);
            LOBULE_FUSED_ALL(add, x + y);
            LOBULE_FUSED_ALL(sub, x - y);
            LOBULE_FUSED_ALL(mul, x * y);
            LOBULE_FUSED_ALL(div, x / y);
            LOBULE_CASE(kernel_of(Op::select), each([](V x, V y, V z) LOBULE_TARGET { return x != all(0.0) ? y : z; },
                                                    s.n(), s.out(), s.a(), s.b(), s.c()));
            LOBULE_CASE(kernel_of(Op::exp), math::exp(s.a().at, s.out(), s.n(), k_vectors));
            LOBULE_CASE(kernel_of(Op::ln), math::ln(s.a().at, s.out(), s.n(), k_vectors));
            LOBULE_CASE(kernel_of(Op::log10), math::log10(s.a().at, s.out(), s.n(), k_vectors));
            LOBULE_CASE(kernel_of(Op::tanh), math::tanh(s.a().at, s.out(), s.n(), k_vectors));
            LOBULE_CASE(kernel_of(Op::pow), raise(s.n(), s.out(), s.a(), s.b()));
            LOBULE_CASE(kernel_of(Op::power_int),
                        with_power(s.instruction.integer, [&](auto f) { each(f, s.n(), s.out(), s.a()); }));
            LOBULE_CASE(kernel_of(Op::hill), any_hill(s));
            LOBULE_CASE(kernel_of(Op::lane_sum), sum(s.lanes, s.out(), s.a().at));
            LOBULE_CASE(kernel_of(Op::next), next(s.padded, s.lanes, s.out(), s.a().at));
            LOBULE_CASE(kernel_of(Op::previous), previous(s.padded, s.out(), s.a().at));
            default: unknown_kernel();
        }
#undef LOBULE_CASE
#undef LOBULE_CASE1
#undef LOBULE_CASE2
#undef LOBULE_FUSED
#undef LOBULE_FUSED_ALL
}

}  // namespace lobule::LOBULE_NAMESPACE
