// Who may make the pods that receive a grant's credentials, and change what they run.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/view/admission.hpp"
#include "webhook/guard/request/authorization.hpp"

namespace errand::webhook {

// Of a Pod, or of a workload with a template of pods, at CREATE or where its template
// changes: its author has the verb `run` on the AgentIdentity of the grant that the
// pods' label names, of the base account that they run as, and of each grant that
// names this workload. The cluster's own controllers carry out what was checked.
RequestVerdict evaluateRun(const rules::AdmissionRequest& request, std::string_view kind,
                           std::string_view name, const rules::PodView& pod, const rules::Views& views,
                           const RequestViews& requests);

// Why the template of this workload must stay as it is now, if so (SC111).
std::optional<std::string> frozenTemplate(std::string_view ns, std::string_view kind, std::string_view name,
                                          const RequestViews& requests);

}  // namespace errand::webhook
