// CREATE of serviceaccounts/token: a grant's account gets tokens only while its grant is Active. The
// operator's requests are not checked, because it also requests the tokens that prove an end.
#include "core/api/accounts.hpp"
#include "webhook/guard/token.hpp"
#include "webhook/handlers/handler.hpp"
#include "webhook/outcome.hpp"

namespace errand::webhook {

Outcome handle(const Call& call, const rules::TokenCreate&) {
  const std::string& account = call.info.name;
  if (call.path == Path::Mutate || !account.starts_with(api::kGrantAccountPrefix) || call.isOperators())
    return allow(call);
  return answer(call, evaluateToken(call.info.ns, account, call.cluster, call.now));
}

}  // namespace errand::webhook
