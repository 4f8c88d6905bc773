// SC405. Only a policy checks it. The rule therefore applies while the webhook is down, and does not
// block its repair.
#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI9", "ASI03"};

}  // namespace

constinit const Rule kStatusTampering = {
    .id = "SC405",
    .slug = "status-tampering",
    .title = "Nobody but the operator must write the status or the finalizers of Errand's kinds",
    .why =
        "The status says when a grant began and ends, and the finalizer is what keeps a grant until its "
        "credentials are taken back.",
    .fix = "leave status and finalizers to the operator; end a grant by spec.revoke or by deleting it",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(Refused is every change of `status` of AgentIdentities and TaskGrants, and every change of their
`metadata.finalizers`, by anyone but the operator, the garbage collector and the namespace
controller; so is one of them that is created with finalizers, which nobody could take off. Every
mode refuses it, in namespaces that take no part, too.

```
kubectl patch taskgrant inc-1 --type merge -p '{"metadata":{"finalizers":null}}'   # refused
```)",
    .allowed = R"(Everything else that RBAC allows on these kinds.)",
    .policy = "errand-status-tampering",
    .exemptible = false};

}  // namespace errand::rules
