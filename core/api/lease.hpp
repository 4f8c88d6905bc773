// coordination.k8s.io/v1 Lease: who leads, and until when others must believe it.
#pragma once

#include <optional>
#include <string>

#include "core/api/codec.hpp"
#include "core/api/meta.hpp"

namespace errand::api {

struct Lease {
  ObjectMeta meta;
  std::string holder;  // empty: nobody's
  std::int32_t durationSeconds = 0;
  std::int32_t transitions = 0;
  std::optional<Time> acquireTime, renewTime;  // MicroTime
};

// With the whole spec; an empty holder is written as null, so that a merge patch takes it away.
nlohmann::json encode(const Lease& lease);

}  // namespace errand::api
