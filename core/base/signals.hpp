// Signals that end our processes: main waits for one, and no handler runs.
#pragma once

#include <signal.h>

#include <optional>
#include <string_view>

#include "core/base/time.hpp"

namespace errand {

// Blocks and returns SIGTERM and SIGINT, for this thread and all threads that it starts: call
// it before the first of them. Also blocks SIGPIPE: write() to a closed peer returns an error.
sigset_t blockSignals();

// Waits for one of them and returns its name; empty if none arrives within `wait`.
std::string_view waitForSignal(const sigset_t& signals, std::optional<Millis> wait = std::nullopt);

}  // namespace errand
