#include "rules/inject/complete.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/inject/automount.hpp"
#include "rules/inject/credentials.hpp"
#include "rules/inject/eligible.hpp"
#include "rules/view/describe.hpp"

namespace errand::rules {
namespace {

std::string_view withoutSlashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

bool isMount(const VolumeMount& mount, const CredentialsMount& wanted) {
  return mount.volume == wanted.volume && mount.mountPath == wanted.path && mount.readOnly && mount.plain;
}

// Returns a volume of the pod's author with a token of the pod's account; null if there is none. The kubelet
// would request that token for the volume's own lifetime, so it could outlive the grant.
const Volume* ownTokenVolume(const PodView& pod) {
  const auto it = std::ranges::find_if(pod.volumes, [](const Volume& volume) {
    return volume.hasToken() && volume.name != kCredentialsVolume && !isApiVolume(volume);
  });
  return it == pod.volumes.end() ? nullptr : &*it;
}

// Returns a volume with a certificate of the pod's account, or null. Such a certificate cannot be revoked.
const Volume* certificateVolume(const PodView& pod) {
  const auto it =
      std::ranges::find_if(pod.volumes, [](const Volume& volume) { return !volume.certificates.empty(); });
  return it == pod.volumes.end() ? nullptr : &*it;
}

// Describes a mount by the pod's author that conflicts with the mounts of the credentials; nullopt if there
// is none.
std::optional<std::string> collision(const PodView& pod, const std::vector<CredentialsMount>& wanted) {
  for (const Container& container : pod.containers)
    for (const VolumeMount& mount : container.mounts) {
      if (std::ranges::any_of(wanted, [&](const auto& w) { return isMount(mount, w); })) continue;
      // An injector, such as Vault Agent's, may also mount the volume in its own container.
      if (isCredentialsName(mount.volume) && mount.readOnly && !mount.partial) continue;
      if (isCredentialsName(mount.volume))
        return fmt::format("mounts volume {} itself, {}; leave the mount out, the webhook adds it",
                           mount.volume, mount.partial ? "by subPath" : "without readOnly");
      const Volume* volume = pod.volume(mount.volume);
      if (volume != nullptr && isApiVolume(*volume)) continue;
      if (std::ranges::find(wanted, withoutSlashes(mount.mountPath), &CredentialsMount::path) != wanted.end())
        return fmt::format("mounts something at {}, where the grant's credentials go; use another mountPath",
                           withoutSlashes(mount.mountPath));
    }
  return std::nullopt;
}

void completeAccount(const PodView& pod, const std::string& account, Patch& patch) {
  if (pod.serviceAccountName != account)
    patch.emplace_back("add", "/spec/serviceAccountName", jsonString(account));
  if (pod.deprecatedServiceAccount != account)
    patch.emplace_back("add", "/spec/serviceAccount", jsonString(account));
  if (pod.automount != false) patch.emplace_back("add", "/spec/automountServiceAccountToken", "false");
}

void completeMounts(const PodView& pod, const std::vector<CredentialsMount>& wanted, Patch& patch) {
  for (const Container& container : pod.containers) {
    if (container.role == ContainerRole::Ephemeral) continue;
    bool exists = container.hasMounts;
    for (const CredentialsMount& mount : wanted)
      if (std::ranges::none_of(container.mounts, [&](const VolumeMount& m) { return isMount(m, mount); }))
        append(patch, pathOf(container) + "/volumeMounts", jsonOf(mount), exists);
  }
}

void completeBounds(const PodView& pod, Seconds window, Seconds longestGrace, Patch& patch) {
  constexpr std::int64_t kDefaultGrace = 30;  // the API server's default
  if (pod.terminationGracePeriodSeconds.value_or(kDefaultGrace) > longestGrace.count())
    patch.emplace_back("add", "/spec/terminationGracePeriodSeconds", std::to_string(longestGrace.count()));
  // The kubelet ignores the pod's deadline while it waits for a container whose probe has
  // failed to terminate.
  for (const Container& container : pod.containers) {
    const auto bound = [&](std::string_view probe, const std::optional<std::int64_t>& grace) {
      if (grace.value_or(0) > longestGrace.count())
        patch.emplace_back("add",
                           fmt::format("{}/{}/terminationGracePeriodSeconds", pathOf(container), probe),
                           std::to_string(longestGrace.count()));
    };
    bound("livenessProbe", container.livenessGrace);
    bound("startupProbe", container.startupGrace);
  }
  const std::int64_t longest = window.count();
  if (pod.activeDeadlineSeconds.value_or(longest + 1) > longest)
    patch.emplace_back("add", "/spec/activeDeadlineSeconds", std::to_string(longest));
  bool exists = pod.hasGates;
  if (std::ranges::find(pod.schedulingGates, api::kSchedulingGate) == pod.schedulingGates.end())
    append(patch, "/spec/schedulingGates", fmt::format(R"({{"name":"{}"}})", api::kSchedulingGate), exists);
}

}  // namespace

Result<Patch> completeFromGrant(const PodView& pod, const api::TaskGrant& grant,
                                const api::AgentIdentity* identity, std::string_view user,
                                Seconds longestGrace) {
  const auto refuse = [&](std::string_view reason) {
    return fail(ErrorKind::Forbidden, fmt::format("TaskGrant \"{}\" {}", grant.meta.name, reason));
  };
  if (auto refusal = notEligible(pod, grant, identity, user)) return std::unexpected(std::move(*refusal));
  const api::ToolClass& toolClass = *identity->toolClass(grant.spec.toolClass);
  const auto volumes = credentialsVolumes(grant, toolClass);
  const auto mounts = credentialsMounts(grant);

  for (const Volume& volume : pod.volumes)
    if (isCredentialsName(volume.name) && std::ranges::none_of(volumes, [&](const auto& wanted) {
          return isCredentialsVolume(volume, wanted);
        }))
      return refuse(
          fmt::format("keeps the volume name {} for its credentials; rename the pod's own", volume.name));
  if (const Volume* own = ownTokenVolume(pod))
    return refuse(fmt::format(
        "brings its pod all tokens that it may have; take the serviceAccountToken out of volume {}",
        inQuotes(own->name)));
  if (const Volume* own = certificateVolume(pod))
    return refuse(
        fmt::format("brings its pod all credentials that it may have; take the podCertificate out "
                    "of volume {}",
                    inQuotes(own->name)));
  if (const auto reason = collision(pod, mounts))
    return fail(ErrorKind::Forbidden,
                fmt::format("the pod of TaskGrant \"{}\" {}", grant.meta.name, *reason));

  Patch patch;
  completeAccount(pod, api::grantAccountName(grant.meta.uid), patch);
  removeApiVolumes(pod, patch);
  bool hasVolumes = pod.hasVolumes;
  for (const CredentialsVolume& volume : volumes)
    if (pod.volume(volume.name) == nullptr) append(patch, "/spec/volumes", volume.json, hasVolumes);
  completeMounts(pod, mounts, patch);
  completeBounds(pod, grant.spec.window.duration, longestGrace, patch);
  return patch;
}

}  // namespace errand::rules
