// Requests that no rule or guard checks, and requests that cannot be read.
#include "webhook/handlers/handler.hpp"
#include "webhook/outcome.hpp"

namespace errand::webhook {

Outcome handle(const Call& call, const rules::Unchecked&) { return allow(call); }

// /validate rejects such a request in every mode. /mutate completes pods only in mode Enforce.
Outcome handle(const Call& call, const rules::Unreadable& request) {
  if (call.path == Path::Mutate && call.mode() != rules::Mode::Enforce) return allow(call);
  return refuse(call, request.message);
}

}  // namespace errand::webhook
