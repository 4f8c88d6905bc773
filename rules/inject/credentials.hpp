// The volumes that bring a grant's credentials into its pod.
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
// The folder in which client libraries look for credentials (rest.InClusterConfig).
inline constexpr std::string_view kStandardPath = "/var/run/secrets/kubernetes.io/serviceaccount";
// The shortest lifetime that TokenRequest accepts.
inline constexpr Seconds kTokenLifetime{600};

// A volume of the pod, and its JSON.
struct CredentialsVolume {
  std::string name, json;
};
struct CredentialsMount {
  std::string volume, path;
};

// Returns the projected volume first. It holds a token for the API server if roles are granted, one file for
// each audience, ca.crt and namespace. Its mode is 0644, as in the API server's own volume, so that a
// container of any user can read it. Every audience of the grant must be in the tool class. One volume for
// each leased Secret follows. It holds the grant's whole copy of the Secret, because no component here may
// read its keys. Its source is optional, so that the kubelet removes the files when the copy is deleted.
std::vector<CredentialsVolume> credentialsVolumes(const api::TaskGrant& grant,
                                                  const api::ToolClass& toolClass);

// True if `name` is reserved for such volumes.
bool isCredentialsName(std::string_view name);

// True if `volume` equals `wanted`, whatever the order of its fields.
bool isCredentialsVolume(const Volume& volume, const CredentialsVolume& wanted);

// Returns the mounts of these volumes. If roles are granted, the first volume is also mounted at the standard
// path. A leased Secret is mounted in a folder of its name (the kubelet makes the mountpoint within the
// projected volume, MakeNestedMountpoints).
std::vector<CredentialsMount> credentialsMounts(const api::TaskGrant& grant);

// The mount as JSON.
std::string jsonOf(const CredentialsMount& mount);

}  // namespace errand::rules
