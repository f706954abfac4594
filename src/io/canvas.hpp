// A picture to draw on, and its PNG: the one place that knows the graphics library. Lengths are points of the picture; one point
// is `density` pixels along each edge.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lobule::io {

struct Colour {
    double r = 0.0, g = 0.0, b = 0.0, alpha = 1.0;

    static constexpr Colour of(std::uint32_t rgb, double alpha = 1.0) {
        return {((rgb >> 16) & 255U) / 255.0, ((rgb >> 8) & 255U) / 255.0, (rgb & 255U) / 255.0, alpha};
    }
    /// `share` of the way to another colour.
    Colour toward(const Colour& other, double share) const {
        const auto mix = [&](double from, double to) { return from + share * (to - from); };
        return {mix(r, other.r), mix(g, other.g), mix(b, other.b), mix(alpha, other.alpha)};
    }
    Colour with_alpha(double a) const { return {r, g, b, a}; }
    bool operator==(const Colour&) const = default;
};

struct Point {
    double x = 0.0, y = 0.0;  // y grows downward
    Point operator+(const Point& o) const { return {x + o.x, y + o.y}; }
    Point operator-(const Point& o) const { return {x - o.x, y - o.y}; }
    Point operator*(double f) const { return {x * f, y * f}; }
};

class Canvas {
public:
    Canvas(double width, double height, double density);
    ~Canvas();

    // Shapes add up to a path until it is filled or stroked.
    Canvas& polygon(std::span<const Point> corners);
    Canvas& line(Point from, Point to);
    Canvas& curve(Point from, Point by_1, Point by_2, Point to);
    /// A smooth closed line through all points.
    Canvas& blob(std::span<const Point> through);
    /// A smooth open line through all points.
    Canvas& thread(std::span<const Point> through);
    Canvas& circle(Point centre, double radius);
    /// `along` is the half axis in the direction of the unit vector.
    Canvas& ellipse(Point centre, Point direction, double along, double across);
    Canvas& rectangle(Point corner, double width, double height, double rounding = 0.0);
    void fill(const Colour& colour);
    void fill_and_keep(const Colour& colour);
    /// Round ends and corners.
    void stroke(const Colour& colour, double width);
    void stroke_dashed(const Colour& colour, double width, double dash, double gap);
    /// What is drawn between clip and release stays inside the path.
    void clip();
    void release();
    /// What is drawn between layer and merge is laid on as a whole.
    void layer();
    void merge(double alpha);

    /// Columns x rows colours that fill a rectangle, blended into each other.
    void image(Point corner, double width, double height, int columns, int rows, std::span<const Colour> colours);

    enum class Anchor : std::uint8_t { start, middle, end };
    void text(Point baseline, const std::string& text, double size, const Colour& colour, bool bold = false,
              Anchor anchor = Anchor::start);
    double text_width(const std::string& text, double size, bool bold = false);

    std::string png() const;

private:
    struct Library;
    std::unique_ptr<Library> library_;
};

}  // namespace lobule::io
