#include "canvas.hpp"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/assert.hpp"
#include "base/error.hpp"

namespace lobule::io {

struct Canvas::Library {
    cairo_surface_t* surface;
    cairo_t* to;
};

namespace {

void set_colour(cairo_t* to, const Colour& c) { cairo_set_source_rgba(to, c.r, c.g, c.b, c.alpha); }

void set_font(cairo_t* to, double size, bool bold) {
    cairo_select_font_face(to, "Liberation Sans", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(to, size);
}

void check(cairo_status_t status) {
    if (status != CAIRO_STATUS_SUCCESS)
        throw RunError(std::string("a picture could not be drawn: ") + cairo_status_to_string(status));
}

std::uint32_t premultiplied(const Colour& c) {
    const auto byte = [](double v) { return static_cast<std::uint32_t>(std::clamp(v, 0.0, 1.0) * 255.0 + 0.5); };
    return byte(c.alpha) << 24 | byte(c.r * c.alpha) << 16 | byte(c.g * c.alpha) << 8 | byte(c.b * c.alpha);
}

}  // namespace

Canvas::Canvas(double width, double height, double density) : library_(std::make_unique<Library>()) {
    const auto pixels = [&](double length) { return static_cast<int>(std::ceil(length * density)); };
    library_->surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, pixels(width), pixels(height));
    library_->to = cairo_create(library_->surface);
    check(cairo_status(library_->to));
    cairo_scale(library_->to, density, density);
    cairo_set_line_cap(library_->to, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(library_->to, CAIRO_LINE_JOIN_ROUND);
    // Text looks the same whatever a desktop has set.
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(library_->to, options);
    cairo_font_options_destroy(options);
}

Canvas::~Canvas() {
    cairo_destroy(library_->to);
    cairo_surface_destroy(library_->surface);
}

Canvas& Canvas::polygon(std::span<const Point> corners) {
    if (corners.empty()) return *this;
    cairo_move_to(library_->to, corners[0].x, corners[0].y);
    for (const Point& p : corners.subspan(1)) cairo_line_to(library_->to, p.x, p.y);
    cairo_close_path(library_->to);
    return *this;
}

Canvas& Canvas::line(Point from, Point to) {
    cairo_move_to(library_->to, from.x, from.y);
    cairo_line_to(library_->to, to.x, to.y);
    return *this;
}

Canvas& Canvas::curve(Point from, Point by_1, Point by_2, Point to) {
    cairo_move_to(library_->to, from.x, from.y);
    cairo_curve_to(library_->to, by_1.x, by_1.y, by_2.x, by_2.y, to.x, to.y);
    return *this;
}

Canvas& Canvas::blob(std::span<const Point> through) {
    // Catmull-Rom: the tangent at a point is along the line between its neighbours.
    const std::size_t n = through.size();
    if (n < 3) return *this;
    cairo_move_to(library_->to, through[0].x, through[0].y);
    for (std::size_t k = 0; k < n; ++k) {
        const Point &a = through[k], &b = through[(k + 1) % n];
        const Point out = a + (b - through[(k + n - 1) % n]) * (1.0 / 6.0),
                    in = b - (through[(k + 2) % n] - a) * (1.0 / 6.0);
        cairo_curve_to(library_->to, out.x, out.y, in.x, in.y, b.x, b.y);
    }
    cairo_close_path(library_->to);
    return *this;
}

Canvas& Canvas::thread(std::span<const Point> through) {
    const std::size_t n = through.size();
    if (n < 2) return *this;
    cairo_move_to(library_->to, through[0].x, through[0].y);
    for (std::size_t k = 0; k + 1 < n; ++k) {  // as a blob, the ends their own neighbours
        const Point &a = through[k], &b = through[k + 1];
        const Point out = a + (b - through[k > 0 ? k - 1 : 0]) * (1.0 / 6.0),
                    in = b - (through[std::min(k + 2, n - 1)] - a) * (1.0 / 6.0);
        cairo_curve_to(library_->to, out.x, out.y, in.x, in.y, b.x, b.y);
    }
    return *this;
}

Canvas& Canvas::circle(Point centre, double radius) { return ellipse(centre, {1.0, 0.0}, radius, radius); }

Canvas& Canvas::ellipse(Point centre, Point direction, double along, double across) {
    cairo_t* to = library_->to;
    cairo_save(to);
    const cairo_matrix_t turned{
        along * direction.x, along * direction.y, -across * direction.y, across * direction.x, centre.x, centre.y};
    cairo_transform(to, &turned);
    cairo_new_sub_path(to);
    cairo_arc(to, 0.0, 0.0, 1.0, 0.0, 2.0 * std::numbers::pi);
    cairo_close_path(to);
    cairo_restore(to);
    return *this;
}

Canvas& Canvas::rectangle(Point corner, double width, double height, double rounding) {
    cairo_t* to = library_->to;
    constexpr double k_right = 0.5 * std::numbers::pi;
    const double left = corner.x + rounding, right = corner.x + width - rounding;
    const double top = corner.y + rounding, bottom = corner.y + height - rounding;
    cairo_new_sub_path(to);
    cairo_arc(to, right, top, rounding, -k_right, 0.0);
    cairo_arc(to, right, bottom, rounding, 0.0, k_right);
    cairo_arc(to, left, bottom, rounding, k_right, 2.0 * k_right);
    cairo_arc(to, left, top, rounding, 2.0 * k_right, 3.0 * k_right);
    cairo_close_path(to);
    return *this;
}

void Canvas::fill(const Colour& colour) {
    set_colour(library_->to, colour);
    cairo_fill(library_->to);
}

void Canvas::fill_and_keep(const Colour& colour) {
    set_colour(library_->to, colour);
    cairo_fill_preserve(library_->to);
}

void Canvas::stroke(const Colour& colour, double width) {
    set_colour(library_->to, colour);
    cairo_set_line_width(library_->to, width);
    cairo_stroke(library_->to);
}

void Canvas::stroke_dashed(const Colour& colour, double width, double dash, double gap) {
    const double pattern[] = {dash, gap};
    cairo_set_dash(library_->to, pattern, 2, 0.0);
    stroke(colour, width);
    cairo_set_dash(library_->to, nullptr, 0, 0.0);
}

void Canvas::clip() {
    cairo_save(library_->to);
    // The state saved keeps no path: it is the clip's from here.
    cairo_clip(library_->to);
}

void Canvas::release() { cairo_restore(library_->to); }

void Canvas::layer() { cairo_push_group(library_->to); }

void Canvas::merge(double alpha) {
    cairo_pop_group_to_source(library_->to);
    cairo_paint_with_alpha(library_->to, alpha);
}

void Canvas::image(Point corner, double width, double height, int columns, int rows, std::span<const Colour> colours) {
    LOBULE_ASSERT(colours.size() == static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), colours.size());
    cairo_surface_t* pixels = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, columns, rows);
    check(cairo_surface_status(pixels));
    cairo_surface_flush(pixels);
    unsigned char* data = cairo_image_surface_get_data(pixels);
    const int stride = cairo_image_surface_get_stride(pixels);
    for (int j = 0; j < rows; ++j)
        for (int i = 0; i < columns; ++i) {
            const std::uint32_t word = premultiplied(colours[static_cast<std::size_t>(j * columns + i)]);
            std::copy_n(reinterpret_cast<const unsigned char*>(&word), sizeof word, data + j * stride + i * 4);
        }
    cairo_surface_mark_dirty(pixels);
    cairo_t* to = library_->to;
    cairo_save(to);
    cairo_rectangle(to, corner.x, corner.y, width, height);
    cairo_clip(to);
    cairo_translate(to, corner.x, corner.y);
    cairo_scale(to, width / columns, height / rows);
    cairo_set_source_surface(to, pixels, 0.0, 0.0);
    cairo_pattern_set_filter(cairo_get_source(to), CAIRO_FILTER_BILINEAR);
    cairo_pattern_set_extend(cairo_get_source(to), CAIRO_EXTEND_PAD);
    cairo_paint(to);
    cairo_restore(to);
    cairo_surface_destroy(pixels);
}

void Canvas::text(Point baseline, const std::string& text, double size, const Colour& colour, bool bold,
                  Anchor anchor) {
    const double width = anchor == Anchor::start ? 0.0 : text_width(text, size, bold);
    set_font(library_->to, size, bold);
    set_colour(library_->to, colour);
    const double shift = anchor == Anchor::middle ? 0.5 * width : width;
    cairo_move_to(library_->to, baseline.x - shift, baseline.y);
    cairo_show_text(library_->to, text.c_str());
    cairo_new_path(library_->to);
}

double Canvas::text_width(const std::string& text, double size, bool bold) {
    set_font(library_->to, size, bold);
    cairo_text_extents_t extents;
    cairo_text_extents(library_->to, text.c_str(), &extents);
    return extents.x_advance;
}

std::string Canvas::png() const {
    std::string out;
    const auto append = [](void* into, const unsigned char* bytes, unsigned int length) {
        static_cast<std::string*>(into)->append(reinterpret_cast<const char*>(bytes), length);
        return CAIRO_STATUS_SUCCESS;
    };
    cairo_surface_flush(library_->surface);
    check(cairo_surface_write_to_png_stream(library_->surface, append, &out));
    return out;
}

}  // namespace lobule::io
