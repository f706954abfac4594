// The card of a section: title, window, scale bar, legend.
#include "io/section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/error.hpp"
#include "base/math.hpp"
#include "base/units.hpp"
#include "report/text.hpp"
#include "section_draw.hpp"

namespace lobule::io {

namespace {

using namespace section;

constexpr int k_bar = 220;  // width of a scale of colours
constexpr double k_edge = 30.0, k_head = 88.0, k_row = 33.0, k_text = 19.0;
constexpr double k_deep = 8.0;          // [um] vessels are seen so far above and below the slab
constexpr double k_fibre_amount = 5.0;  // [pg] of one fibre: at 1 mg/ml one for every 400 um^2 of a slab of 12 um
constexpr double k_least_area = 80.0;   // [um^2] of tissue for a fibre where a matrix of another kind is densest

void check(const SectionStyle& style) {
    const auto need = [](bool good, const std::string& what, const std::string& must) {
        if (!good) throw SpecError(Where{"section", 0, 0, {}}, what + " must " + must);
    };
    need(style.thickness > 0.0 && std::isfinite(style.thickness), "the thickness", "be above zero");
    need(style.width >= 400.0 && style.width <= 4000.0, "the width", "lie between 400 and 4000 points");
    need(style.density >= 0.5 && style.density <= 4.0, "the density", "lie between 0.5 and 4 pixels for a point");
    need(!style.height || std::isfinite(*style.height), "the height", "be a number");
}

/// A unit in which a number reads well.
Unit unit_of(double value, const Dimension& dimension, const std::string& wanted) {
    if (!wanted.empty()) {
        try {
            if (Unit unit = parse_unit(wanted); unit.dimension == dimension) return unit;
        } catch (const UnitError& error) {
            throw SpecError(Where{"unit " + wanted, 0, 0, {}}, error.what(), error.nearest());
        }
        throw SpecError(Where{"unit " + wanted, 0, 0, {}}, "the value is in " + to_string(dimension));
    }
    static const std::vector<std::vector<const char*>> k_families = {
        {"pg/ml", "ng/ml", "ug/ml", "mg/ml"}, {"pM", "nM", "uM", "mM"}, {"mmHg"}, {"pg", "ng"}, {"1"}};
    for (const auto& family : k_families) {
        if (parse_unit(family.front()).dimension != dimension) continue;
        std::size_t k = 0;
        while (k + 1 < family.size() && value >= 1000.0 * parse_unit(family[k]).factor) ++k;
        return parse_unit(family[k]);
    }
    return {1.0, dimension, to_string(dimension)};
}

/// "µg/ml" for "ug/ml".
std::string shown_unit(const std::string& unit) {
    if (unit == "1") return {};
    return unit.starts_with("u") && unit.size() > 1 ? "µ" + unit.substr(1) : unit;
}

/// Ends of a scale with two digits around a span. It starts at 0, but for a span that would be too narrow to see.
std::pair<double, double> scale_around(double low, double high) {
    if (!(high > 0.0)) return {0.0, 0.0};
    constexpr double k_narrow = 0.6, k_least = 0.9;  // of the upper end
    const double step = math::pow_int(10.0, static_cast<int>(std::floor(math::log10(high))) - 1);
    const double top = step * std::ceil(high / step * (1.0 - 1e-9));
    return {low > k_narrow * high ? step * std::floor(std::min(low, k_least * top) / step) : 0.0, top};
}

/// Legend entries from left to right, in rows.
class Legend {
public:
    Legend(Canvas& on, Point at, double right, double indent, bool draw)
        : on_(on), at_(at), left_(at.x), right_(right), indent_(indent), draw_(draw) {}
    /// A name before the entries of its group.
    void group(const std::string& name) {
        if (at_.x > left_) at_ = {left_, at_.y + k_row};
        if (draw_) on_.text({left_, at_.y}, name, k_text, k_soft);
        at_.x = left_ + indent_;
    }
    /// A name within a row, kept with the entry that follows.
    void name(const std::string& text, double with) {
        const double width = on_.text_width(text, k_text) + 10.0;
        if (at_.x > left_ + indent_) at_.x += 14.0;
        room_for(width + with);
        if (draw_) on_.text(at_, text, k_text, k_soft);
        at_.x += width;
    }
    template <class Swatch>
    void entry(const std::string& name, double swatch_width, Swatch swatch) {
        const double width = width_of(name, swatch_width);
        room_for(width);
        if (draw_) {
            swatch(Point{at_.x + 0.5 * swatch_width, at_.y - 6.5});
            on_.text({at_.x + swatch_width + 9.0, at_.y}, name, k_text, k_ink);
        }
        at_.x += width + 26.0;
    }
    double width_of(const std::string& name, double swatch_width) const {
        return swatch_width + 9.0 + on_.text_width(name, k_text);
    }
    double bottom() const { return at_.y + 10.0; }

private:
    void room_for(double width) {
        if (at_.x + width > right_ && at_.x > left_ + indent_) at_ = {left_ + indent_, at_.y + k_row};
    }
    Canvas& on_;
    Point at_;
    double left_, right_, indent_;
    bool draw_;
};

/// What of a section is there to be seen.
struct Seen {
    std::vector<CutCell> cells;
    std::vector<Channel> channels, deeper;
    std::vector<SingleCell> singles;
    std::vector<std::vector<bool>> states;  // by population
};

struct Picture {
    const Model& places;
    const TissuePlan& plan;
    const State& state;
    const SectionStyle& style;
    std::vector<PopulationLook> looks;
    View view;
    Seen seen;
    std::optional<Field> colours, matrix;
    Layer colour_layer;
    Unit colour_unit;
    double fibre = 0.0;  // amount of one
    double scale;        // points for a um

    Picture(const Model& model, const TissuePlan& tissue_plan, const State& at, const SectionStyle& how)
        : places(model), plan(tissue_plan), state(at), style(how), looks(looks_of(model)) {
        const double deep = at.tissue ? at.tissue->box.lengths.z : tissue_plan.lobules.box.lengths.z;
        view = view_of(plan, state, std::min(style.thickness, deep), style.height.value_or(0.5 * deep));
        scale = (style.width - 2.0 * k_edge) / view.width;
        if (style.field) {
            colours.emplace(plan, style.field->values, style.field->dimension, view);
            const auto [low, high] = colours->span();
            const double top = style.field_full > 0.0 ? style.field_full : high;
            colour_unit = unit_of(top, style.field->dimension, style.field->unit);
            std::pair<double, double> ends{0.0, top / colour_unit.factor};
            if (style.field_full <= 0.0) ends = scale_around(low / colour_unit.factor, ends.second);
            colour_layer = {&*colours, ends.first * colour_unit.factor, ends.second * colour_unit.factor};
        }
        if (!style.matrix.empty()) {
            const auto entries = entries_of(places, StateInfo::Kind::matrix, style.matrix, "matrix");
            const Dimension amount = places.zone_states[entries.front()].dimension;
            matrix.emplace(plan, density_of(plan, state, entries, view.box), amount, view);
            fibre = style.fibre > 0.0                          ? style.fibre
                    : amount == Dimension::of(Dimension::mass) ? k_fibre_amount
                                                               : matrix->span().second * k_least_area * view.thickness;
        }
        see();
    }
    Picture(const Picture&) = delete;  // layers point to its fields
    Picture& operator=(const Picture&) = delete;

    void see() {
        seen.cells = cut_cells(view, state, looks);
        seen.channels = cut_vessels(view, state);
        View slab = view;
        slab.thickness = std::min(view.thickness + 2.0 * k_deep, view.box.lengths.z);
        seen.deeper = cut_vessels(slab, state);
        seen.singles = cut_singles(view, state, looks);
        keep_clear(seen.cells, seen.channels);
        keep_at_walls(seen.singles, seen.channels, looks);
        for (const PopulationLook& look : looks) seen.states.emplace_back(look.states.size(), false);
        const auto note = [&](const auto& cells) {
            for (const auto& cell : cells) {
                const std::size_t substate = state.agents[cell.population].substates[cell.cell];
                seen.states[cell.population][looks[cell.population].state_of[substate]] = true;
            }
        };
        note(seen.cells);
        note(seen.singles);
    }

    double window_height() const { return scale * view.height; }
    double legend_top() const { return k_head + window_height() + 40.0; }

    void head(Canvas& on) const {
        on.text({k_edge, 44.0}, report::words(style.title), 26.0, k_ink, true);
        on.text({style.width - k_edge, 44.0}, report::duration(state.time), 26.0, k_ink, true, Canvas::Anchor::end);
        on.text(
            {k_edge, 73.0},
            fmt::format("Section {} µm thick in {} µm of tissue. Sinusoids up to {:g} µm above and below are paler.",
                        report::number(view.thickness), report::number(view.box.lengths.z), k_deep),
            0.9 * k_text, k_soft);
    }

    void window(Canvas& on) const {
        const Point corner{k_edge, k_head};
        const double width = style.width - 2.0 * k_edge, height = window_height();
        on.rectangle(corner, width, height, 6.0).clip();
        const Pen pen{on, corner + Point{0.5 * width, 0.5 * height}, scale};
        on.rectangle(corner, width, height).fill(k_ground);
        if (colours) field(on, corner, width, height);
        draw_plates(pen, seen.cells, state, looks, colour_layer);
        on.layer();
        draw_channels(pen, seen.deeper);
        on.merge(colours ? 0.3 : 0.42);
        draw_nuclei(pen, view, seen.cells, state, places, looks);
        draw_channels(pen, seen.channels);
        if (matrix) draw_fibres(pen, view, seen.cells, seen.channels, *matrix, fibre);
        draw_singles(pen, seen.singles, state, looks, true);
        draw_border(pen, view);
        draw_large_vessels(pen, view, matrix.has_value());
        draw_singles(pen, seen.singles, state, looks, false);
        draw_given(pen, seen.singles, state, looks);
        bar(on, {corner.x + 18.0, corner.y + height - 18.0});
        on.release();
        on.rectangle(corner, width, height, 6.0).stroke(k_hair, 1.0);
    }

    void field(Canvas& on, Point corner, double width, double height) const {
        constexpr int k_columns = 220;
        const int rows = static_cast<int>(std::ceil(k_columns * height / width));
        std::vector<Colour> pixels;
        for (int j = 0; j < rows; ++j)
            for (int i = 0; i < k_columns; ++i)
                pixels.push_back(even_scale(colour_layer.share(
                    {((i + 0.5) / k_columns - 0.5) * view.width, ((j + 0.5) / rows - 0.5) * view.height})));
        on.image(corner, width, height, k_columns, rows, pixels);
    }

    void bar(Canvas& on, Point left_bottom) const {
        constexpr double k_length = 100.0;  // [um]
        const double length = k_length * scale;
        on.rectangle({left_bottom.x, left_bottom.y - 44.0}, length + 24.0, 44.0, 5.0).fill(k_card.with_alpha(0.9));
        on.rectangle({left_bottom.x + 12.0, left_bottom.y - 13.0}, length, 4.0).fill(k_ink);
        on.text({left_bottom.x + 12.0 + 0.5 * length, left_bottom.y - 20.0}, "100 µm", k_text, k_ink, false,
                Canvas::Anchor::middle);
    }

    /// Draws the legend, or only measures it; returns where it ends.
    double legend(Canvas& on, bool draw) const {
        Legend out(on, {k_edge, legend_top()}, style.width - k_edge, indent(on), draw);
        if (colours) key_of_colours(on, out);
        if (matrix) key_of_fibres(on, out);
        if (colours) out.group("Plates");
        for (std::size_t p = 0; p < looks.size(); ++p)
            if (looks[p].plate && any_seen(p)) key_of_plates(on, out, p);
        keys_of_singles(on, out);
        keys_of_vessels(on, out);
        return out.bottom();
    }

    bool any_seen(std::size_t p) const {
        return std::find(seen.states[p].begin(), seen.states[p].end(), true) != seen.states[p].end();
    }

    /// Room for the longest name of a group.
    double indent(Canvas& on) const {
        double width = on.text_width("Other cells", k_text);
        const auto hold = [&](const std::string& name) { width = std::max(width, on.text_width(name, k_text)); };
        if (style.field) hold(name_of_field());
        if (matrix) hold(report::words(style.matrix));
        for (std::size_t p = 0; p < looks.size(); ++p)
            if (looks[p].plate && any_seen(p) && !colours) hold(report::words(looks[p].name));
        return width + 24.0;
    }

    std::string name_of_field() const {
        std::string name = report::words(style.field->name);
        std::replace(name.begin(), name.end(), '.', ' ');
        return name;
    }

    void key_of_colours(Canvas& on, Legend& out) const {
        const Unit& unit = colour_unit;
        out.group(name_of_field());
        out.entry(report::number(colour_layer.low / unit.factor), 0.0, [](Point) {});
        std::string text = report::number(colour_layer.high / unit.factor);
        if (const std::string shown = shown_unit(unit.text); !shown.empty()) text += ' ' + shown;
        if (!style.field->of.empty()) text += " of " + style.field->of;
        if (colour_layer.low > 0.0) text += ", not from 0";
        out.entry(text, k_bar, [&](Point at) {
            std::vector<Colour> ramp;
            for (int k = 0; k < k_bar; ++k) ramp.push_back(even_scale((k + 0.5) / k_bar));
            on.image(at - Point{0.5 * k_bar, 7.5}, k_bar, 15.0, k_bar, 1, ramp);
        });
    }

    void key_of_fibres(Canvas& on, Legend& out) const {
        const Dimension amount = matrix->dimension();
        const Dimension density = amount / power(Dimension::of(Dimension::length), 3);
        const auto [low, high] = matrix->span();
        const Unit each = unit_of(fibre, amount, {}), unit = unit_of(high, density, {});
        out.group(report::words(style.matrix));
        out.entry(fmt::format("{} {} a fibre", report::number(fibre / each.factor), shown_unit(each.text)), 30.0,
                  [&](Point at) {
                      const std::vector<Point> way = {at + Point{-15.0, 2.5}, at + Point{-5.0, -3.0},
                                                      at + Point{5.0, 2.5}, at + Point{15.0, -2.5}};
                      on.thread(way).stroke(k_fibre.with_alpha(0.8), 1.6);
                  });
        out.entry(fmt::format("here {} to {} {} of tissue", report::number(low / unit.factor),
                              report::number(high / unit.factor), shown_unit(unit.text)),
                  0.0, [](Point) {});
    }

    void key_of_plates(Canvas& on, Legend& out, std::size_t p) const {
        const auto key = [&](const StateLook& look, const std::string& name) {
            out.entry(name, 22.0, [&](Point at) {
                draw_plate_key(Pen{on, at, 1.0}, 11.0, looks[p], look, colours.has_value());
            });
        };
        if (colours) {  // its own colours are not to be seen
            key(looks[p].states.front(), report::words(looks[p].name));
            return;
        }
        out.group(report::words(looks[p].name));
        for (std::size_t s = 0; s < looks[p].states.size(); ++s)
            if (seen.states[p][s]) key(looks[p].states[s], report::words(looks[p].states[s].name));
    }

    void keys_of_singles(Canvas& on, Legend& out) const {
        constexpr double k_swatch = 38.0;
        bool first = true, in_cycle = false, outside = false;
        for (const SingleCell& cell : seen.singles) outside = outside || cell.outside;
        for (std::size_t p = 0; p < looks.size(); ++p) {
            const PopulationLook& look = looks[p];
            if (look.plate || !any_seen(p)) continue;
            if (first) out.group("Other cells");
            first = false;
            std::vector<const StateLook*> shown;  // of a cycle, the nuclei tell
            for (std::size_t s = 0; s < look.states.size(); ++s) {
                if (!seen.states[p][s]) continue;
                if (look.states[s].role == Role::cycle)
                    in_cycle = true;
                else
                    shown.push_back(&look.states[s]);
            }
            if (shown.empty()) shown.push_back(&look.states.front());
            const auto key = [&](const StateLook& state_look, const std::string& text) {
                out.entry(text, k_swatch, [&](Point at) {
                    const SingleCell cell{0, 0, {}, {1.0, 0.0}, 6.0, 5.0, 0};
                    draw_single(Pen{on, at, 1.6}, cell, look, state_look);
                });
            };
            const bool one = std::count_if(look.states.begin(), look.states.end(),
                                           [](const StateLook& s) { return s.role != Role::cycle; }) == 1;
            if (one) {
                key(*shown.front(), report::words(look.name));
                continue;
            }
            out.name(report::words(look.name), out.width_of(report::words(shown.front()->name), k_swatch));
            for (const StateLook* state_look : shown) key(*state_look, report::words(state_look->name));
            if (look.given && outside)
                out.entry("above or below the section", k_swatch, [&](Point at) {
                    SingleCell cell{0, 0, {}, {1.0, 0.0}, 6.0, 5.0, 0};
                    cell.outside = true;
                    draw_single(Pen{on, at, 1.6}, cell, look, *shown.front());
                });
        }
        if (in_cycle)
            out.entry("nucleus in cycle", 24.0, [&](Point at) {
                on.ellipse(at, {1.0, 0.0}, 11.0, 7.0).fill(k_soft.toward(k_card, 0.45));
                on.ellipse(at, {1.0, 0.0}, 5.4, 4.2).fill(Colour::of(0x4FB0BE));
            });
    }

    void keys_of_vessels(Canvas& on, Legend& out) const {
        out.group("Vessels");
        out.entry("sinusoid", 30.0, [&](Point at) {
            on.line(at - Point{11.0, 0.0}, at + Point{11.0, 0.0}).stroke(k_rim.toward(k_wall, 0.5), 11.5);
            on.line(at - Point{11.0, 0.0}, at + Point{11.0, 0.0}).stroke(k_lumen, 9.5);
        });
        out.entry("central vein", 22.0, [&](Point at) {
            on.circle(at, 10.0).fill_and_keep(k_lumen);
            on.stroke(k_lining, 1.8);
        });
        out.entry("portal tract", 22.0, [&](Point at) {
            on.circle(at, 10.5).fill_and_keep(k_stroma);
            on.stroke(k_wall, 1.0);
            on.circle(at + Point{1.0, -1.0}, 5.4).fill_and_keep(k_lumen);
            on.stroke(k_lining, 1.2);
        });
    }
};

}  // namespace

std::string draw_section(const Model& places, const TissuePlan& plan, const State& state, const SectionStyle& style) {
    check(style);
    const Picture picture(places, plan, state, style);
    Canvas measure(1.0, 1.0, 1.0);
    const double height = picture.legend(measure, false) + 18.0;
    Canvas on(style.width, height, style.density);
    on.rectangle({0.5, 0.5}, style.width - 1.0, height - 1.0, 12.0).fill_and_keep(k_card);
    on.stroke(k_hair, 1.0);
    picture.head(on);
    picture.window(on);
    picture.legend(on, true);
    return on.png();
}

}  // namespace lobule::io
