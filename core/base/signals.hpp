// How a process of ours is asked to end: main waits for a signal, no handler runs.
#pragma once

#include <signal.h>

#include <string_view>

namespace errand {

// SIGTERM and SIGINT, blocked in this thread and in all that it starts: call it
// before the first of them. SIGPIPE is blocked too: a peer that has gone is an error of write().
sigset_t blockSignals();

// Waits for one of them and returns its name.
std::string_view waitForSignal(const sigset_t& signals);

}  // namespace errand
