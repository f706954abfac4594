// A value of the laws at every place, for who looks at a State from outside.
#include <algorithm>

#include "engine/tissue.hpp"
#include "place_laws.hpp"

namespace lobule {

std::vector<double> value_by_place(const Model& places, const Inputs& inputs, const State& state,
                                   const ZoneValue& value) {
    PlaceLaws laws(places, places.run, inputs);
    const ExprId output = laws.take(value.value);
    const Program program = laws.program(std::vector<ExprId>{output});
    laws.prepare(state.time, state.values, 1);
    ProgramWorkspace workspace;
    std::vector<double> out;
    out.reserve(laws.places());
    for (std::size_t first = 0; first < laws.places(); first += PlaceLaws::k_block) {
        const std::size_t count = std::min(PlaceLaws::k_block, laws.places() - first);
        laws.evaluate(program, first, count, workspace);
        const double* result = program.result(workspace, 0);
        const bool lanes = program.extent(0) == Extent::lanes;
        for (std::size_t i = 0; i < count; ++i) out.push_back(result[lanes ? i : 0]);
    }
    return out;
}

}  // namespace lobule
