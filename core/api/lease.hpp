// coordination.k8s.io/v1 Lease: names the process that leads.
#pragma once

#include <optional>
#include <string>

#include "core/api/codec.hpp"
#include "core/api/meta.hpp"

namespace errand::api {

struct Lease {
  ObjectMeta meta;
  std::string holder;  // empty if no process holds it
  std::int32_t durationSeconds = 0;
  std::int32_t transitions = 0;
  std::optional<Time> acquireTime, renewTime;  // MicroTime
};

// Returns the object as JSON, with apiVersion and kind. Times that are not set are omitted. An empty holder
// is written as null, so that a merge patch removes it.
nlohmann::json encode(const Lease& lease);

}  // namespace errand::api
