// Holds the last token of each grant and the results of its reviews, to prove its revocation. It keeps them
// in memory only: after a restart, the expiry of the token confirms the end.
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

// A token that is kept to review it.
struct HeldToken {
  Sensitive token;
  // As in the token request: a review for another audience proves nothing.
  std::vector<std::string> audiences;
};

// The proofs by the uid of their grant. Safe to use from several threads.
class RevocationProofs {
 public:
  // Replaces the grant's token and forgets the reviews of the previous one.
  void hold(const std::string& grantUid, HeldToken held);

  // Returns a copy to review; nullopt if none is held.
  std::optional<HeldToken> held(const std::string& grantUid);

  // Record one review. Proof::refusedSince is set by the first refusal, and reset by an acceptance. Both have
  // no effect for a grant about which nothing is recorded.
  void refused(const std::string& grantUid, Time at);
  void accepted(const std::string& grantUid);

  // Record when the grant ended, and when its last RoleBinding was deleted. Only the first call of each for a
  // grant counts. rightsGone() has no effect before ended().
  void ended(const std::string& grantUid, Time at);
  void rightsGone(const std::string& grantUid, Time at);

  // Returns the proof so far; an empty one if nothing is recorded.
  plan::Proof proof(const std::string& grantUid);

  // Makes this object forget each grant whose end is confirmed, or that leaves the store. Call it once,
  // before the first reflector starts. The store must not change after this object is destroyed.
  void follow(kube::Store<api::TaskGrant>& grants);
  void forget(const std::string& grantUid);
  void clear();  // call it when another process becomes the leader

 private:
  struct Entry {
    std::optional<HeldToken> held;
    std::optional<Time> refusedSince, endedAt, rightsGoneAt;
  };
  Guarded<std::map<std::string, Entry>> entries_;
};

}  // namespace errand::state
