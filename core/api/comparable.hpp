// Texts that are equal where a difference between two objects means nothing for the access of an agent.
#pragma once

#include <string>

namespace errand {
class JsonNode;
}

namespace errand::api {

// Returns the pod template of a Job, without the fields that a queue such as Kueue sets before it resumes the
// Job (https://kubernetes.io/docs/concepts/workloads/controllers/job/#mutable-scheduling-directives):
// nodeSelector, tolerations, affinity and schedulingGates, and labels and annotations in the domains k8s.io
// and kubernetes.io. The API server rejects such a change unless the Job is suspended. Other labels and
// annotations stay, because injectors act on them.
std::string comparableJobTemplate(const JsonNode& podTemplate);

// Returns the rules of a role: the same text for the same rules in another order, or with their groups,
// resources, verbs or names in another order.
std::string comparableRules(const JsonNode& role);

}  // namespace errand::api
