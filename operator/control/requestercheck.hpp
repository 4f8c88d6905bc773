// Checks the requester of a grant: reads the record of admission, and checks RBAC again.
#pragma once

#include "core/kube/client/access.hpp"
#include "operator/plan/observed.hpp"

namespace errand::control {

// Checks whether the requester of a grant still holds the verb `request`, and caches the answers.
class RequesterCheck {
 public:
  // `client` and `clock` must outlive this object.
  RequesterCheck(const kube::Client& client, const Clock& clock) : access_(client, clock) {}

  plan::Provenance check(const api::TaskGrant& grant);

  // Drops the cached answers after a change of RBAC.
  void forget() { access_.forget(); }

 private:
  kube::Access access_;
};

}  // namespace errand::control
