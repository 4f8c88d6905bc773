// Reads what a pod asks for beyond Pod Security "baseline" of Kubernetes 1.37
// (https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline), host namespaces and
// volumes aside. tests/cluster/webhook/test_podsecurity.py compares it with the API server's own checks. For
// the readers of this folder only.
#pragma once

#include <optional>
#include <vector>

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// A securityContext of a pod or a container. `hostUsers` is the pod's: in a user namespace of its own a pod
// may see all of /proc.
void readSecurity(const JsonNode& context, const std::optional<bool>& hostUsers, std::vector<Literal>& powers,
                  bool& hasGmsa);

// Ports of a container. In a pod with hostNetwork the API server completes every port to one of the node, so
// that they say nothing more.
void readHostPorts(const JsonNode& container, std::vector<Literal>& powers);

// The annotations of seccomp and AppArmor from before there were fields; the field is "annotations.<key>".
void readProfiles(const api::StringMap& annotations, std::vector<Literal>& powers);

}  // namespace errand::rules
