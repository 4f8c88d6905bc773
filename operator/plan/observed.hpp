// The whole input of a plan: every fact that influences a decision.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/provenance.hpp"
#include "core/api/taskgrant.hpp"
#include "core/policy/dangerous.hpp"
#include "core/policy/grantstate.hpp"
#include "core/policy/reason.hpp"

namespace errand::plan {

struct Settings {
  Seconds approvalTimeout{3600};     // no decision by then is a denial
  Seconds maxRequestAge{24 * 3600};  // a grant that has not started by then is denied
  Seconds keepRecords{3600};         // an ended grant is kept at least this long, whatever its ttl
  Seconds requesterRecheck{300};     // for authorizers that do not report changes; RBAC is watched
  Seconds recheck{15};               // for what is not watched: roles, and the right to bind them
  Millis syncPatience{5000};  // a namespace that is not known after this lacks the operator's RoleBinding
  Seconds proofFor{15};       // a token must be refused for so long; over the API server's 10 s cache
  Millis proofEvery{1000};
  Seconds minTokenLife{600};   // TokenRequest's minimum
  Seconds maxTokenLife{3600};  // never 3607: see kube-apiserver's --service-account-extend-token-expiration
  Seconds expiryLeeway{60};    // clock skew that the API server forgives
};

using policy::Ancestor;
using policy::kMaxDepth;
using policy::NamespaceFacts;
using policy::Reason;
using policy::WorkloadFacts;

// A Role or ClusterRole that a grant names. `known` is false if it could not be read.
struct RoleFact {
  api::RoleRef role;
  std::string path;  // spec.access.roles[0]
  bool known = false;
  bool exists = false;
  std::string rulesDigest;
  std::optional<bool> mayBind;  // the operator has the verb bind on it; nullopt if that is unknown
  std::vector<policy::Danger> dangers = {};  // of its effective rules
};

// A binding that gives an agent's account, or all accounts, a right that no grant has given.
struct StandingBinding {
  std::string kind, ns, name;  // RoleBinding or ClusterRoleBinding; ns is empty for the latter
  api::RoleRef role;
  std::string account;  // the account that receives the right
};

// Whether the admission policies hold that make a status trustworthy. `since` survives an interruption: a
// status that was written before it is not trusted, one that was written after it is.
struct GuardFacts {
  bool hold = true;           // false: nothing starts
  std::optional<Time> since;  // nullopt if unknown
  std::string problem;        // why they do not hold, and what to do
  bool operator==(const GuardFacts&) const = default;
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

// A pod that names the slot's Secret.
struct SlotHolder {
  std::string pod, account;
  std::optional<Time> created;
  std::vector<policy::Owner> owners;  // the nearest first
};

// The state that this process keeps of a grant's last token. A restart loses it.
struct Proof {
  bool tokenHeld = false;
  std::optional<Time> refusedSince;  // start of an unbroken run of refusals
  std::optional<Time> endedAt, rightsGoneAt;
};

// A grant below this one that may still have rights.
struct Descendant {
  std::shared_ptr<const api::TaskGrant> grant;
  std::vector<std::shared_ptr<const api::RoleBinding>> bindings;
};

// The requester of a grant, and whether that user may still request it.
struct Provenance {
  bool checked = false;  // false if nothing depends on it
  std::expected<api::Requester, api::RequesterProblem> requester =
      std::unexpected(api::RequesterProblem{});  // as admission recorded it
  // True if the requester still holds the verb `request`; nullopt if that could not be checked.
  std::optional<bool> mayRequest;
};

struct Observed : policy::GrantState {
  std::shared_ptr<const api::ServiceAccount> account;  // by the grant's account name, whoever made it
  std::vector<std::shared_ptr<const api::RoleBinding>> bindings;  // by the grant's account name and a dot
  std::shared_ptr<const api::PartialObject> slotSecret;           // by the slot's name, whoever made it
  std::vector<SlotClaim> slotClaims;                              // of the grant's slot
  std::vector<SlotHolder> slotHolders;                            // likewise, pods that have not ended
  std::vector<std::shared_ptr<const api::PartialObject>>
      leasedSecrets;  // those that exist of spec.access.secrets
  std::vector<std::shared_ptr<const api::PartialObject>>
      leaseCopies;                                    // by the names of the grant's copies of them
  std::vector<std::shared_ptr<const api::Pod>> pods;  // those that run as the grant's account
  std::shared_ptr<const api::Job> job;                // by the name of a workload that is a Job
  std::vector<RoleFact> roles;
  std::vector<StandingBinding> standing;
  bool ownersKnown = true;  // what is above workload and pods has been listed
  Provenance request;
  GuardFacts guards;
  Siblings siblings;
  std::vector<Descendant> descendants;  // the deepest first
  Proof proof;
};

}  // namespace errand::plan
