// How far a run is and how long it still takes, on stderr.
#pragma once

#include <chrono>
#include <string>

#include "app/verbs.hpp"

namespace lobule::app {

/// "3.5 d", "12 h", "40 min": a simulated time [h] as a reader likes it.
std::string time_text(double hours);

/// What update() writes for one state of a run; apart from the clock, so that it can be tested.
struct ProgressLine {
    std::string what;
    double time = 0.0, until = 0.0;  // [h] simulated
    double share = 0.0;              // of this process's work, 0 to 1
    double elapsed = 0.0;            // [s]
    std::string unit{};              // what is counted instead of simulated time: "runs"

    double seconds_left() const;  // below 0: not known yet
    std::string plain() const;
    std::string bar(std::size_t width) const;
    std::string json() const;
};

class Progress {
public:
    /// `from`: where this process starts [h]; `until`: where it ends. `automatic` is a bar on a terminal, else plain lines. With a
    /// `unit` both are counts of it.
    Progress(ProgressMode mode, std::string what, double from, double until, std::string unit = {});
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void update(double time);
    /// Takes the bar away, so that what follows starts on a clean line.
    void finish();

private:
    enum class Form { none, bar, plain, json };
    using Clock = std::chrono::steady_clock;
    static Form form_of(ProgressMode mode);
    void write(const std::string& text);

    Form form_;
    std::string what_, unit_;
    double from_, until_;
    Clock::time_point start_, next_;
    std::string shown_;
};

}  // namespace lobule::app
