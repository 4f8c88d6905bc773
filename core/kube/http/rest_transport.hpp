// A Transport over HTTPS by cpprestsdk. Only the .cpp includes cpprestsdk.
#pragma once

#include <memory>
#include <optional>

#include "core/kube/config/config.hpp"
#include "core/kube/http/transport.hpp"

namespace errand::kube {

// Limits of the transport.
struct RestOptions {
  // Replaces Request::timeout of every call(). Streams keep theirs.
  std::optional<Millis> callTimeout = std::nullopt;
  int concurrentCalls = 16;   // further calls wait; watches do not count
  Millis watchIdle{150'000};  // longer than two bookmarks of the API server, one each minute
};

// Creates a transport with TLS 1.2 or later. It verifies servers against the configuration's authorities, or
// the system's if there are none. It does not follow redirects. Fails with Invalid if the server's URL, a
// certificate or a key does not parse.
//
// The first call starts cpprestsdk's pool of two threads for the whole process. If the configuration has
// authorities, it also sets environment variables, so that OpenSSL finds no system roots. So call this before
// the first thread starts. `clock` must outlive the transport.
Result<std::unique_ptr<Transport>> makeRestTransport(Config config, RestOptions options = {},
                                                     const Clock& clock = systemClock());

}  // namespace errand::kube
