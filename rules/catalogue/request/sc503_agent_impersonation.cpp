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
    .why = "Impersonation makes the audit log tell of an agent what a person did, and needs no grant.",
    .fix = "act under your own name",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused = R"(Refused is every write and CONNECT by `system:serviceaccount:<namespace>:errand-a.…` or
`…:errand-g.…` whose user info lacks `authentication.kubernetes.io/credential-id`, which the API
server sets from the token's own `jti`; plain impersonation has none. Every mode refuses it.

```
kubectl --as system:serviceaccount:agents:errand-g.3f2b8c1e9a4d4c7e8b21 delete pod web   # refused
```)",
    .allowed = R"(Requests with a token of the account. Reads are not seen by admission; RBAC bounds them.)",
    .policy = "errand-agent-impersonation",
    .exemptible = false};

}  // namespace errand::rules
