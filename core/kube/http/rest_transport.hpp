// Transport over HTTPS by cpprestsdk, whose headers stay behind this one.
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
// Redirects are not followed. Invalid where certificates or keys do not parse.
// The first one starts cpprestsdk's pool of two threads for the whole process.
// Where the configuration names authorities, the process trusts no others from
// here on: call it before the first thread starts, and once.
Result<std::unique_ptr<Transport>> makeRestTransport(Config config, RestOptions options = {},
                                                     const Clock& clock = systemClock());

}  // namespace errand::kube
