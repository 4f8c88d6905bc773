// What the guards of requests may ask about the cluster, beside Views.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/requester.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::webhook {

struct SealKeys;  // webhook/guard/request/seal.hpp

// All must be set; each may be called several times for one review and must answer without blocking.
struct RequestViews {
  // Nothing where it is not known yet: see Outcome::asks.
  std::function<std::optional<bool>(const api::Question&)> may;
  // Null where there are none.
  std::function<std::shared_ptr<const SealKeys>()> sealKeys;
  // Another each time; of characters that a label may have.
  std::function<std::string()> nonce;
  // Those that have not ended and whose spec.workload is that one.
  std::function<std::vector<std::shared_ptr<const api::TaskGrant>>(std::string_view ns, std::string_view kind,
                                                                   std::string_view name)>
      grantsOfWorkload;
};

}  // namespace errand::webhook
