// The last token of each grant and the results of its reviews, kept to prove its revocation. They are in
// memory only: after a restart, the end is confirmed by expiry.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/api/taskgrant.hpp"
#include "core/base/guarded.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"
#include "core/kube/watch/store.hpp"
#include "operator/plan/observed.hpp"

namespace errand::state {

struct HeldToken {
  Sensitive token;
  std::vector<std::string>
      audiences;  // as in the token request: a review for another audience would prove nothing
};

class RevocationProofs {
 public:
  // Replaces the grant's token and forgets the reviews of the previous one.
  void hold(const std::string& grantUid, HeldToken held);

  // Returns a copy to review; nullopt if none is held.
  std::optional<HeldToken> held(const std::string& grantUid);

  // Records one review. A run of refusals begins with the first refusal and ends with an acceptance.
  void refused(const std::string& grantUid, Time at);
  void accepted(const std::string& grantUid);

  // Record when the grant ended, and when its last RoleBinding was gone. The first call of each counts.
  void ended(const std::string& grantUid, Time at);
  void rightsGone(const std::string& grantUid, Time at);

  plan::Proof proof(const std::string& grantUid);

  // Forgets each grant whose end is confirmed: it needs no more proof, but exists until its ttl. Also forgets
  // each grant that leaves the store, for whatever reason. Call it before the first reflector starts.
  void follow(kube::Store<api::TaskGrant>& grants);
  void forget(const std::string& grantUid);
  void clear();  // another process leads

 private:
  struct Entry {
    std::optional<HeldToken> held;
    std::optional<Time> refusedSince, endedAt, rightsGoneAt;
  };
  Guarded<std::map<std::string, Entry>> entries_;
};

}  // namespace errand::state
