// Numbers that must not move unnoticed: tests/golden/*.csv.
#include "golden.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

void add_probes(Golden& golden, const Bench& bench, const std::vector<double>& hours) {
    for (const double t : hours) {
        const std::vector<double>& probes = bench.recorder.after(t).probes;
        for (std::size_t p = 0; p < probes.size(); ++p)
            golden.add(bench.model->run.probes[p].name + "@" + std::to_string(static_cast<int>(t)) + "h", probes[p],
                       bench.model->run.probes[p].unit);
    }
}

// A little regenerating tissue: a staged cycle under a niche, growth, displacement, and two thirds of one zone taken away.
TEST(Golden, LittleTissue) {
    Bench bench({{"t", tissue_text("0.05 1/h")}, {"a", cell_head("plate") + R"t(
        [states]
        rest  = { start = "niche", source = "assumed" }
        cycle = { stages = 5, advance = "5 / cycle_time" }
        [parameters]
        renewal = { unit = "1/h", source = "balance", about = "entry" }
        niche = { value = "300 cell", source = "derived:test", about = "places in a zone" }
        cycle_time = { value = "24 h", source = "derived:test", about = "cycle" }
        mortality = { value = "0.002 1/h", source = "derived:test", about = "death" }
        surge = { value = "0.2 1/h", source = "derived:test", about = "entry when places are free" }
        [[transition]]
        from = "rest"
        to = "cycle"
        rate = "renewal + surge * max(1 - a / niche, 0)"
        [[division]]
        state = "cycle"
        to = "rest"
        rate = "5 / cycle_time"
        [[death]]
        state = "all"
        kind = "apoptosis"
        rate = "mortality"
        [[growth]]
        state = "all"
        rate = "2 / cycle_time"
        target = "volume"
        [[event]]
        at = "0 h"
        set = { a = "a * piecewise(1 / 3, zone.position < 0.4, 1)" }
        [probe]
        cells = { law = "zone_sum(a)", unit = "cell", about = "cells" }
        dividing = { law = "zone_sum(a.cycle) / zone_sum(a)", unit = "1", about = "share in the cycle" }
        portal = { law = "zone_sum(a * piecewise(1, zone.position < 0.4, 0))", unit = "cell", about = "cells of the first zone" }
        size = { law = "zone_sum(a.volume_total) / zone_sum(a)", unit = "um^3/cell", about = "size" })t"}},
                "zones = 3\n");
    bench.run(168.0, 24.0);
    Golden golden("little_tissue");
    add_probes(golden, bench, {0.0, 24.0, 48.0, 72.0, 168.0});
    EXPECT_EQ(golden.compare(), "");
}

}  // namespace
}  // namespace lobule::test
