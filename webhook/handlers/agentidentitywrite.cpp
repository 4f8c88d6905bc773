// CREATE and UPDATE of AgentIdentities, in every namespace and mode: the author must have the rights that the
// write gives to the agent.
#include <nlohmann/json.hpp>

#include "webhook/guard/request/identity.hpp"
#include "webhook/handlers/decoded.hpp"
#include "webhook/handlers/handler.hpp"
#include "webhook/outcome.hpp"

namespace errand::webhook {

Outcome handle(const Call& call, const rules::AgentIdentityWrite& request) {
  if (call.path == Path::Mutate) return allow(call);
  const auto identity = decoded<api::AgentIdentity>(call.info.ns, request.object);
  if (!identity) return refuse(call, "the AgentIdentity cannot be read: " + identity.error().message);
  // If the old object cannot be read, all access counts as added.
  const auto old = request.old ? decoded<api::AgentIdentity>(call.info.ns, *request.old)
                               : fail(ErrorKind::NotFound, "there is none");
  return answer(call, evaluateIdentity(*identity, old ? &*old : nullptr, call.info.requester, call.cluster));
}

}  // namespace errand::webhook
