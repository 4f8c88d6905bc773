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
    .why = "TokenRequest gives a token to whoever has the verb, whether or not a task is under way.",
    .fix = "ask for a TaskGrant; the kubelet and the operator ask for its tokens",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(Refused is `create serviceaccounts/token` for an account `errand-a.…` or `errand-g.…` by anyone
but the operator and a kubelet, by a kubelet for longer than 600 s or without a pod that
it is bound to, and for a base account `errand-a.…` at all, in every namespace but kube-system. In an
enrolled one the webhook further refuses it outside the grant's window, by its own clock, and once the
grant is to be revoked or is being deleted. Every mode refuses it.

A kubelet asks for what a grant's pod says, which is 600 s. It asks for more where a CSI driver
(`spec.tokenRequests`) or an image credential provider wants a token of the pod's account: such a
driver gets none of a grant's, and its volume is not mounted.

```
kubectl create token errand-g.3f2b8c1e9a4d4c7e8b21   # refused
```)",
    .allowed = R"(The operator, and the kubelet for a pod of an Active grant.)",
    .policy = "errand-tokens",
    .exemptible = false,
    .guarded = CheckStage::TokenRequest};

}  // namespace errand::rules
