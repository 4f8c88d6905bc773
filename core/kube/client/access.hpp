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

// An answer counts for three seconds, unless the caller allows more: long enough for who waits for it and for
// a burst of the same, and no longer than the API server's own caches. Safe for several threads.
class Access {
 public:
  // Both outlive it.
  Access(const Client& client, const Clock& clock) : client_(client), clock_(clock) {}

  // Nothing where it is not known, or not any more. Does not block.
  std::optional<bool> known(const api::AccessRequest& question);

  // What is known and no older than `maxAge`, or else what the API server says now: allowed, and denied by no
  // authorizer. Nothing where that fails, which is logged and not remembered. A question without a user is
  // about this process itself (SelfSubjectAccessReview).
  std::optional<bool> ask(const api::AccessRequest& question, Millis maxAge = kKnownFor);

  // Every answer counts for nothing from now on: what RBAC says has changed.
  void forget() { answers_.access()->clear(); }

  static constexpr Millis kKnownFor{3'000};

 private:
  struct Answer {
    bool allowed = false;
    std::chrono::steady_clock::time_point at;
  };
  bool isOlder(const Answer& answer, Millis age) const { return clock_.monotonic() - answer.at > age; }
  std::optional<bool> known(const std::string& key, Millis maxAge);

  const Client& client_;
  const Clock& clock_;
  Guarded<std::unordered_map<std::string, Answer>> answers_;
};

}  // namespace errand::kube
