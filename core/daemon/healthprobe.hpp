// Asks a process on this host for its health. A kubelet's httpGet probe reaches a pod by its IP address only,
// so a process that listens on loopback is probed by an exec of its own binary.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace errand::daemon {

// True for the text IP:PORT of a loopback address.
bool isLoopback(const std::string& address);

// Succeeds if GET /`endpoint` at `address` (IP:PORT) is answered with status 200 within `wait`. Otherwise
// Unavailable or Timeout with the reason.
Result<void> probeHealth(const std::string& address, const std::string& endpoint,
                         Millis wait = Millis{2'000});

}  // namespace errand::daemon
