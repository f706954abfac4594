// How a Program's instructions are carried out, in the two widths of vectors that there are.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/program.hpp"

namespace lobule {

/// Batches are padded to a multiple of this, so that no kernel has a remainder; one-value results are so many copies.
inline constexpr std::size_t k_pad = 4;

/// What an instruction does: an operation of the graph, or two in one pass. The first of the two makes f = a op b, the
/// second joins f and c; each rounds by itself, so the bits are those of two instructions.
enum class First : std::uint8_t { add, sub, mul, div };
enum class Second : std::uint8_t { add, sub, from, mul, div, into };  // f+c, f-c, c-f, f*c, f/c, c/f
inline constexpr std::uint8_t k_fused = 64, k_seconds = 6;
static_assert(static_cast<std::uint8_t>(Op::previous) < k_fused);
constexpr std::uint8_t kernel_of(Op op) { return static_cast<std::uint8_t>(op); }
constexpr std::uint8_t kernel_of(First first, Second second) {
    return static_cast<std::uint8_t>(k_fused + static_cast<int>(first) * k_seconds + static_cast<int>(second));
}

/// Carries out `count` instructions. `places`: where values are, by number. Columns have `padded` values, a multiple of
/// k_pad, of which `lanes` count in sums. Both give the same bits; wide_vectors needs a CPU with AVX2.
namespace narrow_vectors {
void run(const ProgramInstruction* code, std::size_t count, const double* const* places, std::size_t padded,
         std::size_t lanes);
}
namespace wide_vectors {
void run(const ProgramInstruction* code, std::size_t count, const double* const* places, std::size_t padded,
         std::size_t lanes);
}

/// Throws Bug.
[[noreturn]] void unknown_kernel();

}  // namespace lobule
