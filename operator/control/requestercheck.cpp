#include "operator/control/requestercheck.hpp"

#include "core/api/resource.hpp"

namespace errand::control {

plan::Provenance RequesterCheck::check(const api::TaskGrant& grant) {
  // A change of RBAC drops the cached answers, so a started grant may use older ones.
  constexpr Millis kWhileStarted{60'000};
  plan::Provenance out;
  out.checked = true;
  out.requester = api::recordedRequester(grant.meta);
  if (!out.requester) return out;
  out.mayRequest = access_.ask({.who = *out.requester,
                                .verb = "request",
                                .group = std::string(api::kAgentIdentities.group),
                                .resource = std::string(api::kAgentIdentities.plural),
                                .ns = grant.meta.ns,
                                .name = grant.spec.agentIdentity},
                               grant.status.startedAt ? kWhileStarted : kube::Access::kKnownFor);
  return out;
}

}  // namespace errand::control
