#include "groups.hpp"

namespace lobule::app::speed {

const std::vector<Group>& groups() {
    static const std::vector<Group> all{
        {"rate_laws", "Laws of cells and zones: one operation or law over batches of lanes", rate_laws},
    };
    return all;
}

}  // namespace lobule::app::speed
