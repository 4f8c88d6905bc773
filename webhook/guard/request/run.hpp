// Decides which users may create the pods that receive a grant's credentials, or change their templates.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/catalogue/rule.hpp"
#include "rules/view/admission.hpp"
#include "webhook/guard/request/authorization.hpp"

namespace errand::webhook {

// Checks a Pod, or a workload with a pod template, at CREATE or when its template changes. The author needs
// the verb `run` on these AgentIdentities:
// - that of the base account that the pods run as
// - that of each grant that names this workload and has not ended
// - that of the grant that the pods' label names; all of them, if the cache does not have that grant
//
// The cluster's own controllers need no verb, because admission has checked the objects that they act on.
RequestVerdict evaluateRun(const rules::RequestInfo& info, std::string_view kind, std::string_view name,
                           const rules::PodView& pod, const rules::ClusterState& cluster);

// Returns why the template of this workload must not change (SC111): a grant that names it is Active. Returns
// nullopt if it may change.
std::optional<rules::Finding> frozenTemplate(std::string_view ns, std::string_view kind,
                                             std::string_view name, const rules::ClusterState& cluster);

}  // namespace errand::webhook
