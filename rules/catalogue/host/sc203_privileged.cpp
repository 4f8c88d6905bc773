// SC203. The reader finds the settings that exceed the baseline: view/read/readsecurity.hpp.
#include <fmt/format.h>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

std::string found(std::string_view whose, const Literal& power) {
  return fmt::format("{}: {} is {}", whose, printable(power.field),
                     power.text.empty() ? "empty" : printable(power.text));
}

void checkContainers(const CheckInput& input, Reporter& report) {
  for (const Container* container : input.containers)
    for (const Literal& power : container->powers)
      report.add(pathOf(*container) + pointer(power.field), found(describe(*container), power));
}

void checkPod(const CheckInput& input, Reporter& report) {
  for (const Literal& power : input.pod.powers) {
    const bool isAnnotation = power.field.starts_with("annotations.");
    report.add(isAnnotation ? "/metadata" + mapPointer(power.field) : "/spec" + pointer(power.field),
               found("pod", power));
  }
}

}  // namespace

constinit const Rule kPrivileged = {
    .id = "SC203",
    .slug = "privileged",
    .title = "A container must not be able to escape",
    .why =
        "A process that escapes its container is root on the node. It then holds the credentials of the "
        "kubelet and of every pod there.",
    .fix = "leave the field out; drop ALL capabilities and add the few that are needed",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The rule rejects the settings that
[Pod Security "baseline"](https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline)
of Kubernetes 1.37 rejects, in containers, init containers and ephemeral containers, and in the
pod's own fields:

| Field | Allowed |
|---|---|
| `privileged`, `windowsOptions.hostProcess` | `false` |
| `capabilities.add` | AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT |
| `procMount` | `Default`; any in a pod with `hostUsers: false` |
| `seccompProfile.type`, `appArmorProfile.type` | `RuntimeDefault`, `Localhost` |
| their annotations from before Kubernetes 1.30 | `runtime/default`, `localhost/…`; of seccomp `docker/default` |
| `seLinuxOptions` | no `user`, no `role`; `type` container_t, container_init_t, container_kvm_t, container_engine_t |
| `sysctls` | kernel.shm_rmid_forced; net.ipv4.: ip_local_port_range, ip_local_reserved_ports, ip_unprivileged_port_start, ping_group_range, tcp_fin_timeout, tcp_keepalive_intvl, tcp_keepalive_probes, tcp_keepalive_time, tcp_notsent_lowat, tcp_rmem, tcp_slow_start_after_idle, tcp_syncookies, tcp_wmem |
| `ports[].hostPort` | `0`; any with `hostNetwork`, which [SC202](SC202.md) rejects |

```yaml
securityContext:
  capabilities: {add: [NET_ADMIN]}   # refused
```)",
    .allowed =
        R"(The values in the table, and the `host` of probes and lifecycle hooks, which "baseline" rejects.

If an init container of a service mesh sets up the network with NET_ADMIN, use the CNI plugin of the
mesh instead. Istio, Linkerd and Cilium have one.

An Exemption can allow a pod. If the namespace has the label
`pod-security.kubernetes.io/enforce: baseline`, the API server still rejects that pod. Remove the
label from such a namespace.)",
    .policy = "errand-pods",
    .pods = {{kPodStages, checkContainers}, {kWholePodStages, checkPod}}};

}  // namespace errand::rules
