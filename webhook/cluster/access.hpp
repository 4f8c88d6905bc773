// Sends access questions to the API server on its own threads, while the reviews wait for the answers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/kube/client/access.hpp"
#include "webhook/cluster/beside.hpp"

namespace errand::webhook {

// Answers access questions from a cache, and fills the cache on request. Safe to use from several threads.
class AccessReviews {
 public:
  // Both arguments must outlive this object.
  AccessReviews(const kube::Client& client, const Clock& clock);

  // Returns the cached answer; nullopt if there is none, or it is older than three seconds. Does not block.
  std::optional<bool> may(const api::AccessRequest& question) { return access_.known(question); }

  // Queues the questions. A question whose call fails, or that the full queue drops (Line), stays unknown.
  // Does not block.
  void want(const std::vector<api::AccessRequest>& questions, const Behalf& behalf = {});

 private:
  struct Keyed {
    std::string key;
    api::AccessRequest question;
    bool operator<(const Keyed& other) const { return key < other.key; }
  };

  kube::Access access_;
  Beside<Keyed> beside_;  // last: its threads end before the other members are destroyed
};

}  // namespace errand::webhook
