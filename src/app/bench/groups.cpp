#include "groups.hpp"

#include <algorithm>
#include <thread>

namespace lobule::app::speed {

const std::vector<Group>& groups() {
    static const std::vector<Group> all{
        {"machine", "The machine alone: doubles in registers, and bytes of arrays read, changed in place, copied",
         machine_limits},
        {"rate_laws", "Laws of cells and zones: one operation or law over batches of lanes", rate_laws},
        {"mechanics", "A ball of cells that push and pull, a step of 0.1 min: neighbours sought each time, or kept",
         mechanics},
        {"lobule", "12 120 cells and three signals in a prism, 10 min: by fixed clocks, or by balance", lobule_prism},
        {"diffusion", "Diffusion and decay of some signals on 100^3 voxels, a step by dimension of 0.01 min",
         diffusion},
        {"signals", "The balance of a signal that is taken up by a saturable law, 60^3 voxels; reference: one sweep",
         signals},
        {"whole_case", "The first shipped case as cells in space: a step with all of its parts", whole_case},
    };
    return all;
}

std::vector<int> thread_counts() {
    return std::thread::hardware_concurrency() > 1 ? std::vector{1, 2} : std::vector{1};
}

Effort coarse(const Effort& effort) { return {.rounds = std::max(3, effort.rounds / 4), .batch = 10.0 * effort.batch}; }

}  // namespace lobule::app::speed
