// Questions to the API server's authorizers (SubjectAccessReview, authorization.k8s.io/v1), and their answers
// for a moment.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "core/api/requester.hpp"
#include "core/base/guarded.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"

namespace errand::kube {

// An answer counts for three seconds: long enough for who waits for it and for a burst of the same, and no
// longer than the API server's own caches. Safe for several threads.
class Access {
 public:
  // Both outlive it.
  Access(const Client& client, const Clock& clock) : client_(client), clock_(clock) {}

  // Nothing where it is not known, or not any more. Does not block.
  std::optional<bool> known(const api::Question& question);

  // What is known, or else what the API server says now: allowed, and denied by no authorizer. Nothing where
  // that fails, which is logged and not remembered.
  std::optional<bool> ask(const api::Question& question);

 private:
  struct Answer {
    bool allowed = false;
    std::chrono::steady_clock::time_point at;
  };
  bool isOld(const Answer& answer) const;

  const Client& client_;
  const Clock& clock_;
  Guarded<std::unordered_map<std::string, Answer>> answers_;
};

}  // namespace errand::kube
