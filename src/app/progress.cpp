#include "app/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "io/json.hpp"

namespace lobule::app {

namespace {

using std::chrono::milliseconds;

/// Between two lines of each form. The first comes after this time too: a short run says nothing but its result.
constexpr milliseconds k_bar_interval{100}, k_json_interval{1000}, k_plain_interval{10000};

std::string clock_text(double seconds) {
    const auto s = static_cast<long>(std::ceil(std::min(seconds, 1e9)));
    return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                     : fmt::format("{}:{:02}", s / 60, s % 60);
}

std::size_t terminal_width() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string time_text(double hours) {
    if (hours >= 24.0) return fmt::format("{:.4g} d", hours / 24.0);
    if (hours >= 1.0 || hours == 0.0) return fmt::format("{:.4g} h", hours);
    return fmt::format("{:.4g} min", hours * 60.0);
}

namespace {

std::string amount(const ProgressLine& line, double value) {
    return line.unit.empty() ? time_text(value) : fmt::format("{:.0f}", value);
}
/// "7 d" or "120 runs"
std::string end_of(const ProgressLine& line) {
    return amount(line, line.until) + (line.unit.empty() ? "" : " " + line.unit);
}

}  // namespace

double ProgressLine::seconds_left() const { return share > 0.0 ? elapsed * (1.0 - share) / share : -1.0; }

std::string ProgressLine::plain() const {
    std::string text = fmt::format("{}: {:.0f} %, {} of {}", what, 100.0 * share, amount(*this, time), end_of(*this));
    if (seconds_left() >= 0.0) text += fmt::format(", {} left", clock_text(seconds_left()));
    return text;
}

std::string ProgressLine::bar(std::size_t width) const {
    // Every field has a fixed width, so that nothing dances: "case [#####     ]  48 %    6.7 d of 14 d     0:03 left".
    const std::string left = seconds_left() >= 0.0 ? clock_text(seconds_left()) : "-:--";
    const std::string tail = fmt::format(" {:3.0f} % {:>9} of {}  {:>7} left", std::floor(100.0 * share),
                                         amount(*this, time), end_of(*this), left);
    constexpr std::size_t k_narrowest = 8, k_widest = 40;
    if (tail.size() + k_narrowest + 3 >= width) return tail.substr(1, width > 1 ? width - 1 : 0);
    std::string head = what + ' ';
    if (head.size() + tail.size() + k_narrowest + 3 > width) head.clear();
    const std::size_t cells = std::min(k_widest, width - head.size() - tail.size() - 3);
    const auto done = static_cast<std::size_t>(share * static_cast<double>(cells));
    return head + '[' + std::string(done, '#') + std::string(cells - done, ' ') + ']' + tail;
}

std::string ProgressLine::json() const {
    io::Json line = io::Json::Object{{"what", what}};
    if (unit.empty())
        line.set("time_h", time).set("until_h", until);
    else
        line.set("done", time).set("of", until).set("unit", unit);
    line.set("share", share).set("elapsed_s", elapsed);
    line.set("left_s", seconds_left() >= 0.0 ? io::Json(seconds_left()) : io::Json());
    return line.dump();
}

Progress::Form Progress::form_of(ProgressMode mode) {
    switch (mode) {
        case ProgressMode::none: return Form::none;
        case ProgressMode::plain: return Form::plain;
        case ProgressMode::json: return Form::json;
        case ProgressMode::automatic: break;
    }
    const char* terminal = std::getenv("TERM");
    const bool can_move = isatty(STDERR_FILENO) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
    return can_move ? Form::bar : Form::plain;  // no colours in either, with or without NO_COLOR
}

Progress::Progress(ProgressMode mode, std::string what, double from, double until, std::string unit)
    : form_(form_of(mode)),
      what_(std::move(what)),
      unit_(std::move(unit)),
      from_(from),
      until_(until),
      start_(Clock::now()),
      next_(start_) {
    next_ += form_ == Form::bar ? 3 * k_bar_interval : form_ == Form::json ? k_json_interval : k_plain_interval;
}

Progress::~Progress() { finish(); }

void Progress::update(double time) {
    if (form_ == Form::none) return;
    const Clock::time_point now = Clock::now();
    if (now < next_) return;
    next_ = now + (form_ == Form::bar ? k_bar_interval : form_ == Form::json ? k_json_interval : k_plain_interval);
    const double share = until_ > from_ ? std::clamp((time - from_) / (until_ - from_), 0.0, 1.0) : 1.0;
    const ProgressLine line{
        what_, std::min(time, until_), until_, share, std::chrono::duration<double>(now - start_).count(), unit_};
    if (form_ == Form::plain) return write(line.plain() + '\n');
    if (form_ == Form::json) return write(line.json() + '\n');
    const std::string bar = line.bar(terminal_width());
    if (bar == shown_) return;
    shown_ = bar;
    write('\r' + bar + "\x1b[K");  // one write, the old text overwritten in place: no flicker
}

void Progress::finish() {
    if (!shown_.empty()) write("\r\x1b[K");
    shown_.clear();
}

void Progress::write(const std::string& text) {
    // Past the buffers of stdio, whole. Progress that cannot be shown is no reason to stop.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace lobule::app
