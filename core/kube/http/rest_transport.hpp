// Transport over HTTPS by cpprestsdk. Its headers are included in the .cpp only.
#pragma once

#include <memory>

#include "core/kube/config/config.hpp"
#include "core/kube/http/transport.hpp"

namespace errand::kube {

struct RestOptions {
  int concurrentCalls = 16;   // calls beyond these wait; watches do not count
  Millis watchIdle{150'000};  // over two bookmarks of the API server, which come each minute
};

// TLS 1.2 or later, verified against the configuration's authorities alone.
// Redirects are not followed. Invalid if certificates or keys do not parse.
// The first call starts cpprestsdk's pool of two threads for the whole process.
// If the configuration names authorities, the process trusts no others from then
// on: call this once, before the first thread starts.
Result<std::unique_ptr<Transport>> makeRestTransport(Config config, RestOptions options = {},
                                                     const Clock& clock = systemClock());

}  // namespace errand::kube
