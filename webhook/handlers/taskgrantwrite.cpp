// CREATE and UPDATE of TaskGrants, in every namespace and mode. /mutate records the requester. /validate
// checks that record, and that the requester has the verb `request`.
#include <nlohmann/json.hpp>

#include "webhook/advice/forecast.hpp"
#include "webhook/guard/request/grant.hpp"
#include "webhook/guard/request/record.hpp"
#include "webhook/handlers/decoded.hpp"
#include "webhook/handlers/handler.hpp"
#include "webhook/outcome.hpp"

namespace errand::webhook {
namespace {

// Reads only the metadata. The API server checks the schema next, and reports a wrong field of
// the spec better.
Outcome record(const Call& call, const rules::TaskGrantWrite& request) {
  const auto object = decoded<api::PartialObject>(call.info.ns, request.object);
  if (!object) return refuse(call, "the TaskGrant cannot be read: " + object.error().message);
  if (request.old) {
    const auto old = decoded<api::PartialObject>(call.info.ns, *request.old);
    if (!old) return refuse(call, "the TaskGrant as it was cannot be read: " + old.error().message);
    return allow(call, restoreAtUpdate(*object, *old));
  }
  const auto patch = recordAtCreate(call.info, *object);
  return patch ? allow(call, *patch) : refuse(call, patch.error().message);
}

}  // namespace

Outcome handle(const Call& call, const rules::TaskGrantWrite& request) {
  if (call.path == Path::Mutate) return record(call, request);
  if (request.old) return allow(call);
  const auto grant = decoded<api::TaskGrant>(call.info.ns, request.object);
  if (!grant) return refuse(call, "the TaskGrant cannot be read: " + grant.error().message);
  Outcome out = answer(call, evaluateGrant(call.info, *grant, call.cluster, call.now));
  return out.allowed ? allow(call, forecastGrant(*grant, call.cluster, call.settings, call.now)) : out;
}

}  // namespace errand::webhook
