// The last token of each grant, kept to prove its revocation, and what the
// reviews said. In memory alone: a restart loses it, and the end is then
// confirmed by expiry.
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
      audiences;  // as it was asked for: a review for another audience would prove nothing
};

class RevocationProofs {
 public:
  // Replaces the grant's token and forgets what was said of the one before.
  void hold(const std::string& grantUid, HeldToken held);

  // A copy to review, nothing where none is held.
  std::optional<HeldToken> held(const std::string& grantUid);

  // One review's verdict; a run of refusals begins with the first and ends with an acceptance.
  void refused(const std::string& grantUid, Time at);
  void accepted(const std::string& grantUid);

  // When the grant ended, and when its last RoleBinding was gone; the first of each counts.
  void ended(const std::string& grantUid, Time at);
  void rightsGone(const std::string& grantUid, Time at);

  plan::Proof proof(const std::string& grantUid);

  // Forgets each grant whose end is confirmed, which needs no more proof but stands for its ttl, and each
  // that leaves the store, whoever let it go. Before the first reflector starts.
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
