// Checks the requester of a grant: reads the record that admission has made, and asks the authorizers again.
#pragma once

#include "core/kube/client/access.hpp"
#include "operator/plan/observed.hpp"

namespace errand::control {

// Checks whether the requester of a grant still has the verb `request`, and caches the answers. Safe to use
// from several threads.
class RequesterCheck {
 public:
  // `client` and `clock` must outlive this object.
  RequesterCheck(const kube::Client& client, const Clock& clock) : access_(client, clock) {}

  // Returns the requester and the answer. May block for a call. The answer for a started grant may be 60 s
  // old, that for another grant 3 s.
  plan::Provenance check(const api::TaskGrant& grant);

  // Drops the cached answers after a change of RBAC.
  void forget() { access_.forget(); }

 private:
  kube::Access access_;
};

}  // namespace errand::control
