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
        "The status says when a grant began and when it ends. The finalizer keeps a grant until its "
        "credentials are taken back.",
    .fix =
        "leave status and finalizers to the operator; end a grant by spec.revoke or by deleting it. If the "
        "operator is gone for good, a cluster administrator frees the namespace: kubectl errand uninstall "
        "--without-operator --namespace NAMESPACE",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The policy rejects these writes, except by the operator, the garbage collector and the namespace
controller:

- every change of `status` of AgentIdentities and TaskGrants
- every change of their `metadata.finalizers`
- the creation of one of them with finalizers, because nobody could remove these

It does so in every mode, and also in namespaces that are not enrolled.

```
kubectl patch taskgrant inc-1 --type merge -p '{"metadata":{"finalizers":null}}'   # refused
```)",
    .allowed = R"(Everything else that RBAC allows on these kinds.)",
    .policy = "errand-status-tampering",
    .exemptible = false};

}  // namespace errand::rules
