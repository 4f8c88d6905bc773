// The facts about one chain of pod, workload, grant, identity, roles and namespace, as `explain` has read
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/verdict/verdict.hpp"
#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"
#include "core/policy/grantstate.hpp"
#include "rules/view/podview.hpp"

namespace errand::cli {

// An object by kind and name. An empty kind means that the user named none.
struct ObjectName {
  std::string kind, name;
  std::string text() const { return kind.empty() ? name : kind + "/" + name; }
  bool operator==(const ObjectName&) const = default;
};

// A workload, and its pod or pod template as the webhook reads it.
struct WorkloadRead {
  policy::WorkloadFacts facts;
  rules::PodView pod;
};

// A role that the grant names.
struct RoleRead {
  api::RoleRef role;
  std::string path;  // spec.access.roles[0]
  Read<api::Role> found;
  Read<bool> mayBind;  // the operator has the verb bind on it
};

// A Secret that the grant leases: its metadata.
struct LeaseRead {
  std::string name;
  Read<api::PartialObject> found;
};

// The verbs of a user. nullopt means not known.
struct UserRights {
  std::string user;
  std::optional<bool> createsGrants;
  struct Agent {
    std::string name;
    std::optional<bool> request, run;
  };
  std::vector<Agent> agents;
};

// An Event of type Warning.
struct WarningEvent {
  std::string about, reason, note;  // about: Job/fix
  std::optional<Time> at;
  std::int64_t count = 1;
};

// Names are for suggestions, and may be incomplete.
struct ExplainFacts {
  std::string ns;
  ObjectName target;
  Read<api::PartialObject> nsObject;
  Read<bool> operatorBound;  // the RoleBinding errand-operator exists in the namespace

  std::string grantName;  // empty if nothing names a grant
  Read<api::TaskGrant> grant;
  std::vector<policy::Ancestor> ancestors;
  std::string ancestorsUnread;          // why they are not all known; empty if they are
  std::vector<std::string> grantNames;  // of the namespace
  std::vector<std::string>
      grantsForWorkload;  // that have not ended, and whose spec.workload is `workloadName`

  ObjectName workloadName;  // empty name if there is none
  Read<WorkloadRead> workload;
  std::vector<std::string> workloadNames;  // of the same kind
  std::vector<std::string> labelled;       // those of them whose pods have the grant's label
  Read<std::vector<api::Pod>> pods;        // of the workload

  Read<api::AgentIdentity> identity;
  std::vector<std::string> identityNames;
  std::vector<RoleRead> roles;
  std::vector<LeaseRead> leases;

  Read<bool> requesterMay;  // the recorded requester holds the verb request
  UserRights you;           // the user of this command
  std::vector<WarningEvent> events;
};

}  // namespace errand::cli
