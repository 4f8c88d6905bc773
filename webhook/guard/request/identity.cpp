#include "webhook/guard/request/identity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/api/resource.hpp"

namespace errand::webhook {
namespace {

using Names = std::vector<std::string>;

// Calls f(field, name) for what `now` has and `before` has not.
template <class F>
void added(const Names& now, const Names* before, const std::string& path, F f) {
  for (size_t i = 0; i < now.size(); ++i)
    if (before == nullptr || std::ranges::find(*before, now[i]) == before->end())
      f(fmt::format("{}[{}]", path, i), now[i]);
}

}  // namespace

RequestVerdict judgeIdentity(const api::AgentIdentity& identity, const api::AgentIdentity* old,
                             const api::Requester& author, const RequestViews& views) {
  Asking asking(views, author, identity.meta.ns);
  const auto bind = [&](const api::Resource& kind) {
    return [&asking, &kind](const std::string& field, const std::string& name) {
      asking.require(
          field, "bind", kind.group, kind.plural, name,
          "who lets an agent have a role must be allowed to bind it (RBAC verb bind on that role)");
    };
  };
  for (size_t i = 0; i < identity.toolClasses.size(); ++i) {
    const api::ToolClass& now = identity.toolClasses[i];
    const api::ToolClass* before = old == nullptr ? nullptr : old->toolClass(now.name);
    const std::string path = fmt::format("spec.toolClasses[{}].access.", i);
    const auto of = [&](Names api::Ceiling::* list) {
      return before == nullptr ? nullptr : &(before->access.*list);
    };
    using Access = api::Ceiling;
    added(now.access.roles, of(&Access::roles), path + "roles", bind(api::kRoles));
    added(now.access.clusterRoles, of(&Access::clusterRoles), path + "clusterRoles",
          bind(api::kClusterRoles));
    added(now.access.secrets, of(&Access::secrets), path + "secrets",
          [&](const std::string& field, const std::string& name) {
            asking.require(field, "get", api::kSecrets.group, api::kSecrets.plural, name,
                           "who lets an agent lease a Secret must be allowed to read it");
          });
  }
  return std::move(asking).verdict();
}

}  // namespace errand::webhook
