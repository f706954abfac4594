// Blood flow of the shipped body against what was measured.
#include <gtest/gtest.h>

#include "engine/tissue.hpp"
#include "model_text.hpp"

namespace lobule::test {
namespace {

double inflow_per_gram(const std::vector<std::string>& settings) {
    Bench bench(rat_case(3, false), settings);
    const auto& probes = bench.model->run.probes;
    const std::vector<double> values = read_probes(*bench.model, bench.inputs, bench.start);
    for (std::size_t p = 0; p < probes.size(); ++p)
        if (probes[p].name == "flow_per_gram") return values[p];
    return 0.0;
}

TEST(Circulation, TheArteryMakesUpForAQuarterOfASmallLossOfPortalFlow) {
    // 25.5 +- 2.7 % (standard error) of the loss: Lautt et al., Am J Physiol 248:H331, 1985.
    constexpr double k_portal = 13.5, k_arterial = 3.8, k_lost = 0.5;  // [ml/min]
    const double now = inflow_per_gram({"species.portal_flow=13.0 ml/min"});
    const double made_up = (now * (k_portal + k_arterial) - (k_portal - k_lost + k_arterial)) / k_lost;
    EXPECT_GT(made_up, 0.20);
    EXPECT_LT(made_up, 0.31);
    EXPECT_NEAR(inflow_per_gram({"species.portal_flow=13.0 ml/min", "liver.buffering=0"}) * (k_portal + k_arterial),
                k_portal - k_lost + k_arterial, 1e-9);
}

TEST(Circulation, TheArteryIsNearlyShutAtHighPortalFlowAndWideWithout) {
    // Lautt et al., Gastroenterology 98:1024, 1990.
    constexpr double k_rest = 17.3;
    const double high = inflow_per_gram({"species.portal_flow=40.5 ml/min"}) * k_rest - 40.5;
    EXPECT_LT(high, 0.25 * 3.8);
    EXPECT_GT(high, 0.0);
    const double none = inflow_per_gram({"species.portal_flow=0 ml/min"}) * k_rest;
    EXPECT_NEAR(none, 2.0 * 3.8, 1e-9);  // hepatic arterial flow can double
}

TEST(Circulation, SizesThatTissueIsMadeOfAreNoSettings) {
    const Bench declared(rat_case(3, false)), wide(rat_case(3, false), {"species.lobule_radius=320 um"});
    EXPECT_NO_THROW(check_sizes(*declared.model, declared.rest.parameters, declared.parameters));
    try {
        check_sizes(*wide.model, wide.rest.parameters, wide.parameters);
        FAIL() << "taken";
    } catch (const SpecError& error) {
        EXPECT_NE(std::string(error.what()).find("radius of a lobule 320 instead of"), std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace lobule::test
