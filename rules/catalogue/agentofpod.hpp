// Finds the agent and the tool class of a pod by the account that it runs as.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "core/api/accounts.hpp"
#include "rules/catalogue/rule.hpp"

namespace errand::rules {

// The agent and the tool class of a pod.
struct AgentOfPod {
  std::shared_ptr<const api::AgentIdentity> identity;
  const api::ToolClass* toolClass;  // owned by identity
};

// Why a pod has no agent.
struct NoAgent {
  std::string why;  // a text for the pod's author
  // True if a template or a file names an AgentIdentity that is not known, because it may be created later.
  bool mayCome = false;
};

// Returns the agent if the pod's account is errand-a.<agent>.<class>, the identity is known and has that
// class, and its podSelector matches the pod. Otherwise returns the reason.
std::expected<AgentOfPod, NoAgent> agentOfPod(const CheckInput& input);

}  // namespace errand::rules
