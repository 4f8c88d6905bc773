// SC202.
#include "core/api/accounts.hpp"
#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

void check(const CheckInput& input, Reporter& report) {
  const PodView& pod = input.pod;
  if (pod.hostNetwork) report.add("/spec/hostNetwork", "pod: hostNetwork is true");
  if (pod.hostPid) report.add("/spec/hostPID", "pod: hostPID is true");
  if (pod.hostIpc) report.add("/spec/hostIPC", "pod: hostIPC is true");
  if (pod.sharesProcesses &&
      (pod.labels.contains(api::kGrantLabel) || pod.account().starts_with(api::kGrantAccountPrefix)))
    report.add(
        "/spec/shareProcessNamespace",
        "pod: shareProcessNamespace is true, so that each container may read the grant's credentials in "
        "/proc of the others");
}

}  // namespace

constinit const Rule kHostNamespace = {
    .id = "SC202",
    .slug = "host-namespace",
    .title = "A pod must not share the node's namespaces, nor a grant's pod its processes",
    .why =
        "In the node's network, the metadata service of the cloud hands out the credentials of the node. In "
        "the node's process namespace, the environment and the files of every other pod can be read.",
    .fix = "leave the field out",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The rule rejects `hostNetwork`, `hostPID` and `hostIPC`. In a pod with a TaskGrant it also rejects
`shareProcessNamespace`.

```yaml
spec:
  hostNetwork: true   # refused
```)",
    .allowed = "`shareProcessNamespace` in a pod without a grant.",
    .policy = "errand-pods",
    .pods = {{kWholePodStages, check}}};

}  // namespace errand::rules
