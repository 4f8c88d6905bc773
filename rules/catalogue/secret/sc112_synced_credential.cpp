// SC112. Kinds that issue dynamic, short-lived credentials are not listed.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/secret/synced.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};

// Drivers of inline volumes that deliver no credential. The volumes of cert-manager's driver hold
// certificates, which SC113 checks.
constexpr std::array kDrivers = std::to_array<std::string_view>({
    "csi-image.warm-metal.tech",
    "csi.cert-manager.io",
    "image.csi.k8s.io",
    "nfs.csi.k8s.io",
    "pmem-csi.intel.com",
});

bool isKnown(std::string_view driver, const RuleSettings& settings) {
  return std::ranges::find(kDrivers, driver) != kDrivers.end() ||
         std::ranges::find(settings.csiDrivers, driver) != settings.csiDrivers.end();
}

void checkGmsa(std::string_view whose, const std::string& path, Reporter& report) {
  report.add(path + "/securityContext/windowsOptions",
             fmt::format("{}: securityContext.windowsOptions names a group managed service account", whose),
             "take the gmsaCredentialSpec out; a domain's account ends with no task");
}

void checkContainers(const CheckInput& input, Reporter& report) {
  for (const Container* container : input.containers)
    if (container->hasGmsa) checkGmsa(describe(*container), pathOf(*container), report);
}

void checkPod(const CheckInput& input, Reporter& report) {
  if (input.pod.hasGmsa) checkGmsa("pod", "/spec", report);
  for (const Volume& volume : input.pod.volumes) {
    const auto checkDriver = [&](std::string_view kind, const std::optional<std::string>& driver) {
      if (driver && !isKnown(*driver, input.settings))
        report.add(pathOf(input.pod, volume),
                   fmt::format("volume {} is of the {} driver {}, which may bring in credentials",
                               inQuotes(volume.name), kind, inQuotes(*driver)));
    };
    checkDriver("CSI", volume.csiDriver);
    checkDriver("FlexVolume", volume.flexDriver);
  }
  if (input.settings.resourceClaims) return;
  for (size_t i = 0; i < input.pod.resourceClaims.size(); ++i)
    report.add(fmt::format("/spec/resourceClaims/{}", i),
               fmt::format("pod: resource claim {} is of a driver that may bring in credentials",
                           inQuotes(input.pod.resourceClaims[i])),
               "leave it out; an administrator whose DRA drivers bring none sets --allow-resource-claims");
}

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& object = input.object;
  const auto isOf = [&](const api::Resource& kind) { return object.is(kind.group, kind.kind); };
  const bool isSynced =
      std::ranges::any_of(kSyncedKinds, isOf) || std::ranges::any_of(kSyncedClusterKinds, isOf);
  if (isSynced && !object.generatesAll)
    report.add("",
               fmt::format("{} {} copies a static credential {} a Secret", object.kind, inQuotes(object.name),
                           object.kind.ends_with("PushSecret") ? "out of" : "into"));
}

}  // namespace

constinit const Rule kSyncedCredential = {
    .id = "SC112",
    .slug = "credential-synced-in",
    .title = "A credential must not be brought in from elsewhere, past all grants",
    .why =
        "Keeping a static key in a vault does not make it end: the copy in the cluster is good until "
        "somebody rotates it, and every pod of the namespace is a step away from it. What a driver puts into "
        "a "
        "pod is there for as long as the pod is, whether or not a task is under way.",
    .fix =
        "lease the Secret by a TaskGrant from outside the agents' namespace, or use a dynamic kind such as "
        "VaultDynamicSecret; a CSI driver that brings no credential is named by --csi-driver",
    .severity = Severity::High,
    .tags = kTags,
    .refused =
        R"(- An inline CSI volume of any driver but those below: the secrets-store driver and its forks, SPIFFE's
  (`csi.spiffe.io`, `spiffe.csi.cert-manager.io`) and OpenShift's shared resources all bring credentials.
- A FlexVolume, whose driver is any program on the node, such as `azure/kv`, unless `--csi-driver` names it.
- A group managed service account of Windows (`windowsOptions.gmsaCredentialSpec`, `gmsaCredentialSpecName`).
- `resourceClaims` (DRA), whose drivers may mount anything, unless the webhook runs with `--allow-resource-claims`.
- The kinds that copy a credential into a Secret, or a Secret out: ExternalSecret, ClusterExternalSecret, PushSecret and
  ClusterPushSecret (External Secrets), VaultStaticSecret and HCPVaultSecretsApp, OnePasswordItem, SealedSecret,
  SopsSecret, BitwardenSecret, DopplerSecret, InfisicalSecret, VaultSecret (`ricoberger.de`), AzureKeyVaultSecret,
  SecretSync, and ExternalSecret of `kubernetes-client.io`. Those of the whole cluster are found by `scan` and `report`
  alone, and what they make in a namespace is refused there.

```yaml
volumes:
- name: identity
  csi: {driver: csi.spiffe.io}   # refused
```)",
    .allowed = R"(Inline volumes of `csi-image.warm-metal.tech`, `image.csi.k8s.io`, `nfs.csi.k8s.io`,
`pmem-csi.intel.com` and `csi.cert-manager.io` (whose certificates [SC113](SC113.md) checks), and of those that the webhook,
`scan` and `report` are given by `--csi-driver`. PersistentVolumeClaims of any driver. Kinds that issue a credential for
each use, such as VaultDynamicSecret; an ExternalSecret all of whose values are made by generators.)",
    .pods = {{kPodStages, checkContainers}, {kWholePodStages, checkPod}},
    .objects = {{kObjectStages, checkObject}}};

}  // namespace errand::rules
