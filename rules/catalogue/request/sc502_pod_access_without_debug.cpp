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
        "A shell in an agent's pod has the power of the agent: it reads the agent's credentials, and it "
        "stays open after the grant has ended.",
    .fix = "ask for the verb debug on agentidentities of the namespace (a Role with apiGroups [errand.dev])",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused = R"(In every mode, the policy rejects CONNECT to `pods/exec`, `pods/attach`, `pods/portforward`,
`pods/proxy` and `services/proxy`, and UPDATE of `pods/ephemeralcontainers`, in an enrolled
namespace. It admits users with the verb `debug` on `agentidentities` there
(`kubectl auth can-i debug agentidentities`). A CONNECT request does not hold the pod, so every pod
of the namespace counts as an agent's.

```
kubectl exec triage-bot-7d9f -- sh   # refused
```)",
    .allowed = "Users with the verb `debug`. `kubectl logs` and `kubectl get` are not checked.",
    .policy = "errand-debug",
    .exemptible = false};

}  // namespace errand::rules
