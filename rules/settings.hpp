// The administrator's description of the cluster, set by flags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace errand::rules {

// Settings of the rules that depend on the cluster.
struct RuleSettings {
  // Audiences of tokens that this API server accepts, in addition to its default audiences.
  std::vector<std::string> apiAudiences = {};
  // Audiences whose tokens may live for a day: a service mesh's proxy obtains its certificate with
  // such a token.
  std::vector<std::string> meshAudiences = {"istio-ca", "identity.l5d.io"};
  // Drivers of inline CSI volumes that deliver no credential, in addition to those that SC112 knows.
  std::vector<std::string> csiDrivers = {};
  // True if no driver of dynamic resources (DRA) in this cluster delivers a credential to a pod.
  bool resourceClaims = false;
  // The operator's user name, system:serviceaccount:<namespace>:<name>. If empty, no request counts
  // as the operator's.
  std::string operatorUser = {};
  // The longest terminationGracePeriodSeconds of a pod with a grant. The pod may run that long after the
  // grant's end.
  Seconds longestGrace{30};

  bool isOperator(std::string_view user) const { return !operatorUser.empty() && user == operatorUser; }
};

}  // namespace errand::rules
