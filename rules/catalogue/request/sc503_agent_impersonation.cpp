// SC503. Only a policy checks it. The rule therefore applies while the webhook is down, and does not
// block its repair.
#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI9", "ASI03"};

}  // namespace

constinit const Rule kAgentImpersonation = {
    .id = "SC503",
    .slug = "agent-impersonation",
    .title = "Nobody must act under the name of an agent's account without a token of it",
    .why =
        "If a person impersonates an agent's account, the audit log shows the agent as the author. "
        "Impersonation also needs no grant.",
    .fix = "act under your own name",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused = R"(In every mode, the policy rejects every write and CONNECT by
`system:serviceaccount:<namespace>:errand-a.…` or `…:errand-g.…` if the user info lacks
`authentication.kubernetes.io/credential-id`. The API server sets that field from the token's own
`jti`; plain impersonation has none.

```
kubectl --as system:serviceaccount:agents:errand-g.3f2b8c1e9a4d4c7e8b21 delete pod web   # refused
```)",
    .allowed = "Requests with a token of the account. Admission does not see reads; RBAC limits them.",
    .policy = "errand-agent-impersonation",
    .exemptible = false};

}  // namespace errand::rules
