// Decides which users may create the pods that receive a grant's credentials, and change what they run.
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
// - that of the grant that the pods' label names
// - that of the base account that the pods run as
// - that of each grant that names this workload
//
// The cluster's own controllers need no verb, because they create only what admission has checked before.
RequestVerdict evaluateRun(const rules::RequestInfo& info, std::string_view kind, std::string_view name,
                           const rules::PodView& pod, const rules::ClusterState& cluster);

// Returns why the template of this workload must not change at this time; nullopt if it may (SC111).
std::optional<rules::Finding> frozenTemplate(std::string_view ns, std::string_view kind,
                                             std::string_view name, const rules::ClusterState& cluster);

}  // namespace errand::webhook
