// SC502. Only a policy checks it. The rule therefore applies while the webhook is down, and does not
// block its repair.
#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI9", "ASI03"};

}  // namespace

constinit const Rule kPodAccessWithoutDebug = {
    .id = "SC502",
    .slug = "pod-access-without-debug",
    .title = "Nobody must enter a pod of an enrolled namespace without the right to debug its agents",
    .why =
        "A shell in an agent's pod is the agent: it reads its credentials, and stays open when the grant has "
        "ended.",
    .fix = "ask for the verb debug on agentidentities of the namespace (a Role with apiGroups [errand.dev])",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused = R"(Refused is CONNECT to `pods/exec`, `pods/attach`, `pods/portforward`, `pods/proxy` and
`services/proxy`, and UPDATE of `pods/ephemeralcontainers`, in an enrolled namespace, for who has
not the verb `debug` on `agentidentities` there (`kubectl auth can-i debug agentidentities`).
CONNECT carries no pod, so every pod of the namespace counts as an agent's. Every mode
refuses it.

```
kubectl exec triage-bot-7d9f -- sh   # refused
```)",
    .allowed = R"(Who has `debug`; `kubectl logs`, `kubectl get`.)",
    .policy = "errand-debug",
    .exemptible = false};

}  // namespace errand::rules
