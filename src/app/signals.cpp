#include "signals.hpp"

#include <unistd.h>

#include <atomic>
#include <iterator>

namespace lobule::app {

namespace {

// The one global: a signal handler can be given nothing else.
std::atomic<int> received_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "or a handler may not touch it");

extern "C" void on_stop_signal(int signal) {
    int none = 0;
    if (received_signal.compare_exchange_strong(none, signal)) return;
    constexpr char k_bye[] = "\nlobule: interrupted\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, k_bye, sizeof k_bye - 1);
    _exit(signal == SIGINT ? 130 : 143);
}

}  // namespace

StopSignals::StopSignals() {
    received_signal = 0;
    for (std::size_t i = 0; i < std::size(k_signals); ++i) {
        struct sigaction action {};
        const bool ignored = k_signals[i] == SIGPIPE || k_signals[i] == SIGXFSZ;
        action.sa_handler = ignored ? SIG_IGN : on_stop_signal;
        action.sa_flags = SA_RESTART;
        // Also where a script's `&` left SIGINT ignored: whoever sends it means it, and a stopped run can go on.
        sigemptyset(&action.sa_mask);
        sigaction(k_signals[i], &action, &before_[i]);
    }
}

StopSignals::~StopSignals() {
    for (std::size_t i = 0; i < std::size(k_signals); ++i) sigaction(k_signals[i], &before_[i], nullptr);
}

int StopSignals::received() const noexcept { return received_signal; }

}  // namespace lobule::app
