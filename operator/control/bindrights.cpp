#include "operator/control/bindrights.hpp"

#include "core/api/resource.hpp"

namespace errand::control {

std::optional<bool> BindRights::may(const std::string& ns, const api::RoleRef& role) {
  const api::Resource& kind = role.kind == "ClusterRole" ? api::kClusterRoles : api::kRoles;
  return access_.ask({.who = self_,
                      .verb = "bind",
                      .group = std::string(kind.group),
                      .resource = std::string(kind.plural),
                      .ns = ns,
                      .name = role.name});
}

}  // namespace errand::control
