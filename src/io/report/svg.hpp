// One panel of a figure as inline SVG: axes, bands, curves with labels at their ends, points with error bars.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lobule::io::report {

struct Axis {
    double low = 0.0, high = 1.0;  // [data]
    double scale = 1.0;            // data of one unit of the labels: 24 for days
    std::vector<double> ticks;     // [data]
    std::string label;
};

/// Bounds and ticks at round numbers that hold low and high, about `count` of them. Zero is kept when it is near.
Axis round_axis(double low, double high, int count, std::string label);
/// Hours up to four days, days beyond. The label names the time `from` which they are counted.
Axis time_axis(double until, double from = 0.0);

class Plot {
public:
    struct Size {
        double width = 340.0, height = 230.0;
    };

    Plot(Size size, Axis x, Axis y, std::string title, std::string description);

    /// Classes come from the style sheet: c0 to c7 for colour, `published` for dashes. A label is written at the end.
    void curve(std::span<const double> xs, std::span<const double> ys, std::string_view css, std::string_view name,
               bool labelled);
    void point(double x, double y, double deviation, std::string_view css, std::string_view tip);
    /// A band along a curve: the spread of what the curve is the mean of.
    void ribbon(std::span<const double> xs, std::span<const double> lows, std::span<const double> highs,
                std::string_view css);
    void band(double low, double high, std::string_view css);

    std::string svg() const;

private:
    struct Label {
        double y;
        std::string text, css;
    };
    double to_x(double x) const;
    double to_y(double y) const;
    std::string frame() const;
    std::string labels() const;

    Size size_;
    Axis x_, y_;
    std::string title_, description_;
    double left_ = 48.0, right_ = 14.0, top_ = 24.0, bottom_ = 36.0;
    struct Curve {
        std::vector<double> xs, ys;
        std::string css, name;
        bool labelled;
    };
    struct Mark {
        double x, y, deviation;
        std::string css, tip;
    };
    struct Band {
        double low, high;
        std::string css;
    };
    struct Ribbon {
        std::vector<double> xs, lows, highs;
        std::string css;
    };
    std::vector<Curve> curves_;
    std::vector<Ribbon> ribbons_;
    std::vector<Mark> marks_;
    std::vector<Band> bands_;
};

/// A band and a prediction on one line: where the number lies against what was observed.
std::string interval_strip(double low, double high, double predicted, bool inside);

}  // namespace lobule::io::report
