// The input of a plan: every fact that affects a decision.
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

// Time limits and intervals of the decisions.
struct Settings {
  Seconds approvalTimeout{3600};     // from the creation: without a decision by then, the grant is denied
  Seconds maxRequestAge{24 * 3600};  // from the creation: a grant that has not started by then is denied
  Seconds keepRecords{3600};         // an ended grant is kept at least this long, even with a shorter ttl
  // The time between two checks of an Active grant's requester. RBAC is watched, but other authorizers
  // report no changes.
  Seconds requesterRecheck{300};
  // The time between two plans of a grant that is stalled or settles, or whose pods could not be ended yet.
  Seconds recheck{15};
  // A namespace that is not synced after this time is reported as lacking the operator's RoleBinding.
  Millis syncPatience{5000};
  Seconds proofFor{15};        // how long a token must be rejected; longer than the API server's 10 s cache
  Millis proofEvery{1000};     // the time between two reviews of that token
  Seconds minTokenLife{600};   // TokenRequest's minimum
  Seconds maxTokenLife{3600};  // never 3607: see kube-apiserver's --service-account-extend-token-expiration
  Seconds expiryLeeway{60};    // the API server accepts a token this long after its expiry, for clock skew
};

using policy::Ancestor;
using policy::kMaxDepth;
using policy::NamespaceFacts;
using policy::Reason;
using policy::WorkloadFacts;

// A Role or ClusterRole that a grant names.
struct RoleFact {
  api::RoleRef role;
  std::string path;    // the field of the grant, such as spec.access.roles[0]
  bool known = false;  // false until the roles of its namespace or of the cluster are listed
  bool exists = false;
  std::string rulesDigest;
  // True if the operator has the verb bind on it; nullopt if there is no answer, or the grant has started.
  std::optional<bool> mayBind;
  std::vector<policy::Danger> dangers = {};  // of its effective rules
};

// A binding that gives an agent's account, or all accounts, a right without a grant.
struct StandingBinding {
  std::string kind, ns, name;  // RoleBinding or ClusterRoleBinding; ns is empty for the latter
  api::RoleRef role;
  std::string account;  // the account that receives the right
};

// The state of the admission policies that make a status trustworthy. While they are interrupted, `since`
// keeps its value; after an interruption it is later. A grant that was created before `since` is not trusted.
struct GuardFacts {
  bool hold = true;           // if false, no grant starts
  std::optional<Time> since;  // may be in the future; nullopt if unknown
  std::string problem;        // why they do not hold, and what to do
  bool operator==(const GuardFacts&) const = default;
};

// The other grants of the tool class that have not ended.
struct Siblings {
  std::int32_t started = 0;  // have started, or are being started by another worker
  // Older grants that wait for their turn or for the slot, or are about to start.
  std::int32_t waitingEarlier = 0;
  std::string firstForSlot;  // one of all these with delivery Slot, a started one first; empty if none
};

// Another tool class that names the same Secret as its slot.
struct SlotClaim {
  std::string agent, toolClass;
};

// A pod that names the slot's Secret and has not ended.
struct SlotMount {
  std::string pod, account;
  std::optional<Time> created;
  std::vector<policy::Owner> owners;  // the nearest first
};

// The state that this process keeps of a grant's last token. A restart loses it.
struct Proof {
  bool tokenHeld = false;
  std::optional<Time> refusedSince;           // the first rejection since the last acceptance
  std::optional<Time> endedAt, rightsGoneAt;  // for the durations in status.revocation
};

// A grant below this one that has RoleBindings.
struct Descendant {
  std::shared_ptr<const api::TaskGrant> grant;
  std::vector<std::shared_ptr<const api::RoleBinding>> bindings;
};

// The requester of a grant, and whether that user may still request it.
struct Provenance {
  // False if it was not checked: the grant has ended, or its namespace is not enforced or not synced.
  bool checked = false;
  // The requester, as admission recorded it.
  std::expected<api::Requester, api::RequesterProblem> requester = std::unexpected(api::RequesterProblem{});
  // True if the requester still holds the verb `request`; nullopt if that could not be checked.
  std::optional<bool> mayRequest;
};

// A grant, and everything that a decision about it depends on.
struct Observed : policy::GrantState {
  // The account with the grant's account name, even if another user created it.
  std::shared_ptr<const api::ServiceAccount> account;
  // RoleBindings whose name begins with the account's name and a dot.
  std::vector<std::shared_ptr<const api::RoleBinding>> bindings;
  // The Secret with the slot's name, even if another user created it.
  std::shared_ptr<const api::PartialObject> slotSecret;
  std::vector<SlotClaim> slotClaims;  // of the grant's slot
  std::vector<SlotMount> slotMounts;  // of the grant's slot
  // The Secrets of spec.access.secrets that exist.
  std::vector<std::shared_ptr<const api::PartialObject>> leasedSecrets;
  // The Secrets with the names of the grant's copies of them, even if another user created them.
  std::vector<std::shared_ptr<const api::PartialObject>> leaseCopies;
  std::vector<std::shared_ptr<const api::Pod>> pods;  // pods that run as the grant's account
  std::shared_ptr<const api::Job> job;  // the Job of the workload's name, if the workload is a Job
  std::vector<RoleFact> roles;
  std::vector<StandingBinding> standing;
  bool standingKnown = true;  // true if the ClusterRoleBindings are listed
  bool ownersKnown = true;    // true if the kinds of controllers above workload and pods are listed
  Provenance request;
  GuardFacts guards;
  Siblings siblings;
  std::vector<Descendant> descendants;  // deepest first
  Proof proof;
};

}  // namespace errand::plan
