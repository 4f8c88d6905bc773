// Requests that no rule or guard looks at, and those that cannot be read.
#include "webhook/handlers/handler.hpp"
#include "webhook/outcome.hpp"

namespace errand::webhook {

Outcome handle(const Call& call, const rules::Unchecked&) { return allow(call); }

// The validating half rejects such a request in every mode. The mutating half completes pods in mode Enforce
// only.
Outcome handle(const Call& call, const rules::Unreadable& request) {
  if (call.path == Path::Mutate && call.mode() != rules::Mode::Enforce) return allow(call);
  return refuse(call, request.message);
}

}  // namespace errand::webhook
