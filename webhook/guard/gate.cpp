#include "webhook/guard/gate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/api/accounts.hpp"
#include "core/api/codec.hpp"
#include "rules/view/describe.hpp"

namespace errand::webhook {
namespace {

bool isGated(const rules::PodView& pod) {
  return std::ranges::find(pod.schedulingGates, api::kSchedulingGate) != pod.schedulingGates.end();
}

// Returns a container of `old` whose image has changed; null if there is none. A container that the new
// object lacks counts as changed, because it may have been renamed.
const rules::Container* changedImage(const rules::PodView& pod, const rules::PodView& old) {
  const auto same = [](const rules::Container& a, const rules::Container& b) {
    return a.role == b.role && a.name == b.name && a.image == b.image;
  };
  const auto lost = std::ranges::find_if(old.containers, [&](const rules::Container& before) {
    return before.role != rules::ContainerRole::Ephemeral &&
           std::ranges::none_of(pod.containers,
                                [&](const rules::Container& now) { return same(before, now); });
  });
  return lost == old.containers.end() ? nullptr : &*lost;
}

}  // namespace

std::optional<std::string> refusedUpdate(const rules::PodView& pod, const rules::PodView& old,
                                         bool isOperator) {
  if (isGated(old) && !isGated(pod) && !isOperator) {
    const std::string grant(old.label(api::kGrantLabel));
    return fmt::format(
        "pod {}: the scheduling gate {} is taken away by the operator alone, once {} is Active; the "
        "grant's status says what it waits for",
        rules::inQuotes(old.name), api::kSchedulingGate,
        grant.empty() ? "its TaskGrant" : "TaskGrant " + rules::inQuotes(grant));
  }
  if (!api::isAgentAccount(old.account())) return std::nullopt;
  if (const rules::Container* container = changedImage(pod, old))
    return fmt::format(
        "pod {}, {}: the image of a pod that runs {} cannot be changed; create another pod{}",
        rules::inQuotes(old.name), describe(*container),
        old.account().starts_with(api::kGrantAccountPrefix) ? "with a TaskGrant" : "as an agent",
        old.account().starts_with(api::kGrantAccountPrefix) ? " with a grant of its own" : "");
  return std::nullopt;
}

}  // namespace errand::webhook
