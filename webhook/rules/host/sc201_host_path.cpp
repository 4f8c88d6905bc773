// SC201. A PersistentVolume counts, because any namespace's claim may bind it.
#include <fmt/format.h>

#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/host/folders.hpp"
#include "webhook/rules/where.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI5", "ASI03"};

void check(const Judged& judged, Reporter& report) {
  if (judged.ephemeralOnly) return;
  for (const Volume& volume : judged.pod.volumes) {
    if (!volume.hostPath) continue;
    if (const auto folder = guardedFolder(*volume.hostPath))
      report.add(pathOf(judged.pod, volume),
                 fmt::format("volume {} mounts {} of the node, which reaches {}", inQuotes(volume.name),
                             inQuotes(*volume.hostPath), *folder));
  }
}

void checkObject(const JudgedObject& judged, Reporter& report) {
  for (const Literal& host : judged.object.hostFolders)
    if (const auto folder = guardedFolder(host.text))
      report.add(pointer("spec." + host.field),
                 fmt::format("PersistentVolume {} is {} of a node, which reaches {} ({})",
                             inQuotes(judged.object.name), inQuotes(host.text), *folder, host.field));
}

}  // namespace

constinit const Rule kHostPath = {
    .id = "SC201",
    .slug = "host-path",
    .title = "A pod must not mount folders of the node that hold credentials or lead to them",
    .why =
        "The kubelet keeps the tokens and Secrets of every pod of the node in files, and who speaks to the "
        "container runtime's socket is every pod.",
    .fix = "use emptyDir, a ConfigMap or a PersistentVolumeClaim of a storage class",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused = R"(Refused is a `hostPath` that is, lies in or contains a folder of the kubelet, of
Kubernetes' own configuration, of etcd, of a container runtime or its socket, of
SPIRE, of k3s and RKE2, `/root` and `/home` with the files of cloud command lines and
kubeconfigs, or `/proc`. `//`, `.` and `..` in the path count for nothing. A PersistentVolume
with such a `hostPath` or `local` path is refused as well.

```yaml
volumes:
- name: logs
  hostPath: {path: /var/lib}   # contains /var/lib/kubelet: refused
```)",
    .allowed = "Other folders of the node, such as `/var/log`.",
    .policy = "errand-pods",
    .check = check,
    .checkObject = checkObject};

}  // namespace errand::webhook
