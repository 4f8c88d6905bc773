// The signals that end a process. The main thread waits for them; no signal handler runs.
#pragma once

#include <signal.h>

#include <optional>
#include <string_view>

#include "core/base/time.hpp"

namespace errand {

// Blocks SIGTERM and SIGINT for this thread and all threads that it starts, and returns the two. Call it
// before the first thread starts. Also blocks SIGPIPE, so that write() to a closed peer returns EPIPE.
sigset_t blockSignals();

// Waits for a signal of blockSignals() and returns its name; empty if none arrives within `wait`.
std::string_view waitForSignal(const sigset_t& signals, std::optional<Millis> wait = std::nullopt);

}  // namespace errand
