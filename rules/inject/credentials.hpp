// The volumes that deliver a grant's credentials into its pod.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/taskgrant.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

inline constexpr std::string_view kCredentialsVolume = "errand-credentials";
inline constexpr std::string_view kLeaseVolumePrefix = "errand-lease-";
inline constexpr std::string_view kCredentialsPath = "/var/run/secrets/errand.dev";
// The folder in which client libraries search for credentials (rest.InClusterConfig).
inline constexpr std::string_view kStandardPath = "/var/run/secrets/kubernetes.io/serviceaccount";
// The shortest lifetime that TokenRequest accepts.
inline constexpr Seconds kTokenLifetime{600};

// A volume of the pod, and its JSON.
struct CredentialsVolume {
  std::string name, json;
};
// A mount of such a volume.
struct CredentialsMount {
  std::string volume, path;
};

// Returns the projected volume first, then one volume for each leased Secret.
// - The projected volume holds a token for the API server if roles are granted, a token for each audience
//   that is also in the tool class, ca.crt and namespace. Its mode is 0644, as in the API server's own
//   volume, so that any user in the container can read it.
// - The volume of a leased Secret holds the grant's whole copy: the webhook must not read Secrets, so it does
//   not know the keys. The source is optional, so that the kubelet removes the files when the copy is
//   deleted.
std::vector<CredentialsVolume> credentialsVolumes(const api::TaskGrant& grant,
                                                  const api::ToolClass& toolClass);

// True if `name` is reserved for such volumes.
bool isCredentialsName(std::string_view name);

// True if `volume` has the name and the fields of `wanted`. The order of fields does not matter.
bool isCredentialsVolume(const Volume& volume, const CredentialsVolume& wanted);

// Returns the mounts of these volumes in a container. If roles are granted, the projected volume is also
// mounted at kStandardPath. A leased Secret is mounted at kCredentialsPath, in a folder of its name. The
// kubelet creates that folder in the projected volume (MakeNestedMountpoints).
std::vector<CredentialsMount> credentialsMounts(const api::TaskGrant& grant);

// Returns the mount as JSON.
std::string jsonOf(const CredentialsMount& mount);

}  // namespace errand::rules
