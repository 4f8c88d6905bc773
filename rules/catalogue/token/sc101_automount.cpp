// SC101. Counts an unset field as true, like the kubelet. The mutating webhook sets it to false, unless
// another change removes that.
#include <fmt/format.h>

#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

void checkTrue(const CheckInput& input, Reporter& report) {
  if (input.pod.automount.value_or(false))
    report.add("/spec/automountServiceAccountToken", "pod: automountServiceAccountToken is true");
}

void checkUnset(const CheckInput& input, Reporter& report) {
  if (!input.pod.automount)
    report.add("/spec", "pod: automountServiceAccountToken is not set, which means true");
}

void checkAccount(const ObjectCheckInput& input, Reporter& report) {
  if (input.object.automount.value_or(false))
    report.add(
        "/automountServiceAccountToken",
        fmt::format("ServiceAccount {}: automountServiceAccountToken is true", inQuotes(input.object.name)));
}

}  // namespace

constinit const Rule kAutomount = {
    .id = "SC101",
    .slug = "automount",
    .title = "A service account's token must not be mounted automatically",
    .why =
        "An automounted token gives all rights of the account for as long as the pod runs, whatever the pod "
        "is doing at the moment.",
    .fix =
        "set automountServiceAccountToken: false or leave it out, and ask for a TaskGrant where the pod "
        "needs the API",
    .severity = Severity::High,
    .tags = kTags,
    .refused =
        R"(The rule rejects a pod with `automountServiceAccountToken: true`. If a pod leaves the field out, the
mutating webhook sets it to false and removes the `kube-api-access-*` volume that the API server has
already added. If the field is still unset when the pod is checked, the pod is rejected, because
unset means true.

A ServiceAccount that sets the field to true is also rejected. One that leaves it out is admitted,
because the webhook completes its pods.

```yaml
spec:
  automountServiceAccountToken: true   # refused
```)",
    .allowed =
        "A pod that was completed from a TaskGrant: its tokens belong to the grant and last ten minutes.",
    .policy = "errand-pods",
    .pods = {{kWholePodStages, checkTrue}, {kFinalPodStages, checkUnset}},
    .objects = {{kObjectStages, checkAccount}}};

}  // namespace errand::rules
