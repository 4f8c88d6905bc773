// SC404. Only a policy checks it. The rule therefore applies while the webhook is down, and does not
// block its repair.
#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "NHI9", "ASI03"};

}  // namespace

constinit const Rule kUnmanagedWrite = {
    .id = "SC404",
    .slug = "unmanaged-write",
    .title = "Nobody but the operator must create, change or delete what carries a grant",
    .why =
        "People and tools take a hand-made account, binding or Secret of such a name for that of a grant, "
        "and no grant ends it.",
    .fix =
        "create a TaskGrant or AgentIdentity and let the operator make its objects; delete those to be rid "
        "of them",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(In every mode, the policy rejects these writes, except by the operator, the garbage collector and
the namespace controller:

| Write | Object | Namespaces |
|---|---|---|
| CREATE, UPDATE, DELETE | ServiceAccounts and RoleBindings named `errand-a.…` or `errand-g.…` | all except kube-system |
| CREATE, UPDATE, DELETE | Secrets of type `kubernetes.io/service-account-token` of such an account | all except kube-system |
| CREATE, UPDATE, DELETE | Secrets named `errand-…` | enrolled |
| UPDATE of subjects, DELETE | RoleBindings to `errand-operator-namespace`, without the verb `exempt` on the namespace | enrolled |

The first two rows also cover namespaces that are not enrolled, because an account from before the
enrolment would belong to an agent after it. Without its own RoleBinding the operator could end no
grant. No Exemption covers any of these writes.

```
kubectl create serviceaccount errand-a.triage-bot.planner   # refused
kubectl delete rolebinding errand-operator                  # refused without exempt
```)",
    .allowed =
        R"(- every write by the operator
- the deletion of the namespace
- objects of other names
- Secrets named `errand-…` in namespaces that are not enrolled)",
    .policy = "errand-unmanaged-write",
    .exemptible = false};

}  // namespace errand::rules
