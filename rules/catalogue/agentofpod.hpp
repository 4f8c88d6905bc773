// Which agent and tool class a pod is, by the account that it runs as.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "core/api/accounts.hpp"
#include "rules/catalogue/rule.hpp"

namespace errand::rules {

struct AgentOfPod {
  std::shared_ptr<const api::AgentIdentity> identity;
  const api::ToolClass* toolClass;  // owned by identity
};

struct NoAgent {
  std::string why;  // in words for the pod's author
  // The account is of the form and there is no such AgentIdentity, which may come after a template or a file.
  bool mayCome = false;
};

// The pod's account is errand-a.<agent>.<class> of an identity that exists, has
// that class, and whose podSelector matches the pod. Else why not.
std::expected<AgentOfPod, NoAgent> agentOfPod(const CheckInput& input);

}  // namespace errand::rules
