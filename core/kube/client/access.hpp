// Sends access questions to the API server's authorizers (SubjectAccessReview, authorization.k8s.io/v1), and
// caches their answers briefly.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "core/api/requester.hpp"
#include "core/base/guarded.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"

namespace errand::kube {

// An answer is valid for three seconds, unless the caller allows more. That covers a waiting caller and a
// burst of equal questions, and is no longer than the API server's own caches. At most 8,192 answers are
// kept. Safe to use from several threads.
class Access {
 public:
  // Both must outlive this object.
  Access(const Client& client, const Clock& clock) : client_(client), clock_(clock) {}

  // Returns the cached answer; nullopt if there is none or it has expired. Sends nothing.
  std::optional<bool> known(const api::AccessRequest& question);

  // Returns the cached answer if it is at most `maxAge` old; otherwise requests one from the API server. True
  // if the action is allowed and no authorizer denies it. Returns nullopt if the request fails. A failure is
  // not cached, and is logged unless it is Cancelled. A question without a user is about this process itself.
  std::optional<bool> ask(const api::AccessRequest& question, Millis maxAge = kKnownFor);

  // Drops every cached answer. Call it after a change of RBAC.
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
