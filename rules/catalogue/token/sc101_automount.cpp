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
        "An automounted token is good for everything that the account may do, for as long as the pod "
        "runs, whatever the pod is doing at the moment.",
    .fix =
        "set automountServiceAccountToken: false or leave it out, and ask for a TaskGrant where the pod "
        "needs the API",
    .severity = Severity::High,
    .tags = kTags,
    .refused = R"(Refused is a pod with `automountServiceAccountToken: true`. Where a pod leaves
the field out, the mutating webhook sets it to false and removes the
`kube-api-access-*` volume that the API server has added by then. A pod that
still has the field unset when it is checked is refused, because unset means true. A
ServiceAccount that says true is refused as well; one that leaves it out is not,
because its pods are completed.

```yaml
spec:
  automountServiceAccountToken: true   # refused
```)",
    .allowed = R"(A pod completed from a TaskGrant: its tokens are the grant's and last ten minutes.)",
    .policy = "errand-pods",
    .pods = {{kWholePodStages, checkTrue}, {kFinalPodStages, checkUnset}},
    .objects = {{kObjectStages, checkAccount}}};

}  // namespace errand::rules
