// The groups of `lobule bench`, each in a file of its own.
#pragma once

#include "app/benchmark.hpp"

namespace lobule::app::speed {

std::vector<Row> rate_laws(const Request& request);

}  // namespace lobule::app::speed
