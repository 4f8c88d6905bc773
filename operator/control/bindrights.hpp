// Checks which roles the operator may bind, by RBAC on the verb `bind` and the role's name.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "core/kube/client/access.hpp"

namespace errand::control {

// Answers whether the operator may bind a role, and caches the answers.
class BindRights {
 public:
  // `client` and `clock` must outlive this object.
  BindRights(const kube::Client& client, const Clock& clock) : access_(client, clock) {}

  // Returns nullopt if the API server did not answer.
  std::optional<bool> may(const std::string& ns, const api::RoleRef& role);
  void forget() { access_.forget(); }

 private:
  kube::Access access_;
  const api::Asker self_;  // this process itself: no user
};

}  // namespace errand::control
