// The input of the decisions of operator and webhook: a grant, its AgentIdentity, its namespace, its workload
// and its ancestors.
//
// The grant's status is the only record of its past, and a policy lets only the operator write it. A status
// can shorten a grant's life but never lengthen it.
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
  std::string problem = {};  // the cause and what to do; empty if they are equal
  bool operator==(const RootCaFacts&) const = default;
};

// The facts about a namespace that affect grants.
struct NamespaceFacts {
  bool enforced = false;   // label errand.dev/enforce is "true"
  bool suspended = false;  // label errand.dev/suspended is "true"
  bool terminating = false;
  // Annotation errand.dev/enforced-since; nullopt if it is missing or invalid.
  std::optional<Time> enforcedSince = std::nullopt;
  bool synced = true;     // the stores have its objects; false while the operator has no rights there
  Millis unsyncedFor{0};  // if not synced: time since its watches started
  RootCaFacts rootCa = {};
};

// Sets the members that follow from labels, annotation and deletionTimestamp. The others keep their defaults.
NamespaceFacts factsOf(const api::ObjectMeta& ns);

// A controller above a pod or workload. Only the controllers of kube-system count: admission requires the
// verb `run` from every other author of a workload.
struct Owner {
  std::string kind, name;
  std::optional<Time> created;  // nullopt if no watch lists it
};

// The facts about the workload of a grant.
struct WorkloadFacts {
  std::string uid;
  bool complete = false;
  bool failed = false;
  bool deleting = false;
  bool suspended = false;          // a Job that a queue holds back, or its author
  std::string message;             // the workload's own message about its failure
  std::string templateDigest;      // of its pod template
  api::StringMap podLabels;        // of its pod template; of the pod itself for a Pod
  std::vector<std::string> slots;  // Secrets errand-… that its pods refer to
  std::optional<Time> created;
  std::vector<Owner> owners;  // the nearest first
};

// A grant above another grant, by spec.parentRef.
struct Ancestor {
  std::shared_ptr<const api::TaskGrant> grant;
  api::Risk risk = api::Risk::Low;  // the effective risk
};

// The most grants in a chain of parentRefs, counting the one without a parent.
inline constexpr size_t kMaxDepth = 4;

// `grant` must not be null.
struct GrantState {
  std::shared_ptr<const api::TaskGrant> grant;
  std::shared_ptr<const api::AgentIdentity> identity;  // null if no identity has that name
  NamespaceFacts ns;
  std::optional<WorkloadFacts> workload;
  std::vector<Ancestor> ancestors;  // the parent first, at most kMaxDepth; ends at one that does not exist
};

// The start of a grant, and the uid of its workload at that time.
struct Start {
  Time at;
  std::string workloadUid;
};

// Returns the stored start; nullopt if the grant has not started. A start in the future counts as `now`.
std::optional<Start> startOf(const api::TaskGrant& grant, Time now);

// True if credentials may ever have existed: the start is stored before any is issued.
inline bool everStarted(const api::TaskGrant& grant) { return grant.status.startedAt.has_value(); }

// True if the grant has ever passed every check. The operator creates its account at that time.
bool wasAccepted(const api::TaskGrant& grant);

// True if the identity exists and is not the one under which the grant was accepted.
bool isAnotherIdentity(const GrantState& s);

// Returns the grant's tool class; null if the identity or the class does not exist.
const api::ToolClass* toolClassOf(const GrantState& s);

// Returns the greater of the task's risk and ToolClass::leastRisk(), or the task's risk without a class.
api::Risk effectiveRisk(const api::TaskGrantSpec& spec, const api::ToolClass* toolClass);

// Returns the earliest end of an ancestor's window; nullopt if an ancestor has not started, and Time::max()
// if there are no ancestors.
std::optional<Time> ancestorsEnd(const GrantState& s, Time now);

// Returns the end of the grant's window. If all ancestors have started, an earlier end of theirs counts.
Time windowEnd(const GrantState& s, const Start& start);

}  // namespace errand::policy
