// Requests the health of a process on this host. The kubelet sends httpGet probes from the node, which cannot
// reach a container's loopback. The manifest therefore runs the binary itself as an exec probe.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace errand::daemon {

// True for the text IP:PORT with a loopback address.
bool isLoopback(const std::string& address);

// Succeeds if GET /`endpoint` at `address` (IP:PORT) is answered with status 200. `wait` limits each of
// connecting, sending and receiving, so a call usually takes at most twice that time. Fails with Timeout,
// with Unavailable, or with Invalid for a bad address.
Result<void> probeHealth(const std::string& address, const std::string& endpoint,
                         Millis wait = Millis{2'000});

}  // namespace errand::daemon
