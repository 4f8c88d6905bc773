#include "webhook/guard/token.hpp"

#include <fmt/format.h>

#include "core/policy/ending.hpp"
#include "rules/view/describe.hpp"

namespace errand::webhook {
namespace {

constexpr Seconds kClockSkew{60};  // as kube-apiserver tolerates for a token's nbf

RequestVerdict refuse(std::string_view account, std::string_view reason,
                      std::optional<rules::NeedsGrant> needs = std::nullopt) {
  return {.refusal = fmt::format("no token for ServiceAccount {}: {}", rules::inQuotes(account), reason),
          .needs = std::move(needs)};
}

// Returns nullopt if the namespace is not known.
std::optional<policy::GrantState> stateOf(const std::shared_ptr<const api::TaskGrant>& grant,
                                          const rules::ClusterState& cluster) {
  const std::string& ns = grant->meta.ns;
  const auto of = cluster.ofNamespace(ns);
  if (of == nullptr) return std::nullopt;
  policy::GrantState out;
  out.grant = grant;
  out.identity = cluster.identity(ns, grant->spec.agentIdentity);
  out.ns = policy::factsOf(of->meta);
  for (auto ref = grant->spec.parent; ref && out.ancestors.size() < policy::kMaxDepth;) {
    auto above = cluster.grant(ns, ref->name);
    if (!above) break;
    ref = above->spec.parent;
    out.ancestors.push_back({std::move(above), api::Risk::Low});
  }
  return out;
}

}  // namespace

RequestVerdict evaluateToken(std::string_view ns, std::string_view account,
                             const rules::ClusterState& cluster, Time now) {
  const auto grant = cluster.grantOfAccount(ns, account);
  if (!grant) return refuse(account, "it belongs to no TaskGrant", rules::NeedsGrant{std::string(ns), ""});

  const std::string name = fmt::format("TaskGrant \"{}\"", grant->meta.name);
  const auto& status = grant->status;
  if (grant->terminal())
    return refuse(account, fmt::format("{} is {}; create another grant", name, api::toString(*status.phase)));
  const rules::NeedsGrant again{std::string(ns), grant->meta.name};
  if (status.phase != api::Phase::Active || !status.startedAt || !status.endsAt)
    return refuse(account,
                  fmt::format("{} is {}, and its tokens are minted while it is Active only", name,
                              api::toString(status.phase.value_or(api::Phase::Pending))),
                  again);
  // The clock of the operator, which wrote startedAt, may be ahead of this one.
  if (now + kClockSkew < *status.startedAt)
    return refuse(account, fmt::format("{} starts at {}", name, formatTime(*status.startedAt)), again);
  if (now >= *status.endsAt)
    return refuse(account, fmt::format("the window of {} closed at {}; create another grant", name,
                                       formatTime(*status.endsAt)));
  // The grant may have a cause to end while the operator is down. If the caches lack an object, it may only
  // be delayed, so these refusals set `needs`.
  const auto state = stateOf(grant, cluster);
  if (!state) return refuse(account, fmt::format("namespace {} is not known yet", ns), again);
  if (const auto ending = policy::endedByRequest(*state))
    return refuse(account, fmt::format("{} ends: {}; create another grant", name, ending->message));
  if (const auto ending = policy::endingOf(*state, now))
    return refuse(account,
                  fmt::format("{} ends ({}): {}", name, policy::toString(ending->because), ending->message),
                  again);
  return {};
}

}  // namespace errand::webhook
