// Which roles the operator may bind, as RBAC says it of the verb `bind` and the role's name.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "core/kube/client/access.hpp"

namespace errand::control {

class BindRights {
 public:
  // Both outlive it.
  BindRights(const kube::Client& client, const Clock& clock) : access_(client, clock) {}

  // None where the API server could not be asked.
  std::optional<bool> may(const std::string& ns, const api::RoleRef& role);
  void forget() { access_.forget(); }

 private:
  kube::Access access_;
};

}  // namespace errand::control
