// What the operator and the webhook both know of a grant: the grant itself, its AgentIdentity, its
// namespace, its workload and the grants above it.
//
// What a decision believes of a grant's past stands in its status, which a policy keeps for the operator.
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

// Whether the pods of a namespace know the API server as the operator does.
struct RootCaFacts {
  bool known = true;
  std::string problem = {};  // why they do not, and the way out
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

// A controller above a pod or workload. Only the controllers of kube-system count: admission asks every
// other author of a workload for the verb `run`.
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

// Whether credentials may ever have existed: the start is stored before anything is given.
inline bool everStarted(const api::TaskGrant& grant) { return grant.status.startedAt.has_value(); }

// Whether the grant has passed every check at some time. Its account is made then.
bool wasAccepted(const api::TaskGrant& grant);

// Whether the identity is not the one under which the grant was accepted.
bool isAnotherIdentity(const GrantState& s);

const api::ToolClass* toolClassOf(const GrantState& s);

// The greater of the task's risk and the tool class's minimum; the task's alone where there is no class.
api::Risk effectiveRisk(const api::TaskGrantSpec& spec, const api::ToolClass* toolClass);

// When the first of the windows above closes; none where one of those grants has not started.
std::optional<Time> ancestorsEnd(const GrantState& s, Time now);

// The end of the grant's own window, or of one above it where that is sooner.
Time windowEnd(const GrantState& s, const Start& start);

}  // namespace errand::policy
