// What blood carries beyond the concentration, and what enters from beyond the model, in zones.
#include <cmath>

#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

const std::string k_tight = "relative_tolerance = \"1e-10\"\n";

/// 60 ml/h through 1000 lobules whose fluid is 1e7 um^3 each.
const std::string k_body = R"t(
    [body]
    about = "blood"
    [compartments]
    plasma = { volume = "room", source = "derived:test" }
    [[flow]]
    from = "plasma"
    to = "lobule"
    rate = "through"
    [[flow]]
    from = "lobule"
    to = "plasma"
    rate = "through"
    )t" + parameters({{"room", "2 ml"}, {"through", "60 ml/h"}});

std::string signal(const std::string& keys, const std::string& tables) {
    return "[signal]\nabout = \"a gas\"\nscale = \"fast\"\nstart = { value = \"50 uM\", source = \"derived:test\" }\n" +
           keys + parameters({{"capacity", "9 mM"}, {"half", "45 uM"}, {"most", "20 M/h"}, {"k", "5 uM"}}) + tables;
}

constexpr double k_capacity = 9e-3, k_half = 45e-6, k_most = 20.0, k_k = 5e-6;  // [fmol/um^3, /h]

double slope(double c) {
    const double r = c / k_half, below = 1.0 + std::pow(r, 2.7);
    return 1.0 + k_capacity * 2.7 * std::pow(r, 1.7) / k_half / (below * below);
}

/// The fluid in which plug flow of q [um^3/h] falls from `start` to `end`: q times the integral of f'(c) (c + k) / (most c).
double fluid_to(double q, double start, double end) {
    constexpr int k_steps = 20000;
    double sum = 0.0;
    for (int i = 0; i < k_steps; ++i) {
        const double c = end + (start - end) * (i + 0.5) / k_steps;
        sum += slope(c) * (c + k_k) / (k_most * c);
    }
    return q * sum * (start - end) / k_steps;
}

double end_of_plug_flow() {
    double low = 1e-7, high = 80e-6;
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (fluid_to(6e10, 80e-6, middle) > 1e7 ? low : high) = middle;
    }
    return low;
}

/// Of `zones` zones the last one's concentration in the steady state, less that of plug flow.
double error_of(int zones) {
    Bench bench({{"tissue", tissue_text()},
                 {"body", k_body},
                 {"gas", signal("carried = \"gas + capacity * hill(gas, half, 2.7)\"\n"
                                "entering = \"80 * k / 5 + capacity * hill(80 * k / 5, half, 2.7)\"\n",
                                "[[decay]]\nplace = \"tissue\"\nrate = \"most / (gas + k)\"\n")}},
                k_tight + "zones = " + std::to_string(zones) + "\n");
    const State end = bench.run(20.0, 20.0).last;
    const double c = end.values[bench.zone_entry("gas", zones)] / (1e7 / zones);
    return std::fabs(c - end_of_plug_flow());
}

TEST(Blood, ZonesConvergeToPlugFlowOfWhatIsCarried) {
    ASSERT_GT(end_of_plug_flow(), 10e-6);
    ASSERT_LT(end_of_plug_flow(), 60e-6);
    const double coarse = error_of(25), middle = error_of(50), fine = error_of(100);
    EXPECT_NEAR(std::log2(coarse / middle), 1.0, 0.1);
    EXPECT_NEAR(std::log2(middle / fine), 1.0, 0.1);
    EXPECT_LT(fine, 0.5e-6);
}

TEST(Blood, CompartmentsGiveAndTakeWhatIsCarried) {
    // 100 uM in plasma at first: at the end the same concentration everywhere, and as much as there was.
    Bench bench({{"tissue", tissue_text()},
                 {"body", k_body},
                 {"gas", signal("in = [\"plasma\"]\ncarried = \"gas + capacity * hill(gas, half, 2.7)\"\n",
                                "[[event]]\nat = \"0 h\"\nset = { \"plasma.gas\" = \"20 * k\" }\n")}},
                k_tight + "zones = 4\n");
    const State end = bench.run(20.0, 20.0).last;
    double all = end.values[bench.entry("plasma.gas")], last = 0.0;
    for (int z = 1; z <= 4; ++z) all += 1000.0 * (last = end.values[bench.zone_entry("gas", z)]);
    const double plasma = 2e12, tissue = 1e10, mixed = (plasma * 100e-6 + tissue * 50e-6) / (plasma + tissue);
    EXPECT_NEAR(all / ((plasma + tissue) * mixed), 1.0, 1e-8);
    EXPECT_NEAR(end.values[bench.entry("plasma.gas")] / plasma / mixed, 1.0, 1e-8);
    EXPECT_NEAR(last / 2.5e6 / mixed, 1.0, 1e-8);
}

TEST(Blood, CarryingTheConcentrationIsTheDefault) {
    const auto last = [](const std::string& carried) {
        Bench bench({{"tissue", tissue_text()},
                     {"body", k_body},
                     {"gas", signal("in = [\"plasma\"]\n" + carried,
                                    "[[decay]]\nplace = \"tissue\"\nrate = \"most / capacity\"\n")}},
                    k_tight + "zones = 3\n");
        return bench.run(0.05, 0.05).last.values[bench.zone_entry("gas", 3)];
    };
    EXPECT_NEAR(last("carried = \"gas\"\n") / last(""), 1.0, 1e-8);
}

TEST(Blood, OxygenOfTheRatIsWhatBloodBringsLessWhatIsBurnt) {
    Bench bench(rat_case(3, false));
    bench.run(1.0);
    // Whole blood: 17.3 ml/min over 8.904 g, 0.45 * 20 mM half saturated at 37 mmHg, 78 % of it at 54 and the rest at 95 mmHg.
    const auto content = [](double p) { return 1.35e-3 * p + 9.0 / (1.0 + std::pow(37.0 / p, 2.7)); };
    const double delivery = (13.5 * content(54.0) + 3.8 * content(95.0)) / 8.904;  // umol/min/g
    EXPECT_NEAR(bench.at(1.0, "oxygen.delivery_per_gram") / delivery, 1.0, 1e-6);
    // The last zone is what leaves: dissolved and bound make up the rest.
    const double left = (delivery - bench.at(1.0, "oxygen.consumption_per_gram")) * 8.904 / 17.3;
    EXPECT_NEAR(content(bench.at(1.0, "oxygen.po2_perivenous")) / left, 1.0, 1e-6);
    EXPECT_GT(bench.at(1.0, "oxygen.po2_periportal"), bench.at(1.0, "oxygen.po2_perivenous") + 3.0);
}

}  // namespace
}  // namespace lobule::test
