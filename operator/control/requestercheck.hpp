// Who asked for grants: what admission recorded, and RBAC asked again.
#pragma once

#include "core/kube/client/access.hpp"
#include "operator/plan/observed.hpp"

namespace errand::control {

class RequesterCheck {
 public:
  // Both outlive it.
  RequesterCheck(const kube::Client& client, const Clock& clock) : access_(client, clock) {}

  plan::Provenance check(const api::TaskGrant& grant);

  // What RBAC says has changed.
  void forget() { access_.forget(); }

 private:
  kube::Access access_;
};

}  // namespace errand::control
