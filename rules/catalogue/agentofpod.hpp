// Which agent and tool class a pod is, by the account that it runs as.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "rules/view/podview.hpp"
#include "rules/views.hpp"

namespace errand::rules {

inline constexpr std::string_view kGrantAccountPrefix = "errand-g.";
inline constexpr std::string_view kBaseAccountPrefix = "errand-a.";

// Whether a name is that of an account of an agent, between tasks or for one.
inline bool isAgentAccount(std::string_view name) {
  return name.starts_with(kGrantAccountPrefix) || name.starts_with(kBaseAccountPrefix);
}

struct AgentOfPod {
  std::shared_ptr<const api::AgentIdentity> identity;
  const api::ToolClass* toolClass;  // owned by identity
};

struct NoAgent {
  std::string why;               // in words for the pod's author
  bool unknownIdentity = false;  // the account is of the form, and there is no such AgentIdentity
};

// The pod's account is errand-a.<agent>.<class> of an identity that exists, has
// that class, and whose podSelector matches the pod. Else why not.
std::expected<AgentOfPod, NoAgent> agentOfPod(const PodView& pod, std::string_view ns, const Views& views);

}  // namespace errand::rules
