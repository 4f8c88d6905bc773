// SC112. Dynamic kinds issue short-lived credentials and are another matter.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/where.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};

constexpr std::array kKinds = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"external-secrets.io", "ExternalSecret"},
    {"secrets.hashicorp.com", "VaultStaticSecret"},
});

// secrets-store.csi.k8s.io and the forks of clouds, such as secrets-store-gke.csi.k8s.io.
bool isSecretsStore(std::string_view driver) { return driver.starts_with("secrets-store"); }

void check(const Judged& judged, Reporter& report) {
  if (judged.ephemeralOnly) return;
  for (const Volume& volume : judged.pod.volumes)
    if (isSecretsStore(volume.csiDriver))
      report.add(pathOf(judged.pod, volume), fmt::format("volume {} brings in secrets by the CSI driver {}",
                                                         inQuotes(volume.name), inQuotes(volume.csiDriver)));
}

void checkObject(const JudgedObject& judged, Reporter& report) {
  const ObjectView& object = judged.object;
  if (std::ranges::find(kKinds, std::pair<std::string_view, std::string_view>(object.group, object.kind)) !=
      kKinds.end())
    report.add("", fmt::format("{} {} copies a static credential into a Secret", object.kind,
                               inQuotes(object.name)));
}

}  // namespace

constinit const Rule kSyncedCredential = {
    .id = "SC112",
    .slug = "credential-synced-in",
    .title = "A static credential must not be synced into the namespace from a vault",
    .why =
        "Keeping a static key in a vault does not make it end: the copy in the cluster is good until "
        "somebody "
        "rotates it, and every pod of the namespace is a step away from it.",
    .fix =
        "lease the Secret by a TaskGrant from outside the agents' namespace, or use a dynamic kind such as "
        "VaultDynamicSecret",
    .severity = Severity::High,
    .tags = kTags,
    .refused = R"(Refused are volumes of the secrets-store CSI driver and its forks, and the objects
ExternalSecret (`external-secrets.io`) and VaultStaticSecret (`secrets.hashicorp.com`).

```yaml
volumes:
- name: vault
  csi: {driver: secrets-store.csi.k8s.io}   # refused
```)",
    .allowed = "Kinds that issue a credential for each use, such as VaultDynamicSecret; other CSI drivers.",
    .check = check,
    .checkObject = checkObject};

}  // namespace errand::webhook
