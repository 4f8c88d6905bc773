// Requests the health of a process that listens on loopback only. The kubelet's httpGet probes come from the
// node and cannot reach a container's loopback, so the manifest runs the binary itself as an exec probe.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace errand::daemon {

// True for the text IP:PORT with a loopback address.
bool isLoopback(const std::string& address);

// Sends GET /`endpoint` over HTTP to `address` (IP:PORT). `wait` limits each of connecting, sending and
// receiving. Fails with Timeout, with Unavailable if there is no connection or a status other than 200, and
// with Invalid for a bad address.
Result<void> probeHealth(const std::string& address, const std::string& endpoint,
                         Millis wait = Millis{2'000});

}  // namespace errand::daemon
