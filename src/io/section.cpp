// The card of a section: title, window, scale bar, legend.
#include "io/section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "base/error.hpp"
#include "base/math.hpp"
#include "report/text.hpp"
#include "section_draw.hpp"

namespace lobule::io {

namespace {

using namespace section;

constexpr int k_bar = 220;  // width of a scale of colours
constexpr double k_edge = 30.0, k_head = 74.0, k_row = 25.0, k_text = 14.0;

void check(const SectionStyle& style) {
    const auto need = [](bool good, const std::string& what, const std::string& must) {
        if (!good) throw SpecError(Where{"section", 0, 0, {}}, what + " must " + must);
    };
    need(style.thickness > 0.0 && std::isfinite(style.thickness), "the thickness", "be above zero");
    need(style.width >= 400.0 && style.width <= 4000.0, "the width", "lie between 400 and 4000 points");
    need(style.density >= 0.5 && style.density <= 4.0, "the density", "lie between 0.5 and 4 pixels for a point");
    need(!style.height || std::isfinite(*style.height), "the height", "be a number");
}

/// A unit in which a number reads well, and the number of inside units in it.
struct ScaleUnit {
    std::string text;
    double factor = 1.0;
};
ScaleUnit unit_of(double value, const Dimension& amount) {
    // 1 ml is 1e12 um^3, 1 mol 1e15 fmol and 1 L 1e15 um^3.
    static const std::array k_masses = {ScaleUnit{"pg/ml", 1e-12}, ScaleUnit{"ng/ml", 1e-9}, ScaleUnit{"µg/ml", 1e-6},
                                        ScaleUnit{"mg/ml", 1e-3}};
    static const std::array k_amounts = {ScaleUnit{"pM", 1e-12}, ScaleUnit{"nM", 1e-9}, ScaleUnit{"µM", 1e-6},
                                         ScaleUnit{"mM", 1e-3}};
    const auto best = [&](const auto& units) {
        std::size_t k = 0;
        while (k + 1 < units.size() && value >= 1000.0 * units[k].factor) ++k;
        return units[k];
    };
    if (amount == Dimension::of(Dimension::mass)) return best(k_masses);
    if (amount == Dimension::of(Dimension::amount)) return best(k_amounts);
    return {to_string(amount / power(Dimension::of(Dimension::length), 3)), 1.0};
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
    Legend(Canvas& on, Point at, double right, bool draw) : on_(on), at_(at), left_(at.x), right_(right), draw_(draw) {}
    /// A name before the entries of its group.
    void group(const std::string& name) {
        if (at_.x > left_) next_row();
        if (draw_) on_.text({left_, at_.y}, name, k_text, k_soft);
        at_.x = left_ + 132.0;
    }
    template <class Swatch>
    void entry(const std::string& name, double swatch_width, Swatch swatch) {
        const double width = swatch_width + 8.0 + on_.text_width(name, k_text);
        if (at_.x + width > right_) {
            next_row();
            at_.x = left_ + 132.0;
        }
        if (draw_) {
            swatch(Point{at_.x + 0.5 * swatch_width, at_.y - 5.0});
            on_.text({at_.x + swatch_width + 8.0, at_.y}, name, k_text, k_ink);
        }
        at_.x += width + 26.0;
    }
    double bottom() const { return at_.y + 8.0; }

private:
    void next_row() { at_ = {left_, at_.y + k_row}; }
    Canvas& on_;
    Point at_;
    double left_, right_;
    bool draw_;
};

/// A population of single cells whose nuclei can show the cycle.
bool in_cycle(const PopulationLook& look) {
    return !look.plate && std::any_of(look.states.begin(), look.states.end(),
                                      [](const StateLook& s) { return s.role == Role::cycle; });
}

struct Picture {
    const Model& places;
    const TissuePlan& plan;
    const State& state;
    const SectionStyle& style;
    std::vector<PopulationLook> looks;
    View view;
    std::optional<Field> signal, matrix;
    Layer signal_layer, matrix_layer;
    double scale;  // points for a um

    Picture(const Model& model, const TissuePlan& tissue_plan, const State& at, const SectionStyle& how)
        : places(model), plan(tissue_plan), state(at), style(how), looks(looks_of(model)) {
        const double deep = at.tissue ? at.tissue->box.lengths.z : tissue_plan.lobules.box.lengths.z;
        view = view_of(plan, state, std::min(style.thickness, deep), style.height.value_or(0.5 * deep));
        const auto layer = [&](StateInfo::Kind kind, const std::string& name, const char* option, double full,
                               std::optional<Field>& field, Layer& out) {
            if (name.empty()) return;
            field.emplace(places, plan, state, entries_of(places, kind, name, option), view);
            const auto [low, high] = field->span();
            out = {&*field, 0.0, full};
            if (full <= 0.0) std::tie(out.low, out.high) = scale_around(low, high);
            if (kind == StateInfo::Kind::matrix) out.low = 0.0;
        };
        layer(StateInfo::Kind::signal, style.signal, "signal", style.signal_full, signal, signal_layer);
        layer(StateInfo::Kind::matrix, style.matrix, "matrix", style.matrix_full, matrix, matrix_layer);
        scale = (style.width - 2.0 * k_edge) / view.width;
    }
    Picture(const Picture&) = delete;  // layers point to its fields
    Picture& operator=(const Picture&) = delete;

    double window_height() const { return scale * view.height; }
    double legend_top() const { return k_head + window_height() + 34.0; }

    void head(Canvas& on) const {
        on.text({k_edge, 40.0}, report::words(style.title), 22.0, k_ink, true);
        on.text({style.width - k_edge, 40.0}, report::duration(state.time), 22.0, k_ink, false, Canvas::Anchor::end);
        on.text(
            {k_edge, 61.0},
            fmt::format("Section {} µm thick, at a height of {} µm in a box of {} µm", report::number(view.thickness),
                        report::number(view.centre.z), report::number(view.box.lengths.z)),
            k_text, k_soft);
    }

    void window(Canvas& on) const {
        const Point corner{k_edge, k_head};
        const double width = style.width - 2.0 * k_edge, height = window_height();
        on.rectangle(corner, width, height, 6.0).clip();
        const Pen pen{on, corner + Point{0.5 * width, 0.5 * height}, scale};
        on.rectangle(corner, width, height).fill(k_ground);
        if (signal) field(on, corner, width, height);
        std::vector<CutCell> cells = cut_cells(view, state, looks);
        const std::vector<Channel> channels = cut_vessels(view, state);
        const std::vector<SingleCell> singles = cut_singles(view, state, looks);
        keep_clear(cells, channels);
        draw_plates(pen, view, cells, state, places, looks, signal_layer, matrix_layer);
        draw_channels(pen, channels);
        draw_singles(pen, singles, state, looks, true);
        draw_border(pen, view);
        draw_large_vessels(pen, view, matrix.has_value());
        draw_singles(pen, singles, state, looks, false);
        bar(on, {corner.x + 18.0, corner.y + height - 18.0});
        on.release();
        on.rectangle(corner, width, height, 6.0).stroke(k_hair, 1.0);
    }

    void field(Canvas& on, Point corner, double width, double height) const {
        constexpr int k_columns = 220;
        const int rows = static_cast<int>(std::ceil(k_columns * height / width));
        std::vector<Colour> colours;
        for (int j = 0; j < rows; ++j)
            for (int i = 0; i < k_columns; ++i)
                colours.push_back(even_scale(signal_layer.share(
                    {((i + 0.5) / k_columns - 0.5) * view.width, ((j + 0.5) / rows - 0.5) * view.height})));
        on.image(corner, width, height, k_columns, rows, colours);
    }

    void bar(Canvas& on, Point left_bottom) const {
        constexpr double k_length = 100.0;  // [um]
        const double length = k_length * scale;
        on.rectangle({left_bottom.x, left_bottom.y - 38.0}, length + 24.0, 38.0, 5.0).fill(k_card.with_alpha(0.9));
        on.rectangle({left_bottom.x + 12.0, left_bottom.y - 13.0}, length, 4.0).fill(k_ink);
        on.text({left_bottom.x + 12.0 + 0.5 * length, left_bottom.y - 20.0}, "100 µm", k_text, k_ink, false,
                Canvas::Anchor::middle);
    }

    /// Draws the legend, or only measures it; returns where it ends.
    double legend(Canvas& on, bool draw) const {
        Legend out(on, {k_edge, legend_top()}, style.width - k_edge, draw);
        if (signal) scale_of(on, out, style.signal, *signal, signal_layer, even_scale);
        if (matrix)
            scale_of(on, out, style.matrix, *matrix, matrix_layer,
                     [](double s) { return k_card.toward(k_fibre, 0.15 + 0.85 * s); });
        for (const PopulationLook& look : looks) {
            if (!look.plate || look.states.empty()) continue;
            out.group(report::words(look.name));
            for (const StateLook& state_look : look.states)
                out.entry(report::words(state_look.name), 18.0, [&](Point at) { plate_key(on, at, state_look); });
        }
        bool first = true;
        for (const PopulationLook& look : looks) {
            if (look.plate || look.states.empty()) continue;
            if (first) out.group("Other cells");
            first = false;
            out.entry(report::words(look.name), 30.0, [&](Point at) {
                const SingleCell cell{0, 0, {}, {1.0, 0.0}, 6.0, 5.0, 0};
                draw_single(Pen{on, at, 1.35}, cell, look, look.states.front());
            });
        }
        if (std::any_of(looks.begin(), looks.end(), in_cycle))
            out.entry("nucleus of a cell in cycle", 18.0, [&](Point at) {
                on.ellipse(at, {1.0, 0.0}, 8.5, 5.5).fill(k_soft.toward(k_card, 0.45));
                on.ellipse(at, {1.0, 0.0}, 4.2, 3.2).fill(Colour::of(0x4FB0BE));
            });
        out.group("Vessels");
        out.entry("sinusoid", 30.0, [&](Point at) {
            on.line(at - Point{11.0, 0.0}, at + Point{11.0, 0.0}).stroke(k_rim.toward(k_wall, 0.5), 9.5);
            on.line(at - Point{11.0, 0.0}, at + Point{11.0, 0.0}).stroke(k_lumen, 7.5);
        });
        out.entry("central vein", 18.0, [&](Point at) {
            on.circle(at, 8.0).fill_and_keep(k_lumen);
            on.stroke(k_lining, 1.6);
        });
        out.entry("portal tract", 18.0, [&](Point at) {
            on.circle(at, 8.5).fill_and_keep(k_stroma);
            on.stroke(k_wall, 1.0);
            on.circle(at + Point{1.0, -1.0}, 4.4).fill_and_keep(k_lumen);
            on.stroke(k_lining, 1.1);
        });
        return out.bottom();
    }

    void plate_key(Canvas& on, Point at, const StateLook& look) const {
        const bool dying = look.role == Role::dying;
        on.rectangle(at - Point{9.0, 8.0}, 18.0, 16.0, 4.0).fill_and_keep(signal ? k_card : look.fill);
        if (dying)
            on.stroke_dashed(Colour::of(0xA9A39C), 1.0, 2.5, 2.5);
        else
            on.stroke(look.fill.toward(k_ink, 0.35), 0.8);
        if (look.divides)
            on.ellipse(at, {0.6, 0.8}, 5.4, 1.9).fill(look.nucleus);
        else
            on.circle(at, dying ? 2.0 : 4.2).fill(look.nucleus);
    }

    template <class Map>
    void scale_of(Canvas& on, Legend& out, const std::string& name, const Field& of, const Layer& layer,
                  Map map) const {
        const ScaleUnit unit = unit_of(layer.high, of.dimension());
        out.group(report::words(name));
        out.entry(report::number(layer.low / unit.factor), 0.0, [](Point) {});
        out.entry(fmt::format("{} {} of tissue", report::number(layer.high / unit.factor), unit.text), 220.0,
                  [&](Point at) {
                      std::vector<Colour> colours;
                      for (int k = 0; k < k_bar; ++k) colours.push_back(map((k + 0.5) / k_bar));
                      on.image(at - Point{0.5 * k_bar, 6.0}, k_bar, 12.0, k_bar, 1, colours);
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
