// Ctrl-C, SIGTERM and SIGUSR1: the first one asks a run to stop at a checkpoint, a second one ends the program.
#pragma once

#include <csignal>

namespace lobule::app {

/// Listens while it lives; one at a time. A closed pipe or a file-size limit is an error of a write here, never a sudden end.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    /// The signal that asked to stop; 0: none yet.
    int received() const noexcept;

private:
    static constexpr int k_signals[] = {SIGINT, SIGTERM, SIGUSR1, SIGPIPE, SIGXFSZ};
    struct sigaction before_[5]{};
};

}  // namespace lobule::app
