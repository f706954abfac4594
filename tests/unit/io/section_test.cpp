#include "io/section.hpp"

#include <cairo.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "../../../src/io/section_cut.hpp"
#include "base/error.hpp"

namespace lobule::io {
namespace {

using section::Role;

constexpr double k_cell = 12.0;  // [um] radius of a cell
constexpr double k_volume = 4.0 / 3.0 * std::numbers::pi * k_cell * k_cell * k_cell;

/// One population in plates, whose states lead to each other as real ones do, and one on walls.
Model toy_model(const TissuePlan& plan) {
    Model model;
    model.zones = static_cast<int>(plan.grid.size());
    const auto population = [&](const std::string& name, const std::string& place,
                                const std::vector<std::string>& states) {
        Population& p = model.populations.emplace_back();
        p.name = name;
        p.place = place;
        for (const std::string& state : states) p.substates.emplace_back().state = state;
    };
    population("brick", "plate", {"rest", "ready", "copy", "split", "lost"});
    population("lining", "sinusoid_wall", {"flat"});
    const auto hop = [&](Hop::Kind kind, int from, std::vector<Hop::Branch> branches) {
        Hop& h = model.run.hops.emplace_back();
        h.kind = kind;
        h.population = 0;
        h.from = from;
        h.branches = std::move(branches);
    };
    hop(Hop::Kind::transition, 0, {{0, 1}});
    hop(Hop::Kind::transition, 1, {{0, 0}});
    hop(Hop::Kind::transition, 1, {{0, 2}});
    hop(Hop::Kind::advance, 2, {{0, 3}});
    hop(Hop::Kind::division, 3, {{0, 0, 2}});
    for (int from = 0; from < 5; ++from) hop(Hop::Kind::death, from, {{0, -1}});
    for (const auto& [name, kind] :
         {std::pair("caller", StateInfo::Kind::signal), std::pair("fibre.fresh", StateInfo::Kind::matrix)}) {
        StateInfo& info = model.zone_states.emplace_back();
        info.name = name;
        info.kind = kind;
        info.dimension = Dimension::of(Dimension::mass);
    }
    return model;
}

TissuePlan toy_plan() {
    TissuePlan plan;
    plan.lobules = Lobules::regular(120.0, 60.0);
    plan.lobules.portal_radius = 12.0;
    plan.lobules.central_radius = 14.0;
    plan.grid = Grid::of(plan.lobules.box, 20.0);
    plan.lobules_in_box = 2.0;
    plan.position.assign(plan.grid.size(), 0.5);
    plan.tissue.assign(plan.grid.size(), 1.0);
    return plan;
}

struct Toy {
    TissuePlan plan = toy_plan();
    Model model = toy_model(plan);
    State state;
    Toy() {
        state.time = 36.0;
        state.values.assign(2 * plan.grid.size(), 0.0);
        state.agents.resize(2);
        for (Agents& agents : state.agents) agents.quantities.resize(1);
        state.tissue = Tissue{plan.lobules.box, {}};
        const std::int32_t a = state.tissue->vessels.add_node(place(40.0, -40.0), NodeKind::inlet);
        const std::int32_t b = state.tissue->vessels.add_node(place(70.0, -40.0), NodeKind::outlet);
        state.tissue->vessels.add_edge(a, b, 5.0);
    }
    /// Beside the middle of the view, in the middle plane.
    Vec3 place(double x, double y, double above = 0.0) const {
        const Vec3 centre = plan.lobules.centre(0);
        return plan.lobules.box.wrap({centre.x + x, centre.y + y, 30.0 + above});
    }
    void add(std::size_t population, std::uint16_t substate, const Vec3& at, double volume = k_volume) {
        Agents& agents = state.agents[population];
        agents.ids.push_back(agents.size() + 1);
        agents.divisions.push_back(0);
        agents.substates.push_back(substate);
        agents.zones.push_back(static_cast<std::uint32_t>(plan.grid.voxel_of(at)));
        agents.positions.push_back(at);
        agents.quantities[0].push_back(volume);
    }
    section::View view() const { return section::view_of(plan, state, 12.0, 30.0); }
    std::vector<section::CutCell> cells() const { return section::cut_cells(view(), state, section::looks_of(model)); }
    std::string draw(SectionStyle style = {}) const { return draw_section(model, plan, state, style); }
};

double area(const std::vector<Point>& polygon) {
    double sum = 0.0;
    for (std::size_t k = 0; k < polygon.size(); ++k) {
        const Point &a = polygon[k], &b = polygon[(k + 1) % polygon.size()];
        sum += a.x * b.y - a.y * b.x;
    }
    return 0.5 * sum;
}

/// Pixels of a PNG.
class Picture {
public:
    explicit Picture(const std::string& png) : bytes_(png) {
        const auto read = [](void* from, unsigned char* to, unsigned int n) {
            auto& self = *static_cast<Picture*>(from);
            if (self.at_ + n > self.bytes_.size()) return CAIRO_STATUS_READ_ERROR;
            self.bytes_.copy(reinterpret_cast<char*>(to), n, self.at_);
            self.at_ += n;
            return CAIRO_STATUS_SUCCESS;
        };
        surface_ = cairo_image_surface_create_from_png_stream(read, this);
    }
    ~Picture() { cairo_surface_destroy(surface_); }
    Picture(const Picture&) = delete;
    Picture& operator=(const Picture&) = delete;
    int width() const { return cairo_image_surface_get_width(surface_); }
    int height() const { return cairo_image_surface_get_height(surface_); }
    /// 0xAARRGGBB at a point of the view, for a picture of 1100 points with one pixel each.
    std::uint32_t at(const section::View& view, double x, double y) const {
        const double scale = (1100.0 - 60.0) / view.width;
        return pixel(static_cast<int>(30.0 + 520.0 + scale * x),
                     static_cast<int>(88.0 + scale * (0.5 * view.height - y)));
    }
    std::uint32_t pixel(int column, int row) const {
        std::uint32_t word = 0;
        const unsigned char* line =
            cairo_image_surface_get_data(surface_) + row * cairo_image_surface_get_stride(surface_);
        std::copy_n(line + 4 * column, 4, reinterpret_cast<unsigned char*>(&word));
        return word;
    }

private:
    std::string bytes_;
    std::size_t at_ = 0;
    cairo_surface_t* surface_ = nullptr;
};
/// Pixels of the window that `is` holds for.
template <class Is>
int pixels(const Picture& picture, const section::View& view, Is is) {
    const double scale = (1100.0 - 60.0) / view.width;
    int count = 0;
    for (int row = 90; row < static_cast<int>(86.0 + scale * view.height); ++row)
        for (int column = 32; column < 1068; ++column) count += is(picture.pixel(column, row)) ? 1 : 0;
    return count;
}
int green(std::uint32_t c) { return static_cast<int>((c >> 8) & 255U); }
int red(std::uint32_t c) { return static_cast<int>((c >> 16) & 255U); }
int blue(std::uint32_t c) { return static_cast<int>(c & 255U); }

SectionStyle plain() {
    SectionStyle style;
    style.density = 1.0;
    return style;
}

TEST(Section, IsAPngOfTheSizeAskedAndTheSameTwice) {
    Toy toy;
    toy.add(0, 0, toy.place(50.0, 0.0));
    toy.add(1, 0, toy.place(50.0, -45.0));
    const std::string png = toy.draw();
    EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
    EXPECT_EQ(Picture(png).width(), 1650);
    EXPECT_EQ(png, toy.draw());
    EXPECT_EQ(Picture(toy.draw(plain())).width(), 1100);
}

TEST(Section, StatesHaveColoursOfTheirOwn) {
    Toy toy;
    toy.add(0, 0, toy.place(50.0, 0.0));
    toy.add(0, 2, toy.place(-50.0, 0.0));
    toy.add(0, 4, toy.place(0.0, 60.0));
    const Picture picture(toy.draw(plain()));
    const section::View view = toy.view();
    const auto rest = picture.at(view, 50.0, 9.0), copy = picture.at(view, -50.0, 9.0),
               lost = picture.at(view, 0.0, 69.0);
    EXPECT_NE(rest, copy);
    EXPECT_NE(rest, lost);
    EXPECT_NE(copy, lost);
    EXPECT_GT(red(rest), blue(rest));  // eosin
    EXPECT_LT(red(copy), blue(copy));
    EXPECT_NE(picture.at(view, 50.0, 9.0), picture.at(view, 50.0, 0.0)) << "a nucleus";
}

TEST(Section, ATissueWithoutCellsHasVesselsAndAFrame) {
    const Toy toy;
    const Picture picture(toy.draw(plain()));
    const section::View view = toy.view();
    const auto ground = picture.at(view, -60.0, 20.0), vein = picture.at(view, 0.0, 0.0);
    EXPECT_NE(ground, vein);
    EXPECT_EQ(picture.at(view, 55.0, -40.0), vein) << "the lumen of the vessel";
    EXPECT_NE(picture.at(view, 55.0, -40.0 - 5.4), vein) << "its wall";
    EXPECT_EQ(picture.at(view, 55.0, -50.0), ground);
    const Vec3 corner = view.lobules.corner_of(0, 0) - view.lobules.centre(0);
    EXPECT_NE(picture.at(view, corner.x - 10.5, corner.y), ground) << "a portal tract";
    EXPECT_EQ(picture.pixel(0, 0) >> 24, 0U) << "round corners";
    EXPECT_EQ(picture.pixel(15, 15) >> 24, 255U);

    State bare = toy.state;
    bare.tissue.reset();
    bare.agents.clear();
    const Picture without(draw_section(toy.model, toy.plan, bare, plain()));
    EXPECT_EQ(without.at(view, 0.0, 0.0), vein);
    EXPECT_EQ(without.at(view, 55.0, -40.0), ground);
}

TEST(Section, AValueOfPlacesIsAField) {
    Toy toy;
    for (std::int32_t v = 0; v < static_cast<std::int32_t>(toy.plan.grid.size()); ++v) {
        const Vec3 to = toy.state.tissue->box.from_to(toy.plan.lobules.centre(0), toy.plan.grid.centre(v));
        toy.state.values[static_cast<std::size_t>(v)] = to.x > 0.0 ? 1.0 : 0.0;
    }
    SectionStyle style = plain();
    toy.state.values.resize(toy.plan.grid.size());
    style.field = SectionField{"caller", toy.state.values, Dimension{}, {}, {}};
    style.field_full = 1.0;
    const Picture picture(toy.draw(style));
    EXPECT_EQ(picture.at(toy.view(), 60.0, 20.0), 0xFFFEE838U);  // the ends of the scale
    EXPECT_EQ(picture.at(toy.view(), -60.0, 20.0), 0xFF00224EU);
}

TEST(Section, UnknownNamesAndWrongSizesAreTheUsersMistakes) {
    const Toy toy;
    SectionStyle style;
    style.matrix = "fibr";
    try {
        toy.draw(style);
        FAIL();
    } catch (const SpecError& error) {
        EXPECT_EQ(error.problems().at(0).nearest, "fibre");
    }
    style = {};
    style.matrix = "caller";  // it is a signal
    EXPECT_THROW(toy.draw(style), SpecError);
    style = {};
    style.field = SectionField{"caller", std::vector<double>(toy.plan.grid.size(), 1.0), Dimension{}, "mmHg", {}};
    EXPECT_THROW(toy.draw(style), SpecError);
    style = {};
    style.thickness = 0.0;
    EXPECT_THROW(toy.draw(style), SpecError);
    style = {};
    style.width = 1e6;
    EXPECT_THROW(toy.draw(style), SpecError);
}

TEST(Section, ALoneCellIsItsSphereCut) {
    Toy toy;
    toy.add(0, 0, toy.place(50.0, 10.0, 6.0));
    const auto cells = toy.cells();
    ASSERT_EQ(cells.size(), 1U);
    const double square = 1.35 * 1.35 * k_cell * k_cell - 36.0;
    EXPECT_NEAR(area(cells[0].corners), 20.0 * std::sin(std::numbers::pi / 20.0) * square, 1e-6);  // 40 corners
    EXPECT_NEAR(cells[0].nucleus.x, 50.0, 1e-9);
    EXPECT_NEAR(cells[0].nucleus.y, -10.0, 1e-9);
    toy.add(0, 0, toy.place(-50.0, 10.0, 1.36 * k_cell));
    EXPECT_EQ(toy.cells().size(), 1U) << "the plane passes beside it";
}

TEST(Section, NeighboursShareTheBorderOfTheirPowers) {
    Toy toy;
    toy.add(0, 0, toy.place(40.0, 10.0));
    toy.add(0, 0, toy.place(58.0, 10.0, 5.0), k_volume * 0.729);  // radius 0.9
    const auto cells = toy.cells();
    ASSERT_EQ(cells.size(), 2U);
    // x^2 - 144 = (18 - x)^2 + 25 - 116.64
    const double border = 40.0 + (18.0 * 18.0 + 144.0 + 25.0 - 0.81 * 144.0) / 36.0;
    double right = 0.0, left = 1e9;
    for (const Point& p : cells[0].corners) right = std::max(right, p.x);
    for (const Point& p : cells[1].corners) left = std::min(left, p.x);
    EXPECT_NEAR(right, border, 1e-9);
    EXPECT_NEAR(left, border, 1e-9);
}

TEST(Section, ABoxThatEndsInTheWindowGoesOn) {
    Toy toy;
    toy.add(0, 0, toy.place(0.0, 100.0));  // the box is 208 um high, the window more
    EXPECT_EQ(toy.cells().size(), 2U);
}

TEST(Section, VesselsEndWithTheSlab) {
    Toy toy;
    VesselNetwork& vessels = toy.state.tissue->vessels;
    const std::int32_t a = vessels.add_node(toy.place(-40.0, 20.0, -12.0), NodeKind::inner);
    const std::int32_t b = vessels.add_node(toy.place(-16.0, 20.0, 12.0), NodeKind::inner);
    vessels.add_edge(a, b, 4.0);
    const auto channels = section::cut_vessels(toy.view(), toy.state);
    ASSERT_EQ(channels.size(), 2U);
    EXPECT_NEAR(channels[1].from.x, -34.0, 1e-9);
    EXPECT_NEAR(channels[1].to.x, -22.0, 1e-9);
    EXPECT_NEAR(channels[1].to.y, -20.0, 1e-9);

    toy.add(0, 0, toy.place(-28.0, 17.0));
    auto cells = toy.cells();
    section::keep_clear(cells, channels);
    EXPECT_LT(cells.at(0).nucleus.x, -27.9);
    EXPECT_NEAR(cells.at(0).nucleus.y, -20.0 + 4.0 + 0.36 * k_cell + 0.6, 1e-9);
}

TEST(Section, ACellOnAWallLiesAtTheSideOfItsVessel) {
    Toy toy;
    toy.add(1, 0, toy.place(50.0, -41.0, 4.898979485566356), 500.0);  // on the wall, nearly over the axis
    const auto cells = section::cut_singles(toy.view(), toy.state, section::looks_of(toy.model));
    ASSERT_EQ(cells.size(), 1U);
    EXPECT_NEAR(cells[0].at.x, 50.0, 1e-9);
    EXPECT_NEAR(cells[0].at.y, 45.0, 1e-9);
    EXPECT_NEAR(std::abs(cells[0].along.x), 1.0, 1e-12);
    EXPECT_EQ(cells[0].room, 5.0);
}

TEST(Section, RolesFollowFromTheLaws) {
    const auto looks = section::looks_of(toy_model(toy_plan()));
    std::vector<Role> roles;
    for (const auto& state : looks.at(0).states) roles.push_back(state.role);
    EXPECT_THAT(roles, testing::ElementsAre(Role::calm, Role::stirred, Role::cycle, Role::cycle, Role::dying));
    EXPECT_FALSE(looks[0].states[2].divides);
    EXPECT_TRUE(looks[0].states[3].divides);
    EXPECT_TRUE(looks[0].plate);
    EXPECT_TRUE(looks.at(1).of_sinusoids());
}

TEST(Section, TurningIntoAnotherKindIsNoPartOfACycle) {
    Model model = toy_model(toy_plan());
    for (int from = 0; from < 4; ++from) {  // as poisoned cells die
        Hop& h = model.run.hops.emplace_back();
        h.kind = Hop::Kind::transition;
        h.population = 0;
        h.from = from;
        h.branches = {{0, 0, 1, 1}};
    }
    const auto looks = section::looks_of(model);
    std::vector<Role> roles;
    for (const auto& state : looks.at(0).states) roles.push_back(state.role);
    EXPECT_THAT(roles, testing::ElementsAre(Role::calm, Role::stirred, Role::cycle, Role::cycle, Role::dying));
}

TEST(Section, AResidentHasOneColourWhoeverElseIsThere) {
    Model model = toy_model(toy_plan());
    const Colour alone = section::looks_of(model).at(1).colour;
    Population guest;
    guest.name = "guest";
    guest.place = "lumen";
    guest.substates.emplace_back().state = "round";
    model.populations.insert(model.populations.begin() + 1, guest);
    for (Hop& hop : model.run.hops) hop.population = 0;
    const auto looks = section::looks_of(model);
    EXPECT_EQ(looks.at(2).colour, alone);
    EXPECT_NE(looks.at(1).colour, alone);
    // A second kind of the same place has a colour that no resident has.
    model.populations.insert(model.populations.begin() + 2, guest);
    const auto more = section::looks_of(model);
    EXPECT_EQ(more.at(3).colour, alone);
    EXPECT_NE(more.at(2).colour, more.at(1).colour);
    EXPECT_NE(more.at(2).colour, alone);
}

TEST(Section, ACellWithoutANucleusIsAGhost) {
    Toy toy;
    toy.model.populations[1].place = "plate";
    toy.model.populations[1].nucleus = false;
    toy.add(0, 0, toy.place(50.0, 0.0));
    toy.add(1, 0, toy.place(-50.0, 0.0));
    const Picture picture(toy.draw(plain()));
    const section::View view = toy.view();
    const auto dark = [](std::uint32_t c) { return red(c) < 150; };
    int living = 0, dead = 0;
    for (double x = -8.0; x <= 8.0; x += 0.5)
        for (double y = -8.0; y <= 8.0; y += 0.5) {
            living += dark(picture.at(view, 50.0 + x, y)) ? 1 : 0;
            dead += dark(picture.at(view, -50.0 + x, y)) ? 1 : 0;
        }
    EXPECT_GT(living, 50) << "the rim and nucleoli of a nucleus";
    EXPECT_EQ(dead, 0);
    EXPECT_NE(picture.at(view, 50.0, 9.0), picture.at(view, -50.0, 9.0));
}

TEST(Section, LaterStatesOfSingleCellsAreDeeper) {
    Toy toy;
    Population& p = toy.model.populations[1];
    p.place = "disse";
    for (const char* name : {"roused", "copy", "scar"}) p.substates.emplace_back().state = name;
    const auto hop = [&](Hop::Kind kind, int from, std::vector<Hop::Branch> branches) {
        Hop& h = toy.model.run.hops.emplace_back();
        h.kind = kind;
        h.population = 1;
        h.from = from;
        h.branches = std::move(branches);
    };
    hop(Hop::Kind::transition, 0, {{0, 1}});
    hop(Hop::Kind::transition, 1, {{0, 2}});
    hop(Hop::Kind::division, 2, {{0, 1, 2}});
    hop(Hop::Kind::transition, 1, {{0, 3}});
    hop(Hop::Kind::transition, 3, {{0, 0}});
    const auto look = section::looks_of(toy.model).at(1);
    std::vector<double> tones, light;
    for (const auto& state : look.states) {
        tones.push_back(state.tone);
        light.push_back(state.fill.r + state.fill.g + state.fill.b);
    }
    EXPECT_THAT(tones, testing::ElementsAre(0.0, 0.5, 0.5, 1.0)) << "a cycle has the tone of what it leads to";
    EXPECT_GT(light[0], light[1] + 0.1);
    EXPECT_GT(light[1], light[3] + 0.1);
    EXPECT_EQ(look.states[2].fill, look.states[1].fill);
    EXPECT_NE(look.states[2].nucleus, look.states[1].nucleus);
    EXPECT_FALSE(look.arrived);
    toy.model.populations.emplace_back().in_body = true;
    hop(Hop::Kind::recruitment, 0, {{0, 0, 1, 1}});
    toy.model.run.hops.back().population = 2;
    EXPECT_TRUE(section::looks_of(toy.model).at(1).arrived);
}

TEST(Section, CellsThatWereGivenAreShownWhereverTheyLie) {
    Toy toy;
    const Colour before = section::looks_of(toy.model).at(1).colour;
    toy.model.populations.emplace_back().in_body = true;
    Hop& enters = toy.model.run.hops.emplace_back();
    enters.kind = Hop::Kind::recruitment;
    enters.population = 2;
    enters.from = 0;
    enters.branches = {{0, 0, 1, 1}};
    EXPECT_FALSE(section::looks_of(toy.model).at(1).given) << "cells of the body's own blood";
    Assignment dose;
    dose.kind = Assignment::Kind::cells;
    dose.population = 2;
    toy.model.run.events.emplace_back().assignments.push_back(dose);
    const auto looks = section::looks_of(toy.model);
    EXPECT_TRUE(looks.at(1).given);
    EXPECT_NE(looks.at(1).colour, before);
    toy.add(1, 0, toy.place(50.0, -41.0, 0.0), 500.0);
    toy.add(1, 0, toy.place(50.0, -41.0, 20.0), 500.0);  // far above the slab
    const auto cells = section::cut_singles(toy.view(), toy.state, looks);
    ASSERT_EQ(cells.size(), 2U);
    EXPECT_FALSE(cells[0].outside);
    EXPECT_TRUE(cells[1].outside);
    toy.model.populations[1].start_total = toy.model.start_graph.constant(5.0);
    EXPECT_FALSE(section::looks_of(toy.model).at(1).given) << "the body has such cells of its own";
}

TEST(Section, LargeVesselsFollowTheBox) {
    Toy toy;
    toy.state.tissue->box.lengths = toy.plan.lobules.box.lengths * 1.25;
    EXPECT_NEAR(toy.view().lobules.central_radius, 1.25 * 14.0, 1e-12);
    EXPECT_NEAR(toy.view().lobules.portal_radius, 1.25 * 12.0, 1e-12);
}

TEST(Section, CellsOnWallsLieInNoLumen) {
    Toy toy;
    const std::vector<section::Channel> channels = {{{0.0, 0.0}, {40.0, 0.0}, 5.0}};
    std::vector<section::SingleCell> cells = {{1, 0, {20.0, 1.0}, {1.0, 0.0}, 6.0, 5.0, 0}};
    auto looks = section::looks_of(toy.model);
    section::keep_at_walls(cells, channels, looks);
    EXPECT_NEAR(cells[0].at.y, 5.0, 1e-12);
    looks[1].place = "lumen";
    cells[0].at = {20.0, 1.0};
    section::keep_at_walls(cells, channels, looks);
    EXPECT_EQ(cells[0].at.y, 1.0);
}

TEST(Section, FibresAreAsManyAsThereIsMatrix) {
    // 1 mg/ml is 1e-3 pg/um^3: in a slab of 12 um one fibre of 5 pg for every 417 um^2 of cells.
    Toy toy;
    for (double x = -100.0; x <= 100.0; x += 20.0)
        for (double y = -80.0; y <= 80.0; y += 20.0) toy.add(0, 0, toy.place(x, y));
    SectionStyle style = plain();
    style.matrix = "fibre";
    const auto red_pixels = [&](double density) {
        std::fill_n(toy.state.values.begin() + static_cast<std::ptrdiff_t>(toy.plan.grid.size()), toy.plan.grid.size(),
                    density * toy.plan.grid.voxel_volume() / toy.plan.lobules_in_box);
        return pixels(Picture(toy.draw(style)), toy.view(),
                      [](std::uint32_t c) { return red(c) > green(c) + 70 && red(c) > blue(c) + 40; });
    };
    const int none = red_pixels(0.0), one = red_pixels(1e-3) - none, three = red_pixels(3e-3) - none;
    EXPECT_GT(one, 1000);
    EXPECT_NEAR(static_cast<double>(three) / one, 3.0, 0.6);  // they cross
}

}  // namespace
}  // namespace lobule::io
