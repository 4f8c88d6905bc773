#include "rules/view/read/readsecurity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace errand::rules {
namespace {

// The policy errand-pods has the same lists (manifests/components/policies).
constexpr std::array kCapabilities = std::to_array<std::string_view>({
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
});
constexpr std::array kSysctls = std::to_array<std::string_view>({
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_notsent_lowat",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
});
constexpr std::array kSelinuxTypes = std::to_array<std::string_view>({
    "",
    "container_engine_t",
    "container_init_t",
    "container_kvm_t",
    "container_t",
});

constexpr std::string_view kAppArmor = "container.apparmor.security.beta.kubernetes.io/";
constexpr std::string_view kSeccompOfPod = "seccomp.security.alpha.kubernetes.io/pod";
constexpr std::string_view kSeccomp = "container.seccomp.security.alpha.kubernetes.io/";

bool isIn(const auto& list, std::string_view value) { return std::ranges::find(list, value) != list.end(); }

void readProfile(const JsonNode& context, std::string_view key, std::vector<Literal>& powers) {
  context.object(key, [&](const JsonNode& profile) {
    std::string type;
    profile.read("type", type);
    if (type != "RuntimeDefault" && type != "Localhost")
      powers.push_back({fmt::format("securityContext.{}{}", key, profile.has("type") ? ".type" : ""), type});
  });
}

void readSelinux(const JsonNode& options, std::vector<Literal>& powers) {
  for (const std::string_view key : {"type", "user", "role"}) {
    std::string value;
    options.read(key, value);
    if (key == "type" ? !isIn(kSelinuxTypes, value) : !value.empty())
      powers.push_back({fmt::format("securityContext.seLinuxOptions.{}", key), value});
  }
}

void readWindows(const JsonNode& windows, std::vector<Literal>& powers, bool& hasGmsa) {
  bool hostProcess = false;
  std::string name, spec;
  windows.read("hostProcess", hostProcess);
  windows.read("gmsaCredentialSpecName", name);
  windows.read("gmsaCredentialSpec", spec);
  if (hostProcess) powers.push_back({"securityContext.windowsOptions.hostProcess", "true"});
  hasGmsa = !name.empty() || !spec.empty();
}

}  // namespace

void readSecurity(const JsonNode& context, const std::optional<bool>& hostUsers, std::vector<Literal>& powers,
                  bool& hasGmsa) {
  bool privileged = false;
  std::optional<std::string> procMount;
  context.read("privileged", privileged);
  context.read("procMount", procMount);
  if (privileged) powers.push_back({"securityContext.privileged", "true"});
  if (procMount.value_or("Default") != "Default" && hostUsers.value_or(true))
    powers.push_back({"securityContext.procMount", *procMount});
  context.object("capabilities", [&](const JsonNode& capabilities) {
    std::vector<std::string> added;
    capabilities.read("add", added);
    for (size_t i = 0; i < added.size(); ++i)
      if (!isIn(kCapabilities, added[i]))
        powers.push_back({fmt::format("securityContext.capabilities.add[{}]", i), added[i]});
  });
  readProfile(context, "seccompProfile", powers);
  readProfile(context, "appArmorProfile", powers);
  context.object("seLinuxOptions", [&](const JsonNode& options) { readSelinux(options, powers); });
  context.object("windowsOptions", [&](const JsonNode& windows) { readWindows(windows, powers, hasGmsa); });
  size_t index = 0;
  context.list("sysctls", [&](const JsonNode& sysctl) {
    const size_t at = index++;
    std::string name;
    sysctl.read("name", name);
    if (!isIn(kSysctls, name)) powers.push_back({fmt::format("securityContext.sysctls[{}].name", at), name});
  });
}

void readHostPorts(const JsonNode& container, std::vector<Literal>& powers) {
  size_t index = 0;
  container.list("ports", [&](const JsonNode& port) {
    const size_t at = index++;
    std::optional<std::int64_t> hostPort;
    port.read("hostPort", hostPort);
    if (hostPort.value_or(0) != 0)
      powers.push_back({fmt::format("ports[{}].hostPort", at), std::to_string(*hostPort)});
  });
}

void readProfiles(const api::StringMap& annotations, std::vector<Literal>& powers) {
  for (const auto& [key, value] : annotations) {
    const bool isSafe = value == "runtime/default" || value.starts_with("localhost/");
    if (key.starts_with(kAppArmor)
            ? !isSafe && !value.empty()
            : (key == kSeccompOfPod || key.starts_with(kSeccomp)) && !isSafe && value != "docker/default")
      powers.push_back({"annotations." + key, value});
  }
}

}  // namespace errand::rules
