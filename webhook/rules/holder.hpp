// Which agent and tool class a pod is, by the account that it runs as.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "webhook/view/podview.hpp"
#include "webhook/views.hpp"

namespace errand::webhook {

inline constexpr std::string_view kGrantAccountPrefix = "errand-g.";
inline constexpr std::string_view kBaseAccountPrefix = "errand-a.";

struct Holder {
  std::shared_ptr<const api::AgentIdentity> identity;
  const api::ToolClass* toolClass;  // owned by identity
};

// The pod's account is errand-a.<agent>.<class> of an identity that exists, has
// that class, and whose podSelector matches the pod. Else why not, in words for
// its author.
std::expected<Holder, std::string> holderOf(const PodView& pod, std::string_view ns, const Views& views);

}  // namespace errand::webhook
