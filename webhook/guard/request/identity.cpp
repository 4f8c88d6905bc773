#include "webhook/guard/request/identity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/api/resource.hpp"
#include "core/policy/dangerous.hpp"
#include "rules/view/describe.hpp"

namespace errand::webhook {
namespace {

// A virtual resource: the API server stores no such object, and only RBAC uses the name.
constexpr std::string_view kAudiences = "audiences";

// True if an entry gives no more access than the previous one. Accepting a role's danger gives more.
bool within(const auto& now, const auto& before) { return now == before; }
bool within(const api::AllowedRole& now, const api::AllowedRole& before) {
  return now.name == before.name && (before.dangerAccepted || !now.dangerAccepted);
}

// Calls f(field, entry) for each entry of `now` that no entry of `before` covers.
template <class T, class F>
void added(const std::vector<T>& now, const std::vector<T>* before, const std::string& path, F f) {
  for (size_t i = 0; i < now.size(); ++i)
    if (before == nullptr || std::ranges::none_of(*before, [&](const T& was) { return within(now[i], was); }))
      f(fmt::format("{}[{}]", path, i), now[i]);
}

// Returns the tool class of `identity` that has this Secret as its slot; null if there is none.
const api::ToolClass* slotOf(const api::AgentIdentity& identity, std::string_view secret) {
  const auto it = std::ranges::find(identity.toolClasses, secret, &api::ToolClass::slotSecretName);
  return it == identity.toolClasses.end() ? nullptr : &*it;
}

// Returns why a tool class may not take this Secret as its slot: it is or was the slot of another one, whose
// pods may mount it. Returns nullopt if it may.
std::optional<std::string> takenFrom(const api::AgentIdentity& identity, const api::AgentIdentity* old,
                                     std::string_view secret, const rules::ClusterState& cluster) {
  if (const api::ToolClass* c = old == nullptr ? nullptr : slotOf(*old, secret))
    return fmt::format("was the slot of tool class {}, whose pods may still mount it",
                       rules::inQuotes(c->name));
  for (const auto& other : cluster.identities(identity.meta.ns))
    if (other->meta.name != identity.meta.name)
      if (const api::ToolClass* c = slotOf(*other, secret))
        return fmt::format("is the slot of tool class {} of AgentIdentity {}", rules::inQuotes(c->name),
                           rules::inQuotes(other->meta.name));
  return std::nullopt;
}

bool holdsAll(const api::LabelSelector& now, const api::LabelSelector& before) {
  return std::ranges::includes(now.matchLabels, before.matchLabels) &&
         std::ranges::all_of(before.matchExpressions, [&](const auto& wanted) {
           return std::ranges::find(now.matchExpressions, wanted) != now.matchExpressions.end();
         });
}

// Returns the field that lets all tool classes do more than before; empty if there is none.
std::string opened(const api::AgentIdentity& now, const api::AgentIdentity& before) {
  if (before.suspended && !now.suspended) return "spec.state";
  if (before.expiresAt && (!now.expiresAt || *now.expiresAt > *before.expiresAt)) return "spec.expiresAt";
  if (!holdsAll(now.podSelector, before.podSelector)) return "spec.podSelector";
  return "";
}

// Returns the field that lets one tool class do more. Does not compare roles, audiences and Secrets.
std::string widened(const api::ToolClass& now, const api::ToolClass& before) {
  if (now.risk > before.risk) return "risk";
  if (now.leastRisk() < before.leastRisk()) return "minimumRisk";
  if (now.maxDuration > before.maxDuration) return "maxDuration";
  if (now.maxActiveGrants > before.maxActiveGrants) return "maxActiveGrants";
  if (now.approvalsRequired < before.approvalsRequired) return "approval.required";
  if (!now.slotSecretName.empty() && now.slotSecretName != before.slotSecretName) return "slot.secretName";
  return "";
}

// A role that this write adds to a tool class without accepting the role's danger.
struct NamedRole {
  std::string field;
  api::RoleRef role;
};

// Checks the current rules of the roles. If a Role is written later, SC302 checks it, and the operator checks
// all roles before it binds them. Roles are read in batches, like the questions of Authorization. After a
// batch with a refusal, no other follows.
RequestVerdict evaluateRoles(const std::vector<NamedRole>& named, const std::string& ns,
                             const rules::ClusterState& cluster) {
  RequestVerdict out;
  Refusals refusals;
  size_t read = 0;
  for (const auto& [field, role] : named) {
    if (out.roles.size() >= Authorization::kAtOnce) break;
    rules::RoleKey key{role, role.kind == "Role" ? ns : ""};
    const auto facts = cluster.role(key);
    if (facts) ++read;
    if (!facts) {
      out.roles.push_back(std::move(key));
      out.refusal = fmt::format("{}: the API server has not shown {} {} in time; try again", field, role.kind,
                                rules::inQuotes(role.name));
    } else if (!facts->dangers.empty()) {
      const policy::Danger& danger = facts->dangers.front();
      refusals.add(fmt::format(
          "{}: [SC302] {} {} {} (rules[{}]); name a role without that, or let the tool class accept it by "
          "{{name: {}, dangerous: Accepted}}. See docs/rules/SC302.md",
          field, role.kind, rules::inQuotes(role.name), rules::inWords(danger), danger.rule,
          rules::printable(role.name)));
    }
  }
  if (!refusals.empty()) {
    out.refusal = refusals.text();
    if (read >= Authorization::kAtOnce) out.roles.clear();
  }
  return out;
}

// The limits of the schema. A client that calls this port directly bypasses the schema.
constexpr size_t kMostClasses = 16, kMostNames = 16, kMostAudiences = 8;

bool isTooLong(const api::AgentIdentity& identity) {
  return identity.toolClasses.size() > kMostClasses ||
         std::ranges::any_of(identity.toolClasses, [](const api::ToolClass& c) {
           return c.access.roles.size() > kMostNames || c.access.clusterRoles.size() > kMostNames ||
                  c.access.secrets.size() > kMostNames || c.access.audiences.size() > kMostAudiences;
         });
}

}  // namespace

RequestVerdict evaluateIdentity(const api::AgentIdentity& identity, const api::AgentIdentity* old,
                                const api::Requester& author, const rules::ClusterState& cluster) {
  if (isTooLong(identity))
    return {
        .refusal = fmt::format(
            "spec.toolClasses: {} classes, and in each {} roles, clusterRoles and secrets and {} audiences, "
            "are the most; make several AgentIdentities of it",
            kMostClasses, kMostNames, kMostAudiences)};
  if (old != nullptr && isTooLong(*old)) old = nullptr;
  Authorization authorization(cluster, author, identity.meta.ns);
  const std::string openedBy = old == nullptr ? "" : opened(identity, *old);
  bool opens = old == nullptr || !openedBy.empty();
  std::vector<NamedRole> named;
  for (size_t i = 0; i < identity.toolClasses.size(); ++i) {
    const api::ToolClass& now = identity.toolClasses[i];
    const api::ToolClass* before = old == nullptr ? nullptr : old->toolClass(now.name);
    const std::string& slot = now.slotSecretName;
    if (!slot.empty() && (before == nullptr || before->slotSecretName != slot))
      if (const auto whose = takenFrom(identity, old, slot, cluster))
        authorization.refuse(
            fmt::format("spec.toolClasses[{}].slot.secretName: {} {}; choose a name that no other has", i,
                        rules::inQuotes(slot), *whose));
    const std::string widenedBy = before == nullptr ? "" : widened(now, *before);
    const std::string more = !openedBy.empty() || widenedBy.empty()
                                 ? openedBy
                                 : fmt::format("spec.toolClasses[{}].{}", i, widenedBy);
    if (!more.empty()) before = nullptr;  // all access then counts as added by this write
    opens = opens || before == nullptr;
    const auto why = [&](std::string_view rule) {
      return more.empty() ? std::string(rule) : fmt::format("{} gives more than before, and {}", more, rule);
    };
    const auto bind = [&](const api::Resource& kind) {
      return [&](const std::string& field, const api::AllowedRole& role) {
        opens = true;
        if (!role.dangerAccepted) named.push_back({field, {std::string(kind.kind), role.name}});
        authorization.require(
            field, "bind", kind.group, kind.plural, role.name,
            why("who lets an agent have a role must be allowed to bind it (RBAC verb bind on that role)"));
      };
    };
    const std::string path = fmt::format("spec.toolClasses[{}].access.", i);
    const auto of = [&](auto api::Ceiling::* list) {
      return before == nullptr ? nullptr : &(before->access.*list);
    };
    using Access = api::Ceiling;
    added(now.access.roles, of(&Access::roles), path + "roles", bind(api::kRoles));
    added(now.access.clusterRoles, of(&Access::clusterRoles), path + "clusterRoles",
          bind(api::kClusterRoles));
    added(now.access.secrets, of(&Access::secrets), path + "secrets",
          [&](const std::string& field, const std::string& name) {
            opens = true;
            authorization.require(field, "get", api::kSecrets.group, api::kSecrets.plural, name,
                                  why("who lets an agent lease a Secret must be allowed to read it"));
          });
    added(now.access.audiences, of(&Access::audiences), path + "audiences",
          [&](const std::string& field, const api::Audience& audience) {
            opens = true;
            authorization.require(
                field, "grant", api::kAgentIdentities.group, kAudiences, audience.name,
                why(fmt::format("an author may give an agent tokens for an audience only with a Role "
                                "that has {{apiGroups: [errand.dev], resources: [audiences], "
                                "resourceNames: [{}], verbs: [grant]}}",
                                rules::inQuotes(audience.name))));
          });
  }
  if (opens)
    authorization.require("metadata.name", "define", api::kAgentIdentities.group,
                          api::kAgentIdentities.plural, identity.meta.name,
                          "an author may give an agent more than before only with the verb define on its "
                          "AgentIdentity; ask for a RoleBinding to the ClusterRole errand-author");
  RequestVerdict verdict = std::move(authorization).verdict();
  // Reads roles only for an author who may name them.
  return verdict.refusal ? verdict : evaluateRoles(named, identity.meta.ns, cluster);
}

}  // namespace errand::webhook
