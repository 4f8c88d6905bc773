// SC112. Kinds that issue dynamic, short-lived credentials are not listed.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/json/pointer.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/secret/synced.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};

// Drivers of inline volumes that deliver no credential, and cert-manager's, whose certificates SC113 checks.
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

// Returns the effect of an object of a kind in synced.hpp, for a message.
std::string_view effectOf(std::string_view kind) {
  if (kind == "CSISecrets") return "brings a static credential into pods";
  return kind.ends_with("PushSecret") || kind == "SecretExport" ? "copies a static credential out of a Secret"
                                                                : "copies a static credential into a Secret";
}

void checkKind(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& object = input.object;
  const auto isOf = [&](const api::Resource& kind) { return object.is(kind.group, kind.kind); };
  const bool isSynced =
      std::ranges::any_of(kSyncedKinds, isOf) || std::ranges::any_of(kSyncedClusterKinds, isOf);
  if (isSynced && !object.copiesNothing)
    report.add("", fmt::format("{} {} {}", object.kind, inQuotes(object.name), effectOf(object.kind)));
}

// An annotation on a Secret by which a controller copies it or fills it.
struct SyncAnnotation {
  std::string_view key, does;
  bool isSwitch = false;  // has an effect unless its value is "false" or empty
};
constexpr std::string_view kInto = "is filled from elsewhere", kOut = "is copied to other namespaces",
                           kOnePassword = "operator.1password.io/item-path";
// https://github.com/emberstack/kubernetes-reflector, https://github.com/mittwald/kubernetes-replicator,
// https://github.com/config-syncer/config-syncer, https://github.com/carvel-dev/secretgen-controller,
// https://github.com/1Password/onepassword-operator. The annotations that these controllers set on a copy
// count as well: a controller writes such a copy into the namespace.
constexpr auto kSyncAnnotations = std::to_array<SyncAnnotation>({
    {"kubed.appscode.com/origin", kInto},
    {"kubed.appscode.com/sync", kOut},
    {"kubed.appscode.com/sync-contexts", kOut},
    {kOnePassword, kInto},
    {"reflector.v1.k8s.emberstack.com/reflection-allowed", kOut, true},
    {"reflector.v1.k8s.emberstack.com/reflection-auto-enabled", kOut, true},
    {"reflector.v1.k8s.emberstack.com/reflects", kInto},
    {"replicator.v1.mittwald.de/replicate-from", kInto},
    {"replicator.v1.mittwald.de/replicate-to", kOut},
    {"replicator.v1.mittwald.de/replicate-to-matching", kOut},
    {"replicator.v1.mittwald.de/replicated-from-version", kInto},
    {"replicator.v1.mittwald.de/replication-allowed", kOut, true},
    {"secretgen.carvel.dev/image-pull-secret", kInto},
});
constexpr std::string_view kFixAnnotation =
    "take the annotation off, and lease the Secret by a TaskGrant from outside the agents' namespace";

// Reads a switch like the controllers, which ignore case.
bool isOff(std::string_view value) {
  constexpr std::string_view kFalse = "false";
  return value.empty() || std::ranges::equal(value, kFalse, [](char a, char b) { return (a | 0x20) == b; });
}

std::string pathOfAnnotation(std::string_view metadata, std::string_view key) {
  std::string out = fmt::format("{}/annotations", metadata);
  appendKey(out, key);
  return out;
}

void checkAnnotations(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& secret = input.object;
  if (!secret.is("", "Secret")) return;
  for (const SyncAnnotation& one : kSyncAnnotations) {
    const auto it = secret.annotations.find(one.key);
    if (it == secret.annotations.end() || (one.isSwitch && isOff(it->second))) continue;
    report.add(pathOfAnnotation("/metadata", one.key),
               fmt::format("Secret {} {} (annotation {})", inQuotes(secret.name), one.does, one.key),
               std::string(kFixAnnotation));
  }
}

// 1Password's operator creates a Secret for a workload that has its annotation, or whose pods have it.
void checkWorkload(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& workload = input.object;
  if (!workload.pod || workload.is("", "Pod")) return;
  const auto check = [&](const api::StringMap& annotations, const std::string& metadata) {
    if (annotations.contains(kOnePassword))
      report.add(pathOfAnnotation(metadata, kOnePassword),
                 fmt::format("{} {} has a Secret made from an item of 1Password (annotation {})",
                             workload.kind, inQuotes(workload.name), kOnePassword),
                 "take the annotation off, and lease a Secret by a TaskGrant");
  };
  check(workload.annotations, "/metadata");
  check(workload.pod->annotations, workload.podPath + "/metadata");
}

}  // namespace

constinit const Rule kSyncedCredential = {
    .id = "SC112",
    .slug = "credential-synced-in",
    .title = "A credential must not be brought in from elsewhere, past all grants",
    .why =
        "A static key in a vault does not end by itself. Its copy in the cluster is valid until somebody "
        "rotates it, and every pod of the namespace is one step away from it. A credential that a driver "
        "puts into a pod stays there for as long as the pod runs, even if no task is running.",
    .fix =
        "lease the Secret by a TaskGrant from outside the agents' namespace, or use a dynamic kind such as "
        "VaultDynamicSecret; a CSI driver that brings no credential is named by --csi-driver",
    .severity = Severity::High,
    .tags = kTags,
    .refused =
        R"(- An inline CSI volume of any driver except those below. The secrets-store driver and its forks, the
  driver of the Vault Secrets Operator (`csi.vso.hashicorp.com`), those of SPIFFE (`csi.spiffe.io`,
  `spiffe.csi.cert-manager.io`) and that of OpenShift's shared resources all bring credentials.
- A FlexVolume, unless `--csi-driver` names its driver. Such a driver, for example `azure/kv`, is
  any program on the node.
- A group managed service account of Windows (`windowsOptions.gmsaCredentialSpec`,
  `gmsaCredentialSpecName`).
- `resourceClaims` (DRA), unless the webhook runs with `--allow-resource-claims`. Their drivers may
  mount anything.
- An object of a kind that copies a credential into a Secret, or a Secret to another place; see the
  table. Only `scan` and `report` find the cluster-scoped kinds. The webhook rejects the
  ExternalSecrets and PushSecrets that these create in a namespace.
- A Secret with an annotation by which a controller fills it, or copies it to other namespaces; see
  the table. `report` does not find such a Secret, because it does not read Secrets.
- A workload with the annotation `operator.1password.io/item-path`.

| Controller | Kinds |
|---|---|
| External Secrets | ExternalSecret, ClusterExternalSecret, PushSecret, ClusterPushSecret; ExternalSecret of `kubernetes-client.io` |
| Vault | VaultStaticSecret, HCPVaultSecretsApp and CSISecrets (`secrets.hashicorp.com`); VaultSecret of `ricoberger.de` and `redhatcop.redhat.io`; SecretClaim; ValsSecret |
| clouds | SecretProviderClass with `secretObjects`, SecretSync, AzureKeyVaultSecret, AWSSecret, SyncedSecret |
| password managers | OnePasswordItem, BitwardenSecret, BitwardenTemplate, RegistryCredential, DopplerSecret, InfisicalSecret, InfisicalStaticSecret, InfisicalPushSecret, PassboltSecret |
| encrypted in Git | SealedSecret, SopsSecret and GlobalSopsSecret, KamusSecret |
| copies between namespaces | ClusterSecret, ClusterPullSecret, SecretImport, SecretExport |

| Controller | Annotations of a Secret |
|---|---|
| reflector | `reflector.v1.k8s.emberstack.com/`: `reflects`, `reflection-allowed`, `reflection-auto-enabled` |
| kubernetes-replicator | `replicator.v1.mittwald.de/`: `replicate-from`, `replicate-to`, `replicate-to-matching`, `replicated-from-version`, `replication-allowed` |
| Config Syncer | `kubed.appscode.com/`: `sync`, `sync-contexts`, `origin` |
| secretgen-controller | `secretgen.carvel.dev/image-pull-secret` |
| 1Password | `operator.1password.io/item-path` |

```yaml
volumes:
- name: identity
  csi: {driver: csi.spiffe.io}   # refused
```)",
    .allowed = R"(- inline volumes of `csi-image.warm-metal.tech`, `image.csi.k8s.io`, `nfs.csi.k8s.io`,
  `pmem-csi.intel.com` and `csi.cert-manager.io`; [SC113](SC113.md) checks the certificates of the
  last one
- inline volumes of the drivers that `--csi-driver` names for the webhook, `scan` and `report`
- PersistentVolumeClaims of any driver
- kinds that issue a credential for each use, such as VaultDynamicSecret and VaultPKISecret
- an ExternalSecret whose values all come from generators
- a SecretProviderClass without `secretObjects`; the rule rejects its volume in the pod instead)",
    .pods = {{kPodStages, checkContainers}, {kWholePodStages, checkPod}},
    .objects = {
        {kObjectStages, checkKind}, {kObjectStages, checkAnnotations}, {kObjectStages, checkWorkload}}};

}  // namespace errand::rules
