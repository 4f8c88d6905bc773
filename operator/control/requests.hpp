// How grants were asked for: seals checked, nonces remembered, RBAC asked again.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "core/base/guarded.hpp"
#include "core/kube/client/access.hpp"
#include "operator/apply/stores.hpp"
#include "operator/plan/observed.hpp"
#include "operator/seals/keeper.hpp"

namespace errand::control {

inline constexpr std::string_view kByNonce = "nonce";  // accounts: ns/nonce of the seal they were made for

class Requests {
 public:
  // All outlive it.
  Requests(apply::Stores& stores, seals::Accepted& accepted, const kube::Client& client, const Clock& clock)
      : stores_(stores), accepted_(accepted), access_(client, clock), clock_(clock) {}

  // Of a grant that waits in a namespace that is watched. Remembers its seal as this grant's.
  plan::Request judge(const api::TaskGrant& grant);

  // The keys on grants that have not ended.
  std::set<std::string> carriedKeys() const;

 private:
  using Moment = std::chrono::steady_clock::time_point;
  std::string firstWith(const api::TaskGrant& grant, const std::string& nonce);

  struct Seen {
    std::map<std::string, std::string> uids;           // by ns/nonce
    std::deque<std::pair<Moment, std::string>> order;  // the same keys, the oldest first
  };

  apply::Stores& stores_;
  seals::Accepted& accepted_;
  kube::Access access_;
  const Clock& clock_;
  Guarded<Seen> seen_;
};

}  // namespace errand::control
