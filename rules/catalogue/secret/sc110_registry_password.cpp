// SC110. The webhook (inject/) removes the imagePullSecrets that an account adds to a workload's pods.
#include <fmt/format.h>

#include "core/api/accounts.hpp"
#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI7", "ASI03"};

// True if the author of a workload did not write the imagePullSecrets of its pod. The webhook has removed
// them. If a later webhook adds them again, a rejection would stop every Job in the cluster, and its user
// could not help it.
bool addedByTheCluster(const CheckInput& input) {
  return input.stage == CheckStage::AtCreation && input.pod.controller() != nullptr;
}

void check(const CheckInput& input, Reporter& report) {
  if (addedByTheCluster(input)) return;
  for (size_t i = 0; i < input.pod.imagePullSecrets.size(); ++i)
    report.add(fmt::format("/spec/imagePullSecrets/{}", i),
               fmt::format("pod: imagePullSecrets names Secret {}", inQuotes(input.pod.imagePullSecrets[i])));
}

void checkAccount(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& account = input.object;
  if (!api::isAgentAccount(account.name)) return;
  for (size_t i = 0; i < account.imagePullSecrets.size(); ++i)  // only ServiceAccounts have this list
    report.add(fmt::format("/imagePullSecrets/{}", i),
               fmt::format("ServiceAccount {}: imagePullSecrets names Secret {}", inQuotes(account.name),
                           inQuotes(account.imagePullSecrets[i])));
}

}  // namespace

constinit const Rule kRegistryPassword = {
    .id = "SC110",
    .slug = "static-registry-password",
    .title = "A pod must not name a registry password",
    .why =
        "A registry password has no end. Every pod that names it shares it, and it often allows push as well "
        "as pull.",
    .fix =
        "take imagePullSecrets out of the pod, of its account or of the cluster policy that adds it, and let "
        "the "
        "kubelet ask its credential provider",
    .severity = Severity::Medium,
    .tags = kTags,
    .refused = R"(The rule rejects `imagePullSecrets` of a pod, of a workload's template, and of the accounts
`errand-a.…` and `errand-g.…`.

The API server copies the `imagePullSecrets` of the ServiceAccount into a pod that names none, and a
policy of the cluster may add one to every pod. The mutating webhook removes them from the pod of a
controller, because the rule has checked the template. It names them in the annotation
`errand.dev/removed-pull-secrets`. If a later webhook adds them again, the pod is admitted, and
`report` finds it. In any other pod, nobody can tell who wrote them, so the pod is rejected.

```yaml
spec:
  imagePullSecrets: [{name: registry}]   # refused
```)",
    .allowed = R"(A credential provider of the kubelet
(https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/).)",
    .pods = {{kWholePodStages, check}},
    .objects = {{kObjectStages, checkAccount}}};

}  // namespace errand::rules
