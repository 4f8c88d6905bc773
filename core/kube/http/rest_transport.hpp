// A Transport over HTTPS by cpprestsdk. Only the .cpp includes cpprestsdk.
#pragma once

#include <memory>
#include <optional>

#include "core/kube/config/config.hpp"
#include "core/kube/http/transport.hpp"

namespace errand::kube {

// Limits of the transport.
struct RestOptions {
  // Replaces Request::timeout of every call.
  std::optional<Millis> callTimeout = std::nullopt;
  int concurrentCalls = 16;   // further calls wait; watches do not count
  Millis watchIdle{150'000};  // longer than two bookmarks of the API server, one each minute
};

// Uses TLS 1.2 or later, and verifies servers only against the configuration's authorities. Does not follow
// redirects. Fails with Invalid if certificates or keys do not parse.
// The first call starts cpprestsdk's pool of two threads for the whole process. If the configuration names
// authorities, the process then trusts no others: call this once, before the first thread starts.
Result<std::unique_ptr<Transport>> makeRestTransport(Config config, RestOptions options = {},
                                                     const Clock& clock = systemClock());

}  // namespace errand::kube
