#include "rules/inject/eligible.hpp"

#include <fmt/format.h>

#include <array>

#include "core/policy/conditions.hpp"
#include "rules/inject/workload.hpp"
#include "rules/view/describe.hpp"

namespace errand::rules {
namespace {

using Reason = std::optional<std::string>;

Reason grantCannotStart(const api::TaskGrant& grant) {
  if (grant.meta.deletionTimestamp) return "is being deleted; create another grant";
  if (grant.spec.revokeReason) return "is revoked; create another grant";
  if (grant.terminal())
    return fmt::format("is {} and starts nothing any more; create another grant",
                       toString(*grant.status.phase));
  if (grant.spec.delivery == api::DeliveryMode::Slot)
    return fmt::format(
        "delivers into a slot (spec.delivery.mode); take the label {} off the pod and mount the slot's "
        "Secret",
        api::kGrantLabel);
  return std::nullopt;
}

Reason beyondIdentity(const PodView& pod, const api::TaskGrant& grant, const api::AgentIdentity& identity) {
  const auto& spec = grant.spec;
  const api::ToolClass* toolClass = identity.toolClass(spec.toolClass);
  if (toolClass == nullptr)
    return fmt::format("is for tool class \"{}\", which AgentIdentity \"{}\" does not have", spec.toolClass,
                       spec.agentIdentity);
  for (const std::string& audience : spec.access.audiences)
    if (toolClass->access.audience(audience) == nullptr)
      return fmt::format("asks for an audience beyond tool class \"{}\" (spec.access.audiences)",
                         spec.toolClass);
  if (!identity.podSelector.matches(pod.labels))
    return fmt::format("is of AgentIdentity \"{}\", whose spec.podSelector does not match this pod's labels",
                       spec.agentIdentity);
  return std::nullopt;
}

// The ServiceAccount admission sets this account if the pod names no account.
constexpr std::string_view kDefaultAccount = "default";

Reason foreignAccount(const PodView& pod, const api::TaskGrant& grant) {
  const std::string& account = pod.account();
  const std::array<std::string, 2> mayBe = {
      api::grantAccountName(grant.meta.uid),
      api::baseAccountName(grant.spec.agentIdentity, grant.spec.toolClass)};
  if (account.empty() || account == kDefaultAccount || account == mayBe[0] || account == mayBe[1])
    return std::nullopt;
  return "runs its pod as an account of its own, and the pod names another; leave spec.serviceAccountName "
         "out";
}

Reason cannotWait(const PodView& pod) {
  if (pod.nodeName.empty()) return std::nullopt;
  return "must wait at its gate, and spec.nodeName says that the pod does not; leave it out";
}

std::string notAccepted(const api::TaskGrant& grant) {
  const api::Condition* stalled = api::findCondition(grant.status.conditions, policy::kStalled);
  if (stalled == nullptr || stalled->status != api::ConditionStatus::True)
    return "has no ServiceAccount yet; try again in a moment";
  return fmt::format("is stalled ({}): {}", printable(stalled->reason), printable(stalled->message));
}

Error refusal(ErrorKind kind, const api::TaskGrant& grant, std::string_view reason) {
  return {kind, fmt::format("TaskGrant \"{}\" {}", grant.meta.name, reason)};
}

}  // namespace

std::optional<Error> notEligible(const PodView& pod, const api::TaskGrant& grant,
                                 const api::AgentIdentity* identity, std::string_view user) {
  for (const Reason& reason : {grantCannotStart(grant), notOfWorkload(pod, grant, user),
                               foreignAccount(pod, grant), cannotWait(pod)})
    if (reason) return refusal(ErrorKind::Forbidden, grant, *reason);
  if (identity == nullptr)
    return refusal(
        ErrorKind::NotFound, grant,
        fmt::format("is for AgentIdentity \"{}\", which does not exist", grant.spec.agentIdentity));
  if (const Reason reason = beyondIdentity(pod, grant, *identity))
    return refusal(ErrorKind::Forbidden, grant, *reason);
  if (grant.status.serviceAccount.uid.empty()) return refusal(ErrorKind::NotFound, grant, notAccepted(grant));
  return std::nullopt;
}

}  // namespace errand::rules
