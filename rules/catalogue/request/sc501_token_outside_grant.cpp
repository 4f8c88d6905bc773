// SC501. A policy checks the part that needs no grant; webhook/guard/token.cpp checks the window.
#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "NHI7", "ASI03"};

}  // namespace

constinit const Rule kTokenOutsideGrant = {
    .id = "SC501",
    .slug = "token-outside-grant",
    .title = "A token of an agent's account must not be minted outside a grant",
    .why = "TokenRequest gives a token to everybody who has the verb, even if no task is running.",
    .fix = "ask for a TaskGrant; the kubelet and the operator ask for its tokens",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The policy rejects `create serviceaccounts/token` for an account `errand-a.…` or `errand-g.…` in
every mode, and in every namespace except kube-system:

- by anybody except the operator and a kubelet
- by a kubelet, for longer than 600 s, or without a pod that the token is bound to
- by anybody, for a base account `errand-a.…`

In an enrolled namespace the webhook also rejects it outside of the grant's window, by the webhook's
own clock, and once the grant is to be revoked or is being deleted.

A kubelet requests the 600 s that the pod of a grant asks for. It requests more if a CSI driver
(`spec.tokenRequests`) or an image credential provider needs a token of the pod's account. Such a
driver gets no token of a grant, and its volume is not mounted.

```
kubectl create token errand-g.3f2b8c1e9a4d4c7e8b21   # refused
```)",
    .allowed = R"(The operator, and the kubelet for a pod of an Active grant.)",
    .policy = "errand-tokens",
    .exemptible = false,
    .guarded = CheckStage::TokenRequest};

}  // namespace errand::rules
