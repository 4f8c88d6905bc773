#include "webhook/guard/request/grant.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/api/accounts.hpp"
#include "core/api/provenance.hpp"
#include "core/api/resource.hpp"
#include "rules/view/describe.hpp"
#include "webhook/guard/request/record.hpp"

namespace errand::webhook {
namespace {

constexpr Seconds kLongestWait{24 * 3600};
constexpr std::string_view kMastersWayOut =
    "membership of system:masters does not count for grants, because nobody can take it away while a grant "
    "runs; ask as a user who holds the verb by RBAC, such as a member of kubeadm:cluster-admins or by a "
    "RoleBinding to the ClusterRole errand-requester";

// A grant's account acts for its own task, so a grant that it creates must be a child of its own grant.
RequestVerdict parentOf(const api::Requester& who, const api::TaskGrant& grant,
                        const rules::ClusterState& cluster) {
  const auto account = api::accountOfUser(who.user);
  if (!account || !account->name.starts_with(api::kGrantAccountPrefix)) return {};
  const auto refuse = [](std::string text, std::optional<rules::NeedsGrant> needs = {}) {
    return RequestVerdict{.refusal = std::move(text), .needs = std::move(needs)};
  };
  if (account->ns != grant.meta.ns)
    return refuse(
        fmt::format("metadata.namespace: {} is a grant's account of namespace {}, and asks there alone",
                    rules::inQuotes(who.user), rules::inQuotes(account->ns)));
  const auto own = cluster.grantOfAccount(account->ns, account->name);
  if (!own)
    return refuse(fmt::format("spec.parentRef: {} belongs to no TaskGrant", rules::inQuotes(who.user)),
                  rules::NeedsGrant{grant.meta.ns, ""});
  if (!grant.spec.parent || grant.spec.parent->name != own->meta.name)
    return refuse(
        fmt::format("spec.parentRef: who asks is the account of TaskGrant {}, so that must be the parent: "
                    "write parentRef: {{name: {}, relation: Delegation or StepUp}}",
                    rules::inQuotes(own->meta.name), own->meta.name));
  return {};
}

}  // namespace

RequestVerdict evaluateGrant(const rules::RequestInfo& info, const api::TaskGrant& grant,
                             const rules::ClusterState& cluster, Time now) {
  if (auto refusal = notRecorded(info, grant.meta)) return {std::move(refusal), {}, {}};
  const api::Requester who = api::asRecorded(info.requester);
  if (auto verdict = parentOf(who, grant, cluster); verdict.refusal) return verdict;
  if (who.isServiceAccount() && !grant.spec.window.notAfter)
    return {
        "spec.window.notAfter: is required of a ServiceAccount, so that what a program asks for does not "
        "wait for ever; write until when the grant may start",
        {},
        {}};
  if (who.isServiceAccount() && *grant.spec.window.notAfter > now + kLongestWait)
    return {
        fmt::format("spec.window.notAfter: {} is more than {} away, the longest that what a program asks for "
                    "may wait; write an earlier time",
                    formatTime(*grant.spec.window.notAfter), formatDuration(kLongestWait)),
        {},
        {}};
  Authorization authorization(cluster, who, grant.meta.ns);
  if (std::ranges::find(info.requester.groups, api::kUnaccountableGroup) != info.requester.groups.end())
    authorization.require("spec.agentIdentityRef.name", "request", api::kAgentIdentities.group,
                          api::kAgentIdentities.plural, grant.spec.agentIdentity, kMastersWayOut);
  else
    authorization.require("spec.agentIdentityRef.name", "request", grant.spec.agentIdentity);
  return std::move(authorization).verdict();
}

}  // namespace errand::webhook
