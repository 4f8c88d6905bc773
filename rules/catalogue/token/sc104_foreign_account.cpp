// SC104. Checks the service account, because an update can change a label but not the account. To verify an
// injected pod, it runs the injection (inject/) again. If that would still change something, the webhook did
// not inject the pod, or it was changed afterwards.
#include <fmt/format.h>

#include "rules/catalogue/agentofpod.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/inject/bylabel.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "NHI9", "ASI03"};

void checkUnlabelled(const CheckInput& input, Reporter& report) {
  const std::string& account = input.pod.account();
  if (!account.starts_with(api::kGrantAccountPrefix) || input.pod.labels.contains(api::kGrantLabel)) return;
  const auto owner = input.cluster.grantOfAccount(input.ns, account);
  const std::string whose =
      owner ? "the account of TaskGrant " + inQuotes(owner->meta.name) : "a grant's account";
  report.add("/spec/serviceAccountName", fmt::format("pod: runs as {}, {}, without the label {}",
                                                     inQuotes(account), whose, api::kGrantLabel));
}

void checkCompletion(const CheckInput& input, Reporter& report) {
  const PodView& pod = input.pod;
  if (!pod.labels.contains(api::kGrantLabel)) return;
  const std::string_view name = pod.label(api::kGrantLabel);
  const auto [patch, needs] =
      completeFromLabel(pod, input.ns, input.user, input.cluster, input.settings.longestGrace);
  if (needs) report.needs(*needs);
  if (!patch) return report.add("/metadata/labels", "pod: " + patch.error().message, "");
  if (!patch->empty())
    report.add(
        "", fmt::format("pod: is not as its TaskGrant {} completes it; another webhook may have changed {}",
                        inQuotes(name), patch->front().path));
}

void checkAgent(const CheckInput& input, Reporter& report) {
  if (!input.pod.account().starts_with(api::kBaseAccountPrefix) ||
      input.pod.labels.contains(api::kGrantLabel))
    return;
  const auto holder = agentOfPod(input);
  if (!holder && !holder.error().mayCome)
    report.add("/spec/serviceAccountName", "pod: " + holder.error().why);
}

}  // namespace

constinit const Rule kForeignAccount = {
    .id = "SC104",
    .slug = "foreign-service-account",
    .title = "A pod must not run as the service account of another agent, tool class or task",
    .why =
        "A pod has all rights of the account that it runs as. A grant's account is only for the workload "
        "that the grant names. An agent's account is only for the pods that its identity selects.",
    .fix =
        "let the TaskGrant name this workload and label its pods errand.dev/task-grant, or run as the "
        "agent's own base account with labels that its podSelector matches",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The rule decides by `spec.serviceAccountName`, never by a label alone. That field cannot change once
the pod exists.

- `errand-g.…` is the account of one TaskGrant. Only a pod of the workload that the grant names may
  run as it: a pod whose controller is that Job and that the Job controller has created, or the Pod
  of that name. The webhook completes such a pod itself. It rejects a pod that differs from its
  completion in any way: another volume source, a missing gate, a later deadline.
- `errand-a.<agent>.<tool class>` is the base account of a tool class. The AgentIdentity and the
  tool class must exist, and `spec.podSelector` must match the pod's labels.

The webhook also reports under this id if a pod names a grant and cannot be completed from it, for
example because the grant has ended.

```yaml
metadata:
  labels: {app: web}                             # does not match podSelector
spec:
  serviceAccountName: errand-a.triage-bot.planner   # refused
```)",
    .allowed =
        R"(- the agent's own base account
- the account of a grant, in a pod of the grant's workload
- accounts that belong to no agent)",
    .exemptible = false,
    .pods = {{kWholePodStages, checkUnlabelled},
             {kWholePodStages, checkAgent},
             {CheckStage::AtCreation, checkCompletion}}};

}  // namespace errand::rules
