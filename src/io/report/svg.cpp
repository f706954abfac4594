#include "svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "text.hpp"

namespace lobule::io::report {

namespace {

constexpr double k_letter = 6.1;      // mean width of a letter of a label [px]
constexpr double k_label_gap = 13.0;  // least distance of two labels [px]

double round_step(double span, int count) {
    const double raw = span / std::max(count, 1);
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0})
        if (factor * power >= raw * (1.0 - 1e-9)) return factor * power;
    return 10.0 * power;
}

constexpr double k_most_ticks = 100.0;

void add_ticks(Axis& axis, double step) {
    const double first = std::ceil(axis.low / step - 1e-9);
    const double last = std::min(std::floor(axis.high / step + 1e-9), first + k_most_ticks);
    for (int i = 0; i <= static_cast<int>(last - first); ++i) axis.ticks.push_back((first + i) * step);
}

/// Leaves out points that a straight line within `tolerance` [px] already draws (Douglas and Peucker 1973).
void simplify(std::span<const double> xs, std::span<const double> ys, std::size_t first, std::size_t last,
              double tolerance, std::vector<bool>& keep) {
    std::vector<std::pair<std::size_t, std::size_t>> todo{{first, last}};
    while (!todo.empty()) {
        const auto [a, b] = todo.back();
        todo.pop_back();
        const double dx = xs[b] - xs[a], dy = ys[b] - ys[a], length = std::hypot(dx, dy);
        double worst = tolerance;
        std::size_t split = a;
        for (std::size_t i = a + 1; i < b; ++i) {
            const double ex = xs[i] - xs[a], ey = ys[i] - ys[a];
            const double distance = length > 0.0 ? std::abs(dx * ey - dy * ex) / length : std::hypot(ex, ey);
            if (distance > worst) worst = distance, split = i;
        }
        if (split == a) continue;
        keep[split] = true;
        todo.emplace_back(a, split);
        todo.emplace_back(split, b);
    }
}

std::string polyline_points(std::span<const double> xs, std::span<const double> ys) {
    std::vector<bool> keep(xs.size(), false);
    keep.front() = keep.back() = true;
    simplify(xs, ys, 0, xs.size() - 1, 0.1, keep);
    std::string out;
    for (std::size_t i = 0; i < xs.size(); ++i)
        if (keep[i]) out += fmt::format("{}{},{}", out.empty() ? "" : " ", coordinate(xs[i]), coordinate(ys[i]));
    return out;
}

std::string line(double x1, double y1, double x2, double y2, std::string_view css) {
    return fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", css, coordinate(x1),
                       coordinate(y1), coordinate(x2), coordinate(y2));
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view css, std::string_view text) {
    return fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>", css, coordinate(x),
                       coordinate(y), anchor, escape(text));
}

}  // namespace

/// With as many digits as tell neighbours apart.
std::string tick_text(const Axis& axis, double tick) {
    int digits = 3;
    if (axis.ticks.size() > 1) {
        const double step = std::abs(axis.ticks[1] - axis.ticks[0]);
        const double largest = std::max(std::abs(axis.ticks.front()), std::abs(axis.ticks.back()));
        if (step > 0.0) digits = std::clamp(static_cast<int>(std::ceil(std::log10(largest / step) - 1e-9)) + 1, 3, 8);
    }
    return number(tick / axis.scale, digits);
}

Axis round_axis(double low, double high, int count, std::string label) {
    Axis axis;
    axis.label = std::move(label);
    if (!std::isfinite(low) || !std::isfinite(high)) low = 0.0, high = 1.0;
    if (low >= 0.0 && low < 0.6 * high) low = 0.0;
    if (low < 0.0 && -low < 2e-3 * high) low = 0.0;  // less than a pixel: no axis goes below zero for it
    // A spread of rounding alone is a constant.
    if (!(high - low > 1e-6 * std::max(std::abs(low), std::abs(high)))) {
        const double size = std::max(std::abs(low), 1e-12);
        high = low + 0.5 * size;
        low -= 0.5 * size;
    }
    const double step = round_step(high - low, count);
    axis.low = step * std::floor(low / step + 1e-9);
    axis.high = step * std::ceil(high / step - 1e-9);
    add_ticks(axis, step);
    return axis;
}

Axis time_axis(double until, double from) {
    Axis axis;
    axis.high = until > 0.0 ? until : 1.0;
    const bool hours = axis.high <= 96.0;
    axis.scale = hours ? 1.0 : 24.0;
    axis.label = hours ? "time (h)" : "time (d)";
    if (from > 0.0) axis.label = fmt::format("{} after day {:g}", hours ? "hours" : "days", from / 24.0);
    const double span = axis.high / axis.scale;
    double step = round_step(span, 6);
    if (hours)
        for (const double natural : {24.0, 12.0, 6.0, 3.0, 2.0, 1.0})
            if (span / natural <= 6.0) step = natural;
    if (!hours)
        for (const double natural : {28.0, 14.0, 7.0, 2.0, 1.0})
            if (span / natural <= 8.0) step = natural;
    add_ticks(axis, step * axis.scale);
    return axis;
}

Plot::Plot(Size size, Axis x, Axis y, std::string title, std::string description)
    : size_(size), x_(std::move(x)), y_(std::move(y)), title_(std::move(title)), description_(std::move(description)) {
    std::size_t longest = 0;
    for (const double tick : y_.ticks) longest = std::max(longest, tick_text(y_, tick).size());
    left_ = 18.0 + k_letter * static_cast<double>(std::min<std::size_t>(longest, 9));
}

double Plot::to_x(double x) const { return left_ + (x - x_.low) / (x_.high - x_.low) * (size_.width - left_ - right_); }
double Plot::to_y(double y) const {
    return size_.height - bottom_ - (y - y_.low) / (y_.high - y_.low) * (size_.height - top_ - bottom_);
}

void Plot::curve(std::span<const double> xs, std::span<const double> ys, std::string_view css, std::string_view name,
                 bool labelled) {
    if (xs.empty()) return;
    curves_.push_back({{xs.begin(), xs.end()}, {ys.begin(), ys.end()}, std::string(css), std::string(name), labelled});
    if (labelled) {
        std::size_t letters = 0;  // not bytes
        for (const char c : name) letters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
        right_ = std::max(right_, 14.0 + k_letter * static_cast<double>(letters));
    }
}

void Plot::ribbon(std::span<const double> xs, std::span<const double> lows, std::span<const double> highs,
                  std::string_view css) {
    if (xs.empty()) return;
    ribbons_.push_back(
        {{xs.begin(), xs.end()}, {lows.begin(), lows.end()}, {highs.begin(), highs.end()}, std::string(css)});
}

void Plot::point(double x, double y, double deviation, std::string_view css, std::string_view tip) {
    marks_.push_back({x, y, deviation, std::string(css), std::string(tip)});
}

void Plot::band(double low, double high, std::string_view css) { bands_.push_back({low, high, std::string(css)}); }

std::string Plot::frame() const {
    std::string out;
    const double bottom = size_.height - bottom_, right = size_.width - right_;
    for (const double tick : y_.ticks) {
        out += line(left_, to_y(tick), right, to_y(tick), "grid");
        out += text_at(left_ - 7.0, to_y(tick) + 3.8, "end", "tick", tick_text(y_, tick));
    }
    for (const double tick : x_.ticks) {
        out += line(to_x(tick), bottom, to_x(tick), bottom + 4.0, "axis");
        out += text_at(to_x(tick), bottom + 16.0, "middle", "tick", tick_text(x_, tick));
    }
    out += line(left_, bottom, right, bottom, "axis");
    out += text_at(0.0, 11.0, "start", "axis-label", y_.label);
    out += text_at(right, size_.height - 4.0, "end", "axis-label", x_.label);
    return out;
}

std::string Plot::labels() const {
    std::vector<Label> labels;
    for (const Curve& c : curves_)
        if (c.labelled) labels.push_back({to_y(c.ys.back()), c.name, c.css});
    std::stable_sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
    // Push overlapping labels down, then the whole stack up where it left the panel.
    for (std::size_t i = 1; i < labels.size(); ++i) labels[i].y = std::max(labels[i].y, labels[i - 1].y + k_label_gap);
    double limit = size_.height - bottom_ - 1.0;
    for (std::size_t i = labels.size(); i-- > 0;) {
        labels[i].y = std::min(labels[i].y, limit);
        limit = labels[i].y - k_label_gap;
    }
    std::string out;
    for (const Label& label : labels)
        out += text_at(size_.width - right_ + 6.0, label.y + 4.0, "start", "label " + label.css, label.text);
    return out;
}

std::string Plot::svg() const {
    std::string out = fmt::format(
        "<svg class=\"panel\" role=\"img\" viewBox=\"0 0 {} {}\" data-map=\"{} {} {} {} {} {} {} {} {}\" "
        "data-time=\"{}\"><title>{}</title><desc>{}</desc>",
        coordinate(size_.width), coordinate(size_.height), coordinate(left_), coordinate(size_.width - right_), x_.low,
        x_.high, coordinate(size_.height - bottom_), coordinate(top_), y_.low, y_.high, x_.scale,
        x_.scale == 24.0 ? "d" : "h", escape(title_), escape(description_));
    for (const Band& b : bands_)
        out += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>", b.css,
                           coordinate(left_), coordinate(to_y(b.high)), coordinate(size_.width - right_ - left_),
                           coordinate(to_y(b.low) - to_y(b.high)));
    out += frame();
    const auto points = [this](std::vector<double> xs, std::vector<double> ys) {
        std::transform(xs.begin(), xs.end(), xs.begin(), [this](double x) { return to_x(x); });
        std::transform(ys.begin(), ys.end(), ys.begin(), [this](double y) { return to_y(y); });
        return polyline_points(xs, ys);
    };
    for (const Ribbon& r : ribbons_) {
        const std::vector<double> back(r.xs.rbegin(), r.xs.rend()), lows(r.lows.rbegin(), r.lows.rend());
        out += fmt::format("<polygon class=\"ribbon {}\" points=\"{} {}\"/>", r.css, points(r.xs, r.highs),
                           points(back, lows));
    }
    for (const Curve& c : curves_)
        out += fmt::format("<polyline class=\"curve {}\" data-name=\"{}\" points=\"{}\"/>", c.css, escape(c.name),
                           points(c.xs, c.ys));
    for (const Mark& m : marks_) {
        const double x = to_x(m.x);
        if (m.deviation > 0.0) {
            const double low = to_y(std::max(m.y - m.deviation, y_.low)),
                         high = to_y(std::min(m.y + m.deviation, y_.high));
            out += line(x, low, x, high, "bar") + line(x - 3.0, low, x + 3.0, low, "bar") +
                   line(x - 3.0, high, x + 3.0, high, "bar");
        }
        out += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"3.4\" data-tip=\"{}\"/>", m.css, coordinate(x),
                           coordinate(to_y(m.y)), escape(m.tip));
    }
    return out + labels() + "</svg>";
}

std::string interval_strip(double low, double high, double predicted, bool inside) {
    constexpr double k_width = 132.0, k_middle = 9.0;
    // The band fills the middle; what lies far outside sits at the edge as an arrow.
    const double width = std::max(high - low, 1e-12 + 1e-9 * std::abs(high));
    const auto place = [&](double value) { return 44.0 + (value - low) / width * 44.0; };
    const double x = std::clamp(place(predicted), 5.0, k_width - 5.0);
    const bool beyond = x != place(predicted);
    std::string out = fmt::format("<svg class=\"strip\" viewBox=\"0 0 {} 18\" aria-hidden=\"true\">", k_width);
    out += line(0.0, k_middle, k_width, k_middle, "grid");
    out += fmt::format("<rect class=\"observed-band\" x=\"44\" y=\"4\" width=\"44\" height=\"10\" rx=\"1.5\"/>");
    const std::string_view css = inside ? "fit" : "misfit";
    if (beyond) {
        const double d = x < 0.5 * k_width ? -1.0 : 1.0;
        out += fmt::format("<polygon class=\"{}\" points=\"{},{} {},{} {},{}\"/>", css, x + 4.0 * d, k_middle,
                           x - 3.5 * d, k_middle - 4.5, x - 3.5 * d, k_middle + 4.5);
    } else {
        out += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"4\"/>", css, coordinate(x), k_middle);
    }
    return out + "</svg>";
}

}  // namespace lobule::io::report
