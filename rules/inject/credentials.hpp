// The volumes by which a grant's credentials reach its pod.
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
// Where client libraries look (rest.InClusterConfig).
inline constexpr std::string_view kStandardPath = "/var/run/secrets/kubernetes.io/serviceaccount";
// The least that TokenRequest takes.
inline constexpr Seconds kTokenLifetime{600};

// A volume of the pod, and its JSON.
struct CredentialsVolume {
  std::string name, json;
};
struct CredentialsMount {
  std::string volume, path;
};

// First the projected volume: a token for the API server where roles are
// granted, one file for each audience, ca.crt and namespace. Mode 0644, as the
// API server's own volume, so that a container of any user can read it.
// Every audience of the grant must be in the tool class. Then one for each leased
// Secret: the grant's copy of it, whole, for nobody here may read which keys it
// has. Optional, so that the kubelet takes the files away when the copy is gone.
std::vector<CredentialsVolume> credentialsVolumes(const api::TaskGrant& grant,
                                                  const api::ToolClass& toolClass);

// Whether `name` is kept for such volumes.
bool isCredentialsName(std::string_view name);

// Whether `volume` is that volume, whatever the order of its fields.
bool isCredentialsVolume(const Volume& volume, const CredentialsVolume& wanted);

// Where they are mounted: the first at the standard path, too, where roles are
// granted; a leased Secret in a folder of its name (the kubelet makes the
// mountpoint within the projected volume, MakeNestedMountpoints).
std::vector<CredentialsMount> credentialsMounts(const api::TaskGrant& grant);

// The mount as JSON.
std::string jsonOf(const CredentialsMount& mount);

}  // namespace errand::rules
