// The state of a grant for decisions of the operator and the webhook: the grant, its AgentIdentity, its
// namespace, its workload and the grants above it.
//
// The grant's status is the only record of its past. A policy lets only the operator write it.
// A status can shorten a grant's life and never lengthen it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/meta.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/time.hpp"

namespace errand::policy {

// The comparison of a namespace's ConfigMap kube-root-ca.crt with the one of the operator's namespace.
struct RootCaFacts {
  bool known = true;
  std::string problem = {};  // empty if they are equal; else the cause and the way out
  bool operator==(const RootCaFacts&) const = default;
};

struct NamespaceFacts {
  bool enforced = false;   // label errand.dev/enforce is "true"
  bool suspended = false;  // label errand.dev/suspended is "true"
  bool terminating = false;
  std::optional<Time> enforcedSince =
      std::nullopt;       // annotation errand.dev/enforced-since; none where it cannot be read
  bool synced = true;     // its objects are known; false while the operator has no rights there
  Millis unsyncedFor{0};  // since its watches were started
  RootCaFacts rootCa = {};
};

// Reads labels, annotation and deletionTimestamp; the rest is left as it is.
NamespaceFacts factsOf(const api::ObjectMeta& ns);

// A controller above a pod or workload. Only the controllers of kube-system count: admission requires the
// verb `run` from every other author of a workload.
struct Owner {
  std::string kind, name;
  std::optional<Time> created;  // none where no watch knows it
};

struct WorkloadFacts {
  std::string uid;
  bool complete = false;
  bool failed = false;
  bool deleting = false;
  std::string message;         // the workload's own words on why it failed
  std::string templateDigest;  // of its pod template
  api::StringMap podLabels;    // of its pod template, or its own where it is a Pod
  std::optional<Time> created;
  std::vector<Owner> owners;  // the nearest first
};

// A grant above another one, by parentRef.
struct Ancestor {
  std::shared_ptr<const api::TaskGrant> grant;
  api::Risk risk = api::Risk::Low;  // the effective risk
};

// Grants in a chain of parentRefs, with the first that has none.
inline constexpr size_t kMaxDepth = 4;

struct GrantState {
  std::shared_ptr<const api::TaskGrant> grant;
  std::shared_ptr<const api::AgentIdentity> identity;  // null where there is none of that name
  NamespaceFacts ns;
  std::optional<WorkloadFacts> workload;
  std::vector<Ancestor> ancestors;  // the parent first; as far as they exist, at most kMaxDepth
};

struct Start {
  Time at;
  std::string workloadUid;
};

// The stored start; none where the grant has not started. A start in the future counts as `now`.
std::optional<Start> startOf(const api::TaskGrant& grant, Time now);

// True if credentials may ever have existed: the start is stored before any is issued.
inline bool everStarted(const api::TaskGrant& grant) { return grant.status.startedAt.has_value(); }

// True if the grant has ever passed every check. Its account is created then.
bool wasAccepted(const api::TaskGrant& grant);

// True if the identity is not the one under which the grant was accepted.
bool isAnotherIdentity(const GrantState& s);

const api::ToolClass* toolClassOf(const GrantState& s);

// The greater of the task's risk and the tool class's minimum; the task's alone if there is no class.
api::Risk effectiveRisk(const api::TaskGrantSpec& spec, const api::ToolClass* toolClass);

// The time at which the first window of an ancestor closes; none if one of them has not started.
std::optional<Time> ancestorsEnd(const GrantState& s, Time now);

// The end of the grant's own window, or of an ancestor's if that is sooner.
Time windowEnd(const GrantState& s, const Start& start);

}  // namespace errand::policy
