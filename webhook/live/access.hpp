// Asks the API server who may do what, beside the reviews that wait for it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/kube/client/access.hpp"
#include "webhook/live/beside.hpp"

namespace errand::webhook {

class AccessReviews {
 public:
  // Both outlive it.
  AccessReviews(const kube::Client& client, const Clock& clock);

  // Nothing where it is not known, or not any more.
  std::optional<bool> may(const api::AccessRequest& question) { return access_.known(question); }

  // Asks soon what is not known. What cannot be asked, or is too much (Line), stays unknown.
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
