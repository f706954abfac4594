#include "section_cut.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/math.hpp"
#include "base/random.hpp"
#include "tissue/packing.hpp"

namespace lobule::io::section {

namespace {

constexpr double k_reach = 1.35;     // widest a cell gets against its sphere: the corners of a packed polyhedron
constexpr double k_margin = 0.09;    // of the window, against the radius of a lobule
constexpr std::size_t k_sides = 40;  // of a cell that nothing presses on

double dot(const Point& a, const Point& b) { return a.x * b.x + a.y * b.y; }
double length(const Point& a) { return std::sqrt(dot(a, a)); }

double sphere_radius(double volume) { return math::pow(std::max(volume, 0.0) * 0.75 / std::numbers::pi, 1.0 / 3.0); }

std::uint64_t chance_of(std::uint64_t id) {
    static constexpr std::uint64_t k_stream = stream_id("section");
    return random_block({0, 0, k_stream, id, 0, 0})[0];
}

bool visible(const Agents& agents) { return agents.positions.size() == agents.size() && !agents.quantities.empty(); }

/// A sphere that the middle plane cuts, seen in the window.
struct Disc {
    std::size_t population, cell;
    Point at;
    double radius, above;
    double weight;  // power distance in the plane is d^2 - weight
    double cut;     // radius of the widest it can be here
};

std::vector<Disc> discs_of(const View& view, const State& state, const std::vector<PopulationLook>& looks) {
    std::vector<Disc> discs;
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        const Agents& agents = state.agents[p];
        if (!looks[p].plate || !visible(agents)) continue;
        for (std::size_t i = 0; i < agents.size(); ++i) {
            const double r = sphere_radius(agents.quantities[0][i]), above = view.above(agents.positions[i]);
            const double cut = k_reach * k_reach * r * r - above * above;
            if (cut <= 1.0) continue;
            for (const Point& at : view.images(agents.positions[i], 3.0 * r))
                discs.push_back({p, i, at, r, above, r * r - above * above, std::sqrt(cut)});
        }
    }
    return discs;
}

/// Discs by squares of the plane.
class Squares {
public:
    Squares(const View& view, const std::vector<Disc>& discs) {
        for (const Disc& d : discs) edge_ = std::max(edge_, 2.0 * d.cut);
        double across = 0.0, down = 0.0;
        for (const Disc& d : discs) {
            across = std::max(across, std::abs(d.at.x));
            down = std::max(down, std::abs(d.at.y));
        }
        origin_ = {-std::max(across, 0.5 * view.width), -std::max(down, 0.5 * view.height)};
        columns_ = column(-origin_.x) + 1;
        rows_ = row(-origin_.y) + 1;
        members_.resize(columns_ * rows_);
        for (std::size_t i = 0; i < discs.size(); ++i)
            members_[row(discs[i].at.y) * columns_ + column(discs[i].at.x)].push_back(i);
    }
    template <class Visit>
    void around(const Point& p, Visit visit) const {
        const std::size_t i = column(p.x), j = row(p.y);
        for (std::size_t b = j - std::min<std::size_t>(j, 1); b <= std::min(j + 1, rows_ - 1); ++b)
            for (std::size_t a = i - std::min<std::size_t>(i, 1); a <= std::min(i + 1, columns_ - 1); ++a)
                for (const std::size_t member : members_[b * columns_ + a]) visit(member);
    }

private:
    std::size_t column(double x) const { return static_cast<std::size_t>(std::max(x - origin_.x, 0.0) / edge_); }
    std::size_t row(double y) const { return static_cast<std::size_t>(std::max(y - origin_.y, 0.0) / edge_); }
    double edge_ = 1.0;
    Point origin_;
    std::size_t columns_ = 0, rows_ = 0;
    std::vector<std::vector<std::size_t>> members_;
};

Point middle_of(const std::vector<Point>& polygon) {
    double area = 0.0;
    Point sum;
    for (std::size_t k = 0; k < polygon.size(); ++k) {
        const Point a = polygon[k] - polygon[0], b = polygon[(k + 1) % polygon.size()] - polygon[0];
        const double cross = a.x * b.y - a.y * b.x;
        area += cross;
        sum = sum + (a + b) * cross;
    }
    return std::abs(area) > 1e-9 ? polygon[0] + sum * (1.0 / (3.0 * area)) : polygon[0];
}

}  // namespace

Point View::seen(const Vec3& p) const {
    const Vec3 d = box.from_to(centre, p);
    return {d.x, -d.y};
}

bool View::holds(const Point& p, double margin) const {
    return std::abs(p.x) <= 0.5 * width + margin && std::abs(p.y) <= 0.5 * height + margin;
}

std::vector<Point> View::images(const Vec3& p, double margin) const {
    const Point nearest = seen(p);
    const auto reach = [&](double window, double period) {
        return static_cast<int>(std::ceil((0.5 * window + margin) / period));
    };
    const int across = reach(width, box.lengths.x), down = reach(height, box.lengths.y);
    std::vector<Point> out;
    for (int j = -down; j <= down; ++j)
        for (int i = -across; i <= across; ++i) {
            const Point image{nearest.x + i * box.lengths.x, nearest.y + j * box.lengths.y};
            if (holds(image, margin)) out.push_back(image);
        }
    return out;
}

View view_of(const TissuePlan& plan, const State& state, double thickness, double height) {
    const Box box = state.tissue ? state.tissue->box : plan.lobules.box;
    View view{plan.lobules.in(box), box, {}, 0.0, 0.0, thickness};
    view.centre = view.lobules.centre(0);
    view.centre.z = height;
    const double margin = k_margin * view.lobules.radius() + view.lobules.portal_radius;
    for (int k = 0; k < 6; ++k) {
        const Vec3 corner = view.lobules.corner_of(0, k) - view.lobules.centre(0);
        view.width = std::max(view.width, 2.0 * (std::abs(corner.x) + margin));
        view.height = std::max(view.height, 2.0 * (std::abs(corner.y) + margin));
    }
    return view;
}

std::vector<Point> clipped(const std::vector<Point>& polygon, const Point& normal, double offset) {
    std::vector<Point> out;
    out.reserve(polygon.size() + 1);
    for (std::size_t k = 0; k < polygon.size(); ++k) {
        const Point &a = polygon[k], &b = polygon[(k + 1) % polygon.size()];
        const double da = dot(a, normal) - offset, db = dot(b, normal) - offset;
        if (da <= 0.0) out.push_back(a);
        if ((da < 0.0 && db > 0.0) || (da > 0.0 && db < 0.0)) out.push_back(a + (b - a) * (da / (da - db)));
    }
    return out;
}

std::vector<CutCell> cut_cells(const View& view, const State& state, const std::vector<PopulationLook>& looks) {
    const std::vector<Disc> discs = discs_of(view, state, looks);
    const Squares squares(view, discs);
    std::vector<CutCell> out;
    for (std::size_t i = 0; i < discs.size(); ++i) {
        const Disc& disc = discs[i];
        if (!view.holds(disc.at, disc.cut)) continue;
        std::vector<Point> corners;
        for (std::size_t k = 0; k < k_sides; ++k) {
            const double angle = 2.0 * std::numbers::pi * static_cast<double>(k) / k_sides;
            corners.push_back({disc.cut * math::cos(angle), disc.cut * math::sin(angle)});
        }
        squares.around(disc.at, [&](std::size_t j) {
            if (j == i || corners.empty()) return;
            const Point to = discs[j].at - disc.at;
            const double square = dot(to, to);
            if (square >= (disc.cut + discs[j].cut) * (disc.cut + discs[j].cut)) return;
            if (square < 1e-12) {  // one over the other: the nearer to the plane is seen, the first of two alike
                if (discs[j].weight > disc.weight || (discs[j].weight == disc.weight && j < i)) corners.clear();
                return;
            }
            corners = clipped(corners, to, 0.5 * (square + disc.weight - discs[j].weight));
        });
        if (corners.size() < 3) continue;
        for (Point& corner : corners) corner = corner + disc.at;
        const Point nucleus = (disc.at + middle_of(corners)) * 0.5;
        const std::uint64_t chance = chance_of(state.agents[disc.population].ids[disc.cell]);
        out.push_back({disc.population, disc.cell, std::move(corners), nucleus, disc.radius, disc.above, chance});
    }
    return out;
}

std::vector<Channel> cut_vessels(const View& view, const State& state) {
    std::vector<Channel> out;
    if (!state.tissue) return out;
    const VesselNetwork& vessels = state.tissue->vessels;
    for (std::size_t e = 0; e < vessels.edge_count(); ++e) {
        const Vec3& start = vessels.position[static_cast<std::size_t>(vessels.a[e])];
        const Vec3 edge = vessels.edge_vector(view.box, e);
        const double above = view.above(start), half = 0.5 * view.thickness;
        double low = 0.0, high = 1.0;
        if (std::abs(edge.z) > 1e-12) {
            const double first = (-half - above) / edge.z, second = (half - above) / edge.z;
            low = std::max(low, std::min(first, second));
            high = std::min(high, std::max(first, second));
        } else if (std::abs(above) > half) {
            continue;
        }
        if (low > high) continue;
        const Point way{edge.x, -edge.y};
        for (const Point& at : view.images(start, length(way) + 2.0 * vessels.radius[e]))
            out.push_back({at + way * low, at + way * high, vessels.radius[e]});
    }
    return out;
}

Point away_from(const Channel& channel, const Point& p) {
    const Point way = channel.to - channel.from, to = p - channel.from;
    const double square = dot(way, way);
    return to - way * (square > 0.0 ? std::clamp(dot(to, way) / square, 0.0, 1.0) : 0.0);
}

void keep_clear(std::vector<CutCell>& cells, const std::vector<Channel>& channels) {
    constexpr double k_nucleus = 0.36, k_gap = 0.6;  // against the radius of the sphere; [um]
    for (CutCell& cell : cells)
        for (const Channel& c : channels) {
            const Point away = away_from(c, cell.nucleus);
            const double distance = length(away), clear = c.radius + k_nucleus * cell.radius + k_gap;
            if (distance < clear && distance > 1e-6) cell.nucleus = cell.nucleus + away * (clear / distance - 1.0);
        }
}

std::vector<SingleCell> cut_singles(const View& view, const State& state, const std::vector<PopulationLook>& looks) {
    constexpr double k_farthest = 90.0;  // [um] a cell of sinusoids that has none within has no direction
    std::vector<SingleCell> out;
    for (std::size_t p = 0; p < state.agents.size(); ++p) {
        const Agents& agents = state.agents[p];
        if (looks[p].plate || looks[p].states.empty() || !visible(agents)) continue;
        const std::string& place = looks[p].place;
        std::vector<std::size_t> cut;
        std::vector<Vec3> points;
        for (std::size_t i = 0; i < agents.size(); ++i) {
            // Of cells that were given all are shown: they are few.
            if (!looks[p].given && std::abs(view.above(agents.positions[i])) > 0.5 * view.thickness) continue;
            cut.push_back(i);
            points.push_back(agents.positions[i]);
        }
        std::vector<NearVessel> near(cut.size());
        if (looks[p].of_sinusoids() && state.tissue)
            near = nearest_vessels(state.tissue->vessels, state.tissue->box, points, k_farthest);
        for (std::size_t k = 0; k < cut.size(); ++k) {
            const std::size_t i = cut[k];
            SingleCell cell{
                p, i, {}, {1.0, 0.0}, sphere_radius(agents.quantities[0][i]), 0.0, chance_of(agents.ids[i])};
            cell.outside = std::abs(view.above(agents.positions[i])) > 0.5 * view.thickness;
            Point shift;
            if (near[k].edge >= 0) {
                const auto edge = static_cast<std::size_t>(near[k].edge);
                const Vec3 way = state.tissue->vessels.edge_vector(state.tissue->box, edge);
                const Point along{way.x, -way.y}, away{near[k].from_axis.x, -near[k].from_axis.y};
                if (length(along) > 1e-9) cell.along = along * (1.0 / length(along));
                cell.room = state.tissue->vessels.radius[edge];
                if (place != "lumen") {
                    // Seen from above, a cell over the axis of its vessel would hide the lumen: it is drawn at its side.
                    const Point normal{-cell.along.y, cell.along.x};
                    const double side = dot(away, normal), out_there = lobule::length(near[k].from_axis);
                    const double sign = side > 0.0 || (side == 0.0 && cell.chance % 2 == 0) ? 1.0 : -1.0;
                    shift = normal * (sign * out_there - side);
                    if (sign < 0.0) cell.along = cell.along * -1.0;  // away from the lumen is to one hand
                }
            } else if (place == "central_wall") {
                const Vec3 in = view.lobules.inward(agents.positions[i]);
                cell.along = {in.y, in.x};
            }
            for (const Point& at : view.images(agents.positions[i], 3.0 * cell.radius)) {
                cell.at = at + shift;
                out.push_back(cell);
            }
        }
    }
    return out;
}

void keep_at_walls(std::vector<SingleCell>& cells, const std::vector<Channel>& channels,
                   const std::vector<PopulationLook>& looks) {
    constexpr double k_disse = 1.8;  // [um] half of a flat body
    for (SingleCell& cell : cells) {
        const PopulationLook& look = looks[cell.population];
        if (!look.of_sinusoids() || look.place == "lumen") continue;
        const double gap = look.place != "disse" ? 0.0 : look.arrived ? 0.6 * cell.radius : k_disse;
        const Point before = cell.at;
        for (int pass = 0; pass < 2; ++pass)  // out of one may be into the next
            for (const Channel& c : channels) {
                const Point away = away_from(c, cell.at);
                const double distance = length(away), clear = c.radius + gap;
                if (distance < clear && distance > 1e-6) cell.at = cell.at + away * (clear / distance - 1.0);
            }
        // Where many vessels meet there is no free wall near.
        if (length(cell.at - before) > 2.0 * cell.radius) cell.at = before;
    }
}

}  // namespace lobule::io::section
