// Asks the API server's authorizers on threads of its own, while the reviews wait for the answers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/kube/client/access.hpp"
#include "webhook/cluster/beside.hpp"

namespace errand::webhook {

class AccessReviews {
 public:
  // Both arguments must outlive this object.
  AccessReviews(const kube::Client& client, const Clock& clock);

  // Returns nothing if the answer is not known or has expired.
  std::optional<bool> may(const api::AccessRequest& question) { return access_.known(question); }

  // Queues the questions whose answer is not known. A question that fails, or does not fit (Line), stays
  // unknown.
  void want(const std::vector<api::AccessRequest>& questions, const Behalf& behalf = {});

 private:
  struct Keyed {
    std::string key;
    api::AccessRequest question;
    bool operator<(const Keyed& other) const { return key < other.key; }
  };

  kube::Access access_;
  Beside<Keyed> beside_;  // last: its threads end before the rest goes
};

}  // namespace errand::webhook
