// Reads settings that exceed Pod Security "baseline" of Kubernetes 1.37
// (https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline), except host namespaces and
// volumes. tests/cluster/webhook/test_podsecurity.py compares them with the API server's own checks. Only the
// readers of this folder may use it.
#pragma once

#include <optional>
#include <vector>

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Each function appends the settings that it finds to `powers`, and records wrong types in the node's
// failure.

// Reads the securityContext of a pod or a container. `hostUsers` is the pod's: a pod in its own user
// namespace (false) may have any procMount. Sets `hasGmsa` if windowsOptions names a group managed service
// account.
void readSecurity(const JsonNode& context, const std::optional<bool>& hostUsers, std::vector<Literal>& powers,
                  bool& hasGmsa);

// Reads the host ports of a container. Call it only for a pod without hostNetwork: with hostNetwork, the API
// server sets a host port for every port.
void readHostPorts(const JsonNode& container, std::vector<Literal>& powers);

// Reads the deprecated annotations of seccomp and AppArmor. Their field is "annotations.<key>".
void readProfiles(const api::StringMap& annotations, std::vector<Literal>& powers);

}  // namespace errand::rules
