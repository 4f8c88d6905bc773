// UPDATE of pods and pods/status: rejects an update that removes a grant's gate or changes an image of an
// agent's pod. The string rules check what the update adds.
#include "core/api/accounts.hpp"
#include "rules/catalogue/literal/added.hpp"
#include "webhook/guard/gate.hpp"
#include "webhook/handlers/handler.hpp"
#include "webhook/outcome.hpp"

namespace errand::webhook {

Outcome handle(const Call& call, const rules::PodUpdate& request) {
  if (call.path == Path::Mutate) return allow(call);
  const auto& [pod, old] = request;
  if (const auto refusal = refusedUpdate(pod, old, call.isOperators())) return refuse(call, *refusal);
  if (!api::isAgentAccount(old.account())) return allow(call);
  return answer(call, evaluateAdded(call.context(), pod, old), {"Pod", pod.name, &pod}, call.mode());
}

}  // namespace errand::webhook
