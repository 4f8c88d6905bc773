// SC201. Also checks PersistentVolumes, because a claim of any namespace may bind one.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI5", "ASI03"};

// Files that every container may read and none can write, in folders that none can write. No folder is
// listed, because its later content is not known. The policy errand-pods has the same list.
constexpr std::array kFiles = std::to_array<std::string_view>({
    "/etc/localtime",
    "/etc/machine-id",
    "/etc/os-release",
    "/etc/timezone",
    "/usr/lib/os-release",
});

// Compares the path as written, because these files need neither // nor `..`. With any type other than File,
// the kubelet may create a missing path.
bool isReadable(const HostPath& host) {
  return std::ranges::find(kFiles, host.path) != kFiles.end() && (host.type.empty() || host.type == "File");
}

void checkMounts(const CheckInput& input, const Volume& volume, Reporter& report) {
  for (const Container* container : input.containers)
    for (const VolumeMount& mount : container->mounts) {
      if (mount.volume != volume.name || (mount.readOnly && !mount.partial)) continue;
      report.add(
          fmt::format("{}/volumeMounts/{}", pathOf(*container), &mount - container->mounts.data()),
          fmt::format("{}: mounts {} of the node {}", describe(*container), inQuotes(volume.hostPath->path),
                      mount.partial ? "by subPath" : "without readOnly: true"),
          "mount it whole with readOnly: true");
    }
}

void check(const CheckInput& input, Reporter& report) {
  input.forVolumes([&](const Volume& volume, const Container*) {
    if (!volume.hostPath) return;
    if (isReadable(*volume.hostPath)) return checkMounts(input, volume, report);
    const std::string& type = volume.hostPath->type;
    report.add(
        pathOf(input.pod, volume),
        fmt::format("volume {} is {} of the node{}", inQuotes(volume.name), inQuotes(volume.hostPath->path),
                    type.empty() ? "" : fmt::format(" (type {})", printable(type))));
  });
}

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  for (const Literal& node : input.object.nodePaths)
    report.add(pointer("spec." + node.field),
               fmt::format("PersistentVolume {} is {} of a node ({})", inQuotes(input.object.name),
                           inQuotes(node.text), node.field));
}

}  // namespace

constinit const Rule kHostPath = {
    .id = "SC201",
    .slug = "host-path",
    .title = "A pod must not mount files of the node",
    .why =
        "The kubelet keeps the tokens and Secrets of every pod of the node in files. A pod that can write a "
        "folder of the node can lead the kubelet or the container runtime to these files by a symbolic link, "
        "for example in place of a log.",
    .fix = "use emptyDir, a ConfigMap or a PersistentVolumeClaim of a storage class",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The rule rejects every `hostPath` except the files below, and a PersistentVolume with `hostPath` or
`local`, as a file system or as a raw block device. A list of bad folders would not be enough:
through a link in `/var/log`, the next pod that mounted that folder reached `/var/lib/kubelet`.

```yaml
volumes:
- name: logs
  hostPath: {path: /var/log}   # refused
```)",
    .allowed =
        R"(`/etc/localtime`, `/etc/machine-id`, `/etc/os-release`, `/etc/timezone` and `/usr/lib/os-release`,
written exactly so, with `type: File` or no type. Every container must mount them with
`readOnly: true` and without `subPath`.

An Exemption can allow a pod. If the namespace has the label
`pod-security.kubernetes.io/enforce: baseline`, the API server still rejects these files and exempt
pods. Remove the label from such a namespace.)",
    .policy = "errand-pods",
    .pods = {{kPodStages, check}},
    .objects = {{kObjectStages, checkObject}}};

}  // namespace errand::rules
