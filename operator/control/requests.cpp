#include "operator/control/requests.hpp"

#include <fmt/format.h>

#include "core/api/resource.hpp"

namespace errand::control {
namespace {

constexpr size_t kMostSeen = 65536;
// A seal is good for one minute (api::kSealWindow): after an hour, or so many others, nobody waits that could
// still repeat it.
constexpr Seconds kSeenFor{3600};

}  // namespace

plan::Request Requests::judge(const api::TaskGrant& grant) {
  plan::Request out;
  {
    const auto keys = accepted_.access();
    if (!*keys) return out;
    out.seal = api::checkSeal(grant, **keys);
  }
  out.judged = true;
  if (!out.seal) return out;
  out.sealOf = firstWith(grant, out.seal->nonce);
  out.may = access_.ask({.who = out.seal->requester,
                         .verb = "request",
                         .group = std::string(api::kAgentIdentities.group),
                         .resource = std::string(api::kAgentIdentities.plural),
                         .ns = grant.meta.ns,
                         .name = grant.spec.agentIdentity});
  return out;
}

// By memory, which two workers share, and by the accounts, which outlive this process.
std::string Requests::firstWith(const api::TaskGrant& grant, const std::string& nonce) {
  const std::string key = fmt::format("{}/{}", grant.meta.ns, nonce);
  for (const auto& account : stores_.accounts.byIndex(kByNonce, key))
    if (const auto uid = account->meta.label(api::kGrantUidLabel); !uid.empty() && uid != grant.meta.uid)
      return std::string(uid);
  const Moment now = clock_.monotonic();
  const auto seen = seen_.access();
  const auto [entry, fresh] = seen->uids.try_emplace(key, grant.meta.uid);
  const std::string uid = entry->second;
  if (fresh) seen->order.emplace_back(now, key);
  while (seen->order.size() > kMostSeen ||
         (!seen->order.empty() && now - seen->order.front().first > kSeenFor)) {
    seen->uids.erase(seen->order.front().second);
    seen->order.pop_front();
  }
  return uid;
}

std::set<std::string> Requests::carriedKeys() const {
  std::set<std::string> out;
  for (const auto& key : stores_.grants.keys(std::nullopt))
    if (const auto grant = stores_.grants.get(key.ns, key.name); grant && !grant->terminal())
      out.insert(api::sealKeyId(grant->meta));
  return out;
}

}  // namespace errand::control
