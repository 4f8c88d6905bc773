// Checks which roles the operator may bind, by a SelfSubjectAccessReview of the verb `bind` on the role.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "core/kube/client/access.hpp"

namespace errand::control {

// Answers whether the operator may bind a role, and caches the answers for three seconds. Safe to use
// from several threads.
class BindRights {
 public:
  // `client` and `clock` must outlive this object.
  BindRights(const kube::Client& client, const Clock& clock) : access_(client, clock) {}

  // Returns whether the operator may bind the role in namespace `ns`; nullopt if the API server did not
  // answer. May block for a call.
  std::optional<bool> may(const std::string& ns, const api::RoleRef& role);
  // Drops the cached answers after a change of RBAC.
  void forget() { access_.forget(); }

 private:
  kube::Access access_;
  const api::Asker self_;  // this process itself: no user
};

}  // namespace errand::control
