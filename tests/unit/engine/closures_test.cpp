// What zones take from tissue: conductance, pressure, arrest, reach and surfaces of generated lobules.
#include "engine/closures.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "base/math.hpp"
#include "base/units.hpp"
#include "engine/tissue.hpp"
#include "model_text.hpp"
#include "tissue/flow.hpp"

namespace lobule::test {
namespace {

constexpr double k_pi = 3.14159265358979323846;
const double k_mmhg = parse_unit("mmHg").factor;

/// A rat's lobules with `more` laws in [sinusoids], and their flow.
Parts vessels(const std::string& more = "viscosity = \"mu\"\n", const std::string& flow = "1e15 um^3/h",
              const std::string& probes = "p = { law = \"lobule.pressure\", unit = \"mmHg\", about = \"p\" }\n") {
    const std::string tissue =
        "[tissue]\nabout = \"tissue\"\nvolume = \"size\"\ncount = \"lobules\"\nfluid = \"space\"\n"
        "displacement = \"pressing\"\nradius = \"far\"\n[sinusoids]\nportal_radius = \"narrow\"\n"
        "central_radius = \"wide\"\nsegment = \"part\"\nshare = \"lumen\"\nportal_tract = \"tract\"\n"
        "central_vein = \"vein\"\n" +
        more +
        parameters({{"size", "2.1e8 um^3"},
                    {"lobules", "4e4"},
                    {"space", "0.155"},
                    {"pressing", "0.1 1/h"},
                    {"far", "284 um"},
                    {"narrow", "3.8 um"},
                    {"wide", "4.93 um"},
                    {"part", "20.1 um"},
                    {"lumen", "0.106"},
                    {"tract", "23 um"},
                    {"vein", "26.5 um"},
                    {"mu", "8.2 mPa s"},
                    {"soft", "0.044 1/mmHg"},
                    {"tone", "1.7"}});
    const std::string body = "[body]\nabout = \"blood\"\n" + parameters({{"space", "1e12 um^3"}, {"pumped", flow}}) +
                             "[compartments]\nplasma = { volume = \"space\", source = \"assumed\" }\n"
                             "[[flow]]\nfrom = \"plasma\"\nto = \"lobule\"\nrate = \"pumped\"\n"
                             "[[flow]]\nfrom = \"lobule\"\nto = \"plasma\"\nrate = \"pumped\"\n[probe]\n" +
                             probes;
    return {{"t", tissue}, {"b", body}};
}

double first_probe(const Bench& bench) { return read_probes(*bench.model, bench.inputs, bench.start).front(); }

/// Conductance of a network times viscosity, by conjugate gradients on its nodes: nothing of the flow solver.
double admittance_again(const VesselNetwork& n, const Box& box) {
    const std::size_t nodes = n.node_count();
    std::vector<double> g(n.edge_count());
    for (std::size_t e = 0; e < g.size(); ++e)
        g[e] = k_pi * std::pow(n.radius[e], 4) / (8.0 * std::max(n.edge_length(box, e), 1e-6));
    const auto free = [&](std::size_t i) { return n.kind[i] == NodeKind::inner; };
    const auto apply = [&](const std::vector<double>& p) {
        std::vector<double> out(nodes, 0.0);
        for (std::size_t e = 0; e < g.size(); ++e) {
            const auto a = static_cast<std::size_t>(n.a[e]), b = static_cast<std::size_t>(n.b[e]);
            const double q = g[e] * (p[a] - p[b]);
            out[a] += q, out[b] -= q;
        }
        return out;
    };
    std::vector<double> diagonal(nodes, 1e-300), p(nodes, 0.0);
    for (std::size_t e = 0; e < g.size(); ++e)
        diagonal[static_cast<std::size_t>(n.a[e])] += g[e], diagonal[static_cast<std::size_t>(n.b[e])] += g[e];
    for (std::size_t i = 0; i < nodes; ++i) p[i] = n.kind[i] == NodeKind::inlet ? 1.0 : 0.0;
    std::vector<double> r = apply(p), z(nodes, 0.0), d(nodes, 0.0);
    double rz = 0.0;
    for (std::size_t i = 0; i < nodes; ++i) {
        r[i] = free(i) ? -r[i] : 0.0;
        d[i] = z[i] = r[i] / diagonal[i];
        rz += r[i] * z[i];
    }
    const double wanted = 1e-24 * rz;
    for (int k = 0; k < 5000 && rz > wanted; ++k) {
        const std::vector<double> ad = apply(d);
        double dad = 0.0;
        for (std::size_t i = 0; i < nodes; ++i) dad += free(i) ? d[i] * ad[i] : 0.0;
        double next = 0.0;
        for (std::size_t i = 0; i < nodes; ++i) {
            if (!free(i)) continue;
            p[i] += rz / dad * d[i];
            r[i] -= rz / dad * ad[i];
            z[i] = r[i] / diagonal[i];
            next += r[i] * z[i];
        }
        for (std::size_t i = 0; i < nodes; ++i) d[i] = free(i) ? z[i] + next / rz * d[i] : 0.0;
        rz = next;
    }
    const std::vector<double> q = apply(p);
    double in = 0.0;
    for (std::size_t i = 0; i < nodes; ++i) in += n.kind[i] == NodeKind::inlet ? q[i] : 0.0;
    return in;
}

TEST(Closures, AreThereOnlyWhereALawReadsThem) {
    const auto unread = compiled(vessels("viscosity = \"mu\"\n", "1e15 um^3/h",
                                         "n = { law = \"lobule.count\", unit = \"1\", about = \"n\" }\n"));
    EXPECT_TRUE(unread->closures.empty());
    EXPECT_EQ(closure_key(*unread), "");
    EXPECT_TRUE(derive_closures(*unread).values.empty());
    const auto read = compiled(vessels());
    ASSERT_EQ(read->closures.size(), 1U);
    EXPECT_EQ(closure_key(*read).size(), 32U);
    EXPECT_EQ(derive_closures(*read), derive_closures(*read));
}

// Viscosity is a law of the run: it does not change what the vessels' shape decides.
TEST(Closures, HaveAKeyOfTheSizesAlone) {
    Parts other = vessels();
    other[0].second.replace(other[0].second.find("8.2 mPa s"), 9, "4.1 mPa s");
    EXPECT_EQ(closure_key(*compiled(vessels())), closure_key(*compiled(other)));
    other[0].second.replace(other[0].second.find("\"284 um\""), 8, "\"290 um\"");
    EXPECT_NE(closure_key(*compiled(vessels())), closure_key(*compiled(other)));
}

TEST(Closures, ConductanceIsThatOfTheNetwork) {
    const auto model = compiled(vessels(), "thickness = \"100 um\"\n");
    const TissuePlan plan = plan_tissue(*model, default_parameters(*model));
    const VesselNetwork network = generate(plan.lobules, plan.sinusoids, 1);
    const double again = admittance_again(network, plan.lobules.box) / plan.lobules_in_box;
    EXPECT_NEAR(derive_closures(*model).values[0][0] / again, 1.0, 1e-8);
}

TEST(Closures, PressureIsInflowOverConductance) {
    const Bench rigid(vessels());
    const Closures closures = derive_closures(*rigid.model);
    const double viscosity = 8.2e-3 * parse_unit("Pa").factor / 3600.0, inflow = 1e15 / 4e4;
    const double drop = inflow * viscosity / closures.values[0][0] / k_mmhg;
    EXPECT_NEAR(first_probe(rigid) / drop, 1.0, 1e-9);
    EXPECT_GT(drop, 0.5);
    EXPECT_LT(drop, 3.0);
    const Bench toned(vessels("viscosity = \"mu\"\ndilation = \"tone\"\n"));
    EXPECT_NEAR(first_probe(toned) * 1.7 / drop, 1.0, 1e-9);
    const Bench soft(vessels("viscosity = \"mu\"\ncompliance = \"soft\"\n"));
    EXPECT_NEAR(first_probe(soft), (math::pow(1.0 + 5.0 * 0.044 * drop, 0.2) - 1.0) / 0.044, 1e-9);
    const Bench stiff(vessels("viscosity = \"mu\"\ncompliance = \"soft\"\n"), "", "", {"t.soft=0 1/mmHg"});
    EXPECT_NEAR(first_probe(stiff) / drop, 1.0, 1e-5);
}

// (1 + b p)^5 falls along a vessel as the flow goes, in every network: the solver with distensible vessels agrees, and so does the
// network in space, which is another draw of the same lobules.
TEST(Closures, PressureInZonesIsThatOfCells) {
    const std::string laws = "viscosity = \"mu\"\ncompliance = \"soft\"\n", size = "thickness = \"100 um\"\n";
    for (const double times : {1.0, 2.0}) {
        const Parts parts = vessels(laws, times == 1.0 ? "1e15 um^3/h" : "2e15 um^3/h");
        const Bench zones(parts, size);
        const double in_zones = first_probe(zones);
        const TissuePlan plan = plan_tissue(*zones.model, zones.rest.parameters);
        Spec space = zones.model->spec;
        space.zones = static_cast<int>(plan.grid.size());
        space.in_space = true;
        const TissueCase tissue =
            start_tissue(*zones.model, zones.rest, zones.parameters, compile(space, catalogue(parts)), plan, {7, 0}, 1);
        const double in_cells = read_probes(*tissue.model, tissue.inputs, tissue.start).front();
        const Flow flow =
            solve_flow(tissue.start.tissue->vessels, tissue.start.tissue->box,
                       {.inflow = times * 1e15 / 4e4 * plan.lobules_in_box, .viscosity = 8.2, .compliance = 0.044});
        std::printf("inflow x%g: %.4f mmHg in zones, %.4f in cells (%.2f %%), %.4f by the solver\n", times, in_zones,
                    in_cells, 100.0 * (in_cells / in_zones - 1.0), flow.portal_pressure);
        EXPECT_NEAR(in_cells / flow.portal_pressure, 1.0, 2e-4);
        EXPECT_NEAR(in_cells / in_zones, 1.0, 0.06);  // draws of the network differ by 2 % (SD)
    }
}

/// A lobule s times as large, with vessels of the same calibre and density, conducts s^(1/3) as much.
TEST(Closures, GrownLobulesConductAsTheCubeRootOfTheirVolume) {
    const auto conductance = [](double s) {
        const double f = math::pow(s, 1.0 / 3.0);
        double sum = 0.0;
        for (const std::uint64_t seed : {1U, 2U, 3U}) {
            Lobules lobules = Lobules::regular(284.0 * f, 100.0 * f);
            lobules.portal_radius *= f, lobules.central_radius *= f;
            const VesselNetwork network = generate(lobules, SinusoidSpec{}, seed);
            sum += admittance(solve_flow(network, lobules.box, {.inflow = 1.0}), {.inflow = 1.0}) /
                   lobules.box.volume() * s;
        }
        return sum;
    };
    const double exponent = math::ln(conductance(3.0) / conductance(1.0)) / math::ln(3.0);
    std::printf("exponent %.3f\n", exponent);
    EXPECT_NEAR(exponent, 1.0 / 3.0, 0.05);
}

std::string travellers(const std::string& diameter, const std::string& share) {
    return "[cell]\nabout = \"travels\"\nplace = \"blood\"\ndiameter = { value = \"" + diameter +
           "\", source = \"derived:test\" }\ndeformability = { value = \"" + share +
           "\", source = \"derived:test\" }\n[states]\ngoing = { start = \"1e6 cell\", source = \"assumed\" }\n";
}

TEST(Arrest, GoesByTheSizeOfTheCell) {
    double before = -1.0;
    for (const std::string diameter : {"9 um", "12 um", "14 um", "16 um", "18 um", "23 um"}) {
        Parts parts =
            vessels("", "1e15 um^3/h", "p = { law = \"zone_sum(c.arrest)\", unit = \"1\", about = \"held\" }\n");
        parts.emplace_back("c", travellers(diameter, "0.5"));
        const Bench bench(parts, "zones = 5\n");
        const double held = first_probe(bench);
        std::printf("%s: %.4f held back\n", diameter.c_str(), held);
        EXPECT_GE(held, before - 1e-9) << diameter;
        EXPECT_LE(held, 1.0 + 1e-9);
        before = held;
        const std::vector<double>& zones = bench.rest.closures.values.at(0);
        EXPECT_EQ(zones.size(), 5U);
        if (diameter == "9 um") {  // a monocyte passes
            EXPECT_EQ(held, 0.0);
        }
        if (diameter == "23 um") {  // a mesenchymal cell does not
            EXPECT_NEAR(held, 1.0, 1e-9);
            EXPECT_GT(zones[0], 0.9);
        }
    }
}

// In space the same words are of the tissue itself, place by place.
TEST(Arrest, AndWallsAddUpInPlacesAsInZones) {
    Parts parts = vessels("", "1e15 um^3/h",
                          "a = { law = \"zone_sum(c.arrest)\", unit = \"1\", about = \"held\" }\n"
                          "w = { law = \"zone_sum(zone.wall)\", unit = \"um^2\", about = \"wall\" }\n");
    parts.emplace_back("c", travellers("15 um", "0.5"));
    const Bench zones(parts, "thickness = \"100 um\"\n");
    const TissuePlan plan = plan_tissue(*zones.model, zones.rest.parameters);
    Spec space = zones.model->spec;
    space.zones = static_cast<int>(plan.grid.size());
    space.in_space = true;
    const TissueCase tissue =
        start_tissue(*zones.model, zones.rest, zones.parameters, compile(space, catalogue(parts)), plan, {7, 0}, 1);
    const std::vector<double> by_zone = read_probes(*zones.model, zones.inputs, zones.start);
    const std::vector<double> by_place = read_probes(*tissue.model, tissue.inputs, tissue.start);
    std::printf("15 um: %.3f held back in zones, %.3f in cells; wall %.4g and %.4g um2\n", by_zone[0], by_place[0],
                by_zone[1], by_place[1]);
    EXPECT_NEAR(by_place[0], by_zone[0], 0.1);
    EXPECT_NEAR(by_place[1] / by_zone[1], 1.0, 0.03);
    // An area between zones has no meaning there.
    parts[1].second += "b = { law = \"zone_sum(zone.border)\", unit = \"um^2\", about = \"border\" }\n";
    EXPECT_NE(problems_of([&] { compile(space, catalogue(parts)); }).find("between zones"), std::string::npos);
}

TEST(Arrest, IsOfCellsOfBlood) {
    Parts parts = vessels();
    std::string text = travellers("9 um", "0.5");
    text.replace(text.find("\"blood\""), 7, "\"lumen\"");
    parts.emplace_back("c", text);
    EXPECT_NE(problems_of([&] { compiled(parts); }).find("do not travel"), std::string::npos);
}

TEST(Reach, SharesAreSymmetricAndAddUp) {
    for (const int n : {2, 3, 6, 12}) {
        Parts parts = vessels("", "1e15 um^3/h", "n = { law = \"zone_sum(y)\", unit = \"cell\", about = \"left\" }\n");
        const std::string place =
            "[parameters]\nnumber = { value = \"600 cell\", source = \"derived:test\", about = \"n\" }\n"
            "later = { value = \"1 h\", source = \"derived:test\", about = \"t\" }\n"
            "rate = { value = \"2e-2 1/h/cell\", source = \"derived:test\", about = \"k\" }\n"
            "reach = { value = \"1e6 um^3\", source = \"derived:test\", about = \"v\" }\n";
        parts.emplace_back("x", cell_head("lumen") +
                                    "[states]\nhere = { start = \"number * piecewise(1, zone.position < 0.34, 0) * "
                                    "zone.rest_volume / lobule.rest_volume\", source = \"assumed\" }\n"
                                    "met = {}\n" +
                                    place +
                                    "[[encounter]]\nwith = \"y\"\nwhen = \"here\"\nrate = \"piecewise(rate, time >= "
                                    "later, 0)\"\nreach = \"reach\"\n"
                                    "gives = \"met\"\npartner_gives = \"dead:apoptosis\"\n");
        parts.emplace_back("y", cell_head("lumen") +
                                    "[states]\nhere = { start = \"number * piecewise(0, zone.position < 0.34, 1) * "
                                    "zone.rest_volume / lobule.rest_volume\", source = \"assumed\" }\n" +
                                    place);
        Bench bench(parts, "zones = " + std::to_string(n) + "\n");
        const auto size = static_cast<std::size_t>(n);
        std::vector<std::vector<double>> p(size, std::vector<double>(size, 0.0));
        for (std::size_t c = 0; c < bench.model->closures.size(); ++c) {
            const ClosureInfo& info = bench.model->closures[c];
            ASSERT_EQ(info.kind, ClosureInfo::Kind::reach);
            for (int z = 0; z < n; ++z)
                if (z + info.offset >= 0 && z + info.offset < n)
                    p[static_cast<std::size_t>(z)][static_cast<std::size_t>(z + info.offset)] =
                        bench.rest.closures.values[c][static_cast<std::size_t>(z)];
                else
                    EXPECT_EQ(bench.rest.closures.values[c][static_cast<std::size_t>(z)], 0.0);
        }
        for (std::size_t i = 0; i < size; ++i) {
            double others = 0.0;
            for (std::size_t j = 0; j < size; ++j) {
                EXPECT_EQ(p[i][j], p[j][i]);
                EXPECT_GE(p[i][j], 0.0);
                others += p[i][j];
            }
            EXPECT_LT(others, 1.0);  // the rest is the own zone's
            EXPECT_GT(others, 0.0);
        }
        if (n == 3) std::printf("of three zones: %.3f and %.3f of the next, %.3f beyond\n", p[0][1], p[1][2], p[0][2]);
        // Nobody shares a zone, and yet they meet: as many of one side as of the other.
        const double a0 = bench.cells(bench.start, "x"), b0 = bench.cells(bench.start, "y");
        const State end = bench.run(20.0).last;
        double met = 0.0;
        for (int z = 1; z <= n; ++z) met += end.values[bench.zone_entry("x.met", z)];
        EXPECT_GT(met, 0.01 * a0);
        EXPECT_NEAR(met, b0 - bench.cells(end, "y"), 1e-4 * met);
        if (n != 3) continue;
        SimulationOptions agents = bench.agents();
        agents.sample = 20.0;
        Recorder recorder;
        const State sampled = bench.run_agents(20.0, 20.0, recorder, agents).last;
        EXPECT_NEAR(b0 - bench.cells(sampled, "y"), met, 0.25 * met);
    }
}

TEST(Surfaces, WallAndBorderOfZones) {
    Parts parts = vessels("", "1e15 um^3/h",
                          "w = { law = \"zone_sum(zone.wall)\", unit = \"um^2\", about = \"wall\" }\n"
                          "b = { law = \"zone_sum(zone.border)\", unit = \"um^2\", about = \"border\" }\n");
    const Bench bench(parts, "zones = 3\n");
    const std::vector<double> probes = read_probes(*bench.model, bench.inputs, bench.start);
    // Two walls for each lumen over radius: 2 * 0.106 / 4.25 um of 2.1e8 um^3.
    EXPECT_NEAR(probes[0] / (2.0 * 0.106 / 4.25 * 2.1e8), 1.0, 0.1);
    const std::vector<double>& border = bench.rest.closures.values.at(1);
    EXPECT_EQ(border[2], 0.0);
    // Nearer to the vein the circle about it is smaller; one about two thirds of the area has a circumference of at most 2 pi r.
    EXPECT_GT(border[0], border[1]);
    EXPECT_LT(border[0], 1.5 * 2.0 * k_pi * 284.0 * 1000.0);
    EXPECT_NEAR(border[1] / (2.0 * k_pi * std::sqrt(2.1e5 / 3.0 / k_pi + 26.5 * 26.5) * 1000.0 * (1.0 - 0.106)), 1.0,
                0.15);
    std::printf("wall %.4g um2, borders %.4g and %.4g um2\n", probes[0], border[0], border[1]);
}

}  // namespace
}  // namespace lobule::test
