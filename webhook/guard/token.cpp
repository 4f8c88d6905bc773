#include "webhook/guard/token.hpp"

#include <fmt/format.h>

#include "webhook/view/describe.hpp"

namespace errand::webhook {
namespace {

TokenVerdict refuse(std::string_view account, std::string_view reason,
                    std::optional<NeedsGrant> needs = std::nullopt) {
  return {fmt::format("no token for ServiceAccount {}: {}", inQuotes(account), reason), std::move(needs)};
}

}  // namespace

TokenVerdict judgeToken(std::string_view ns, std::string_view account, const Views& views, Time now) {
  const auto grant = views.grantOfAccount(ns, account);
  if (!grant) return refuse(account, "it belongs to no TaskGrant", NeedsGrant{std::string(ns), ""});

  const std::string name = fmt::format("TaskGrant \"{}\"", grant->meta.name);
  const auto& status = grant->status;
  if (grant->terminal())
    return refuse(account, fmt::format("{} is {}; create another grant", name, api::toString(*status.phase)));
  // Whether or not the operator is there to end it.
  if (grant->spec.revokeReason || grant->meta.deletionTimestamp)
    return refuse(account, fmt::format("{} is {}; create another grant", name,
                                       grant->meta.deletionTimestamp ? "being deleted" : "to be revoked"));
  const NeedsGrant again{std::string(ns), grant->meta.name};
  if (status.phase != api::Phase::Active || !status.startedAt || !status.endsAt)
    return refuse(account,
                  fmt::format("{} is {}, and its tokens are minted while it is Active only", name,
                              api::toString(status.phase.value_or(api::Phase::Pending))),
                  again);
  if (now < *status.startedAt)
    return refuse(account, fmt::format("{} starts at {}", name, formatTime(*status.startedAt)), again);
  if (now >= *status.endsAt)
    return refuse(account, fmt::format("the window of {} closed at {}; create another grant", name,
                                       formatTime(*status.endsAt)));
  return {};
}

}  // namespace errand::webhook
