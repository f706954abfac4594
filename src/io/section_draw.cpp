#include "section_draw.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/math.hpp"
#include "base/random.hpp"

namespace lobule::io::section {

namespace {

constexpr Colour k_lost = Colour::of(0xA08F88);  // outlines of what is dying or dead

Point turned(double angle) { return {math::cos(angle), math::sin(angle)}; }

/// A number from 0 to 1 of eight bits of a cell's own.
double part(std::uint64_t chance, int k) { return static_cast<double>((chance >> (8 * k)) & 255U) / 255.0; }

bool inside(const std::vector<Point>& polygon, const Point& p) {
    for (std::size_t k = 0; k < polygon.size(); ++k) {
        const Point a = polygon[k], way = polygon[(k + 1) % polygon.size()] - a, to = p - a;
        if (way.x * to.y - way.y * to.x < 0.0) return false;
    }
    return true;
}

std::vector<Point> on_paper(const Pen& pen, const std::vector<Point>& polygon) {
    std::vector<Point> out;
    out.reserve(polygon.size());
    for (const Point& p : polygon) out.push_back(pen(p));
    return out;
}

void draw_nucleus(const Pen& pen, const Point& at, double radius, const Colour& colour, std::uint64_t chance) {
    pen.on.circle(pen(at), pen(radius)).fill_and_keep(colour.toward(Colour::of(0xFFFFFF), 0.28));
    pen.on.stroke(colour, pen(0.55));
    for (const int k : {1, 3}) {  // nucleoli
        const Point spot =
            at + turned(2.0 * std::numbers::pi * part(chance, k)) * (0.45 * radius * part(chance, k + 1));
        pen.on.circle(pen(spot), pen(0.2 * radius)).fill(colour);
    }
}

/// Chromosomes lined up: what a division looks like.
void draw_division(const Pen& pen, const CutCell& cell, const Colour& colour) {
    const Point along = turned(std::numbers::pi * part(cell.chance, 0));
    pen.on.ellipse(pen(cell.nucleus), along, pen(0.42 * cell.radius), pen(0.13 * cell.radius)).fill(colour);
}

void draw_nuclei(const Pen& pen, const CutCell& cell, const StateLook& look, NuclearClass nuclear) {
    const bool two = nuclear == NuclearClass::binucleate;
    const double radius = (two ? 0.29 : 0.34) * cell.radius;
    if (!inside(cell.corners, cell.nucleus)) return;
    if (look.role == Role::dying) {  // shrunken and dense
        pen.on.circle(pen(cell.nucleus), pen(0.16 * cell.radius)).fill(look.nucleus);
        return;
    }
    if (look.divides) {
        draw_division(pen, cell, look.nucleus);
        return;
    }
    if (!two) {
        draw_nucleus(pen, cell.nucleus, radius, look.nucleus, cell.chance);
        return;
    }
    const Point apart = turned(std::numbers::pi * part(cell.chance, 0)) * (1.08 * radius);
    for (const Point& at : {cell.nucleus + apart, cell.nucleus - apart})
        if (inside(cell.corners, at)) draw_nucleus(pen, at, radius, look.nucleus, cell.chance);
}

/// What is left of a cell that has lost its content: grains, and an outline that breaks up.
void draw_ghost(const Pen& pen, const CutCell& cell, const Colour& colour) {
    const std::vector<Point> outline = on_paper(pen, cell.corners);
    pen.on.polygon(outline).stroke(colour.with_alpha(0.22), pen(2.0));
    pen.on.polygon(outline).stroke_dashed(colour, pen(0.65), pen(1.5), pen(2.2));
    constexpr int k_grains = 8;
    for (int k = 0; k < k_grains; ++k) {
        const double angle = 2.0 * std::numbers::pi * (k + part(cell.chance, k)) / k_grains;
        const Point at = cell.nucleus + turned(angle) * (0.62 * cell.radius * part(cell.chance, (k + 3) % k_grains));
        if (inside(cell.corners, at)) pen.on.circle(pen(at), pen(0.55)).fill(colour.with_alpha(0.8));
    }
}

double area_of(const std::vector<Point>& polygon) {
    double twice = 0.0;
    for (std::size_t k = 0; k < polygon.size(); ++k) {
        const Point &a = polygon[k], &b = polygon[(k + 1) % polygon.size()];
        twice += a.x * b.y - a.y * b.x;
    }
    return 0.5 * std::abs(twice);
}

constexpr double k_fibre_length = 16.0;  // [um]

/// Along the border of a cell, more or less far inside.
std::vector<Point> between_cells(const std::vector<Point>& corners, const Point& middle,
                                 const std::array<std::uint64_t, 4>& draw) {
    const double inset = 0.02 + 0.22 * uniform_of(draw[1]) * uniform_of(draw[2]);
    const std::size_t n = corners.size();
    std::size_t k = draw[0] % n;
    double left = k_fibre_length * (0.6 + 0.8 * uniform_of(draw[3]));
    Point at = corners[k] + (corners[(k + 1) % n] - corners[k]) * uniform_of(draw[2]);
    std::vector<Point> out{at + (middle - at) * inset};
    for (std::size_t step = 0; step < n && left > 0.0; ++step) {
        k = (k + 1) % n;
        const Point way = corners[k] - at;
        const double length = std::sqrt(way.x * way.x + way.y * way.y);
        if (length < 0.8) continue;  // a corner on a corner would kink
        at = at + way * std::min(1.0, left / length);
        left -= length;
        out.push_back(at + (middle - at) * (inset * (0.5 + 1.5 * part(draw[step % 4], static_cast<int>(step % 8)))));
    }
    return out;
}

/// Along the wall of a vessel, on the side of a cell.
std::vector<Point> along_wall(const Channel& channel, const Point& cell, const std::array<std::uint64_t, 4>& draw) {
    const Point way = channel.to - channel.from, away = away_from(channel, cell);
    const double length = std::sqrt(way.x * way.x + way.y * way.y), off = std::sqrt(away.x * away.x + away.y * away.y);
    if (length < 1.0 || off < 1e-6) return {};
    const Point along = way * (1.0 / length), out = away * (1.0 / off);
    const Point foot = cell - away;
    const double middle = (foot.x - channel.from.x) * along.x + (foot.y - channel.from.y) * along.y;
    const double half = 0.5 * k_fibre_length * (0.6 + 0.8 * uniform_of(draw[3]));
    const double from = std::max(0.0, middle - half + 10.0 * (uniform_of(draw[0]) - 0.5)),
                 to = std::min(length, from + 2.0 * half), lift = channel.radius + 0.5 + 2.2 * uniform_of(draw[1]);
    std::vector<Point> points;
    for (int k = 0; k <= 3; ++k)
        points.push_back(channel.from + along * (from + (to - from) * k / 3.0) +
                         out * (lift + 0.9 * (part(draw[2], k) - 0.5)));
    return points;
}

/// Flat along a wall, thicker where the nucleus is.
void draw_flat(const Pen& pen, const SingleCell& cell, const Colour& body, const Colour& nucleus) {
    const double half = std::min(1.5 * cell.radius, 10.0);
    pen.on.ellipse(pen(cell.at), cell.along, pen(half), pen(0.95)).fill(body);
    pen.on.ellipse(pen(cell.at), cell.along, pen(3.0), pen(1.55)).fill_and_keep(nucleus);
    pen.on.stroke(body, pen(0.4));
}

/// A small body that hugs its vessel, with long thin arms along it and out between the plates. `tone` 1: broad and heavy.
void draw_star(const Pen& pen, const SingleCell& cell, const Colour& body, const Colour& nucleus, double tone) {
    const Point out{-cell.along.y, cell.along.x};
    const double reach = std::min(1.9 * cell.radius, 13.0), weight = 1.0 + 0.55 * tone;
    struct Arm {
        double along, out, bend;
    };
    for (const Arm& arm : {Arm{1.0, -0.04, 1.5}, Arm{-1.0, -0.04, 1.5}, Arm{0.66, 0.4, 0.1}, Arm{-0.6, 0.46, 0.1},
                           Arm{0.18, 0.62, 0.4}}) {
        const Point tip = cell.along * (arm.along * reach) + out * (arm.out * reach);
        const Point knee = cell.along * (0.6 * arm.along * reach) + out * (arm.out * arm.bend * reach);
        pen.on.curve(pen(cell.at), pen(cell.at + knee * 0.6), pen(cell.at + knee), pen(cell.at + tip))
            .stroke(body, pen(0.8 * weight));
    }
    pen.on.ellipse(pen(cell.at), cell.along, pen(3.7 * weight), pen(1.9 * weight)).fill(body);
    pen.on.ellipse(pen(cell.at), cell.along, pen(1.9), pen(1.2)).fill(nucleus);
}

/// Plump, as wide as its vessel lets it be.
void draw_round(const Pen& pen, const SingleCell& cell, const Colour& body, const Colour& nucleus, bool in_lumen) {
    const double across = cell.room > 0.0 && in_lumen ? std::min(cell.radius, 0.88 * cell.room) : 0.8 * cell.radius;
    const double along = std::min(cell.radius * cell.radius / across, 1.5 * cell.radius);
    const Point normal{-cell.along.y, cell.along.x};
    // An outline of its own: six points around, a little nearer or farther by chance.
    constexpr int k_points = 7;
    std::vector<Point> around;
    for (int k = 0; k < k_points; ++k) {
        const Point out = turned(2.0 * std::numbers::pi * k / k_points) * (0.84 + 0.3 * part(cell.chance, k));
        around.push_back(pen(cell.at + cell.along * (out.x * along) + normal * (out.y * across)));
    }
    pen.on.blob(around).fill_and_keep(body);
    pen.on.stroke(body.toward(k_ink, 0.3), pen(0.3));
    pen.on.ellipse(pen(cell.at + cell.along * (0.15 * along)), cell.along, pen(0.46 * across * 1.2), pen(0.46 * across))
        .fill(nucleus);
}

/// A diamond with a light rim; hollow where the cell lies above or below the slab.
void draw_diamond(const Pen& pen, const SingleCell& cell, const StateLook& look) {
    constexpr double k_least = 7.0;  // [um] half a diagonal: to be found at a glance
    const double half = std::max(1.1 * cell.radius, k_least);
    const std::vector<Point> corners = {pen(cell.at + Point{half, 0.0}), pen(cell.at + Point{0.0, half}),
                                        pen(cell.at - Point{half, 0.0}), pen(cell.at - Point{0.0, half})};
    if (cell.outside) {
        pen.on.polygon(corners).stroke(k_card.with_alpha(0.9), pen(2.6));
        pen.on.polygon(corners).stroke(look.fill, pen(1.3));
        return;
    }
    pen.on.polygon(corners).stroke(k_card, pen(3.2));
    pen.on.polygon(corners).fill_and_keep(look.fill);
    pen.on.stroke(look.fill.toward(k_ink, 0.45), pen(0.9));
    pen.on.circle(pen(cell.at), pen(0.3 * half)).fill(look.nucleus);
}

/// A ring of small cells around a lumen.
void draw_ring(const Pen& pen, const Point& at, double radius, double thickness, const Colour& wall, int nuclei,
               const Colour& nucleus) {
    pen.on.circle(pen(at), pen(radius)).fill(wall);
    pen.on.circle(pen(at), pen(radius - thickness)).fill_and_keep(k_lumen);
    pen.on.stroke(wall.toward(k_ink, 0.25), pen(0.4));
    for (int k = 0; k < nuclei; ++k) {
        const Point out = turned(2.0 * std::numbers::pi * (k + 0.3) / nuclei);
        pen.on
            .ellipse(pen(at + out * (radius - 0.5 * thickness)), {-out.y, out.x}, pen(0.42 * thickness),
                     pen(0.32 * thickness))
            .fill(nucleus);
    }
}

void draw_portal_tract(const Pen& pen, const Point& at, double radius, double facing, const Colour& stroma) {
    pen.on.circle(pen(at), pen(radius)).fill_and_keep(stroma);
    pen.on.stroke(k_wall.toward(stroma, 0.35), pen(0.7));
    for (int ring = 1; ring <= 2; ++ring)  // fibres of the stroma run around
        pen.on.circle(pen(at), pen(radius * (1.0 - 0.07 * ring))).stroke(k_wall.with_alpha(0.16), pen(0.5));
    const Point to = turned(facing), left = turned(facing + 2.25), right = turned(facing - 2.25);
    const Point vein = at + to * (0.24 * radius);
    pen.on.ellipse(pen(vein), {-to.y, to.x}, pen(0.62 * radius), pen(0.5 * radius)).fill_and_keep(k_lumen);
    pen.on.stroke(k_lining, pen(1.0));
    draw_ring(pen, at + left * (0.63 * radius), 0.21 * radius, 0.115 * radius, Colour::of(0xCF8E93), 0, k_lining);
    draw_ring(pen, at + right * (0.6 * radius), 0.25 * radius, 0.13 * radius, Colour::of(0xC9B7DC), 9,
              Colour::of(0x6A4C86));
}

}  // namespace

double Layer::share(const Point& p) const {
    return field == nullptr || high <= low ? 0.0 : std::clamp((field->at(p) - low) / (high - low), 0.0, 1.0);
}

void draw_plates(const Pen& pen, const std::vector<CutCell>& cells, const State& state,
                 const std::vector<PopulationLook>& looks, const Layer& colours) {
    const auto substate = [&](const CutCell& cell) { return state.agents[cell.population].substates[cell.cell]; };
    const auto pale = [&](const CutCell& cell) { return looks[cell.population].ghost; };
    for (const CutCell& cell : cells) {
        const StateLook& look = looks[cell.population].of(substate(cell));
        // Cells of one state differ a little, as stain does.
        Colour fill = look.fill.toward(Colour::of(0xFFFFFF), 0.22 * part(cell.chance, 7));
        Colour border = look.fill.toward(Colour::of(0x8A4B45), 0.42);
        if (colours.field != nullptr) {
            fill = even_scale(colours.share(cell.nucleus)).with_alpha(0.92);
            border = k_card.with_alpha(0.45);
        } else if (look.role == Role::cycle) {
            border = look.fill.toward(Colour::of(0x141A3C), 0.4);
        } else if (look.role == Role::dying) {
            border = k_lost;
        }
        pen.on.polygon(on_paper(pen, cell.corners)).fill_and_keep(fill);
        if (pale(cell))
            pen.on.stroke(fill, pen(0.5));  // its outline follows
        else if (look.role == Role::dying)
            pen.on.stroke_dashed(border, pen(0.6), pen(1.6), pen(1.9));
        else
            pen.on.stroke(border, pen(0.5));
    }
    for (const CutCell& cell : cells)
        if (pale(cell)) draw_ghost(pen, cell, colours.field != nullptr ? k_card : k_lost);
}

void draw_nuclei(const Pen& pen, const View& view, const std::vector<CutCell>& cells, const State& state,
                 const Model& places, const std::vector<PopulationLook>& looks) {
    for (const CutCell& cell : cells) {
        if (looks[cell.population].ghost || std::abs(cell.above) > 0.5 * view.thickness) continue;
        const std::size_t s = state.agents[cell.population].substates[cell.cell];
        draw_nuclei(pen, cell, looks[cell.population].of(s), places.populations[cell.population].substates[s].nuclear);
    }
}

void draw_fibres(const Pen& pen, const View& view, const std::vector<CutCell>& cells,
                 const std::vector<Channel>& channels, const Field& density, double each) {
    constexpr double k_near = 1.6;   // of the radius of a cell: a vessel that it lies at
    constexpr double k_most = 60.0;  // fibres of a cell, beyond which nothing more is seen
    for (const CutCell& cell : cells) {
        const double expected = density.at(cell.nucleus) * view.thickness * area_of(cell.corners) / each;
        const auto count = static_cast<int>(std::min(k_most, expected) + part(cell.chance, 2));
        if (count == 0) continue;
        const Channel* beside = nullptr;
        double nearest = k_near * cell.radius;
        for (const Channel& c : channels) {
            const Point away = away_from(c, cell.nucleus);
            const double distance = std::sqrt(away.x * away.x + away.y * away.y) - c.radius;
            if (distance >= nearest) continue;
            nearest = distance;
            beside = &c;
        }
        for (int k = 0; k < count; ++k) {
            const std::array<std::uint64_t, 4> draw =
                random_block({0, 0, stream_id("section fibre"), cell.chance, 0, static_cast<std::uint64_t>(k)});
            const std::vector<Point> way = beside != nullptr && k % 2 == 0
                                               ? along_wall(*beside, cell.nucleus, draw)
                                               : between_cells(cell.corners, cell.nucleus, draw);
            std::vector<Point> paper = on_paper(pen, way);
            pen.on.thread(paper).stroke(k_fibre.with_alpha(0.8), pen(0.55 + 0.5 * part(draw[3], 6)));
        }
    }
}

void draw_channels(const Pen& pen, const std::vector<Channel>& channels) {
    for (const Channel& c : channels) pen.on.line(pen(c.from), pen(c.to)).stroke(k_rim, pen(2.0 * c.radius + 1.5));
    for (const Channel& c : channels) pen.on.line(pen(c.from), pen(c.to)).stroke(k_lumen, pen(2.0 * c.radius));
}

void draw_large_vessels(const Pen& pen, const View& view, bool fibres) {
    const Lobules& lobules = view.lobules;
    const Colour stroma = fibres ? k_fibre.toward(k_stroma, 0.78) : k_stroma;
    for (int c = 0; c < lobules.tract_count(); ++c)
        for (const Point& at : view.images(lobules.tract(c), lobules.portal_radius))
            draw_portal_tract(pen, at, lobules.portal_radius, 1.1 + 2.4 * c, stroma);
    for (int l = 0; l < lobules.count(); ++l)
        for (const Point& at : view.images(lobules.centre(l), lobules.central_radius)) {
            pen.on.circle(pen(at), pen(lobules.central_radius)).fill_and_keep(stroma);
            pen.on.stroke(k_wall.toward(stroma, 0.4), pen(0.6));
            pen.on.circle(pen(at), pen(lobules.central_radius - 2.0)).fill_and_keep(k_lumen);
            pen.on.stroke(k_lining, pen(0.9));
        }
}

void draw_plate_key(const Pen& pen, double radius, const PopulationLook& look, const StateLook& state, bool coloured) {
    const CutCell cell{0,
                       0,
                       {{-radius, -radius}, {radius, -radius}, {radius, radius}, {-radius, radius}},
                       {},
                       radius,
                       0.0,
                       0x5A3C96D2781EB4F0};
    const bool faded = look.ghost || state.role == Role::dying;
    pen.on.rectangle(pen({-radius, -radius}), pen(2.0 * radius), pen(2.0 * radius), pen(0.3 * radius))
        .fill_and_keep(coloured ? Colour::of(0x8A8678) : state.fill);
    if (faded)
        pen.on.stroke_dashed(k_lost, 1.0, 2.5, 2.5);
    else
        pen.on.stroke(state.fill.toward(k_ink, 0.35), 0.8);
    if (look.ghost)
        draw_ghost(pen, cell, coloured ? k_card : k_lost);
    else
        draw_nuclei(pen, cell, state, NuclearClass::any);
}

void draw_single(const Pen& pen, const SingleCell& cell, const PopulationLook& look, const StateLook& state) {
    if (look.given)
        draw_diamond(pen, cell, state);
    else if (look.place == "sinusoid_wall" || look.place == "central_wall")
        draw_flat(pen, cell, state.fill, state.nucleus);
    else if (look.place == "disse" && !look.arrived)
        draw_star(pen, cell, state.fill, state.nucleus, state.tone);
    else
        draw_round(pen, cell, state.fill, state.nucleus, look.place == "lumen");
}

void draw_singles(const Pen& pen, const std::vector<SingleCell>& cells, const State& state,
                  const std::vector<PopulationLook>& looks, bool of_sinusoids) {
    for (const SingleCell& cell : cells) {
        const PopulationLook& look = looks[cell.population];
        if (look.given || look.of_sinusoids() != of_sinusoids) continue;
        draw_single(pen, cell, look, look.of(state.agents[cell.population].substates[cell.cell]));
    }
}

void draw_given(const Pen& pen, const std::vector<SingleCell>& cells, const State& state,
                const std::vector<PopulationLook>& looks) {
    for (const bool outside : {true, false})
        for (const SingleCell& cell : cells) {
            const PopulationLook& look = looks[cell.population];
            if (!look.given || cell.outside != outside) continue;
            draw_single(pen, cell, look, look.of(state.agents[cell.population].substates[cell.cell]));
        }
}

void draw_border(const Pen& pen, const View& view) {
    std::vector<Point> hexagon;
    for (int k = 0; k < 6; ++k) {
        const Vec3 d = view.lobules.corner_of(0, k) - view.lobules.centre(0);
        hexagon.push_back(pen({d.x, -d.y}));
    }
    // The window less the hexagon: the window clockwise, the hexagon the other way round.
    const Point corner = pen({-0.5 * view.width, -0.5 * view.height});
    pen.on.rectangle(corner, pen(view.width), pen(view.height)).polygon(hexagon).fill(k_card.with_alpha(0.42));
    pen.on.polygon(hexagon).stroke_dashed(k_ink.with_alpha(0.45), 1.1, 0.1, 4.5);
}

}  // namespace lobule::io::section
