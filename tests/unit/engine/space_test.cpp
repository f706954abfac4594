// Cells in space: the same model in a piece of tissue.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "cells/room.hpp"
#include "cells/space.hpp"
#include "engine/tissue.hpp"
#include "model_text.hpp"

namespace lobule::test {
namespace {

struct Nothing : Sink {
    std::vector<State> restarts;
    void sample(double, std::span<const double>, std::span<const double>) override {}
    void restart_point(const State& state) override { restarts.push_back(state); }
};

/// The rat's liver in a box one voxel thick.
struct Piece {
    std::shared_ptr<const Model> zones;
    RestState rest;
    TissuePlan plan;
    TissueCase tissue;

    explicit Piece(const std::vector<std::string>& settings = {}, int zone_count = 3, std::uint64_t seed = 1,
                   double thickness = 25.0, const Parts& more = {}) {
        Spec spec = rat_case(zone_count, false)->spec;
        spec.thickness = thickness;
        spec.step = 1.0;
        Catalogue all = shipped_catalogue();
        const Catalogue own = catalogue(more);
        for (const auto& [name, part] : own.parts()) {
            all.add(part);
            spec.parts.push_back(name);
        }
        zones = compile(spec, all);
        rest = solve_rest(*zones);
        plan = plan_tissue(*zones, rest.parameters);
        spec.zones = static_cast<int>(plan.grid.size());
        spec.in_space = true;
        std::vector<SettingSpec> read;
        for (const std::string& text : settings) read.push_back(read_setting(text));
        const Parameters parameters = set_parameters(*zones, rest.parameters, read);
        tissue = start_tissue(*zones, rest, parameters, compile(spec, all), plan, {seed, 0}, 1);
    }

    Simulation simulation(int threads = 1) const {
        SimulationOptions options = simulation_options(*zones, rest, Resolution::cells);
        options.threads = threads;
        options.tissue = std::make_shared<const TissuePlan>(tissue.plan);
        return {tissue.model, tissue.inputs, {}, tissue.start, options};
    }
    double probe(const State& state, std::string_view name) const {
        const std::vector<double> values = read_probes(*tissue.model, tissue.inputs, state);
        for (std::size_t p = 0; p < values.size(); ++p)
            if (tissue.model->run.probes[p].name == name) return values[p];
        throw Bug("no such probe");
    }
    std::size_t population(std::string_view name) const {
        for (std::size_t p = 0; p < zones->populations.size(); ++p)
            if (zones->populations[p].name == name) return p;
        throw Bug("no such population");
    }
};

/// Made once: its start takes as long as hours of its course.
const Piece& untouched() {
    static const Piece k_piece;
    return k_piece;
}

TEST(CellsInSpace, AreAsManyAsInZones) {
    const Piece& piece = untouched();
    for (std::size_t p = 0; p < piece.zones->populations.size(); ++p) {
        const Population& population = piece.zones->populations[p];
        double wanted = 0.0;
        for (const Population::Substate& sub : population.substates)
            for (int z = 0; z < piece.zones->zones; ++z)
                wanted += piece.rest.values[static_cast<std::size_t>(sub.count * piece.zones->zones + z)];
        const double seen = static_cast<double>(piece.tissue.start.agents[p].size());
        EXPECT_NEAR(seen, wanted * piece.plan.lobules_in_box, piece.zones->zones) << population.name;
    }
    // And laws see them: sums over places are sums over cells.
    EXPECT_NEAR(piece.probe(piece.tissue.start, "hepatocytes"), 1.0, 1e-12);
    EXPECT_NEAR(piece.probe(piece.tissue.start, "relative_liver_mass"), 1.0, 1e-12);
}

TEST(CellsInSpace, HaveStatesInTheProportionsOfTheirZone) {
    const Piece& piece = untouched();
    const std::size_t p = piece.population("hepatocyte");
    double two = 0.0;
    for (const std::uint16_t s : piece.tissue.start.agents[p].substates)
        two += piece.zones->populations[p].substates[s].nuclear == NuclearClass::binucleate ? 1.0 : 0.0;
    const auto n = static_cast<double>(piece.tissue.start.agents[p].size());
    EXPECT_NEAR(two / n, 0.27, 3.0 / n + 0.001);
}

TEST(CellsInSpace, LieInTheirPlacesAndOutsideVessels) {
    const Piece& piece = untouched();
    const State& start = piece.tissue.start;
    for (const Agents& agents : start.agents)
        for (std::size_t i = 0; i < agents.size(); ++i)
            ASSERT_EQ(agents.zones[i], static_cast<std::uint32_t>(piece.plan.grid.voxel_of(agents.positions[i])));
    for (const Vec3& at : start.agents[piece.population("hepatocyte")].positions) {
        ASSERT_GE(piece.plan.lobules.to_central_axis(at), piece.plan.lobules.central_radius - 1e-9);
        ASSERT_GE(piece.plan.lobules.to_portal_axis(at), piece.plan.lobules.portal_radius - 1e-9);
    }
}

TEST(CellsInSpace, ValuesOfPlacesAreThoseOfTheLaws) {
    const Piece& piece = untouched();
    const Model& model = *piece.tissue.model;
    const auto value = [&](std::string_view name) {
        for (const ZoneValue& v : model.run.zone_values)
            if (v.name == name) return value_by_place(model, piece.tissue.inputs, piece.tissue.start, v);
        throw Bug("no such value");
    };
    const std::vector<double> concentration = value("oxygen"), pressure = value("oxygen.pressure");
    ASSERT_EQ(concentration.size(), piece.plan.grid.size());
    std::size_t entry = 0;
    while (model.zone_states[entry].name != "oxygen") ++entry;
    const double* amount = piece.tissue.start.values.data() + entry * concentration.size();
    for (std::size_t k = 0; k < concentration.size(); ++k) {  // places are equal, and so is their fluid
        ASSERT_NEAR(amount[k] / concentration[k], amount[0] / concentration[0], 1e-9 * amount[0] / concentration[0]);
        ASSERT_NEAR(concentration[k] / pressure[k], parse_unit("uM/mmHg").factor * 1.35, 1e-12);
    }
    const auto [low, high] = std::minmax_element(pressure.begin(), pressure.end());
    EXPECT_GT(*high, 1.5 * *low) << "blood loses oxygen on its way";
}

TEST(CellsInSpace, PositionsAreSharesOfTheVolume) {
    const Piece& piece = untouched();
    double below = 0.0, all = 0.0, previous = 0.0;
    for (std::size_t v = 0; v < piece.plan.grid.size(); ++v) {
        all += piece.plan.tissue[v];
        if (piece.plan.position[v] < 1.0 / 3.0) below += piece.plan.tissue[v];
    }
    EXPECT_NEAR(below / all, 1.0 / 3.0, 0.01);
    // From a portal tract to the central vein it rises.
    for (double x = 30.0; x < 250.0; x += 25.0) {
        const Vec3 corner = piece.plan.lobules.corner_of(0, 0), centre = piece.plan.lobules.centre(0);
        const Vec3 p = corner + (centre - corner) * (x / length(centre - corner));
        const double here = piece.plan.position[static_cast<std::size_t>(piece.plan.grid.voxel_of(p))];
        EXPECT_GE(here, previous - 0.02) << x;
        previous = here;
    }
}

TEST(CellsInSpace, TractsAreOfTheTissueAlone) {
    const Piece& piece = untouched();
    Spec spec = piece.zones->spec;
    spec.tracts = 1.5;
    const auto zones = compile(spec, shipped_catalogue());
    EXPECT_EQ(zones->hash, piece.zones->hash);
    const RestState rest = solve_rest(*zones);
    EXPECT_EQ(rest.values, piece.rest.values) << "closures of zones know one geometry";
    const TissuePlan plan = plan_tissue(*zones, rest.parameters);
    ASSERT_EQ(plan.lobules.tract_count(), 3);
    // Without a tract a corner is tissue, half of it nearer to portal blood.
    const auto voxel = static_cast<std::size_t>(plan.grid.voxel_of(plan.lobules.corner_of(0, 3)));
    EXPECT_DOUBLE_EQ(plan.tissue[voxel], 1.0);
    EXPECT_NEAR(plan.position[voxel], 0.48, 0.06);
    EXPECT_LT(piece.plan.tissue[voxel], 0.5);
    EXPECT_GT(plan.lobules_in_box, piece.plan.lobules_in_box);
}

TEST(CellsInSpace, StandStillUntouched) {
    const Piece& piece = untouched();
    Simulation simulation = piece.simulation();
    Nothing sink;
    const State end = simulation.run(12.0, 12.0, sink).last;
    EXPECT_NEAR(piece.probe(end, "relative_liver_mass"), 1.0, 0.01);
    EXPECT_NEAR(piece.probe(end, "hepatocytes"), 1.0, 0.01);
    for (const char* plasma : {"plasma_tnf", "plasma_il6", "plasma_hgf", "plasma_tgf_beta"})
        EXPECT_NEAR(piece.probe(end, plasma) / piece.probe(piece.tissue.start, plasma), 1.0, 0.1) << plasma;
}

TEST(CellsInSpace, AgreeWithOneZoneWhereSignalsMixAtOnce) {
    // Level b of agreement: real tissue, fast diffusion. What is left is that numbers are whole.
    Spec spec = rat_case(1, false)->spec;
    spec.thickness = 50.0;
    const Catalogue all = shipped_catalogue();
    const auto zones = compile(spec, all);
    const RestState rest = solve_rest(*zones);
    Parameters parameters = rest.parameters;
    for (const SignalInfo& signal : zones->signals)
        if (signal.diffusion >= 0) parameters.ones[static_cast<std::size_t>(signal.diffusion)] = 3.6e10;  // um^2/h
    const TissuePlan plan = plan_tissue(*zones, rest.parameters);
    spec.zones = static_cast<int>(plan.grid.size());
    spec.in_space = true;
    RestState mixing = rest;
    mixing.parameters = parameters;
    const TissueCase tissue = start_tissue(*zones, mixing, parameters, compile(spec, all), plan, {1, 0}, 1);
    for (std::size_t b = 0; b < zones->body_states.size(); ++b) {
        if (zones->body_states[b].kind != StateInfo::Kind::signal) continue;
        const double in_zone = rest.values[zones->zone_states.size() + b];
        const double in_tissue =
            tissue.start.values[zones->zone_states.size() * static_cast<std::size_t>(tissue.model->zones) + b];
        // One in 250 stellate cells of this box is activated, and makes 17 times the HGF of another: one more or less is 3 %.
        EXPECT_NEAR(in_tissue / in_zone, 1.0, 0.04) << zones->body_states[b].name;
    }
}

TEST(CellsInSpace, OxygenFallsDownstreamAndWhatIsNotBurntLeaves) {
    const Piece& piece = untouched();
    const State& start = piece.tissue.start;
    EXPECT_GT(piece.probe(start, "oxygen.po2_periportal"), piece.probe(start, "oxygen.po2_perivenous") + 3.0);
    const Inputs inputs = make_inputs(*piece.zones, piece.rest, piece.rest.parameters);
    const std::vector<double> in_zones =
        read_probes(*piece.zones, inputs, start_state(*piece.zones, piece.rest, piece.rest.parameters));
    for (std::size_t p = 0; p < in_zones.size(); ++p)
        if (piece.zones->run.probes[p].name == "oxygen.consumption_per_gram") {
            EXPECT_NEAR(piece.probe(start, "oxygen.consumption_per_gram") / in_zones[p], 1.0, 0.05);
        }

    // Oxygen of whole blood where it leaves, dissolved and bound, by the voxels' own concentrations.
    std::size_t entry = 0;
    while (piece.tissue.model->zone_states[entry].name != "oxygen") ++entry;
    TissueSpace space(piece.tissue.plan);
    space.refresh(*start.tissue);
    const std::vector<double>& outflow = space.perfused().outflow;
    const double fluid = 2.1e8 * 0.155 / static_cast<double>(outflow.size());
    double leaving = 0.0, all = 0.0;
    for (std::size_t v = 0; v < outflow.size(); ++v) {
        const double pressure = start.values[entry * outflow.size() + v] / fluid / 1.35e-6;  // [mmHg]
        leaving += outflow[v] * (1.35e-3 * pressure + 9.0 / (1.0 + std::pow(37.0 / pressure, 2.7)));
        all += outflow[v];
    }
    const double left =
        piece.probe(start, "oxygen.delivery_per_gram") - piece.probe(start, "oxygen.consumption_per_gram");
    EXPECT_NEAR(leaving / all * 17.3 / 8.904 / left, 1.0, 1e-7);
}

TEST(CellsInSpace, CrawlUpTheGradientAtTheSpeedOfItsRelativeDifference) {
    const Piece& piece = untouched();
    const TissueRoom room(*piece.tissue.model, piece.tissue.plan, 1);
    const auto p = static_cast<std::int32_t>(piece.population("stellate"));
    State state = piece.tissue.start;
    const Grid& grid = piece.plan.grid;
    const double wave = 2.0 * std::numbers::pi / grid.box.lengths.x, sense = 30.0, speed = 12.0, hours = 0.5;
    std::vector<std::vector<double>> fields(2);
    for (std::size_t v = 0; v < grid.size(); ++v) {
        const auto i = static_cast<double>(v % static_cast<std::size_t>(grid.nx));
        fields[0].push_back(2.0 + std::cos(wave * (i + 0.5) * grid.edges().x));
        fields[1].push_back(speed);
    }
    Agents& cells = state.agents[static_cast<std::size_t>(p)];
    const std::uint16_t substate = cells.substates.front();
    const std::vector<Vec3> before = cells.positions;
    const std::vector<TissueRoom::Climbing> climbing{{p, std::int32_t{substate}, 0, 1}};
    room.climb(state, grid, climbing, fields, hours);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const double ahead = 2.0 + std::cos(wave * (before[i].x + sense));
        const double behind = 2.0 + std::cos(wave * (before[i].x - sense));
        const double moves = cells.substates[i] == substate ? 1.0 : 0.0;
        const Vec3 moved = grid.box.from_to(before[i], cells.positions[i]);
        EXPECT_NEAR(moved.x, moves * speed * hours * (ahead - behind) / (ahead + behind), 0.02 * speed * hours);
        EXPECT_NEAR(moved.y, 0.0, 1e-9);
        EXPECT_NEAR(moved.z, 0.0, 1e-9);
    }
    std::fill(fields[0].begin(), fields[0].end(), 0.0);  // nothing to follow, nothing to divide by
    const std::vector<Vec3> here = cells.positions;
    room.climb(state, grid, climbing, fields, hours);
    for (std::size_t i = 0; i < cells.size(); ++i) EXPECT_EQ(lobule::length(cells.positions[i] - here[i]), 0.0);
}

TEST(CellsInSpace, OneHashWhateverTheThreadsAndStops) {
    const Piece& piece = untouched();
    Nothing sink;
    Simulation whole = piece.simulation(1);
    const State end = whole.run(27.0, 27.0, sink).last;
    ASSERT_GE(sink.restarts.size(), 2U);
    for (const int threads : {2, 3}) {
        Nothing other;
        Simulation simulation = piece.simulation(threads);
        const State again = simulation.run(27.0, 5.0, other).last;
        EXPECT_EQ(state_hash(again), state_hash(end))
            << threads << ": " << first_difference(*piece.tissue.model, again, end);
    }
    Simulation resumed = piece.simulation(1);
    resumed.reset(sink.restarts[1], 1);
    Nothing other;
    EXPECT_EQ(state_hash(resumed.run(27.0, 27.0, other, true).last), state_hash(end));
}

TEST(CellsInSpace, GoOnWithoutATypeOfCell) {
    const Piece piece({"kupffer.present=0"});
    EXPECT_EQ(piece.tissue.start.agents[piece.population("kupffer")].size(), 0U);
    Simulation simulation = piece.simulation();
    Nothing sink;
    const State end = simulation.run(2.0, 2.0, sink).last;
    EXPECT_NEAR(piece.probe(end, "hepatocytes"), 1.0, 0.01);
}

TEST(CellsInSpace, GetCellsInBloodByEvents) {
    const Parts infused{
        {"newcomer", cell_head("blood") + "[states]\nfresh = { about = \"a\" }\n" + parameters({{"dose", "1e8 cell"}}) +
                         "[[event]]\nat = \"0 h\"\nevery = \"1 h\"\n"
                         "set = { \"newcomer.fresh\" = \"newcomer.fresh + dose\" }\n"
                         "[probe]\nnumber = { law = \"newcomer.fresh\", unit = \"cell\", about = \"a\" }\n"
                         "volume = { law = \"newcomer.volume_total\", unit = \"um^3\", about = \"a\" }\n"}};
    const Piece piece({}, 3, 1, 25.0, infused);
    Simulation simulation = piece.simulation();
    Nothing sink;
    const State end = simulation.run(2.0, 2.0, sink).last;
    ASSERT_GT(end.agents[piece.population("newcomer")].size(), 100U);
    const double agent = 1e8 * 3.0 / static_cast<double>(end.agents[piece.population("newcomer")].size());
    EXPECT_NEAR(piece.probe(end, "newcomer.number"), 3e8, 3.0 * agent);
    EXPECT_NEAR(piece.probe(end, "newcomer.volume") / piece.probe(end, "newcomer.number"), 1000.0, 1e-6);
}

// Their places were not known before the first step: a crash.
TEST(CellsInSpace, GetCellsWhereNobodyWasByAnEventAtTheStart) {
    const Parts infused{
        {"newcomer", cell_head("lumen") + "[states]\nfresh = { about = \"a\" }\n" +
                         "[[event]]\nat = \"0 h\"\nset = { \"newcomer.fresh\" = \"hepatocyte / 4\" }\n"}};
    const Piece piece({}, 3, 1, 25.0, infused);
    Simulation simulation = piece.simulation();
    Nothing sink;
    simulation.run(1.0, 1.0, sink);
    const State& start = sink.restarts.at(0);
    const Agents& cells = start.agents[piece.population("newcomer")];
    const auto hepatocytes = static_cast<double>(start.agents[piece.population("hepatocyte")].size());
    EXPECT_NEAR(static_cast<double>(cells.size()), 0.25 * hepatocytes, 4.0 * std::sqrt(0.25 * hepatocytes));
    ASSERT_EQ(cells.positions.size(), cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
        EXPECT_LT(std::abs(piece.plan.grid.box.wrap(cells.positions[i]).x - cells.positions[i].x), 1e-9);
}

// Of 7e4 cells of the body the box would hold a fifth of an agent: rest() was 0, and what a law divides by it no number.
TEST(CellsInSpace, HaveRareCellsOfTheBodyInFinerAgents) {
    const Parts rare{{"rare", cell_head("blood") + "[states]\nhere = { start = \"7e4 cell\", source = \"assumed\" }\n" +
                                  parameters({{"pace", "1 1/h"}}) + R"t(
        [define]
        share = { law = "here / rest(here)", about = "against rest" }
        [variables]
        felt = { start = "1", scope = "body", rate = "pace * (share - felt)", source = "derived:1 at rest" }
        [probe]
        share = { law = "share", unit = "1", about = "a" }
        felt = { law = "felt", unit = "1", about = "a" })t"}};
    const Piece piece({}, 3, 1, 25.0, rare);
    const std::size_t agents = piece.tissue.start.agents[piece.population("rare")].size();
    EXPECT_NEAR(static_cast<double>(agents), 100.0, 2.0);
    EXPECT_NEAR(piece.probe(piece.tissue.start, "rare.share"), 1.0, 0.02);
    Simulation simulation = piece.simulation();
    Nothing sink;
    const State end = simulation.run(2.0, 2.0, sink).last;
    EXPECT_EQ(piece.probe(end, "rare.share"), piece.probe(piece.tissue.start, "rare.share"));
    EXPECT_NEAR(piece.probe(end, "rare.felt"), 1.0, 0.02);
}

TEST(CellsInSpace, SayWhichLawHasNoValue) {
    const Parts bad{{"bad", "[body]\nabout = \"a\"\n" + parameters({{"pace", "1 1/h"}, {"nobody", "1"}}) + R"t(
        [define]
        share = { law = "nobody / nobody", about = "a" }
        double = { law = "2 * share", about = "reads it" }
        [variables]
        felt = { start = "2", rate = "pace * (double - felt)", source = "derived:at rest" })t"}};
    const Piece piece({"bad.nobody=0"}, 3, 1, 25.0, bad);
    Simulation simulation = piece.simulation();
    Nothing sink;
    try {
        simulation.run(2.0, 2.0, sink);
        FAIL() << "ran";
    } catch (const RunError& error) {
        EXPECT_STREQ(error.what(), "at 0 h the law of bad.share has no finite value: nobody / nobody");
    }
}

TEST(CellsInSpace, HaveNoFlowThroughVesselsCutFromTheirOutlet) {
    Piece piece;
    VesselNetwork& vessels = piece.tissue.start.tissue->vessels;
    for (NodeKind& kind : vessels.kind)
        if (kind == NodeKind::outlet) kind = NodeKind::inner;
    Simulation simulation = piece.simulation();
    Nothing sink;
    EXPECT_THROW(simulation.run(1.0, 1.0, sink), RunError);
}

TEST(CellsInSpace, NeedSizesOfVessels) {
    const auto model = compiled({{"tissue", tissue_text()}});
    EXPECT_NE(problems_of([&] { plan_tissue(*model, default_parameters(*model)); }).find("[sinusoids]"),
              std::string::npos);
}

TEST(CellsInSpace, AreReadByZoneWithoutLoss) {
    const Piece& piece = untouched();
    const std::vector<double> zones =
        values_by_zone(*piece.zones, *piece.tissue.model, piece.plan, piece.tissue.start.values);
    ASSERT_EQ(zones.size(), piece.zones->state_size());
    double places = 0.0, by_zone = 0.0;
    const Population& p = piece.zones->populations[piece.population("hepatocyte")];
    for (const Population::Substate& sub : p.substates) {
        for (int z = 0; z < piece.zones->zones; ++z)
            by_zone += zones[static_cast<std::size_t>(sub.count * piece.zones->zones + z)];
        for (int v = 0; v < piece.tissue.model->zones; ++v)
            places +=
                piece.tissue.start
                    .values[static_cast<std::size_t>(sub.count) * static_cast<std::size_t>(piece.tissue.model->zones) +
                            static_cast<std::size_t>(v)];
    }
    EXPECT_NEAR(by_zone, places, 1e-9 * places);
}

}  // namespace
}  // namespace lobule::test
