// What is, as far as it decides anything: the whole input of a plan.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/seal.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::plan {

struct Settings {
  Seconds approvalTimeout{3600};  // no decision by then is a denial
  Seconds recheck{15};            // for what is not watched: roles, and the right to bind them
  Millis syncPatience{5000};      // a namespace that is not known after this lacks the operator's RoleBinding
  Seconds proofFor{15};           // a token must be refused for so long; over the API server's 10 s cache
  Millis proofEvery{1000};
  Seconds minTokenLife{600};   // TokenRequest's minimum
  Seconds maxTokenLife{3600};  // never 3607: see kube-apiserver's --service-account-extend-token-expiration
  Seconds expiryLeeway{60};    // clock skew that the API server forgives
};

struct NamespaceFacts {
  bool enforced = false;   // label errand.dev/enforce is "true"
  bool suspended = false;  // label errand.dev/suspended is "true"
  bool terminating = false;
  bool synced = true;     // its objects are known; false while the operator has no rights there
  Millis unsyncedFor{0};  // since its watches were started
};

// A Role or ClusterRole that a grant names. `known` is false where it could not be read.
struct RoleFact {
  api::RoleRef role;
  std::string path;  // spec.access.roles[0]
  bool known = false;
  bool exists = false;
  std::string rulesDigest;
};

struct WorkloadFacts {
  std::string uid;
  bool complete = false;
  bool failed = false;
  bool deleting = false;
  std::string message;         // the workload's own words on why it failed
  std::string templateDigest;  // of its pod template
  api::StringMap podLabels;    // of its pod template, or its own where it is a Pod
};

// The other grants of the same tool class that have not ended.
struct Siblings {
  std::int32_t started = 0;         // hold credentials, or are being revoked
  std::int32_t waitingEarlier = 0;  // wait for their turn, or for the slot, and came first
  std::string firstForSlot;         // of these the first with delivery Slot; empty: none
};

// Another tool class that names the same Secret as its slot.
struct SlotClaim {
  std::string agent, toolClass;
};

// A pod that names the slot's Secret and does not run as the account that it is for.
struct SlotHolder {
  std::string pod, account;
};

// What this process remembers of a grant's last token; lost with the process.
struct Proof {
  bool tokenHeld = false;
  std::optional<Time> refusedSince;  // start of an unbroken run of refusals
  std::optional<Time> endedAt, rightsGoneAt;
};

// A grant above this one, by parentRef.
struct Ancestor {
  std::shared_ptr<const api::TaskGrant> grant;
  std::shared_ptr<const api::ServiceAccount> account;  // null where there is none
  api::Risk risk = api::Risk::Low;                     // that counts: see effectiveRisk()
};

// A grant below this one that may still have rights.
struct Descendant {
  std::shared_ptr<const api::TaskGrant> grant;
  std::vector<std::shared_ptr<const api::RoleBinding>> bindings;
};

// Grants in a chain of parentRefs, with the first that has none.
inline constexpr size_t kMaxDepth = 4;

// How a grant that waits was asked for.
struct Request {
  bool judged = false;  // false where the keys of seals are not known yet, or nothing depends on it
  std::expected<api::Sealed, api::SealProblem> seal = std::unexpected(api::SealProblem{});
  std::string sealOf;       // uid of the grant on which this seal was first seen
  std::optional<bool> may;  // the requester still may; none where that could not be asked
};

struct Observed {
  std::shared_ptr<const api::TaskGrant> grant;
  std::shared_ptr<const api::AgentIdentity> identity;  // null where there is none of that name
  NamespaceFacts ns;
  std::optional<WorkloadFacts> workload;
  std::shared_ptr<const api::ServiceAccount> account;  // by the grant's account name, whoever made it
  std::vector<std::shared_ptr<const api::RoleBinding>> bindings;  // by the grant's binding names
  std::shared_ptr<const api::Object> slotSecret;                  // by the slot's name, whoever made it
  std::vector<SlotClaim> slotClaims;                              // of the grant's slot
  std::vector<SlotHolder> slotHolders;                            // likewise, pods that have not ended
  std::vector<std::shared_ptr<const api::Object>> leasedSecrets;  // those that exist of spec.access.secrets
  std::vector<std::shared_ptr<const api::Object>> leaseCopies;  // by the names of the grant's copies of them
  std::vector<std::shared_ptr<const api::Pod>> pods;            // those that run as the grant's account
  std::vector<RoleFact> roles;
  Request request;
  Siblings siblings;
  std::vector<Ancestor> ancestors;      // the parent first; as far as they exist, and no more than kMaxDepth
  std::vector<Descendant> descendants;  // the deepest first
  Proof proof;
};

}  // namespace errand::plan
