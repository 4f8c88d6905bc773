#include "webhook/guard/request/identity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/api/resource.hpp"
#include "webhook/view/describe.hpp"

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

// The class whose slot the Secret is, where one of `identity` has it.
const api::ToolClass* slotOf(const api::AgentIdentity& identity, std::string_view secret) {
  const auto it = std::ranges::find(identity.toolClasses, secret, &api::ToolClass::slotSecretName);
  return it == identity.toolClasses.end() ? nullptr : &*it;
}

// Whose slot a class must not take, if there is such: pods that run as that class may mount it already.
std::optional<std::string> takenFrom(const api::AgentIdentity& identity, const api::AgentIdentity* old,
                                     std::string_view secret, const Views& views) {
  if (const api::ToolClass* c = old == nullptr ? nullptr : slotOf(*old, secret))
    return fmt::format("was the slot of tool class {}, whose pods may still mount it", inQuotes(c->name));
  for (const auto& other : views.identities(identity.meta.ns))
    if (other->meta.name != identity.meta.name)
      if (const api::ToolClass* c = slotOf(*other, secret))
        return fmt::format("is the slot of tool class {} of AgentIdentity {}", inQuotes(c->name),
                           inQuotes(other->meta.name));
  return std::nullopt;
}

bool holdsAll(const api::LabelSelector& now, const api::LabelSelector& before) {
  return std::ranges::includes(now.matchLabels, before.matchLabels) &&
         std::ranges::all_of(before.matchExpressions, [&](const auto& wanted) {
           return std::ranges::find(now.matchExpressions, wanted) != now.matchExpressions.end();
         });
}

// The field by which all tool classes together may do more than before; empty: none.
std::string opened(const api::AgentIdentity& now, const api::AgentIdentity& before) {
  if (before.suspended && !now.suspended) return "spec.state";
  if (before.expiresAt && (!now.expiresAt || *now.expiresAt > *before.expiresAt)) return "spec.expiresAt";
  if (!holdsAll(now.podSelector, before.podSelector)) return "spec.podSelector";
  return "";
}

// The same of one tool class, the field below it; names of roles and Secrets aside.
std::string widened(const api::ToolClass& now, const api::ToolClass& before) {
  if (now.risk > before.risk) return "risk";
  if (now.leastRisk() < before.leastRisk()) return "minimumRisk";
  if (now.maxDuration > before.maxDuration) return "maxDuration";
  if (now.maxActiveGrants > before.maxActiveGrants) return "maxActiveGrants";
  if (now.approvalsRequired < before.approvalsRequired) return "approval.required";
  if (!now.slotSecretName.empty() && now.slotSecretName != before.slotSecretName) return "slot.secretName";
  for (const api::Audience& audience : now.access.audiences)
    if (std::ranges::find(before.access.audiences, audience) == before.access.audiences.end())
      return "access.audiences";
  return "";
}

}  // namespace

RequestVerdict judgeIdentity(const api::AgentIdentity& identity, const api::AgentIdentity* old,
                             const api::Requester& author, const Views& views, const RequestViews& requests) {
  Asking asking(requests, author, identity.meta.ns);
  const std::string openedBy = old == nullptr ? "" : opened(identity, *old);
  for (size_t i = 0; i < identity.toolClasses.size(); ++i) {
    const api::ToolClass& now = identity.toolClasses[i];
    const api::ToolClass* before = old == nullptr ? nullptr : old->toolClass(now.name);
    const std::string& slot = now.slotSecretName;
    if (!slot.empty() && (before == nullptr || before->slotSecretName != slot))
      if (const auto whose = takenFrom(identity, old, slot, views))
        asking.refuse(
            fmt::format("spec.toolClasses[{}].slot.secretName: {} {}; choose a name that no other has", i,
                        inQuotes(slot), *whose));
    const std::string widenedBy = before == nullptr ? "" : widened(now, *before);
    const std::string more = !openedBy.empty() || widenedBy.empty()
                                 ? openedBy
                                 : fmt::format("spec.toolClasses[{}].{}", i, widenedBy);
    if (!more.empty()) before = nullptr;  // as if all of it were given anew
    const auto why = [&](std::string_view rule) {
      return more.empty() ? std::string(rule) : fmt::format("{} gives more than before, and {}", more, rule);
    };
    const auto bind = [&](const api::Resource& kind) {
      return [&](const std::string& field, const std::string& name) {
        asking.require(
            field, "bind", kind.group, kind.plural, name,
            why("who lets an agent have a role must be allowed to bind it (RBAC verb bind on that role)"));
      };
    };
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
                           why("who lets an agent lease a Secret must be allowed to read it"));
          });
  }
  return std::move(asking).verdict();
}

}  // namespace errand::webhook
