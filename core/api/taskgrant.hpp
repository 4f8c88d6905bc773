// TaskGrant (crds/errand.dev_taskgrants.yaml): gives one workload rights for one task, for a limited time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/api/accounts.hpp"
#include "core/api/agentidentity.hpp"
#include "core/api/codec.hpp"
#include "core/api/meta.hpp"

namespace errand::api {

enum class WorkloadKind { Job, Pod, Deployment, StatefulSet };
enum class DeliveryMode { Projected, Slot };
enum class ParentRelation { Delegation, StepUp };
enum class Phase {
  Pending,
  AwaitingApproval,
  Scheduled,
  Active,
  Completed,
  Failed,
  Expired,
  Revoked,
  Denied
};

std::string_view toString(WorkloadKind kind);
std::string_view toString(Phase phase);

// A terminal phase never changes.
constexpr bool isTerminal(Phase phase) { return phase >= Phase::Completed; }

struct TaskGrantSpec {
  struct Task {
    std::string intent, reference, planDigest;
    Risk risk = Risk::Critical;
    StringMap attributes;
    bool operator==(const Task&) const = default;
  };
  struct Workload {
    WorkloadKind kind = WorkloadKind::Job;
    std::string name;
    bool operator==(const Workload&) const = default;
  };
  struct Access {
    std::vector<std::string> roles, clusterRoles, audiences, secrets;
    bool grantsRoles() const { return !roles.empty() || !clusterRoles.empty(); }
    bool operator==(const Access&) const = default;
  };
  struct Window {
    Seconds duration{0};
    std::optional<Time> notBefore, notAfter;
    bool operator==(const Window&) const = default;
  };
  struct Parent {
    std::string name;
    ParentRelation relation = ParentRelation::Delegation;
    bool operator==(const Parent&) const = default;
  };

  std::string agentIdentity, toolClass;
  Task task;
  Workload workload;
  Access access;
  Window window;
  DeliveryMode delivery = DeliveryMode::Projected;
  std::optional<Parent> parent;
  std::int32_t ttlSecondsAfterFinished = 86400;
  std::optional<std::string> revokeReason;  // spec.revoke.reason
  bool operator==(const TaskGrantSpec&) const = default;
};

// A token that was issued for a grant.
struct Credential {
  std::string audience, credentialId;  // the token's aud and jti; never the token
  std::optional<Time> issuedAt, expiresAt;
  bool operator==(const Credential&) const = default;
};

struct TaskGrantStatus {
  struct Role {
    std::string name, rulesDigest;
    bool dangerAccepted = false;  // its rules give access to other credentials; the tool class accepts that
    bool operator==(const Role&) const = default;
  };
  struct LeasedSecret {
    std::string name, uid, resourceVersion;
    bool operator==(const LeasedSecret&) const = default;
  };
  struct Effective {
    std::string digest, templateDigest;
    std::vector<Role> roles, clusterRoles;
    std::vector<LeasedSecret> secrets;
    bool operator==(const Effective&) const = default;
  };
  struct Workload {
    std::string uid, templateDigest;
    bool operator==(const Workload&) const = default;
  };
  // An object that the operator created for the grant. An object with the same name and another uid does not
  // belong to the grant.
  struct Made {
    std::string name, uid;
    bool operator==(const Made&) const = default;
  };
  struct Approval {
    std::string approver, decision;
    std::optional<Time> at;
    bool operator==(const Approval&) const = default;
  };
  struct Decision {
    std::string id, action, decision;
    std::optional<Time> at;
    std::vector<std::string> policies;
    bool operator==(const Decision&) const = default;
  };
  struct Revocation {
    std::optional<Time> requestedAt, confirmedAt;
    std::string confirmedBy;  // TokenReview or Expiry
    // Time from the grant's end until the last RoleBinding was deleted, and until the API server first
    // rejected the last token. nullopt if there was none, or if the process that saw it has ended.
    std::optional<std::int64_t> rightsGoneMilliseconds, tokenRefusedMilliseconds;
    // Names of pods that had the grant's credentials and ran at its end, at most ten in each list. podsEnded
    // have ended since. podsRunning still use their grace period, or their node is unreachable.
    std::vector<std::string> podsEnded, podsRunning;
    bool operator==(const Revocation&) const = default;
  };

  std::int64_t observedGeneration = -1;
  std::optional<Phase> phase;
  std::string digest, requestedBy;
  std::optional<Risk> effectiveRisk;
  Effective effective;
  Workload workload;
  Made serviceAccount;
  // The uids of the AgentIdentity and of the parent when the grant was accepted.
  std::string identityUid, parentUid;
  std::string secretName, endedBecause;
  std::optional<Time> startedAt, endsAt, endedAt;
  std::optional<Time> enforcedSince;  // the namespace's annotation when the grant was accepted
  std::vector<Credential> credentials;
  std::vector<Approval> approvals;
  std::vector<Decision> decisions;
  Revocation revocation;
  std::vector<Condition> conditions;
  bool operator==(const TaskGrantStatus&) const = default;
};

struct TaskGrant {
  ObjectMeta meta;
  TaskGrantSpec spec;
  TaskGrantStatus status;

  bool terminal() const { return status.phase && isTerminal(*status.phase); }
  bool operator==(const TaskGrant&) const = default;
};

// Returns the name of the grant's copy of a leased Secret (delivery Projected): the account's name, a dot and
// 10 digits of the source name's digest.
std::string leaseCopyName(std::string_view uid, std::string_view secret);

// Return the value as JSON. Only the whole object has apiVersion and kind.
nlohmann::json encode(const TaskGrant& grant);
nlohmann::json encode(const TaskGrantSpec& spec);
nlohmann::json encode(const TaskGrantStatus& status);

// Encode and decode the list of credentials in the status and in the annotation of the slot's Secret.
// Decoding fails with Invalid.
nlohmann::json encode(const std::vector<Credential>& credentials);
Result<std::vector<Credential>> decodeCredentials(std::string_view text);

nlohmann::json encode(const TaskGrantStatus::Effective& effective);

}  // namespace errand::api
