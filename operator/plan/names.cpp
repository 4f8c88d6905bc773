#include "operator/plan/names.hpp"

#include "core/base/crypto.hpp"

namespace errand::plan {

std::string bindingName(std::string_view grantUid, const api::RoleRef& role) {
  return api::grantAccountName(grantUid) + "." + sha256Hex(role.kind + "/" + role.name).substr(0, 10);
}

std::vector<std::pair<api::RoleRef, std::string>> wantedRoles(const api::TaskGrantSpec& spec) {
  std::vector<std::pair<api::RoleRef, std::string>> out;
  for (size_t i = 0; i < spec.access.roles.size(); ++i)
    out.push_back({{"Role", spec.access.roles[i]}, "spec.access.roles[" + std::to_string(i) + "]"});
  for (size_t i = 0; i < spec.access.clusterRoles.size(); ++i)
    out.push_back({{"ClusterRole", spec.access.clusterRoles[i]},
                   "spec.access.clusterRoles[" + std::to_string(i) + "]"});
  return out;
}

}  // namespace errand::plan
