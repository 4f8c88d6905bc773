// SC106. A pod may mount only the slot of its own tool class and the copies of Secrets that its grant leases.
#include <fmt/format.h>

#include <algorithm>

#include "rules/catalogue/agentofpod.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/secretuse.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};

bool mountedInPart(const CheckInput& input, const Volume& volume) {
  return std::ranges::any_of(input.containers, [&](const Container* container) {
    return std::ranges::any_of(container->mounts,
                               [&](const VolumeMount& m) { return m.partial && m.volume == volume.name; });
  });
}

// Calls f(use, what) for each use of a Secret that is granted to the pod, and reports the other uses. `what`
// describes the use.
template <class F>
void forGranted(const CheckInput& input, Reporter& report, F f) {
  const std::vector<SecretUse> uses = volumeSecrets(input);
  if (uses.empty()) return;
  const auto holder = agentOfPod(input);
  const std::string& account = input.pod.account();
  for (const SecretUse& use : uses) {
    if (looksLikeTokenSecret(use.secret)) continue;  // SC105 checks it
    // Without the identity, it is not known whether this is the slot.
    if (!holder && holder.error().mayCome && use.source->mountsIt && use.secret.starts_with("errand-"))
      continue;
    // Only the operator creates Secrets of that name (SC404), for the grant of this account (SC104).
    const bool isLease =
        account.starts_with(api::kGrantAccountPrefix) && use.secret.starts_with(account + ".");
    const bool isSlot = holder && !use.secret.empty() && use.secret == holder->toolClass->slotSecretName;
    const std::string what =
        fmt::format("{} holds Secret {} ({})", use.where, inQuotes(use.secret), use.source->field);
    report.about(use.secret);
    if (isSlot || isLease)
      f(use, what);
    else
      report.add(use.path, what + ", which is not granted to this pod");
  }
  report.about("");
}

void checkVolumes(const CheckInput& input, Reporter& report) {
  forGranted(input, report, [&](const SecretUse& use, const std::string& what) {
    if (!use.source->mountsIt)
      report.add(use.path, what + ": a slot is used as a secret or projected volume only");
    else if (mountedInPart(input, *use.volume))
      report.add(use.path, what + " and is mounted by subPath, so that it would outlive the grant",
                 "mount the whole volume without subPath");
  });
}

void checkAdded(const CheckInput& input, Reporter& report) {
  forGranted(input, report, [&](const SecretUse& use, const std::string& what) {
    report.add(use.path, what + ": the credentials of a task are not for ephemeral containers");
  });
  for (const Container* container : input.containers)
    for (const VolumeMount& mount : container->mounts)
      if (const Volume* volume = input.pod.volume(mount.volume); volume != nullptr && volume->hasToken())
        report.add(pathOf(*container),
                   fmt::format("{}: mounts volume {}, which holds the pod's tokens", describe(*container),
                               inQuotes(volume->name)),
                   "leave the mount out; what debugs a pod must not act in its name");
}

}  // namespace

constinit const Rule kSecretVolume = {
    .id = "SC106",
    .slug = "ungranted-secret-volume",
    .title = "A pod must not mount a Secret that is not the slot of its own tool class",
    .why =
        "A mounted Secret is in the pod for as long as the pod runs, even if no task is running. Nobody can "
        "say who used it for which task.",
    .fix =
        "lease it by a TaskGrant (access.secrets), or run as the tool class's base account and mount its "
        "slot",
    .severity = Severity::High,
    .tags = kTags,
    .refused =
        R"(The rule covers every way to mount a Secret: `secret`, `projected` with a `secret` source, and the
Secret references of `azureFile`, `cephfs`, `cinder`, `csi`, `flexVolume`, `iscsi`, `rbd`, `scaleIO`
and `storageos`. An ephemeral container may mount neither a Secret nor a volume with the pod's
tokens, because it works for no task.

```yaml
spec:
  serviceAccountName: errand-a.triage-bot.planner
  volumes:
  - name: slot
    secret: {secretName: errand-triage-planner, optional: true}   # its own slot
  - name: database
    secret: {secretName: database}                                # refused
```)",
    .allowed = R"(As a `secret` or `projected` volume that is mounted as a whole:

- the Secret `slot.secretName` of the tool class whose base account the pod runs as
- the copies of leased Secrets (`errand-g.….…`) that the webhook has added to the pod of a grant

The kubelet never updates a `subPath` mount, so such a mount would keep a credential after its end.

A Secret that an Exemption lists, such as the certificate of a server, is also allowed.)",
    .pods = {{kWholePodStages, checkVolumes}, {CheckStage::EphemeralAdded, checkAdded}}};

}  // namespace errand::rules
