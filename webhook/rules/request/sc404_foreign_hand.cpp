// SC404. Judged by a policy alone, so that it holds while the webhook is away and no repair waits for it.
#include "webhook/rules/catalogue.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "NHI9", "ASI03"};

}  // namespace

constinit const Rule kForeignHand = {
    .id = "SC404",
    .slug = "foreign-hand",
    .title = "Nobody but the operator must create, change or delete what carries a grant",
    .why =
        "A hand-made account, binding or Secret of that name is taken for a grant's by people and tools, and "
        "no grant ends it.",
    .fix =
        "create a TaskGrant or AgentIdentity and let the operator make its objects; delete those to be rid "
        "of them",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(Refused is CREATE, UPDATE and DELETE of ServiceAccounts and RoleBindings named `errand-a.…` or
`errand-g.…`, and of Secrets named `errand-…`, in an enrolled namespace, by anyone but the
operator, the garbage collector and the namespace controller. Every mode refuses it. So is deleting
the RoleBinding to `errand-operator-namespace`, or changing its subjects, by anyone without the verb
`exempt` on the namespace: without it the operator could end no grant there.

```
kubectl create serviceaccount errand-a.triage-bot.planner   # refused
kubectl delete rolebinding errand-operator                  # refused without exempt
```)",
    .allowed = R"(The operator; deletion of the namespace; everything with another name.)",
    .policy = "errand-foreign-hand",
    .exemptible = false};

}  // namespace errand::webhook
