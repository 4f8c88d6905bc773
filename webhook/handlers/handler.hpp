// The handlers of review(), one for each type of request. Each allows its request, unless it acts on this
// path and mode.
#pragma once

#include "rules/catalogue/rule.hpp"
#include "rules/view/admission.hpp"
#include "webhook/review.hpp"

namespace errand::webhook {

// The input of a handler besides the request. The references must outlive it.
struct Call {
  Path path;
  const rules::RequestInfo& info;
  const rules::ClusterState& cluster;
  const rules::RuleSettings& settings;
  Time now;

  rules::CheckContext context() const { return {info.ns, info.requester.user, cluster, settings}; }
  bool isOperators() const { return settings.isOperator(info.requester.user); }
  // Returns the mode of the namespace. If the cache does not know the namespace or has it as Off, the
  // cache is outdated, because the API server sends requests only of enrolled namespaces. Both
  // therefore mean Enforce.
  rules::Mode mode() const;
};

Outcome handle(const Call& call, const rules::Unchecked& request);
Outcome handle(const Call& call, const rules::Unreadable& request);
Outcome handle(const Call& call, const rules::PodCreate& request);
Outcome handle(const Call& call, const rules::PodUpdate& request);
Outcome handle(const Call& call, const rules::EphemeralContainersUpdate& request);
Outcome handle(const Call& call, const rules::ObjectWrite& request);
Outcome handle(const Call& call, const rules::TaskGrantWrite& request);
Outcome handle(const Call& call, const rules::AgentIdentityWrite& request);
Outcome handle(const Call& call, const rules::TokenCreate& request);

}  // namespace errand::webhook
